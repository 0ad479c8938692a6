"""Setting and removing values in YAML text: only the lines of what is set change.

The text is parsed for where its values stand and changed in just those places, so that comments, order,
quotes, indentation and line ends stay as somebody wrote them. What came out is parsed again and held
against what was meant; where it is anything else the text is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import StepFailedError
from wizard.facts.documents import parts_of
from wizard.facts.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ruamel.yaml.nodes import Node

_PLAIN: Final = re.compile(r"[A-Za-z0-9_/.][A-Za-z0-9_./@%+=:-]*(?: [A-Za-z0-9_./@%+=:-]+)*", re.ASCII)
"""Text that needs no quotes wherever a value may stand, unless a reader takes it for something else."""

_ESCAPES: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\", "\0": "\\0"}
_BY_HAND: Final = "Change it by hand, then mark the step done."
_STEP: Final = 2
"""Blanks a level is set in by where the file does not show it."""


@dataclass(frozen=True, slots=True)
class _Child:
    """One entry of a map or list: its name, its nodes, and whether it is only a reference to another place."""

    name: str | int
    key: Node | None
    value: Node
    alias: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """How far a place leads: the entries on the way to it, and the parts that are not there."""

    root: Node | None
    found: tuple[_Child, ...]
    rest: tuple[str | int, ...]

    @property
    def end(self) -> Node | None:
        """The node the way ends at."""
        return self.found[-1].value if self.found else self.root


def set_yaml(text: str, place: str, value: Any, file: str) -> str:
    """Give `text` with `place` (`services.web.ports[0]`) set to `value`; it is made where it is missing.

    StepFailedError where the text is no YAML, has no room for the place, or cannot be changed safely.
    """
    way = _way(text, place, file)
    if any(one.alias for one in way.found):
        raise StepFailedError(f"{file}: {place} stands behind a reference (`*name`) to another place", hint=_BY_HAND)
    changed = _replaced(text, way, value, place, file) if not way.rest else _added(text, way, value, place, file)
    return _surely(changed, way, _Put(_shape_of(value)), f"{file}: {place}")


def remove_yaml(text: str, place: str, file: str) -> str:
    """Give `text` without the entry at `place`; StepFailedError where that cannot be done safely."""
    way = _way(text, place, file)
    if way.rest or not way.found:
        return text
    if any(one.alias for one in way.found[:-1]):
        raise StepFailedError(f"{file}: {place} stands behind a reference (`*name`) to another place", hint=_BY_HAND)
    return _surely(_cut(text, way, place, file), way, None, f"{file}: {place}")


def written_at(text: str, place: str, file: str) -> tuple[Any, str] | None:
    """What stands at `place`: a form that is equal where the value is, and how it is written; None where nothing is."""
    way = _way(text, place, file)
    if way.rest or not way.found:
        return None
    last = way.found[-1]
    if last.alias:
        return ("alias", last.value.anchor), f"*{last.value.anchor}"
    return _shape(last.value), "" if _is_empty(last.value) else _slice(text, last.value)


def taken_out(text: str, place: str, before: str, file: str) -> str:
    """Give `text` without an entry that `before` has not, nor the groups around it that were only made for it."""
    way, old = _way(text, place, file), _way(before, place, file)
    if way.rest or not way.found:
        return text
    missing = len(old.rest)
    made = way.found[-missing:]
    alone = [child for child in made[:-1] if len(list(_children(child.value))) == 1]
    top = len(way.found) - missing if len(alone) == missing - 1 else len(way.found) - 1
    cut = _Way(way.root, way.found[: top + 1], ())
    parent = way.found[top - 1] if top else None
    if old.end is not None and parent is not None and _is_empty(old.end) and len(list(_children(parent.value))) == 1:
        stop = _child_end(text, cut.found[-1])
        changed = text[: text.index(":", parent.key.end_mark.index) + 1 if parent.key is not None else 0] + text[stop:]
        return _surely(changed, _Way(way.root, way.found[:top], ()), _Put(("null", "")), f"{file}: {place}")
    return _surely(_cut(text, cut, place, file), cut, None, f"{file}: {place}")


def put_in_again(text: str, place: str, before: str, file: str) -> str:
    """Give `text` with the entry at `place` that was taken out, as it stands in `before`."""
    from ruamel.yaml.nodes import MappingNode

    way, old = _way(text, place, file), _way(before, place, file)
    parent, child = way.end, old.found[-1]
    if len(way.rest) != 1 or not isinstance(parent, MappingNode) or child.key is None:
        raise StepFailedError(f"{file}: what {place} stood in is not there any more", hint=_BY_HAND)
    start, stop = child.key.start_mark.index, _child_end(before, child)
    if parent.flow_style and parent.value:
        changed = _into_braces(text, parent, before[start:stop])
    elif parent.flow_style:
        changed = text[: parent.start_mark.index] + before[start:stop] + text[parent.end_mark.index :]
    else:
        lines = before[_line_begin(before, start) : stop].split("\n")
        changed = _after_line(text, _end(text, parent), [line.removesuffix("\r") for line in lines])
    return _surely(changed, way, _Put(_shape(child.value, alias=child.alias)), f"{file}: {place}")


def rewritten(text: str, place: str, written: str, file: str) -> str:
    """Give `text` with the value at `place`, which is there, written as `written`."""
    way = _way(text, place, file)
    if way.rest or not way.found:
        raise StepFailedError(f"{file}: {place} is not there any more", hint=_BY_HAND)
    return _with_slice(text, way.found[-1], written)


# -- where things stand --------------------------------------------------------------------------


def _compose(text: str, file: str) -> Node | None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root: Node | None = YAML().compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (line {mark.line + 1})" if mark is not None else ""
        why = f"{error.problem or error.context}{where}"
        raise StepFailedError(f"{file} is not one YAML document: {why}", hint="Mend it by hand.") from None
    except (YAMLError, RecursionError) as error:
        why = str(error).splitlines()[0] if str(error) else "it is nested too deeply"
        raise StepFailedError(f"{file} is not YAML: {why}", hint="Mend it by hand, then try again.") from None
    return root


def _way(text: str, place: str, file: str) -> _Way:
    try:
        parts = parts_of(place)
    except DocumentError as error:
        raise StepFailedError(f"{file}: {error}", hint="The guide has to be mended.") from None
    root = _compose(text, file)
    found, rest = _descend(root, parts) if root is not None else ([], parts)
    return _Way(root, tuple(found), tuple(rest))


def _descend(node: Node, parts: Sequence[str | int]) -> tuple[list[_Child], Sequence[str | int]]:
    """The entries that lead along `parts`, and what of them is not there; a key may hold dots itself."""
    best: tuple[list[_Child], Sequence[str | int]] = ([], parts)
    children = {child.name: child for child in _children(node)}
    for length in range(len(parts), 0, -1):
        names = parts[:length]
        if length > 1 and any(isinstance(name, int) for name in names):
            continue
        name: str | int = names[0] if length == 1 else ".".join(map(str, names))
        if isinstance(name, int) and name < 0:
            name += len(children)
        if (child := children.get(name)) is not None:
            found, rest = _descend(child.value, parts[length:])
            if len(rest) < len(best[1]):
                best = [child, *found], rest
    return best


def _children(node: Node) -> Iterator[_Child]:
    """The entries of a map or list; none of a value. What stands before its own place is a reference."""
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    position = node.start_mark.index
    if isinstance(node, MappingNode):
        for key, value in node.value:
            of_key = key.start_mark.index < position
            position = position if of_key else key.end_mark.index
            of_value = value.start_mark.index < position
            position = position if of_value else value.end_mark.index
            yield _Child(str(key.value), key, value, of_key or of_value)
    elif isinstance(node, SequenceNode):
        for number, value in enumerate(node.value):
            reference = value.start_mark.index < position
            position = position if reference else value.end_mark.index
            yield _Child(number, None, value, reference)


def _shape(node: Node, *, alias: bool = False) -> Any:
    """What a node says, as data that is equal where the meaning is; references stay references."""
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    if alias:
        return "*", node.anchor
    if isinstance(node, MappingNode):
        return {child.name: _shape(child.value, alias=child.alias) for child in _children(node)}
    if isinstance(node, SequenceNode):
        return [_shape(child.value, alias=child.alias) for child in _children(node)]
    tag = node.tag if isinstance(node.tag, str) else str(node.tag)
    return tag.rpartition(":")[2], str(node.value)


def _slice(text: str, node: Node) -> str:
    """A value as it is written, without the blank lines behind a block of text."""
    return text[node.start_mark.index : _end(text, node)]


def _end(text: str, node: Node) -> int:
    """Where the last character of a value stands, plus one; blank lines and comments behind it are not of it."""
    from ruamel.yaml.nodes import ScalarNode

    start, end = node.start_mark.index, node.end_mark.index
    children = list(_children(node))
    if isinstance(node, ScalarNode) or _in_one_piece(node):
        block = isinstance(node, ScalarNode) and node.style in ("|", ">")
        return int(start + len(text[start:end].rstrip(" \t\r\n"))) if block else int(end)
    if not children:
        return int(end)
    return _child_end(text, children[-1], start)


def _child_end(text: str, child: _Child, start: int = 0) -> int:
    """Where an entry ends: a reference with its line, an empty one with its colon."""
    before = child.key.end_mark.index if child.key is not None else start
    if child.alias:
        return _line_end(text, before)
    if child.key is not None and _is_empty(child.value):
        return text.index(":", before) + 1
    return _end(text, child.value)


def _is_empty(node: Node) -> bool:
    return bool(node.start_mark.index == node.end_mark.index)


def _in_one_piece(node: Node) -> bool:
    """Whether a map or list stands between braces or brackets."""
    return bool(getattr(node, "flow_style", False))


def _line_begin(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _line_end(text: str, position: int) -> int:
    """Where the line of `position` ends, before its line end."""
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    return end - 1 if end > position and text[end - 1] == "\r" else end


# -- changing ------------------------------------------------------------------------------------


def _replaced(text: str, way: _Way, value: Any, place: str, file: str) -> str:
    """The text with another value at a place that is there; equal, it stays as it is written."""
    from ruamel.yaml.nodes import ScalarNode

    node = way.end
    if node is None or not way.found:
        raise StepFailedError(f"{file}: {place!r} names no place in it", hint="The guide has to be mended.")
    quote = node.style if isinstance(node, ScalarNode) and node.style in ("'", '"') else ""
    # An unquoted `no` is text to readers of YAML 1.2 and false to those of 1.1.
    clear = quote or not isinstance(node, ScalarNode) or not isinstance(value, str) or _is_text(node.value)
    if clear and _shape(node) == _shape_of(value):
        return text
    if not isinstance(node, ScalarNode) and not (_in_one_piece(node) and isinstance(value, list | dict)):
        what = f"{file}: {place} is a group of values, and a value is to take its place"
        raise StepFailedError(what, hint=_BY_HAND)
    if node.anchor is not None or text[node.start_mark.index : node.start_mark.index + 1] in ("!", "&"):
        raise StepFailedError(f"{file}: {place} carries a mark (`&name` or `!type`) that others go by", hint=_BY_HAND)
    return _with_slice(text, way.found[-1], _written(value, quote))


def _with_slice(text: str, child: _Child, written: str) -> str:
    end = _child_end(text, child)
    if _is_empty(child.value):
        return text[:end] + (f" {written}" if written else "") + text[end:]
    start = child.value.start_mark.index
    if not written and text[:start].endswith(" "):
        start -= 1
    return text[:start] + written + text[end:]


def _added(text: str, way: _Way, value: Any, place: str, file: str) -> str:
    """The text with a place that was not there."""
    from ruamel.yaml.nodes import MappingNode, ScalarNode

    names = [str(name) for name in way.rest]
    if any(isinstance(name, int) for name in way.rest):
        raise StepFailedError(f"{file} has no {place}: a list gets no items by an edit", hint=_BY_HAND)
    node = way.end
    if node is None or (isinstance(node, ScalarNode) and not way.found and not node.value):
        return _appended(text, _block(names, value, 0, _STEP))
    if isinstance(node, MappingNode) and node.flow_style:
        return _into_braces(text, node, _braces(names, value))
    step = _indent_step(way.root) if way.root is not None else _STEP
    if isinstance(node, MappingNode) and node.value:
        column = node.value[0][0].start_mark.column
        return _after_line(text, _end(text, node), _block(names, value, column, step))
    empty = isinstance(node, ScalarNode) and _is_empty(node)
    last = way.found[-1] if way.found else None
    if empty and last is not None and last.key is not None:
        column = last.key.start_mark.column + step
        return _after_line(text, last.key.end_mark.index, _block(names, value, column, step))
    raise StepFailedError(f"{file}: {names[0]} in {place} would stand in what is not a group of values")


def _appended(text: str, lines: Sequence[str]) -> str:
    end = _eol(text)
    gap = "" if not text or text.endswith("\n") else end
    return text + gap + "".join(f"{line}{end}" for line in lines)


def _after_line(text: str, position: int, lines: Sequence[str]) -> str:
    """The text with lines behind the one in which `position` stands."""
    at = _line_end(text, position)
    return text[:at] + "".join(f"{_eol(text)}{line}" for line in lines) + text[at:]


def _into_braces(text: str, node: Node, entry: str) -> str:
    children = list(_children(node))
    if not children:
        return text[: node.start_mark.index] + f"{{{entry}}}" + text[node.end_mark.index :]
    closing = text.rindex("}", node.start_mark.index, node.end_mark.index)
    at = len(text[:closing].rstrip(" \t\r\n"))
    return text[:at] + f", {entry}" + text[at:]


def _cut(text: str, way: _Way, place: str, file: str) -> str:
    """The text without an entry: with its lines in a block, with its comma in braces."""
    from ruamel.yaml.nodes import MappingNode

    last = way.found[-1]
    parent = way.found[-2].value if len(way.found) > 1 else way.root
    if parent is None or not isinstance(parent, MappingNode) or last.key is None:
        raise StepFailedError(f"{file}: {place} is an item of a list, and none is taken out by an edit", hint=_BY_HAND)
    start = last.key.start_mark.index
    end = _child_end(text, last)
    if parent.flow_style:
        return _cut_in_braces(text, parent, start, end)
    begin = _line_begin(text, start)
    if len(parent.value) == 1:
        return text[:start] + "{}" + text[end:]
    if text[begin:start].strip():
        raise StepFailedError(f"{file}: {place} is the first of a list's item, and cannot be cut out", hint=_BY_HAND)
    stop = text.find("\n", end)
    return text[:begin] + (text[stop + 1 :] if stop >= 0 else "")


def _cut_in_braces(text: str, parent: Node, start: int, end: int) -> str:
    behind = text[end : parent.end_mark.index]
    if comma := re.match(r"\s*,\s*", behind):
        return text[:start] + text[end + comma.end() :]
    before = text[:start].rstrip(" \t\r\n").removesuffix(",")
    return before + text[end:]


def _eol(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _indent_step(root: Node) -> int:
    """By how much the first map inside a map is set in; lists are often not set in at all."""
    from ruamel.yaml.nodes import MappingNode

    for child in _children(root):
        value = child.value
        if child.alias or child.key is None:
            continue
        if isinstance(value, MappingNode) and not value.flow_style and value.value:
            step = value.value[0][0].start_mark.column - child.key.start_mark.column
            if step > 0:
                return int(step)
    return _STEP


# -- writing -------------------------------------------------------------------------------------


def _block(names: Sequence[str], value: Any, column: int, step: int) -> list[str]:
    """The lines of a new entry, one level a line."""
    lines = [f"{' ' * (column + number * step)}{_written(name, '')}:" for number, name in enumerate(names)]
    lines[-1] += f" {_written(value, '')}"
    return lines


def _braces(names: Sequence[str], value: Any) -> str:
    first, *more = names
    inner = f"{{{_braces(more, value)}}}" if more else _written(value, "")
    return f"{_written(first, '')}: {inner}"


def _written(value: Any, quote: str) -> str:
    """A value as YAML that means the same to readers of 1.1 and of 1.2, in the quotes wanted where it is text."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case None:
            return "null"
        case list() | tuple():
            return f"[{', '.join(_written(item, '') for item in value)}]"
        case dict():
            entries = (f"{_written(str(name), '')}: {_written(item, '')}" for name, item in value.items())
            return f"{{{', '.join(entries)}}}"
        case _:
            return _text(str(value), quote)


def _text(value: str, quote: str) -> str:
    if not quote and _PLAIN.fullmatch(value) and not value.endswith(":") and ": " not in value and _is_text(value):
        return value
    if quote != '"' and all(one.isprintable() for one in value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(one: str) -> str:
    if one in _ESCAPES:
        return _ESCAPES[one]
    if one.isprintable():
        return one
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_text(word: str) -> bool:
    """Whether readers of YAML 1.1 and of 1.2 both take an unquoted word for text."""
    import yaml
    from ruamel.yaml import YAML

    older: str = yaml.SafeLoader("").resolve(yaml.ScalarNode, word, (True, False))  # type: ignore[no-untyped-call]
    newer = YAML().compose(word)
    return older.endswith(":str") and newer is not None and _shape(newer) == ("str", word)


def _shape_of(value: Any) -> Any:
    """What a node says that holds `value`."""
    match value:
        case bool():
            return "bool", "true" if value else "false"
        case int():
            return "int", repr(value)
        case float():
            return "float", repr(value)
        case None:
            return "null", "null"
        case list() | tuple():
            return [_shape_of(item) for item in value]
        case dict():
            return {str(name): _shape_of(item) for name, item in value.items()}
        case _:
            return "str", str(value)


# -- making sure ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Put:
    """What a place is to hold, as `_shape` says it."""

    shape: Any


def _surely(changed: str, way: _Way, put: _Put | None, where: str) -> str:
    """Give `changed` where it says what was said before but for the one place; else StepFailedError."""
    wanted = _shape(way.root) if way.root is not None else {}
    wanted = {} if not isinstance(wanted, dict | list) and not way.found else wanted
    inner: Any = wanted
    names = [child.name for child in way.found] + list(way.rest)
    for depth, name in enumerate(names[:-1]):
        if depth >= len(way.found) or not isinstance(inner[name], dict | list):
            inner[name] = {}
        inner = inner[name]
    if put is None:
        inner.pop(names[-1])
    else:
        inner[names[-1]] = put.shape
    if _says(changed) != wanted:
        raise StepFailedError(f"{where} cannot be changed without touching more than it", hint=_BY_HAND)
    return changed


def _says(text: str) -> Any:
    """What a text says; None where it is not YAML."""
    try:
        root = _compose(text, "")
    except StepFailedError:
        return None
    return _shape(root) if root is not None else {}
