"""One line of a spool as it looks when it stands alone, for reading and searching what scrolled by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.terminal.cells import MARKS_KEPT, Run, cells_of, joined, width_of
from screens.terminal.controls import Splitter, read
from screens.terminal.screen import TAB
from screens.terminal.styles import PLAIN, Pens, Style

if TYPE_CHECKING:
    from screens.terminal.controls import Function

LONGEST = 1 << 16
"""Bytes of a line that are looked at."""
WIDEST = 1 << 16
"""Cells of a line."""

_PLAIN = re.compile(rb"[\x20-\x7e]*").fullmatch
_LINE_BEGINS_ANEW = re.compile(rb"\r|\x1b\[[01]?G")


@dataclass(frozen=True, slots=True)
class SpoolLine:
    """A line as it looks at its end, after all that was written over it."""

    runs: tuple[Run, ...]
    text: str
    style: Style
    """How the next line begins."""
    cut: bool
    """It goes on, or began earlier, than is shown."""


def line_of(data: bytes, style: Style = PLAIN) -> SpoolLine:
    """Render the bytes between two line feeds, begun in a style; the line end may be with them.

    Colours are kept, carriage returns, backspaces and moves within the line write over, tabs and erasing of the line
    are done. All else is left out. Of a line longer than `LONGEST` bytes the end is shown where it was written over,
    as by a progress bar, else the beginning.
    """
    data = data.rstrip(b"\r\n")
    cut = len(data) > LONGEST
    if cut:
        data = _worth_showing(data)
    if _PLAIN(data):
        text = data.decode()
        return SpoolLine((Run(text, style, len(text)),) if text else (), text.rstrip(" "), style, cut)
    return _drawn(data, style, cut=cut)


def runs_of(data: bytes, style: Style = PLAIN) -> tuple[Run, ...]:
    """How a line is to be drawn; see `line_of`."""
    return line_of(data, style).runs


def text_of(data: bytes) -> str:
    """The characters of a line, without the blanks at its end; see `line_of`."""
    return line_of(data).text


def _drawn(data: bytes, style: Style, *, cut: bool) -> SpoolLine:
    chars: list[str] = []
    styles: list[Style] = []
    pens = Pens()
    pen = pens.of(style)
    x = 0
    for index, part in enumerate(Splitter().split(data)):
        if index & 1 == 0:
            if part:
                x = _write(chars, styles, x, part, pen.style)
        elif part == "\r":
            x = 0
        elif part == "\b":
            x = max(0, x - 1)
        elif part == "\t":
            x = min((x // TAB + 1) * TAB, WIDEST)
        elif (known := pen.after.get(part)) is not None:
            pen = known
        elif part[0] == "\x1b" and (function := read(part)) is not None:
            match function.name:
                case "m":
                    pen = pens.turn(pen, part, function.parameters)
                case "K":
                    _erase(chars, styles, x, function.number(0))
                case "C" | "D" | "G":
                    x = _moved(x, function)
    text = "".join(chars).rstrip(" ")
    return SpoolLine(joined(chars, styles) if chars else (), text, pen.style, cut or len(chars) >= WIDEST)


def _moved(x: int, function: Function) -> int:
    """The column after a move within the line: as progress bars begin anew, and tables are set out."""
    count = function.number(0, 1)
    to = {"C": x + count, "D": x - count, "G": count - 1}[function.name]
    return max(0, min(to, WIDEST))


def _worth_showing(data: bytes) -> bytes:
    written_over = _LINE_BEGINS_ANEW.search(data, len(data) - LONGEST)
    return data[written_over.start() :] if written_over else data[:LONGEST]


def _write(chars: list[str], styles: list[Style], x: int, text: str, style: Style) -> int:
    """Put text at a column; gives the column behind it."""
    marks, cells = cells_of(text)
    if marks and 0 < x <= len(chars):
        at = x - 1 if chars[x - 1] else x - 2
        chars[at] = (chars[at] + marks)[: 1 + MARKS_KEPT]
    cells = cells[: WIDEST - x]
    if cells and width_of(cells[-1][:1] or " ") == 2:
        cells = cells[:-1]
    end = x + len(cells)
    _extend(chars, styles, x)
    if x < len(chars) and not chars[x]:
        chars[x - 1] = " "
    if end < len(chars) and not chars[end]:
        chars[end] = " "
    chars[x:end] = cells
    styles[x:end] = [style] * len(cells)
    return end


def _extend(chars: list[str], styles: list[Style], width: int) -> None:
    missing = width - len(chars)
    if missing > 0:
        chars.extend(" " * missing)
        styles.extend([PLAIN] * missing)


def _erase(chars: list[str], styles: list[Style], x: int, part: int) -> None:
    """Erase from a column on (0), up to it (1), or all (2)."""
    match part:
        case 0:
            if x < len(chars) and not chars[x]:
                chars[x - 1] = " "
            del chars[x:], styles[x:]
        case 1:
            count = min(x + 1, len(chars))
            if count < len(chars) and not chars[count]:
                chars[count] = " "
            chars[:count] = " " * count
            styles[:count] = [PLAIN] * count
        case 2:
            chars.clear()
            styles.clear()
