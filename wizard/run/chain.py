"""The lines of a journal: their form, the chain of hashes that binds them, and reading them back.

A line is one JSON object `{seq, at, boot, boottime, kind, data, prev}`; `prev` is the sha256 of the line
before (without its line end), zeros in the first. Nothing here writes.
"""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_LINE: Final = "0" * 64
"""`prev` of the first line."""

ACCEPTED: Final = "chain-accepted"
"""Kind of the event by which an operator goes on behind damage. Its data: `lines`, `why`, `reason`, and the sha256
of all bytes before it, so that the damage that was accepted is this one and no later one."""

_AT_ONCE: Final = 1000
_MANY: Final = 10_000

_KEYS: Final = ("seq", "at", "boot", "boottime", "kind", "data", "prev")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: `at` in UTC, `boottime` in seconds since boot `boot`, `offset` of its line in the file in bytes."""

    seq: int
    at: str
    boot: str
    boottime: float
    kind: str
    data: dict[str, Any]
    offset: int


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold; `line` counts from 1."""

    line: int
    why: str

    def __str__(self) -> str:
        """Give the line and what is wrong with it."""
        return f"line {self.line}: {self.why}"


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading stands: behind line `line`, which ends at `offset`, has number `seq` and hash `prev`."""

    offset: int = 0
    line: int = 0
    seq: int = 0
    prev: str = NO_LINE


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: `entries` up to the first damage that nobody accepted (`broken`), and where reading stands.

    `rest` counts the bytes behind the last whole line.
    """

    entries: tuple[Entry, ...]
    position: Position
    broken: tuple[Break, ...] = ()
    rest: int = 0


def form_line(entry: Entry, prev: str) -> bytes:
    """Write an event as its line, with the line end. TypeError or ValueError where `data` is no plain JSON."""
    return (
        json.dumps(
            {
                "seq": entry.seq,
                "at": entry.at,
                "boot": entry.boot,
                "boottime": entry.boottime,
                "kind": entry.kind,
                "data": entry.data,
                "prev": prev,
            },
            allow_nan=False,
            separators=(",", ":"),
        ).encode("ascii")
        + b"\n"
    )


def hash_line(line: bytes) -> str:
    """Hash a line (without its line end) for the next one's `prev`."""
    return sha256(line).hexdigest()


def whole_lines(content: bytes) -> int:
    """Bytes of `content` up to the end of its last whole line.

    What follows is an event that was never completed: half a line, or the NULs that some file systems
    leave where a write was lost. A last line with a NUL in it is such a one too, for JSON has none.
    """
    end = content.rfind(b"\n") + 1
    begin = content.rfind(b"\n", 0, end - 1) + 1 if end else 0
    return begin if b"\0" in content[begin:end] else end


def read_chain(content: bytes, start: Position | None = None) -> Reading:
    """Read the whole lines of `content`, which begins at `start` in the file (the file's beginning where None)."""
    start = start or Position()
    end = whole_lines(content)
    lines = (content if end == len(content) else content[:end]).split(b"\n")[:-1]
    reading = _read_sound(lines, start) or _read_damaged(lines, content, start)
    return Reading(reading.entries, reading.position, reading.broken, rest=len(content) - end)


def _read_sound(lines: list[bytes], start: Position) -> Reading | None:
    """Read lines without damage, a hundred thousand in about half a second; None where there is any.

    Many lines at a time are parsed as one array, which costs half of parsing each; not all at once, so that the
    memory of what is parsed is used again instead of being asked of the kernel.
    """
    entries: list[Entry] = []
    offset, seq, prev = start.offset, start.seq, start.prev
    with _no_collector(len(lines)):
        for first in range(0, len(lines), _AT_ONCE):
            some = lines[first : first + _AT_ONCE]
            try:
                objects = json.loads(b"[" + b",".join(some) + b"]")
            except (ValueError, RecursionError):
                return None
            if len(objects) != len(some):
                return None
            for line, found in zip(some, objects, strict=True):
                entry = _entry(found, offset)
                if entry is None or entry.seq != seq + 1 or found["prev"] != prev:
                    return None
                entries.append(entry)
                seq += 1
                prev = sha256(line).hexdigest()
                offset += len(line) + 1
    return Reading(tuple(entries), Position(offset, start.line + len(lines), seq, prev))


def _read_damaged(lines: list[bytes], content: bytes, start: Position) -> Reading:
    """Read line by line, go on behind each damage, and look which damage an operator accepted."""
    entries: list[Entry] = []
    breaks: list[tuple[Break, int]] = []
    accepted: set[int] = set()
    offset, seq, prev = start.offset, start.seq, start.prev
    for number, line in enumerate(lines, start=start.line + 1):
        entry, before, why = _read_line(line, offset)
        if entry is not None:
            why = _out_of_chain(entry, before, seq, prev)
            seq = max(seq, entry.seq)
        if why:
            breaks.append((Break(number, why), len(entries)))
        elif entry is not None and start.offset == 0 and entry.kind == ACCEPTED:
            accepted |= _accepts(entry, content)
        if entry is not None:
            entries.append(entry)
        offset += len(line) + 1
        prev = sha256(line).hexdigest()
    position = Position(offset, start.line + len(lines), seq, prev)
    open_breaks = [(broken, count) for broken, count in breaks if broken.line not in accepted]
    kept = entries[: open_breaks[0][1]] if open_breaks else entries
    return Reading(tuple(kept), position, tuple(broken for broken, _ in open_breaks))


def _read_line(line: bytes, offset: int) -> tuple[Entry | None, str, str]:
    """Give the entry of a line with its `prev`, or why it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, "", f"it is not JSON ({error})"
    entry = _entry(found, offset)
    if entry is None:
        return None, "", "it is not an event of a journal"
    return entry, found["prev"], ""


def _out_of_chain(entry: Entry, before: str, seq: int, prev: str) -> str:
    """Why an entry does not follow the line before it; empty where it does."""
    if before != prev:
        return "the line before it is not the one it was written after (changed, removed or put in between)"
    if entry.seq != seq + 1:
        return f"it has number {entry.seq} where {seq + 1} is due"
    return ""


def _entry(found: Any, offset: int) -> Entry | None:
    """Make an entry of a parsed line; None where a key, their order or a type is not the format's."""
    if type(found) is not dict or tuple(found) != _KEYS:
        return None
    seq, at, boot, boottime, kind, data, prev = found.values()
    fits = (
        type(seq) is int
        and type(at) is str
        and type(boot) is str
        and type(boottime) in (float, int)
        and type(kind) is str
        and type(data) is dict
        and type(prev) is str
    )
    return Entry(seq, at, boot, boottime, kind, data, offset) if fits else None


def _accepts(entry: Entry, content: bytes) -> set[int]:
    """Lines whose damage an event accepts: none where what stands before it is not what was accepted."""
    numbers = entry.data.get("lines")
    if not isinstance(numbers, list) or entry.data.get("sha256") != sha256(content[: entry.offset]).hexdigest():
        return set()
    return {number for number in numbers if type(number) is int}


@contextmanager
def _no_collector(lines: int) -> Iterator[None]:
    """Keep the collector from walking over entries while many are made, and from then on: none of them is garbage."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if lines >= _MANY:
            gc.freeze()
        if collecting:
            gc.enable()
