"""Commands of a session whose end is not recorded: brought to an end, or named, before anything is done beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExitCode
from wizard.host.protocols import FoundState
from wizard.plan.steps import iter_steps, leaves
from wizard.run.context import Leave
from wizard.run.growing import procedure_steps
from wizard.run.reconcile import reconcile
from wizard.run.session_state import SessionState
from wizard.run.state import SETTLED, StepStatus
from wizard.run.undo import Undo
from wizard.run.units import units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.plan.model import PlannedStep
    from wizard.run.context import Run
    from wizard.run.state import Attempt, StepState
    from wizard.run.walk import Walk

_OVER = SETTLED | {StepStatus.UNDONE, StepStatus.SET_BACK}


def end_open_steps(walk: Walk, *, but: str = "") -> None:
    """Bring every step to an end that was begun and whose end is not recorded, before others are touched.

    What runs is attended; leaves the walk where the operator leaves it running, and where nobody is there
    to attend it. Steps with keys below `but` are about to be gone on with and are left to that.
    """
    run = walk.run
    known = list(_planned(walk))
    for planned in known:
        if but and planned.key.startswith(f"{but}/"):
            continue
        step = run.state.steps.get(planned.key)
        if step is None:
            continue
        if step.status in (StepStatus.RUNNING, StepStatus.UNKNOWN) and _open(step):
            _end(walk, planned, step)
        elif step.status is StepStatus.UNDOING:
            below = [one for key, one in run.state.steps.items() if key.startswith(f"undo/{planned.key}/")]
            if any(_open(one) for one in below):
                _must_not_run(run, f"{planned.code} {planned.title} (its undo)", below)
                Undo(walk).one(planned, temporary=planned.temporary)
    followed = {planned.key for planned in known}
    others = [step for key, step in run.state.steps.items() if key.startswith(("offer/", "fix/"))]
    for step in others:
        if step.key not in followed:
            _must_not_run(run, step.key, [step], attended_too=True)


def still_running(run: Run) -> list[str]:
    """What of a session still runs, in words."""
    plan = run.plan
    names = {step.key: f"{step.code} {step.title}" for step in iter_steps(plan)} if plan is not None else {}
    return [
        words
        for key, step in run.state.steps.items()
        if step.status not in _OVER
        for attempt in step.attempts
        if attempt.exit is None and not attempt.void and (words := _running(run, names.get(key, key), attempt))
    ]


def _planned(walk: Walk) -> Iterator[PlannedStep]:
    """The steps of the plan, and those of the procedures that were called; what has a way back of its own too."""
    parts = [(*phase.steps, *phase.finally_steps) for phase in walk.plan.phases]
    for name, calls in walk.run.state.procedures.items():
        parts += [procedure_steps(walk.run, f"procedure/{name}/{number}") for number in range(1, calls + 1)]
    for steps in parts:
        yield from leaves(steps)
        yield from (unit for unit in units(walk.run.loaded.guide, steps) if unit.steps)


def _open(step: StepState) -> bool:
    attempt = step.attempt
    return attempt is not None and attempt.exit is None and not attempt.void


def _end(walk: Walk, planned: PlannedStep, step: StepState) -> None:
    _must_not_run(walk.run, f"{planned.code} {planned.title}", [step])
    work = walk.work(planned, {}, begun=True)
    if (outcome := reconcile(walk.run, work)) is not None:
        walk.ended(work, outcome)


def _must_not_run(run: Run, name: str, steps: list[StepState], *, attended_too: bool = False) -> None:
    """Leave while a command runs that nobody attends here: it may take hours, and nothing is done beside it."""
    if run.operator.attended and not attended_too:
        return
    for step in steps:
        attempt = step.attempt
        if attempt is not None and _open(step) and (words := _running(run, name, attempt)):
            reason = f"{words}; nothing is done beside it (`wizard resume {run.session.id}` attaches to it)"
            raise Leave(SessionState.WAITING, reason, ExitCode.OUTCOME_UNKNOWN, sets_back=False)


def _running(run: Run, name: str, attempt: Attempt) -> str:
    """That an attempt runs, or parts of it do; empty where nothing does."""
    found = run.effects.find(run, attempt.id)
    if found.state is FoundState.RUNNING:
        return f"{name} still runs: {attempt.shown}"
    if found.survivors:
        parts = "; ".join(f"{one.pid} {one.name}: {one.command}" for one in found.survivors)
        return f"{name}: parts of it still run: {parts}"
    return ""
