"""A list of entries of several lines, the chosen one marked `>`: a background is told by colour alone."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import OptionList


class MarkedList(OptionList):
    """The first column of every entry is left free by whoever writes it, and holds the mark."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Choose", id="list.choose", tooltip="Choose the marked line"),
    ]

    def render_line(self, y: int) -> Strip:
        """Draw a line, with the mark at the first one of the entry it stands at."""
        strip = super().render_line(y)
        line = self.scroll_offset.y + y
        if line >= len(self._lines) or self._lines[line] != (self.highlighted, 0):
            return strip
        first = next(iter(strip), None)
        return Strip([Segment(">", first.style if first is not None else None), *strip.crop(1)])
