"""What everything in a run shares: the session, its journal and state, the machine, the front end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from wizard.errors import ExitCode, JournalFullError, WizardError
from wizard.facts.foreign import secrets_in
from wizard.redaction import redact_values
from wizard.run.folding import apply
from wizard.run.records import INBOX_EVENTS, Record
from wizard.run.session_state import SessionState
from wizard.run.snapshots import Memory
from wizard.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wizard.guide.loader import LoadedGuide
    from wizard.host.protocols import Machine
    from wizard.plan.model import Plan
    from wizard.run.chain import Entry
    from wizard.run.effects import Effects
    from wizard.run.operator import Operator
    from wizard.run.session import Session
    from wizard.run.state import State
    from wizard.secrets import Secret


DRIVER_EVENTS = frozenset({"driver-took", "tail-cut", "chain-accepted", "handed-over"}) | INBOX_EVENTS
"""Events a driver writes on coming and going, and of what others left."""

_IDENTITIES = frozenset(
    {"key", "keys", "batches", "id", "scope", "attempt", "sha256", "parts", "spec_sha256", "target", "copy"}
    | {"before", "after", "state", "again", "unrolled", "start", "phases"}
)
"""What events name things by. No text with a secret in it can be any of them, and one that only looks like a
password somewhere else must stay as it is: a resume finds steps and files by it."""


_OPEN: dict[str, frozenset[str]] = {
    Record.ANSWER_GIVEN: frozenset({"value"}),
    Record.LOOP_UNROLLED: frozenset({"name", "left_out"}),
}
"""What else is written as it is, by the kind of event."""


class Leave(Exception):  # noqa: N818 - leaving is no error by itself
    """The walk is left. `sets_back` says whether what is owed is done on the way out."""

    def __init__(self, state: SessionState, reason: str, exit_code: ExitCode, *, sets_back: bool = True) -> None:
        """Keep the state the session is left in, and why."""
        super().__init__(reason)
        self.state = state
        self.reason = reason
        self.exit_code = exit_code
        self.sets_back = sets_back


class EventSink(Protocol):
    """What events are written into: the journal, or the memory of a preview."""

    entries: tuple[Entry, ...]

    def append(self, kind: str, data: Mapping[str, Any]) -> Entry:
        """Write one event."""


class Beside(Protocol):
    """What goes on beside the walk while it is busy with something else; asked from the driver's own thread."""

    def has_news(self) -> bool:
        """Whether something happened that nobody was told yet; asked about once a second."""

    def tell_news(self) -> None:
        """Journal it and tell the operator."""

    def tell_meanwhile(self) -> None:
        """Tell a person who is asked something else; the journal waits for their reply."""


class NothingBeside:
    """Nothing goes on beside."""

    def has_news(self) -> bool:
        """There is none."""
        return False

    def tell_news(self) -> None:
        """There is nothing to tell."""

    def tell_meanwhile(self) -> None:
        """There is nothing to tell."""


class Secrets:
    """The secrets known to this driver: given answers, and values made of them."""

    def __init__(self) -> None:
        """Know none."""
        self._answers: dict[str, Secret] = {}
        self._others: set[Secret] = set()
        self._read: dict[tuple[str, ...], Any] = {}
        self.learned = 0
        """How often an answer was put in or a fact kept: what is made of them is made once for each time."""

    def put(self, question: str, secret: Secret) -> None:
        """Know the answer to a question."""
        self._answers[question] = secret
        self.learned += 1

    def get(self, question: str) -> Secret | None:
        """Give the answer to a question where it is known."""
        return self._answers.get(question)

    def add(self, secret: Secret) -> None:
        """Know a value that is no answer (made of one, or found in a file of settings)."""
        self._others.add(secret)

    def keep(self, name: tuple[str, ...], value: Any) -> None:
        """Keep what was read in this process as it is: the journal may hold parts of it only as a mask.

        `name` is `("facts", ID)`, `("captured", KEY OF THE STEP, NAME)` or `("answers", ID)` for a table.
        """
        self._read[name] = value
        self.learned += name[0] in ("facts", "answers")

    def kept(self, name: tuple[str, ...]) -> Any:
        """Give what was read in this process under that name; None where nothing was."""
        return self._read.get(name)

    def all(self) -> tuple[Secret, ...]:
        """Every value that must be redacted, longest first."""
        known = {*self._answers.values(), *self._others}
        return tuple(sorted((one for one in known if one.reveal()), key=lambda one: -len(one.reveal())))


class Recorder:
    """Writes events: masks and redacts them, appends them to the journal, folds them into the state."""

    def __init__(self, journal: EventSink, state: State, secrets: Secrets) -> None:
        """Write into `journal`, keep `state` current."""
        self._journal = journal
        self._secrets = secrets
        self.state = state
        self.boot_before = next(
            (entry.boot for entry in reversed(journal.entries) if entry.kind not in DRIVER_EVENTS), ""
        )
        """The boot in which the session was worked on last, before this driver came."""

    def record(self, kind: str, **data: Any) -> Entry:
        """Write one event durably; only then it counts."""
        # An answer that is no secret was given, shown and kept openly; a resume goes on with it.
        # The names and the keys of a loop are what a resume finds its steps by.
        open_names = _IDENTITIES | _OPEN.get(kind, frozenset())
        known = self._secrets.all()
        written = {
            name: value if name in open_names else redact_values(value, known) for name, value in masked(data).items()
        }
        entry = self._journal.append(kind, written)
        self._keep(kind, data)
        apply(self.state, entry)
        return entry

    def _keep(self, kind: str, data: Mapping[str, Any]) -> None:
        """Keep in memory what was read: from the journal its masked parts cannot be had again."""
        if kind == Record.FACT_READ:
            self._secrets.keep(("facts", data["id"]), data["value"])
        elif kind == Record.CAPTURED:
            for name, value in data["values"].items():
                self._secrets.keep(("captured", data["key"], name), value)
        elif kind == Record.ANSWER_GIVEN and data.get("masked"):
            self._secrets.keep(("answers", data["id"]), data["value"])
            for secret in secrets_in(data["value"]):
                self._secrets.add(secret)


@dataclass(slots=True)
class Run:
    """One driver at work on one session."""

    session: Session
    recorder: Recorder
    loaded: LoadedGuide
    machine: Machine
    operator: Operator
    effects: Effects
    secrets: Secrets
    plan: Plan | None = None
    epoch: int = 1
    alone_only: bool = False
    """Whether it goes on only through phases and steps that need nobody, because the front end was lost."""
    repeated: set[str] = field(default_factory=set)
    """Steps this driver has repeated by itself."""
    beside: Beside = field(default_factory=NothingBeside)
    """What goes on beside the walk; whoever lets time pass lets it tell its news."""
    memory: Memory = field(default_factory=Memory)
    """What was worked out of large values."""
    make_bundle: Callable[[], str] | None = None
    """Makes a bundle of the session for support and says where it is; WizardError where it cannot be made."""
    take_messages: Callable[[], object] = lambda: None
    """Folds what watchers left in the inbox into the journal; called between steps, and while time passes."""
    tell_unheard: Callable[[], None] = lambda: None
    """Tells again what watchers left for an earlier driver and nobody heard as far as the journal says."""
    has_messages: Callable[[], bool] = lambda: False
    """Whether something lies there that can be folded; asked about once a second while somebody or something is waited
    for."""

    @property
    def state(self) -> State:
        """The folded journal."""
        return self.recorder.state

    @property
    def folder(self) -> Path:
        """The session's folder."""
        return self.session.folder

    def record(self, kind: str, **data: Any) -> None:
        """Write one event durably."""
        self.recorder.record(kind, **data)

    def heed_messages(self) -> None:
        """Take in what watchers left by now, in the middle of a wait for somebody or something."""
        if self.has_messages():
            self.take_messages()

    def look_around(self) -> None:
        """While a person is asked: take in what watchers left, and tell what happened beside the walk."""
        self.heed_messages()
        self.beside.tell_meanwhile()


def left_by(error: WizardError) -> Leave:
    """What an error of an unattended front end makes of the walk."""
    states = {
        ExitCode.STEP_FAILED: SessionState.FAILED,
        ExitCode.OUTCOME_UNKNOWN: SessionState.UNKNOWN,
    }
    state = states.get(error.exit_code, SessionState.STOPPED)
    # Without room for the journal nothing can be announced, so nothing is begun on the way out either.
    sets_back = state is not SessionState.UNKNOWN and not isinstance(error, JournalFullError)
    return Leave(state, str(error), error.exit_code, sets_back=sets_back)
