"""The grid of a table question: rows and columns under a cursor, and two lines below them to add a row and to take all.

It only draws and says what is wanted; the rows belong to `FormTable`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from screens.widgets.form_lines import step_focus

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.style import Style
    from textual import events
    from textual.geometry import Size

NARROWEST: Final = 6
WIDEST: Final = 28
ROWS: Final = 12
"""Rows that are shown at a time."""

ADD: Final = "+ Add a row"


class FormTableGrid(Widget, can_focus=True):
    """Cells under a cursor, marked `>`; what is wrong has a `!` in front."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,e", "open", "Change", id="table.edit", tooltip="Change this cell"),
        Binding("enter,e", "do", "Do it", id="table.do", tooltip="Do what the line says"),
        Binding("a", "want('add')", "Add", id="table.add", tooltip="Add a row at the end"),
        Binding("d,delete", "want('delete')", "Delete", id="table.delete", tooltip="Delete this row"),
        Binding("k", "want('up')", "Row up", id="table.up", tooltip="Move this row up"),
        Binding("j", "want('down')", "Row down", id="table.down", tooltip="Move this row down"),
        Binding("p", "want('paste')", "Paste", id="table.paste", tooltip="Paste several lines, one row a line"),
        Binding("t", "want('take')", "Take", id="table.take", tooltip="Take the rows as the answer"),
        Binding("up", "move(-1, 0)", "Up", show=False, id="table.line-up", tooltip="The row above"),
        Binding("down", "move(1, 0)", "Down", show=False, id="table.line-down", tooltip="The row below"),
        Binding("left", "move(0, -1)", "Left", show=False, id="table.left", tooltip="The cell before"),
        Binding("right", "move(0, 1)", "Right", show=False, id="table.right", tooltip="The next cell"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "form-grid--head", "form-grid--cursor", "form-grid--wrong", "form-grid--do",
    }  # fmt: skip
    ALLOW_SELECT = False

    DEFAULT_CSS = """
    FormTableGrid { width: 1fr; height: auto; }
    FormTableGrid > .form-grid--head { color: $text-muted; text-style: underline; }
    FormTableGrid > .form-grid--wrong { color: $text-error; text-style: bold; }
    FormTableGrid > .form-grid--do { color: $text-primary; }
    FormTableGrid:focus > .form-grid--cursor {
        color: $block-cursor-foreground;
        background: $block-cursor-background;
        text-style: $block-cursor-text-style;
    }
    """

    cursor: reactive[tuple[int, int]] = reactive((0, 0), init=False)

    class Wanted(Message):
        """The person wants something done: add, edit, delete, up, down, paste, take."""

        def __init__(self, what: str) -> None:
            """Carry the word."""
            super().__init__()
            self.what = what

    class Pasted(Message):
        """The person pasted text."""

        def __init__(self, text: str) -> None:
            """Carry the text."""
            super().__init__()
            self.text = text

    class Moved(Message):
        """The cursor stands on another cell."""

    def __init__(self) -> None:
        """Begin without rows."""
        super().__init__()
        self._heads: Sequence[str] = ()
        self._cells: Sequence[Sequence[str]] = ()
        self._wrong: Collection[tuple[int, int]] = ()
        self._take = ""

    def show(
        self, heads: Sequence[str], cells: Sequence[Sequence[str]], wrong: Collection[tuple[int, int]], take: str
    ) -> None:
        """Show rows; `wrong` are (row, column), `take` is the line that takes them all."""
        if (heads, cells, wrong, take) == (self._heads, self._cells, self._wrong, self._take):
            return
        tall = self._height()
        self._heads, self._cells, self._wrong, self._take = heads, cells, wrong, take
        self.cursor = self.cursor
        self.refresh(layout=self._height() != tall)
        self.refresh_bindings()

    def validate_cursor(self, cursor: tuple[int, int]) -> tuple[int, int]:
        """Keep it on a cell, or on a line below the rows."""
        row, column = cursor
        last = len(self._cells) + bool(self._take)
        return max(0, min(row, last)), max(0, min(column, len(self._heads) - 1))

    def to_take(self) -> None:
        """Go to the line that takes the rows, else to the one that adds one."""
        self.cursor = (len(self._cells) + bool(self._take), 0)

    def watch_cursor(self) -> None:
        """Draw it where it is."""
        self.refresh()
        self.refresh_bindings()
        self.post_message(self.Moved())

    # -- drawing -----------------------------------------------------------------------------------

    def _height(self) -> int:
        return 1 + min(ROWS, len(self._cells)) + 1 + bool(self._take)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Heading, rows, and the lines below."""
        del container, viewport, width
        return self._height()

    def _first(self) -> int:
        """The first row that is shown."""
        row = min(self.cursor[0], max(0, len(self._cells) - 1))
        return max(0, min(row - ROWS // 2, len(self._cells) - ROWS))

    def widths(self, width: int) -> list[int]:
        """Columns of each cell, the widest giving way first."""
        lines = [self._heads, *self._cells]
        found = [min(WIDEST, max(cell_len(line[place]) + 1 for line in lines)) for place in range(len(self._heads))]
        room = width - 5
        while sum(found) + len(found) > room and max(found) > NARROWEST:
            found[found.index(max(found))] -= 1
        return found

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        width, base = self.size.width, self.rich_style
        shown = min(ROWS, len(self._cells))
        if y == 0:
            strip = self._row_strip("", self._heads, base + self._look("head"), -1)
        elif y <= shown:
            number = self._first() + y - 1
            strip = self._row_strip(str(number + 1), self._cells[number], base, number)
        else:
            strip = self._line_strip(y - shown - 1, base)
        return strip.crop(0, width).adjust_cell_length(width, base)

    def _line_strip(self, line: int, base: Style) -> Strip:
        place, text = len(self._cells) + line, (ADD, f"= {self._take}")[line] if line < 2 else ""
        here = self.cursor[0] == place and self.has_focus
        style = base + self._look("cursor" if here else "do")
        return Strip([Segment(f"{'>' if here else ' '}   ", base), Segment(text, style)])

    def _row_strip(self, number: str, cells: Sequence[str], base: Style, row: int) -> Strip:
        widths = self.widths(self.size.width)
        first = self._first_column(widths)
        at_row = row == self.cursor[0] and row >= 0 and self.has_focus
        segments = [Segment(f"{'>' if at_row else ' '}{number:>2} ", self.rich_style)]
        for place in range(first, len(widths)):
            wrong = (row, place) in self._wrong
            text = f"!{cells[place]}" if wrong else cells[place]
            if cell_len(text) > widths[place]:
                text = f"{set_cell_size(text, widths[place] - 1)}…"
            style = base
            if at_row and place == self.cursor[1]:
                style += self._look("cursor")
            elif wrong:
                style += self._look("wrong")
            segments += [Segment(set_cell_size(text, widths[place]), style), Segment(" ", self.rich_style)]
        return Strip(segments)

    def _first_column(self, widths: Sequence[int]) -> int:
        """The first column that is shown, so that the cursor's is seen."""
        first, room = 0, self.size.width - 5
        while first < self.cursor[1] and sum(widths[first : self.cursor[1] + 1]) + self.cursor[1] - first > room:
            first += 1
        return first

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"form-grid--{name}", partial=True)

    # -- keys and mouse ----------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done with a row is offered on a row; the lines below the rows have one thing to do each."""
        on_row = self.cursor[0] < len(self._cells)
        match action, parameters:
            case ("open", _) | ("want", ("delete" | "up" | "down",)):
                return on_row
            case "do", _:
                return not on_row
            case "want", ("take",):
                return bool(self._take)
            case _:
                return super().check_action(action, parameters)

    def action_move(self, down: int, right: int) -> None:
        """Go to another cell; at the ends on to what stands there."""
        row, column = self.cursor
        to = self.validate_cursor((row + down, column + right))
        if to != (row, column):
            self.cursor = to
        elif down:
            step_focus(self, down)

    def action_open(self) -> None:
        """Change the cell."""
        self.post_message(self.Wanted("edit"))

    def action_do(self) -> None:
        """Do what the line says."""
        self.post_message(self.Wanted("add" if self.cursor[0] == len(self._cells) else "take"))

    def action_want(self, what: str) -> None:
        """Say what is wanted."""
        self.post_message(self.Wanted(what))

    def on_paste(self, event: events.Paste) -> None:
        """Pass on what was pasted."""
        event.stop()
        self.post_message(self.Pasted(event.text))

    def on_click(self, event: events.Click) -> None:
        """Go to the cell that is clicked; once more opens it."""
        if (offset := event.get_content_offset(self)) is None or offset.y == 0:
            return
        shown = min(ROWS, len(self._cells))
        row = self._first() + offset.y - 1 if offset.y <= shown else len(self._cells) + offset.y - shown - 1
        widths = self.widths(self.size.width)
        column, x = self._first_column(widths), offset.x - 4
        while column < len(widths) - 1 and x > widths[column]:
            x -= widths[column] + 1
            column += 1
        before = self.cursor
        self.cursor = (row, column)
        if row >= len(self._cells):
            self.action_do()
        elif before == self.cursor:
            self.action_open()
