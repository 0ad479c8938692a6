"""The fold: from the events of a journal to the state of a session.

Each kind of event has one function here, and nothing but these functions changes a `State`. Two readers
of the same journal come to the same state, whoever they are and whenever they read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import JournalError
from wizard.plan.addresses import above, phase_of
from wizard.run.records import INBOX_EVENTS, Record
from wizard.run.session_state import SessionState
from wizard.run.state import (
    PASSED,
    Attempt,
    Deferred,
    EditRecord,
    Handed,
    KeptChecking,
    KeptNumbers,
    Snapshot,
    State,
    StepState,
    StepStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.run.chain import Entry

ASIDE: Final = ("undo/", "offer/", "fix/", "procedure/", "preview/", "editor/", "after/")
"""Beginnings of keys of what is done beside the walk: it moves no step forward."""

_NOT_THE_STEP: Final = ("undo/", "preview/", "editor/", "after/")
"""Beginnings of keys of what belongs to a step and is not the step, though its id may stand at the end."""

_LIES_BEHIND: Final = PASSED | {StepStatus.SET_BACK}
"""Statuses of a step that a phase is through with at its end: what was set for a while is set back by then."""


def fold(entries: Iterable[Entry]) -> State:
    """Fold a whole journal. JournalError where an event does not hold what its kind has: its line was changed.

    The hash of a line stands in the line behind it, so that damage of the last one is seen here and nowhere else.
    """
    state = State()
    for entry in entries:
        try:
            apply(state, entry)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise JournalError(
                f"event {entry.seq} of the journal ({entry.kind}) is damaged: {type(error).__name__} {error}".rstrip(),
                hint="Look into journal.jsonl of the session. What the machine shows now is the truth.",
            ) from error
    return state


def apply(state: State, entry: Entry) -> None:
    """Take one event into account; an unknown kind changes nothing but the time."""
    if entry.kind in INBOX_EVENTS:
        # Watchers may leave something at any time: what lies between two events of the driver is as long as without it.
        state.last_at = entry.at
        return
    state.last_pause = max(0.0, entry.boottime - state.last_boottime) if entry.boot == state.last_boot else 0.0
    state.last_boot, state.last_boottime, state.last_at = entry.boot, entry.boottime, entry.at
    if (session_event := _SESSION.get(entry.kind)) is not None:
        session_event(state, entry)
    elif (step_event := _STEP.get(entry.kind)) is not None:
        step = state.step(entry.data["key"])
        step_event(state, step, entry)
        _notice(state, step)


def _notice(state: State, step: StepState) -> None:
    """Let a step be found by its id once something is known about it; what undoes a step is not the step."""
    name = step.key.rpartition("/")[2]
    state.ids.note(step.key)
    if (
        step.status is not StepStatus.WAITING
        and not step.key.startswith(_NOT_THE_STEP)
        and not state.ids.has(name, step.key)
    ):
        state.ids.add(name, step.key)


# -- the session ---------------------------------------------------------------------------------


def _created(state: State, entry: Entry) -> None:
    data = entry.data
    state.guide, state.guide_sha256 = data["guide"], data["guide_sha256"]
    state.name, state.rehearsal = data.get("name", ""), bool(data.get("rehearsal"))
    state.created_at = entry.at


def _driver_took(state: State, entry: Entry) -> None:
    state.epoch, state.driver = int(entry.data["epoch"]), entry.data


def _fact_read(state: State, entry: Entry) -> None:
    state.facts[entry.data["id"]] = entry.data
    state.facts_read += 1


def _answer_given(state: State, entry: Entry) -> None:
    state.answers[entry.data["id"]] = entry.data
    state.answers_given += 1


def _answer_dropped(state: State, entry: Entry) -> None:
    state.answers.pop(entry.data["id"], None)
    state.answers_given += 1


def _checks_asked(state: State, entry: Entry) -> None:
    state.findings = list(entry.data["findings"])
    if not state.walking:
        state.word = SessionState.CHECKING


def _bypassed(state: State, entry: Entry) -> None:
    state.bypassed[entry.data["key"]] = entry.data["reason"]


def _bypass_withdrawn(state: State, entry: Entry) -> None:
    state.bypassed.pop(entry.data["key"], None)


def _plan_frozen(state: State, entry: Entry) -> None:
    state.plan_sha256, state.word = entry.data["sha256"], SessionState.PLANNED


def _names_taken(state: State, entry: Entry) -> None:
    state.snapshots[entry.data["sha256"]] = Snapshot.packed(entry.data["names"], entry.data.get("parts", {}))


def _walk_began(state: State, entry: Entry) -> None:
    state.logs = state.logs or dict(entry.data.get("logs", {}))
    state.walking, state.word, state.detail = True, SessionState.RUNNING, ""


def _stopped(state: State, entry: Entry) -> None:
    state.word, state.detail = SessionState(entry.data["state"]), entry.data["reason"]


def _left(state: State, entry: Entry) -> None:
    state.word, state.detail = SessionState.WAITING, entry.data["reason"]


def _run_done(state: State, entry: Entry) -> None:
    state.word, state.detail, state.current = SessionState.DONE, entry.data.get("reason", ""), ""


def _closed(state: State, entry: Entry) -> None:
    state.word, state.detail = SessionState.STOPPED, f"closed: {entry.data['reason']}"
    state.closed = entry.data["reason"]


def _undo_began(state: State, entry: Entry) -> None:
    state.undo_scope, state.undo_keys = entry.data["scope"], list(entry.data["keys"])
    state.undo_again = list(entry.data.get("unrolled", ()))
    state.word = SessionState.RUNNING
    _decide_again(state, entry.data.get("again", ()))


def _decide_again(state: State, keys: Iterable[str]) -> None:
    """Let what was decided from outcomes that do not stand any more be decided anew."""
    for key in keys:
        state.decided.pop(key, None)
        if state.status(key) is StepStatus.NOT_NEEDED:
            state.step(key).status = StepStatus.WAITING
            state.ids.drop(key.rpartition("/")[2], key)


def _undo_ended(state: State, entry: Entry) -> None:
    if state.undo_scope == "run":
        state.current = state.open_procedure = state.taken_back = ""
    for key in state.undo_again:
        state.loops.pop(key, None)
        state.rounds.pop(key, None)
    for key in state.undo_captured:
        _drop_captured(state, key)
    state.undo_scope, state.undo_keys, state.undo_again, state.undo_captured = "", [], [], []
    state.word, state.detail = SessionState(entry.data["state"]), entry.data.get("reason", "")


def _procedure_began(state: State, entry: Entry) -> None:
    data = entry.data
    state.procedures[data["id"]] = int(data["number"])
    state.open_procedure = f"procedure/{data['id']}/{data['number']}"
    state.called_in[state.open_procedure] = int(data.get("hop", 0))
    state.before_procedure = (state.word, state.detail)
    state.word, state.detail = SessionState.RUNNING, ""


def _procedure_ended(state: State, entry: Entry) -> None:
    state.word, state.detail = state.before_procedure
    if entry.data.get("takes_back"):
        state.taken_back, state.taken_back_hop = entry.data["id"], state.called_in.get(state.open_procedure, 0)
        state.word, state.detail = SessionState.UNDONE, entry.data["takes_back"]
    state.open_procedure = ""


def _taken_up(state: State, entry: Entry) -> None:
    """Let what a procedure took back be walked again, as after an undo."""
    state.taken_back, state.taken_back_hop = "", 0
    state.word, state.detail = SessionState.STOPPED, ""
    _decide_again(state, entry.data["again"])
    for key in entry.data["keys"]:
        _undone(state, state.step(key), entry)
    for key in entry.data["phases"]:
        state.phase(key).began = state.phase(key).ended = False


def _loop_unrolled(state: State, entry: Entry) -> None:
    state.loops[entry.data["key"]] = entry.data
    state.place(entry.data["key"])


def _evidence_taken(state: State, entry: Entry) -> None:
    state.evidence[entry.data["name"]] = entry.data["evidence"]


def _round_began(state: State, entry: Entry) -> None:
    state.rounds[entry.data["key"]] = int(entry.data["number"])
    state.place(entry.data["key"])


def _phase_began(state: State, entry: Entry) -> None:
    key = entry.data["key"]
    phase = state.phase(key)
    phase.began, phase.ended, phase.finally_owed = True, False, bool(entry.data["finally"])
    state.forget(f"{key}/finally")
    state.word = SessionState.RUNNING


def _phase_ended(state: State, entry: Entry) -> None:
    state.phase(entry.data["key"]).ended = True
    if (kept := state.kept.get(entry.data["key"])) is not None:
        kept.goes_on = False


def _kept_checking(state: State, entry: Entry) -> None:
    data = entry.data
    kept = state.kept.setdefault(data["key"], KeptChecking())
    kept.unwatched += float(data.get("unwatched", 0.0))
    kept.goes_on = True
    kept.boot, kept.boottime, kept.at = entry.boot, entry.boottime, entry.at
    for name, seen in data["checks"].items():
        numbers = kept.checks.setdefault(name, KeptNumbers(seen["title"]))
        numbers.title = seen["title"]
        numbers.asked += int(seen["asked"])
        numbers.failed += int(seen["failed"])
        numbers.longest = max(numbers.longest, float(seen["longest"]))
        numbers.first = numbers.first or dict(seen.get("first", {}))
        numbers.last = dict(seen.get("last", numbers.last))


def _finally_ended(state: State, entry: Entry) -> None:
    state.phase(entry.data["key"]).finally_owed = False


# -- steps ---------------------------------------------------------------------------------------


def _decided(state: State, step: StepState, entry: Entry) -> None:
    state.decided[step.key] = bool(entry.data["included"])
    if not entry.data["included"]:
        step.status, step.detail = StepStatus.NOT_NEEDED, entry.data["reason"]


def _began(state: State, step: StepState, entry: Entry) -> None:
    state.forget(f"undo/{step.key}")
    if step.status not in (StepStatus.RUNNING, StepStatus.UNKNOWN):
        step.waited_from, step.waited_boot, step.waited_utc = entry.boottime, entry.boot, entry.at
    step.status, step.names = StepStatus.RUNNING, entry.data["names"]
    step.began_at, step.began_boot = entry.boottime, entry.boot
    step.confirmed, step.detail, step.how = False, "", ""
    step.seconds, step.asked, step.is_timed, step.is_beside = 0.0, 0.0, False, False
    step.logs = dict(entry.data.get("logs", {}))
    step.first_attempt, step.first_edit = len(step.attempts), len(step.edits)
    if state.walking:
        state.word = SessionState.RUNNING
    _stands_at(state, step)


def _stands_at(state: State, step: StepState) -> None:
    """The run stands at this step, unless that is done beside the walk.

    What a phase does at its end moves it on only from a step the walk went past: where the walk was left, or a step
    undone, the run stands there, whatever is tidied up meanwhile.
    """
    went_past = not state.current or state.status(state.current) in _LIES_BEHIND
    if not step.key.startswith(ASIDE) and (went_past or "/finally/" not in step.key):
        state.current = step.key


def _came_back(state: State, step: StepState, entry: Entry) -> None:
    del entry
    _stands_at(state, step)


def _confirmed(state: State, step: StepState, entry: Entry) -> None:
    # Whoever asks for a word does nothing else meanwhile, so that the event before it is the moment it was asked.
    step.asked += state.last_pause
    step.confirmed = bool(entry.data["yes"])
    step.by_hand = step.by_hand or bool(entry.data.get("by_hand"))


def _noted(state: State, step: StepState, entry: Entry) -> None:
    del state
    step.noted.update(entry.data["records"])


def _attempt_intended(state: State, step: StepState, entry: Entry) -> None:
    data, key = entry.data, step.key
    state.ordinals.setdefault(key, len(state.ordinals) + 1)
    state.numbers[key] = state.numbers.get(key, 0) + 1
    attempt = Attempt(
        id=data["attempt"],
        key=key,
        number=state.numbers[key],
        shown=data["shown"],
        baseline=data["baseline"],
        spec_sha256=data["spec_sha256"],
        boottime=entry.boottime,
    )
    step.attempts.append(attempt)


def _stop_asked(state: State, step: StepState, entry: Entry) -> None:
    del state
    for attempt in step.attempts:
        attempt.stop_asked = attempt.stop_asked or attempt.id == entry.data["attempt"]


def _attempt_ended(state: State, step: StepState, entry: Entry) -> None:
    del state
    # From the last one backwards: a step that was tried a thousand times is folded as quickly.
    ended = next((one for one in reversed(step.attempts) if one.id == entry.data["attempt"]), None)
    if ended is not None:
        ended.exit = entry.data["exit"]


def _attempt_void(state: State, step: StepState, entry: Entry) -> None:
    del state
    for attempt in step.attempts:
        attempt.void = attempt.void or attempt.id == entry.data["attempt"]


def _edit_intended(state: State, step: StepState, entry: Entry) -> None:
    del state
    data = entry.data
    step.edits.append(
        EditRecord(
            data["file"],
            data["target"],
            data["before"],
            data["after"],
            data["copy"],
            in_place=bool(data.get("in_place")),
            by_hand=bool(data.get("by_hand")),
            names=step.names,
        )
    )


def _edit_made(state: State, step: StepState, entry: Entry) -> None:
    del state
    step.edits[-1].made = True
    step.edits[-1].after = entry.data.get("after", step.edits[-1].after)


def _item_done(state: State, step: StepState, entry: Entry) -> None:
    del state
    step.items.append(str(entry.data["item"]))
    step.deferred.pop(int(entry.data["item"]) if str(entry.data["item"]).isdigit() else -1, None)
    step.by_hand = True


def _deferred(state: State, step: StepState, entry: Entry) -> None:
    del state
    data = entry.data
    step.deferred[int(data["item"])] = Deferred(data["code"], data["title"], data["text"], data["reason"])


def _handed_to(state: State, step: StepState, entry: Entry) -> None:
    del state
    data = entry.data
    step.handed = Handed(data["code"], data["title"], data["to"], data["file"], data["sha256"], entry.at)


def _captured(state: State, step: StepState, entry: Entry) -> None:
    before = state.captured_by.pop(step.key, {})
    state.captured_by[step.key] = {**before, **entry.data["values"]}
    for name in entry.data["values"]:
        state.captures.add(name, step.key)


def _done(state: State, step: StepState, entry: Entry) -> None:
    data = entry.data
    step.status = StepStatus.ALREADY_DONE if data["how"] == "already_done" else StepStatus.DONE
    step.how, step.detail, step.seconds = data["how"], data.get("reason", ""), data["seconds"]
    step.is_timed = step.began_boot == entry.boot
    step.by_hand = step.by_hand or data["how"] in ("marked", "by hand")
    _follow_outage(state, entry, away=data.get("outage") == "starts", back=data.get("outage") == "ends")


def _follow_outage(state: State, entry: Entry, *, away: bool, back: bool) -> None:
    """The service went away or came back with this event; what says so twice counts once."""
    if away and state.outage_began is None:
        state.outage_began = (entry.boot, entry.boottime)
    elif back and state.outage_began is not None:
        boot, began = state.outage_began
        state.outage_seconds += max(0.0, entry.boottime - began) if boot == entry.boot else 0.0
        state.outage_began = None


def _ended_as(status: StepStatus) -> Callable[[State, StepState, Entry], None]:
    def ended(state: State, step: StepState, entry: Entry) -> None:
        del state
        step.status, step.detail, step.how = status, entry.data["reason"], entry.data.get("how", "")
        step.is_beside = step.is_beside or status is StepStatus.IN_BACKGROUND

    return ended


def _failed(state: State, step: StepState, entry: Entry) -> None:
    _stands_at(state, step)
    step.status, step.detail = StepStatus.FAILED, entry.data["reason"]
    step.not_begun = bool(entry.data.get("not_begun"))


def _undo_of_step_began(state: State, step: StepState, entry: Entry) -> None:
    del entry
    if step.status is not StepStatus.UNDOING:
        state.forget(f"undo/{step.key}")
    step.status = StepStatus.UNDOING


def _undone(state: State, step: StepState, entry: Entry) -> None:
    step.status = StepStatus.SET_BACK if entry.data.get("temporary") else StepStatus.UNDONE
    step.detail = entry.data.get("reason", "")
    # What stopped the service is taken back by starting it, and the other way round.
    _follow_outage(state, entry, away=entry.data.get("outage") == "ends", back=entry.data.get("outage") == "starts")
    step.edits.clear()
    step.first_edit = 0
    step.taken_back, step.by_hand = len(step.attempts), False
    step.items.clear()
    step.deferred.clear()
    if entry.data.get("temporary"):
        return
    if state.undo_scope:
        # What is owed at the end of a phase still sees it.
        state.undo_captured.append(step.key)
    else:
        _drop_captured(state, step.key)
    # Coming back walks the phase again, and all that the step stands in.
    phase = state.phases.get(phase_of(step.key))
    if phase is not None:
        phase.began = phase.ended = False
    for key in above(step.key):
        around = state.steps.get(key)
        if around is not None and around.status in (StepStatus.DONE, StepStatus.RUNNING):
            around.status, around.confirmed = StepStatus.WAITING, False
            state.ids.drop(key.rpartition("/")[2], key)


def _drop_captured(state: State, key: str) -> None:
    for name in state.captured_by.pop(key, {}):
        state.captures.drop(name, key)


_SESSION: Final[dict[str, Callable[[State, Entry], None]]] = {
    Record.SESSION_CREATED: _created,
    "driver-took": _driver_took,
    Record.FACT_READ: _fact_read,
    Record.ANSWER_GIVEN: _answer_given,
    Record.ANSWER_DROPPED: _answer_dropped,
    Record.CHECKS_ASKED: _checks_asked,
    Record.BYPASSED: _bypassed,
    Record.BYPASS_WITHDRAWN: _bypass_withdrawn,
    Record.PLAN_FROZEN: _plan_frozen,
    Record.NAMES_TAKEN: _names_taken,
    Record.WALK_BEGAN: _walk_began,
    Record.STOPPED: _stopped,
    Record.LEFT: _left,
    Record.RUN_DONE: _run_done,
    Record.SESSION_CLOSED: _closed,
    Record.UNDO_BEGAN: _undo_began,
    Record.UNDO_ENDED: _undo_ended,
    Record.PROCEDURE_BEGAN: _procedure_began,
    Record.PROCEDURE_ENDED: _procedure_ended,
    Record.TAKEN_UP: _taken_up,
    Record.EVIDENCE_TAKEN: _evidence_taken,
    Record.LOOP_UNROLLED: _loop_unrolled,
    Record.ROUND_BEGAN: _round_began,
    Record.PHASE_BEGAN: _phase_began,
    Record.PHASE_ENDED: _phase_ended,
    Record.FINALLY_ENDED: _finally_ended,
    Record.KEPT_CHECKING: _kept_checking,
}

_STEP: Final[dict[str, Callable[[State, StepState, Entry], None]]] = {
    Record.STEP_DECIDED: _decided,
    Record.STEP_BEGAN: _began,
    Record.CAME_BACK: _came_back,
    Record.CONFIRMED: _confirmed,
    Record.NOTED: _noted,
    Record.ATTEMPT_INTENDED: _attempt_intended,
    Record.STOP_ASKED: _stop_asked,
    Record.ATTEMPT_ENDED: _attempt_ended,
    Record.ATTEMPT_VOID: _attempt_void,
    Record.EDIT_INTENDED: _edit_intended,
    Record.EDIT_MADE: _edit_made,
    Record.ITEM_DONE: _item_done,
    Record.DEFERRED: _deferred,
    Record.HANDED_TO: _handed_to,
    Record.CAPTURED: _captured,
    Record.STEP_DONE: _done,
    Record.STEP_FAILED: _failed,
    Record.IN_BACKGROUND: _ended_as(StepStatus.IN_BACKGROUND),
    Record.STEP_SKIPPED: _ended_as(StepStatus.SKIPPED),
    Record.STEP_UNKNOWN: _ended_as(StepStatus.UNKNOWN),
    Record.STEP_UNDO_BEGAN: _undo_of_step_began,
    Record.STEP_UNDONE: _undone,
}
