"""What the engine tells a front end while it works; past-tense facts, frozen.

These are for eyes. What must survive is in the journal, which front ends never write.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.checks.model import Finding
    from wizard.facts.model import FactReading
    from wizard.plan.model import Plan, PlannedHop, PlannedPhase, PlannedStep
    from wizard.questions.model import Answer


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A session was made or opened; `resumed` says which."""

    session: str
    """What the session is found by: its id, or its folder where that is kept elsewhere."""
    guide_title: str
    resumed: bool
    glossary: Mapping[str, str] = field(default_factory=dict)
    """Words the guide explains."""
    rehearsal: bool = False
    """Whether nothing is really done in it."""


@dataclass(frozen=True, slots=True)
class FactRead:
    """A fact was read."""

    reading: FactReading


@dataclass(frozen=True, slots=True)
class AnswerTaken:
    """An answer was taken without asking (answers file)."""

    answer: Answer
    label: str


@dataclass(frozen=True, slots=True)
class ChecksBegan:
    """The guide's checks are about to be asked: their keys and titles, in the order of the guide."""

    checks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CheckBegan:
    """One of these checks is asked now; several are at the same time."""

    key: str


@dataclass(frozen=True, slots=True)
class FindingCame:
    """One of the checks that are asked now gave its finding."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class ChecksEnded:
    """All checks were asked; findings in the order of the guide. `bypassed` maps key to reason."""

    findings: tuple[Finding, ...]
    bypassed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlanMade:
    """The plan was made; `boxes` are the guide's notes (kind, title, text)."""

    plan: Plan
    boxes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlanGrew:
    """The plan has more steps than before: a loop was unrolled, or a round begun."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class WalkBegan:
    """The walk begins, or is gone on with, along this plan."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class HopBegan:
    """A hop was entered, or come back to; `hops` is how many there are."""

    hop: PlannedHop
    hops: int
    rehearsed: bool = False


@dataclass(frozen=True, slots=True)
class PhaseBegan:
    """A phase was entered."""

    phase: PlannedPhase
    can_go_back: str
    boxes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StepBegan:
    """A step was entered; texts are rendered."""

    step: PlannedStep
    title: str
    why: str
    commands: tuple[str, ...]
    boxes: tuple[tuple[str, str, str], ...] = ()
    undoing: bool = False
    progress: str = ""
    """Where it stands in the loops and rounds around it (`item 3 of 12, batch 2 of 4`); empty outside of any."""
    where: str = ""
    """Folder, user and variables of its commands, in words; empty where the guide says nothing of them."""
    rehearsed: bool = False
    """Whether its commands are only shown."""


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step was left; `status` is a StepStatus word, `detail` one line of why."""

    step: PlannedStep
    status: str
    detail: str = ""
    undoing: bool = False
    rehearsed: bool = False
    """Whether nothing was really done."""


@dataclass(frozen=True, slots=True)
class CommandStarted:
    """An attempt was started (or attached to)."""

    step: PlannedStep
    attempt: str
    shown: str
    attached: bool = False
    rehearsed: bool = False
    """Whether it is only shown."""


@dataclass(frozen=True, slots=True)
class CommandEnded:
    """An attempt ended; `detail` says how in words."""

    attempt: str
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the guide or the engine that need no reply; `kind` is note, warning or danger."""

    text: str
    kind: str = "note"
    at_once: bool = False
    """Whether it is said while a person is asked something else: kept in sight, as a note, until they replied."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A watcher's note was taken into the journal; `who` sent it, `sent` is when (UTC)."""

    text: str
    who: str = ""
    sent: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A change of a file, as unified diff lines with secrets masked; before it is made."""

    file: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckAsked:
    """A check inside a step was asked; where that was `rehearsed`, of a machine on which nothing was done."""

    finding: Finding
    rehearsed: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """What one limit of a monitor showed at one look; `amount` is the number in it, None where there is none."""

    key: str
    title: str
    seen: str
    passed: bool
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class LogNews:
    """What came into a log since the look before: its last lines, how many came, and how many tell of an error."""

    path: str
    lines: tuple[str, ...]
    count: int
    errors: int


@dataclass(frozen=True, slots=True)
class Monitored:
    """A monitor looked once more: its limits, its logs (those without news as well), and the seconds."""

    step: PlannedStep
    samples: tuple[Sample, ...]
    logs: tuple[LogNews, ...]
    watched: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Owed:
    """What is still owed: temporary settings, `finally` steps (code, title)."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The walk was left; `state` is a session state word, `next` what the operator can do.

    `by_hand` is what was left to be done by hand (code, what and why), `away` what other people have
    (code, to whom, the file with the text for them).
    """

    state: str
    detail: str
    next: tuple[str, ...]
    by_hand: tuple[tuple[str, str], ...] = ()
    away: tuple[tuple[str, str, str], ...] = ()
    procedures: tuple[tuple[str, str], ...] = ()
    """Those that can be called: name and title."""
    rehearsed: bool = False
    """Whether nothing was really done."""


Event = (
    SessionOpened
    | FactRead
    | AnswerTaken
    | ChecksBegan
    | CheckBegan
    | FindingCame
    | ChecksEnded
    | PlanMade
    | PlanGrew
    | WalkBegan
    | HopBegan
    | PhaseBegan
    | StepBegan
    | StepEnded
    | CommandStarted
    | CommandEnded
    | Said
    | Noted
    | Difference
    | CheckAsked
    | Monitored
    | Owed
    | RunEnded
)
