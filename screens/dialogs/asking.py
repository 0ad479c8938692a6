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


def dialog_for(requested: Requested) -> AskingDialog:
    """Give the dialog that puts `requested`."""
    return AskingDialog(requested)


class AskingDialog(Dialog[None]):
    """One card above what it is about; escape lets one look at that, and never answers."""

    HELP: ClassVar[str] = (
        "The engine waits for your word and does nothing meanwhile. Nothing here is answered by escape, and nothing "
        "by keys that you pressed before the question was there.\n"
        "Escape hides the question, to look at what is behind it; escape shows it again."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "look", "Look behind", id="asking-look", tooltip="Hide the question, or show it again"),
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

    def action_look(self) -> None:
        """Hide the card, or show it again."""
        self.toggle_class("-hidden")
        if not self.has_class("-hidden"):
            self.card.come_back()

    @on(Card.Answered)
    def _answered(self, event: Card.Answered) -> None:
        event.stop()
        self.dismiss(None)
