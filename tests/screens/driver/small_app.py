"""A small Textual app on our driver: what is run in a terminal by the tests and the benchmarks.

python -m tests.screens.driver.small_app [still|flood|input] [times a second that a flood adds lines]
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.widgets import Footer, Header, Input, Log, Static, TabbedContent, TabPane

from screens.driver import driver_class

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

OFTEN = 50


WORDS = (
    "migrated", "rows", "of", "table", "accounts", "waiting", "for", "lock", "connection", "refused", "retry",
    "compacted", "segment", "index",
)  # fmt: skip


def line(number: int) -> str:
    """A line of a log, no two near each other alike."""
    words = (WORDS[number * step % len(WORDS)] for step in (7, 11, 5, 13, 3, number % 17, number % 5))
    return f"{number:08} INFO {' '.join(words)} in {number * 13 % 50} ms"[:74]


class SmallApp(App[None]):
    """A header, tabs, a log, and a counter that a key raises."""

    CSS = "Log { border: round $primary; } #pressed { height: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("k", "press", "Count"),
        ("f", "flood", "Flood"),
        ("q", "quit", "Quit"),
        ("s", "suspend_process", "Suspend"),
    ]

    def __init__(self, mode: str, often: float) -> None:
        super().__init__(driver_class=driver_class(os.environ))
        self._mode = mode
        self._often = often
        self._pressed = 0
        self._lines = 0

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Header()
        yield Static("pressed 0 times", id="pressed", markup=False)
        if self._mode == "input":
            input_ = Input("some text", id="field")
            input_.cursor_blink = False
            yield input_
        with TabbedContent():
            with TabPane("Log"):
                yield Log()
            with TabPane("Other"):
                yield Static("héllo 漢字 ✓ …", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Begin the flood, if one is wanted."""
        if self._mode == "input":
            self.query_one(Input).focus()
        else:
            self.query_one(Log).focus()
        self._timer = self.set_interval(1 / self._often, self._more, pause=self._mode != "flood")

    def _more(self) -> None:
        start = self._lines
        self._lines += 20
        self.query_one(Log).write_lines([line(number) for number in range(start, self._lines)])

    def action_press(self) -> None:
        """Count a key."""
        self._pressed += 1
        self.query_one("#pressed", Static).update(f"pressed {self._pressed} times")

    def action_flood(self) -> None:
        """Start or stop the flood."""
        if self._mode == "flood":
            self._timer.pause()
        else:
            self._timer.resume()
        self._mode = "still" if self._mode == "flood" else "flood"


if __name__ == "__main__":
    _, *words = sys.argv
    SmallApp(words[0] if words else "still", float(words[1]) if len(words) > 1 else OFTEN).run()
