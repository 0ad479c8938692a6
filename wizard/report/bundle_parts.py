"""Which files of a session's folder go into a bundle, how much of each, and which do not and why.

Everything is looked at from the folder's descriptor, without following a link. What is not known to be a part of a
session is left out.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wizard.host import durable
from wizard.host.driver_socket import NAME as DRIVER_SOCKET
from wizard.run.asked_now import ASKING
from wizard.run.journal import JOURNAL, LOCK, RESERVE
from wizard.run.session import ANSWERS, ATTEMPTS, COPIES, GUIDE, INBOX, PLAN, SESSION
from wizard.run.telling import LOOKS, TOLD
from wizard.run.waits_now import WAITING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OUTPUT_CAP: Final = 16 << 20
"""Bytes of one output that go in at most; of a longer one its beginning and its end do."""

ALL_OUTPUTS: Final = 128 << 20
"""Bytes of all outputs together that go in at most."""

LEAST: Final = 64 << 10
"""Bytes of an output that go in whatever the others take."""

_DEEPEST: Final = 20
"""Folders within folders of a pinned guide that are gone into."""


class Keep(StrEnum):
    """How much of a file goes in."""

    WHOLE = "whole"
    LINES = "lines"
    """Up to the end of its last whole line: somebody may just be writing the next."""
    ENDS = "ends"
    """Its beginning and its end, where it is longer than `cap`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file that goes in: its path in the folder, what it is, and its size in bytes as it was looked at."""

    path: str
    what: str
    size: int
    keep: Keep = Keep.WHOLE
    cap: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What does not go in: its path (`attempts/*/alive` for many of a kind), why, how many files and bytes.

    `failed` says that it should have gone in.
    """

    path: str
    why: str
    files: int = 1
    size: int = 0
    failed: bool = False


_FILES: Final = {
    JOURNAL: "the journal: what happened, event by event, each line with the hash of the one before",
    SESSION: "what the session is about: guide, machine, owner, and the environment it was begun with",
    PLAN: "the plan as it was frozen",
    ANSWERS: "the answers, without those that are secrets",
    TOLD: "what the driver was told beside the journal, the last of it",
    f"{TOLD}.old": "what the driver was told before that",
    LOOKS: "what monitors saw, the last of it",
    f"{LOOKS}.old": "what monitors saw before that",
    ASKING: "what the driver is asked just now",
    WAITING: "what the driver waits for just now",
}
"""Files of a session, in the order in which they go in: the journal first, so that nothing it tells of is missing."""

_OF_AN_ATTEMPT: Final = {
    "spec.json": "the command as it was to be started: words, folder, user, environment without secrets",
    "claim": "whether it was started: `run` or `void`",
    "started.json": "the command as it was started: process, boot, time, scope",
    "exit.json": "how the command ended",
    "timing": "when the output came: nanoseconds since boot and bytes, sizes of the terminal, gaps",
    "output": "what the command printed, as the terminal got it (`less -R`)",
}

_NOT_NEEDED: Final = {
    COPIES: "what edits replaced: files of the machine, which may hold anything",
    RESERVE: "room on the disk for the last words; it says nothing",
    LOCK: "a lock",
    DRIVER_SOCKET: "a socket",
    f"{ATTEMPTS}/*/alive": "a lock",
    f"{ATTEMPTS}/*/sock": "a socket",
    f"{ATTEMPTS}/*/exit.json.tmp": "room on the disk for how it ends",
}

_UNKNOWN: Final = "no part of a session that is known"
_UNFINISHED: Final = "it was just being written"


class Gathering:
    """Looks through a session's folder once; afterwards `parts` and `left_out` say what was found."""

    def __init__(self, folder: int, *, driven: bool) -> None:
        """Look through the open `folder`; `driven` says whether somebody may be writing its journal."""
        self.parts: list[Part] = []
        self._left_out: dict[tuple[str, str], LeftOut] = {}
        self._folder = folder
        self._owner = os.fstat(folder).st_uid
        for name, what in _FILES.items():
            self._file((name,), what, Keep.LINES if driven and ".jsonl" in name else Keep.WHOLE)
        for name in _names(folder):
            if name in _FILES:
                continue
            match name:
                case "guide":
                    self._below((GUIDE,), "the guide as it was pinned, and its files")
                case "attempts":
                    self._attempts()
                case "inbox":
                    self._inbox()
                case _:
                    self._out((name,), _UNFINISHED if name.startswith(".") else _UNKNOWN)
        self.parts = sized(self.parts)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What does not go in, in the order of its paths."""
        return tuple(self._left_out[key] for key in sorted(self._left_out))

    def _attempts(self) -> None:
        for attempt in self._folder_names((ATTEMPTS,)):
            found = self._folder_names((ATTEMPTS, attempt))
            for name, what in _OF_AN_ATTEMPT.items():
                if name in found:
                    spooled = name in ("output", "timing")
                    self._file((ATTEMPTS, attempt, name), what, Keep.ENDS if spooled else Keep.WHOLE)
            for name in found:
                if name not in _OF_AN_ATTEMPT:
                    self._out((ATTEMPTS, attempt, name), _UNFINISHED if name.startswith(".") else _UNKNOWN)

    def _inbox(self) -> None:
        for name in self._folder_names((INBOX,)):
            if name.endswith(".json") and not name.startswith("."):
                self._file((INBOX, name), "a note of a watcher that no driver has taken in yet")
            else:
                self._out((INBOX, name), _UNFINISHED if name.startswith(".") else _UNKNOWN)

    def _below(self, names: tuple[str, ...], what: str) -> None:
        """Everything in a folder, folders in it as well."""
        for name in self._folder_names(names):
            inner = (*names, name)
            status = self._status(inner)
            if status is not None and stat.S_ISDIR(status.st_mode) and len(inner) < _DEEPEST:
                self._below(inner, what)
            else:
                self._file(inner, what)

    def _folder_names(self, names: tuple[str, ...]) -> list[str]:
        """Names in a folder, sorted; none, and it is left out, where it is no folder that can be read."""
        status = self._status(names)
        if status is None or not stat.S_ISDIR(status.st_mode):
            self._out(names, _UNKNOWN)
            return []
        try:
            with opened_folder(self._folder, names) as folder:
                return _names(folder)
        except OSError as error:
            self._out(names, f"it cannot be read: {error.strerror}")
            return []

    def _file(self, names: tuple[str, ...], what: str, keep: Keep = Keep.WHOLE) -> None:
        status = self._status(names)
        if status is None:
            return
        if not stat.S_ISREG(status.st_mode):
            self._out(names, "no regular file")
        elif status.st_uid != self._owner:
            self._out(names, f"it belongs to another user ({status.st_uid})")
        else:
            self.parts.append(Part("/".join(names), what, status.st_size, keep))

    def _out(self, names: tuple[str, ...], why: str) -> None:
        """Leave something out; many of a kind are told as one."""
        status = self._status(names)
        if status is None:
            return
        if stat.S_ISLNK(status.st_mode):
            why = "a link, and none is followed"
        path = "/".join(names)
        known = next((pattern for pattern in _NOT_NEEDED if fnmatch.fnmatchcase(path, pattern)), None)
        if known is not None and why != "a link, and none is followed":
            path, why = known, _NOT_NEEDED[known]
        files, size = self._count(names, status)
        before = self._left_out.get((path, why))
        files, size = (files + before.files, size + before.size) if before is not None else (files, size)
        self._left_out[path, why] = LeftOut(path, why, files, size)

    def _count(self, names: tuple[str, ...], status: os.stat_result) -> tuple[int, int]:
        """Files and bytes of what is left out: of a folder, those just inside it."""
        if not stat.S_ISDIR(status.st_mode):
            return 1, status.st_size if stat.S_ISREG(status.st_mode) else 0
        try:
            with opened_folder(self._folder, names) as folder, os.scandir(folder) as found:
                files = [entry for entry in found if entry.is_file(follow_symlinks=False)]
                sizes = [entry.stat(follow_symlinks=False).st_size for entry in files]
        except OSError:
            return 0, 0
        return len(sizes), sum(sizes)

    def _status(self, names: Sequence[str]) -> os.stat_result | None:
        """What stands under a path, links not followed; None where nothing does (any more), or it is out of reach."""
        try:
            with opened_folder(self._folder, names[:-1]) as folder:
                return os.stat(names[-1], dir_fd=folder, follow_symlinks=False)
        except OSError:
            return None


def sized(parts: Sequence[Part]) -> list[Part]:
    """Give each output its cap, so that all together stay within `ALL_OUTPUTS`.

    The newest attempts come first; those behind them share what is left, and none gets less than `LEAST`.
    """
    room = ALL_OUTPUTS
    caps: dict[str, int] = {}
    for part in sorted((one for one in parts if one.keep is Keep.ENDS), key=lambda one: one.path, reverse=True):
        caps[part.path] = max(LEAST, min(OUTPUT_CAP, room))
        room -= min(part.size, caps[part.path])
    return [replace(part, cap=caps[part.path]) if part.path in caps else part for part in parts]


@dataclass(frozen=True, slots=True)
class Cut:
    """What of a file goes in: the bytes up to `head`, and those from `tail` to `end`. All of it where they meet."""

    head: int
    tail: int
    end: int

    @property
    def missing(self) -> int:
        """Bytes between them."""
        return self.tail - self.head


def cut_of(size: int, cap: int) -> Cut:
    """Cut a file of `size` bytes down to `cap`: a quarter for the beginning, the rest for the end, which says why."""
    if size <= cap:
        return Cut(size, size, size)
    head = cap // 4
    return Cut(head, size - (cap - head), size)


def missing_line(cut: Cut) -> bytes:
    """The line that stands in the place of what is missing."""
    return (
        f"\n\x1b[0m[wizard: {cut.missing:,} of {cut.end:,} bytes are missing here, "
        f"from byte {cut.head:,} to byte {cut.tail:,}; the session's folder has them]\n"
    ).encode("ascii")


@contextmanager
def opened_folder(folder: int, names: Sequence[str]) -> Iterator[int]:
    """Open a folder below an open one, no link followed on the way. OSError where that cannot be."""
    at = os.dup(folder)
    try:
        for name in names:
            below = durable.open_folder(name, at=at)
            os.close(at)
            at = below
        yield at
    finally:
        os.close(at)


def open_part(folder: int, path: str) -> int:
    """Open a part of a session; OSError where it is not there any more, no regular file, or another user's now."""
    *folders, name = path.split("/")
    with opened_folder(folder, folders) as inner:
        file = durable.open_file(inner, name)
    if os.fstat(file).st_uid != os.fstat(folder).st_uid:
        os.close(file)
        raise OSError(errno.EPERM, "it belongs to another user", path)
    return file


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as found:
        return sorted(entry.name for entry in found)
