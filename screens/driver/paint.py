"""From what the terminal shows to what it should show, in few bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screens.driver.picture import Row, blank_row
from screens.driver.style import DEFAULT, ON_BLANK, PLAIN, Style, sgr

if TYPE_CHECKING:
    from screens.driver.abilities import Abilities
    from screens.driver.picture import Picture

_SHORT_GAP: Final = 4
"""Cells that are cheaper written again than jumped over."""

_SHORT_RUN: Final = 8
"""Equal cells from which on a sequence can be shorter than the cells."""

_MOST_REMEMBERED: Final = 4096


class Painter:
    """Knows what the terminal shows, and gives the bytes that make it show a picture."""

    def __init__(self, abilities: Abilities) -> None:
        self._abilities = abilities
        self._width = self._height = 0
        self._known = False
        self._rows: list[Row] = []
        self._pen = PLAIN
        self._at: tuple[int, int] | None = None
        self._out: list[str] = []
        self._turns: dict[tuple[Style, Style], str] = {}

    def forget(self) -> None:
        """What the terminal shows is not known any more: the next picture is painted whole."""
        self._known = False

    def leave(self) -> str:
        """Give the bytes that leave the terminal as a shell wants to find it."""
        self._known = False
        self._out = []
        self._turn(PLAIN)
        if not self._abilities.switches_screen:
            self._out.append("\x1b[2J\x1b[H")
        return "".join(self._out)

    def paint(self, picture: Picture) -> str:
        """Give the bytes for the lines of a picture that changed; empty if the terminal shows it already."""
        self._out = []
        if not self._known or (picture.width, picture.height) != (self._width, self._height):
            self._start_anew(picture)
        for y in sorted(picture.changed):
            self._row(y, picture.rows[y])
        picture.changed.clear()
        if self._at != picture.cursor:
            self._move(*picture.cursor)
        return "".join(self._out)

    def _start_anew(self, picture: Picture) -> None:
        self._out.append("\x1b]8;;\x1b\\\x1b[m\x1b[2J" if self._pen.link else "\x1b[m\x1b[2J")
        self._width, self._height = picture.width, picture.height
        self._rows = [blank_row(self._width) for _ in range(self._height)]
        picture.changed = set(range(self._height))
        self._pen, self._at, self._known = PLAIN, None, True

    def _row(self, y: int, wanted: Row) -> None:
        shown_text, shown_styles = self._rows[y]
        text, styles = wanted
        if text == shown_text and styles == shown_styles:
            return
        self._rows[y] = text.copy(), styles.copy()
        if not (_certain(text) and _certain(shown_text)):
            self._turn(PLAIN)
            self._move(0, y)
            self._out.append("\x1b[K")
            shown_text, shown_styles = blank_row(self._width)
        changed = [
            x
            for x, (cell, style, cell_before, style_before) in enumerate(
                zip(text, styles, shown_text, shown_styles, strict=True)
            )
            if cell and (cell != cell_before or (style is not style_before and style != style_before))
        ]
        if not changed:
            return
        tail = self._tail(text, styles)
        past = 0
        for x in changed:
            if x < past:
                continue
            if x >= tail and self._width - x > _SHORT_GAP:
                self._reach(x, y, wanted)
                self._turn(styles[x], blank=True)
                self._out.append("\x1b[K")
                return
            self._reach(x, y, wanted)
            past = self._cell(x, y, wanted)

    def _tail(self, text: list[str], styles: list[Style]) -> int:
        """The column from which on the line can be erased to its end."""
        tail, style = self._width, styles[-1]
        if not self._erasable(style):
            return tail
        while tail and text[tail - 1] == " " and styles[tail - 1] == style:
            tail -= 1
        return tail

    def _erasable(self, style: Style) -> bool:
        return style.erasable and (style.back == DEFAULT or self._abilities.erases_with_colour)

    def _cell(self, x: int, y: int, row: Row) -> int:
        """Write the cell at a column, or a run of cells like it; give the column up to which the line is right."""
        text, styles = row
        cell, style = text[x], styles[x]
        self._turn(style, blank=cell == " ")
        end = x + 1
        if len(cell) == 1 and x + _SHORT_RUN < self._width and text[x + 1] == cell and styles[x + 1] == style:
            while end < self._width and text[end] == cell and styles[end] == style:
                end += 1
        length = end - x
        if length > _SHORT_RUN and cell == " " and self._abilities.erases_cells and self._erasable(style):
            self._out.append(f"\x1b[{length}X")
            return end
        if length > _SHORT_RUN and self._abilities.repeats:
            self._out.append(f"{cell}\x1b[{length - 1}b")
            self._advance(end, y, certain=True)
            return end
        self._out.append(cell)
        wide = x + 1 < self._width and text[x + 1] == ""
        self._advance(x + 1 + wide, y, certain=_certain(cell))
        return x + 1

    def _advance(self, x: int, y: int, *, certain: bool) -> None:
        self._at = (x, y) if certain and x < self._width else None

    def _reach(self, x: int, y: int, row: Row) -> None:
        """Bring the cursor to a cell, by writing again what stands between where that is short."""
        if self._at == (x, y):
            return
        if self._at and self._at[1] == y and 0 < x - self._at[0] <= _SHORT_GAP:
            text, styles = row
            between = range(self._at[0], x)
            if all(styles[at] == self._pen and len(text[at]) == 1 and _certain(text[at]) for at in between):
                self._out.append("".join(text[self._at[0] : x]))
                self._at = (x, y)
                return
        self._move(x, y)

    def _move(self, x: int, y: int) -> None:
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"]
        if self._at:
            was_x, was_y = self._at
            right = f"\x1b[{x}C" if x > 1 else "\x1b[C" if x else ""
            if y == was_y:
                ways.append("\r" + right)
                if x > was_x:
                    ways.append(f"\x1b[{x - was_x}C" if x - was_x > 1 else "\x1b[C")
                elif was_x - x <= _SHORT_GAP:
                    ways.append("\b" * (was_x - x))
            elif 0 < y - was_y <= 3:
                ways.append("\r" + "\n" * (y - was_y) + right)
        self._out.append(min(ways, key=len))
        self._at = (x, y)

    def _turn(self, style: Style, *, blank: bool = False) -> None:
        """Set the look of what is written next; on a space only what can be seen there counts."""
        pen = self._pen
        if style is pen or style == pen:
            return
        if blank and style.back == pen.back and style.link == pen.link and not (style.bits | pen.bits) & ON_BLANK:
            return
        turn = self._turns.get((pen, style))
        if turn is None:
            if len(self._turns) > _MOST_REMEMBERED:
                self._turns.clear()
            turn = sgr(pen, style, can_turn_off=self._abilities.ends_attributes)
            self._turns[pen, style] = turn
        self._out.append(turn)
        self._pen = style


def _certain(cells: list[str] | str) -> bool:
    """Terminals agree how many cells these take: no emoji, nothing joined of several characters."""
    if isinstance(cells, str):
        return len(cells) == 1 and _agreed(cells)
    joined = "".join(cells)
    if joined.isascii():
        return True
    return all(map(_agreed, joined)) and max(map(len, cells)) == 1


def _agreed(character: str) -> bool:
    return character < "\u2600" or "\u2800" <= character < "\ua000" or "\uac00" <= character < "\ufb00"
