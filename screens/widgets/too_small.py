"""What is shown where the terminal is too small for a screen: how large it must be, and how to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

LEAST: Final = Size(80, 24)
"""Columns and lines that every screen can do with."""


class TooSmallScreen(Screen[None]):
    """Lies over a screen until there is room for it again: no key reaches what cannot be seen, but for leaving.

    What the engine does goes on, and what lies beneath stays as it was.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Leave", id="leave", tooltip="Leave; a command that runs goes on", priority=True),
    ]

    DEFAULT_CSS = """
    TooSmallScreen {
        align: center middle;
        & > Static { width: auto; max-width: 100%; height: auto; text-align: center; }
    }
    """

    def compose(self) -> ComposeResult:
        """One text in the middle."""
        yield Static(self._words(), markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Say the size there is now, or make room."""
        del event
        self._look()

    def on_screen_resume(self) -> None:
        """Look again: what lay above may have hidden that there is room now."""
        self._look()

    def action_leave(self) -> None:
        """Ask how to leave, as every screen does."""
        from screens.stage import LeaveWanted

        self.post_message(LeaveWanted())

    def _look(self) -> None:
        if has_room(self.app.size):
            if self.is_active:
                self.dismiss(None)
        else:
            self.query_one(Static).update(self._words())

    def _words(self) -> str:
        width, height = self.app.size
        return (
            f"{LEAST.width}x{LEAST.height} is needed,\nthis is {width}x{height}.\n\n"
            "What runs goes on.\nctrl+q leaves safely."
        )


def has_room(size: Size) -> bool:
    """Whether a screen can be shown whole."""
    return size.width >= LEAST.width and size.height >= LEAST.height


def mind_the_size(screen: Screen[Any]) -> None:
    """Lay the words over `screen` where there is no room for it; to be called whenever it is resized or shown again."""
    if screen.is_active and not has_room(screen.app.size):
        screen.app.push_screen(TooSmallScreen())
