"""What is there while the engine opens a guide or a session, and has not said yet what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.stage import Stage
from wizard.run.events import Said

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wizard.run.events import Event


class OpeningScreen(Stage):
    """Says that the wizard is at work, and what the engine says on the way."""

    HELP: ClassVar[str] = "The guide, or the session, is being opened. Nothing is changed on this machine by that."

    DEFAULT_CSS = """
    OpeningScreen Static { margin: 1 2 0 2; }
    """

    def compose(self) -> ComposeResult:
        """One line, and room for more."""
        with VerticalScroll():
            yield Static("wizard is opening the guide and the session …", markup=False)

    def told(self, event: Event) -> None:
        """Show what the engine says, such as whom it asks for the session."""
        if isinstance(event, Said):
            self.query_one(VerticalScroll).mount(Static(event.text, markup=False))
