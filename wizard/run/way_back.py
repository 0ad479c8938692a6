"""Whether one can still go back, in the words of the header: told of what was done and of what comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.guide.models.steps import Impact
from wizard.plan.model import Included
from wizard.plan.steps import within
from wizard.plan.words import HARD, some
from wizard.run.session_state import SessionState
from wizard.run.state import SETTLED, StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.state import State

_NAMED: Final = 3
_BACKUPS_NAMED: Final = 6
_DONE: Final = frozenset({StepStatus.DONE, StepStatus.ALREADY_DONE})
_PASSED: Final = "the point of no return has been passed"
_TAKEN_BACK: Final = "all that could be taken back was taken back"


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A step that acts, its hop, and whether it was begun or is still to come (neither: it was not needed)."""

    step: PlannedStep
    hop: int
    begun: bool
    comes: bool
    tidies: bool = False
    """Whether it is a step of `finally`, which no undo leads back over: what it did stays, and that is all."""

    def is_begun_as(self, impact: Impact) -> bool:
        return self.begun and self.step.impact is impact

    def comes_as(self, impact: Impact) -> bool:
        return self.comes and self.step.impact is impact


def way_back(plan: Plan, state: State, *, titles: bool = True) -> str:
    """Whether one can still go back, until when and by what means, and what has no undo.

    Clauses with `; ` between them, the one that matters most first; without `titles` steps are named by their codes,
    for where there is little room.
    """
    named = _named if titles else _code
    if state.rehearsal:
        return "nothing is changed: this is a rehearsal"
    if state.taken_back:
        return f"procedure {state.taken_back} took it back; `wizard resume` asks from where it is gone on with"
    leaves = [leaf for phase in plan.phases for leaf in _leaves_of(phase, state)]
    turn = max((one.hop for one in leaves if one.is_begun_as(Impact.IRREVERSIBLE)), default=0)
    since = [one for one in leaves if one.hop > turn]
    begun = [one for one in since if one.begun and not one.tidies]
    point = next((at for at, one in enumerate(since) if one.comes_as(Impact.IRREVERSIBLE)), None)
    if turn and point is None and not begun:
        return _PASSED
    if state.word is SessionState.UNDONE and not turn and not begun:
        return _TAKEN_BACK
    words = f"you can{{still}} go back{' to the hop before' if turn else ''}"
    until = f" until {named(since[point].step)}" if point is not None else ""
    stays = [one.step for one in since if one.begun and one.step.no_undo and state.touched(one.step.key)]
    left = some([named(step) for step in _soft(stays)], ", ", _NAMED)
    clauses = [f"what {left} did has no undo"] if left else []
    if any(one.is_begun_as(Impact.NEEDS_RESTORE) for one in begun):
        return "; ".join([f"{words.format(still='')} only by {_backup(plan, state)}{until}", *clauses])
    ahead = [one for one in since[:point] if one.comes]
    restoring = next((at for at, one in enumerate(ahead) if one.comes_as(Impact.NEEDS_RESTORE)), None)
    if without := _soft(one.step for one in ahead[:restoring] if one.step.no_undo):
        have = "has" if len(without) == 1 else "have"
        clauses.append(f"{counted(len(without), 'step')} to come {have} no undo")
    if restoring is not None:
        clauses.append(f"from {named(ahead[restoring].step)} on only the backup brings it back")
    any_time = " at any time" if not (until or clauses) else ""
    still = " still" if clauses and not until else ""
    return "; ".join([f"{words.format(still=still)}{until}{any_time}", *clauses])


def _leaves_of(phase: PlannedPhase, state: State) -> Iterator[_Leaf]:
    """All of a phase, those of its `finally` behind the others."""
    status = state.status(phase.key)
    yield from _leaves(phase.steps, state, phase.hop, status)
    for leaf in _leaves(phase.finally_steps, state, phase.hop, status):
        yield replace(leaf, tidies=True)


def _leaves(steps: Iterable[PlannedStep], state: State, hop: int, around: StepStatus) -> Iterator[_Leaf]:
    """The steps that act; what stands in something that was left out or is over does not come any more."""
    for step in steps:
        if step.included is Included.NO:
            continue
        status = around if around in SETTLED else state.status(step.key)
        if step.steps:
            yield from _leaves(step.steps, state, hop, status)
        else:
            begun = state.is_passed(step.key)
            yield _Leaf(step, hop, begun, comes=not begun and status not in SETTLED)


def _backup(plan: Plan, state: State) -> str:
    made = backups(plan, state)
    return f"the backup ({made})" if made else "a backup, and this run has made none"


def backups(plan: Plan, state: State) -> str:
    """The backups this run made, by the steps that made them (`made in 1.2, 1.4`); empty where it made none."""
    made = [
        step.code
        for phase in plan.phases
        for step in within(phase.steps)
        if step.makes_backup and state.status(step.key) in _DONE
    ]
    return f"made in {some(made, ', ', _BACKUPS_NAMED)}" if made else ""


def _soft(steps: Iterable[PlannedStep]) -> list[PlannedStep]:
    """Those of which nothing harder is said than that they have no undo."""
    return [step for step in steps if step.impact not in HARD]


def _named(step: PlannedStep) -> str:
    return f"{step.code} ({step.title})"


def _code(step: PlannedStep) -> str:
    return step.code
