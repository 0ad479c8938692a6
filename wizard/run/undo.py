"""The way back: step by step, backwards, touching only what this run made.

An undo has journal entries of its own and is resumed like everything else. It ends at the point of
no return; a step in the way that has no undo is named before anything is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.errors import ExitCode, HostError, StepFailedError
from wizard.guide.models import ActionKind, Impact
from wizard.plan.addresses import phase_of
from wizard.plan.steps import iter_steps, leaves
from wizard.run.bindings import ask_for_names
from wizard.run.context import Leave
from wizard.run.events import RunEnded, Said
from wizard.run.growing import procedure_steps
from wizard.run.names import captured_by, from_snapshot
from wizard.run.needs import ask_for_secrets
from wizard.run.operator import Choice, ChoiceRequest, ConfirmRequest
from wizard.run.places import chain_of, model_of
from wizard.run.reconcile import reconcile
from wizard.run.records import Record
from wizard.run.seen import item_key, levels, loop_around
from wizard.run.session_state import SessionState
from wizard.run.state import StepState, StepStatus
from wizard.run.taking_back import ChangedSinceError, put_back, whole_back
from wizard.run.undo_steps import UndoSteps, planned_undo
from wizard.run.units import NOTHING_TO_UNDO, is_touched, undoable, units

if TYPE_CHECKING:
    from wizard.errors import WizardError
    from wizard.expressions import Environment
    from wizard.guide.models import Step
    from wizard.plan.model import PlannedPhase, PlannedStep
    from wizard.run.state import EditRecord
    from wizard.run.walk import Walk

_CHANGING = frozenset({ActionKind.RUN, ActionKind.EDIT, ActionKind.MANUAL})
_HARMLESS = frozenset({Impact.READ_ONLY, Impact.VERIFYING})


def can_undo(step: Step, state: StepState) -> bool:
    """Whether there is a way back for a step: its own, the copy of the file it changed, or that it can be stopped."""
    return bool(step.undo) or bool(state.edits) or step.background


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
        run.operator.tell(RunEnded(run.state.word, run.state.detail, ("resume", "report", "bundle", "close")))
        return ExitCode.DONE

    def scope(self, scope: str) -> bool:
        """Undo a step, a phase or the run back to the point of no return; False where the operator did not want it."""
        steps = self._steps(scope)
        if not self._past_those_without(steps):
            return False
        keys = [step.key for step in steps]
        phases = {phase_of(key) for key in keys}
        again = [key for key in self._run.state.decided if phase_of(key) in phases]
        unrolled = [] if scope.startswith("step:") else self._taken_back_whole(steps, phases)
        self._run.record(Record.UNDO_BEGAN, scope=scope, keys=keys, again=again, unrolled=unrolled)
        self._over(steps)
        return True

    def _taken_back_whole(self, units: list[PlannedStep], phases: set[str]) -> list[str]:
        """Loops and rounds of which nothing stays, so that they begin anew on coming back."""
        state = self._run.state
        gone = {leaf.key for unit in units for leaf in (leaves(unit.steps) if unit.steps else (unit,))}
        stays = {
            "/".join(parts[:end])
            for phase in self._walk.plan.phases
            for leaf in leaves(phase.steps)
            if leaf.key not in gone and state.touched(leaf.key)
            for parts in (leaf.key.split("/"),)
            for end in range(1, len(parts))
        }
        return [key for key in {**state.loops, **state.rounds} if phase_of(key) in phases and key not in stays]

    def go_on(self) -> None:
        """Go on with an undo that was interrupted, and leave as it would have left."""
        scope = self._run.state.undo_scope
        self._finish_interrupted()
        reason = "the undo that was interrupted is finished"
        raise Leave(SessionState.UNDONE if scope == "run" else SessionState.STOPPED, reason, ExitCode.STOPPED)

    def _finish_interrupted(self) -> None:
        self._run.operator.tell(Said("An undo was interrupted; it goes on first."))
        self._over(self._interrupted())

    def _interrupted(self) -> list[PlannedStep]:
        """What is left of an undo that was interrupted; nothing where none was."""
        state, plan, guide = self._run.state, self._walk.plan, self._run.loaded.guide
        if not state.undo_scope:
            return []
        by_key = {step.key: step for step in iter_steps(plan)}
        by_key |= {unit.key: unit for phase in plan.phases for unit in units(guide, phase.steps)}
        by_key |= {step.key: step for step in self._called()}
        return [by_key[key] for key in state.undo_keys if state.status(key) is not StepStatus.UNDONE]

    def is_wanted(self, scope: str) -> bool:
        """Tell a person what an undo of `scope` will do, before anything is done, and take their yes.

        Where nobody is there, or there is nothing to tell, it is wanted.
        """
        from wizard.run.undo_words import words_of_scope

        run = self._run
        if not run.operator.attended or not (says := words_of_scope(self._walk, scope)):
            return True
        what = "the whole run" if scope == "run" else self._name(scope.partition(":")[2])
        wanted = run.operator.confirm(ConfirmRequest(id="undo", title=f"Undo {what}?", say="\n".join(says))).yes
        if not wanted:
            run.operator.tell(Said("Nothing was undone."))
        return wanted

    def ask_for_secrets(self, scope: str) -> None:
        """Ask a person, before anything is done, for the secrets of the steps that an undo of `scope` walks back by.

        Where a file is only put back none is needed, or it is asked for once somebody else has changed it.
        """
        run = self._run
        for planned in self.goes_over(scope) if run.operator.attended else ():
            if model_of(run, planned).undo:
                ask_for_secrets(run, *chain_of(run, planned))
                ask_for_names(run, planned.key)

    def goes_over(self, scope: str) -> list[PlannedStep]:
        """All that an undo of `scope` goes over now, what is left of an interrupted one first."""
        first = self._interrupted()
        keys = {step.key for step in first}
        return [*first, *(step for step in self._steps(scope) if step.key not in keys)]

    def _steps(self, scope: str) -> list[PlannedStep]:
        """What an undo goes over: for the whole run also what called procedures did, which came last."""
        steps = undoable(self._walk.plan, self._run.state, scope, self._run.loaded.guide)
        return [*self._called(), *steps] if scope == "run" else steps

    def _called(self) -> list[PlannedStep]:
        """The steps of called procedures that did something, last one first."""
        run = self._run
        steps = [
            unit
            for name, calls in run.state.procedures.items()
            for number in range(1, calls + 1)
            for unit in units(run.loaded.guide, procedure_steps(run, f"procedure/{name}/{number}"))
            if is_touched(run.state, unit)
        ]
        return steps[::-1]

    def _over(self, steps: list[PlannedStep]) -> None:
        """Undo steps, then run what is owed at the end of the phases that the whole undo touches."""
        run, state = self._run, self._run.state
        phases = {phase_of(key) for key in state.undo_keys}
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
        done = "everything was undone" if kind == "run" else f"{self._name(key)} was undone"
        return f"{done}, but for {'; '.join(self._left)}" if self._left else done

    def _name(self, key: str) -> str:
        """A step, a phase, or an item of a loop, by code and title."""
        names = {step.key: f"{step.code} {step.title}" for step in iter_steps(self._walk.plan)}
        names |= {phase.key: f"{phase.code} {phase.title}" for phase in self._walk.plan.phases}
        return names.get(key) or f"{item_key(key)} in {names.get(loop_around(key), key)}"

    # -- one step --------------------------------------------------------------------------------

    def one(self, planned: PlannedStep, *, temporary: bool = False) -> None:
        """Undo one step, or a group with an undo of its own; leaves the walk where that does not work."""
        run = self._run
        parts = list(leaves(planned.steps)) if planned.steps else []
        for leaf in parts or (planned,):
            self._bring_to_an_end(leaf)
        step, state = model_of(run, planned), run.state.step(planned.key)
        begun = state.status is StepStatus.UNDOING and bool(parts)
        if not (begun or is_touched(run.state, planned)) or not can_undo(step, state):
            self._gone_with(planned, parts, temporary=temporary)
            stays = "nothing was taken back: it has no undo" if self.without_undo([planned]) else "nothing to take back"
            run.record(Record.STEP_UNDONE, key=planned.key, temporary=temporary, reason=stays)
            return
        run.record(Record.STEP_UNDO_BEGAN, key=planned.key)
        if step.undo:
            self._by_steps(planned, step)
        else:
            for edit in reversed(state.edits):
                self._put_back(planned, edit)
        self._gone_with(planned, parts, temporary=temporary)
        run.record(Record.STEP_UNDONE, key=planned.key, temporary=temporary, reason="", outage=planned.outage)

    def _gone_with(self, planned: PlannedStep, parts: list[PlannedStep], *, temporary: bool) -> None:
        """What a group's own undo took back with it, last one first."""
        run = self._run
        for leaf in reversed(parts):
            if run.state.status(leaf.key) not in NOTHING_TO_UNDO:
                reason = f"with {planned.code} {planned.title}"
                run.record(Record.STEP_UNDONE, key=leaf.key, temporary=temporary, reason=reason, outage=leaf.outage)

    def _bring_to_an_end(self, planned: PlannedStep) -> None:
        """What may still run is brought to an end before anything is taken back."""
        state = self._run.state.step(planned.key)
        if model_of(self._run, planned).background:
            self._walk.beside.stop_for_undo(planned)
        elif state.status in (StepStatus.RUNNING, StepStatus.UNKNOWN) and state.attempt is not None:
            work = self._walk.work(planned, {}, begun=True)
            if (outcome := reconcile(self._run, work)) is not None:
                self._walk.ended(work, outcome)

    def _by_steps(self, planned: PlannedStep, step: Step) -> None:
        """Walk the undo steps with the names the step itself was rendered from, and what it captured."""
        run, walk = self._run, UndoSteps(self._walk)
        ask_for_secrets(run, *chain_of(run, planned))
        ask_for_names(run, planned.key)
        env = self.names(planned)
        for number, model in enumerate(step.undo, 1):
            undo = planned_undo(run.loaded, planned, model, number)
            walk.walk(undo, env)
            if run.state.status(undo.key) is StepStatus.SKIPPED:
                self._left.append(f"{undo.code} {undo.title}, which was skipped")

    def names(self, planned: PlannedStep) -> Environment:
        """The names a step or group was entered with, and what was captured in it."""
        run, state = self._run, self._run.state
        parts = list(leaves(planned.steps)) if planned.steps else [planned]
        # An item of a loop is entered with its first step.
        entered = (state.steps[one.key].names for one in (planned, *parts) if one.key in state.steps)
        kept = from_snapshot(run, next((names for names in entered if names), ""), planned.key)
        captured = dict(kept.names.get("captured", {}))
        depth = len(levels(f"{planned.key}/"))
        together: dict[str, list[Any]] = {}
        for leaf in parts:
            for name, value in captured_by(run, leaf.key).items():
                if len(levels(leaf.key)) > depth:
                    captured[name] = together.setdefault(name, [])
                    together[name].append(value)
                else:
                    captured[name] = value
        return kept.with_names(captured=captured)

    def _put_back(self, planned: PlannedStep, edit: EditRecord) -> None:
        """Put a file back; one that cannot be may be left as it is by a word of the operator."""
        run = self._run
        while True:
            try:
                how = put_back(run, planned, edit)
            except (StepFailedError, HostError) as error:
                if not run.operator.attended:
                    raise Leave(SessionState.FAILED, str(error), ExitCode.STEP_FAILED, sets_back=False) from error
                if self._is_left(planned, edit, error):
                    return
            else:
                run.operator.tell(Said(f"Undo of {planned.code}: {how}"))
                return

    def _is_left(self, planned: PlannedStep, edit: EditRecord, error: WizardError) -> bool:
        """Ask what to do about a file that cannot be put back; True: that is settled, False: try again."""
        run, why = self._run, str(error)
        ours = [Choice("ours", "Put back only what is still as this run wrote it")]
        chosen = run.operator.choose(
            ChoiceRequest(
                id=f"undo:{planned.id}",
                title=f"{planned.code} {planned.title} cannot be undone",
                text=why,
                choices=(
                    Choice("again", "Try again"),
                    *(ours if isinstance(error, ChangedSinceError) and error.rest else []),
                    Choice("whole", "Put the whole file back; what it holds now is kept in the session", danger=True),
                    Choice("leave", "Leave the file as it is, and go on", reason=True, danger=True),
                    Choice("stop", "Stop here; the undo can be gone on with"),
                ),
            )
        )
        match chosen.key:
            case "again":
                return False
            case "ours":
                run.operator.tell(Said(f"Undo of {planned.code}: {put_back(run, planned, edit, leaving=True)}"))
                if isinstance(error, ChangedSinceError):
                    self._left.append(f"{', '.join(error.left)} in {edit.target}, which changed again since")
                return True
            case "whole":
                whole_back(run, planned, edit)
                return True
            case "leave":
                self._left.append(f"{edit.target}, left as it is: {chosen.reason}")
                return True
            case _:
                raise Leave(SessionState.FAILED, why, ExitCode.STOPPED, sets_back=False)

    def without_undo(self, steps: list[PlannedStep]) -> list[PlannedStep]:
        """Those of them that changed something and cannot be undone."""
        run = self._run
        return [
            planned
            for planned in steps
            if run.state.touched(planned.key)
            and not planned.steps
            and planned.action in _CHANGING
            and planned.impact not in _HARMLESS
            and not can_undo(model_of(run, planned), run.state.step(planned.key))
        ]

    def _past_those_without(self, steps: list[PlannedStep]) -> bool:
        """Name the steps in the way that cannot be undone, and take a word for going past them."""
        run, without = self._run, self.without_undo(steps)
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
