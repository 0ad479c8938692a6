"""Looks made for true colour, on terminals that have fewer colours or none."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.color import Color, ColorSystem

from screens.driver.abilities import Colours
from screens.driver.style import BOLD, DEFAULT, DIM, REVERSE, RGB, Style

if TYPE_CHECKING:
    from collections.abc import Callable

SIXTEEN: Final = (
    (0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170),
    (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255), (255, 85, 255), (85, 255, 255),
    (255, 255, 255),
)  # fmt: skip
"""The sixteen colours as the Linux console and VGA text mode show them; most terminals come near."""

BRIGHT_BACK: Final = 0.1
"""Luminance (0 to 1) of a background from which on it stands out from a dark screen, and is shown in reverse."""

FAINT: Final = 2.5
"""Contrast (1 to 21) up to which a text is meant to stay behind others."""

READABLE: Final = 2.0
"""Contrast below which text on one of eight backgrounds cannot be read any more."""


def conversion(colours: Colours, *, dims: bool) -> Callable[[Style], Style]:
    """Give the function that turns a look into one the terminal has."""
    match colours:
        case Colours.TRUE:
            return lambda style: style
        case Colours.INDEXED:
            return lambda style: replace(style, fore=_indexed(style.fore), back=_indexed(style.back))
        case Colours.SIXTEEN:
            return _sixteen
        case Colours.NONE:
            return lambda style: _none(style, dims=dims)


@lru_cache(4096)
def _indexed(colour: int) -> int:
    if not colour & RGB or colour == DEFAULT:
        return colour
    near = Color.from_rgb(*_rgb(colour)).downgrade(ColorSystem.EIGHT_BIT).number
    return DEFAULT if near is None else near


def _sixteen(style: Style) -> Style:
    """Take the nearest colours, and keep text apart from its background."""
    fore, back = _nearest(style.fore, 16), _nearest(style.back, 8)
    if style.fore == style.back or DEFAULT in (fore, back):
        return replace(style, fore=fore, back=back)
    if _contrast(SIXTEEN[fore], SIXTEEN[back]) < READABLE:
        faint = _contrast(_rgb(style.fore), _rgb(style.back)) < FAINT
        dark = _luminance(SIXTEEN[back]) < BRIGHT_BACK * 2
        fore = (8 if faint and back == 0 else 15) if dark else 0
    return replace(style, fore=fore, back=back)


@lru_cache(4096)
def _nearest(colour: int, among: int) -> int:
    """The number of the nearest of the first so many colours, by what the eye tells apart."""
    if colour == DEFAULT or 0 <= colour < among:
        return colour
    if 0 <= colour < 16:
        return colour - 8
    red, green, blue = _rgb(colour)

    def distance(number: int) -> float:
        other_red, other_green, other_blue = SIXTEEN[number]
        middle = (red + other_red) / 2
        return (
            (2 + middle / 256) * (red - other_red) ** 2
            + 4 * (green - other_green) ** 2
            + (2 + (255 - middle) / 256) * (blue - other_blue) ** 2
        )

    return min(range(among), key=distance)


def _none(style: Style, *, dims: bool) -> Style:
    """Keep what colours told: a bright background becomes reverse, faint text becomes dim."""
    fore, back = style.fore, style.back
    if style.bits & REVERSE:
        fore, back = back, fore
    bits = style.bits & ~REVERSE
    if back != DEFAULT:
        paper, ink = _rgb(back), (255, 255, 255) if fore == DEFAULT else _rgb(fore)
        if _luminance(paper) > BRIGHT_BACK:
            bits |= REVERSE
        if dims and fore != DEFAULT and not bits & BOLD and _contrast(ink, paper) < FAINT:
            bits |= DIM
    elif style.bits & REVERSE:
        bits |= REVERSE
    return Style(bits, DEFAULT, DEFAULT, style.link)


@lru_cache(4096)
def _rgb(colour: int) -> tuple[int, int, int]:
    """Red, green and blue of a colour that is not the terminal's own (that counts as black)."""
    if colour == DEFAULT:
        return SIXTEEN[0]
    if colour & RGB:
        return colour >> 16 & 255, colour >> 8 & 255, colour & 255
    if colour < 16:
        return SIXTEEN[colour]
    triplet = Color.from_ansi(colour).get_truecolor()
    return triplet.red, triplet.green, triplet.blue


def _luminance(rgb: tuple[int, int, int]) -> float:
    """Relative luminance, 0 to 1, as WCAG defines it."""
    red, green, blue = (
        part / 12.92 if (part := value / 255) <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for value in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Contrast of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)
