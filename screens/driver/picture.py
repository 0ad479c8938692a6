"""The picture Textual wants to show, as cells: what it writes for a frame is read into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.cells import get_character_cell_size, split_graphemes

from screens.driver.style import PLAIN, Style, read_sgr

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTROL: Final = re.compile(
    r"(\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|(?=\x1b)|$)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x1f\x7f-\x9f])"
)
_MOVE: Final = re.compile(r"\x1b\[(\d*)(?:;(\d*))?[Hf]")
_LINK: Final = re.compile(r"\x1b\]8;(.*)(?:\x07|\x1b\\)", re.DOTALL)
_ONE_CELL_EACH: Final = re.compile(
    r"[ -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u2800-\u28ff]*"
)
_MOST_REMEMBERED: Final = 4096

Row = tuple[list[str], list[Style]]
"""The cells of a line: text and look. The second cell of a wide character has the text ''."""


def blank_row(width: int) -> Row:
    """A line of nothing."""
    return [" "] * width, [PLAIN] * width


class Picture:
    """Cells of a screen, the cursor, and which lines have changed since somebody asked.

    Only what a frame is made of is obeyed (text, looks, links, absolute moves): a stray sequence inside a text can
    do nothing to the terminal.
    """

    def __init__(
        self,
        width: int,
        height: int,
        *,
        convert: Callable[[Style], Style] = lambda style: style,
        translate: Callable[[str], str] = lambda text: text,
    ) -> None:
        """Make a blank picture.

        Args:
            width: Cells of a line.
            height: Lines.
            convert: Turns a look into one that the terminal has.
            translate: Turns text into characters that the terminal has, without changing its width.
        """
        self.width = width
        self.height = height
        self.rows: list[Row] = [blank_row(width) for _ in range(height)]
        self.changed: set[int] = set()
        self.cursor = (0, 0)
        self._convert = convert
        self._translate = translate
        self._looks: dict[tuple[Style, str], Style] = {}
        self._shown_as: dict[Style, tuple[Style, Style]] = {}

    def resize(self, width: int, height: int) -> None:
        """Cut or fill up to a new size."""
        for text, styles in self.rows:
            if width > self.width:
                text.extend([" "] * (width - self.width))
                styles.extend([PLAIN] * (width - self.width))
            elif width < self.width:
                if text[width] == "":
                    text[width - 1] = " "
                del text[width:], styles[width:]
        del self.rows[height:]
        self.rows += [blank_row(width) for _ in range(height - len(self.rows))]
        self.width, self.height = width, height
        self.changed = set(range(height))

    def draw(self, frame: str) -> None:
        """Read one frame."""
        x, y = self.cursor
        style = PLAIN
        looks, rows, width, height = self._looks, self.rows, self.width, self.height
        for odd, part in enumerate(_CONTROL.split(frame)):
            if not part:
                continue
            if not odd & 1:
                if 0 <= y < height and x < width:
                    x = self._put(rows[y], x, part, style)
                    self.changed.add(y)
            elif part.endswith("m") and part.startswith("\x1b["):
                known = looks.get((style, part))
                if known is None:
                    known = read_sgr(style, part[2:-1])
                    if len(looks) > _MOST_REMEMBERED:
                        looks.clear()
                    looks[style, part] = known
                style = known
            elif move := _MOVE.fullmatch(part):
                y, x = (max(1, int(value or "1")) - 1 for value in move.groups())
            elif part in "\r\n":
                x, y = 0, y + (part == "\n")
            elif link := _LINK.fullmatch(part):
                words = link[1] if not link[1].endswith(";") else ""
                style = Style(style.bits, style.fore, style.back, words)
        self.cursor = (min(x, width - 1), min(y, height - 1))

    def _put(self, row: Row, x: int, text: str, style: Style) -> int:
        """Write text into a line from a column on; give the column after it."""
        cells, styles = row
        known = self._shown_as.get(style)
        if known is None:
            shown = self._convert(style)
            if len(self._shown_as) > _MOST_REMEMBERED:
                self._shown_as.clear()
            known = self._shown_as[style] = (shown, shown.blank)
        shown, blank = known
        room = self.width - x
        if _ONE_CELL_EACH.fullmatch(text):
            text = self._translate(text)[:room]
            new: list[str] = list(text)
        else:
            new = _cells(self._translate(text), room)
        if not new:
            return x
        end = x + len(new)
        if cells[x] == "":
            cells[x - 1] = " "
        if end < self.width and cells[end] == "":
            cells[end] = " "
        cells[x:end] = new
        if blank is shown or " " not in text:
            styles[x:end] = [shown] * len(new)
        else:
            styles[x:end] = [blank if cell == " " else shown for cell in new]
        return end


def _cells(text: str, room: int) -> list[str]:
    """Split text of any width into cells, at most so many."""
    cells: list[str] = []
    simple = "\u200d" not in text and "\ufe0f" not in text
    spans = (
        [(at, at + 1, get_character_cell_size(character)) for at, character in enumerate(text)]
        if simple
        else split_graphemes(text)[0]
    )
    for start, end, width in spans:
        if width == 0:
            if cells:
                head = len(cells) - (2 if cells[-1] == "" else 1)
                cells[head] += text[start:end]
        elif len(cells) + width > room:
            if len(cells) < room:
                cells.append(" ")
            break
        else:
            cells.append(text[start:end])
            cells += [""] * (width - 1)
    return cells
