"""A list of rows with a cursor that stays quick with many thousands: only what is seen is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events


class Tone(StrEnum):
    """How a word looks, by the names `Reading` has; what it means is always said by the word itself."""

    PLAIN = "plain"
    HEADING = "heading"
    STRONG = "strong"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    QUIET = "quiet"
    COMMAND = "command"


BOX_TONES: Final = {"danger": Tone.BAD, "warning": Tone.WARNING}
"""How the guide's boxes, and what the engine remarks, look by their kind; a note looks like what it stands in."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: words (clean, without line ends) with their tones; `end` stands at the right edge."""

    key: str
    words: tuple[tuple[str, Tone], ...]
    end: str = ""


class RowList(ScrollView, can_focus=True):
    """Rows under a cursor; a `>` marks where it is, so that it is seen without colour."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "ends(-1)", "First", show=False),
        Binding("end", "ends(1)", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--cursor", *(f"row-list--{tone}" for tone in Tone)}
    ALLOW_SELECT = False

    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        width: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & > .row-list--heading { color: $text-primary; text-style: bold; }
        & > .row-list--strong { text-style: bold; }
        & > .row-list--good { color: $text-success; }
        & > .row-list--warning { color: $text-warning; text-style: bold; }
        & > .row-list--bad { color: $text-error; text-style: bold; }
        & > .row-list--quiet { color: $text-muted; }
        & > .row-list--command { color: $text-accent; }
        & > .row-list--cursor {
            background: $block-cursor-blurred-background;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .row-list--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    """

    cursor: reactive[int] = reactive(0, init=False)

    class Moved(Message):
        """The cursor stands on another row; `key` is the row's, empty where there is none."""

        def __init__(self, rows: RowList, key: str) -> None:
            """Carry where the cursor is."""
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> RowList:
            """The list it is about."""
            return self.rows

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """Begin without rows."""
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._places: Mapping[str, int] = {}

    # -- rows ------------------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[Row]:
        """What is shown."""
        return self._rows

    @property
    def selected(self) -> str:
        """Key of the row under the cursor; empty without rows."""
        return self._rows[self.cursor].key if self._rows else ""

    def show(self, rows: Sequence[Row], *, at: str = "", places: Mapping[str, int] | None = None) -> None:
        """Show other rows; the cursor goes to the row `at`, or stays on its own where that is still there.

        Where only some rows are different, only they are drawn again. `places` are the numbers of the rows by their
        keys; whoever knows them spares going through all rows.
        """
        before, key = self._rows, at or self.selected
        self._rows = rows
        self._places = {row.key: number for number, row in enumerate(rows)} if places is None else places
        cursor = self._places.get(key, max(0, min(self.cursor, len(rows) - 1)))
        if len(before) == len(rows):
            # What is out of sight is drawn as it is by then once it is scrolled to.
            top = self.scroll_offset.y
            for number in range(top, min(len(rows), top + self.size.height)):
                if before[number] != rows[number]:
                    self.refresh_line(number)
        else:
            self.virtual_size = Size(0, len(rows))
            self.refresh()
        moved = self.cursor != cursor
        self.cursor = cursor
        if moved:
            self.call_after_refresh(self._follow)
        elif key != self.selected or not before:
            self.post_message(self.Moved(self, self.selected))

    def go_to(self, key: str) -> bool:
        """Put the cursor on a row; whether it is there."""
        if (place := self._places.get(key)) is None:
            return False
        self.cursor = place
        self._follow()
        return True

    # -- drawing ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw the row at `y` of what is seen."""
        number, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        base = self.rich_style
        if number >= len(self._rows):
            return Strip.blank(width, base)
        here = number == self.cursor
        if here:
            base += self.get_component_rich_style("row-list--cursor")
        row = self._rows[number]
        # Under the cursor its own colours hold: a theme has made sure that they can be read.
        plain = here and self.has_focus
        segments = [Segment(">" if plain else " ", base)]
        segments += [Segment(words, base if plain else base + self._look(tone)) for words, tone in row.words]
        strip = _fitted(Strip(segments), width - (cell_len(row.end) + 1 if row.end else 0), base)
        if row.end:
            quiet = base if plain else base + self._look(Tone.QUIET)
            strip = Strip([*strip, Segment(" ", base), Segment(row.end, quiet)])
        return strip.adjust_cell_length(width, base)

    def _look(self, tone: Tone) -> Style:
        """How a tone looks on any background: a colour that hangs on one (`$text-muted`) is only known in full."""
        full = self.get_component_rich_style(f"row-list--{tone}")
        return Style(color=full.color, bold=full.bold, dim=full.dim)

    # -- moving ----------------------------------------------------------------------------------

    def validate_cursor(self, cursor: int) -> int:
        """Keep it among the rows."""
        return max(0, min(cursor, len(self._rows) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        """Draw both rows again, and say where it is."""
        self.refresh_line(before)
        self.refresh_line(after)
        self.post_message(self.Moved(self, self.selected))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._follow()

    def action_move(self, by: int) -> None:
        """Go some rows up or down."""
        self.cursor += by
        self._follow()

    def action_page(self, by: int) -> None:
        """Go a page up or down."""
        self.action_move(by * max(1, self.scrollable_content_region.height - 1))

    def action_ends(self, where: int) -> None:
        """Go to the first or the last row."""
        self.cursor = 0 if where < 0 else len(self._rows) - 1
        self._follow()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where it was clicked."""
        if (offset := event.get_content_offset(self)) is not None:
            place = offset.y + self.scroll_offset.y
            if place < len(self._rows):
                self.cursor = place

    def _follow(self) -> None:
        """Scroll until the cursor is seen."""
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, immediate=True, x_axis=False)


def _fitted(strip: Strip, width: int, base: Style) -> Strip:
    """The strip as wide as there is room; what is cut off ends in a sign."""
    if strip.cell_length <= width:
        return strip.adjust_cell_length(width, base)
    return Strip([*strip.crop(0, max(0, width - 1)), Segment("…", base)])
