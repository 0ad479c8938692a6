"""What watchers noted, and what was told at once, kept in sight over whatever else is shown until it was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from wizard.counting import counted
from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.run.events import Noted, Said

LONGEST: Final = 300
"""Characters of a note that lie over another screen; the log of the run has all of it."""
MOST: Final = 3
"""How many are shown."""
ROWS: Final = 6
"""Rows they take at most: below them somebody works."""

_CUT: Final = " … (the log has all of it)"


def note_lines(notes: Sequence[Noted | Said], width: int) -> list[str]:
    """The last notes in rows of `width` columns, each with who sent it and when (UTC), and how many there are besides.

    The newest comes first and has the room that the others leave, which have a row each. What is cut off says so.
    """
    shown = notes[: -MOST - 1 : -1]
    more = len(notes) - len(shown)
    others = [Content(_words(note)).truncate(width, ellipsis=True).plain for note in shown[1:]]
    others += [f"  and {counted(more, 'note')} before"] if more else []
    newest = [row for note in shown[:1] for row in _rows(_words(note), width, ROWS - len(others))]
    return [*newest, *others]


def _words(note: Noted | Said) -> str:
    # Every screen has this line, and the first frame of home does not wait for what only a run loads.
    from wizard.run.events import Noted

    if not isinstance(note, Noted):
        return f"! {clean_line(note.text)}"
    sent = f", {clean_line(note.sent)[11:19]}" if note.sent else ""
    return f"! A note of {clean_line(note.who) or 'a watcher'}{sent}: {clean_line(note.text)}"


def _rows(words: str, width: int, most: int) -> list[str]:
    rows = [row.plain.rstrip() for row in Content(words).wrap(width)]
    if len(rows) <= most:
        return rows
    last = Content(rows[most - 1]).truncate(max(1, width - cell_len(_CUT)))
    return [*rows[: most - 1], f"{last.plain.rstrip()}{_CUT}"]


class NoteLine(Static):
    """Shows notes above all else of a screen; takes no room where there are none."""

    DEFAULT_CSS = """
    NoteLine {
        dock: top;
        height: auto;
        padding: 0 1;
        background: $warning;
        color: $background;
        text-style: bold;
    }
    """

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__("", markup=False)
        self._notes: Sequence[Noted | Said] = ()
        self.display = False

    def show(self, notes: Sequence[Noted | Said]) -> None:
        """Show `notes`, oldest first."""
        self._notes = notes
        self.display = bool(notes)
        # Nothing has a size of its own before it was laid out: it is as wide as the terminal, but for its padding.
        self._draw(self.size.width or self.app.size.width - 2)

    def on_resize(self) -> None:
        """Fit them into the width there is now."""
        self._draw(self.size.width)

    def _draw(self, width: int) -> None:
        self.update(Content("\n".join(note_lines(self._notes, max(1, width)))))
