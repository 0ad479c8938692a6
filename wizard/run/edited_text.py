"""What an edit makes of a text: values set and removed in settings files, blocks added, lines replaced."""

from __future__ import annotations

import io
import json
import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.errors import StepFailedError
from wizard.facts.documents import parts_of
from wizard.facts.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tomlkit import TOMLDocument


@dataclass(frozen=True, slots=True)
class Value:
    """Text in the place of a `${{ … }}` of a `put`: it goes into the file byte for byte."""

    text: str


def set_values(kind: str, text: str, values: dict[str, Any], remove: list[str], file: str) -> str:
    """Set and remove values in a settings file; everything else stays byte for byte where the format allows."""
    match kind:
        case "dotenv":
            from wizard.facts.dotenv import remove_dotenv, set_dotenv

            return _set_lines(text, values, remove, set_dotenv, remove_dotenv, file=file)
        case "properties":
            from wizard.facts.properties import remove_property, set_property

            return _set_lines(text, values, remove, set_property, remove_property, file=file)
        case "json":
            return _set_json(text, values, remove, file)
        case "toml":
            return _set_toml(text, values, remove, file)
        case "ini":
            for name, value in values.items():
                text = set_ini(text, name, _one_line(name, _flat(value), file))
            for name in remove:
                text = set_ini(text, name, None)
            return text
        case "yaml":
            from wizard.run.yaml_text import remove_yaml, set_yaml

            for name, value in values.items():
                text = set_yaml(text, name, value, file)
            for name in remove:
                text = remove_yaml(text, name, file)
            return text
        case _:
            raise StepFailedError(f"{file}: {kind} is no kind of settings file", hint="The guide has to be mended.")


def _set_lines(
    text: str,
    values: dict[str, Any],
    remove: list[str],
    put: Callable[[str, str, str], str],
    take: Callable[[str, str], str],
    *,
    file: str,
) -> str:
    for name, value in values.items():
        try:
            text = put(text, name, _flat(value))
        except ValueError as error:
            raise StepFailedError(f"{file}: {error}", hint="Correct the answer or the guide it is made of.") from None
    for name in remove:
        text = take(text, name)
    return text


def _one_line(name: str, value: str, file: str) -> str:
    """The value, which must not end the line it stands in: what follows would be read as settings of its own."""
    if "\n" in value or "\r" in value:
        message = f"{file}: the value of {name} has several lines, which no ini file can hold"
        raise StepFailedError(message, hint="Correct the answer or the guide it is made of.")
    return value


def _flat(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def parsed_json(text: str, file: str) -> Any:
    """What JSON holds; StepFailedError where it is none."""
    try:
        return json.loads(text or "{}")
    except ValueError as error:
        raise StepFailedError(f"{file} is not JSON: {error}", hint="Mend it by hand, then try again.") from None


def _set_json(text: str, values: dict[str, Any], remove: list[str], file: str) -> str:
    data = parsed_json(text, file)
    _put_all(data, values, remove, file)
    return dumped_json(data, text)


def _put_all(data: Any, values: dict[str, Any], remove: list[str], file: str) -> None:
    """Set and remove places of JSON or TOML."""
    for name, value in values.items():
        found = holder_of(data, name, file)
        if found is not None:
            found[0][found[1]] = value
    for name in remove:
        if (found := holder_of(data, name, file, make=False)) is not None:
            del found[0][found[1]]


def dumped_json(data: Any, text: str) -> str:
    """Write JSON set in as `text` is, and with its line end."""
    indent = re.search(r"^\{\s*\n([ \t]+)", text)
    tail = "\n" if text.endswith("\n") or not text else ""
    return json.dumps(data, indent=indent[1] if indent else (None if text else 2), ensure_ascii=False) + tail


def parsed_toml(text: str, file: str) -> TOMLDocument:
    """What TOML holds, with its comments; StepFailedError where it is none."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise StepFailedError(f"{file} is not TOML: {error}", hint="Mend it by hand, then try again.") from None


def _set_toml(text: str, values: dict[str, Any], remove: list[str], file: str) -> str:
    import tomlkit

    document = parsed_toml(text, file)
    _put_all(document, values, remove, file)
    return tomlkit.dumps(document)


def holder_of(data: Any, name: str, file: str, *, make: bool = True) -> tuple[Any, str | int] | None:
    """The map or list that holds the place `name` leads to, and its key there.

    Maps that are missing are made; without `make`, None where the place is not there. StepFailedError where
    something else stands in the way.
    """
    try:
        parts = parts_of(name)
    except DocumentError as error:
        raise StepFailedError(f"{file}: {error}", hint="The guide has to be mended.") from None
    if not isinstance(data, MutableMapping) and not (isinstance(data, Sequence) and isinstance(parts[0], int)):
        raise StepFailedError(f"{file} holds {_kind_of(data)}, so {name} has no place in it", hint="Change it by hand.")
    if (there := _there(data, parts)) is not None:
        return there
    return _made(data, parts, name, file) if make else None


def _there(data: Any, parts: Sequence[str | int]) -> tuple[Any, str | int] | None:
    """Where a place is that exists; a key that holds dots itself is found as it stands."""
    if isinstance(data, list):
        index = parts[0]
        if not isinstance(index, int) or not -len(data) <= index < len(data):
            return None
        return (data, index) if len(parts) == 1 else _there(data[index], parts[1:])
    if not isinstance(data, MutableMapping):
        return None
    for length in range(len(parts), 0, -1):
        key = ".".join(map(str, parts[:length]))
        if key in data and not (length > 1 and any(isinstance(part, int) for part in parts[:length])):
            found = (data, key) if length == len(parts) else _there(data[key], parts[length:])
            if found is not None:
                return found
    return None


def _made(data: Any, parts: Sequence[str | int], name: str, file: str) -> tuple[Any, str | int]:
    """Go along a place and make the maps that are missing."""
    for part in parts[:-1]:
        data = data[_index(data, part, name, file)] if isinstance(data, list) else data.setdefault(str(part), {})
        if not isinstance(data, MutableMapping | list):
            raise StepFailedError(f"{file}: {part} in {name} is {_kind_of(data)}, not a group of values")
    last = parts[-1]
    return (data, _index(data, last, name, file)) if isinstance(data, list) else (data, str(last))


def _index(items: list[Any], part: str | int, name: str, file: str) -> int:
    if isinstance(part, int) and -len(items) <= part < len(items):
        return part
    raise StepFailedError(f"{file}: {name} leads into a list, which has no {part}", hint="Change it by hand.")


def _kind_of(data: Any) -> str:
    return "a list" if isinstance(data, list) else "a value"


@dataclass(frozen=True, slots=True)
class IniLine:
    """One line with its line end; `key` is `section.key` where it sets one, `text[start:end]` the value."""

    text: str
    section: str
    key: str | None = None
    start: int = 0
    end: int = 0

    @property
    def value(self) -> str:
        """What it is set to."""
        return self.text[self.start : self.end]


_HEADER = re.compile(r"\s*\[([^\]]+)\]\s*(?:[#;].*)?\r?\n?")
_PAIR = re.compile(r"\s*(?P<key>[^=:#;\[\s](?:[^=:]*[^=:\s])?)\s*[=:][ \t]*")


def parse_ini(text: str) -> tuple[IniLine, ...]:
    """Split `text` into lines that join to it again."""
    lines: list[IniLine] = []
    section = ""
    for line in io.StringIO(text, newline=""):
        if header := _HEADER.fullmatch(line):
            section = header[1].strip()
            lines.append(IniLine(line, section))
        elif pair := _PAIR.match(line):
            name = f"{section}.{pair['key']}" if section else pair["key"]
            lines.append(IniLine(line, section, name, pair.end(), len(line.rstrip("\r\n"))))
        else:
            lines.append(IniLine(line, section))
    return tuple(lines)


def set_ini(text: str, name: str, value: str | None) -> str:
    """Set `section.key` (or a key before any section); None removes it."""
    lines = list(parse_ini(text))
    section, _, key = name.rpartition(".")
    place = next((number for number, line in enumerate(lines) if line.key == name), None)
    out = [line.text for line in lines]
    if place is not None:
        line = lines[place]
        out[place] = "" if value is None else line.text[: line.start] + value + line.text[line.end :]
        return "".join(out)
    if value is None:
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    if out and not out[-1].endswith("\n"):
        out[-1] += end
    behind = [number + 1 for number, line in enumerate(lines) if line.section == section and line.text.strip()]
    if behind or not section:
        out.insert(behind[-1] if behind else 0, f"{key} = {value}{end}")
    else:
        out += [end if out else "", f"[{section}]{end}", f"{key} = {value}{end}"]
    return "".join(out)


def with_block(text: str, block: str) -> str:
    """The text with the block at its end, unless its lines already stand somewhere in it, whole and together."""
    block = block if block.endswith("\n") else block + "\n"
    lines = text if not text or text.endswith("\n") else text + "\n"
    return text if f"\n{block}" in f"\n{lines}" else lines + block


def with_line(text: str, find: str, put: Sequence[str | Value], file: str) -> str:
    """The text with its one match of `find` replaced; group references work in what the guide's author wrote."""
    try:
        found = list(re.finditer(find, text, re.MULTILINE))
    except re.error as error:
        raise StepFailedError(f"{find} is no regular expression: {error}", hint="The guide has to be mended.") from None
    if len(found) != 1:
        many = "no line" if not found else f"{len(found)} places"
        hint = "The file is not as this guide knows it: change it by hand, then mark the step done."
        raise StepFailedError(f"{file}: {many} fit {find}; exactly one must", hint=hint)
    try:
        new = "".join(piece.text if isinstance(piece, Value) else found[0].expand(piece) for piece in put)
    except (re.error, IndexError) as error:
        message = f"{file}: what is to be put in the place of {find} refers to a group it does not have: {error}"
        raise StepFailedError(message, hint="The guide has to be mended.") from None
    return text[: found[0].start()] + new + text[found[0].end() :]
