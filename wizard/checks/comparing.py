"""Comparisons between what a guide expects and what a machine says, whatever type either came in."""

from __future__ import annotations

import re
from typing import Any, Final

from wizard.facts.foreign import TELLING_KEY
from wizard.secrets import MASK

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_SWITCHES: Final = {"true": True, "false": False}


def same(seen: Any, expected: Any) -> bool:
    """Say whether two values mean the same.

    A number equals the text of that number, a switch the text `true` or `false` and the numbers 1 and 0;
    two texts are compared as they stand, so that `1.10` is not `1.1`.
    """
    match seen, expected:
        case (bool(), bool()) | (str(), str()):
            return bool(seen == expected)
        case (bool(), other) | (other, bool()):
            switch = seen if isinstance(seen, bool) else expected
            return _as_switch(other) is switch
        case (int() | float(), int() | float()):
            return bool(seen == expected)
        case (int() | float(), str()) | (str(), int() | float()):
            try:
                return number_of(seen) == number_of(expected)
            except ValueError:
                return False
        case _:
            return str(seen) == str(expected)


def _as_switch(value: Any) -> bool | None:
    match value:
        case str():
            return _SWITCHES.get(value.strip().lower())
        case int() if value in (0, 1):
            return bool(value)
        case _:
            return None


def number_of(value: Any) -> int | float:
    """Give the number a value is or writes. ValueError where it is none; a switch is none."""
    match value:
        case bool():
            pass
        case int() | float():
            return value
        case str() if _NUMBER.fullmatch(value.strip()):
            text = value.strip()
            return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else float(text)
        case _:
            pass
    raise ValueError(f"{value!r} is not a number")


def shown(value: Any, limit: int = 200, *, key: str = "") -> str:
    """Write a value for a person, on one line; masked where the name it stands under tells of a secret."""
    if key and TELLING_KEY.search(key) and isinstance(value, str) and value:
        return MASK
    match value:
        case bool():
            text = str(value).lower()
        case None:
            text = "null"
        case str():
            text = f"`{value}`" if value else "an empty text"
        case dict():
            entries = [f"{name}: {shown(item, 40, key=str(name))}" for name, item in list(value.items())[:8]]
            text = "{" + ", ".join(entries) + (", …}" if len(value) > 8 else "}")
        case list() | tuple():
            items = [shown(item, 40, key=key) for item in value[:8]]
            text = "[" + ", ".join(items) + (", …]" if len(value) > 8 else "]")
        case _:
            text = str(value)
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
