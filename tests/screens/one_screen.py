"""An app around one screen: the keys, styles and themes of the real one, and a list of what the screen says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from screens.keys_in_turn import KeysInTurn
from screens.presentation import PresentingApp
from screens.themes import THEMES, theme_for

if TYPE_CHECKING:
    from textual.screen import Screen

    from screens.stage import HelpWanted, LeaveWanted, PresentationToggled

_OPEN: Final = object()


class OneScreen(KeysInTurn[None], PresentingApp[None]):
    """Shows `shown` alone, and gives it keys as the real app does.

    `said` is what came up from it (leave, help, share), `told` are all words it laid over itself for a while, and
    `result` is what it was dismissed with.
    """

    CSS_PATH: ClassVar[str] = str(Path(__file__).parents[2] / "screens" / "app.tcss")

    def __init__(self, shown: Screen[Any], environ: dict[str, str] | None = None) -> None:
        """Show `shown` as the real app would with `environ` (by default 256 colours)."""
        super().__init__()
        self.shown = shown
        self.said: list[object] = []
        self.told: list[str] = []
        self._environ = environ or {"TERM": "xterm-256color"}
        self._result: object = _OPEN

    @property
    def dismissed(self) -> bool:
        """Whether the screen was left."""
        return self._result is not _OPEN

    @property
    def result(self) -> Any:
        """What the screen was dismissed with."""
        assert self.dismissed, "the screen was not left"
        return self._result

    def on_mount(self) -> None:
        """Show the screen."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_for(self._environ)
        self.push_screen(self.shown, self._dismissed)

    def _dismissed(self, value: object) -> None:
        self._result = value

    def notify(self, message: str, **how: Any) -> None:
        """Show words for a while, and keep them for longer."""
        self.told.append(message)
        super().notify(message, **how)

    async def action_quit(self) -> None:
        """Leave as the screen leaves, as the real app does."""
        leave = getattr(self.screen, "action_leave", None)
        if leave is not None:
            leave()

    def on_leave_wanted(self, message: LeaveWanted) -> None:
        """Note it."""
        self.said.append(message)

    def on_help_wanted(self, message: HelpWanted) -> None:
        """Note it."""
        self.said.append(message)

    def on_presentation_toggled(self, message: PresentationToggled) -> None:
        """Note it, and do it."""
        self.said.append(message)
        self.present("", self._environ)
