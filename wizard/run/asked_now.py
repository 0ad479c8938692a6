"""What whoever looks on is let know beside the journal: what is told, and that the driver is asked for a word just now.

The latter is a small file beside `driver.lock`. It is a hint and nothing more. It is not flushed, nothing is decided
by it, and it counts only while the lock is held by the driver who wrote it: one that a killed driver left behind says
nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.host import durable
from wizard.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from wizard.checks.model import Finding
    from wizard.host.clock import Clock
    from wizard.plan.model import Plan
    from wizard.questions.form import Form
    from wizard.run.events import Event
    from wizard.run.operator import (
        ChoiceRequest,
        Chosen,
        Confirmed,
        ConfirmRequest,
        Operator,
        Pausing,
        Room,
        SecretRequest,
        Watching,
        Wish,
    )
    from wizard.run.telling import Telling
    from wizard.secrets import Secret

ASKING: Final = "asking.json"
_BEING_WRITTEN: Final = ".asking.json"
_LARGEST: Final = 4096
_LONGEST: Final = 300
"""Characters that are written of an id and of a title: both fit into the largest file."""


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
        holding = durable.open_folder(folder)
        try:
            said = json.loads(durable.read_file(holding, ASKING, _LARGEST))
        finally:
            os.close(holding)
        return AskedNow(
            str(said["kind"]), str(said["id"]), str(said["title"]),
            int(said["epoch"]), str(said["boot"]), float(said["boottime"]),
        )  # fmt: skip
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


class SeenOperator:
    """An operator who leaves in the session's folder what is told, and a hint for as long as a person is asked.

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
        """Ask `inside`; `secrets` are taken out of what the hint says."""
        self._inside = inside
        self._telling = telling
        self._folder = folder
        self._epoch = epoch
        self._clock = clock
        self._secrets = secrets

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
        self._inside.tell(event)

    def fill(self, form: Form, *, again: bool = False) -> None:
        """Let a person fill the form in."""
        with self._asking("fill", "answers", "the questions"):
            self._inside.fill(form, again=again)

    def proceed(self, plan: Plan, findings: tuple[Finding, ...], *, may_start: bool) -> Chosen:
        """Decide once findings and plan were shown."""
        with self._asking("proceed", "start", "findings and plan"):
            return self._inside.proceed(plan, findings, may_start=may_start)

    def confirm(self, request: ConfirmRequest) -> Confirmed:
        """Give or refuse a word."""
        with self._asking("confirm", request.id, request.title):
            return self._inside.confirm(request)

    def choose(self, request: ChoiceRequest) -> Chosen:
        """Decide."""
        with self._asking("choose", request.id, request.title):
            return self._inside.choose(request)

    def secret(self, request: SecretRequest) -> Secret:
        """Give a secret again."""
        with self._asking("secret", request.id, request.label):
            return self._inside.secret(request)

    def room(self, shown: str, *, terminal: bool) -> Room:
        """Say how much room a command will have."""
        return self._inside.room(shown, terminal=terminal)

    def attend(self, watching: Watching) -> Wish | None:
        """Show a running command."""
        return self._inside.attend(watching)

    def on_key(self, noticed: Callable[[], None]) -> None:
        """Call `noticed` whenever the person gives a sign."""
        self._inside.on_key(noticed)

    def asked_to_hand_over(self, who: str, seconds: float) -> None:
        """Show that `who` asks for the session."""
        self._inside.asked_to_hand_over(who, seconds)

    def pause(self, pausing: Pausing, seconds: float) -> Wish | None:
        """Pass the time until the next look."""
        return self._inside.pause(pausing, seconds)

    @contextlib.contextmanager
    def _asking(self, kind: str, name: str, title: str) -> Iterator[None]:
        if not self.attended:
            yield
            return
        self._say(
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
            self._say(None)

    def _say(self, what: dict[str, Any] | None) -> None:
        """Write the hint, or take it away; where that does not work, whoever looks on knows less and no more."""
        with contextlib.suppress(OSError):
            folder = durable.open_folder(self._folder)
            try:
                if what is None:
                    os.unlink(ASKING, dir_fd=folder)
                    return
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
                file = os.open(_BEING_WRITTEN, flags, 0o600, dir_fd=folder)
                try:
                    os.write(file, json.dumps(what, ensure_ascii=False).encode("utf-8", "replace"))
                finally:
                    os.close(file)
                os.rename(_BEING_WRITTEN, ASKING, src_dir_fd=folder, dst_dir_fd=folder)
            finally:
                os.close(folder)
