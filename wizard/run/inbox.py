"""Notes and requests of watchers: small files renamed into `inbox/`, which the driver folds into the journal.

What lies there is foreign: it is read without following links, in bounded size, and what is not a message of
the session's owner is noted in the journal and put away.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import stat
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError, UsageError
from wizard.host import durable
from wizard.host.clock import utc_text
from wizard.run.events import Noted
from wizard.run.records import FOLDED, IGNORED
from wizard.run.session import INBOX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.host.clock import Clock
    from wizard.host.identity import Who
    from wizard.run.journal import Entry
    from wizard.run.session import Session

LARGEST: Final = 4096
_AT_ONCE: Final = 50
_NAME: Final = re.compile(r"[0-9]{8}T[0-9]{9}-[0-9]{1,10}-[0-9a-f]{8}\.json")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Message(StrEnum):
    """What a watcher may send."""

    NOTE = "note"
    REQUEST = "request"


def send(session: Session, message: Message, text: str, who: Who, clock: Clock) -> str:
    """Leave a message for the driver and give its name; control characters of `text` become blanks.

    UsageError where it is empty or larger than a message may be, HostError where it cannot be written.
    """
    clean = _CONTROL.sub(" ", text).strip()
    if not clean:
        raise UsageError("a message needs words")
    now = clock.now()
    content = json.dumps(
        {"message": message.value, "text": clean, "who": who.as_json(), "sent": utc_text(now)}, ensure_ascii=False
    ).encode()
    if len(content) > LARGEST:
        raise UsageError(
            f"the message takes {len(content)} bytes, and {LARGEST} is the most", hint="Say it in fewer words."
        )
    name = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}-{os.getpid()}-{secrets.token_hex(4)}.json"
    try:
        inbox = _open(session)
        try:
            durable.replace_file(inbox, name, content)
        finally:
            os.close(inbox)
    except OSError as error:
        raise HostError(f"the message could not be left in {session.inbox}: {error.strerror}") from None
    return name


class Inbox:
    """The driver's side. Every message is journalled once, also where the driver dies in between."""

    def __init__(
        self,
        session: Session,
        entries: Iterable[Entry],
        record: Callable[[str, dict[str, Any]], Entry],
        show: Callable[[Entry], object] = lambda _: None,
    ) -> None:
        """Fold into the journal by `record(kind, data)`; `entries` are those that stand there already.

        `show` is called with the event of each message that stands there from then on.
        """
        self._session = session
        self._record = record
        self._show = show
        self._known = {str(entry.data.get("name")) for entry in entries if entry.kind in (FOLDED, IGNORED)}
        self._stuck: set[str] = set()

    def fold(self) -> int:
        """Journal and remove what lies there, oldest first, a bounded number at a time; give how many messages came.

        HostError where the inbox cannot be read; everything `record` and `show` raise.
        """
        try:
            names = self._waiting()[:_AT_ONCE]
            inbox = _open(self._session)
        except OSError as error:
            raise HostError(f"{self._session.inbox} cannot be read: {error.strerror}") from None
        try:
            return sum(self._fold_one(inbox, name) for name in names)
        finally:
            os.close(inbox)

    def waits(self) -> bool:
        """Whether something lies there to be folded; not where that cannot be seen, which `fold` says."""
        try:
            return bool(self._waiting())
        except OSError:
            return False

    def _waiting(self) -> list[str]:
        inbox = _open(self._session)
        try:
            with os.scandir(inbox) as found:
                # A name with a dot in front is still being written.
                return sorted({entry.name for entry in found if not entry.name.startswith(".")} - self._stuck)
        finally:
            os.close(inbox)

    def _fold_one(self, inbox: int, name: str) -> bool:
        shown = name[:100].encode("utf-8", "backslashreplace").decode()
        message, why = _read(inbox, name)
        is_new = shown not in self._known
        if is_new:
            # Journalled first: a message is then at worst found again under a name that is known.
            kind, data = (FOLDED, message) if message is not None else (IGNORED, {"why": why})
            entry = self._record(kind, {"name": shown, **data})
            self._known.add(shown)
            if message is not None:
                self._show(entry)
        try:
            os.unlink(name, dir_fd=inbox)
        except OSError:
            # A folder, or a file that must not be removed: left where it is and not looked at again.
            self._stuck.add(name)
        return is_new and message is not None


def note_of(entry: Entry) -> Noted:
    """What the driver is shown of a message, as it stands in the journal: without secrets."""
    who = entry.data.get("who")
    user = str(who.get("user", "")) if isinstance(who, dict) else ""
    return Noted(str(entry.data.get("text", "")), user, str(entry.data.get("sent", "")))


def _open(session: Session) -> int:
    folder = durable.open_folder(session.folder)
    try:
        return durable.open_folder(INBOX, at=folder)
    finally:
        os.close(folder)


def _read(inbox: int, name: str) -> tuple[dict[str, Any] | None, str]:
    """Give the message in a file, or why it is none."""
    if not _NAME.fullmatch(name):
        return None, "its name is not one a watcher gives"
    try:
        file = durable.open_file(inbox, name)
    except OSError as error:
        # With O_NOFOLLOW a link gives ELOOP, which would read as "too many levels of links".
        return None, "it is a link" if error.errno == errno.ELOOP else f"it cannot be opened ({error.strerror})"
    try:
        status = os.fstat(file)
        if status.st_uid != os.geteuid():
            return None, f"it belongs to user {status.st_uid}"
        if status.st_nlink != 1 or stat.S_IMODE(status.st_mode) & 0o022:
            return None, "others can change it"
        content = os.read(file, LARGEST + 1)
    except OSError as error:
        return None, f"it cannot be read ({error.strerror})"
    finally:
        os.close(file)
    if len(content) > LARGEST:
        return None, f"it is larger than {LARGEST} bytes"
    return _parse(content)


def _parse(content: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return None, "it is not JSON"
    kinds = [message.value for message in Message]
    if not isinstance(said, dict) or said.get("message") not in kinds or not isinstance(said.get("text"), str):
        return None, "it is neither a note nor a request"
    who = said.get("who")
    sent = said.get("sent")
    return {
        "message": said["message"],
        "text": _CONTROL.sub(" ", said["text"]),
        "who": {key: _plain(who.get(key)) for key in ("user", "from", "terminal")} if isinstance(who, dict) else {},
        "sent": _plain(sent),
    }, ""


def _plain(value: Any) -> str:
    return _CONTROL.sub(" ", value)[:200] if isinstance(value, str) else ""
