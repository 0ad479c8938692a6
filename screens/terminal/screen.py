"""The grid of cells with its cursor: what control functions do to it, told in rows and columns from 0.

A cursor at column `columns` stands in the last column and wraps before the next character. Functions that move from
there move from the last column.
"""

from __future__ import annotations

from collections import deque
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from screens.terminal.cells import WRITES_KEPT, Line, cells_of
from screens.terminal.charsets import SETS
from screens.terminal.styles import PLAIN, Pens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.terminal.styles import Pen, Style

HISTORY = 100
"""Lines that left the top and come back when the screen grows."""
TAB = 8


@dataclass(frozen=True, slots=True)
class Saved:
    """What is kept of the cursor until it is restored."""

    x: int
    y: int
    pen: Pen
    origin: bool
    sets: tuple[str, ...]
    shifted: int


class Screen:
    """The cells of the normal and the alternate screen, the cursor, and the modes that change what printing does."""

    def __init__(self, columns: int, rows: int) -> None:
        """Make a blank screen."""
        self.columns = columns
        self.rows = rows
        self.pens = Pens()
        self.history: deque[Line] = deque(maxlen=HISTORY)
        self.reset()

    def reset(self) -> None:
        """Everything as at the beginning."""
        self.lines = [Line() for _ in range(self.rows)]
        self._other = [Line() for _ in range(self.rows)]
        self.history.clear()
        self.alternate = False
        self.x = 0
        self.y = 0
        self.last = ""
        """What was printed last; its end is what a repetition repeats."""
        self._saved: list[Saved | None] = [None, None]
        self.soft_reset()
        self.newline = False
        self.tabs = set(range(TAB, self.columns, TAB))

    def soft_reset(self) -> None:
        """Modes, margins, pen and character sets as at the beginning."""
        self.pen: Pen = self.pens.plain
        self.top = 0
        self.bottom = self.rows - 1
        self.origin = False
        self.wrap = True
        self.insert = False
        self.sets: tuple[str, ...] = ("B", "B", "B", "B")
        self.shifted = 0
        self.table: dict[int, int] | None = None
        self._saved[self.alternate] = None

    def copy(self) -> Screen:
        """Give another screen that is the same, and changes by itself."""
        other = copy(self)
        other.history = deque((line.copy() for line in self.history), HISTORY)
        other.lines = [line.copy() for line in self.lines]
        other._other = [line.copy() for line in self._other]  # noqa: SLF001 - its own
        other._saved = self._saved[:]  # noqa: SLF001
        other.tabs = set(self.tabs)
        return other

    def resize(self, columns: int, rows: int) -> None:
        """Take another size: rows leave at the top when blank ones below the cursor do not suffice, and come back."""
        if columns != self.columns:
            self.tabs = {tab for tab in self.tabs if tab < columns} | set(range(self._next_tab_stop(), columns, TAB))
        primary, other = (self._other, self.lines) if self.alternate else (self.lines, self._other)
        for line in (*self.history, *primary, *other):
            if line.writes:
                line.settle(self.columns)  # They were written into the columns there were.
        self.columns = columns
        saved = self._saved[0]
        cursor = self.y if not self.alternate else (saved.y if saved else 0)
        gone = 0
        while len(primary) > rows:
            if len(primary) - 1 > cursor - gone and not primary[-1].text(columns):
                primary.pop()
            else:
                self.history.append(primary.pop(0))
                gone += 1
        back = min(rows - len(primary), len(self.history))
        for _ in range(back):
            primary.insert(0, self.history.pop())
        primary.extend(Line() for _ in range(rows - len(primary)))
        moved = back - gone
        del other[rows:]
        other.extend(Line() for _ in range(rows - len(other)))
        self.rows = rows
        self.top, self.bottom = 0, rows - 1
        if not self.alternate:
            self.y += moved
        elif saved:
            self._saved[0] = replace(saved, y=max(0, saved.y + moved))
        self.y = max(0, min(self.y, rows - 1))
        self.x = min(self.x, columns)

    def _next_tab_stop(self) -> int:
        return (self.columns + TAB - 1) // TAB * TAB

    # -- printing --------------------------------------------------------------------------------

    def put(self, text: str) -> None:
        """Print characters, none of them a control."""
        self.last = text
        if self.table is not None:
            text = text.translate(self.table)
        marks = ""
        cells: Sequence[str] = text
        if not text.isascii():
            marks, cells = cells_of(text)
        if marks and self.x:
            self.lines[self.y].combine(min(self.x, self.columns) - 1, marks, self.columns)
        at = 0
        left = len(cells)
        columns = self.columns
        style = self.pen.style
        while left:
            room = columns - self.x
            if room <= 0:
                if not self.wrap:  # of all that comes only the last character is left, in the last column
                    if cells[-1]:
                        self._write(columns - 1, cells[-1:], style)
                    return
                self.x = 0
                self.index()
                room = columns
                if isinstance(cells, str):
                    at += self._scrolling_through(left)
                    left = len(cells) - at
            count = min(room, left)
            if count < left and not cells[at + count]:  # a wide character would be cut in two
                count -= 1
                if not count:
                    if self.wrap and columns > 1:
                        self._write(self.x, " ", style)
                        self.x = columns
                    else:  # it fits nowhere
                        at += 2
                        left -= 2
                    continue
            self._write(self.x, cells[at : at + count], style)
            self.x += count
            at += count
            left -= count

    def _scrolling_through(self, left: int) -> int:
        """Of characters for a line without end: how many would leave at the top, and out of the history, at once."""
        if self.y != self.rows - 1 or self.top or self.y != self.bottom or self.insert or self.alternate:
            return 0
        return max(0, left // self.columns - self.rows - HISTORY - 1) * self.columns

    def _write(self, column: int, cells: Sequence[str], style: Style) -> None:
        line = self.lines[self.y]
        if self.insert and column + len(cells) < self.columns:
            line.insert(column, len(cells), self.columns, style)
        self._write_over(column, cells, style)

    def repeat(self, count: int) -> None:
        """Print the last character again, in the character set that is in use by now."""
        if self.last:
            self.put(self.last[-1] * min(count, self.columns * self.rows))

    def designate(self, place: int, name: str) -> None:
        """Load a character set, named by its final byte, into G0 to G3."""
        self.sets = (*self.sets[:place], name, *self.sets[place + 1 :])
        self._use_sets()

    def shift(self, place: int) -> None:
        """Print by the set in G0 to G3."""
        self.shifted = place
        self._use_sets()

    def _use_sets(self) -> None:
        self.table = SETS.get(self.sets[self.shifted])

    # -- the cursor ------------------------------------------------------------------------------

    def line_feed(self) -> None:
        """Down, and to the first column in newline mode."""
        self.index()
        if self.newline:
            self.x = 0

    def index(self) -> None:
        """Down; at the bottom margin what is between the margins goes up."""
        self.x = min(self.x, self.columns - 1)
        if self.y == self.bottom:
            self.scroll_up(self.top, self.bottom, 1)
        elif self.y < self.rows - 1:
            self.y += 1

    def reverse_index(self) -> None:
        """Up; at the top margin what is between the margins goes down."""
        if self.y == self.top:
            self.scroll_down(self.top, self.bottom, 1)
        else:
            self._to(self.x, self.y - 1)

    def up(self, count: int) -> None:
        """Up, not past the top margin."""
        self._to(self.x, max(self.y - count, self.top if self.y >= self.top else 0))

    def down(self, count: int) -> None:
        """Down, not past the bottom margin."""
        self._to(self.x, min(self.y + count, self.bottom if self.y <= self.bottom else self.rows - 1))

    def right(self, count: int) -> None:
        """To the right, not past the edge."""
        self._to(self.x + count, self.y)

    def left(self, count: int) -> None:
        """To the left, not past the edge."""
        self._to(min(self.x, self.columns - 1) - count, self.y)

    def to_column(self, x: int) -> None:
        """To a column."""
        self._to(x, self.y)

    def to_row(self, y: int) -> None:
        """To a row, counted from the top margin in origin mode."""
        self.move_to(self.x, y)

    def move_to(self, x: int, y: int) -> None:
        """To a column and a row; in origin mode rows count from the top margin and end at the bottom margin."""
        if self.origin:
            y = min(y + self.top, self.bottom)
        self._to(x, y)

    def _to(self, x: int, y: int) -> None:
        self.x = max(0, min(x, self.columns - 1))
        self.y = max(0, min(y, self.rows - 1))

    def tab(self, count: int) -> None:
        """To the tab stop `count` further, or to the last column."""
        x = self.x
        if x >= self.columns:
            return
        for _ in range(min(count, self.columns)):
            while x < self.columns - 1:
                x += 1
                if x in self.tabs:
                    break
        self.x = x

    def tab_back(self, count: int) -> None:
        """To the tab stop `count` before, or to the first column."""
        x = min(self.x, self.columns - 1)
        for _ in range(min(count, self.columns)):
            while x:
                x -= 1
                if x in self.tabs:
                    break
        self.x = x

    def save(self) -> None:
        """Remember the cursor, the pen and the character sets, for the normal and the alternate screen apart."""
        self._saved[self.alternate] = Saved(self.x, self.y, self.pen, self.origin, self.sets, self.shifted)

    def restore(self) -> None:
        """Go back to what was remembered; to the first cell and the plain pen where nothing was."""
        saved = self._saved[self.alternate] or Saved(0, 0, self.pens.plain, False, ("B", "B", "B", "B"), 0)  # noqa: FBT003
        self.x = min(saved.x, self.columns)
        self.y = min(saved.y, self.rows - 1)
        self.pen = saved.pen
        self.origin = saved.origin
        self.sets = saved.sets
        self.shifted = saved.shifted
        self._use_sets()

    def set_origin(self, *, on: bool) -> None:
        """Count rows from the top margin, or from the top."""
        self.origin = on
        self.move_to(0, 0)

    def set_margins(self, top: int, bottom: int) -> None:
        """Scroll between two rows only; less than two rows are refused."""
        bottom = min(bottom, self.rows - 1)
        if top < bottom:
            self.top, self.bottom = top, bottom
            self.move_to(0, 0)

    def set_alternate(self, *, on: bool) -> None:
        """Show the alternate screen, or the normal one."""
        if on != self.alternate:
            self.alternate = on
            self.lines, self._other = self._other, self.lines

    # -- changing many cells ---------------------------------------------------------------------

    def _blank_line(self) -> Line:
        line = Line()
        blank = self.pen.blank
        if blank is not PLAIN:
            line.write(0, " " * self.columns, blank)
        return line

    def scroll_up(self, top: int, bottom: int, count: int) -> None:
        """Blank lines come in at row `bottom`; what leaves at the first row of the normal screen is history."""
        lines = self.lines
        for _ in range(min(count, bottom - top + 1)):
            gone = lines.pop(top)
            if not top and not self.alternate:
                self.history.append(gone)
            lines.insert(bottom, self._blank_line())

    def scroll_down(self, top: int, bottom: int, count: int) -> None:
        """Blank lines come in at row `top`."""
        for _ in range(min(count, bottom - top + 1)):
            del self.lines[bottom]
            self.lines.insert(top, self._blank_line())

    def insert_lines(self, count: int) -> None:
        """Blank lines at the cursor's row, down to the bottom margin."""
        if self.top <= self.y <= self.bottom:
            self.scroll_down(self.y, self.bottom, count)
            self.x = 0

    def delete_lines(self, count: int) -> None:
        """The lines from the cursor's row on go, up to the bottom margin."""
        if self.top <= self.y <= self.bottom:
            for _ in range(min(count, self.bottom - self.y + 1)):
                del self.lines[self.y]
                self.lines.insert(self.bottom, self._blank_line())
            self.x = 0

    def insert_cells(self, count: int) -> None:
        """Blanks at the cursor; the rest of the line moves to the right."""
        self.x = min(self.x, self.columns - 1)
        self.lines[self.y].insert(self.x, min(count, self.columns - self.x), self.columns, self.pen.blank)

    def delete_cells(self, count: int) -> None:
        """The rest of the line moves to the left."""
        self.x = min(self.x, self.columns - 1)
        self.lines[self.y].delete(self.x, count, self.columns, self.pen.blank)

    def erase_cells(self, count: int) -> None:
        """Blank so many cells from the cursor on."""
        self.x = min(self.x, self.columns - 1)
        self._erase(self.x, min(self.x + count, self.columns))

    def erase_line(self, part: int) -> None:
        """Blank the cursor's line: 0 from the cursor on, 1 up to it, 2 all."""
        match part:
            case 0:
                self.x = min(self.x, self.columns - 1)
                self._erase(self.x, self.columns)
            case 1:
                self.x = min(self.x, self.columns - 1)
                self._erase(0, self.x + 1)
            case 2:
                self._erase(0, self.columns)

    def erase_screen(self, part: int) -> None:
        """Blank the screen: 0 from the cursor on, 1 up to it, 2 all, 3 the history."""
        match part:
            case 0:
                self.erase_line(0)
                self.lines[self.y + 1 :] = [self._blank_line() for _ in range(self.y + 1, self.rows)]
            case 1:
                self.erase_line(1)
                self.lines[: self.y] = [self._blank_line() for _ in range(self.y)]
            case 2:
                self.lines[:] = [self._blank_line() for _ in range(self.rows)]
            case 3:
                self.history.clear()

    def _erase(self, begin: int, end: int) -> None:
        if begin == 0 and end == self.columns:
            self.lines[self.y] = self._blank_line()
        else:
            self._write_over(begin, " " * (end - begin), self.pen.blank)

    def _write_over(self, column: int, cells: Sequence[str], style: Style) -> None:
        line = self.lines[self.y]
        line.write(column, cells, style)
        if len(line.writes) > WRITES_KEPT:
            line.settle(self.columns)

    def fill(self, character: str) -> None:
        """The alignment pattern: the whole screen full of one character, margins away, cursor home."""
        self.top, self.bottom = 0, self.rows - 1
        self.origin = False
        self._to(0, 0)
        self.lines[:] = [Line() for _ in range(self.rows)]
        for line in self.lines:
            line.write(0, character * self.columns, PLAIN)
