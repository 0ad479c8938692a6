r"""The line grammar of `.env` files: read with quotes and comments, change one key, keep every other byte.

A value may be bare (up to the line end, or to a `#` after a blank), in single quotes (as it is, only
`\'` stands for a quote) or in double quotes (`\n \r \t \" \\ \$` are escapes). Quoted values may
span lines. `export` before a key is kept; nothing is ever interpolated. Of equal keys the last counts.
Text that was decoded with `surrogateescape` goes through unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wizard.facts.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEY: Final = re.compile(r"\ufeff?[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=")
_OPENING: Final = re.compile(r"[ \t]*(?P<quote>['\"])")
_COMMENT: Final = re.compile(r"[ \t]+#")
_AFTER: Final = r"[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)"
_QUOTED: Final = {
    "'": (
        re.compile(rf"[ \t]*(?P<value>'[^'\n]*'){_AFTER}"),
        re.compile(rf"[ \t]*(?P<value>'(?:[^'\\]|\\.)*'){_AFTER}", re.DOTALL),
    ),
    '"': (re.compile(rf'[ \t]*(?P<value>"(?:[^"\\]|\\.)*"){_AFTER}', re.DOTALL),),
}
"""How a quoted value and what may follow it look; a single-quoted line is tried without escapes first."""
_LINE: Final = re.compile(r"[^\n]*(?:\n|\Z)")
_SAFE_BARE: Final = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_UNESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "$": "\\$"}
KEY_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
"""What a key looks like."""


class Quote(StrEnum):
    """How a value is written."""

    BARE = ""
    SINGLE = "'"
    DOUBLE = '"'


@dataclass(frozen=True, slots=True)
class DotenvLine:
    """One entry with its line end (several lines where a quoted value spans them), or a line without a key.

    `text[start:end]` is the value as written, quotes included; the texts of all lines make up the file.
    """

    text: str
    key: str | None = None
    value: str = ""
    start: int = 0
    end: int = 0
    quote: Quote = Quote.BARE


def parse_dotenv(text: str) -> tuple[DotenvLine, ...]:
    """Split `text` into lines that join to it again. DocumentError (with the line) where a quote is never closed."""
    lines: list[DotenvLine] = []
    position = 0
    while position < len(text):
        line = _entry(text, position) or DotenvLine(_whole_line(text, position))
        lines.append(line)
        position += len(line.text)
    return tuple(lines)


def dotenv_values(lines: Iterable[DotenvLine]) -> dict[str, str]:
    """Give the map the lines mean; of equal keys the last counts."""
    return {line.key: line.value for line in lines if line.key is not None}


def set_dotenv(text: str, key: str, value: str) -> str:
    """Give `text` with `key` set to `value`; all else stays byte for byte.

    The entry that counts keeps its `export`, its comment and, where the value allows it, its quotes.
    A key that is not there is added at the end. ValueError for a key or value no such file can hold.
    """
    if not KEY_NAME.fullmatch(key):
        raise ValueError(f"{key!r} cannot be a key of a .env file: use letters, digits and _")
    if "\0" in value:
        raise ValueError(f"the value of {key} holds a NUL, which no .env file can carry")
    lines = list(parse_dotenv(text))
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if line.key == key:
            if line.value == value:
                return text
            changed = line.text[: line.start] + _written(value, line.quote) + line.text[line.end :]
            return "".join([*(one.text for one in lines[:index]), changed, *(one.text for one in lines[index + 1 :])])
    end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else end
    return f"{text}{gap}{key}={_written(value, Quote.BARE)}{end}"


def remove_dotenv(text: str, key: str) -> str:
    """Give `text` without the entries of `key`."""
    return "".join(line.text for line in parse_dotenv(text) if line.key != key)


def _whole_line(text: str, position: int) -> str:
    found = _LINE.match(text, position)
    return found[0] if found else text[position:]


def _entry(text: str, position: int) -> DotenvLine | None:
    head = _KEY.match(text, position)
    if head is None:
        return None
    begin = head.end()
    opening = _OPENING.match(text, begin)
    quote = Quote(opening["quote"]) if opening else Quote.BARE
    if quote is not Quote.BARE and (found := _quoted(text, head, quote)) is not None:
        start, end, stop = *found.span("value"), found.end()
    else:
        quote = Quote.BARE
        start, end, stop = _bare(text, begin)
    return DotenvLine(
        text=text[position:stop],
        key=head["key"],
        value=_read(text[start:end], quote),
        start=start - position,
        end=end - position,
        quote=quote,
    )


def _bare(text: str, begin: int) -> tuple[int, int, int]:
    """Start and end of a value without quotes, and the end of its line."""
    line = _whole_line(text, begin)
    body = line.removesuffix("\n").removesuffix("\r")
    if comment := _COMMENT.search(body):
        body = body[: comment.start()]
    value = body.strip(" \t")
    start = begin + (body.index(value) if value else 0)
    return start, start + len(value), begin + len(line)


def _quoted(text: str, head: re.Match[str], quote: Quote) -> re.Match[str] | None:
    """Match a quoted value; None where the quotes are part of a bare one (`"a"b`)."""
    for pattern in _QUOTED[quote.value]:
        if found := pattern.match(text, head.end()):
            return found
    if _whole_line(text, head.end()).count(quote.value) < 2:
        number = text.count("\n", 0, head.start()) + 1
        raise DocumentError(f"line {number}: the quote that begins the value of {head['key']} is never closed")
    return None


def _read(written: str, quote: Quote) -> str:
    match quote:
        case Quote.SINGLE:
            return written[1:-1].replace("\\'", "'")
        case Quote.DOUBLE:
            return re.sub(r'\\([nrt"\\$])', lambda found: _UNESCAPED.get(found[1], found[1]), written[1:-1])
        case Quote.BARE:
            return written


def _written(value: str, wanted: Quote) -> str:
    """Write a value in the quotes wanted, or in the mildest that can carry it in every dialect."""
    if wanted is Quote.BARE and _SAFE_BARE.fullmatch(value):
        return value
    simple = not any(character in value for character in "'\\\n\r")
    if wanted is not Quote.DOUBLE and simple:
        return f"'{value}'"
    return '"' + "".join(_ESCAPED.get(character, character) for character in value) + '"'
