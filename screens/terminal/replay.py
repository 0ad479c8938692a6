"""Bringing an emulator to the end of a spool, of what the command wrote before as of what it writes now.

A flood is not fed whole. A stretch that only writes lines has, once it has scrolled by, left nothing but its last
lines and the pen; so the pen is carried over what is skipped, and the last lines are fed. What changes anything
longer-lived (a mode, a margin, a character set, a title, the alternate screen, a saved cursor) is never skipped.
The screen after skipping is the screen after feeding all.

Output that moves the cursor may come faster than it can be fed. A copy of the screen may then leap to the last part
of it: what lasts is carried over, so that it is nearly right until the exact one has caught up.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, NamedTuple

from screens.terminal.screen import HISTORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from screens.terminal.emulator import Emulator

BLOCK = 1 << 19
"""Bytes read and looked at in one piece."""
SLICE = 1 << 15
"""Bytes fed between two looks at the clock."""
WORTH_SKIPPING = 3 << 13
"""Bytes; less is fed."""
CARRIED = 1 << 20
"""Bytes before the end of a leap that are looked through for what lasts."""
USUAL_LINE = 256
"""Bytes, colour codes included, that are more than those of nearly all lines."""

_MOVES = rb"\[[0-9;:]{0,64}+[@-HJ-MPSTXZ`abdefm]"
_PASSING = re.compile(rb"(?:[^\x00-\x06\x0b\x0c\x0e-\x1f\x7f\xc2]++" rb"|\x1b" + _MOVES + rb"|\xc2[\xa0-\xbf])*+")
"""What lasts no longer than the lines it was written among."""
_NEEDS_NO_LOOK = bytes({*range(256)} - {*range(7), 0x0B, 0x0C, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F, 0xC2})
"""Of that, what is told by the byte alone; escape is looked at by itself."""
_LASTING_ESCAPE = re.compile(rb"\x1b(?!" + _MOVES + rb")")
_IN_LINE = re.compile(rb"(?:[^\x1b]++|\x1b\[[0-9;:]{0,64}[Km])*+")
"""Of that, what does not leave the line it was written in."""
_LASTING = re.compile(
    rb"\x1b(?:\[(?:\??[0-9;:]{0,64}+(?:[hlr]| q)|!p)|[()*+][0-Z=]|[=>c]|\][02];[^\x07\x1b]{0,256}+(?:\x07|\x1b\\))"
)
"""What is carried over by a leap: modes, margins, resets, the cursor's shape, character sets, titles."""
_UP = re.compile(rb"\x1b\[([0-9]{1,3})A")
_LINE_START = re.compile(rb"[\r\n]")
_PEN = re.compile(rb"\x1b\[[0-9;:]{0,64}m")
_SEQUENCE = re.compile(rb"\x1b\[[0-9;:]*.")
_RESETS = (b"\x1b[0m", b"\x1b[m", b"\x1b[0;")


class Resized(NamedTuple):
    """The terminal had another size from a byte of the spool on."""

    offset: int
    columns: int
    rows: int


class _Owed(NamedTuple):
    """Lines that were passed over, but for the last of them, which the emulator gets before it is looked at or fed."""

    pens: bytes
    bells: int
    lines: bytes


class Feeder:
    """Feeds an emulator from a spool that may still grow, as fast as reading allows."""

    def __init__(
        self,
        emulator: Emulator,
        read: Callable[[int, int], bytes],
        size: Callable[[], int],
        resizes: Iterable[Resized | tuple[int, int, int]] = (),
    ) -> None:
        """Begin at the start of the spool.

        Args:
            emulator: fresh, and fed by nobody else.
            read: gives at most so many bytes from an offset on; fewer at the end.
            size: bytes in the spool now.
            resizes: offset, columns and rows of each change of the terminal's size, in order; later ones by `resize`.
        """
        self._emulator = emulator
        self._read = read
        self._size = size
        self._resizes = [Resized(*one) for one in resizes]
        self._owed: _Owed | None = None
        self.offset = 0
        """Bytes of the spool that are on the screen, or were scrolled by."""
        self.skipped = 0
        """Bytes of them that were not fed."""

    def resize(self, offset: int, columns: int, rows: int) -> None:
        """The terminal has another size from `offset` on; at once where that is past already."""
        self._resizes.append(Resized(max(offset, self.offset), columns, rows))
        self._take_sizes()

    def step(self, budget: float) -> bool:
        """Go on for about `budget` seconds; gives whether there is more to do. Before the screen is shown: `settle`."""
        until = time.perf_counter() + budget
        while True:
            self._take_sizes()
            end = self._end()
            block = self._read(self.offset, min(end - self.offset, BLOCK)) if self.offset < end else b""
            if not block:
                return False
            self._take(block, until, more=self.offset + len(block) < end)
            if time.perf_counter() >= until:
                return self.offset < self._size()

    def settle(self) -> None:
        """Bring the last of the lines that were passed over onto the screen."""
        if self._owed is not None:
            pens, bells, lines = self._owed
            self._owed = None
            self._emulator.skip(pens, bells)
            self._emulator.feed(lines)

    def copy(self, size: Callable[[], int]) -> tuple[Emulator, Feeder]:
        """Give another emulator in the same state, and its feeder, which may go on elsewhere and up to another size."""
        self.settle()
        emulator = self._emulator.copy()
        other = Feeder(emulator, self._read, size, self._resizes)
        other.offset = self.offset
        return emulator, other

    def leap(self, offset: int) -> None:
        """Go on at about `offset`, which is further on, without a look at most of what is between.

        Programs that draw over what they drew go up by as many rows each time. So it leaps from before the longest way
        up to before another such, where there is one; else from the beginning of a line to that of another.
        """
        self.settle()
        here, there = self._read(self.offset, SLICE), self._read(offset, SLICE)
        ways = sorted(set(_UP.findall(here)), key=int)
        mark = re.compile(rb"\x1b\[%dA" % int(ways[-1])) if ways else _LINE_START
        if (begin := mark.search(here)) and (end := mark.search(there)):
            self._emulator.feed(here[: begin.start()])
            offset += end.start()
        passed_over = self._read(max(self.offset, offset - CARRIED), min(offset - self.offset, CARRIED))
        self._emulator.carry_over(lasting(passed_over))
        self.offset = offset

    def finish(self) -> None:
        """Go on to the end of what is in the spool now."""
        while self.step(3600):
            pass
        self.settle()

    def _take_sizes(self) -> None:
        while self._resizes and self._resizes[0].offset <= self.offset:
            self.settle()
            self._emulator.resize(*self._resizes.pop(0)[1:])

    def _end(self) -> int:
        size = self._size()
        return min(size, self._resizes[0].offset) if self._resizes else size

    def _take(self, block: bytes, until: float, *, more: bool) -> None:
        """Take a block, or what of it time allows; with `more` behind it, what is left may be looked at with that."""
        emulator = self._emulator
        begun = self.offset
        at = looked = 0
        while at < len(block):
            stop = at + SLICE
            if at >= looked and len(block) - at >= WORTH_SKIPPING:
                if not emulator.idle:  # what is unfinished ends within this line
                    stop = min(stop, block.find(b"\n", at) + 1 or stop)
                elif emulator.scrolls_freely:
                    looked = passing_until(block, at)
                    at = self._pass_over(block, at, looked)
                    self.offset = begun + at
                    if at and more and len(block) - at < WORTH_SKIPPING:
                        return
                    looked += 1
                    stop = at + SLICE
            self.settle()
            emulator.feed(block[at:stop])
            at = min(stop, len(block))
            self.offset = begun + at
            if time.perf_counter() >= until:
                return

    def _pass_over(self, block: bytes, begin: int, end: int) -> int:
        """Pass over the lines of a passing stretch, if that leaves no trace; gives where what is left begins."""
        end = block.rfind(b"\r\n", begin, end) + 2
        cut = skippable(block, begin, end, self._emulator.size[1])
        if cut <= begin:
            return begin
        pens, bells, last = b"", 0, b""
        if self._owed is not None:
            pens, bells, last = self._owed
        pens += pens_between(last, 0, len(last)) + pens_between(block, begin, cut)
        bells += last.count(b"\a") + block.count(b"\a", begin, cut)
        self._owed = _Owed(pens_between(pens, 0, len(pens)), bells, block[cut:end])
        self.skipped += len(last) + cut - begin
        return end


def passing_until(block: bytes, begin: int) -> int:
    """Where the first thing stands that may last longer than the lines around it; the block's end without one.

    The usual case, in which nothing does, is told many times faster than by reading on to the place.
    """
    if not block[begin:].translate(None, _NEEDS_NO_LOOK):
        found = _LASTING_ESCAPE.search(block, begin)
        return found.start() if found else len(block)
    passed = _PASSING.match(block, begin)
    return passed.end() if passed else begin


def skippable(block: bytes, begin: int, end: int, rows: int) -> int:
    """Up to where a passing stretch leaves no trace but the pen, on a screen that scrolls freely; else `begin`.

    What follows up to `end`, behind a line end, is lines alone, and enough of them to fill screen and history whatever
    row they begin in.
    """
    if end - begin < WORTH_SKIPPING:
        return begin
    lines = 2 * rows + HISTORY + 2
    for near in (max(begin, end - lines * USUAL_LINE), begin):
        before, *last = block[near:end].rsplit(b"\r\n", lines)
        if len(last) == lines:
            break
    else:
        return begin
    cut = near + len(before) + 2
    in_lines = _IN_LINE.fullmatch(block, cut, end)
    printed = _SEQUENCE.sub(b"", block[cut:end]).strip(b"\a\b\t\r\n")
    return cut if in_lines and printed else begin


def pens_between(block: bytes, begin: int, end: int) -> bytes:
    """The sequences between two places that make the pen what it is at the second.

    Each sets something, whatever it was before: of equal ones the last alone matters.
    """
    if block.find(b"\x1b", begin, end) < 0:
        return b""
    latest = begin
    for reset in _RESETS:
        found = block.rfind(reset, latest, end)
        while found >= 0 and not _PEN.match(block, found, end):
            found = block.rfind(reset, latest, found)
        latest = max(latest, found)
    latest_first = dict.fromkeys(reversed(_PEN.findall(block, latest, end)))
    return b"".join(reversed(latest_first))


def lasting(block: bytes) -> bytes:
    """The sequences that make modes, margins, character sets, title and pen what they are behind a block."""
    if passing_until(block, 0) == len(block):
        return pens_between(block, 0, len(block))
    latest_first = dict.fromkeys(reversed(_LASTING.findall(block)))
    return b"".join(reversed(latest_first)) + pens_between(block, 0, len(block))


def replay(
    emulator: Emulator,
    read: Callable[[int, int], bytes],
    size: Callable[[], int],
    resizes: Iterable[Resized | tuple[int, int, int]] = (),
) -> Feeder:
    """Bring a fresh emulator to the end of a spool; gives the feeder, to go on with. For arguments see `Feeder`."""
    feeder = Feeder(emulator, read, size, resizes)
    feeder.finish()
    return feeder
