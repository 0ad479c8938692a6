"""The way back: step by step, backwards, touching only what this run made.

An undo has journal entries of its own and is resumed like everything else. It ends at the point of
no return; a step in the way that has no undo is named before anything is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExitCode, HostError, StepFailedError, UsageError
from wizard.guide.models import ActionKind, Impact
from wizard.plan.steps import iter_steps, leaves
from wizard.run.context import Leave
from wizard.run.edits import set_back
from wizard.run.events import RunEnded, Said
from wizard.run.names import captured_by, from_snapshot
from wizard.run.needs import ask_for_secrets
from wizard.run.operator import Choice, ChoiceRequest, ConfirmRequest
from wizard.run.places import chain_of, model_of, planned_undo
from wizard.run.reconcile import reconcile
from wizard.run.records import Record
from wizard.run.state import SessionState, StepState, StepStatus

if TYPE_CHECKING:
    from wizard.guide.models import Step
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.state import EditRecord, State
    from wizard.run.walk import Walk

_CHANGING = frozenset({ActionKind.RUN, ActionKind.EDIT, ActionKind.MANUAL})
_HARMLESS = frozenset({Impact.READ_ONLY, Impact.VERIFYING})
_NOTHING_TO_UNDO = frozenset({StepStatus.WAITING, StepStatus.NOT_NEEDED, StepStatus.UNDONE, StepStatus.SET_BACK})


def can_undo(step: Step, state: StepState) -> bool:
    """Whether there is a way back for a step: its own, or the copy of the file it changed."""
    return bool(step.undo) or bool(state.edits)


def undoable(plan: Plan, state: State, scope: str) -> list[PlannedStep]:
    """The steps an undo of `scope` goes over, last one first: `run`, `phase:KEY` or `step:KEY`.

    Steps that only looked or asked are in it too, so that coming back asks again. Nothing before the
    last point of no return that was passed is in it.
    """
    after_point: list[PlannedStep] = []
    points = {key for _, key in plan.point_of_no_return}
    for step in (step for phase in plan.phases for step in leaves(phase.steps)):
        if step.key in points and state.is_passed(step.key):
            after_point.clear()
        else:
            after_point.append(step)
    begun = [step for step in after_point if state.status(step.key) not in _NOTHING_TO_UNDO]
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


class Undo:
    """Undoes for a walk."""

    def __init__(self, walk: Walk) -> None:
        """Undo what `walk` did."""
        self._walk = walk
        self._run = walk.run
        self._left: list[str] = []
        """What could not be taken back and was left by a word of the operator."""

    # -- scopes ----------------------------------------------------------------------------------

    def whole(self, scope: str) -> ExitCode:
        """Undo a scope from outside the walk, an interrupted undo first; says where that leaves the session."""
        run = self._run
        interrupted = bool(run.state.undo_scope)
        if interrupted:
            self._finish_interrupted()
        if self._steps(scope):
            if not self.scope(scope):
                return ExitCode.STOPPED
        elif not interrupted:
            run.operator.tell(Said("There is nothing to undo."))
            return ExitCode.DONE
        run.operator.tell(RunEnded(run.state.word, run.state.detail, ("resume", "report", "close")))
        return ExitCode.DONE

    def scope(self, scope: str) -> bool:
        """Undo a step, a phase or the run back to the point of no return; False where the operator did not want it."""
        steps = self._steps(scope)
        if not self._past_those_without(steps):
            return False
        keys = [step.key for step in steps]
        phases = {_phase_of(key) for key in keys}
        again = [key for key in self._run.state.decided if _phase_of(key) in phases]
        self._run.record(Record.UNDO_BEGAN, scope=scope, keys=keys, again=again)
        self._over(steps)
        return True

    def go_on(self) -> None:
        """Go on with an undo that was interrupted, and leave as it would have left."""
        scope = self._run.state.undo_scope
        self._finish_interrupted()
        reason = "the undo that was interrupted is finished"
        raise Leave(SessionState.UNDONE if scope == "run" else SessionState.STOPPED, reason, ExitCode.STOPPED)

    def _finish_interrupted(self) -> None:
        state = self._run.state
        self._run.operator.tell(Said("An undo was interrupted; it goes on first."))
        by_key = {step.key: step for phase in self._walk.plan.phases for step in leaves(phase.steps)}
        by_key |= {step.key: step for step in self._called()}
        self._over([by_key[key] for key in state.undo_keys if state.status(key) is not StepStatus.UNDONE])

    def _steps(self, scope: str) -> list[PlannedStep]:
        """What an undo goes over: for the whole run also what called procedures did, which came last."""
        steps = undoable(self._walk.plan, self._run.state, scope)
        return [*self._called(), *steps] if scope == "run" else steps

    def _called(self) -> list[PlannedStep]:
        """The steps of called procedures that did something, last one first."""
        from wizard.plan.build import plan_procedure

        run = self._run
        steps = [
            step
            for name, calls in run.state.procedures.items()
            for number in range(1, calls + 1)
            for step in leaves(plan_procedure(run.loaded, name, f"procedure/{name}/{number}"))
            if run.state.touched(step.key)
        ]
        return steps[::-1]

    def _over(self, steps: list[PlannedStep]) -> None:
        """Undo steps, then run what is owed at the end of the phases that the whole undo touches."""
        run, state = self._run, self._run.state
        phases = {_phase_of(key) for key in state.undo_keys}
        for planned in steps:
            self.one(planned)
        for phase in self._walk.plan.phases:
            if phase.key in phases and state.phase(phase.key).finally_owed:
                self._finally(phase)
        word = SessionState.UNDONE if state.undo_scope == "run" else SessionState.STOPPED
        run.record(Record.UNDO_ENDED, state=word, reason=self._words(state.undo_scope))

    def _finally(self, phase: PlannedPhase) -> None:
        for planned in phase.finally_steps:
            self._walk.step(planned)
        self._run.record(Record.FINALLY_ENDED, key=phase.key)

    def _words(self, scope: str) -> str:
        """What was undone, and what was left."""
        kind, _, key = scope.partition(":")
        names = {step.key: f"{step.code} {step.title}" for step in iter_steps(self._walk.plan)}
        names |= {phase.key: f"{phase.code} {phase.title}" for phase in self._walk.plan.phases}
        done = "everything was undone" if kind == "run" else f"{names.get(key, key)} was undone"
        return f"{done}, but for {'; '.join(self._left)}" if self._left else done

    # -- one step --------------------------------------------------------------------------------

    def one(self, planned: PlannedStep, *, temporary: bool = False) -> None:
        """Undo one step; leaves the walk where that does not work."""
        run = self._run
        self._bring_to_an_end(planned)
        step, state = model_of(run, planned), run.state.step(planned.key)
        if not state.touched or not can_undo(step, state):
            run.record(Record.STEP_UNDONE, key=planned.key, temporary=temporary, reason="nothing to take back")
            return
        run.record(Record.STEP_UNDO_BEGAN, key=planned.key)
        if step.undo:
            self._by_steps(planned, step)
        else:
            for edit in reversed(state.edits):
                self._put_back(planned, edit)
        run.record(Record.STEP_UNDONE, key=planned.key, temporary=temporary, reason="")

    def _bring_to_an_end(self, planned: PlannedStep) -> None:
        """What may still run is brought to an end before anything is taken back."""
        state = self._run.state.step(planned.key)
        if state.status in (StepStatus.RUNNING, StepStatus.UNKNOWN) and state.attempt is not None:
            work = self._walk.work(planned, {}, begun=True)
            if (outcome := reconcile(self._run, work)) is not None:
                self._walk.ended(work, outcome)

    def _by_steps(self, planned: PlannedStep, step: Step) -> None:
        """Walk the undo steps with the names the step itself was rendered from, and what it captured."""
        run, walk = self._run, self._walk
        ask_for_secrets(run, *chain_of(run, planned))
        kept = from_snapshot(run, run.state.step(planned.key).names)
        own = captured_by(run, planned.key)
        env = kept.with_names(captured={**kept.names.get("captured", {}), **own})
        for number, model in enumerate(step.undo, 1):
            undo = planned_undo(planned, model, number)
            walk.undo_step(undo, env)
            if run.state.status(undo.key) is StepStatus.SKIPPED:
                self._left.append(f"{undo.code} {undo.title}, which was skipped")

    def _put_back(self, planned: PlannedStep, edit: EditRecord) -> None:
        """Put a file back; one that cannot be may be left as it is by a word of the operator."""
        run = self._run
        while True:
            try:
                set_back(run, edit)
            except (StepFailedError, HostError) as error:
                if not run.operator.attended:
                    raise Leave(SessionState.FAILED, str(error), ExitCode.STEP_FAILED, sets_back=False) from error
                if self._is_left(planned, edit, str(error)):
                    return
            else:
                run.operator.tell(Said(f"Undo of {planned.code}: {edit.target} is as it was before."))
                return

    def _is_left(self, planned: PlannedStep, edit: EditRecord, why: str) -> bool:
        """Ask what to do about a file that cannot be put back; True: it is left as it is, False: try again."""
        chosen = self._run.operator.choose(
            ChoiceRequest(
                id=f"undo:{planned.id}",
                title=f"{planned.code} {planned.title} cannot be undone",
                text=why,
                choices=(
                    Choice("again", "Try again"),
                    Choice("leave", "Leave the file as it is, and go on", reason=True, danger=True),
                    Choice("stop", "Stop here; the undo can be gone on with"),
                ),
            )
        )
        match chosen.key:
            case "again":
                return False
            case "leave":
                self._left.append(f"{edit.target}, left as it is: {chosen.reason}")
                return True
            case _:
                raise Leave(SessionState.FAILED, why, ExitCode.STOPPED, sets_back=False)

    def _past_those_without(self, steps: list[PlannedStep]) -> bool:
        """Name the steps in the way that cannot be undone, and take a word for going past them."""
        run = self._run
        without = [
            planned
            for planned in steps
            if run.state.touched(planned.key)
            and planned.action in _CHANGING
            and planned.impact not in _HARMLESS
            and not can_undo(model_of(run, planned), run.state.step(planned.key))
        ]
        if not without:
            return True
        names = "\n".join(f"  {planned.code} {planned.title}" for planned in without)
        self._left += [f"{planned.code} {planned.title}, which has no undo" for planned in without]
        reply = run.operator.confirm(
            ConfirmRequest(
                id="undo-past",
                title="Some steps have no undo",
                say=f"These steps stay as they are; everything else is undone:\n{names}",
                danger=True,
            )
        )
        return reply.yes


def _phase_of(key: str) -> str:
    """Key of the phase a step (or a phase) stands in."""
    return "/".join(key.split("/")[:2])
