"""The state of a session: a fold over its journal, and nothing else.

`State` is the accumulator; `apply` gives each event its meaning. Two readers of the same journal
always come to the same state, whoever they are and whenever they read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from wizard.run.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable


class Event(Protocol):
    """What the fold needs of a journal entry."""

    @property
    def seq(self) -> int: ...  # noqa: D102
    @property
    def at(self) -> str: ...  # noqa: D102
    @property
    def boot(self) -> str: ...  # noqa: D102
    @property
    def boottime(self) -> float: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def data(self) -> dict[str, Any]: ...  # noqa: D102


class StepStatus(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    ALREADY_DONE = "already_done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    NOT_NEEDED = "not_needed"
    UNDOING = "undoing"
    UNDONE = "undone"
    SET_BACK = "set_back"
    """A temporary setting that was taken back on leaving and is set again on coming back."""


SETTLED: Final = frozenset({StepStatus.DONE, StepStatus.ALREADY_DONE, StepStatus.SKIPPED, StepStatus.NOT_NEEDED})
"""Statuses the walk goes past."""

TOUCHED: Final = frozenset({StepStatus.DONE, StepStatus.FAILED, StepStatus.UNKNOWN, StepStatus.RUNNING, StepStatus.UNDOING})
"""Statuses in which this run may have changed the machine."""


class SessionState(StrEnum):
    """The word `wizard status` gives."""

    ASKING = "asking"
    CHECKING = "checking"
    PLANNED = "planned"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPED = "stopped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNDONE = "undone"
    DONE = "done"


@dataclass(slots=True)
class Attempt:
    """One start of one command."""

    id: str
    key: str
    number: int
    shown: str
    baseline: bool | None
    """What `done_when` said just before the start; None where there is none."""
    spec_sha256: str
    boottime: float
    exit: dict[str, Any] | None = None
    stop_asked: bool = False


@dataclass(slots=True)
class EditRecord:
    """One change of a file, as it was intended and whether it is known to be made."""

    file: str
    target: str
    before: str
    after: str
    copy: str
    made: bool = False


@dataclass(slots=True)
class StepState:
    """What happened to one step."""

    key: str
    status: StepStatus = StepStatus.WAITING
    detail: str = ""
    how: str = ""
    names: str = ""
    """Hash of the snapshot its texts were rendered from."""
    began_at: float = 0.0
    seconds: float = 0.0
    confirmed: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    edits: list[EditRecord] = field(default_factory=list)
    noted: dict[str, str] = field(default_factory=dict)
    first_attempt: int = 0
    first_edit: int = 0

    @property
    def attempt(self) -> Attempt | None:
        """The last attempt since the step was begun."""
        return self.attempts[-1] if len(self.attempts) > self.first_attempt else None

    @property
    def edit(self) -> EditRecord | None:
        """The last edit since the step was begun."""
        return self.edits[-1] if len(self.edits) > self.first_edit else None


@dataclass(slots=True)
class PhaseState:
    """What happened to one phase."""

    key: str
    began: bool = False
    ended: bool = False
    finally_owed: bool = False


@dataclass(slots=True)
class State:
    """Everything the journal says, folded."""

    guide: str = ""
    guide_sha256: str = ""
    name: str = ""
    rehearsal: bool = False
    epoch: int = 0
    driver: dict[str, Any] = field(default_factory=dict)
    word: SessionState = SessionState.ASKING
    detail: str = ""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    bypassed: dict[str, str] = field(default_factory=dict)
    plan_sha256: str = ""
    walking: bool = False
    phases: dict[str, PhaseState] = field(default_factory=dict)
    steps: dict[str, StepState] = field(default_factory=dict)
    decided: dict[str, bool] = field(default_factory=dict)
    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict)
    captured: dict[str, Any] = field(default_factory=dict)
    captured_by: dict[str, list[str]] = field(default_factory=dict)
    current: str = ""
    undo_scope: str = ""
    undo_keys: list[str] = field(default_factory=list)
    procedures: dict[str, int] = field(default_factory=dict)
    open_procedure: str = ""
    attempts: int = 0
    ordinals: dict[str, int] = field(default_factory=dict)
    """Position of each thing that was ever run, in the order of first attempts."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Attempts made so far, by key; an undo does not reset them."""
    last_boot: str = ""
    last_boottime: float = 0.0
    last_at: str = ""
    created_at: str = ""
    outage_began: float | None = None
    outage_seconds: float = 0.0

    def step(self, key: str) -> StepState:
        """The state of a step, made where it has none yet."""
        return self.steps.setdefault(key, StepState(key))

    def phase(self, key: str) -> PhaseState:
        """The state of a phase, made where it has none yet."""
        return self.phases.setdefault(key, PhaseState(key))

    def status(self, key: str) -> StepStatus:
        """Where a step stands, without making it."""
        return self.steps[key].status if key in self.steps else StepStatus.WAITING

    @property
    def finished(self) -> bool:
        """Whether nothing of this session is left to do."""
        return self.word in (SessionState.DONE, SessionState.UNDONE) or self.detail == "closed"

    def attempt_id(self, key: str) -> str:
        """The id the next attempt of `key` gets: ordinal of what is run, then the number of the try."""
        ordinal = self.ordinals.get(key, len(self.ordinals) + 1)
        return f"{ordinal:04d}-{self.numbers.get(key, 0) + 1:02d}"

    def apply(self, event: Event) -> None:
        """Take one event into account; an unknown kind changes nothing but the time."""
        self.last_boot, self.last_boottime, self.last_at = event.boot, event.boottime, event.at
        data = event.data
        match event.kind:
            case Record.SESSION_CREATED:
                self.guide, self.guide_sha256 = data["guide"], data["guide_sha256"]
                self.name, self.rehearsal = data.get("name", ""), bool(data.get("rehearsal"))
                self.created_at = event.at
            case "driver-took":
                self.epoch, self.driver = int(data["epoch"]), data
            case Record.FACT_READ:
                self.facts[data["id"]] = data
            case Record.ANSWER_GIVEN:
                self.answers[data["id"]] = data
            case Record.ANSWER_DROPPED:
                self.answers.pop(data["id"], None)
            case Record.CHECKS_ASKED:
                self.findings = list(data["findings"])
                if not self.walking:
                    self.word = SessionState.CHECKING
            case Record.BYPASSED:
                self.bypassed[data["key"]] = data["reason"]
            case Record.PLAN_FROZEN:
                self.plan_sha256, self.word = data["sha256"], SessionState.PLANNED
            case Record.NAMES_TAKEN:
                self.snapshots[data["sha256"]] = data["names"]
            case Record.NOTED:
                self.step(data["key"]).noted.update(data["records"])
            case Record.PROCEDURE_BEGAN:
                self.procedures[data["id"]] = int(data["number"])
                self.open_procedure, self.word = f"procedure/{data['id']}/{data['number']}", SessionState.RUNNING
            case Record.PROCEDURE_ENDED:
                self.open_procedure, self.word = "", SessionState(data["state"])
            case _:
                self._apply_walk(event)

    def _apply_walk(self, event: Event) -> None:
        data = event.data
        match event.kind:
            case Record.WALK_BEGAN:
                self.walking, self.word, self.detail = True, SessionState.RUNNING, ""
            case Record.STOPPED:
                self.word, self.detail = SessionState(data["state"]), data["reason"]
            case Record.LEFT:
                self.word, self.detail = SessionState.WAITING, data["reason"]
            case Record.RUN_DONE:
                self.word, self.detail, self.current = SessionState.DONE, "", ""
            case Record.SESSION_CLOSED:
                self.word, self.detail = SessionState.STOPPED, "closed"
            case Record.UNDO_BEGAN:
                self.undo_scope, self.undo_keys, self.word = data["scope"], list(data["keys"]), SessionState.RUNNING
            case Record.UNDO_ENDED:
                self.undo_scope, self.undo_keys = "", []
                self.word, self.detail = SessionState(data["state"]), data.get("reason", "")
            case Record.PHASE_BEGAN:
                phase = self.phase(data["key"])
                phase.began, phase.ended, phase.finally_owed = True, False, bool(data["finally"])
                self._forget(f"{data['key']}/finally/")
                self.word = SessionState.RUNNING
            case Record.PHASE_ENDED:
                self.phase(data["key"]).ended = True
            case Record.FINALLY_ENDED:
                self.phase(data["key"]).finally_owed = False
            case _:
                self._apply_step(event)

    def _apply_step(self, event: Event) -> None:
        data = event.data
        if "key" not in data:
            return
        step = self.step(data["key"])
        match event.kind:
            case Record.STEP_DECIDED:
                self.decided[step.key] = bool(data["included"])
                if not data["included"]:
                    step.status, step.detail = StepStatus.NOT_NEEDED, data["reason"]
            case Record.STEP_BEGAN:
                self._forget(f"undo/{step.key}/")
                step.status, step.names, step.began_at = StepStatus.RUNNING, data["names"], event.boottime
                step.confirmed, step.detail, step.how = False, "", ""
                step.first_attempt, step.first_edit = len(step.attempts), len(step.edits)
                self.current, self.word = step.key, SessionState.RUNNING
            case Record.CONFIRMED:
                step.confirmed = bool(data["yes"])
            case Record.ATTEMPT_INTENDED:
                self._intend(event)
            case Record.STOP_ASKED:
                if step.attempts:
                    step.attempts[-1].stop_asked = True
            case Record.ATTEMPT_ENDED:
                for attempt in step.attempts:
                    if attempt.id == data["attempt"]:
                        attempt.exit = data["exit"]
            case Record.EDIT_INTENDED:
                step.edits.append(
                    EditRecord(data["file"], data["target"], data["before"], data["after"], data["copy"])
                )
            case Record.EDIT_MADE:
                step.edits[-1].made = True
            case Record.CAPTURED:
                self.captured.update(data["values"])
                self.captured_by[step.key] = sorted(data["values"])
            case Record.STEP_DONE:
                step.status = StepStatus.ALREADY_DONE if data["how"] == "already_done" else StepStatus.DONE
                step.how, step.detail, step.seconds = data["how"], data.get("reason", ""), data["seconds"]
                self._clock_outage(data.get("outage", ""), event.boottime)
            case Record.STEP_FAILED:
                step.status, step.detail = StepStatus.FAILED, data["reason"]
            case Record.STEP_SKIPPED:
                step.status, step.detail = StepStatus.SKIPPED, data["reason"]
            case Record.STEP_UNKNOWN:
                step.status, step.detail = StepStatus.UNKNOWN, data["reason"]
            case Record.STEP_UNDO_BEGAN:
                if step.status is not StepStatus.UNDOING:
                    self._forget(f"undo/{step.key}/")
                step.status = StepStatus.UNDOING
            case Record.STEP_UNDONE:
                step.status = StepStatus.SET_BACK if data.get("temporary") else StepStatus.UNDONE
                step.detail = data.get("reason", "")
                step.edits.clear()
                step.first_edit = 0
                self.phase("/".join(step.key.split("/")[:2])).ended = False
                for name in self.captured_by.pop(step.key, []):
                    self.captured.pop(name, None)
            case _:
                pass

    def _intend(self, event: Event) -> None:
        data = event.data
        key = data["key"]
        self.ordinals.setdefault(key, len(self.ordinals) + 1)
        self.numbers[key] = self.numbers.get(key, 0) + 1
        self.attempts += 1
        self.step(key).attempts.append(
            Attempt(
                id=data["attempt"],
                key=key,
                number=self.numbers[key],
                shown=data["shown"],
                baseline=data["baseline"],
                spec_sha256=data["spec_sha256"],
                boottime=event.boottime,
            )
        )

    def _clock_outage(self, word: str, boottime: float) -> None:
        if word == "starts" and self.outage_began is None:
            self.outage_began = boottime
        elif word == "ends" and self.outage_began is not None:
            self.outage_seconds += max(0.0, boottime - self.outage_began)
            self.outage_began = None

    def _forget(self, prefix: str) -> None:
        """Let steps below `prefix` begin anew; their attempts keep their numbers."""
        for key in [key for key in self.steps if key.startswith(prefix)]:
            del self.steps[key]


def fold(events: Iterable[Event]) -> State:
    """Fold a whole journal."""
    state = State()
    for event in events:
        state.apply(event)
    return state
