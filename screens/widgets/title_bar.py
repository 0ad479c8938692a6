"""The first line of a screen: what it is, and of what."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widgets import Static

from wizard.plain.clean import clean_line

BETWEEN: Final = " · "
"""What stands between the parts of a line that names several things."""


def joined(*parts: str) -> str:
    """The parts there are, cleaned, in one line."""
    return BETWEEN.join(clean_line(part) for part in parts if part)


class TitleBar(Static):
    """Says `joined` parts; what does not fit is cut off at the end."""

    DEFAULT_CSS = """
    TitleBar {
        height: 1;
        padding: 0 1;
        background: $panel;
        text-style: bold;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, *parts: str, id: str | None = None) -> None:  # noqa: A002 - as every widget
        """Say these parts."""
        super().__init__(Content(joined(*parts)), id=id, markup=False)

    def tell(self, *parts: str) -> None:
        """Say other parts; nothing is painted where they are the same."""
        words = Content(joined(*parts))
        if words != self.content:
            self.update(words)
