"""The small dialog of home and of the summary: what can be done with an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.dialogs.dialog import Dialog
from screens.widgets.marked_list import MarkedList

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from screens.home_entries import Entry, Offer


class OffersDialog(Dialog["Offer | None"]):
    """Lets one of the things that can be done be chosen, by arrows or by its key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", key_display="esc", id="offers.back", tooltip="Do nothing"),
    ]

    DEFAULT_CSS = """
    OffersDialog > .-box { max-width: 76; }
    OffersDialog OptionList, OffersDialog OptionList:focus {
        border: none; padding: 0; height: auto; max-height: 16; background: $panel; background-tint: transparent;
    }
    OffersDialog Static { height: auto; margin: 0 1 1 1; }
    """

    HELP = "Arrows and enter choose one of the lines, and so does the key at its beginning. Escape does nothing."

    def __init__(self, entry: Entry) -> None:
        """Offer what can be done with `entry`."""
        super().__init__()
        self._entry = entry

    def compose(self) -> ComposeResult:
        """The entry, and a line for each thing."""
        with Vertical(classes="-box") as box:
            box.border_title = Content(self._entry.title)
            if self._entry.lines:
                yield Static(self._entry.lines[0], markup=False)
            yield MarkedList(*(Option(_line(offer), id=str(at)) for at, offer in enumerate(self._entry.offers)))

    def on_mount(self) -> None:
        """Begin at the first."""
        self.query_one(OptionList).focus()

    def on_key(self, event: events.Key) -> None:
        """Take the key of a thing."""
        for offer in self._entry.offers:
            if offer.key and event.key == offer.key:
                event.stop()
                self.dismiss(offer)
                break

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._entry.offers[event.option_index])


def _line(offer: Offer) -> Content:
    return Content.assemble((f" {offer.key or ' '}  ", "bold"), f"{offer.label:<11}", offer.words)
