"""A YAML text that was read: its data and the place of every key and value in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wizard.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DataPath = tuple[str | int, ...]
"""Keys and indexes from the top of a document."""


class Place(NamedTuple):
    """Line and column, both from 1; zeros where the place is not known."""

    line: int
    column: int


HOLDS_MORE: Final = "{["


@dataclass(frozen=True, slots=True)
class Node:
    """Where one value stands: its start, its key's start, its span of characters and how it is quoted.

    The style of a mapping or list is `HOLDS_MORE`.
    """

    line: int
    column: int
    key: Place
    start: int
    end: int
    style: str


@dataclass(frozen=True, slots=True)
class Document:
    """What the strict loader read.

    `data` is dict, list, str, int and bool; None where the text could not be read to its end.
    `damaged` are the paths whose value is not what the author meant (each has a problem already).
    """

    file: str
    text: str = field(repr=False)
    data: Any = field(repr=False)
    problems: tuple[Problem, ...]
    damaged: frozenset[DataPath] = field(default=frozenset(), repr=False)
    nodes: Mapping[DataPath, Node] = field(default_factory=dict, repr=False)

    def place(self, path: DataPath) -> Place:
        """Line and column of the value at `path`, or of the nearest value around it."""
        node = self._nearest(path)
        return Place(0, 0) if node is None else Place(node.line, node.column)

    def key_place(self, path: DataPath) -> Place:
        """Line and column of the key (or the entry of a list) at `path`, or of the nearest value around it."""
        if path in self.nodes:
            return self.nodes[path].key
        return self.place(path)

    def text_place(self, path: DataPath, offset: int) -> Place:
        """Line and column of the character at `offset` of the text at `path`, through quotes, folds and indents."""
        node = self.nodes.get(path)
        value = self.value(path)
        if node is None or not isinstance(value, str) or offset < 0:
            return self.place(path)
        index = _source_index(self.text, node, value, offset)
        if index is None:
            return Place(node.line, node.column)
        return Place(self.text.count("\n", 0, index) + 1, index - self.text.rfind("\n", 0, index))

    def is_damaged(self, path: DataPath) -> bool:
        """Whether something at `path` or around it already has its problem."""
        return any(path[:length] in self.damaged for length in range(len(path) + 1))

    def problem(
        self,
        path: DataPath,
        message: str,
        *,
        hint: str = "",
        rule: str = "",
        severity: Severity = Severity.ERROR,
        offset: int | None = None,
        at_key: bool = False,
    ) -> Problem:
        """Make a problem at `path`: at its value, its key, or a character inside its text."""
        if at_key:
            place = self.key_place(path)
        elif offset is not None:
            place = self.text_place(path, offset)
        else:
            place = self.place(path)
        return Problem(message, self.file, place.line, place.column, dotted(path), hint, rule, severity)

    def _nearest(self, path: DataPath) -> Node | None:
        return next((self.nodes[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.nodes), None)

    def value(self, path: DataPath) -> Any:
        """The data at `path`; None where there is none."""
        value = self.data
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def dotted(path: DataPath) -> str:
    """Write a path as people do: `phases[0].steps[2].run`."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        else:
            shown += f".{part}" if shown else part
    return shown


_ESCAPE: Final = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n|.)", re.DOTALL)
_WHITE_ESCAPES: Final = frozenset("tn r_NLPvf\te\n\r0ab")
"""What follows the backslash where the escape gives white space, a control character or nothing at all."""


def _source_index(text: str, node: Node, value: str, offset: int) -> int | None:
    """Find the character of the source that gave `value[offset]`.

    Folding and indents change white space only, so the visible characters before it are counted.
    """
    seen = sum(1 for character in value[:offset] if _visible(character))
    at_blank = offset >= len(value) or not _visible(value[offset])
    last: int | None = None
    for number, index in enumerate(_visible_sources(text, node)):
        if at_blank and number + 1 == seen:
            return index + 1
        if not at_blank and number == seen:
            return index
        last = index
    return last if seen else None


def _visible(character: str) -> bool:
    return not character.isspace() and character.isprintable()


def _visible_sources(text: str, node: Node) -> Iterator[int]:
    """Indexes of the source characters that gave the visible characters of a scalar, in order."""
    start, end = node.start, min(node.end, len(text))
    if node.style in ("|", ">"):
        start = text.find("\n", start, end) + 1 or end
    elif node.style in ("'", '"'):
        start, end = start + 1, end - 1
    index = start
    while index < end:
        character = text[index]
        if node.style == '"' and character == "\\":
            found = _ESCAPE.match(text, index)
            if found is None:
                return
            if _escape_is_visible(found[0]):
                yield index
            index = found.end()
            continue
        if _visible(character):
            yield index
        index += 2 if node.style == "'" and text.startswith("''", index) else 1


def _escape_is_visible(written: str) -> bool:
    if written[1] in "xuU" and len(written) > 2:
        code = int(f"0x{written[2:]}", 0)
        return code <= 0x10FFFF and _visible(chr(code))
    return written[1] not in _WHITE_ESCAPES
