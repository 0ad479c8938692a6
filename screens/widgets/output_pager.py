"""Everything a command printed, from disk, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from screens.terminal.lines import runs_of
from screens.widgets.output_colours import FOUND, MARKED, marked, strip_of
from screens.widgets.output_lines import SpoolLines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events

    from screens.output import Output
    from screens.widgets.output_lines import Piece
    from wizard.run.output_search import Match

PIECES_KEPT: Final = 256
"""Pieces whose rows are remembered between two paintings."""
WHEEL_ROWS: Final = 3


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A row: the piece of the spool that begins at `start`, and which of the rows it takes."""

    start: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """What of the spool is on the page, in bytes."""

    begin: int
    end: int
    size: int

    @property
    def percent(self) -> int:
        """How far down the page ends."""
        return 100 if self.end >= self.size else min(99, self.end * 100 // self.size)


class OutputPager(Widget, can_focus=True):
    """Rows of a spool that are found by their place in it, so that a gigabyte opens as fast as a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "up", "Up", show=False, id="output.up", tooltip="A line up"),
        Binding("down,j", "down", "Down", show=False, id="output.down", tooltip="A line down"),
        Binding("pageup,b", "page_up", "Page up", show=False, id="output.page-up", tooltip="A page up"),
        Binding("pagedown,space", "page_down", "Page down", show=False, id="output.page-down", tooltip="A page down"),
        Binding("home,g", "home", "Start", show=False, id="output.home", tooltip="The first line of the output"),
        Binding("left", "left", "Left", show=False, id="output.left", tooltip="Back towards the beginning of lines"),
        Binding("right", "right", "Right", show=False, id="output.right", tooltip="The rest of long lines, uncut"),
    ]

    DEFAULT_CSS = """
    OutputPager {
        height: 1fr;
        width: 1fr;
        background: $background;
        color: $foreground;
    }
    """

    shift: reactive[int] = reactive(0, init=False)
    """Columns that are left out on the left; lines are wrapped where it is 0."""

    class Moved(Message):
        """The page shows something else."""

    class WentPastEnd(Message):
        """Somebody at the end wants what comes after it."""

    def __init__(self, output: Output, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        """Show what `output` has on disk."""
        super().__init__(id=id)
        self._lines = SpoolLines(output.read, output.size)
        self._area = Size(0, 0)
        self._top = Place(0)
        self._rows: dict[tuple[int, int], tuple[Piece, tuple[Strip, ...]]] = {}
        self._page: list[tuple[Place, Piece, Strip]] = []
        self._match: Match | None = None
        self._anchor: int | None = None
        self._point = 0

    # -- where it is -----------------------------------------------------------------------------

    @property
    def position(self) -> Position:
        """What is on the page."""
        page = self._laid_out()
        if not page:
            return Position(0, 0, 0)
        return Position(page[0][1].start, page[-1][1].end, self._lines.size())

    @property
    def selected(self) -> tuple[int, int] | None:
        """Bytes of the lines that are selected, from the first to behind the last."""
        if self._anchor is None:
            return None
        first, last = sorted((self._anchor, self._point))
        return first, self._lines.piece(last).end

    def open_at_end(self, area: Size) -> None:
        """Show the last page; `area` is the room it will have, for it has none while it is not shown."""
        self._take_area(area)
        self._move_to(self._last_top())

    def go_to(self, offset: int) -> None:
        """Show the line with the byte at `offset` in the upper half of the page."""
        start = self._lines.start_of(offset)
        row = self._row_of(start, offset)
        self._move_to(self._up(Place(start, row), self._area.height // 3))

    def show_match(self, match: Match | None) -> None:
        """Mark what was found, and go where it is."""
        self._match = match
        self._rows.clear()
        if match is not None:
            position = self.position
            if not position.begin <= match.begin < position.end or self._is_cut_off(match):
                self.shift = 0
                self.go_to(match.begin)
            if self._anchor is not None:
                self._point = self._lines.start_of(match.begin)
        self._repaint()

    def search_start(self, match: Match | None, *, backwards: bool, by_lines: bool) -> int:
        """Give from where the next search goes: the last match where it is still shown, else the page."""
        position = self.position
        if match is None or not position.begin <= match.begin < position.end:
            return position.end if backwards and match is None else position.begin
        if not by_lines:
            return match.begin if backwards else match.begin + 1
        start = self._lines.start_of(match.begin)
        return start if backwards else self._lines.piece(start).end

    # -- selecting -------------------------------------------------------------------------------

    def select(self, *, on: bool) -> None:
        """Begin to select lines where the last match is, or at the top of the page; or select none."""
        if not on:
            self._anchor = None
        elif page := self._laid_out():
            shown = [piece for _, piece, _ in page]
            hit = self._match
            at = next((piece for piece in shown if hit is not None and piece.start <= hit.begin < piece.end), shown[0])
            self._anchor = self._point = at.start
        self._repaint()

    def _move_point(self, lines: int) -> None:
        """Move the moving end of the selection, and the page with it where it would leave it."""
        for _ in range(abs(lines)):
            if lines < 0:
                before = self._lines.before(self._point)
                if before is None:
                    break
                self._point = before
            else:
                end = self._lines.piece(self._point).end
                if end >= self._lines.size():
                    break
                self._point = end
        shown = [place for place, _, _ in self._laid_out()]
        if not shown or self._point < shown[0].start:
            self._top = Place(self._point)
        elif self._point > shown[-1].start:
            self._top = self._up(Place(self._point), self._area.height - 1)
        self._repaint()

    # -- moving ----------------------------------------------------------------------------------

    def action_up(self) -> None:
        """A line up."""
        self._go(-1)

    def action_down(self) -> None:
        """A line down."""
        self._go(1)

    def action_page_up(self) -> None:
        """A page up; a line of the last one stays in sight."""
        self._go(-max(1, self._area.height - 1))

    def action_page_down(self) -> None:
        """A page down; a line of the last one stays in sight."""
        self._go(max(1, self._area.height - 1))

    def action_home(self) -> None:
        """The beginning."""
        if self._anchor is not None:
            self._point = 0
        self._move_to(Place(0))

    def action_left(self) -> None:
        """Back towards the beginning of lines; from there on they are wrapped again."""
        self.shift = max(0, self.shift - max(1, self._area.width // 2))

    def action_right(self) -> None:
        """What is further right."""
        most = max((strip.cell_length for _, _, strip in self._laid_out()), default=0)
        step = max(1, self._area.width // 2)
        if self.shift == 0 or self.shift + step < most:
            self.shift += step

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """A few lines up."""
        event.stop()
        self._go(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """A few lines down."""
        event.stop()
        self._go(WHEEL_ROWS)

    def _go(self, rows: int) -> None:
        if self._anchor is not None:
            self._move_point(rows)
        elif rows < 0:
            self._move_to(self._up(self._top, -rows))
        else:
            last = self._last_top()
            if self._top >= last:
                self.post_message(self.WentPastEnd())
            else:
                self._move_to(min(self._down(self._top, rows), last))

    def _move_to(self, place: Place) -> None:
        self._top = place
        self._repaint()

    def _repaint(self) -> None:
        self._page = []
        self.refresh()
        self.post_message(self.Moved())

    def _up(self, place: Place, rows: int) -> Place:
        while rows > place.row:
            rows -= place.row + 1
            before = self._lines.before(place.start)
            if before is None:
                return Place(0)
            place = Place(before, len(self._rows_of(before)[1]) - 1)
        return Place(place.start, place.row - rows)

    def _down(self, place: Place, rows: int) -> Place:
        while True:
            piece, strips = self._rows_of(place.start)
            rest = len(strips) - 1 - place.row
            if rows <= rest or piece.end >= self._lines.size():
                return Place(place.start, place.row + min(rows, rest))
            rows -= rest + 1
            place = Place(piece.end)

    def _last_top(self) -> Place:
        last = self._lines.last()
        return self._up(Place(last, len(self._rows_of(last)[1]) - 1), max(0, self._area.height - 1))

    # -- rows ------------------------------------------------------------------------------------

    def watch_shift(self) -> None:
        """Lay out anew; the piece at the top stays there."""
        self._rows.clear()
        self._move_to(Place(self._top.start))

    def on_resize(self, event: events.Resize) -> None:
        """Lay out anew; what is at the top stays there, and the end stays the end."""
        if event.size and event.size != self._area:
            at_end = self._top >= self._last_top()
            self._take_area(event.size)
            self._move_to(self._last_top() if at_end else Place(self._top.start))

    def _take_area(self, area: Size) -> None:
        self._area = area
        self._rows.clear()

    def notify_style_update(self) -> None:
        """Draw anew in another theme."""
        super().notify_style_update()
        self._rows.clear()
        self._page = []

    def render_line(self, y: int) -> Strip:
        """Draw a row."""
        base, width = self.rich_style, self.size.width
        page = self._laid_out()
        if y >= len(page):
            return Strip.blank(width, base)
        _, piece, strip = page[y]
        if self.shift:
            strip = strip.crop(self.shift, self.shift + width)
        strip = strip.adjust_cell_length(width, base)
        selected = self._anchor is not None and _between(piece.start, self._anchor, self._point)
        return marked(strip, 0, width, MARKED) if selected else strip

    def _laid_out(self) -> list[tuple[Place, Piece, Strip]]:
        if not self._page:
            self._page = list(self._lay_out())
        return self._page

    def _lay_out(self) -> Iterator[tuple[Place, Piece, Strip]]:
        place, free = self._top, self._area.height
        while free > 0:
            piece, strips = self._rows_of(place.start)
            if piece.end == piece.start:
                return
            for row in range(min(place.row, len(strips) - 1), len(strips)):
                if free == 0:
                    return
                yield Place(piece.start, row), piece, strips[row]
                free -= 1
            place = Place(piece.end)

    def _rows_of(self, start: int) -> tuple[Piece, tuple[Strip, ...]]:
        """Give the piece at a place, and the rows it takes, at least one."""
        known = self._rows.get((start, self._area.width))
        if known is not None and known[0].closed:
            return known
        piece = self._lines.piece(start)
        strip = strip_of(runs_of(piece.data), self.rich_style)
        hit = self._match
        if hit is not None and piece.start <= hit.begin < piece.end:
            begin = self._column(piece, hit.begin)
            strip = marked(strip, begin, max(begin + 1, self._column(piece, hit.end)), FOUND)
        rows = (strip,) if self.shift else _wrapped(strip, max(1, self._area.width))
        if len(self._rows) >= PIECES_KEPT:
            self._rows.clear()
        self._rows[start, self._area.width] = piece, rows
        return piece, rows

    def _row_of(self, start: int, offset: int) -> int:
        """Give which row of the piece at `start` shows the byte at `offset`."""
        piece, rows = self._rows_of(start)
        column = self._column(piece, offset)
        for row, strip in enumerate(rows):
            if column < strip.cell_length:
                return row
            column -= strip.cell_length
        return len(rows) - 1

    def _is_cut_off(self, match: Match) -> bool:
        """Whether a match on the page is in a row that is not, or beside it."""
        start = self._lines.start_of(match.begin)
        place = Place(start, self._row_of(start, match.begin))
        return bool(self.shift) or all(place != shown for shown, _, _ in self._laid_out())

    def _column(self, piece: Piece, offset: int) -> int:
        """Give the column of an unwrapped piece at which the byte at `offset` is shown."""
        return sum(run.width for run in runs_of(piece.data[: offset - piece.start]))


def _wrapped(strip: Strip, width: int) -> tuple[Strip, ...]:
    """Cut a row into as many as it takes; a wide character is never cut in two."""
    if strip.cell_length <= width:
        return (strip,)
    if strip.text.isascii():
        cuts = list(range(width, strip.cell_length, width))
    else:
        cuts, used, at = [], 0, 0
        for character in strip.text:
            cells = cell_len(character)
            if used + cells > width:
                cuts.append(at)
                used = 0
            used += cells
            at += cells
    return tuple(strip.divide([*cuts, strip.cell_length]))


def _between(start: int, one: int, other: int) -> bool:
    return min(one, other) <= start <= max(one, other)
