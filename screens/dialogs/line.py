"""One line from the person: a reason, the name of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from screens.dialogs.dialog import Dialog
from screens.widgets.still_input import StillInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult


def _anything(_: str) -> str:
    return ""


class LineDialog(Dialog[str | None]):
    """Asks for one line; gives it without blanks around it, or None where it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "OK", id="line.take", tooltip="Take what is written", priority=True),
        Binding("escape", "dismiss(None)", "Back", id="line.back", tooltip="Back, and nothing is done"),
    ]

    DEFAULT_CSS = """
    LineDialog {
        & > .-box { max-width: 76; overflow-y: auto; scrollbar-size-vertical: 1; }
        & Static { height: auto; }
        & .-problem { display: none; color: $text-error; text-style: bold; }
        & .-problem.-shown { display: block; }
        & Input { margin-top: 1; }
    }
    """

    HELP = "Write one line; enter takes it, escape goes back and nothing is done."

    def __init__(
        self,
        title: str,
        words: Sequence[str],
        *,
        value: str = "",
        placeholder: str = "",
        problem: str = "",
        refuse: Callable[[str], str] = _anything,
    ) -> None:
        """Ask under `title`, with lines of `words` above the field; all of it is clean.

        `value` stands there already. `refuse` says why a line cannot be taken, empty where it can; `problem` says why
        the one before was not.
        """
        super().__init__()
        self._title = title
        self._words = words
        self._value = value
        self._placeholder = placeholder
        self._problem = problem
        self._refuse = refuse

    def compose(self) -> ComposeResult:
        """Title, words, field, and what is wrong with what is in it."""
        with Vertical(classes="-box"):
            yield Static(self._title, classes="-strong", markup=False)
            for words in self._words:
                yield Static(words, markup=False)
            yield StillInput(self._value, placeholder=self._placeholder, select_on_focus=False)
            yield Static("", classes="-problem", markup=False)

    def on_mount(self) -> None:
        """Say what was wrong before."""
        self._say(self._problem)

    def action_take(self) -> None:
        """Give the line, or say why it cannot be taken."""
        line = self.query_one(Input).value.strip()
        if problem := self._refuse(line):
            self._say(problem)
        else:
            self.dismiss(line)

    def _say(self, problem: str) -> None:
        shown = self.query_one(".-problem", Static)
        shown.update(problem)
        shown.set_class(bool(problem), "-shown")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._value:
            self._say("")
