"""What there is to see of a session at one moment: plain values, made from its folder by `wizard.run.following`."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.plan.model import Plan, PlannedHop, PlannedPhase, PlannedStep
    from wizard.run.events import CheckAsked, Difference, LogNews, Owed, Said, Sample

    ToldEvent = Said | CheckAsked | Difference | Owed


@dataclass(frozen=True, slots=True)
class StepSeen:
    """What became of one step. `seconds` is what its work took, `tries` how often its command was started."""

    key: str
    status: StepStatus
    detail: str = ""
    seconds: float = 0.0
    tries: int = 0
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class AttemptSeen:
    """One start of a command; `key` is what it was started for (`undo/…`, `preview/…` too).

    `how` says in words how it ended, empty while it has not; `seconds` is what it took, None where that is not known.
    `began` is when (boottime in seconds) where that was since the machine was started.
    """

    id: str
    key: str
    shown: str
    at: str
    began: float | None = None
    how: str = ""
    seconds: float | None = None

    @property
    def open(self) -> bool:
        """Whether no end of it is journalled."""
        return not self.how


@dataclass(frozen=True, slots=True)
class OutageSeen:
    """How long the service was away; `began` (boottime in seconds) is when it went, None where it is there.

    `before` are the seconds of earlier outages of the same run.
    """

    began: float | None = None
    before: float = 0.0

    def seconds(self, boottime: float) -> float:
        """Seconds altogether, at that time."""
        return self.before + (max(0.0, boottime - self.began) if self.began is not None else 0.0)


@dataclass(frozen=True, slots=True)
class DriverSeen:
    """Who drives: in words (`ada on pts/3 (pid 4711)`), and the process."""

    words: str
    pid: int
    epoch: int


@dataclass(frozen=True, slots=True)
class AskingSeen:
    """What the driver is asked just now, since when (boottime in seconds)."""

    kind: str
    title: str
    since: float


@dataclass(frozen=True, slots=True)
class WaitingSeen:
    """What the driver waits for just now, what was last seen of it, and since when (boottime in seconds).

    `usually` and `at_most` are the seconds it takes and may take.
    """

    title: str
    seen: str
    since: float
    usually: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class RunningSeen:
    """The step that is at work: its address, the attempt it runs (empty: none), since when (boottime in seconds).

    `takes` are the seconds it usually takes. `notice` says what is odd about it: it takes longer than usual, is
    silent for too long, or repeats itself; empty where nothing is.
    """

    key: str
    attempt: str
    since: float
    takes: float | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something that happened, in words; `seq` is that of its event, `at` the time of day (UTC).

    `key` is the address of the step it is about, `ends` whether that ended by it.
    """

    seq: int
    at: str
    text: str
    key: str = ""
    ends: bool = False


@dataclass(frozen=True, slots=True)
class ToldSeen:
    """Something the driver of `epoch` was told that is no event: the `number`-th thing, at a time of day (UTC).

    It came behind the event `after` of the journal. `key` is the address of the step it was told for, empty where
    the driver had come to none.
    """

    epoch: int
    number: int
    after: int
    at: str
    key: str
    event: ToldEvent


@dataclass(frozen=True, slots=True)
class LookSeen:
    """What a monitor (the step at `key`) saw at one look, after `watched` of `at_most` seconds."""

    epoch: int
    number: int
    key: str
    samples: tuple[Sample, ...]
    logs: tuple[LogNews, ...]
    watched: float
    at_most: float


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """An item of a loop: its key, the number of its batch, and where it stands.

    `step` is the title of the step it is at, or failed at; `left_out` why nothing is done for it.
    """

    key: str
    batch: int
    status: StepStatus
    step: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class LoopSeen:
    """A loop with its items in the order they are worked on, then those that are left out."""

    key: str
    code: str
    title: str
    batches: int
    batch: int
    """The batch that is worked on, or was last; 0 before the first."""
    items: tuple[ItemSeen, ...]
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as it is now. `statuses` holds steps something is known about, by their addresses."""

    session: str
    name: str = ""
    guide: str = ""
    rehearsal: bool = False
    word: SessionState = SessionState.ASKING
    words: str = ""
    """The state for people."""
    detail: str = ""
    plan: Plan | None = None
    aside: tuple[PlannedStep, ...] = ()
    """Steps that stand in no plan and that something became of: of an undo, and of called procedures."""
    now: str = ""
    """Address of the step the run stands at; it may be one of an undo, or of a procedure."""
    place: str = ""
    """Where that stands in loops and rounds (`item 3 of 12, batch 2 of 4`)."""
    hop: PlannedHop | None = None
    hops: int = 0
    phase: PlannedPhase | None = None
    undoing: str = ""
    """What is being undone, in words; empty where nothing is."""
    procedure: str = ""
    """The title of the procedure that is being walked."""
    statuses: Mapping[str, StepSeen] = field(default_factory=lambda: MappingProxyType({}))
    way_back: str = ""
    way_back_in_short: str = ""
    """The same with the codes of steps alone."""
    outage: OutageSeen = OutageSeen()
    attempts: Mapping[str, AttemptSeen] = field(default_factory=lambda: MappingProxyType({}))
    """Every start of a command by its id, in the order they were."""
    last_attempts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The id of the last start of a command for each step, by the address of the step; the newest is the last."""
    newest: AttemptSeen | None = None
    """The last start of a command."""
    background: tuple[tuple[str, str, str], ...] = ()
    """What runs beside the walk: address, code, title."""
    ended_untold: frozenset[str] = frozenset()
    """Addresses of steps whose command has ended by now, although nobody has decided about it yet."""
    running: RunningSeen | None = None
    driver: DriverSeen | None = None
    asking: AskingSeen | None = None
    waiting: WaitingSeen | None = None
    owed: tuple[tuple[str, str], ...] = ()
    by_hand: tuple[tuple[str, str], ...] = ()
    away: tuple[tuple[str, str, str], ...] = ()
    procedures: tuple[tuple[str, str], ...] = ()
    bypassed: tuple[tuple[str, str], ...] = ()
    notes: tuple[LogLine, ...] = ()
    """What watchers noted."""
    log: tuple[LogLine, ...] = ()
    """What happened last, oldest first."""
    told: tuple[ToldSeen, ...] = ()
    """What the driver was told last beside it, oldest first."""
    written: str = ""
    """When the journal was written last (UTC)."""
    next: tuple[str, ...] = ()
    closed: str = ""
    damaged: str = ""
    boot: str = ""

    def status(self, key: str) -> StepStatus:
        """Where a step stands."""
        seen = self.statuses.get(key)
        return seen.status if seen is not None else StepStatus.WAITING
