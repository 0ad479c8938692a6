"""How a cell looks, and how select-graphic-rendition sequences change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from screens.terminal.controls import WORTH_KEEPING

if TYPE_CHECKING:
    from collections.abc import Sequence

PENS_KEPT = 2048
"""Pens and turns from one to another that are remembered; a flood of gradients begins anew."""


class Underline(StrEnum):
    """The kinds of line below the text."""

    NONE = "none"
    SINGLE = "single"
    DOUBLE = "double"
    CURLY = "curly"
    DOTTED = "dotted"
    DASHED = "dashed"


Colour = int | tuple[int, int, int] | None
"""A colour: None for the terminal's own, 0 to 255 of the palette, or red, green and blue of 0 to 255 each."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks."""

    fg: Colour = None
    bg: Colour = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: Underline = Underline.NONE
    blink: bool = False
    reverse: bool = False
    hidden: bool = False
    strike: bool = False


PLAIN = Style()
"""A cell nobody styled."""

_SWITCHES: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    5: {"blink": True},
    6: {"blink": True},
    7: {"reverse": True},
    8: {"hidden": True},
    9: {"strike": True},
    21: {"underline": Underline.DOUBLE},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": Underline.NONE},
    25: {"blink": False},
    27: {"reverse": False},
    28: {"hidden": False},
    29: {"strike": False},
    39: {"fg": None},
    49: {"bg": None},
    **{30 + colour: {"fg": colour} for colour in range(8)},
    **{40 + colour: {"bg": colour} for colour in range(8)},
    **{90 + colour: {"fg": 8 + colour} for colour in range(8)},
    **{100 + colour: {"bg": 8 + colour} for colour in range(8)},
}
_UNDERLINES = tuple(Underline)
_LONG_COLOURS = {38: "fg", 48: "bg", 58: ""}


class Pen:
    """A style with which to write, the one with which to erase, and the pens that sequences turn it into."""

    __slots__ = ("after", "blank", "style")

    def __init__(self, style: Style, blank: Style) -> None:
        """Know `style`, and `blank`: the same background and nothing else."""
        self.style = style
        self.blank = blank
        self.after: dict[str, Pen] = {}
        """The pen after a whole sequence, such as `ESC [ 1 m`; filled by who reads sequences."""


class Pens:
    """All pens in use, one for each style, so that equal styles are the same object."""

    def __init__(self) -> None:
        """Begin with the plain pen."""
        self.plain = Pen(PLAIN, PLAIN)
        self._pens: dict[Style, Pen] = {PLAIN: self.plain}
        self._turns = 0

    def of(self, style: Style) -> Pen:
        """The pen of a style."""
        pen = self._pens.get(style)
        if pen is None:
            blank = PLAIN if style.bg is None else Style(bg=style.bg)
            pen = self._pens[style] = Pen(style, style if blank == style else blank)
        return pen

    def turn(self, pen: Pen, sequence: str, parameters: Sequence[Sequence[int | None]]) -> Pen:
        """The pen that `sequence`, which has these parameters, makes of `pen`; remembered where it is not too long."""
        self._turns += 1
        if self._turns > PENS_KEPT:
            self._turns = 0
            for known in self._pens.values():
                known.after.clear()
            self._pens = {PLAIN: self.plain}
        after = self.of(restyled(pen.style, parameters))
        if len(sequence) <= WORTH_KEEPING:
            pen.after[sequence] = after
        return after


def restyled(style: Style, parameters: Sequence[Sequence[int | None]]) -> Style:
    """The style after a sequence; each parameter is its parts between colons, None where a part is empty."""
    if not parameters:
        return PLAIN
    at = 0
    while at < len(parameters):
        first, *rest = parameters[at]
        code = first or 0
        at += 1
        if code in _LONG_COLOURS:
            if rest:
                known, colour = _colour_in_parts(rest)
            else:
                used, known, colour = _colour_in_parameters([parts[0] for parts in parameters[at : at + 4]])
                at += used
            if known and _LONG_COLOURS[code]:
                style = replace(style, **{_LONG_COLOURS[code]: colour})  # type: ignore[arg-type]
        elif code == 0:
            style = PLAIN
        elif code == 4:
            kind = rest[0] if rest and rest[0] is not None else 1
            if kind < len(_UNDERLINES):
                style = replace(style, underline=_UNDERLINES[kind])
        elif code in _SWITCHES and not rest:
            style = replace(style, **_SWITCHES[code])
    return style


def _colour_in_parts(parts: Sequence[int | None]) -> tuple[bool, Colour]:
    """Read `5:N`, `2:R:G:B` and `2:SPACE:R:G:B`, whatever stands behind; False where it is none of them."""
    match parts:
        case [5, int(index), *_] if index < 256:
            return True, index
        case [2, red, green, blue] | [2, _, red, green, blue, *_]:
            return _true_colour(red, green, blue)
        case _:
            return False, None


def _colour_in_parameters(following: Sequence[int | None]) -> tuple[int, bool, Colour]:
    """Read `5;N` and `2;R;G;B`: parameters used up, whether it is a colour, and which."""
    match following:
        case [5, index, *_]:
            return 2, (index or 0) < 256, index or 0
        case [2, red, green, blue]:
            return 4, *_true_colour(red, green, blue)
        case [2 | 5, *_]:
            return len(following), False, None
        case _:
            return 0, False, None


def _true_colour(red: int | None, green: int | None, blue: int | None) -> tuple[bool, Colour]:
    colour = (red or 0, green or 0, blue or 0)
    return max(colour) < 256, colour
