"""A line of the screen: a list of writes, which become cells only when somebody looks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import get_character_cell_size

from screens.terminal.styles import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Sequence

WRITES_KEPT = 64
"""Writes of a line that may wait to become cells; a bar drawn a million times over one line is no heavier."""
MARKS_KEPT = 8
"""Combining characters that one cell keeps."""

# One cell each, whatever the table says of them otherwise: Latin, Greek, Cyrillic, lines and blocks, Braille.
_ALL_NARROW = re.compile("[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2500-\u25fc\u2800-\u28ff]*").fullmatch


class Run(NamedTuple):
    """Neighbouring cells of one style; `width` in cells."""

    text: str
    style: Style
    width: int


class Line:
    """One line of the screen."""

    __slots__ = ("_chars", "_runs", "_styles", "seen", "writes")

    def __init__(self) -> None:
        """Begin blank."""
        self.writes: list[tuple[int, Sequence[str], Style]] = []
        """What was written and is not in the cells yet: first column, the cells, their style.

        A cell is a character with its combining marks; the right half of a wide one is the empty string.
        """
        self._chars: list[str] = []
        self._styles: list[Style] = []
        self._runs: tuple[Run, ...] | None = None
        self.seen = False
        """Whether somebody took notice of what is in the cells."""

    def copy(self) -> Line:
        """Give another line that looks the same, not taken notice of."""
        other = Line()
        other.writes, other._chars, other._styles = self.writes[:], self._chars[:], self._styles[:]
        return other

    def write(self, column: int, cells: Sequence[str], style: Style) -> None:
        """Put cells at a column."""
        self.writes.append((column, cells, style))

    def settle(self, columns: int) -> None:
        """Make cells of what was written."""
        chars, styles = self._sized(columns)
        self.seen = self.seen and not self.writes
        for column, cells, style in self.writes:
            end = column + len(cells)
            if not chars[column]:  # half of a wide character that is overwritten
                chars[column - 1], styles[column - 1] = " ", PLAIN
            if end < len(chars) and not chars[end]:
                chars[end], styles[end] = " ", PLAIN
            chars[column:end] = cells
            styles[column:end] = [style] * (end - column)
        self.writes.clear()

    def _sized(self, columns: int) -> tuple[list[str], list[Style]]:
        """The cells, as many as there are columns."""
        chars, styles = self._chars, self._styles
        missing = columns - len(chars)
        if missing > 0:
            chars.extend(" " * missing)
            styles.extend([PLAIN] * missing)
        elif missing:
            if not chars[columns]:
                chars[columns - 1] = " "
            del chars[columns:], styles[columns:]
        self._runs = None
        return chars, styles

    def _changing(self, columns: int) -> tuple[list[str], list[Style]]:
        """The cells with all writes in them, to be changed."""
        self.settle(columns)
        self.seen = False
        return self._sized(columns)

    def insert(self, column: int, count: int, columns: int, blank: Style) -> None:
        """Move what is from `column` on to the right by `count` blanks; what passes the edge is gone."""
        chars, styles = self._changing(columns)
        _part(chars, styles, column)
        chars[column:column] = " " * count
        styles[column:column] = [blank] * count
        _part(chars, styles, columns)
        del chars[columns:], styles[columns:]

    def delete(self, column: int, count: int, columns: int, blank: Style) -> None:
        """Take `count` cells out at `column`; blanks come in at the right."""
        chars, styles = self._changing(columns)
        count = min(count, columns - column)
        _part(chars, styles, column)
        _part(chars, styles, column + count)
        del chars[column : column + count], styles[column : column + count]
        chars.extend(" " * count)
        styles.extend([blank] * count)

    def combine(self, column: int, marks: str, columns: int) -> None:
        """Add combining characters to the cell at `column`, or to the wide one whose right half it is."""
        chars, _ = self._changing(columns)
        if not chars[column] and column:
            column -= 1
        chars[column] = (chars[column] + marks)[: 1 + MARKS_KEPT]

    def runs(self, columns: int) -> tuple[Run, ...]:
        """The line as it is to be drawn, `columns` cells wide."""
        if self.writes or len(self._chars) < columns:
            self.settle(columns)
        chars, styles = self._chars, self._styles
        if len(chars) > columns:  # The screen became narrower: what is beyond its edge is hidden, not lost.
            chars, styles = chars[:columns], styles[:columns]
            if not self._chars[columns]:
                chars[-1] = " "
            return joined(chars, styles)
        if self._runs is None:
            self._runs = joined(chars, styles)
        return self._runs

    def text(self, columns: int) -> str:
        """The line's characters, without the blanks at its end."""
        return "".join(run.text for run in self.runs(columns)).rstrip(" ")

    def look(self, columns: int) -> bool:
        """Take notice; gives whether anything was written since the last look."""
        if self.writes:
            self.settle(columns)
        changed = not self.seen
        self.seen = True
        return changed


def joined(chars: list[str], styles: list[Style]) -> tuple[Run, ...]:
    """Join neighbouring cells of one style; there is at least one cell."""
    if styles.count(styles[0]) == len(styles):
        return (Run("".join(chars), styles[0], len(chars)),)
    runs = []
    at = 0
    for style, same in groupby(styles):
        end = at + len(list(same))
        runs.append(Run("".join(chars[at:end]), style, end - at))
        at = end
    return tuple(runs)


def _part(chars: list[str], styles: list[Style], column: int) -> None:
    """Blank both halves of a wide character that is cut in the middle before `column`."""
    if 0 < column < len(chars) and not chars[column]:
        chars[column - 1 : column + 1] = "  "
        styles[column - 1 : column + 1] = [PLAIN, PLAIN]


@lru_cache(maxsize=8192)
def width_of(character: str) -> int:
    """Columns of a character: 2 for a wide one, 0 for a combining one, -1 for what is not to be kept.

    Joiners and variation selectors ask for one sign of several; terminals disagree on how wide that is. Direction
    marks would reorder the operator's screen. All of them are left out, so that every terminal draws the same.
    """
    width = get_character_cell_size(character)
    if width == 0 and (
        unicodedata.category(character) in {"Cf", "Cc", "Zl", "Zp"} or "\ufe00" <= character <= "\ufe0f"
    ):
        return -1
    return width


def cells_of(text: str) -> tuple[str, Sequence[str]]:
    """Split printable text: combining characters that belong to what stands before it, and its cells."""
    if _ALL_NARROW(text):
        return "", text
    marks = ""
    cells: list[str] = []
    for character in text:
        match width_of(character):
            case 1:
                cells.append(character)
            case 2:
                cells += (character, "")
            case 0 if cells:
                at = -1 if cells[-1] else -2
                if len(cells[at]) <= MARKS_KEPT:
                    cells[at] += character
            case 0:
                marks = (marks + character)[:MARKS_KEPT]
            case _:
                pass
    return marks, cells
