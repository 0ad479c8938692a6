"""A unified difference: every line with its sign, coloured besides, whatever its length and number."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from wizard.plain.clean import clean_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

_KINDS = (("+++", "head"), ("---", "head"), ("@@", "place"), ("+", "added"), ("-", "removed"))


class DiffView(Widget):
    r"""As high as its lines are; long ones go on below, behind a `\` at the end of the row.

    It draws only the rows that are seen, so that it may be thousands of lines high inside of something that scrolls.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "diff--head", "diff--place", "diff--added", "diff--removed", "diff--same",
    }  # fmt: skip

    DEFAULT_CSS = """
    DiffView {
        width: 1fr;
        height: auto;
        .diff--head { text-style: bold; }
        .diff--place { color: $text-accent; }
        .diff--added { color: $text-success; }
        .diff--removed { color: $text-error; }
        .diff--same { color: $text-muted; }
    }
    """

    def __init__(self, lines: Sequence[str]) -> None:
        """Show the lines of a unified difference; secrets are masked in them already."""
        super().__init__()
        self._lines = [part for line in lines for part in clean_command(line.rstrip("\n")).split("\n")]
        self._wrapped: list[tuple[str, str]] = []
        self._width = -1

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Give the number of rows at this width."""
        del container, viewport
        return len(self._rows(width))

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        rows = self._rows(self.size.width)
        if y >= len(rows):
            return Strip.blank(self.size.width, self.rich_style)
        kind, text = rows[y]
        style = self.get_component_rich_style(f"diff--{kind}")
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, self.rich_style)

    def _rows(self, width: int) -> list[tuple[str, str]]:
        """Kind and text of every row."""
        if width != self._width:
            self._width = width
            self._wrapped = [row for line in self._lines for row in wrapped(line, width)]
        return self._wrapped


def wrapped(line: str, width: int) -> list[tuple[str, str]]:
    """Give the rows of one line with what kind it is; each row but the last ends with a backslash."""
    kind = next((kind for sign, kind in _KINDS if line.startswith(sign)), "same")
    if width < 4 or cell_len(line) <= width:
        return [(kind, line)]
    *most, last = chop_cells(line, width - 1)
    return [*((kind, f"{part}\\") for part in most), (kind, last)]
