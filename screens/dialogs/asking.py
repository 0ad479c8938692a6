"""A request of the engine as a dialog over the screen; leaves by itself once there is a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from screens.dialogs.dialog import Dialog
from screens.widgets.card_base import Card
from screens.widgets.card_for import card_for

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from screens.requests import Requested


class AskingDialog(Dialog[None]):
    """One card above what it is about; escape lets one look at that, and never answers."""

    HELP: ClassVar[str] = (
        "The engine waits for your word and does nothing meanwhile. Nothing here is answered by escape, and nothing "
        "by keys that you pressed before the question was there.\n"
        "Escape hides the question, to look at what is behind it; escape shows it again."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "look", "Look behind", id="asking.look", tooltip="Hide the question, to look behind it"),
        Binding("escape", "come_back", "Back to it", id="asking.back", tooltip="Show the question again"),
    ]

    DEFAULT_CSS = """
    AskingDialog {
        .-waits { display: none; width: 100%; height: 1; text-style: reverse; }
        &.-hidden {
            align: center bottom;
            background: transparent;
            Card { display: none; }
            .-waits { display: block; }
        }
    }
    """

    def __init__(self, requested: Requested) -> None:
        """Put `requested`."""
        super().__init__()
        self.card = card_for(requested)
        """What is asked, and by what it is answered."""

    def compose(self) -> ComposeResult:
        """The card, and the line that stands for it while it is hidden."""
        yield self.card
        yield Static(Content(" A question waits for you: escape shows it again"), classes="-waits", markup=False)

    def on_mount(self) -> None:
        """Let no message of before lie over what is asked."""
        self.app.clear_notifications()

    def on_screen_resume(self) -> None:
        """Leave where nothing is left to reply to since something lay above."""
        if self.card.requested.withdrawn:
            self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to hide the card where it is shown, and to show it where it is hidden."""
        match action:
            case "look":
                return not self.has_class("-hidden")
            case "come_back":
                return self.has_class("-hidden")
            case _:
                return super().check_action(action, parameters)

    def action_look(self) -> None:
        """Hide the card."""
        self.add_class("-hidden")
        self.refresh_bindings()

    def action_come_back(self) -> None:
        """Show the card again."""
        self.remove_class("-hidden")
        self.refresh_bindings()
        self.card.come_back()

    @on(Card.Answered)
    def _answered(self, event: Card.Answered) -> None:
        event.stop()
        if self.is_active:
            self.dismiss(None)
