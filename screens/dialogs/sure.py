"""One question before something begins or ends: yes, or back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from screens.dialogs.dialog import Dialog
from screens.widgets.card_base import Card
from screens.widgets.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from screens.widgets.reading import Line


class SureDialog(Dialog[bool]):
    """Says what is about to happen and takes a yes; anything else is a no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "Choose", id="sure.press", tooltip="Press the marked button", priority=True),
        Binding("escape", "dismiss(False)", "Back", id="sure.back", tooltip="Back, and nothing is done"),
        Binding("left,right,up,down", "other", "Other button", show=False, id="sure.other"),
    ]

    DEFAULT_CSS = """
    SureDialog {
        & > .-box { max-width: 80; padding: 1 2; }
        & .-strong { height: auto; }
        & Reading { height: auto; max-height: 12; padding: 0; margin: 1 0; }
        & Horizontal { height: auto; }
        & Button { margin-right: 2; }
    }
    """

    HELP = "Enter presses the marked button, the arrows go to the other one. Escape goes back and nothing is done."

    def __init__(self, title: str, lines: Sequence[Line], yes: str, *, no: str = "Not yet") -> None:
        """Ask `title` over `lines`, with `yes` and `no` on the two buttons; all of it is clean."""
        super().__init__()
        self._title = title
        self._lines = lines
        self._yes = yes
        self._no = no
        self._open = False
        self._quiet: Timer | None = None

    @property
    def open(self) -> bool:
        """Whether it can be answered by now."""
        return self._open

    def compose(self) -> ComposeResult:
        """Title, lines, two buttons."""
        with Vertical(classes="-box"):
            yield Static(self._title, classes="-strong", markup=False)
            yield Reading(self._lines)
            with Horizontal():
                yield Button(self._yes, id="yes", variant="primary")
                yield Button(self._no, id="no")

    def on_mount(self) -> None:
        """Enter says yes, once the keyboard is quiet: a key that was meant for the screen below says nothing here."""
        self.query_one("#yes", Button).focus()
        self._quiet = self.set_timer(Card.QUIET, self._open_up)

    def _open_up(self) -> None:
        self._open = True

    def action_press(self) -> None:
        """Press the button that is marked."""
        if self._open:
            self.dismiss(self.focused is not None and self.focused.id == "yes")
        elif self._quiet is not None:
            self._quiet.reset()

    def action_other(self) -> None:
        """Go to the other button."""
        focused = self.focused.id if self.focused is not None else ""
        self.query_one("#no" if focused == "yes" else "#yes", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")
