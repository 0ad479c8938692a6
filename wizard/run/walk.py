"""The step loop: phase by phase, step by step, from wherever the journal says the run stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from wizard.errors import (
    AnswersError,
    BlockedError,
    ExitCode,
    ExpressionError,
    Gone,
    HostError,
    OutcomeUnknownError,
    SessionError,
    StepFailedError,
    StoppedError,
    WizardError,
)
from wizard.guide.models import ActionKind, Step
from wizard.guide.walk import every_step
from wizard.plan.growth import to_be_unrolled, when_of_all
from wizard.plan.model import Included
from wizard.plan.people import checks_of
from wizard.plan.steps import leaves
from wizard.run import alone, boxes, decisions
from wizard.run.actions import asking, command, editing, monitoring, waiting
from wizard.run.actions.manual import manual
from wizard.run.actions.trying import try_first
from wizard.run.asking import logs_now
from wizard.run.beside import BesideTheWalk
from wizard.run.context import Leave, left_by
from wizard.run.entering import enter_phase
from wizard.run.events import HopBegan, Owed, PhaseBegan, RunEnded, StepBegan, StepEnded, WalkBegan
from wizard.run.growing import begin_phase
from wizard.run.left_for_later import handed_over, left_now, left_to_do
from wizard.run.loops import Loops
from wizard.run.missing_facts import read_missing, why_of
from wizard.run.names import environment, keep_snapshot
from wizard.run.needs import ask_for_secrets, confirm_first, wants_word
from wizard.run.offers import calls_of, offered, tell_end
from wizard.run.owed import owed_by, temporary_in
from wizard.run.places import chain_of, model_of, works_of
from wizard.run.reading import read_first
from wizard.run.recheck import before_hop
from wizard.run.reconcile import reconcile
from wizard.run.records import Record
from wizard.run.session_state import SessionState
from wizard.run.state import PASSED, StepStatus
from wizard.run.undo import Undo
from wizard.run.units import last_of, temporary_units
from wizard.run.way_back import way_back
from wizard.run.work import Outcome, Work
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.context import Run
    from wizard.run.edits import Change

_LEFT_OUT = frozenset({StepStatus.SKIPPED, StepStatus.NOT_NEEDED})
"""Statuses of groups the walk does not enter; what became of their steps is asked of each where they have none."""

_STEP_ERRORS = (StepFailedError, ExpressionError, HostError)
"""Errors that are a failure of the step; every other one ends the walk."""


class Walk:
    """Goes through a frozen plan, journalling before and after everything it does."""

    def __init__(self, run: Run, plan: Plan) -> None:
        """Walk `plan` for `run`."""
        self.run = run
        run.plan = plan
        self.loops = Loops(self)
        self._being_left = ""
        """Key of the phase whose steps were all settled when it was cut off: only its leaving is still to be done."""
        self._told_hop = 0
        """Number of the hop whose beginning was told last."""
        self.beside = run.beside = BesideTheWalk(self)

    @property
    def plan(self) -> Plan:
        """The plan, with all that was added to it so far."""
        assert self.run.plan is not None  # noqa: S101 - set when the walk was made
        return self.run.plan

    def go(self) -> ExitCode:
        """Walk until the end, or until the walk is left; what is left is in the journal."""
        run = self.run
        run.record(Record.WALK_BEGAN, logs=self._logs())
        run.operator.tell(WalkBegan(self.plan))
        try:
            if owed := owed_by(self.plan, run.state):
                run.operator.tell(Owed(owed))
            if run.state.undo_scope:
                Undo(self).go_on()
            for planned, bindings in self.beside.stopped_in_ended_phases():
                self.step(planned, bindings)
            for phase in self.plan.phases:
                self._hop(phase)
                before_hop(run, self.plan, phase.hop)
                self.phase(phase)
            self.beside.finish()
        except Leave as leave:
            return self.leave(leave)
        except SessionError:
            raise
        except WizardError as error:
            return self.leave(left_by(error))
        except Gone:
            run.record(Record.LEFT, reason="the front end was lost")
            raise
        code, words = run.effects.came_through(run)
        run.record(Record.RUN_DONE, **({"reason": words} if words else {}))
        tell_end(run, words)
        return code

    def _hop(self, phase: PlannedPhase) -> None:
        """Say that a hop begins, or is come back to, before the first phase of it that is still to be walked."""
        hop = next((one for one in self.plan.hops if one.number == phase.hop), None)
        if hop is None or hop.number == self._told_hop or self.run.state.phase(phase.key).ended:
            return
        self._told_hop = hop.number
        if len(self.plan.hops) > 1:
            self.run.operator.tell(HopBegan(hop, len(self.plan.hops), rehearsed=self.run.effects.rehearsed))

    def _logs(self) -> dict[str, int]:
        """Where the logs of all checks stand as the walk begins; noted once, and kept over every resume."""
        run = self.run
        if run.state.logs:
            return run.state.logs
        steps = (placed.step for placed in every_step(run.loaded.guide))
        checks = [check for step in steps for check in checks_of(step)]
        checks += [check for phase in run.loaded.guide.phases for check in phase.keep_checking]
        return logs_now(run, [*run.loaded.guide.checks, *checks], environment(run))

    def _stop_what_runs(self, leave: Leave) -> None:
        """Stop what still runs in the background where leaving sets back; else say that it runs on."""
        if not leave.sets_back:
            self.beside.tell_what_runs()
            return
        for planned in self.beside.running():
            try:
                self.beside.stop_on_leaving(planned)
            except Leave as hindered:
                self.run.operator.tell(Owed(((planned.code, f"not stopped: {hindered.reason}"),)))

    def leave(self, leave: Leave) -> ExitCode:
        """Journal why the walk is left, and say what can be done next."""
        self._stop_what_runs(leave)
        if leave.state is not SessionState.UNDONE or self.run.state.taken_back:
            self.run.record(Record.STOPPED, state=leave.state, reason=leave.reason)
        state, rehearsed = self.run.state, self.run.effects.rehearsed
        back = leave.state is not SessionState.UNDONE and not rehearsed
        calls = calls_of(offered(self.run)) if back else ()
        ways = ("resume", *(("undo",) if back else ()), *(f"call {name}" for name, _ in calls), "report", "bundle")
        by_hand, away = left_to_do(state), handed_over(state)
        self.run.operator.tell(RunEnded(leave.state, leave.reason, ways, by_hand, away, calls, rehearsed))
        return leave.exit_code

    def phase(self, phase: PlannedPhase) -> None:
        """Walk one phase; what is owed is done when it is left, for whatever reason but a loss of the front end."""
        run, state = self.run, self.run.state
        if state.phase(phase.key).ended or not self._entered(phase):
            return
        self._being_left = phase.key if self._was_being_left(phase) else ""
        if not self._being_left:
            self._end_setting_back(phase)
            phase = begin_phase(run, phase)
        try:
            run.operator.tell(PhaseBegan(phase, way_back(self.plan, state), boxes.of_phase(run, phase)))
            self._read_notes(phase)
            self.beside.enter(phase)
            for planned in phase.steps:
                self.step(planned)
        except (Leave, *_STEP_ERRORS) as error:
            leave = error if isinstance(error, Leave) else left_by(error)
            if leave.sets_back:
                self._set_back_on_leaving(self._as_it_is_now(phase))
            raise leave from error
        else:
            self.set_back(self._as_it_is_now(phase))
        finally:
            self.beside.leave()
        run.record(Record.PHASE_ENDED, key=phase.key)

    def _entered(self, phase: PlannedPhase) -> bool:
        """Whether a phase is to be walked; leaving in the middle of one takes back what is set in it."""
        try:
            return enter_phase(self, phase)
        except Leave as leave:
            if leave.sets_back and self.run.state.phase(phase.key).began:
                self._set_back_on_leaving(self._as_it_is_now(phase))
            raise

    def _read_notes(self, phase: PlannedPhase) -> None:
        """Take the word that a phase's boxes were read before anything of it is done."""
        if self._being_left:
            return
        name = f"{phase.code} {phase.title}"
        if not read_first(self.run, phase.id, name, boxes.of_phase(self.run, phase, to_be_read=True)):
            raise Leave(SessionState.STOPPED, f"{name}: its notes were not read", ExitCode.STOPPED)

    def _as_it_is_now(self, phase: PlannedPhase) -> PlannedPhase:
        """A phase with what its loops and rounds have added to it while it was walked."""
        return next(one for one in self.plan.phases if one.key == phase.key)

    def _was_being_left(self, phase: PlannedPhase) -> bool:
        """Whether a phase was cut off when nothing but setting back and `finally` was left to do."""
        state = self.run.state
        gone_back = (StepStatus.UNDOING, StepStatus.SET_BACK)
        temporary = {leaf.key for unit in temporary_units(phase.steps) for leaf in leaves((unit,))}
        return state.phase(phase.key).began and all(
            state.status(step.key) in PASSED
            or ((step.key in temporary or self._goes_back(step)) and state.status(step.key) in gone_back)
            for step in leaves(phase.steps)
        )

    def _goes_back(self, planned: PlannedStep) -> bool:
        """Whether a step is taken back when its phase is left."""
        if planned.temporary or planned.action is not ActionKind.RUN:
            return planned.temporary
        step = model_of(self.run, planned)
        return step.background and step.until in (None, "phase")

    def _end_setting_back(self, phase: PlannedPhase) -> None:
        """Bring to its end what was being set back when the walk was cut off, so that nothing of it is doubled."""
        state = self.run.state
        for planned in temporary_units(phase.steps):
            if state.status(planned.key) is StepStatus.UNDOING:
                Undo(self).one(planned, temporary=True)
        for planned in phase.finally_steps:
            if any(state.status(one.key) in (StepStatus.RUNNING, StepStatus.UNKNOWN) for one in leaves((planned,))):
                self.step(planned)

    def wanted(self, phase: PlannedPhase) -> bool:
        """Whether a phase belongs to this run; a condition that could not be decided before is decided here."""
        match phase.included:
            case Included.YES:
                return True
            case Included.NO:
                return False
            case Included.LATER:
                return self.decide(phase.key, phase.hop, chain_of(self.run, phase)[-1])
            case _:
                assert_never(phase.included)

    def decide(
        self,
        key: str,
        hop: int,
        model: Any,
        bindings: dict[str, Any] | None = None,
        env: Environment | None = None,
    ) -> bool:
        """Decide a `when` that could only be decided here; once, and never again.

        That of a loop which names its item is decided for each of them when the loop is unrolled.
        """
        from wizard.expressions import compile_expression
        from wizard.templates import render_text

        run = self.run
        if key not in run.state.decided:
            env = env or environment(run, hop=hop, bindings=bindings, key=key)
            when = when_of_all(model) if isinstance(model, Step) else model.when
            included = when is None or compile_expression(when).holds(env)
            reason = ""
            if not included:
                reason = render_text(model.not_needed, env) if model.not_needed else f"only when {when}"
            run.record(Record.STEP_DECIDED, key=key, included=included, reason=reason)
        return run.state.decided[key]

    def set_back(self, phase: PlannedPhase, *, leaving: bool = False) -> None:
        """Take temporary settings back, stop what runs with the phase, run `finally`; StepFailed where it fails."""
        run = self.run
        order = {step.key: number for number, step in enumerate(leaves(phase.steps))}
        order |= {unit.key: order.get(last_of(unit).key, 0) for unit in temporary_units(phase.steps)}
        running = self.beside.running(phase.key) if leaving else self.beside.ending_with(phase.key)
        for planned in sorted((*temporary_in(phase, run.state), *running), key=lambda one: -order.get(one.key, 0)):
            if planned.temporary and leaving and run.state.status(planned.key) is StepStatus.UNDOING:
                continue  # it was tried in this walk, and the operator said to stop there
            if planned.temporary:
                Undo(self).one(planned, temporary=True)
            elif leaving:
                self.beside.stop_on_leaving(planned)
            else:
                self.beside.end(planned)
        if not leaving:
            self.beside.settle(phase.key)
        if run.state.phase(phase.key).finally_owed and not (leaving and self._stopped_in_finally(phase)):
            for planned in phase.finally_steps:
                self.step(planned)
            run.record(Record.FINALLY_ENDED, key=phase.key)

    def _stopped_in_finally(self, phase: PlannedPhase) -> bool:
        """Whether the `finally` of a phase was tried in this walk already, and the operator said to stop there."""
        refused = (StepStatus.FAILED, StepStatus.UNKNOWN)
        return any(self.run.state.status(step.key) in refused for step in leaves(phase.finally_steps))

    def _set_back_on_leaving(self, phase: PlannedPhase) -> None:
        """On the way out nothing may keep the operator from leaving; what does not work stays owed."""
        try:
            self.set_back(phase, leaving=True)
        except Leave as leave:
            self.run.operator.tell(Owed(((phase.code, f"not set back: {leave.reason}"),)))

    def step(self, planned: PlannedStep, bindings: dict[str, Any] | None = None) -> None:
        """Walk one step until it is settled; leaves the walk where it cannot be."""
        self.run.take_messages()
        try:
            self.beside.look()
            self._step(planned, bindings or {})
        except (AnswersError, StoppedError, BlockedError, OutcomeUnknownError, StepFailedError) as error:
            raise alone.leave_by(self.run, planned, error) from error

    def _step(self, planned: PlannedStep, bindings: dict[str, Any], *, tried: bool = False) -> None:
        """Walk a step; `tried`: it failed a moment ago, and what it needs was looked for again by then."""
        grouped, status = planned.action in (ActionKind.STEPS, ActionKind.INCLUDE), self.run.state.status(planned.key)
        passed = status in (_LEFT_OUT if grouped else PASSED)
        if planned.included is Included.NO or passed:
            self.beside.meet(planned, bindings)
            return
        if self._being_left and planned.key.startswith(f"{self._being_left}/") and self._goes_back(planned):
            return
        alone.begin(self.run, planned)
        if status is StepStatus.FAILED and not tried and not self._has_acted(planned):
            read_missing(self.run, planned, bindings)
        try:
            model, hop = model_of(self.run, planned), works_of(self.run, planned)
            if planned.included is Included.LATER and not self.decide(planned.key, hop, model, bindings):
                return
            if grouped and (planned.loop is not None or to_be_unrolled(planned, model)):
                planned = self.loops.unrolled(planned, model, bindings)
            inner = self._inner(planned, bindings) if grouped else bindings
            if grouped and planned.loop is None and status is not StepStatus.DONE:
                self.loops.can_repeat(planned, model, inner)
            came_back = not grouped and self._came_back(planned, bindings)
            if grouped and not self._announced(planned, inner):
                self._cannot_begin(planned, bindings, "its notes were not read")
                return
        except _STEP_ERRORS as error:
            self._cannot_begin(planned, bindings, why_of(self.run, planned, bindings, error))
            return
        if grouped:
            self._group(planned, inner)
        elif not came_back:
            self.until_settled(self.work(planned, bindings))

    def _cannot_begin(self, planned: PlannedStep, bindings: dict[str, Any], reason: str) -> None:
        """A condition or text of the step cannot be worked out here: the operator decides as about any failure."""
        work = self.work(planned, bindings)
        outcome = Outcome(StepStatus.FAILED, reason, not_begun=True)
        if not self.ended(work, outcome) and not self._after(work, outcome):
            self._step(planned, bindings, tried=True)

    def _came_back(self, planned: PlannedStep, bindings: dict[str, Any]) -> bool:
        """Find out what became of a step that was begun before; whether it is settled now."""
        status = self.run.state.status(planned.key)
        if status is StepStatus.UNDOING:
            Undo(self).one(planned)
            work = self.work(planned, bindings, begun=True)
            return self._after(work, Outcome(StepStatus.FAILED, decisions.UNDO_CUT_OFF, not_begun=True))
        if status is StepStatus.FAILED and self._has_acted(planned):
            # What failed is not run again because somebody came back: that takes a word, or a guide that says so.
            self.run.record(Record.CAME_BACK, key=planned.key)
            work = self.work(planned, bindings, begun=True)
            return self._after(work, decisions.failed_before(self.run, work))
        if status not in (StepStatus.RUNNING, StepStatus.UNKNOWN):
            return False
        self.run.record(Record.CAME_BACK, key=planned.key)
        work = self.work(planned, bindings, begun=True)
        outcome = reconcile(self.run, work)
        if outcome is None:
            return False
        if self.ended(work, outcome):
            return True
        return self._after(work, outcome)

    def _has_acted(self, planned: PlannedStep) -> bool:
        changing = planned.action in (ActionKind.RUN, ActionKind.EDIT, ActionKind.MANUAL)
        return changing and not self.run.state.step(planned.key).not_begun

    def until_settled(self, work: Work) -> None:
        """Do a step until it is done, skipped or undone by a word of the operator."""
        while True:
            outcome = self.perform(work)
            if self.ended(work, outcome) or self._after(work, outcome):
                return
            work = self.work(work.planned, work.bindings, undoing=work.undoing, env=work.env if work.undoing else None)

    def _after(self, work: Work, outcome: Outcome) -> bool:
        """Let the operator decide about a step that is not settled; whether it is now. False: do it again."""
        return decisions.after(self, work, outcome)

    def _group(self, planned: PlannedStep, bindings: dict[str, Any]) -> None:
        """Walk the steps of a group or of an included procedure; what became of each is what counts."""
        step = model_of(self.run, planned)
        if planned.loop is not None:
            self.loops.walk(planned, step, bindings)
            return
        if step.repeat is not None:
            self.loops.rounds(planned, step, bindings)
            return
        work = self.work(planned, bindings)
        if self.run.state.status(planned.key) not in (StepStatus.RUNNING, StepStatus.DONE):
            self.run.record(Record.STEP_BEGAN, key=planned.key, names=keep_snapshot(self.run, work.env))
        for child in planned.steps:
            self.step(child, bindings)
        if self.run.state.status(planned.key) is not StepStatus.DONE:
            self.ended(work, Outcome(StepStatus.DONE, how="all its steps"))

    def _announced(self, planned: PlannedStep, bindings: dict[str, Any]) -> bool:
        """Say what a group is for and show its boxes; whether those were read that must be."""
        run, step = self.run, model_of(self.run, planned)
        if step.action not in (ActionKind.STEPS, ActionKind.INCLUDE):
            return True  # a loop of one step: each of its items shows them
        procedure = run.loaded.guide.procedures.get(step.include or "")
        env = environment(run, hop=works_of(run, planned), bindings=bindings, key=planned.key)
        why = readable(step.why or (procedure.why if procedure is not None else None) or "", env)
        boxed = boxes.of_group(step, env)
        if why or boxed:
            run.operator.tell(StepBegan(planned, planned.title, why, (), boxed))
        must = boxes.of_group(step, env, to_be_read=True)
        return read_first(run, step.id, f"{planned.code} {planned.title}", must)

    def _inner(self, planned: PlannedStep, bindings: dict[str, Any]) -> dict[str, Any]:
        """The names the steps of an include see: those around it, and those it gives."""
        from wizard.templates import render

        ask_for_secrets(self.run, *chain_of(self.run, planned))
        if not planned.bindings:
            return bindings
        env = environment(self.run, hop=works_of(self.run, planned), bindings=bindings, key=planned.key)
        return {**bindings, **{name: render(text, env) for name, text in planned.bindings}}

    def work(
        self,
        planned: PlannedStep,
        bindings: dict[str, Any],
        *,
        begun: bool = False,
        undoing: bool = False,
        env: Environment | None = None,
    ) -> Work:
        """Put together what a step needs; `begun` takes the names it was rendered from when it began."""
        from wizard.run.names import from_snapshot

        run = self.run
        step = model_of(run, planned)
        ask_for_secrets(run, *chain_of(run, planned))
        state = run.state.step(planned.key)
        if env is None:
            env = (
                from_snapshot(run, state.names, planned.key, bindings)
                if begun
                else environment(run, hop=works_of(run, planned), bindings=bindings, key=planned.key)
            )
        return Work(planned, step, env, chain_of(run, planned), works_of(run, planned), bindings, undoing)

    def perform(self, work: Work) -> Outcome:
        """Begin a step and do its action once."""
        run = self.run
        try:
            boxed = boxes.of_step(run, work)
            title, why = boxes.words_of(work)
            commands = boxes.commands_of(run, work)
        except _STEP_ERRORS as error:
            return Outcome(StepStatus.FAILED, why_of(run, work.planned, work.bindings, error), not_begun=True)
        progress = self.loops.progress
        run.operator.tell(
            StepBegan(
                work.planned,
                title,
                why,
                commands,
                boxed,
                undoing=work.undoing,
                progress=progress,
                where=boxes.where_of(work) if commands else "",
                rehearsed=run.effects.rehearsed,
            )
        )
        logs = {**logs_now(run, checks_of(work.step), work.env), **monitoring.logs_from(run, work)}
        run.record(Record.STEP_BEGAN, key=work.key, names=keep_snapshot(run, work.env), logs=logs)
        try:
            outcome = self._act(work)
        except _STEP_ERRORS as error:
            begun = run.state.step(work.key).attempt is not None
            outcome = Outcome(StepStatus.FAILED, why_of(run, work.planned, work.bindings, error), not_begun=not begun)
        return self._looked_after(work, outcome)

    def _looked_after(self, work: Work, outcome: Outcome) -> Outcome:
        """Where a supervisor died or did not take over, find out what became of its command, as a resume does."""
        attempt = self.run.state.step(work.key).attempt
        if attempt is None or attempt.exit is not None or outcome.status is StepStatus.IN_BACKGROUND:
            return outcome
        return reconcile(self.run, work) or Outcome(StepStatus.FAILED, outcome.why, not_begun=True)

    def _act(self, work: Work) -> Outcome:
        """Do the action of a step, after what has to come before it."""
        run = self.run
        baseline = run.effects.holds_before(run, work)
        if baseline and not decisions.do_all_the_same(run, work):
            return Outcome(StepStatus.ALREADY_DONE, "its check held before the start", "already_done")
        if (left := left_now(run, work)) is not None:
            return left
        name, must = f"{work.planned.code} {work.planned.title}", boxes.of_step(run, work, to_be_read=True)
        if not read_first(run, work.planned.id, name, must):
            return Outcome(StepStatus.FAILED, "its notes were not read", not_begun=True)
        change = editing.prepare_edit(run, work) if work.planned.action is ActionKind.EDIT else None
        if work.step.dry_run is not None:
            if (refused := try_first(run, work)) is not None:
                return refused
            baseline = run.effects.holds_before(run, work)
        if wants_word(run, work) and not (change is not None and change.nothing):
            wanted, change = self._word_for(work, change)
            if not wanted:
                return Outcome(StepStatus.FAILED, "the operator did not want it", not_begun=True)
            # Thinking it over may have taken hours: the baseline is what holds now.
            baseline = run.effects.holds_before(run, work)
        return self._do(work, change, baseline=baseline)

    def _word_for(self, work: Work, change: Change | None) -> tuple[bool, Change | None]:
        """Take the operator's word; that of an edit counts for what it makes of the file as it is by then."""
        while confirm_first(self.run, work, change.shown if change else ()):
            newer = editing.changed_meanwhile(self.run, work, change) if change else None
            if newer is None or newer.nothing:
                return True, newer or change
            change = newer
        return False, change

    def _do(self, work: Work, change: Change | None, *, baseline: bool | None) -> Outcome:
        run = self.run
        match work.planned.action:
            case ActionKind.RUN:
                return command.run_command(run, work, baseline=baseline)
            case ActionKind.EDIT:
                assert change is not None  # noqa: S101 - prepared above
                return editing.edit(run, work, change)
            case ActionKind.WAIT:
                return self._judged(work, waiting.wait(run, work))
            case ActionKind.MANUAL:
                return manual(run, work)
            case ActionKind.CHECK:
                return self._judged(work, asking.check(run, work))
            case ActionKind.CONFIRM:
                return self._judged(work, asking.confirm(run, work))
            case ActionKind.GATE:
                return self._judged(work, asking.gate(run, work))
            case ActionKind.SAY:
                return self._judged(work, asking.say(run, work))
            case ActionKind.MONITOR:
                return self._judged(work, monitoring.monitor(run, work))
            case ActionKind.STEPS | ActionKind.INCLUDE:
                raise StepFailedError(f"the action {work.planned.action} is not carried out here")
            case _:
                assert_never(work.planned.action)

    def _judged(self, work: Work, outcome: Outcome) -> Outcome:
        """A step that only talks or looks is done where its `done_when` says so, as every other is."""
        if outcome.status is not StepStatus.DONE or not (failing := command.not_done(self.run, work)):
            return outcome
        return Outcome(StepStatus.FAILED, "it ended well, but is not done", lines=tuple(failing))

    def ended(self, work: Work, outcome: Outcome) -> bool:
        """Journal how a step ended; whether it is settled."""
        import time

        run, state = self.run, self.run.state.step(work.key)
        # A command in the background has no time of its own: it lasts as long as what it is there for.
        same_boot = state.began_boot == run.state.last_boot and not work.step.background
        seconds = max(0.0, round(time.clock_gettime(time.CLOCK_BOOTTIME) - state.began_at, 1)) if same_boot else 0.0
        match outcome.status:
            case StepStatus.DONE | StepStatus.ALREADY_DONE:
                run.record(
                    Record.STEP_DONE,
                    key=work.key,
                    how=outcome.how,
                    reason=outcome.why,
                    seconds=seconds,
                    outage=work.planned.outage,
                )
            case StepStatus.IN_BACKGROUND:
                run.record(Record.IN_BACKGROUND, key=work.key, reason=outcome.why)
            case StepStatus.SKIPPED:
                run.record(Record.STEP_SKIPPED, key=work.key, reason=outcome.why, how=outcome.how)
            case StepStatus.UNKNOWN:
                run.record(Record.STEP_UNKNOWN, key=work.key, reason=outcome.why)
            case _:
                run.record(Record.STEP_FAILED, key=work.key, reason=outcome.why, not_begun=outcome.not_begun)
        status = run.state.status(work.key)
        self.beside.follow(work, status)
        if not work.planned.alone:
            rehearsed = run.effects.rehearsed
            run.operator.tell(StepEnded(work.planned, status, outcome.why, undoing=work.undoing, rehearsed=rehearsed))
        return status in PASSED
