"""Look-alikes for characters the terminal does not have, each as wide as what it stands for."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.cells import get_character_cell_size

from screens.driver.abilities import Characters

if TYPE_CHECKING:
    from collections.abc import Callable

_ALIKE: Final = {
    "─┄┅┈┉╌╍╴╶⎯": "-",
    "━╸╺╼╾": "=",
    "│┃┆┇┊┋╎╏╵╷╹╻╽╿⎢⎥⎸⎹": "|",
    "═": "=",
    "║": "|",
    "╱⟋": "/",
    "╲⟍": "\\",
    "╳✕✖✗✘❌⨯": "x",
    "▏▎▍▌▐▕▊▋▉": "|",
    "▁▖▗": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*",
    "▔▀▝▘": "-",
    "▇█▙▛▜▟▞▚": "#",
    "░▒": ":",
    "▓": "#",
    "←⟵⇐◀◂◁‹❮⏴⇦": "<",
    "→⟶⇒▶▸▷›❯➜➔➤⏵⇨⯈": ">",
    "↑⇑▲▴△⏶⌃⇧": "^",
    "↓⇓▼▾▽⏷⌄⇩": "v",
    "↔⇔": "=",
    "↕": "|",
    "↩↵⏎⮐↶": "<",
    "↻↺⟳⟲": "@",
    "●⬤◉⏺⚫◆■◼▪▮⬛": "*",
    "•∙⋅·‧◦": "*",
    "○◯⭘◌⚪◇□◻▫▯☐⬜": "o",
    "✓✔☑✅√": "v",
    "★☆✦✧✱✳✶✻✽": "*",
    "⚠❗‼": "!",
    "❓": "?",
    "ℹ": "i",
    "…": ".",
    "‐‑‒–—―−": "-",
    "‘’‚‛′": "'",
    "“”„‟″«»": '"',
    "×": "x",
    "÷": "/",
    "±": "+",
    "≤": "<",
    "≥": ">",
    "≈≃~": "~",
    "≠": "#",
    "≡☰": "=",
    "∞": "8",
    "§": "S",
    "©": "c",
    "®": "r",
    "°º": "o",
    "€": "E",
    "£": "L",
    "µ": "u",
    "⚡": "!",
    "\xa0\u2007\u202f": " ",
}  # fmt: skip
"""Look-alikes (one character each) by what they stand for."""

_CONSOLE_ALIKE: Final = {
    "╭": "┌", "╮": "┐", "╰": "└", "╯": "┘",
    "━╸╺╼╾╴╶┄┅┈┉╌╍⎯": "─", "┃╹╻╽╿╵╷┆┇┊┋╎╏": "│",
    "┏": "┌", "┓": "┐", "┗": "└", "┛": "┘", "┣": "├", "┫": "┤", "┳": "┬", "┻": "┴", "╋": "┼",
    "▏▎▍▊▋▉": "▌", "▕": "▐", "▁▂▃": "▄", "▔": "▀", "▅▆▇": "█",
    "▸▷❯➜➔➤⏵": "►", "◂◁❮⏴": "◄", "▴△⏶": "▲", "▾▽⏷": "▼",
    "●⬤◉⏺◆■◼▪▮∙⋅‧": "•", "✓✔☑": "√",
}  # fmt: skip
"""The same for the Linux console, where its fonts have something nearer than ASCII."""

_CONSOLE_HAS: Final = frozenset("─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬█▀▄▌▐░▒▓•·←↑→↓↔↕▲▼►◄√°±×÷«»§©®µ£€\xa0")

_SPINNER: Final = dict(zip("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\|/-\\|/", strict=True))
"""The customary frames of a sign of life, which must be told apart to be one."""

_PLAIN: Final = {ord(one): like for many, like in {**_ALIKE, **_SPINNER}.items() for one in many}
_CONSOLE: Final = _PLAIN | {ord(one): like for many, like in _CONSOLE_ALIKE.items() for one in many}

_CORNERS: Final = range(0x250C, 0x2574)
_BRAILLE: Final = range(0x2800, 0x2900)
_LATIN: Final = range(0xC0, 0x180)


def translation(characters: Characters) -> Callable[[str], str]:
    """Give the function that turns a text into one the terminal can show, as wide as before."""
    match characters:
        case Characters.ALL:
            return lambda text: text
        case Characters.ASCII:
            return _to_ascii
        case Characters.CONSOLE:
            return _to_console


def _to_ascii(text: str) -> str:
    return text if text.isascii() else "".join(map(_plain, text))


def _to_console(text: str) -> str:
    return text if text.isascii() else "".join(map(_console, text))


@lru_cache(4096)
def _console(character: str) -> str:
    if character.isascii() or character in _CONSOLE_HAS or ord(character) in _LATIN:
        return character
    return _CONSOLE.get(ord(character)) or _plain(character)


@lru_cache(4096)
def _plain(character: str) -> str:
    """One character in ASCII: as many columns, or nothing where it joins the one before."""
    if character.isascii():
        return character
    width = get_character_cell_size(character)
    if width == 0:
        return ""
    return _likeness(character).ljust(width)


def _likeness(character: str) -> str:
    code = ord(character)
    known = _PLAIN.get(code)
    if known:
        return known
    if code in _CORNERS:
        return "+"
    if code in _BRAILLE:
        return " .:#"[min(3, (code - _BRAILLE.start).bit_count() + 1 >> 1)] if code > _BRAILLE.start else " "
    bare = unicodedata.normalize("NFKD", character)[:1]
    return bare if bare.isascii() and bare.isprintable() and bare else "?"
