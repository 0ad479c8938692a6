"""One question before something begins or ends: yes, or back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from screens.dialogs.dialog import Dialog
from screens.quiet import Quiet
from screens.widgets.card_base import WAITING, Card
from screens.widgets.card_choices import Choices
from screens.widgets.card_rows import words
from screens.widgets.reading import Reading
from wizard.run.operator import Choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from screens.widgets.reading import Line

_YES: Final = "yes"
_NO: Final = "no"


class SureDialog(Dialog[bool]):
    """Says what is about to happen and takes a yes; anything else is a no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Back", id="sure.back", tooltip="Back, and nothing is done"),
    ]

    DEFAULT_CSS = """
    SureDialog {
        & > .-box { max-width: 80; padding: 0 2; }
        & .-box > Static { width: 1fr; height: auto; }
        & .-box > .-strong { max-height: 3; }
        /* What is left of 24 lines beside the rest: the replies are seen whatever the text. */
        & Reading { height: auto; max-height: 58vh; padding: 0; margin: 1 0; }
        & .-hint { color: $text-muted; }
    }
    """

    HELP = "Enter takes what is marked, the arrows go to the other one. Escape goes back and nothing is done."

    def __init__(
        self, title: str, lines: Sequence[Line], yes: str, *, no: str = "Not yet", danger: bool = False
    ) -> None:
        """Ask `title` over `lines`, with `yes` and `no` as the two replies; all of it is clean.

        With `danger` it is the no that is marked.
        """
        super().__init__()
        self._title = title
        self._lines = lines
        self._choices = Choices((Choice(_YES, yes), Choice(_NO, no)), _NO if danger else _YES)
        self._hint = words(WAITING, "-hint")
        self._open = False
        self._quiet = Quiet(self, lambda: Card.QUIET, self._open_up)

    @property
    def open(self) -> bool:
        """Whether it can be answered by now."""
        return self._open

    def compose(self) -> ComposeResult:
        """Title, lines, two replies, and which keys there are."""
        with Vertical(classes="-box"):
            yield words(self._title, "-strong")
            yield Reading(self._lines)
            yield self._choices
            yield self._hint

    def on_mount(self) -> None:
        """Lead to the yes once the keyboard is quiet: a key that was meant for the screen below says nothing here."""
        self._choices.disabled = True
        self.set_focus(None)
        self._quiet.begin()

    def on_key(self) -> None:
        """Wait for quiet again: no reply can be reached before, so that keys lead nowhere but back."""
        if self._quiet.waits:
            self._quiet.begin()

    def _open_up(self) -> None:
        self._open = True
        self._choices.disabled = False
        self._hint.update("up/down: move   enter: take")
        if (proposed := self._choices.proposed) is not None:
            proposed.focus()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.dismiss(event.chosen.key == _YES)
