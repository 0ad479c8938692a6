"""Writing plain data as YAML that the strict loader reads back as the same data."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any, Final

from wizard.secrets import Secret

_PLAIN: Final = re.compile(r"[A-Za-z/][A-Za-z0-9_./+@%=-]*", re.ASCII)
_NOT_PLAIN: Final = frozenset({"true", "false", "null", "Null", "NULL"})
_ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_WIDEST_NUMBER: Final = 10**18


def written(value: Any) -> str:
    """A value on one line: plain where that is safe, else in double quotes; lists and maps in brackets."""
    match value:
        case Secret():
            raise TypeError("a secret is never written")
        case bool():
            return "true" if value else "false"
        case int() if abs(value) < _WIDEST_NUMBER:
            return str(value)
        case list() | tuple():
            return f"[{', '.join(written(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{quoted_text(str(name))}: {written(item)}' for name, item in value.items())}}}"
        case _:
            return quoted_text(str(value))


def quoted_text(text: str) -> str:
    """A text: plain where no reader could take it for anything else, else in double quotes."""
    if _PLAIN.fullmatch(text) and text not in _NOT_PLAIN:
        return text
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def block(name: str, value: Any, indent: str) -> list[str]:
    """The lines of one entry of a map; a list of maps takes a line for each."""
    if isinstance(value, list | tuple) and value and all(isinstance(item, dict) for item in value):
        return [f"{indent}{quoted_text(name)}:", *(f"{indent}  - {written(item)}" for item in value)]
    return [f"{indent}{quoted_text(name)}: {written(value)}"]


def comment(text: str, indent: str = "") -> list[str]:
    """A text as comment lines of at most 100 columns, with two signs, so that none looks like an entry."""
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        clean = "".join(one if one.isprintable() else " " for one in line)
        lines += textwrap.wrap(clean, 97 - len(indent), break_long_words=False, break_on_hyphens=False) or [""]
    return [f"{indent}## {line}".rstrip() for line in lines]
