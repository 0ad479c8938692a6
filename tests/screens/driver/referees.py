"""Emulators of others that say what a terminal shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyte
from avt._avt import Cell, Vt

if TYPE_CHECKING:
    from collections.abc import Callable

Seen = list[list[tuple[object, ...]]]
"""Lines of cells: character, what of its look can be seen."""


class Avt:
    """A terminal with back-colour-erase that knows how to repeat and to erase cells."""

    def __init__(self, width: int, height: int) -> None:
        self._terminal = Vt(width, height)

    def feed(self, text: str) -> None:
        """Give it output."""
        self._terminal.feed_str(text)

    def resize(self, width: int, height: int) -> None:
        """Give it another size."""
        self._terminal.resize(width, height)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and line."""
        return self._terminal.cursor.col, self._terminal.cursor.row

    def seen(self) -> Seen:
        """What it shows."""
        return [[self._cell(cell) for cell in line.cells] for line in self._terminal.view()]

    @staticmethod
    def _cell(cell: Cell) -> tuple[object, ...]:
        pen = cell.pen
        on_blank = pen.underline, pen.strikethrough, pen.inverse
        if cell.char == " " and not any(on_blank) and cell.width == 1:
            return " ", str(pen.background)
        return (
            cell.char if cell.width else "",
            str(pen.foreground), str(pen.background), pen.bold, pen.faint, pen.italic, pen.blink, *on_blank,
        )  # fmt: skip


class WithoutColourErase(pyte.Screen):
    """A screen on which erased cells have the terminal's own background, as in GNU screen."""

    def _erase(self, how: Callable[..., None], *arguments: Any, **options: Any) -> None:
        kept, self.cursor.attrs = self.cursor.attrs, self.default_char
        how(*arguments, **options)
        self.cursor.attrs = kept

    def erase_in_line(self, *arguments: Any, **options: Any) -> None:
        """Erase with the terminal's own colour."""
        self._erase(super().erase_in_line, *arguments, **options)

    def erase_in_display(self, *arguments: Any, **options: Any) -> None:
        """Erase with the terminal's own colour."""
        self._erase(super().erase_in_display, *arguments, **options)

    def erase_characters(self, *arguments: Any, **options: Any) -> None:
        """Erase with the terminal's own colour."""
        self._erase(super().erase_characters, *arguments, **options)


class Pyte:
    """A terminal with or without back-colour-erase, that does not know how to repeat."""

    def __init__(self, width: int, height: int, *, colour_erase: bool) -> None:
        self._screen = pyte.Screen(width, height) if colour_erase else WithoutColourErase(width, height)
        self._stream = pyte.Stream(self._screen)

    def feed(self, text: str) -> None:
        """Give it output."""
        self._stream.feed(text)

    def resize(self, width: int, height: int) -> None:
        """Give it another size."""
        self._screen.resize(height, width)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and line."""
        return self._screen.cursor.x, self._screen.cursor.y

    def seen(self) -> Seen:
        """What it shows."""
        screen = self._screen
        return [[self._cell(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]

    @staticmethod
    def _cell(cell: Any) -> tuple[object, ...]:
        on_blank = cell.underscore, cell.strikethrough, cell.reverse
        if cell.data == " " and not any(on_blank):
            return " ", cell.bg
        return cell.data, cell.fg, cell.bg, cell.bold, cell.italics, cell.blink, *on_blank
