"""The one port through which the engine asks; every front end implements it.

All methods block until there is a reply. A front end that loses its person (end of file, hang-up)
raises `Gone`; the engine then leaves at once without writing more than it must. A method of an
unattended front end raises the error that ends the run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from wizard.host.protocols import LiveState
from wizard.run.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.checks.model import Finding
    from wizard.host.protocols import Live
    from wizard.plan.model import Plan, PlannedStep
    from wizard.questions.form import Form
    from wizard.run.events import Event
    from wizard.secrets import Secret

__all__ = [
    "HEARD_AFTER", "NOTHING_LEFT", "Back", "Choice", "ChoiceRequest", "Chosen", "ConfirmRequest", "Confirmed",
    "LiveState", "Looked", "Operator", "Pausing", "ProceedRequest", "RecordField", "Room", "SecretRequest", "TickBox",
    "Watching", "Wish",
]  # fmt: skip

HEARD_AFTER: Final = 2.0
"""Seconds that a note was in sight at least before whoever replies then has read it."""


class Wish(StrEnum):
    """What an operator wants while something goes on."""

    STOP = "stop"
    """Stop what runs; the step is then unknown until its `done_when` is asked."""
    LEAVE = "leave"
    """Leave the wizard; the command runs on."""
    GO_ON = "go_on"
    """Do not wait any longer (waits only)."""


@dataclass(frozen=True, slots=True)
class Back:
    """The operator wants the question before this one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go on. `key` is a stable word, `reason` asks for one line of why, `typed` for exact words."""

    key: str
    label: str
    reason: bool = False
    typed: str = ""
    danger: bool = False
    says: tuple[str, ...] = ()
    """What taking it will do, in lines. With any, a person reads them and says yes before it is taken."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice made."""

    key: str
    reason: str = ""


NOTHING_LEFT: Final = Chosen("")
"""The reply to a decision that went away by itself."""


@dataclass(frozen=True, slots=True)
class ProceedRequest:
    """Findings and plan are there: begin, mend, bypass, look again, change answers, or stop."""

    plan: Plan
    findings: tuple[Finding, ...]
    changes: Changes = field(default_factory=Changes)
    """What is different since the decision before this one."""
    may_start: bool = True
    """Whether it may begin now: nothing blocks, or it is a rehearsal, which nothing holds back."""


@dataclass(frozen=True, slots=True)
class ChoiceRequest:
    """A decision; `id` is stable for answers files (`step:migrate`, `failed:migrate`, `unknown:migrate`)."""

    id: str
    title: str
    text: str
    choices: tuple[Choice, ...]
    lines: tuple[str, ...] = ()
    """Evidence: the last error lines of a command, survivors, findings."""
    default: str = ""
    """Proposed key for a person; never taken by itself."""
    over: Callable[[], bool] | None = field(default=None, compare=False, repr=False)
    """Says whether nothing is left to decide; to be asked about once a second, in the engine's thread, while a person
    thinks. The request is then taken back, and the reply is `NOTHING_LEFT`."""


@dataclass(frozen=True, slots=True)
class TickBox:
    """One box that must be ticked."""

    say: str


@dataclass(frozen=True, slots=True)
class Looked:
    """Whether something holds by now, and a line for each of its checks with what was seen."""

    holds: bool
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordField:
    """Something to note down."""

    id: str
    label: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmRequest:
    """A word of the operator: say yes, tick all boxes, type exact words, note things down.

    `id` is the step's id (or `start`, `undo:...`); unattended it is looked up in `confirmations`.
    """

    id: str
    title: str
    say: str
    ticks: tuple[TickBox, ...] = ()
    typed: str = ""
    records: tuple[RecordField, ...] = ()
    danger: bool = False
    shown: tuple[str, ...] = ()
    """Commands that are about to run."""
    where: str = ""
    """Folder, user and variables of these commands, in words."""
    difference: tuple[str, ...] = ()
    """Lines of the change that is about to be made; it was told a moment before (`Difference`)."""
    lines: tuple[str, ...] = ()
    """What to look at before the word is given: the last lines of an output."""
    opens: str = ""
    """An address or path that belongs to it: shown whole, to be copied; nothing opens it by itself."""
    item: int = 0
    """Number of the part of a step it is about (0: no part)."""
    defer: str = ""
    """Why it may be left for after the run; empty where it may not."""
    look: Callable[[], Looked] | None = field(default=None, compare=False, repr=False)
    """Looks whether what is asked for holds by now; to be called in the engine's thread while it waits."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The reply; without `yes` the operator does not want it, or leaves it for after the run (`deferred`: why)."""

    yes: bool
    records: dict[str, str] = field(default_factory=dict)
    deferred: str = ""


@dataclass(frozen=True, slots=True)
class SecretRequest:
    """A secret that is needed again (it was never stored)."""

    id: str
    label: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """The size of a command's terminal from its first byte on: that of the place it will be shown in."""

    rows: int = 24
    columns: int = 80


@dataclass(frozen=True, slots=True)
class Watching:
    """What a front end needs to attend a running command."""

    step: PlannedStep
    shown: str
    terminal: bool
    live: Live
    notice: str = ""
    """Why the engine calls again: a stall, a timeout; empty at first."""
    stalled: Callable[[], str] = lambda: ""
    """Why the command seems stuck, empty where it does not; asked about once a second."""
    takes: float | None = None
    folder: Path | None = None
    """The attempt's folder: what it printed may be read there, by any thread and also after its end."""


@dataclass(frozen=True, slots=True)
class Pausing:
    """What is waited for, what was last seen, and the time."""

    title: str
    seen: str
    waited: float
    usually: float | None = None
    at_most: float | None = None


class Operator(Protocol):
    """A front end."""

    attended: bool
    """Whether a person is there to decide."""

    def tell(self, event: Event) -> None:
        """Show what happened."""

    def fill(self, form: Form, *, again: bool = False) -> None:
        """Let a person fill the form in, from `form.begin()` on until it is complete; StoppedError where they stop.

        With `again` it was complete, and the person wants to change something.
        """

    def proceed(self, request: ProceedRequest) -> Chosen:
        """Decide once findings and plan were shown.

        Keys: `start`, `fix:KEY`, `bypass:KEY` (with a reason), `hold:KEY` (withdraws a bypass), `again`, `answers`,
        `stop`.
        """

    def confirm(self, request: ConfirmRequest) -> Confirmed:
        """Give or refuse a word."""

    def choose(self, request: ChoiceRequest) -> Chosen:
        """Decide; `NOTHING_LEFT` where the request says that there is nothing to decide any more."""

    def secret(self, request: SecretRequest) -> Secret:
        """Give a secret again."""

    def room(self, shown: str, *, terminal: bool) -> Room:
        """Say how much room a command that is about to begin will have.

        `shown` is how it is shown, `terminal` whether it takes typing. A program that draws once (whiptail) looks
        right only where its terminal has that size from the start.
        """

    def attend(self, watching: Watching) -> Wish | None:
        """Show a running command until it ends or stalls (None), or the operator wants something else."""

    def on_key(self, noticed: Callable[[], None]) -> None:
        """Call `noticed` whenever the person gives a sign: whoever asks for the session is refused by it."""

    def meanwhile(self, look: Callable[[], None]) -> None:
        """Call `look` about once a second, in the engine's thread, for as long as a person is waited for to reply.

        It may tell something; what it raises is raised in the place of the reply.
        """

    def asked_to_hand_over(self, who: str, seconds: float) -> None:
        """Show that `who` asks for the session, which a key within `seconds` refuses; empty: nobody asks any more.

        Called in a thread of its own.
        """

    def pause(self, pausing: Pausing, seconds: float) -> Wish | None:
        """Pass the time until the next look (at most `seconds`); a wish where the operator has one."""
