"""A line to type into that sends nothing while nobody types, and loses nothing of what is pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.widgets import Input

from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from textual import events


_SEVERAL_LINES: Final = "Nothing was pasted: it has several lines, and a secret is one."
_NOT_TYPED: Final = "Nothing was pasted: it has characters that cannot be seen, and that nobody can type."


def pasted_lines(text: str) -> list[str]:
    """The lines of what was pasted that have something in them; a single one stays as it is."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines if len(lines) < 2 else [line.strip() for line in lines]


def pasted_secret(text: str) -> tuple[str, str]:
    """Give the secret in what was pasted, without the line end a safe may add, or why it is none.

    Nobody sees what becomes of it, so it is taken as it is or not at all.
    """
    lines = pasted_lines(text)
    if len(lines) > 1:
        return "", _SEVERAL_LINES
    secret = "".join(lines)
    return (secret, "") if secret.isprintable() else ("", _NOT_TYPED)


class StillInput(Input):
    """An Input whose cursor does not blink: blinking alone sends 1.7 kB a second to the terminal.

    Several lines that are pasted become one, with blanks between: an Input drops all but the first without a word.
    Nothing stays in it that a terminal would not show.
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

    def on_mount(self) -> None:
        """Remember whom Input has told of itself; Textual calls this besides the `on_mount` of Input."""
        self._told = self.screen.text_selection_started_signal

    def on_unmount(self) -> None:
        """Be forgotten: a signal keeps whoever is not, and a screen sees hundreds of lines come and go."""
        self._told.unsubscribe(self)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual would call the handler of Input too, unless the default is prevented.
        event.stop()
        event.prevent_default()
        if self.password:
            pasted, refused = pasted_secret(event.text)
            if refused:
                self.app.notify(refused, severity="warning", markup=False)
        else:
            pasted = clean_line(" ".join(pasted_lines(event.text)))
        if pasted:
            self.replace(pasted, *self.selection)
