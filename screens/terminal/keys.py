"""What a key sends to the command, as xterm encodes it (TERM is xterm-256color)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.keys import key_to_character

if TYPE_CHECKING:
    from textual.events import Key

    from screens.terminal.modes import Modes

_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4, "meta": 8}
_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "end": "F", "home": "H"}
_FUNCTION = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERED = {
    "insert": 2,
    "delete": 3,
    "pageup": 5,
    "pagedown": 6,
    "f5": 15,
    "f6": 17,
    "f7": 18,
    "f8": 19,
    "f9": 20,
    "f10": 21,
    "f11": 23,
    "f12": 24,
}
_SINGLE = {"enter": "\r", "return": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f", "space": " "}
_CONTROL = {
    "at": "\x00",
    "@": "\x00",
    "space": "\x00",
    "2": "\x00",
    "left_square_bracket": "\x1b",
    "left_square_brace": "\x1b",
    "3": "\x1b",
    "backslash": "\x1c",
    "4": "\x1c",
    "right_square_bracket": "\x1d",
    "5": "\x1d",
    "circumflex_accent": "\x1e",
    "6": "\x1e",
    "underscore": "\x1f",
    "slash": "\x1f",
    "minus": "\x1f",
    "7": "\x1f",
    "question_mark": "\x7f",
    "8": "\x7f",
    "backspace": "\b",
}
_NOT_TO_PASTE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def encode(event: Key, modes: Modes) -> bytes:
    """The bytes for a key; none for a key that sends nothing."""
    key, character = event.key, event.character
    *held, base = key.split("+")
    if key in {"shift+tab", "backtab"}:
        return b"\x1b[Z"
    shifted = re.fullmatch(r"f(1[3-9]|2[0-4])", base)
    if shifted:  # as xterm's own keyboard has it: the second twelve are the first with shift
        base = f"f{int(shifted[1]) - 12}"
        held.append("shift")
    modifiers = sum(_MODIFIERS.get(one, 0) for one in set(held))
    if base in _CURSOR or base in _FUNCTION:
        final = _CURSOR.get(base) or _FUNCTION[base]
        if modifiers:
            return f"\x1b[1;{modifiers + 1}{final}".encode()
        return f"\x1b{'O' if base in _FUNCTION or modes.application_cursor else '['}{final}".encode()
    if base in _NUMBERED:
        return f"\x1b[{_NUMBERED[base]}{f';{modifiers + 1}' if modifiers else ''}~".encode()
    prefix = "\x1b" if {"alt", "meta"} & set(held) else ""
    if "ctrl" in held:
        text = _control(base)
    elif base in _SINGLE:
        text = _SINGLE[base]
    elif character and character.isprintable():
        text = character
    else:
        text = key_to_character(base) or ""
        text = text.upper() if "shift" in held else text
    return (prefix + text).encode() if text else b""


def _control(base: str) -> str:
    """The control character of a key pressed with ctrl; the key's own where it has none."""
    if len(base) == 1 and base.isascii() and base.isalpha():
        return chr(ord(base.upper()) - 0x40)
    return _CONTROL.get(base) or _SINGLE.get(base, "")


def paste(text: str, modes: Modes) -> bytes:
    """The bytes for pasted text: line ends are as typed, and nothing in it can end the brackets or act as a key."""
    text = _NOT_TO_PASTE.sub("", text.replace("\r\n", "\r").replace("\n", "\r"))
    if not text:
        return b""
    return (f"\x1b[200~{text}\x1b[201~" if modes.bracketed_paste else text).encode(errors="replace")
