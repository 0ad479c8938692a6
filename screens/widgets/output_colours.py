"""The colours of a command's output in the colours of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip

from screens.terminal.styles import PLAIN, Style, Underline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screens.terminal.cells import Run
    from screens.terminal.styles import Colour

CURSOR: Final = RichStyle(reverse=True)
MARKED: Final = RichStyle(reverse=True)
FOUND: Final = RichStyle(reverse=True, bold=True)


@lru_cache(maxsize=1024)
def rich_style(style: Style) -> RichStyle:
    """Give how a cell is drawn.

    The sixteen named colours stay names, so that the theme, or the operator's own terminal, says how they look.
    Only what is set is said: all else comes from the widget.
    """
    return RichStyle(
        color=_colour(style.fg),
        bgcolor=_colour(style.bg),
        bold=style.bold or None,
        dim=style.dim or None,
        italic=style.italic or None,
        underline=style.underline is not Underline.NONE or None,
        blink=style.blink or None,
        reverse=style.reverse or None,
        strike=style.strike or None,
    )


def strip_of(runs: Iterable[Run], base: RichStyle) -> Strip:
    """Give a row of cells on a widget whose own look is `base`; hidden text is drawn as blanks."""
    segments = []
    cells = 0
    for text, style, width in runs:
        look = base if style is PLAIN else base + rich_style(style)
        segments.append(Segment(" " * width if style.hidden else text, look))
        cells += width
    return Strip(segments, cells)


def _colour(colour: Colour) -> Color | None:
    match colour:
        case None:
            return None
        case int(number):
            return Color.from_ansi(number)
        case red, green, blue:
            return Color.from_rgb(red, green, blue)


def marked(strip: Strip, begin: int, end: int, mark: RichStyle) -> Strip:
    """Give the row with the cells from `begin` to `end` marked by turning their colours round.

    Of a wide character of which half is meant both halves are marked.
    """
    if begin >= end or begin >= strip.cell_length:
        return strip
    begin, end = _whole_characters(strip.text, begin, end)
    before, inside, after = strip.divide((begin, min(end, strip.cell_length), strip.cell_length))
    turned = [Segment(text, _turned(style or RichStyle.null(), mark)) for text, style, _ in inside]
    return Strip.join([before, Strip(turned, inside.cell_length), after])


def _whole_characters(text: str, begin: int, end: int) -> tuple[int, int]:
    """Widen what lies between two columns of a text until it cuts no wide character in two."""
    if text.isascii():
        return begin, end
    at = 0
    for character in text:
        behind = at + cell_len(character)
        if at < begin < behind:
            begin = at
        if at < end < behind:
            end = behind
        at = behind
    return begin, end


def _turned(style: RichStyle, mark: RichStyle) -> RichStyle:
    """Turn a style round; one that is reversed already turns back, or nothing would be seen."""
    if style.reverse and mark.reverse:
        return style + RichStyle(reverse=False, bold=True)
    return style + mark
