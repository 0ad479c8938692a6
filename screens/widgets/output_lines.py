"""The lines of a spool by their place in it: what `less` does, with bounded work whatever the size and the lines.

A line that is longer than a piece is read as several, so that no line is ever held whole. Where pieces begin
depends on the bytes before them alone: coming from above, from below or out of nowhere gives the same ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE: Final = 16 << 10
"""A line of less than this is one piece; a longer one goes on in a new piece at each multiple of it."""

_LOOK_BACK: Final = 128
"""Bytes within which an escape sequence may begin that must not be cut in two."""

_OPEN_ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[ -/]*)?$")
_REST_OF_ESCAPE: Final = re.compile(rb"\[?[0-?]*[ -/]*[0-~]")
_CONTINUATION: Final = re.compile(rb"[\x80-\xbf]{0,3}")


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes from `start` to `end` of a spool, a line or a part of one; `data` has no line end."""

    start: int
    end: int
    data: bytes
    closed: bool
    """Whether its line ends with it."""


class SpoolLines:
    """Finds lines in a spool that may grow."""

    def __init__(self, read: Callable[[int, int], bytes], size: Callable[[], int]) -> None:
        """Look into what `read(offset, limit)` gives; `size()` is how much there is."""
        self._read = read
        self.size = size

    def start_of(self, offset: int) -> int:
        """Give where the piece begins that holds the byte at `offset`."""
        border = offset // PIECE * PIECE
        while True:
            begin = max(0, border - PIECE)
            line_end = self._read(begin, offset - begin).rfind(b"\n")
            if line_end >= 0:
                return begin + line_end + 1
            if border == 0:
                return 0
            moved = self._behind_cut(border)
            if moved <= offset:
                return moved
            border -= PIECE

    def piece(self, start: int) -> Piece:
        """Give the piece that begins at `start`; an empty one at the end."""
        is_line = start == 0 or self._read(start - 1, 1) == b"\n"
        border = start // PIECE * PIECE + PIECE
        if is_line and border - start < PIECE:
            border += PIECE
        data = self._read(start, border - start)
        line_end = data.find(b"\n")
        if line_end >= 0:
            return Piece(start, start + line_end + 1, data[:line_end], closed=True)
        if len(data) < border - start:
            return Piece(start, start + len(data), data, closed=False)
        end = self._behind_cut(border)
        data += self._read(border, end - border)
        return Piece(start, end, data, closed=False)

    def before(self, start: int) -> int | None:
        """Give where the piece before the one at `start` begins; None at the beginning."""
        return self.start_of(start - 1) if start > 0 else None

    def last(self) -> int:
        """Give where the last piece begins that has anything in it."""
        return self.start_of(max(0, self.size() - 1))

    def _behind_cut(self, border: int) -> int:
        """Give the first place from `border` on that cuts neither an escape sequence nor a character in two."""
        begin = max(0, border - _LOOK_BACK)
        around = self._read(begin, border - begin + _LOOK_BACK)
        before, after = around[: border - begin], around[border - begin :]
        opened = _OPEN_ESCAPE.search(before)
        rest = _REST_OF_ESCAPE.match(after) if opened else _CONTINUATION.match(after)
        return border + (rest.end() if rest else 0)
