"""How a cell looks: the SGR codes read, and the shortest codes from one look to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT: Final = -1
"""The terminal's own colour."""

RGB: Final = 1 << 24
"""Added to 0xRRGGBB for a true colour; 0 to 255 are the terminal's numbered colours."""

BOLD, DIM, ITALIC, UNDERLINE, BLINK, REVERSE, CONCEAL, STRIKE, DOUBLE, OVERLINE = (1 << bit for bit in range(10))

ON_BLANK: Final = UNDERLINE | REVERSE | STRIKE | DOUBLE | OVERLINE
"""What can be seen on a space too."""

_ON: Final = {
    "1": BOLD, "2": DIM, "3": ITALIC, "4": UNDERLINE, "5": BLINK, "6": BLINK, "7": REVERSE, "8": CONCEAL,
    "9": STRIKE, "21": DOUBLE, "53": OVERLINE,
}  # fmt: skip
_OFF: Final = {
    "22": BOLD | DIM, "23": ITALIC, "24": UNDERLINE | DOUBLE, "25": BLINK, "27": REVERSE, "28": CONCEAL,
    "29": STRIKE, "55": OVERLINE,
}  # fmt: skip
_INTENSITY: Final = BOLD | DIM
_CODES: Final = tuple((bit, code) for code, bit in _ON.items() if code != "6")


@dataclass(frozen=True, slots=True)
class Style:
    """The look of a cell: attribute bits, two colours, and the link it belongs to (the words of OSC 8)."""

    bits: int = 0
    fore: int = DEFAULT
    back: int = DEFAULT
    link: str = ""

    @property
    def blank(self) -> Style:
        """The same on a space, without what cannot be seen there."""
        if self.bits & ON_BLANK:
            return self
        return Style(0, DEFAULT, self.back, self.link)

    @property
    def erasable(self) -> bool:
        """A space of this look is what erasing leaves, where erasing takes the background colour."""
        return not self.bits & ON_BLANK and not self.link


PLAIN: Final = Style()


def read_sgr(style: Style, parameters: str) -> Style:
    """Apply the parameters of one SGR sequence (`1;38;5;12`), leaving out what is not known."""
    bits, fore, back = style.bits, style.fore, style.back
    codes = iter(parameters.replace(":", ";").split(";"))
    for code in codes:
        if code in _ON:
            bits |= _ON[code]
        elif code in _OFF:
            bits &= ~_OFF[code]
        elif code in ("", "0"):
            bits, fore, back = 0, DEFAULT, DEFAULT
        elif code == "38":
            fore = _extended(codes, fore)
        elif code == "48":
            back = _extended(codes, back)
        elif code.isdecimal():
            number = int(code)
            if 30 <= number <= 37 or 90 <= number <= 97:
                fore = number - 30 if number < 90 else number - 82
            elif 40 <= number <= 47 or 100 <= number <= 107:
                back = number - 40 if number < 100 else number - 92
            elif number == 39:
                fore = DEFAULT
            elif number == 49:
                back = DEFAULT
    return replace(style, bits=bits, fore=fore, back=back)


def _extended(codes: Iterator[str], before: int) -> int:
    """Read what follows 38 or 48: `5;number` or `2;red;green;blue`."""
    mode = next(codes, "")
    values = [next(codes, "") for _ in range({"5": 1, "2": 3}.get(mode, 0))]
    if not values or not all(value.isdecimal() and int(value) < 256 for value in values):
        return before
    if mode == "5":
        return int(values[0])
    red, green, blue = (int(value) for value in values)
    return RGB | red << 16 | green << 8 | blue


def colour_code(colour: int, *, back: bool) -> str:
    """The SGR parameter of a colour: `37`, `48;5;240`, `38;2;1;2;3`, `49`."""
    base = 40 if back else 30
    if colour == DEFAULT:
        return str(base + 9)
    if colour & RGB:
        return f"{base + 8};2;{colour >> 16 & 255};{colour >> 8 & 255};{colour & 255}"
    if colour < 8:
        return str(base + colour)
    if colour < 16:
        return str(base + 52 + colour)
    return f"{base + 8};5;{colour}"


def _full(style: Style) -> list[str]:
    codes = [code for bit, code in _CODES if style.bits & bit]
    if style.fore != DEFAULT:
        codes.append(colour_code(style.fore, back=False))
    if style.back != DEFAULT:
        codes.append(colour_code(style.back, back=True))
    return codes


def sgr(before: Style, after: Style, *, can_turn_off: bool) -> str:
    """Give the shortest sequences that lead from one look to the other.

    Args:
        before: The look the terminal is set to.
        after: The look wanted.
        can_turn_off: The terminal knows how to end a single attribute (a VT100 only knows how to end all).
    """
    link = f"\x1b]8;{after.link}\x1b\\" if after.link != before.link and after.link else ""
    if before.link and not after.link:
        link = "\x1b]8;;\x1b\\"
    full = ";".join(["", *_full(after)])
    gone = before.bits & ~after.bits
    if (before.bits ^ after.bits) & _INTENSITY and (before.bits | after.bits) & _INTENSITY == _INTENSITY:
        gone |= before.bits & _INTENSITY  # for some terminals the two are one, and the last one counts
    if gone and not can_turn_off:
        return f"{link}\x1b[{full}m"
    codes: list[str] = []
    for code, bits in _OFF.items():
        if gone & bits:
            codes.append(code)
            gone &= ~bits
            before = replace(before, bits=before.bits & ~bits)
    codes += [code for bit, code in _CODES if after.bits & ~before.bits & bit]
    if after.fore != before.fore:
        codes.append(colour_code(after.fore, back=False))
    if after.back != before.back:
        codes.append(colour_code(after.back, back=True))
    change = ";".join(codes)
    if not change:
        return link
    return f"{link}\x1b[{min(change, full, key=len)}m"
