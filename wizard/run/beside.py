"""What goes on beside the walk: commands in the background, and checks that are kept asking.

Commands are looked after between steps and while others are waited for. An end nobody asked for is told at
once and decided about before the next step; a command whose time is over (`until`) is stopped and judged.
Where the walk is left they are stopped like temporary settings and started again on coming back.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from wizard.errors import HostError
from wizard.host.protocols import FoundState
from wizard.plan.addresses import phase_of
from wizard.plan.steps import find_step
from wizard.run import decisions
from wizard.run.events import Said
from wizard.run.judge import ending
from wizard.run.names import environment, from_snapshot, outcome
from wizard.run.phase_checking import PhaseChecking
from wizard.run.places import model_of
from wizard.run.reconcile import reconcile
from wizard.run.records import Record
from wizard.run.state import SETTLED, StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.host.protocols import Found
    from wizard.plan.model import PlannedPhase, PlannedStep
    from wizard.run.walk import Walk
    from wizard.run.work import Work


class BesideTheWalk:
    """Looks after what goes on beside one walk; implements `Beside`."""

    def __init__(self, walk: Walk) -> None:
        """Look after what `walk` started, and what runs since before."""
        self._walk = walk
        self._run = walk.run
        self._running = dict.fromkeys(
            key for key, step in walk.run.state.steps.items() if step.status is StepStatus.IN_BACKGROUND
        )
        self._known: dict[str, tuple[PlannedStep, dict[str, Any]]] = {}
        self._over: set[str] = set()
        """Those that ended by themselves and were told, and are still to be decided about."""
        self._told: set[str] = set()
        """Attempts of whose end the operator was told, or is asked."""
        self._busy = False
        """Whether something is decided already, or the walk is being left, when nothing is decided any more."""
        self._checking: PhaseChecking | None = None

    # -- news ------------------------------------------------------------------------------------

    def has_news(self) -> bool:
        """Whether a command ended, or a check began to fail or holds again."""
        return any(self._has_ended(key) for key in self._running if key not in self._over) or (
            self._checking is not None and self._checking.has_news()
        )

    def tell_news(self) -> None:
        """Journal and tell what happened."""
        for key in [one for one in self._running if one not in self._over and self._has_ended(one)]:
            self._tell_end(key)
        if self._checking is not None:
            self._checking.tell_news()

    def tell_meanwhile(self) -> None:
        """Tell what happened, in the middle of a question about something else.

        Its reply counts from the event before it, and an end may be judged within what is being decided: so it is
        journalled between two steps, as if nobody had looked.
        """
        if self._checking is not None:
            self._checking.tell_meanwhile()
        for key in self._running:
            attempt = self._run.state.step(key).attempt
            if attempt is None or attempt.id in self._told:
                continue
            try:
                found = self._run.effects.find(self._run, attempt.id) if self._has_ended(key) else None
            except HostError:
                continue  # said between two steps, where it can be decided about
            if found is not None:
                self._say_end(key, attempt.id, found, at_once=True)

    def _has_ended(self, key: str) -> bool:
        attempt = self._run.state.step(key).attempt
        if attempt is None or attempt.exit is not None or attempt.stop_asked:
            return False
        return self._run.effects.find(self._run, attempt.id).state is not FoundState.RUNNING

    def _tell_end(self, key: str) -> None:
        attempt = self._run.state.step(key).attempt
        assert attempt is not None  # noqa: S101 - `_has_ended` says that there is one
        self._over.add(key)
        found = self._run.effects.find(self._run, attempt.id)
        if found.state is FoundState.ENDED and found.exit is not None:
            self._run.record(Record.ATTEMPT_ENDED, key=key, attempt=attempt.id, exit=asdict(found.exit))
        if attempt.id not in self._told:
            self._say_end(key, attempt.id, found, at_once=False)

    def _say_end(self, key: str, attempt: str, found: Found, *, at_once: bool) -> None:
        """Tell of an end, once."""
        self._told.add(attempt)
        how = ending(found.exit) if found.state is FoundState.ENDED and found.exit is not None else found.reason
        name = self._name(key)
        words = f"{name}, which runs beside the steps, is not running any more: {how}. It is decided about next."
        self._run.operator.tell(Said(words, "warning", at_once=at_once))

    # -- commands in the background --------------------------------------------------------------

    def follow(self, work: Work, status: StepStatus) -> None:
        """Take note of how a step was left: one in the background is looked after from now on."""
        if status is StepStatus.IN_BACKGROUND:
            self._running[work.key] = None
            self._over.discard(work.key)
            self._known[work.key] = (work.planned, work.bindings)
        else:
            self._forget(work.key)

    def meet(self, planned: PlannedStep, bindings: dict[str, Any]) -> None:
        """Take note of where a step in the background stands, as the walk comes by it."""
        if planned.key in self._running:
            self._known.setdefault(planned.key, (planned, bindings))

    def look(self) -> None:
        """Between two steps: stop what has run long enough, decide about what ended by itself."""
        if self._checking is not None:
            self._checking.know()
        if self._busy or not self._running:
            return
        self._busy = True
        try:
            self.tell_news()
            for key in list(self._running):
                if (planned := self._planned(key)) is None:
                    continue
                attempt = self._run.state.step(key).attempt
                if attempt is not None and attempt.stop_asked and not self._is_reached(planned):
                    self._went_with_the_walk(planned)
                elif attempt is None or attempt.exit is not None or key in self._over:
                    self._decide(planned)
                elif self._is_reached(planned):
                    self.end(planned)
        finally:
            self._busy = False

    def end(self, planned: PlannedStep) -> None:
        """Stop a command whose time is over, and settle its step; one that ended by itself is decided about."""
        while planned.key in self._running:
            attempt = self._run.state.step(planned.key).attempt
            if attempt is not None and attempt.exit is None and not attempt.stop_asked:
                self.tell_news()
            if attempt is not None and attempt.exit is None and planned.key not in self._over:
                self._stop(planned)
            self._decide(planned)

    def ending_with(self, prefix: str) -> list[PlannedStep]:
        """What is to run until the phase (or called procedure) with that key is left, last one first."""
        return [planned for planned in self._below(prefix) if self._until(planned) == "phase"]

    def running(self, prefix: str = "") -> list[PlannedStep]:
        """Everything that runs below a key, last one first."""
        return self._below(prefix)

    def settle(self, prefix: str) -> None:
        """What was stopped when the walk was left and would have ended with that key is not started again."""
        for planned in self._set_back_below(prefix):
            if not prefix or self._until(planned) == "phase":
                self._settled(planned, "stopped", "it was stopped when the walk was left")

    def finish(self) -> None:
        """The run is over: stop everything but what the guide says may outlive it."""
        for planned in self._below(""):
            if model_of(self._run, planned).keep and self._until(planned) == "run":
                self._tell_kept(planned)
                self._settled(planned, "kept", "left running")
            else:
                self.end(planned)
        self.settle("")

    def stop_on_leaving(self, planned: PlannedStep) -> None:
        """The walk is left: stop a command, to be started again on coming back, unless it may outlive the run."""
        self._busy = True
        if model_of(self._run, planned).keep:
            self._tell_kept(planned)
            return
        self.tell_news()
        if planned.key in self._over or self._run.state.step(planned.key).attempt is None:
            return  # it is decided about on coming back
        self._stop(planned)
        attempt = self._run.state.step(planned.key).attempt
        if attempt is not None and attempt.exit is not None:
            self._went_with_the_walk(planned)

    def _tell_kept(self, planned: PlannedStep) -> None:
        self._run.operator.tell(Said(f"{self._name(planned.key)} runs on, as the guide says (`keep`)."))

    def _settled(self, planned: PlannedStep, how: str, reason: str) -> None:
        self._run.record(Record.STEP_DONE, key=planned.key, how=how, reason=reason, seconds=0.0, outage="")
        self._forget(planned.key)

    def stop_for_undo(self, planned: PlannedStep) -> None:
        """Stop a command that is being taken back, where it runs."""
        attempt = self._run.state.step(planned.key).attempt
        if attempt is not None and attempt.exit is None and not attempt.void:
            self._told.add(attempt.id)
            found = self._run.effects.find(self._run, attempt.id)
            if found.state is FoundState.RUNNING:
                self._stop(planned)
            else:
                work = self._walk.work(planned, self._bindings(planned.key), begun=True)
                if (judged := reconcile(self._run, work)) is not None:
                    self._walk.ended(work, judged)
        self._forget(planned.key)

    def tell_what_runs(self) -> None:
        """Name what goes on without the wizard."""
        for key in self._running:
            self._run.operator.tell(Said(f"{self._name(key)} goes on running in the background."))

    def stopped_in_ended_phases(self) -> list[tuple[PlannedStep, dict[str, Any]]]:
        """Steps that were stopped when the walk was left, and whose phase the walk does not come by any more."""
        state = self._run.state
        return [
            (planned, self._bindings(planned.key))
            for planned in self._set_back_below("")
            if state.phase(phase_of(planned.key)).ended and not self._is_reached(planned)
        ]

    def _stop(self, planned: PlannedStep) -> None:
        """Have a running command stopped and wait for its end."""
        attempt = self._run.state.step(planned.key).attempt
        assert attempt is not None  # noqa: S101 - only what was started is stopped
        self._run.operator.tell(Said(f"{self._name(planned.key)} is stopped."))
        self._run.effects.stop(self._run, planned, attempt.id)

    def _went_with_the_walk(self, planned: PlannedStep) -> None:
        """It was stopped because the walk was left; it stands as set back, and is started again on coming back."""
        attempt = self._run.state.step(planned.key).attempt
        if attempt is not None and attempt.exit is None:
            found = self._run.effects.find(self._run, attempt.id)
            match found.state:
                case FoundState.ENDED if found.exit is not None:
                    exit_ = asdict(found.exit)
                    self._run.record(Record.ATTEMPT_ENDED, key=planned.key, attempt=attempt.id, exit=exit_)
                case FoundState.RUNNING:
                    self._stop(planned)
                case _:
                    self._decide(planned)
                    return
        reason = "stopped when the walk was left"
        self._run.record(Record.STEP_UNDONE, key=planned.key, temporary=True, reason=reason)
        self._forget(planned.key)

    def _decide(self, planned: PlannedStep) -> None:
        """Judge a command that does not run any more; what is not well is decided about like any step."""
        walk = self._walk
        work = walk.work(planned, self._bindings(planned.key), begun=True)
        judged = reconcile(self._run, work)
        if judged is None:
            self._forget(planned.key)
            walk.until_settled(walk.work(planned, work.bindings))
        elif not walk.ended(work, judged) and not decisions.after(walk, work, judged):
            walk.until_settled(walk.work(planned, work.bindings))

    def _is_reached(self, planned: PlannedStep) -> bool:
        """Whether the step until which it was to run is over, in the same hop; in a loop, that of the same item."""
        until = self._until(planned)
        if until in ("phase", "run"):
            return False
        found = self._run.state.ids.find(until, planned.key)
        hop = planned.key.partition("/")[0]
        if found is None or not (found.key or found.loop).startswith(f"{hop}/"):
            return False
        return outcome(self._run, until, planned.key) in SETTLED

    def _until(self, planned: PlannedStep) -> str:
        return model_of(self._run, planned).until or "phase"

    def _below(self, prefix: str) -> list[PlannedStep]:
        """What runs in the background below a key, last one first."""
        keys = [key for key in self._running if key.startswith(f"{prefix}/" if prefix else "")]
        return [planned for key in reversed(keys) if (planned := self._planned(key)) is not None]

    def _set_back_below(self, prefix: str) -> Iterator[PlannedStep]:
        """Background steps below a key that were stopped when the walk was left."""
        state = self._run.state
        keys = [
            key
            for key, step in state.steps.items()
            if step.status is StepStatus.SET_BACK and key.startswith(f"{prefix}/" if prefix else "")
        ]
        for key in keys:
            planned = self._planned(key)
            if planned is not None and model_of(self._run, planned).background:
                yield planned

    def _planned(self, key: str) -> PlannedStep | None:
        """The planned step with that key; None where the walk has not come by its loop yet."""
        if key in self._known:
            return self._known[key][0]
        return find_step(self._walk.plan, key)

    def _bindings(self, key: str) -> dict[str, Any]:
        """The names of loops and includes a step was started with."""
        if key in self._known:
            return self._known[key][1]
        kept = from_snapshot(self._run, self._run.state.step(key).names, key)
        common = environment(self._run).names
        return {name: value for name, value in kept.names.items() if name not in common}

    def _forget(self, key: str) -> None:
        self._running.pop(key, None)
        self._over.discard(key)

    def _name(self, key: str) -> str:
        planned = self._planned(key)
        return f"{planned.code} {planned.title}" if planned is not None else key

    # -- checks beside the work ------------------------------------------------------------------

    def enter(self, phase: PlannedPhase) -> None:
        """Keep asking the checks beside the work of a phase from now on."""
        model = next(one for one in self._run.loaded.guide.phases if one.id == phase.id)
        if model.keep_checking and self._run.effects.goes_beside():
            self._checking = PhaseChecking(self._run, phase, model)
            self._checking.start()

    def leave(self) -> None:
        """Ask no more, and count for the last time."""
        checking, self._checking = self._checking, None
        if checking is not None:
            checking.close()
