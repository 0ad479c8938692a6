"""The way back: step by step, backwards, touching only what this run made.

An undo has journal entries of its own and is resumed like everything else. It ends at the point of
no return; a step in the way that has no undo is named before anything is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExitCode, StepFailedError, UsageError
from wizard.guide.models import ActionKind, Impact
from wizard.plan.steps import leaves
from wizard.run.context import Leave
from wizard.run.edits import set_back
from wizard.run.events import RunEnded, Said
from wizard.run.names import environment, from_snapshot
from wizard.run.operator import ConfirmRequest
from wizard.run.places import model_of, planned_undo
from wizard.run.reconcile import reconcile
from wizard.run.records import Record
from wizard.run.state import TOUCHED, SessionState, StepState, StepStatus

if TYPE_CHECKING:
    from wizard.guide.models import Step
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.state import State
    from wizard.run.walk import Walk

_CHANGING = frozenset({ActionKind.RUN, ActionKind.EDIT, ActionKind.MANUAL})
_HARMLESS = frozenset({Impact.READ_ONLY, Impact.VERIFYING})


def can_undo(step: Step, state: StepState) -> bool:
    """Whether there is a way back for a step: its own, or the copy of the file it changed."""
    return bool(step.undo) or bool(state.edits)


def _did_something(state: StepState) -> bool:
    """Whether this run may have changed the machine in a step; one that was only begun has not."""
    if state.status in (StepStatus.RUNNING, StepStatus.FAILED) and not state.attempts and not state.edits:
        return False
    return state.status in TOUCHED


def undoable(plan: Plan, state: State, scope: str) -> list[PlannedStep]:
    """The steps an undo of `scope` goes over, last one first: `run`, `phase:KEY` or `step:KEY`.

    Steps that only looked or asked are in it too, so that coming back asks again. Nothing before the
    last point of no return that was passed is in it.
    """
    after_point: list[PlannedStep] = []
    points = {key for _, key in plan.point_of_no_return}
    for step in (step for phase in plan.phases for step in leaves(phase.steps)):
        if step.key in points and state.status(step.key) in TOUCHED:
            after_point.clear()
            continue
        after_point.append(step)
    begun = [step for step in after_point if state.status(step.key) not in (StepStatus.WAITING, StepStatus.NOT_NEEDED)]
    begun = [step for step in begun if state.status(step.key) not in (StepStatus.UNDONE, StepStatus.SET_BACK)]
    kind, _, key = scope.partition(":")
    if kind == "phase":
        begun = [step for step in begun if step.key.startswith(f"{key}/")]
    elif kind == "step":
        begun = [step for step in begun if step.key == key]
    return begun[::-1]


def scope_named(plan: Plan, *, step: str | None, phase: str | None) -> str:
    """The scope an operator means by a code or id; UsageError where there is none or several."""
    if step is not None:
        steps = [one for part in plan.phases for one in leaves(part.steps)]
        found = [f"step:{one.key}" for one in steps if step in (one.code, one.id)]
    elif phase is not None:
        found = [f"phase:{one.key}" for one in plan.phases if phase in (one.code, one.id)]
    else:
        return "run"
    if len(found) != 1:
        wanted = step or phase
        many = "nothing" if not found else f"{len(found)} of them"
        raise UsageError(f"{wanted!r} names {many} in this plan", hint="Use the code `wizard report` shows.")
    return found[0]


def _undone_words(scope: str) -> str:
    return "everything was undone" if scope == "run" else f"{scope.partition(':')[2]} was undone"


class Undo:
    """Undoes for a walk."""

    def __init__(self, walk: Walk) -> None:
        """Undo what `walk` did."""
        self._walk = walk
        self._run = walk.run

    def scope(self, scope: str) -> None:
        """Undo a step, a phase or the run back to the point of no return."""
        steps = undoable(self._walk.plan, self._run.state, scope)
        self._past_those_without(steps)
        self._run.record(Record.UNDO_BEGAN, scope=scope, keys=[step.key for step in steps])
        self._over(steps)

    def whole(self, scope: str) -> ExitCode:
        """Undo a scope from outside the walk, an interrupted undo first; says where that leaves the session."""
        run = self._run
        interrupted = bool(run.state.undo_scope)
        if interrupted:
            self._finish_interrupted()
        if undoable(self._walk.plan, run.state, scope):
            self.scope(scope)
        elif not interrupted:
            run.operator.tell(Said("There is nothing to undo."))
            return ExitCode.DONE
        run.operator.tell(RunEnded(run.state.word, run.state.detail, ("resume", "report", "close")))
        return ExitCode.DONE

    def go_on(self) -> None:
        """Go on with an undo that was interrupted, and leave as it would have left."""
        scope = self._run.state.undo_scope
        self._finish_interrupted()
        reason = "the undo that was interrupted is finished"
        raise Leave(SessionState.UNDONE if scope == "run" else SessionState.STOPPED, reason, ExitCode.STOPPED)

    def _finish_interrupted(self) -> None:
        state = self._run.state
        by_key = {step.key: step for phase in self._walk.plan.phases for step in leaves(phase.steps)}
        self._run.operator.tell(Said("An undo was interrupted; it goes on first."))
        self._over([by_key[key] for key in state.undo_keys if state.status(key) is not StepStatus.UNDONE])

    def _over(self, steps: list[PlannedStep]) -> None:
        run = self._run
        for planned in steps:
            self.one(planned)
        for phase in self._walk.plan.phases:
            if run.state.phase(phase.key).finally_owed and any(step.key.startswith(f"{phase.key}/") for step in steps):
                self._finally(phase)
        state = SessionState.UNDONE if run.state.undo_scope == "run" else SessionState.STOPPED
        run.record(Record.UNDO_ENDED, state=state, reason=_undone_words(run.state.undo_scope))

    def _finally(self, phase: PlannedPhase) -> None:
        for planned in phase.finally_steps:
            self._walk.step(planned)
        self._run.record(Record.FINALLY_ENDED, key=phase.key)

    def one(self, planned: PlannedStep, *, temporary: bool = False) -> None:
        """Undo one step; leaves the walk where that does not work."""
        run, walk = self._run, self._walk
        step, state = model_of(run, planned), run.state.step(planned.key)
        if state.status in (StepStatus.RUNNING, StepStatus.UNKNOWN) and state.attempt is not None:
            # What may still run is brought to an end before anything is taken back.
            work = walk.work(planned, {}, begun=True)
            if (outcome := reconcile(run, work)) is not None:
                walk.ended(work, outcome)
        if not _did_something(state) or not can_undo(step, state):
            run.record(Record.STEP_UNDONE, key=planned.key, temporary=temporary, reason="nothing to take back")
            return
        run.record(Record.STEP_UNDO_BEGAN, key=planned.key)
        if step.undo:
            self._by_steps(planned, step)
        else:
            try:
                for edit in reversed(state.edits):
                    set_back(run, edit)
            except StepFailedError as error:
                raise Leave(SessionState.FAILED, str(error), ExitCode.STEP_FAILED, sets_back=False) from error
        run.record(Record.STEP_UNDONE, key=planned.key, temporary=temporary, reason="")

    def _by_steps(self, planned: PlannedStep, step: Step) -> None:
        """Walk the undo steps with the names the step itself was rendered from, captured ones included."""
        run, walk = self._run, self._walk
        kept = from_snapshot(run, run.state.step(planned.key).names)
        now = environment(run)
        env = kept.with_names(captured={**kept.names.get("captured", {}), **now.names["captured"]})
        for number, model in enumerate(step.undo, 1):
            walk.undo_step(planned_undo(planned, model, number), env)

    def _past_those_without(self, steps: list[PlannedStep]) -> None:
        """Name the steps in the way that cannot be undone, and take a word for going past them."""
        run = self._run
        without = [
            planned
            for planned in steps
            if _did_something(run.state.step(planned.key))
            and planned.action in _CHANGING
            and planned.impact not in _HARMLESS
            and not can_undo(model_of(run, planned), run.state.step(planned.key))
        ]
        if not without:
            return
        names = "\n".join(f"  {planned.code} {planned.title}" for planned in without)
        reply = run.operator.confirm(
            ConfirmRequest(
                id="undo-past",
                title="Some steps have no undo",
                say=f"These steps stay as they are; everything else is undone:\n{names}",
                danger=True,
            )
        )
        if not reply.yes:
            raise Leave(SessionState.STOPPED, "the undo was not begun", ExitCode.STOPPED)
