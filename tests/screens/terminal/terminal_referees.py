"""What other terminals make of the same bytes, cell by cell, and the recordings to show them."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyte
from avt._avt import Vt

from screens.terminal.cells import cells_of
from screens.terminal.styles import Underline

if TYPE_CHECKING:
    from screens.terminal.emulator import Emulator
    from screens.terminal.styles import Colour

RECORDINGS = Path(__file__).parent / "recordings"
NAMES = sorted(file.name.removesuffix(".bin.gz") for file in RECORDINGS.glob("*.bin.gz"))

COLUMNS, ROWS = 80, 24

_UNDERLINES = {Underline.NONE: False, Underline.SINGLE: True}


def recording(name: str) -> bytes:
    """The bytes of a recording."""
    return gzip.decompress((RECORDINGS / f"{name}.bin.gz").read_bytes())


class Cell(NamedTuple):
    """A cell as any terminal would tell of it; the right half of a wide character has no character."""

    character: str
    fg: Colour = None
    bg: Colour = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool | None = False
    """None for a kind of line that not every terminal knows."""
    blink: bool = False
    reverse: bool = False
    strike: bool = False


class Look(NamedTuple):
    """All cells, and the cursor's column and row."""

    cells: list[list[Cell]]
    cursor: tuple[int, int]


def look(emulator: Emulator) -> Look:
    """What our emulator shows."""
    cells = []
    for y in range(emulator.size[1]):
        row = []
        for run in emulator.row(y):
            style = run.style
            drawn = cells_of(run.text)[1]
            assert len(drawn) == run.width
            row += [
                Cell(
                    character,
                    style.fg,
                    style.bg,
                    style.bold,
                    style.dim,
                    style.italic,
                    _UNDERLINES.get(style.underline),
                    style.blink,
                    style.reverse,
                    style.strike,
                )
                for character in drawn
            ]
        cells.append(row)
    return Look(cells, (emulator.cursor.x, emulator.cursor.y))


def _avt_colour(colour: Any) -> Colour:
    if colour is None:
        return None
    return colour[0] if type(colour).__name__.endswith("Indexed") else (colour[0], colour[1], colour[2])


class Avt:
    """asciinema's terminal."""

    def __init__(self, columns: int, rows: int) -> None:
        """Make it blank."""
        self._columns = columns
        self._vt = Vt(columns, rows, 0)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self._vt.feed_str(self._decode.decode(data))

    def look(self) -> Look:
        """What it shows."""
        cells = []
        for line in self._vt.view():
            row = []
            for cell in line.cells:
                pen = cell.pen
                row.append(
                    Cell(
                        cell.char if cell.width else "",
                        _avt_colour(pen.foreground),
                        _avt_colour(pen.background),
                        pen.bold,
                        pen.faint,
                        pen.italic,
                        pen.underline,
                        pen.blink,
                        pen.inverse,
                        pen.strikethrough,
                    )
                )
            cells.append(row)
        cursor = self._vt.cursor
        return Look(cells, (min(cursor.col, self._columns - 1), cursor.row))


class Ghostty:
    """libghostty; `terminal` is the class of pyghostty, which is not installed everywhere."""

    def __init__(self, terminal: Any, columns: int, rows: int) -> None:
        """Make it blank."""
        self._terminal = terminal(columns, rows)

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self._terminal.feed(data)

    def text(self) -> list[str]:
        """The rows without blanks at their ends."""
        rows = self._terminal.text().split("\n")
        return [row.rstrip() for row in rows] + [""] * (self._terminal.size[1] - len(rows))

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row."""
        x, y = self._terminal.cursor
        return int(x), int(y)

    def style(self, x: int, y: int) -> Cell:
        """How the cell looks, without its character."""
        told = self._terminal.style(x, y)
        fg, bg = ((None if told[name] is None else told[name][1]) for name in ("fg", "bg"))
        names = ("bold", "faint", "italic", "underline", "blink", "inverse", "strikethrough")
        return Cell("", fg, bg, *(bool(told[name]) for name in names))


def pyte_text(data: bytes, columns: int, rows: int) -> list[str]:
    """The rows that pyte shows, without blanks at their ends."""
    screen = pyte.Screen(columns, rows)
    pyte.ByteStream(screen).feed(data)
    return [row.rstrip() for row in screen.display]


def differences(ours: Look, theirs: Look) -> list[tuple[object, ...]]:
    """Where two terminals differ, our cell first.

    Tolerated, each because nothing can be seen of it, or because the other is known to be wrong there:

    - *erased cells keep no more than their background*: avt keeps the whole pen of who erased;
    - *kinds of underline*: avt knows `4` but not `4:3` and `21`.
    """
    found: list[tuple[object, ...]] = [
        (y, x, our, their)
        for y, (our_row, their_row) in enumerate(zip(ours.cells, theirs.cells, strict=True))
        for x, (our, their) in enumerate(zip(our_row, their_row, strict=True))
        if our != their and not _tolerated(our, their)
    ]
    if ours.cursor != theirs.cursor:
        found.append(("cursor", ours.cursor, theirs.cursor))
    return found


def _tolerated(our: Cell, their: Cell) -> bool:
    if our.character != their.character:
        return False
    if not our.character:
        return True  # the right half of a wide character looks like the left one
    erased = our == Cell(" ", bg=our.bg)
    return (erased and our.bg == their.bg) or (our.underline is None and our == their._replace(underline=None))
