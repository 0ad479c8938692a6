"""What watchers noted, kept in sight over whatever else is shown until it was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import Static

from wizard.counting import counted
from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.run.events import Noted

LONGEST: Final = 300
"""Characters of a note that are shown; the log of the run has all of it."""
MOST: Final = 3
"""How many are shown."""


def note_lines(notes: Sequence[Noted]) -> list[str]:
    """The last notes, the newest first, each with who sent it and when (UTC), and how many there are besides."""
    lines = [_words(note) for note in reversed(notes[-MOST:])]
    more = len(notes) - len(lines)
    return [*lines, f"  and {counted(more, 'note')} before"] if more else lines


def _words(note: Noted) -> str:
    text = clean_line(note.text)
    cut = f"{text[:LONGEST]} … (the log has all of it)" if len(text) > LONGEST else text
    sent = f", {clean_line(note.sent)[11:19]}" if note.sent else ""
    return f"! A note of {clean_line(note.who) or 'a watcher'}{sent}: {cut}"


class NoteLine(Static):
    """Shows notes above all else of a screen; takes no room where there are none."""

    DEFAULT_CSS = """
    NoteLine {
        dock: top;
        height: auto;
        max-height: 6;
        padding: 0 1;
        background: $warning;
        color: $background;
        text-style: bold;
    }
    """

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__("", markup=False)
        self.display = False

    def show(self, notes: Sequence[Noted]) -> None:
        """Show `notes`, oldest first."""
        self.display = bool(notes)
        self.update(Content("\n".join(note_lines(notes))))
