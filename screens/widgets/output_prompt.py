"""The one line below a terminal: what goes on, or a question."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from screens.widgets.still_input import StillInput

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Asked(StrEnum):
    """What the line asks for."""

    SEARCH = "search"
    SAVE = "save"


class OutputState(Widget):
    """What goes on at the left, what to press at the right; the right gives way."""

    DEFAULT_CSS = """
    OutputState {
        height: 1;
        background: $panel;
        color: $foreground;
    }
    OutputState.-typing {
        background: $primary;
        color: $background;
        text-style: bold;
    }
    """

    def __init__(self) -> None:
        """Say nothing."""
        super().__init__()
        self._left = self._right = ""

    def say(self, left: str, right: str, *, typing: bool) -> None:
        """Say this from now on; nothing is painted where it was said before."""
        self.set_class(typing, "-typing")
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    @property
    def said(self) -> str:
        """What it says."""
        return f"{self._left}  {self._right}".strip()

    def render(self) -> Content:
        """Draw it."""
        width = self.size.width
        spare = width - cell_len(self._left) - cell_len(self._right) - 2
        if spare < 1:
            return Content(f" {self._left}").truncate(width, ellipsis=True)
        return Content(f" {self._left}{' ' * spare}{self._right} ")


class OutputPrompt(Horizontal):
    """A question with one line for the reply."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False, id="output.cancel", tooltip="Close the field"),
    ]

    DEFAULT_CSS = """
    OutputPrompt {
        height: 1;
        background: $panel;
        display: none;
    }
    OutputPrompt.-open {
        display: block;
    }
    OutputPrompt Static {
        width: auto;
        padding: 0 1;
    }
    OutputPrompt Input {
        width: 1fr;
    }
    """

    class Replied(Message):
        """Somebody replied; `text` is None where they do not want to."""

        def __init__(self, asked: Asked, text: str | None) -> None:
            """Carry the reply."""
            super().__init__()
            self.asked = asked
            self.text = text

    def __init__(self) -> None:
        """Be closed."""
        super().__init__()
        self._asked = Asked.SEARCH

    @property
    def is_open(self) -> bool:
        """Whether it asks."""
        return self.has_class("-open")

    def compose(self) -> ComposeResult:
        """Lay out label and field."""
        yield Static(markup=False)
        yield StillInput(compact=True, select_on_focus=False)

    def ask(self, asked: Asked, label: str, text: str) -> None:
        """Ask, with `text` in the field."""
        self._asked = asked
        self.query_one(Static).update(Content(label))
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)
        self.add_class("-open")
        # At once: what is typed right behind the key that asks is meant for the field.
        self.screen.set_focus(field)

    def close(self) -> None:
        """Ask no more."""
        self.remove_class("-open")

    def action_cancel(self) -> None:
        """Reply nothing."""
        self._reply(None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._reply(event.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()

    def _reply(self, text: str | None) -> None:
        if self.is_open:
            self.close()
            self.post_message(self.Replied(self._asked, text))
