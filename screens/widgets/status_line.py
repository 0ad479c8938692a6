"""Where a session stands, in letters that can be read across a room: for a screen that is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Clauses(Static):
    """One line of clauses with semicolons between: what has no room is left out by whole clauses, from the end."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin empty."""
        super().__init__("", id=id, markup=False)
        self._clauses: list[str] = []

    def tell(self, words: str) -> None:
        """Show what fits of `words`, which are one clean line."""
        self._clauses = words.split("; ")
        self.refresh()

    def render(self) -> Content:
        """Fit them into the width there is now; the first one stands in any case."""
        whole = "; ".join(self._clauses)
        shorter = ("; ".join(self._clauses[:count]) + "; …" for count in range(len(self._clauses) - 1, 0, -1))
        fits = (one for one in (whole, *shorter) if cell_len(one) <= self.size.width)
        return Content(next(fits, self._clauses[0] if self._clauses else ""))


class StatusLine(Horizontal):
    """The code of the step in large letters, its title and its state beside it; shown in the layout for sharing only.

    Give it what it says with `show`; it draws nothing anew where that is the same.
    """

    DEFAULT_CSS = """
    StatusLine {
        display: none;
        height: 3;
        background: $panel;
        padding: 0 1;
    }
    StatusLine > Digits { width: auto; min-width: 6; height: 3; padding: 0 2 0 0; color: $text-primary; }
    StatusLine > Vertical { width: 1fr; height: 3; }
    StatusLine Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    StatusLine #status-line-title { text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin with nothing to say."""
        super().__init__(id=id)
        self._said = ("", "", "")

    def compose(self) -> ComposeResult:
        """Code, then title over state over the way back."""
        yield Digits("")
        with Vertical():
            yield Static("", id="status-line-title", markup=False)
            yield Static("", id="status-line-state", markup=False)
            yield Clauses(id="status-line-below")

    def show(self, code: str, title: str, state: str, below: str = "") -> None:
        """Say where it stands: the step's code (`4.2`; empty where there is none), a title, words, and a line below."""
        said = (code, clean_line(title), "\n".join((clean_line(state), clean_line(below))))
        if said == self._said:
            return
        self._said = said
        digits = self.query_one(Digits)
        digits.update(code)
        digits.display = bool(code)
        self.query_one("#status-line-title", Static).update(said[1])
        self.query_one("#status-line-state", Static).update(clean_line(state))
        self.query_one(Clauses).tell(clean_line(below))
