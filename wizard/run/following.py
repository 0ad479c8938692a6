"""Following a session by its folder: what whoever drives it and whoever looks on are shown alike.

A follower takes nothing, writes nothing and asks nobody. It reads the journal as it grows and keeps what it made of
it, so that a look costs no more for a session of a hundred thousand events than for one of ten. Made for one thread;
what it gives (`SessionView`, `StepText`, `LoopSeen`, `LookSeen`) is plain and may go to any other.
"""

from __future__ import annotations

import time
from collections import deque
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from wizard.host.clock import SystemClock
from wizard.plan.addresses import above, hop_of
from wizard.run.actions.command import exit_of
from wizard.run.asked_now import asked_now
from wizard.run.driver import driving
from wizard.run.folding import apply
from wizard.run.following_loops import LoopWatch
from wizard.run.following_plan import PlanWatch, step_of
from wizard.run.following_running import RunningWatch
from wizard.run.journal import JournalReader
from wizard.run.journal_words import is_told, journal_words
from wizard.run.judge import ending
from wizard.run.left_for_later import handed_over, left_to_do
from wizard.run.offers import calls_of, offered_by
from wizard.run.output_reading import AttemptOutput
from wizard.run.owed import in_background, owed_by
from wizard.run.progress import progress_of, way_to
from wizard.run.records import Record
from wizard.run.session_state import SessionState
from wizard.run.session_view import (
    AskingSeen,
    AttemptSeen,
    DriverSeen,
    LogLine,
    OutageSeen,
    SessionView,
    StepSeen,
)
from wizard.run.state import State
from wizard.run.status import next_steps, reversible, state_words
from wizard.run.step_text import step_text
from wizard.run.telling import ToldReader
from wizard.run.untold import UntoldWatch, lost_end
from wizard.run.waits_now import WaitWatch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from wizard.host.clock import Clock
    from wizard.plan.model import Plan
    from wizard.run.asked_now import AskedNow
    from wizard.run.chain import Entry
    from wizard.run.driver import Driving
    from wizard.run.session import Session
    from wizard.run.session_view import LookSeen, LoopSeen
    from wizard.run.state import StepState
    from wizard.run.step_text import StepText

LOG: Final = 500
"""How many of the last events are kept in words."""
LOOK_AROUND: Final = 1.0
"""Seconds between two looks who drives, and how the running command does."""
_SHARE: Final = 10
"""What takes a while to work out is worked out again after so many times that while at the earliest."""

_TOUCH_MANY: Final = frozenset(
    {Record.UNDO_BEGAN, Record.UNDO_ENDED, Record.TAKEN_UP, Record.PHASE_BEGAN, Record.STEP_UNDO_BEGAN}
)
"""Kinds of events that change more steps than the one they name."""
_ENDS: Final = frozenset(
    {Record.STEP_DONE, Record.STEP_FAILED, Record.STEP_SKIPPED, Record.STEP_UNKNOWN, Record.STEP_UNDONE}
)
"""Kinds of events by which a step ends."""
_STANDS_AT: Final = frozenset(
    {Record.STEP_BEGAN, Record.CAME_BACK, Record.STEP_UNDO_BEGAN, Record.STEP_FAILED, Record.ATTEMPT_INTENDED}
)
"""Kinds of events that say at which step the run stands."""


class Follower:
    """Follows one session. `poll` looks whether there is anything new, `view` gives what there is."""

    def __init__(self, session: Session, clock: Clock | None = None) -> None:
        """Follow `session` from its beginning. JournalError where it has no journal."""
        self.session = session
        self._clock = clock or SystemClock()
        self._reader = JournalReader(session.folder)
        self._state = State()
        self._steps: dict[str, StepSeen] = {}
        self._changed: set[str] = set()
        self._all_changed = False
        self._attempts: dict[str, AttemptSeen] = {}
        self._last_attempts: dict[str, str] = {}
        self._open: dict[str, str] = {}
        """Attempts without an end, the newest last, and the step each is for."""
        self._now = ""
        self._outage_at = ""
        self._log: deque[Entry] = deque(maxlen=LOG)
        self._notes: list[Entry] = []
        self._damaged = ""
        self._bad_event = ""
        """Why nothing behind some event is read; empty where all are as they should be."""
        self._untold = UntoldWatch(session.folder)
        self._lost_end = ""
        self._plans = PlanWatch(session)
        self._driving: Driving | None = None
        self._asked: AskedNow | None = None
        self._waits = WaitWatch(session.folder, self._clock)
        self._told = ToldReader(session.folder)
        self._running = RunningWatch(session.folder, self._clock)
        self._loops = LoopWatch()
        self._looked_around = -LOOK_AROUND
        self._ended_untold: frozenset[str] = frozenset()
        self._called_at = ""
        """Where the run stood as a procedure was called: there it stands again once that has ended."""
        self._derived: dict[str, Any] = {}
        self._derived_at = 0.0
        self._derived_took = 0.0
        self._derived_is_old = True

    def close(self) -> None:
        """Let go of the files."""
        self._reader.close()
        self._told.close()

    # -- looking ---------------------------------------------------------------------------------

    def poll(self) -> bool:
        """Look whether anything is new since the last look. JournalError where the journal cannot be followed."""
        looks_around = time.monotonic() - self._looked_around >= LOOK_AROUND
        begun = self._untold.begun() if looks_around else ()
        reading = self._reader.read()
        for entry in reading.entries:
            self._untold.told(entry)
            if not self._bad_event:
                self._take(entry)
        if looks_around:
            self._lost_end = "".join(map(str, lost_end(self._untold.untold(begun), reading.position.line)))
        damaged = str(reading.broken[0]) if reading.broken else self._bad_event or self._lost_end
        news = bool(reading.entries) or damaged != self._damaged or (self._derived_is_old and self._may_derive())
        self._derived_is_old = self._derived_is_old or damaged != self._damaged
        self._damaged = damaged
        asked = asked_now(self.session.folder)
        if asked != self._asked:
            self._asked, news = asked, True
        news = self._waits.poll() or news
        news = bool(self._told.poll()) or news
        news = self._told.poll_looks() or news
        if news or looks_around:
            news = self._look_around() or news
        return news

    def _take(self, entry: Entry) -> None:
        """Take an event in; nothing behind one is that does not hold what its kind has."""
        undone = f"undo/{entry.data.get('key', '')}"
        forgets = entry.kind == Record.STEP_BEGAN and undone in self._state.below
        outage = self._state.outage_began
        try:
            apply(self._state, entry)
            self._follow_attempts(entry)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            self._bad_event = f"event {entry.seq} ({entry.kind}) is damaged: {type(error).__name__} {error}"
            return
        self._derived_is_old = True
        if self._state.outage_began is not outage:
            self._outage_at = entry.at
        key = entry.data.get("key")
        if entry.kind in _TOUCH_MANY or forgets:
            self._all_changed = True
        elif isinstance(key, str):
            self._changed.add(key)
            self._loops.touched(key)
            if entry.kind == Record.STEP_UNDONE:
                self._changed.update(above(key))
        if self._all_changed:
            self._loops.forget()
        self._stand_at(entry, key)
        if is_told(entry):
            self._log.append(entry)
        if entry.kind == "inbox":
            self._notes.append(entry)

    def _stand_at(self, entry: Entry, key: Any) -> None:
        """Note at which step the run stands after an event, which may be about the one at `key`."""
        if entry.kind in _STANDS_AT and isinstance(key, str):
            self._now = step_of(key)
        elif entry.kind == Record.RUN_DONE:
            self._now = ""
        elif entry.kind == Record.STOPPED and "/finally/" in self._now:
            # What was tidied up on leaving hides no longer where the walk was left.
            self._now = self._state.current or self._now
        elif entry.kind == Record.PROCEDURE_BEGAN:
            self._called_at = self._now
        elif entry.kind == Record.PROCEDURE_ENDED:
            self._now = self._called_at

    def _follow_attempts(self, entry: Entry) -> None:
        data = entry.data
        match entry.kind:
            case Record.ATTEMPT_INTENDED:
                here = entry.boot == self._clock.boot()
                began = entry.boottime if here else None
                self._open[data["attempt"]] = step = step_of(data["key"])
                self._last_attempts.pop(step, None)
                self._last_attempts[step] = data["attempt"]
                self._attempts[data["attempt"]] = AttemptSeen(
                    data["attempt"], data["key"], data["shown"], entry.at, began
                )
            case Record.ATTEMPT_ENDED:
                end = exit_of(data["exit"])
                self._end_attempt(data["attempt"], ending(end), end.seconds)
            case Record.ATTEMPT_VOID:
                self._end_attempt(data["attempt"], "never ran", None)
            case Record.STEP_UNKNOWN:
                for name in [name for name, key in self._open.items() if key == data["key"]]:
                    self._end_attempt(name, "its end is not known", None)

    def _end_attempt(self, name: str, how: str, seconds: float | None) -> None:
        self._open.pop(name, None)
        before = self._attempts.get(name)
        if before is not None:
            self._attempts[name] = AttemptSeen(name, before.key, before.shown, before.at, before.began, how, seconds)

    def _look_around(self) -> bool:
        """Look at what is not in the journal: who drives, and how the running command does."""
        self._looked_around = time.monotonic()
        drives, running = driving(self.session), self._running.seen
        news = drives != self._driving
        self._driving = drives
        self._watch_running()
        ended, self._ended_untold = self._ended_untold, self._find_ended_untold()
        return news or self._running.seen != running or self._ended_untold != ended

    def _find_ended_untold(self) -> frozenset[str]:
        """The commands that have ended and of which the journal does not say so.

        A driver who waits for a word journals the end of what ran beside the walk only afterwards; where nobody
        drives, nobody journals any.
        """
        attempts = {key: self._last_attempts.get(key) for key, _, _ in self._derived.get("background", ())}
        if self._driving is None:
            attempts |= {of: name for name, of in self._open.items()}
        return frozenset(key for key, name in attempts.items() if name and not self._goes_on(name))

    def _goes_on(self, name: str) -> bool:
        return AttemptOutput(self.session.folder / "attempts" / name).running()

    def _watch_running(self) -> None:
        key = self._now
        step = self._state.steps.get(key)
        planned = self._plans.find(self._state, key) if step is not None else None
        if planned is None or step is None:
            self._running.nothing()
            return
        name = next((name for name, of in reversed(self._open.items()) if of == key), "")
        attempt = self._attempts.get(name)
        if self._driving is None and not (attempt is not None and self._goes_on(name)):
            # Without a driver only a command goes on by itself: nobody waits, asks or looks for its end.
            self._running.nothing()
            return
        self._running.look(planned, step, attempt, self._plans.guide)

    # -- what there is ---------------------------------------------------------------------------

    def view(self) -> SessionView:
        """Give the session as it was at the last look."""
        state, plan = self._state, self._plans.now(self._state)
        self._see_steps()
        phase = next((one for one in plan.phases if self._in_phase(one.key)), None) if plan is not None else None
        number = phase.hop if phase is not None else hop_of(self._now.removeprefix("undo/"))
        hop = next((one for one in plan.hops if one.number == number), None) if plan is not None else None
        way = way_to(plan, self._now.removeprefix("undo/")) if plan is not None else ()
        derived = self._derive(plan)
        word = self._word()
        return SessionView(
            session=self.session.id,
            name=state.name,
            guide=state.guide,
            rehearsal=state.rehearsal,
            word=word,
            words=state_words(word, rehearsal=state.rehearsal),
            detail=state.detail,
            plan=plan,
            now=self._now,
            place=progress_of(way) if way else "",
            hop=hop,
            hops=len(plan.hops) if plan is not None else 0,
            phase=phase,
            undoing=self._undoing(plan),
            procedure=self._procedure(),
            statuses=MappingProxyType(dict(self._steps)),
            outage=self._outage(),
            attempts=MappingProxyType(dict(self._attempts)),
            last_attempts=MappingProxyType(dict(self._last_attempts)),
            newest=next(reversed(self._attempts.values()), None),
            running=self._running.seen,
            ended_untold=self._ended_untold,
            driver=self._driver(),
            asking=self._asking(),
            waiting=self._waits.seen(self._driving.epoch if self._driving is not None else None),
            bypassed=tuple(state.bypassed.items()),
            notes=tuple(LogLine(one.seq, one.at, str(one.data.get("text", ""))) for one in self._notes),
            log=self._log_lines(),
            told=self._told.told,
            written=state.last_at,
            closed=state.closed,
            damaged=self._damaged or self._plans.lost,
            boot=self._clock.boot(),
            **derived,
        )

    def now(self) -> float:
        """Give the time by the clock that all times of a view are told by, in seconds; may be asked in any thread."""
        return self._clock.boottime()

    def text(self, key: str) -> StepText | None:
        """What is to be read about the step at an address; None where there is no such step, or no guide any more."""
        plan, loaded = self._plans.now(self._state), self._plans.guide
        planned = self._plans.find(self._state, key)
        if plan is None or loaded is None or planned is None:
            return None
        return step_text(loaded, plan, self._state, planned)

    def loop(self, key: str) -> LoopSeen | None:
        """The innermost loop around the step at an address, or that it is; None outside of any."""
        plan = self._plans.now(self._state)
        return self._loops.around(plan, self._state, key) if plan is not None else None

    def looks(self, key: str) -> tuple[LookSeen, ...]:
        """The last looks of the monitor at an address, oldest first; none of a step that is no monitor."""
        return self._told.looks(key)

    # -- parts -----------------------------------------------------------------------------------

    def _see_steps(self) -> None:
        steps = self._state.steps
        if self._all_changed:
            self._steps = {key: _seen(step) for key, step in steps.items()}
        else:
            for key in self._changed:
                if (step := steps.get(key)) is not None:
                    self._steps[key] = _seen(step)
                else:
                    self._steps.pop(key, None)
        self._changed.clear()
        self._all_changed = False

    def _in_phase(self, phase: str) -> bool:
        return self._now.removeprefix("undo/").startswith(f"{phase}/")

    def _word(self) -> SessionState:
        """The state as it is: one that somebody drives runs, one that nobody drives does not."""
        state = self._state
        live = (SessionState.RUNNING, SessionState.WAITING)
        if self._driving is None:
            stopped = state.walking and state.word is SessionState.RUNNING
            return SessionState.STOPPED if stopped and not self._runs_on() else state.word
        if state.closed or not state.walking or state.word in (*live, SessionState.DONE, SessionState.UNDONE):
            return state.word
        return SessionState.RUNNING if state.word is SessionState.STOPPED else state.word

    def _runs_on(self) -> bool:
        return self._running.seen is not None and bool(self._running.seen.attempt)

    def _undoing(self, plan: Plan | None) -> str:
        scope = self._state.undo_scope
        kind, _, key = scope.partition(":")
        if not scope:
            return ""
        if kind == "run" or plan is None:
            return "the whole run"
        return next((f"{one.code} {one.title}" for one in plan.phases if one.key == key), None) or self._name(key)

    def _procedure(self) -> str:
        opened = self._state.open_procedure
        if not opened:
            return ""
        name = opened.split("/")[1]
        loaded = self._plans.guide
        found = loaded.guide.procedures.get(name) if loaded is not None else None
        return found.title if found is not None else name

    def _outage(self) -> OutageSeen:
        """The outage by the clock of this boot, also where it began before a reboot."""
        state = self._state
        if state.outage_began is None:
            return OutageSeen(None, state.outage_seconds)
        boot, began = state.outage_began
        if boot != self._clock.boot():
            gone = (self._clock.now() - datetime.fromisoformat(self._outage_at)).total_seconds()
            began = round(self._clock.boottime() - max(0.0, gone))
        return OutageSeen(began, state.outage_seconds)

    def _driver(self) -> DriverSeen | None:
        if self._driving is None:
            return None
        who = self._driving.who
        return DriverSeen(str(self._driving), who.pid if who is not None else 0, self._driving.epoch)

    def _asking(self) -> AskingSeen | None:
        """What the driver is asked; a hint that another driver left behind says nothing."""
        asked = self._asked
        if asked is None or self._driving is None or self._driving.epoch != asked.epoch:
            return None
        if asked.boot != self._clock.boot():
            return None
        return AskingSeen(asked.kind, asked.title, asked.boottime)

    def _may_derive(self) -> bool:
        return time.monotonic() - self._derived_at >= self._derived_took * _SHARE

    def _derive(self, plan: Plan | None) -> Mapping[str, Any]:
        """What goes through the whole plan: worked out again where something happened, and not too often."""
        if plan is None:
            self._derived_is_old = False
            words = reversible(None, self._state, self._damaged or self._plans.lost)
            return {"way_back": words, "way_back_in_short": words}
        if not self._derived_is_old or not self._may_derive():
            return self._derived
        began, state = time.monotonic(), self._state
        offered = () if state.rehearsal else calls_of(offered_by(plan, state))
        driver: dict[str, Any] | None = None if self._driving is None else {}
        self._derived = {
            "way_back": reversible(plan, state, self._damaged),
            "way_back_in_short": reversible(plan, state, self._damaged, titles=False),
            "owed": owed_by(plan, state),
            "by_hand": left_to_do(state),
            "away": handed_over(state),
            "procedures": offered,
            "background": tuple((one.key, one.code, one.title) for one in in_background(plan, state)),
            "next": next_steps(
                plan, state, self._word(), driver=driver, offered=offered, read_only=self.session.read_only
            ),
            "aside": self._plans.asides(state),
        }
        self._derived_at = time.monotonic()
        self._derived_took = self._derived_at - began
        self._derived_is_old = False
        return self._derived

    def _log_lines(self) -> tuple[LogLine, ...]:
        return tuple(
            LogLine(one.seq, one.at, text, step_of(str(one.data.get("key", ""))), one.kind in _ENDS)
            for one in self._log
            for text in journal_words(one, self._name)
        )

    def _name(self, key: str) -> str:
        return self._plans.name(self._state, key)


def _seen(step: StepState) -> StepSeen:
    """A step with the time of its work, without that of a person who was asked first."""
    return StepSeen(step.key, step.status, step.detail, step.worked or 0.0, len(step.attempts), step.by_hand)
