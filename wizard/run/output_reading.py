"""What an attempt printed, read from its folder alone while it runs or years later, touching nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.host import durable
from wizard.host.locks import is_held

if TYPE_CHECKING:
    from pathlib import Path

_READ: Final = 64 << 10

# Lines of the timing file, as the pump writes them: an hour of talk is many thousands, and somebody waits to see it.
_SPOOLED: Final = re.compile(rb'^\[\d+,"output",(\d+)\]$', re.MULTILINE)
_GAP: Final = re.compile(rb'^\[\d+,"gap",(\d+)\]$', re.MULTILINE)
_SIZE: Final = re.compile(rb'^\[\d+,"size",(\d+),(\d+)\]$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SizeChange:
    """From byte `offset` of the spool on, the command's terminal has so many columns and rows."""

    offset: int
    columns: int
    rows: int


class AttemptOutput:
    """The spool of one attempt and what became of its terminal; may be used from any thread.

    A folder or file that is not there yet is empty. Nothing raises for what is on the disk, as somebody
    looks at a command here that goes on whatever is wrong with its folder; what cannot be read is not there.
    """

    def __init__(self, folder: Path, *, announced: bool = False) -> None:
        """Read the attempt in `folder`; files are opened when first asked for.

        `announced` where the journal tells of it: its folder was made before that, so that it is gone where it is not
        there. Else it is about to be made.
        """
        self._path = folder
        self._announced = announced
        self._lock = threading.Lock()
        self._spool: int | None = None
        self._timing = _Timing()
        self._ended = False
        self.gone = False
        """Whether what it printed is not there any more, as far as `running` has seen."""

    def read(self, offset: int, limit: int = _READ) -> bytes:
        """Give at most `limit` bytes from `offset` of the spool."""
        if (spool := self._opened()) is not None:
            with contextlib.suppress(OSError):
                return os.pread(spool, limit, offset)
        return b""

    def size(self) -> int:
        """Give the bytes in the spool."""
        spool = self._opened()
        return 0 if spool is None else os.fstat(spool).st_size

    def sizes(self) -> tuple[SizeChange, ...]:
        """Give the sizes its terminal had, oldest first; the first is that at byte 0."""
        with self._lock:
            if not self._timing.changes:
                self._timing.begin(self._text("spec.json"))
            self._timing.take(self._new_timing())
            return tuple(self._timing.changes)

    def running(self) -> bool:
        """Whether more may come: its leader lives, or is about to begin, and no end is written down."""
        if self._ended:
            return False
        try:
            folder = durable.open_folder(self._path)
        except FileNotFoundError:
            self.gone = self._ended = self._announced
            return not self._ended
        except OSError:
            return True
        with contextlib.suppress(OSError):
            try:
                # The claim is made under the lock: a claim without a holder means that the leader is gone.
                exited = _has(folder, "exit.json")
                self._ended = exited or (_has(folder, "claim") and not _leader_lives(folder))
                self.gone = exited and not _has(folder, "output") and self._spool is None
            finally:
                os.close(folder)
        return not self._ended

    def _opened(self) -> int | None:
        with self._lock:
            if self._spool is None and (file := self._open("output")) is not None:
                self._spool = file
                weakref.finalize(self, os.close, file)
            return self._spool

    def _open(self, name: str) -> int | None:
        try:
            folder = durable.open_folder(self._path)
        except OSError:
            return None
        try:
            return durable.open_file(folder, name)
        except OSError:
            return None
        finally:
            os.close(folder)

    def _text(self, name: str) -> bytes:
        return self._read_from(name, 0)

    def _new_timing(self) -> bytes:
        """The lines of the timing file that were not read yet, without one that is not whole."""
        data = self._read_from("timing", self._timing.read)
        whole = data[: data.rfind(b"\n") + 1]
        self._timing.read += len(whole)
        return whole

    def _read_from(self, name: str, offset: int) -> bytes:
        file = self._open(name)
        if file is None:
            return b""
        parts = []
        try:
            with contextlib.suppress(OSError):
                while part := os.pread(file, 1 << 20, offset):
                    offset += len(part)
                    parts.append(part)
        finally:
            os.close(file)
        return b"".join(parts)


class _Timing:
    """The sizes of a terminal, from an attempt's spec and its timing file."""

    def __init__(self) -> None:
        self.read = 0
        """Bytes of the timing file that were read."""
        self.changes: list[SizeChange] = []
        self._spooled = 0

    def begin(self, spec: bytes) -> None:
        """Take the size the terminal was made with."""
        with contextlib.suppress(ValueError, KeyError, TypeError):
            told = json.loads(spec)
            self.changes.append(SizeChange(0, int(told["columns"]), int(told["rows"])))

    def take(self, lines: bytes) -> None:
        """Take lines in; one that makes no sense is passed over."""
        at = 0
        for change in _SIZE.finditer(lines):
            self._count(lines[at : change.start()])
            at = change.end()
            rows, columns = map(int, change.groups())
            self.changes.append(SizeChange(max(0, self._spooled), columns, rows))
        self._count(lines[at:])

    def _count(self, lines: bytes) -> None:
        self._spooled += sum(map(int, _SPOOLED.findall(lines))) - sum(map(int, _GAP.findall(lines)))


def _has(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _leader_lives(folder: int) -> bool:
    try:
        alive = durable.open_file(folder, "alive")
    except FileNotFoundError:
        return False
    try:
        return is_held(alive)
    finally:
        os.close(alive)
