r"""The line grammar of Java `.properties` files: read, change one key, keep every other byte.

A key ends at the first `=`, `:` or blank that is not escaped; a line that ends with a backslash goes on
in the next one; `#` and `!` begin comments; `\t \n \r \f \uXXXX` are escapes. Of equal keys the last counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANKS: Final = " \t\f"
_LINE: Final = re.compile(r"[^\n]*(?:\n|\Z)")
_HEAD: Final = re.compile(
    r"(?:\ufeff)?[ \t\f]*(?P<key>(?:[^\\=: \t\f\r\n]|\\(?:\r?\n[ \t\f]*|[^\r\n]))+)[ \t\f]*[=:]?[ \t\f]*"
)
_CONTINUED: Final = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_JOINT: Final = re.compile(r"\\\r?\n[ \t\f]*")
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_UNESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_ESCAPED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\\": "\\\\"}


@dataclass(frozen=True, slots=True)
class PropertyLine:
    """One entry with its continuation lines and line end, or a line without a key.

    `text[start:end]` is the value as written; the texts of all lines make up the file.
    """

    text: str
    key: str | None = None
    value: str = ""
    start: int = 0
    end: int = 0


def parse_properties(text: str) -> tuple[PropertyLine, ...]:
    """Split `text` into lines that join to it again."""
    lines: list[PropertyLine] = []
    position = 0
    while position < len(text):
        line = _entry(_logical_line(text, position))
        lines.append(line)
        position += len(line.text)
    return tuple(lines)


def property_values(lines: Iterable[PropertyLine]) -> dict[str, str]:
    """Give the map the lines mean; keys are flat (`server.port`), of equal keys the last counts."""
    return {line.key: line.value for line in lines if line.key is not None}


def set_property(text: str, key: str, value: str) -> str:
    """Give `text` with `key` set to `value`; all else stays byte for byte. A new key is added at the end."""
    if not key:
        raise ValueError("a property needs a key")
    lines = list(parse_properties(text))
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if line.key == key:
            if line.value == value:
                return text
            head, tail = line.text[: line.start], line.text[line.end :]
            written = _HEAD.match(head)
            sign = "" if written is not None and written.end("key") < len(head) else "="
            changed = head + sign + _written(value) + tail
            return "".join([*(one.text for one in lines[:index]), changed, *(one.text for one in lines[index + 1 :])])
    end = "\r\n" if "\r\n" in text else "\n"
    ended = "" if not text or text.endswith("\n") else end
    gap = "\n" if text.endswith("\r") else ended
    if lines and _goes_on(lines[-1].text):
        gap += end
    return f"{text}{gap}{_written_key(key)}={_written(value)}{end}"


def remove_property(text: str, key: str) -> str:
    """Give `text` without the entries of `key`."""
    return "".join(line.text for line in parse_properties(text) if line.key != key)


def _logical_line(text: str, position: int) -> str:
    """The line at `position` with the lines it goes on in."""
    end = position
    while (found := _LINE.match(text, end)) and found.end() > end:
        end = found.end()
        if not _goes_on(text[position:end]):
            break
    return text[position:end]


def _goes_on(line: str) -> bool:
    """Whether the line ends with a backslash of its own; a comment never goes on."""
    body = line.removesuffix("\n").removesuffix("\r")
    return not _is_comment(body) and _CONTINUED.search(body) is not None


def _is_comment(body: str) -> bool:
    return body.lstrip("\ufeff" + _BLANKS).startswith(("#", "!"))


def _entry(line: str) -> PropertyLine:
    body = line.removesuffix("\n").removesuffix("\r")
    if _is_comment(body):
        return PropertyLine(line)
    head = _HEAD.match(body)
    if head is None or not _JOINT.sub("", body).removesuffix("\\").strip("\ufeff" + _BLANKS):
        return PropertyLine(line)
    start = head.end()
    return PropertyLine(line, _read(head["key"]), _read(body[start:]), start, len(body))


def _read(written: str) -> str:
    joined = _JOINT.sub("", written)
    if _CONTINUED.search(joined):
        joined = joined[:-1]
    text = _ESCAPE.sub(_unescape, joined)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _unescape(found: re.Match[str]) -> str:
    escape = found[1]
    if len(escape) == 5:
        return chr(int(escape[1:], 16))
    return _UNESCAPED.get(escape, escape)


def _written(value: str) -> str:
    text = "".join(_escaped(character) for character in value)
    return f"\\{text}" if text[:1] == " " else text


def _written_key(key: str) -> str:
    return "".join(f"\\{one}" if one in " =:#!" else _escaped(one) for one in key)


def _escaped(character: str) -> str:
    """Write one character so that it is read alike in Latin-1 and in UTF-8, which both are in use."""
    if character in _ESCAPED:
        return _ESCAPED[character]
    if " " <= character <= "~":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
