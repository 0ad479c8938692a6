"""The journal on disk: appended and flushed by the one who holds the driver's lock, read by anybody.

Opening reads and verifies every line. A hundred thousand events take about half a second, so there is no
side file with a verified position: it would be one more thing that can be wrong after a crash.
"""

from __future__ import annotations

import errno
import os
import threading
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Self

from wizard.errors import HostError, JournalError, JournalFullError, SessionBusyError
from wizard.host import durable
from wizard.host.clock import utc_text
from wizard.run.chain import ACCEPTED, Break, Entry, Position, Reading, form_line, hash_line, read_chain
from wizard.run.untold import lost_end, untold_attempts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.host.clock import Clock
    from wizard.host.locks import HeldLock

__all__ = ["Break", "Entry", "Journal", "JournalReader", "Reading", "read_journal"]

JOURNAL: Final = "journal.jsonl"
LOCK: Final = "driver.lock"
RESERVE: Final = "reserve"
RESERVE_SIZE: Final = 64 << 10

TAIL_CUT: Final = "tail-cut"
"""Data: `bytes` cut, `offset`, and `hex` of the first of them."""
DISK_FULL: Final = "disk-full"
"""Data: `wanted`, the kind of the event that found no room, and `error`."""

_SHOWN_OF_TAIL: Final = 200
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Journal:
    """The journal as its one writer holds it. `entries` is what stood in it when it was opened, mended and verified."""

    def __init__(self, folder: int, file: int, lock: HeldLock, clock: Clock, *, name: str) -> None:
        """Use `open()`; both descriptors are owned from now on."""
        self._folder = folder
        self._file = file
        self._lock = lock
        self._clock = clock
        self._name = name
        self._at = Position()
        self._ruined = ""
        self._one_at_a_time = threading.Lock()
        self.entries: tuple[Entry, ...] = ()

    @classmethod
    def open(cls, folder: Path, lock: HeldLock, clock: Clock, *, accept_broken: str = "") -> Self:
        """Open the journal in a session's folder for writing; `lock` is the driver's and must be held.

        An unfinished last line is cut and that is journalled. JournalError where the chain is broken, unless
        `accept_broken` is the operator's reason to go on all the same, which is journalled too.
        """
        holding = open_session_folder(folder)
        try:
            _must_hold(holding, lock)
            file = durable.open_file(holding, JOURNAL, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            os.close(holding)
            raise JournalError(
                f"the session in {folder} has no journal ({JOURNAL} is missing)",
                hint="Without it nobody knows what was done. Look for it in a backup of the folder.",
            ) from None
        except OSError as error:
            os.close(holding)
            raise HostError(f"the journal in {folder} cannot be opened: {error.strerror}") from None
        except BaseException:
            os.close(holding)
            raise
        journal = cls(holding, file, lock, clock, name=folder.name)
        try:
            journal._mend(accept_broken)
        except OSError as error:
            journal.close()
            raise HostError(f"the journal in {folder} cannot be mended: {error.strerror}") from None
        except BaseException:
            journal.close()
            raise
        return journal

    def append(self, kind: str, data: Mapping[str, Any]) -> Entry:
        """Write one event in one call and flush it; when this returns, it survives anything.

        `data` is plain JSON (TypeError, ValueError where it is not). JournalFullError where the disk is full,
        HostError where the write or the flush failed, SessionBusyError where the lock was let go. After an
        error nothing of the event is in the journal; after a failed flush nobody can know, and no event can
        be added any more.
        """
        with self._one_at_a_time:
            if not self._lock.held:
                raise SessionBusyError(f"this wizard no longer drives session {self._name}")
            if self._ruined:
                raise HostError(
                    f"the journal of session {self._name} takes no more events: {self._ruined}",
                    hint="Look at the disk, then resume the session: it is read from the disk again.",
                )
            try:
                return self._write(kind, data)
            except OSError as error:
                raise self._no_room(kind, error) if error.errno in _NO_ROOM else _failed(self._name, error) from None

    @property
    def seq(self) -> int:
        """The number of the last event."""
        return self._at.seq

    def close(self) -> None:
        """Let go of the files; the lock is the driver's to let go."""
        file, self._file = self._file, -1
        if file >= 0:
            self._ruined = self._ruined or "it was closed"
            os.close(file)
            os.close(self._folder)

    def _write(self, kind: str, data: Mapping[str, Any]) -> Entry:
        """Append one line; OSError where it was not written and what was written of it is cut back."""
        entry = Entry(
            seq=self._at.seq + 1,
            at=utc_text(self._clock.now()),
            boot=self._clock.boot(),
            boottime=round(self._clock.boottime(), 3),
            kind=kind,
            data=dict(data),
            offset=self._at.offset,
        )
        line = form_line(entry, self._at.prev)
        try:
            written = os.write(self._file, line)
            if written < len(line):
                # A regular file takes less than all only where there is no room for more.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self._cut_back()
            raise
        try:
            os.fsync(self._file)
        except OSError as error:
            # The kernel may have dropped the pages and marked them clean: neither repeating the flush nor
            # reading the file back would tell the truth.
            self._ruined = f"an event could not be flushed to the disk ({error.strerror})"
            raise HostError(
                f"an event of session {self._name} could not be flushed to the disk: {error.strerror}",
                hint="The walk ends here, because the disk cannot be trusted. Look at it (dmesg), then resume.",
            ) from None
        self._at = Position(self._at.offset + len(line), self._at.line + 1, entry.seq, hash_line(line[:-1]))
        return entry

    def _cut_back(self) -> None:
        try:
            os.ftruncate(self._file, self._at.offset)
        except OSError as error:
            self._ruined = f"half an event could not be cut back ({error.strerror})"

    def _no_room(self, kind: str, error: OSError) -> JournalFullError:
        """Give the reserve back to the disk, use it to say what happened, and make the error."""
        said = "It is journalled; "
        try:
            os.unlink(RESERVE, dir_fd=self._folder)
            durable.fsync_folder(self._folder)
            self._write(DISK_FULL, {"wanted": kind, "error": error.strerror})
        except OSError:
            said = "Not even that could be journalled; "
        return JournalFullError(
            f"no room for the journal of session {self._name}: {error.strerror}",
            hint=f"{said}nothing more is begun. Make room on the disk, then resume the session.",
        )

    def _mend(self, accept_broken: str) -> None:
        """Read and verify everything, cut an unfinished tail, take an operator's word on damage."""
        content = _read_all(self._file)
        reading = read_chain(content)
        tail = content[len(content) - reading.rest :] if reading.rest else b""
        untold = untold_attempts(self._folder, reading.entries)
        broken = reading.broken or lost_end(untold, reading.position.line)
        if broken and not accept_broken:
            raise broken_chain(self._name, broken)
        self._at = reading.position
        if tail:
            os.ftruncate(self._file, self._at.offset)
            os.fsync(self._file)
        kept = content[: self._at.offset]
        self._renew_reserve()
        entries = list(reading.entries)
        if broken:
            self.append(
                ACCEPTED,
                {
                    "lines": [one.line for one in reading.broken],
                    "attempts": list(untold),
                    "why": [one.why for one in broken],
                    "reason": accept_broken,
                    "sha256": sha256(kept).hexdigest(),
                },
            )
            again = read_chain(_read_all(self._file))
            if again.broken:
                raise broken_chain(self._name, again.broken)
            entries = list(again.entries)
        if tail:
            shown = tail[:_SHOWN_OF_TAIL].hex()
            entries.append(self.append(TAIL_CUT, {"bytes": len(tail), "offset": len(kept), "hex": shown}))
        self.entries = tuple(entries)

    def _renew_reserve(self) -> None:
        """Take the reserve again where it was used up and there is room; without room the walk goes on without."""
        try:
            make_reserve(self._folder)
        except FileExistsError:
            return
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise


class JournalReader:
    """Follows a journal that somebody else may be writing. Half a line is waited for, damage is a value."""

    def __init__(self, folder: Path) -> None:
        """Follow the journal of the session in `folder` from its beginning. JournalError where there is none."""
        holding = open_session_folder(folder)
        try:
            self._file = durable.open_file(holding, JOURNAL)
        except OSError as error:
            raise JournalError(f"the journal in {folder} cannot be read: {error.strerror}") from None
        finally:
            os.close(holding)
        self._at = Position()
        self._given = 0
        self._seen = (-1, -1)
        self._broken: tuple[Break, ...] = ()

    def read(self) -> Reading:
        """Give the entries that came since the last call. `broken` says where an unaccepted damage ends them."""
        status = os.fstat(self._file)
        seen = (status.st_size, status.st_mtime_ns)
        if seen == self._seen:
            return Reading((), self._at, self._broken, rest=max(0, status.st_size - self._at.offset))
        self._seen = seen
        if status.st_size < self._at.offset:
            self._broken = (Break(self._at.line, "the file became shorter than what was already read"),)
            return Reading((), self._at, self._broken)
        reading = read_chain(_read_all(self._file, self._at.offset), self._at)
        if self._broken or reading.broken:
            # Whether damage was accepted stands behind it and speaks of all before it: only the whole file tells.
            whole = read_chain(_read_all(self._file))
            reading = Reading(whole.entries[self._given :], whole.position, whole.broken, whole.rest)
        self._at, self._broken = reading.position, reading.broken
        self._given += len(reading.entries)
        return reading

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_journal(folder: Path) -> Reading:
    """Read the whole journal of the session in `folder`, without any lock.

    That its end was lost, seen by a command that was begun and that no line tells of, is damage too.
    """
    reading = _read_once(folder)
    if reading.broken or not (untold := _untold(folder, reading)):
        return reading
    # What was begun since the look was journalled before it was begun: a second look finds its line.
    again = _read_once(folder)
    told = {entry.data.get("attempt") for entry in again.entries[len(reading.entries) :]}
    lost = lost_end(tuple(name for name in untold if name not in told), again.position.line)
    return replace(again, broken=again.broken or lost)


def _read_once(folder: Path) -> Reading:
    with JournalReader(folder) as reader:
        return reader.read()


def _untold(folder: Path, reading: Reading) -> tuple[str, ...]:
    holding = open_session_folder(folder)
    try:
        return untold_attempts(holding, reading.entries)
    except OSError as error:
        raise JournalError(f"the attempts in {folder} cannot be listed: {error.strerror}") from None
    finally:
        os.close(holding)


def broken_chain(name: str, breaks: tuple[Break, ...]) -> JournalError:
    """Make the error for a journal that is not what was written."""
    more = f" (and {len(breaks) - 1} more)" if len(breaks) > 1 else ""
    return JournalError(
        f"the journal of session {name} is damaged, {breaks[0]}{more}",
        hint=(
            "What was done may differ from what it says. `wizard watch` and `wizard report` still work. "
            "`wizard resume --accept-damage REASON` goes on all the same; the reason is journalled."
        ),
    )


def make_reserve(folder: int) -> None:
    """Take the room that is given back to write `disk-full`. OSError where there is none, or it is taken already."""
    file = durable.open_new(folder, RESERVE)
    try:
        durable.allocate(file, RESERVE_SIZE)
        os.fsync(file)
    except OSError:
        os.unlink(RESERVE, dir_fd=folder)
        raise
    finally:
        os.close(file)


def open_session_folder(folder: Path) -> int:
    """Open a session's folder, never through a link. HostError where it cannot be."""
    try:
        return durable.open_folder(folder)
    except OSError as error:
        raise HostError(f"the session's folder {folder} cannot be opened: {error.strerror}") from None


def _must_hold(folder: int, lock: HeldLock) -> None:
    """See that `lock` is held and is the lock of this folder's session. SessionBusyError where not."""
    named = os.stat(LOCK, dir_fd=folder, follow_symlinks=False)
    if not lock.held or not os.path.samestat(named, os.fstat(lock.fileno())):
        raise SessionBusyError("only the driver of a session may write its journal")


def _failed(name: str, error: OSError) -> HostError:
    return HostError(
        f"the journal of session {name} could not be written: {error.strerror}",
        hint="Nothing more is begun. Look at the disk, then resume the session.",
    )


def _read_all(file: int, offset: int = 0) -> bytes:
    """Read from `offset` to the end, in one piece where the file does not grow meanwhile."""
    parts: list[bytes] = []
    while part := os.pread(file, max(1 << 16, os.fstat(file).st_size - offset), offset):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)
