"""Two small dialogs of home: what can be done with an entry, and the reason for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.widgets.key_bar import KeyBar
from screens.widgets.too_small import mind_the_size

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from screens.home_entries import Entry, Offer


class OffersDialog(ModalScreen["Offer | None"]):
    """Lets one of the things that can be done be chosen, by arrows or by its key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", key_display="esc", id="leave", tooltip="Do nothing"),
    ]

    DEFAULT_CSS = """
    OffersDialog { align: center middle; }
    OffersDialog > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        border: round $border; background: $surface; padding: 0 1;
    }
    OffersDialog OptionList, OffersDialog OptionList:focus {
        border: none; padding: 0; height: auto; max-height: 16; background: $surface; background-tint: transparent;
    }
    OffersDialog Static { height: auto; margin: 0 1 1 1; }
    """

    def __init__(self, entry: Entry) -> None:
        """Offer what can be done with `entry`."""
        super().__init__()
        self._entry = entry

    def compose(self) -> ComposeResult:
        """The entry, and a line for each thing."""
        with Vertical() as box:
            box.border_title = Content(self._entry.title)
            if self._entry.lines:
                yield Static(self._entry.lines[0], markup=False)
            yield OptionList(*(Option(_line(offer), id=str(at)) for at, offer in enumerate(self._entry.offers)))
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin at the first."""
        self.query_one(OptionList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is no room."""
        del event
        mind_the_size(self)

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
    return Content.assemble((f"{offer.key or ' '}  ", "bold"), f"{offer.label:<11}", offer.words)


class ReasonDialog(ModalScreen[str | None]):
    """Asks for one line of why; nothing is done without it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", key_display="esc", id="leave", tooltip="Do nothing"),
    ]

    DEFAULT_CSS = """
    ReasonDialog { align: center middle; }
    ReasonDialog > Vertical {
        width: 70; max-width: 100%; height: auto;
        border: round $border; background: $surface; padding: 0 1;
    }
    ReasonDialog Static { height: auto; margin: 0 1; }
    """

    def __init__(self, title: str, words: str, asks: str) -> None:
        """Ask `asks` (`Why it is closed`) about something called `title`, explained by `words`."""
        super().__init__()
        self._words = (title, words, asks)

    def compose(self) -> ComposeResult:
        """What it is about, and the line."""
        title, words, asks = self._words
        with Vertical() as box:
            box.border_title = Content(title)
            yield Static(words, markup=False)
            field = Input(placeholder=asks)
            field.cursor_blink = False
            yield field
            yield Static("enter goes on, esc does nothing", classes="quiet", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to type."""
        self.query_one(Input).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is no room."""
        del event
        mind_the_size(self)

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.dismiss(event.value.strip())
