"""A line to type into, marked `>` while it has the keyboard: a cursor alone is easily missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget


class MarkedLine(Horizontal):
    """A control of one line, with words before it where there are any."""

    DEFAULT_CSS = """
    MarkedLine { height: 1; }
    MarkedLine > .mark { width: 2; height: 1; visibility: hidden; }
    MarkedLine.-here > .mark { visibility: visible; }
    MarkedLine > .before { width: auto; max-width: 60%; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, control: Widget, before: str = "") -> None:
        """Put `control` behind the mark and `before`."""
        super().__init__()
        self._control = control
        self._before = before

    def compose(self) -> ComposeResult:
        """Mark, words, control."""
        yield Static(">", classes="mark", markup=False)
        if self._before:
            yield Static(self._before, classes="before", markup=False)
        yield self._control

    def on_descendant_focus(self) -> None:
        """Show the mark."""
        self.add_class("-here")

    def on_descendant_blur(self) -> None:
        """Take the mark away."""
        self.remove_class("-here")
