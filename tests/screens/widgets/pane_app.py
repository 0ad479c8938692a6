"""An app around one pane, as the walk screen holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from screens.widgets.terminal_pane import TerminalPane
from tests.screens.frames import lines_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from screens.output import Output


class PaneApp(App[None]):
    """Shows a pane; keeps what it says in `said`, what was copied in `copied` and keys of its own in `pressed`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "press('ctrl+q')", priority=True),
        Binding("x", "press('x')"),
        Binding("escape", "press('escape')"),
    ]

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output
        self.said: list[object] = []
        self.copied: list[str] = []
        self.pressed: list[str] = []

    @property
    def pane(self) -> TerminalPane:
        return self.query_one(TerminalPane)

    @property
    def rows(self) -> list[str]:
        """What stands in the pane, but for its last line."""
        return [line.rstrip() for line in lines_of(self)[:-1]]

    @property
    def below(self) -> str:
        """What stands in its last line."""
        return lines_of(self)[-1].strip()

    def compose(self) -> ComposeResult:
        yield TerminalPane(self._output, save_as="step-4.1.txt")

    def on_mount(self) -> None:
        self.pane.focus()

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)
        super().copy_to_clipboard(text)

    def action_press(self, key: str) -> None:
        self.pressed.append(key)

    def on_terminal_pane_typing_changed(self, message: TerminalPane.TypingChanged) -> None:
        self.said.append(("typing", message.on))

    def on_terminal_pane_ended(self) -> None:
        self.said.append("ended")
