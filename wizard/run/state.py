"""The state of a session: what its journal says, put together by `wizard.run.folding` and by nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from sys import intern
from typing import Any, Final, Self

from wizard.run.seen import Seen
from wizard.run.session_state import SessionState


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
    IN_BACKGROUND = "in_background"
    """Its command runs beside the walk, until what the guide says."""
    SET_BACK = "set_back"
    """A temporary setting that was taken back on leaving and is set again on coming back."""


SETTLED: Final = frozenset({StepStatus.DONE, StepStatus.ALREADY_DONE, StepStatus.SKIPPED, StepStatus.NOT_NEEDED})
"""Statuses of steps of which nothing is left to do."""

PASSED: Final = SETTLED | {StepStatus.IN_BACKGROUND}
"""Statuses the walk goes past."""

WORTH_TELLING: Final = 60.0
"""Seconds; that something waited less for the word of a person is told nowhere."""


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
    void: bool = False
    """Whether it is known that it never ran and never will."""


@dataclass(slots=True)
class EditRecord:
    """One change of a file, as it was intended and whether it is known to be made."""

    file: str
    target: str
    before: str
    after: str
    copy: str
    in_place: bool = False
    made: bool = False
    by_hand: bool = False
    names: str = ""
    """Hash of the snapshot it was rendered from."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Something left to be done by hand after the run."""

    code: str
    title: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Handed:
    """Work that was handed to other people, and the text that tells them."""

    code: str
    title: str
    to: str
    file: str
    sha256: str
    at: str


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
    began_boot: str = ""
    waited_from: float = 0.0
    """When it was first begun since it was last settled (boottime); a wait that is resumed counts from there."""
    waited_boot: str = ""
    waited_utc: str = ""
    seconds: float = 0.0
    """What it took from its begin to its end, 0 where that is not known: it was begun in another boot."""
    asked: float = 0.0
    """Seconds of that in which a person was asked for a word."""
    is_timed: bool = False
    """Whether `seconds` says what it took."""
    is_beside: bool = False
    """Whether it went on beside the walk: that lasts as long as what it is there for, and takes nobody's time."""
    confirmed: bool = False
    not_begun: bool = False
    """Whether it failed before anything of its action was started."""
    attempts: list[Attempt] = field(default_factory=list)
    edits: list[EditRecord] = field(default_factory=list)
    noted: dict[str, str] = field(default_factory=dict)
    logs: dict[str, int] = field(default_factory=dict)
    """Where the logs its checks read stood when it began, in bytes."""
    first_attempt: int = 0
    first_edit: int = 0
    taken_back: int = 0
    """How many of its attempts an undo has answered."""
    by_hand: bool = False
    """Whether a person did (a part of) it."""
    items: list[str] = field(default_factory=list)
    """The parts of a manual step that are done, in the order they were."""
    deferred: dict[int, Deferred] = field(default_factory=dict)
    """What of it is left for after the run, by the number of the part (0: all of it)."""
    handed: Handed | None = None

    @property
    def touched(self) -> bool:
        """Whether this run may have changed the machine by it and has not taken that back."""
        return self.by_hand or bool(self.edits) or any(not one.void for one in self.attempts[self.taken_back :])

    @property
    def attempt(self) -> Attempt | None:
        """The last attempt since the step was begun."""
        return self.attempts[-1] if len(self.attempts) > self.first_attempt else None

    @property
    def worked(self) -> float | None:
        """Seconds of its work: what its commands took, else all but the time a person was asked; None: not known.

        What a person does by hand is work.
        """
        if self.is_beside:
            return None
        if own := self._own_times:
            return sum(own)
        if not self.is_timed:
            return None
        return self.seconds if self.by_hand else max(0.0, self.seconds - self.asked)

    @property
    def waited_for_word(self) -> float:
        """Seconds in which its work waited for the word of a person."""
        return 0.0 if self.by_hand and not self._own_times else self.asked

    @property
    def _own_times(self) -> list[float]:
        """What the commands took that were started since it was begun, in seconds."""
        exits = (one.exit for one in self.attempts[self.first_attempt :] if one.exit is not None)
        return [float(took) for end in exits if isinstance(took := end.get("seconds"), int | float)]

    @property
    def edit(self) -> EditRecord | None:
        """The last edit since the step was begun."""
        return self.edits[-1] if len(self.edits) > self.first_edit else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Names a step was rendered from, without secrets; `parts` leads to the larger ones by hash, each kept once."""

    kept: dict[str, Any] | str
    """The names, or their JSON: every step has its own, few are read again, and as text they take a fifth."""
    parts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def packed(cls, names: dict[str, Any], parts: dict[str, str]) -> Self:
        """Keep the names of a step small. A large part is kept as it is: it is known again by being the same object."""
        if not parts:
            return cls(names)
        return cls(json.dumps(names), {intern(name): intern(digest) for name, digest in parts.items()})

    @property
    def names(self) -> dict[str, Any]:
        """The names themselves; of a packed one made anew each time."""
        return json.loads(self.kept) if isinstance(self.kept, str) else self.kept


@dataclass(slots=True)
class PhaseState:
    """What happened to one phase."""

    key: str
    began: bool = False
    ended: bool = False
    finally_owed: bool = False


@dataclass(slots=True)
class KeptNumbers:
    """What one check beside the work of a phase saw; `longest` is its longest stretch of failing (seconds).

    `first` and `last` are its first and last failure (`at`, `seen`), empty where there was none.
    """

    title: str
    asked: int = 0
    failed: int = 0
    longest: float = 0.0
    first: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class KeptChecking:
    """What the checks beside the work of a phase saw (by check), and how long (seconds) nobody asked them meanwhile."""

    checks: dict[str, KeptNumbers] = field(default_factory=dict)
    unwatched: float = 0.0
    goes_on: bool = False
    """Whether the phase has not ended since."""
    boot: str = ""
    """When it was last counted: boot, seconds of its clock, time of day."""
    boottime: float = 0.0
    at: str = ""


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
    logs: dict[str, int] = field(default_factory=dict)
    """Where the logs that checks read stood when the walk began, in bytes."""
    phases: dict[str, PhaseState] = field(default_factory=dict)
    steps: dict[str, StepState] = field(default_factory=dict)
    below: dict[str, dict[str, None]] = field(default_factory=dict)
    """Keys by the key they stand under, so that forgetting some does not look at all."""
    ids: Seen = field(default_factory=Seen)
    """The steps that were begun or decided about, by their ids."""
    kept: dict[str, KeptChecking] = field(default_factory=dict)
    """What checks beside the work saw, by the key of the phase."""
    decided: dict[str, bool] = field(default_factory=dict)
    loops: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Loops that were unrolled when they were reached: `keys`, `items`, `batches` by the key of the loop."""
    rounds: dict[str, int] = field(default_factory=dict)
    """The round a repeated group is in, by its key."""
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    """What steps were rendered from, and the larger parts of it, by hash."""
    captured_by: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Captured values by the step that gave them, the latest last."""
    captures: Seen = field(default_factory=Seen)
    """The steps that gave captured values, by the names of those."""
    answers_given: int = 0
    """How often answers changed: what is made of them is made once for each time."""
    facts_read: int = 0
    """How often facts changed."""
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What other sessions prove, by their names."""
    current: str = ""
    undo_scope: str = ""
    undo_keys: list[str] = field(default_factory=list)
    undo_again: list[str] = field(default_factory=list)
    """Loops and rounds that begin anew once the undo is over, because all of their work was taken back."""
    undo_captured: list[str] = field(default_factory=list)
    """Undone steps whose captured values are forgotten once the undo is over."""
    procedures: dict[str, int] = field(default_factory=dict)
    open_procedure: str = ""
    before_procedure: tuple[SessionState, str] = (SessionState.STOPPED, "")
    """Where the session stood when a procedure was called: its word and detail."""
    called_in: dict[str, int] = field(default_factory=dict)
    """The hop each called procedure works in, by the beginning of its keys (`procedure/go-back/1`)."""
    taken_back: str = ""
    """The procedure that took the run back, until it is said from where the run is gone on with."""
    taken_back_hop: int = 0
    closed: str = ""
    """Why it was closed; empty while it is open."""
    ordinals: dict[str, int] = field(default_factory=dict)
    """Position of each thing that was ever run, in the order of first attempts."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Attempts made so far, by key; an undo does not reset them."""
    last_boot: str = ""
    last_boottime: float = 0.0
    last_at: str = ""
    last_pause: float = 0.0
    """Seconds between the last event and the one before it; 0 where the machine was started between them."""
    created_at: str = ""
    outage_began: tuple[str, float] | None = None
    """Boot and boottime of the step that began the outage."""
    outage_seconds: float = 0.0

    def step(self, key: str) -> StepState:
        """The state of a step, made where it has none yet."""
        if key not in self.steps:
            self.steps[key] = StepState(key)
            self.place(key)
        return self.steps[key]

    def place(self, key: str) -> None:
        """Put a key under the one it stands under, and that one too, up to what is there already."""
        while key:
            above = key.rpartition("/")[0]
            there = self.below.setdefault(above, {})
            if key in there:
                return
            there[key] = None
            key = above

    def phase(self, key: str) -> PhaseState:
        """The state of a phase, made where it has none yet."""
        return self.phases.setdefault(key, PhaseState(key))

    def status(self, key: str) -> StepStatus:
        """Where a step stands, without making it."""
        return self.steps[key].status if key in self.steps else StepStatus.WAITING

    def forget(self, above: str) -> None:
        """Let the steps under a key begin anew, undecided; their attempts keep their numbers."""
        for key in self.below.pop(above, ()):
            self.steps.pop(key, None)
            self.ids.drop(key.rpartition("/")[2], key)
            for kept in (self.decided, self.loops, self.rounds):
                kept.pop(key, None)
            self.forget(key)

    @property
    def captured(self) -> dict[str, Any]:
        """Every captured value by its name; of two steps that gave the same name the later one counts."""
        return {name: value for values in self.captured_by.values() for name, value in values.items()}

    def touched(self, key: str) -> bool:
        """Whether this run may have changed the machine by a step and has not taken that back."""
        return key in self.steps and self.steps[key].touched

    def is_passed(self, key: str) -> bool:
        """Whether a point of no return lies behind: its step was begun for real, or holds."""
        step = self.steps.get(key)
        return step is not None and (step.touched or step.status in (StepStatus.DONE, StepStatus.ALREADY_DONE))

    @property
    def finished(self) -> bool:
        """Whether nothing of this session is left to do."""
        return self.word in (SessionState.DONE, SessionState.UNDONE) or bool(self.closed)

    def attempt_id(self, key: str) -> str:
        """The id the next attempt of `key` gets: ordinal of what is run, then the number of the try."""
        ordinal = self.ordinals.get(key, len(self.ordinals) + 1)
        return f"{ordinal:04d}-{self.numbers.get(key, 0) + 1:02d}"
