"""A line to type into that sends nothing while nobody types, and loses nothing of what is pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.widgets import Input

if TYPE_CHECKING:
    from textual import events


SEVERAL_LINES: Final = "Nothing was pasted: it has several lines, and a secret is one."


def pasted_lines(text: str) -> list[str]:
    """The lines of what was pasted that have something in them; a single one stays as it is."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines if len(lines) < 2 else [line.strip() for line in lines]


class StillInput(Input):
    """An Input whose cursor does not blink: blinking alone sends 1.7 kB a second to the terminal.

    Several lines that are pasted become one, with blanks between: an Input drops all but the first without a word.
    As a secret they are refused, for nobody could see what became of them.
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        compact: bool = False,
        select_on_focus: bool = True,
        id: str | None = None,  # noqa: A002 - as every widget
        classes: str | None = None,
    ) -> None:
        """Begin with `value`; the rest is as Textual has it."""
        super().__init__(
            value,
            placeholder,
            password=password,
            compact=compact,
            select_on_focus=select_on_focus,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        # Textual would call the handler of Input too, unless the default is prevented.
        event.stop()
        event.prevent_default()
        lines = pasted_lines(event.text)
        if self.password and len(lines) > 1:
            self.app.notify(SEVERAL_LINES, severity="warning", markup=False)
        elif lines:
            self.replace(" ".join(lines), *self.selection)
