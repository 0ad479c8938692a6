"""What whoever looks on is let know beside the journal: what is told, what the driver is asked for, or waits for.

The last two are hints (`wizard.run.hint`).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.redaction import redact_text
from wizard.run.events import PhaseBegan, RunEnded, StepBegan, StepEnded
from wizard.run.hint import Hint, read_hint
from wizard.run.operator import NOTHING_LEFT
from wizard.run.waits_now import WaitHint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from wizard.host.clock import Clock
    from wizard.questions.form import Form
    from wizard.run.events import Event
    from wizard.run.operator import (
        ChoiceRequest,
        Chosen,
        Confirmed,
        ConfirmRequest,
        Operator,
        Pausing,
        ProceedRequest,
        Room,
        SecretRequest,
        Watching,
        Wish,
    )
    from wizard.run.telling import Telling
    from wizard.secrets import Secret

T = TypeVar("T")

ASKING: Final = "asking.json"
_LONGEST: Final = 300
"""Characters that are written of an id and of a title: both fit into the largest file."""

_ENDS_A_WAIT: Final = (StepBegan, StepEnded, PhaseBegan, RunEnded)
"""Events after which what was waited for is over."""


@dataclass(frozen=True, slots=True)
class AskedNow:
    """What the driver of an epoch is asked: `kind` (fill, proceed, confirm, choose, secret), its id and its title.

    `boottime` (seconds since boot `boot`) is when it was asked.
    """

    kind: str
    id: str
    title: str
    epoch: int
    boot: str
    boottime: float


def asked_now(folder: Path) -> AskedNow | None:
    """What the hint in a session's folder says; None where there is none that can be read."""
    try:
        said = read_hint(folder, ASKING)
        return AskedNow(
            str(said["kind"]), str(said["id"]), str(said["title"]),
            int(said["epoch"]), str(said["boot"]), float(said["boottime"]),
        )  # fmt: skip
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


class SeenOperator:
    """An operator who leaves in the session's folder what is told, and hints while a person is asked or time passes.

    Everything else, and the replies, are those of the one inside.
    """

    def __init__(
        self,
        inside: Operator,
        folder: Path,
        telling: Telling,
        *,
        epoch: int,
        clock: Clock,
        secrets: Callable[[], Iterable[Secret]],
    ) -> None:
        """Ask `inside`; `secrets` are taken out of what the hints say."""
        self._inside = inside
        self._telling = telling
        self._asks = Hint(folder, ASKING)
        self._waits = WaitHint(folder, epoch=epoch, clock=clock, secrets=secrets)
        self._epoch = epoch
        self._clock = clock
        self._secrets = secrets
        self._replied: Callable[[], None] = lambda: None

    def on_reply(self, replied: Callable[[], None]) -> None:
        """Call `replied` for every reply of a person but those to the form, where one is given after the other."""
        self._replied = replied

    @property
    def attended(self) -> bool:
        """Whether a person is there to decide."""
        return self._inside.attended

    @attended.setter
    def attended(self, attended: bool) -> None:
        self._inside.attended = attended

    def tell(self, event: Event) -> None:
        """Show what happened; a front end that reads the folder finds it there by then."""
        self._telling.note(event)
        if isinstance(event, _ENDS_A_WAIT):
            self._waits.ended()
        self._inside.tell(event)

    def fill(self, form: Form, *, again: bool = False) -> None:
        """Let a person fill the form in."""
        with self._asking("fill", "answers", "the questions"):
            self._inside.fill(form, again=again)

    def proceed(self, request: ProceedRequest) -> Chosen:
        """Decide once findings and plan were shown."""
        with self._asking("proceed", "start", "findings and plan"):
            chosen = self._inside.proceed(request)
        return self._heard(chosen)

    def confirm(self, request: ConfirmRequest) -> Confirmed:
        """Give or refuse a word."""
        with self._asking("confirm", request.id, request.title):
            confirmed = self._inside.confirm(request)
        return self._heard(confirmed)

    def choose(self, request: ChoiceRequest) -> Chosen:
        """Decide."""
        with self._asking("choose", request.id, request.title):
            chosen = self._inside.choose(request)
        return chosen if chosen == NOTHING_LEFT else self._heard(chosen)

    def secret(self, request: SecretRequest) -> Secret:
        """Give a secret again."""
        with self._asking("secret", request.id, request.label):
            secret = self._inside.secret(request)
        return self._heard(secret)

    def room(self, shown: str, *, terminal: bool) -> Room:
        """Say how much room a command will have."""
        return self._inside.room(shown, terminal=terminal)

    def attend(self, watching: Watching) -> Wish | None:
        """Show a running command."""
        self._waits.ended()
        return self._inside.attend(watching)

    def on_key(self, noticed: Callable[[], None]) -> None:
        """Call `noticed` whenever the person gives a sign."""
        self._inside.on_key(noticed)

    def meanwhile(self, look: Callable[[], None]) -> None:
        """Call `look` again and again while a reply is waited for."""
        self._inside.meanwhile(look)

    def asked_to_hand_over(self, who: str, seconds: float) -> None:
        """Show that `who` asks for the session."""
        self._inside.asked_to_hand_over(who, seconds)

    def pause(self, pausing: Pausing, seconds: float) -> Wish | None:
        """Pass the time until the next look."""
        self._waits.waits(pausing)
        return self._inside.pause(pausing, seconds)

    def _heard(self, reply: T) -> T:
        """Note that a person replied; an answers file has nothing before its eyes."""
        if self.attended:
            self._replied()
        return reply

    @contextlib.contextmanager
    def _asking(self, kind: str, name: str, title: str) -> Iterator[None]:
        self._waits.ended()
        if not self.attended:
            yield
            return
        self._asks.say(
            {
                "kind": kind,
                "id": name[:_LONGEST],
                "title": redact_text(title, self._secrets())[:_LONGEST],
                "epoch": self._epoch,
                "boot": self._clock.boot(),
                "boottime": round(self._clock.boottime(), 3),
            }
        )
        try:
            yield
        finally:
            self._asks.take_back()
