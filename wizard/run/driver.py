"""The one driver of a session: its lock, its epoch, its journal.

`driver.lock` is never unlinked. The kernel frees it when the driver dies; what it says is for people and for a
take-over, and means something only while it is held.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from wizard.errors import DrivenError, HostError, SessionBusyError, SessionError
from wizard.host import durable
from wizard.host.identity import Who
from wizard.host.locks import HeldLock, LockTakenError, is_held
from wizard.run.journal import LOCK, Journal, open_session_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.host.clock import Clock
    from wizard.run.journal import Entry
    from wizard.run.session import Session

DRIVER_TOOK: Final = "driver-took"
"""Data: who (see `Who.as_json`), `epoch`, `how` (`free`, `asked`, `killed`) and, where one was killed, `killed`."""
HANDED_OVER: Final = "handed-over"
"""Data: `heir` (a `Who`) and the `epoch` that ends."""

HEIR_SECONDS: Final = 10.0
"""How long nobody but the heir may take a session that was handed over."""
_ASKERS_SECONDS: Final = 0.5
"""How long a held lock is tried again: somebody who only asks whether it is held holds it for microseconds."""


@dataclass(frozen=True, slots=True)
class Driving:
    """That somebody drives: `who` is None where the lock does not say it (yet) in a form that can be read."""

    who: Who | None
    epoch: int

    def __str__(self) -> str:
        """Name the driver."""
        return str(self.who) if self.who is not None else "somebody"


class Driver:
    """The right to drive one session, held until `release()`, `hand_over()` or death."""

    def __init__(self, session: Session, who: Who, lock: HeldLock, journal: Journal, epoch: int) -> None:
        """Use `take()`."""
        self.session = session
        self.who = who
        self.journal = journal
        self.epoch = epoch
        self._lock = lock

    @classmethod
    def take(
        cls,
        session: Session,
        who: Who,
        clock: Clock,
        *,
        accept_broken: str = "",
        how: str = "free",
        killed: Who | None = None,
    ) -> Self:
        """Take the lock, open the journal, and journal that with the next epoch.

        SessionBusyError, saying who drives, where somebody does; JournalError where the journal is damaged and
        `accept_broken` gives no reason to go on; SessionError where the session must not be driven from here.
        """
        session.must_be_ours()
        lock = _lock(session)
        try:
            _say(lock, who, 0)
            journal = Journal.open(session.folder, lock, clock, accept_broken=accept_broken)
            try:
                _must_not_wait_for_heir(session, journal.entries, who, clock)
                epoch = last_epoch(journal.entries) + 1
                took: dict[str, Any] = {**who.as_json(), "epoch": epoch, "how": how}
                if killed is not None:
                    took["killed"] = killed.as_json()
                journal.entries = (*journal.entries, journal.append(DRIVER_TOOK, took))
                _say(lock, who, epoch)
            except BaseException:
                journal.close()
                raise
        except OSError as error:
            lock.release()
            raise HostError(f"the lock of session {session.id} cannot be used: {error.strerror}") from None
        except BaseException:
            lock.release()
            raise
        return cls(session, who, lock, journal, epoch)

    @property
    def held(self) -> bool:
        """Whether this process still drives."""
        return self._lock.held

    def hand_over(self, heir: Who) -> None:
        """Journal that `heir` shall drive and let go; for ten seconds nobody else may take the session."""
        self.journal.append(HANDED_OVER, {"heir": heir.as_json(), "epoch": self.epoch})
        self.release()

    def release(self) -> None:
        """Let go of journal and lock; again does nothing."""
        self.journal.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def driving(session: Session) -> Driving | None:
    """Who drives a session now; None where nobody does. Takes nothing and changes nothing."""
    try:
        file = _open_lock(session, os.O_RDONLY)
    except OSError as error:
        raise _no_lock(session, error) from None
    try:
        if not is_held(file):
            return None
        return _said(file)
    finally:
        os.close(file)


def last_epoch(entries: Sequence[Entry]) -> int:
    """The highest epoch that was ever taken; 0 where nobody drove yet."""
    return max((_number(entry.data.get("epoch")) for entry in entries if entry.kind == DRIVER_TOOK), default=0)


def _lock(session: Session) -> HeldLock:
    """Take the lock. SessionBusyError where it is held."""
    ends = time.monotonic() + _ASKERS_SECONDS
    while True:
        try:
            file = _open_lock(session, os.O_RDWR)
            said = _said(file)
            lock = HeldLock(file)
        except LockTakenError:
            if time.monotonic() < ends:
                time.sleep(0.02)
                continue
            raise DrivenError(
                f"session {session.id} is driven by {said}",
                session=str(session.folder),
                hint=f"`wizard watch {session.id}` looks on without touching anything.",
            ) from None
        except OSError as error:
            raise _no_lock(session, error) from None
        if _is_in_place(session, lock):
            return lock
        lock.release()
        raise SessionError(
            f"{LOCK} of session {session.id} was replaced while it was taken",
            hint="No wizard does that. See who changes files in the session's folder.",
        )


def _open_lock(session: Session, flags: int) -> int:
    folder = open_session_folder(session.folder)
    try:
        return durable.open_file(folder, LOCK, flags)
    finally:
        os.close(folder)


def _is_in_place(session: Session, lock: HeldLock) -> bool:
    """Whether the file that is locked is still the one with the name: else two could each hold a lock."""
    folder = open_session_folder(session.folder)
    try:
        return os.path.samestat(os.stat(LOCK, dir_fd=folder, follow_symlinks=False), os.fstat(lock.fileno()))
    except FileNotFoundError:
        return False
    finally:
        os.close(folder)


def _say(lock: HeldLock, who: Who, epoch: int) -> None:
    """Write into the lock who holds it. Not flushed: after a reboot nobody does."""
    text = json.dumps({**who.as_json(), "epoch": epoch}).encode("ascii") + b"\n"
    os.pwrite(lock.fileno(), text, 0)
    os.ftruncate(lock.fileno(), len(text))


def _said(file: int) -> Driving:
    """Read who holds a lock. It is written in place, so half a text is possible and says nothing."""
    try:
        data = json.loads(os.pread(file, 4096, 0))
    except (ValueError, RecursionError):
        return Driving(None, 0)
    return Driving(Who.from_json(data), _number(data.get("epoch")) if isinstance(data, dict) else 0)


def _number(value: Any) -> int:
    return value if type(value) is int else 0


def _must_not_wait_for_heir(session: Session, entries: Sequence[Entry], who: Who, clock: Clock) -> None:
    """Leave a session that was just handed over to its heir. SessionBusyError for anybody else."""
    last = next((entry for entry in reversed(entries) if entry.kind in (HANDED_OVER, DRIVER_TOOK)), None)
    if last is None or last.kind != HANDED_OVER or last.boot != clock.boot():
        return
    heir = Who.from_json(last.data.get("heir"))
    age = clock.boottime() - last.boottime
    if heir is None or heir == who or not 0 <= age < HEIR_SECONDS:
        return
    raise SessionBusyError(
        f"session {session.id} was handed over to {heir} {age:.0f} s ago",
        hint=f"If it is not taken, it is free in {HEIR_SECONDS - age:.0f} s.",
    )


def _no_lock(session: Session, error: OSError) -> SessionError:
    return SessionError(
        f"{LOCK} of session {session.id} cannot be opened: {error.strerror}",
        hint=f"It is never removed by a wizard. If it is gone, nobody drives: make an empty file {LOCK} in its place.",
    )
