"""One line of two parts: where there is no room for both, the first is shortened and the last stands in full."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

LEAST: Final = 8
"""Columns that are left to the first part, however long the last one is."""


def shortened(text: str, room: int) -> str:
    """Cut `text`, which is one clean line, to `room` columns, with dots at its end where something is missing."""
    return Content(text).truncate(max(LEAST, room), ellipsis=True).plain


class Fitted(Static):
    """Shows a name and what is said of it; say both by `tell`."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin empty."""
        super().__init__("", id=id, markup=False)
        self._head, self._last = "", ""

    def tell(self, name: str, last: str) -> None:
        """Show `name`, of which as much stands there as fits, and `last`, all of it; both are clean."""
        if (name, last) != (self._head, self._last):
            self._head, self._last = name, last
            self.refresh()

    def render(self) -> Content:
        """Fit them into the width there is now."""
        return Content(shortened(self._head, self.size.width - cell_len(self._last)) + self._last)
