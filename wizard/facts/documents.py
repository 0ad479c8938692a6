"""Settings files as plain data: dotenv, properties, ini, JSON, YAML and TOML, and a place inside one.

Data is dict (text keys), list, str, int, float, bool and None. A number that would lose something of how
it is written (`1.10`, `0644`, `22:22`, `1e400`) stays text, and so do dates: a version must not change by
being read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from wizard.expressions import ABSENT
from wizard.facts.dotenv import dotenv_values, parse_dotenv
from wizard.facts.errors import DocumentError
from wizard.facts.properties import parse_properties, property_values

if TYPE_CHECKING:
    import yaml

    from wizard.expressions import Absent

DOCUMENT_KINDS: Final = ("dotenv", "properties", "ini", "json", "yaml", "toml")
"""The kinds `read_document` knows."""

NODE_LIMIT: Final = 1_000_000
"""Values in one document; more of them come from YAML aliases that multiply (or from a file nobody means)."""

_DEPTH_LIMIT: Final = 100
_NO_SECTION: Final = "\0"
_PART: Final = re.compile(r"""\[(?:(?P<index>-?\d+)|"(?P<double>[^"]*)"|'(?P<single>[^']*)')\]|\.?(?P<key>[^.\[\]]+)""")


def read_document(kind: str, data: bytes) -> Any:
    """Read `data` as a document of `kind` (one of DOCUMENT_KINDS). DocumentError says what and where."""
    match kind:
        case "dotenv":
            return dotenv_values(parse_dotenv(_lenient(data)))
        case "properties":
            return property_values(parse_properties(_lenient(data)))
        case "ini":
            return _ini(_lenient(data))
        case "json":
            return _json(_strict(data))
        case "yaml":
            return _yaml(_strict(data))
        case "toml":
            return _toml(_strict(data))
        case _:
            raise DocumentError(f"{kind} is no kind of settings file: use one of {', '.join(DOCUMENT_KINDS)}")


def at(data: Any, place: str) -> Any | Absent:
    """Give what stands at `place` (`services.web.ports[0]`, `labels["a.b"]`), or ABSENT.

    A key that holds dots itself (`server.port` in a flat file) is found as it stands. DocumentError
    where `place` is not written like one.
    """
    if not place:
        return data
    if isinstance(data, dict) and place in data:
        return data[place]
    return _descend(data, parts_of(place))


def parts_of(place: str) -> list[str | int]:
    """The keys and indices a place leads along; DocumentError where it is not written like one."""
    parts: list[str | int] = []
    position = 0
    while position < len(place):
        found = _PART.match(place, position)
        if found is None:
            raise DocumentError(f"{place!r} is not a place in a file: write it like services.web.ports[0]")
        if found["index"] is not None:
            parts.append(int(found["index"]))
        else:
            parts.append(next(word for word in (found["double"], found["single"], found["key"]) if word is not None))
        position = found.end()
    return parts


def _descend(data: Any, parts: list[str | int]) -> Any | Absent:
    if not parts:
        return data
    if isinstance(data, list):
        index = parts[0]
        if isinstance(index, int) and -len(data) <= index < len(data):
            return _descend(data[index], parts[1:])
        return ABSENT
    if not isinstance(data, dict):
        return ABSENT
    for length in range(len(parts), 0, -1):
        names = parts[:length]
        if length > 1 and any(isinstance(name, int) for name in names):
            continue
        key = ".".join(str(name) for name in names)
        if key in data and (found := _descend(data[key], parts[length:])) is not ABSENT:
            return found
    return ABSENT


def _strict(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(f"line {line}: it is not UTF-8 text") from None


def _lenient(data: bytes) -> str:
    """Decode files whose format names no encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _ini(text: str) -> dict[str, Any]:
    from configparser import Error, RawConfigParser

    # An impossible default section keeps [DEFAULT] an ordinary one; the same name takes the keys before any section.
    parser = RawConfigParser(strict=False, allow_no_value=True, default_section="\0\0", delimiters=("=", ":"))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(f"[{_NO_SECTION}]\n{text}")
    except AttributeError:  # the parser's own way to fail at a line that goes on with what was nothing
        raise DocumentError("it is not an ini file") from None
    except Error as error:
        line = getattr(error, "lineno", None) or next((number for number, _ in getattr(error, "errors", ())), 0)
        where = f"line {line - 1}: " if line else ""
        raise DocumentError(f"{where}it is not an ini file") from None
    data: dict[str, Any] = {}
    for section in parser.sections():
        values = {key: value or "" for key, value in parser.items(section)}
        if section == _NO_SECTION:
            data |= values
        else:
            data[section] = values
    return data


def _json(text: str) -> Any:
    import json

    try:
        return plain(json.loads(text, parse_float=_number, parse_int=_number, parse_constant=str))
    except json.JSONDecodeError as error:
        raise DocumentError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise DocumentError("it is nested too deeply") from None


def _toml(text: str) -> Any:
    import tomllib

    try:
        return plain(tomllib.loads(text, parse_float=_number))
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(str(error)) from None
    except RecursionError:
        raise DocumentError("it is nested too deeply") from None


def _yaml(text: str) -> Any:
    import yaml

    try:
        return plain(yaml.load(text, Loader=_yaml_loader()))  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DocumentError(f"{where}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise DocumentError(" ".join(str(error).split())) from None
    except RecursionError:
        raise DocumentError("it is nested too deeply") from None


def _yaml_loader() -> type[yaml.SafeLoader]:
    """PyYAML's safe loader, but for numbers that change by being read, and for dates."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads what somebody else wrote."""

    def scalar(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
        return _number(str(loader.construct_scalar(node)))

    def text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
        return str(loader.construct_scalar(node))

    for tag in ("int", "float"):
        Loader.add_constructor(f"tag:yaml.org,2002:{tag}", scalar)
    Loader.add_constructor("tag:yaml.org,2002:timestamp", text)
    return Loader


def _number(text: str) -> int | float | str:
    """A number where writing it again gives the same text, else the text."""
    for read in (int, float):
        try:
            number = read(text)
        except ValueError:
            continue
        fits = isinstance(number, float) or -(2**63) <= number < 2**63
        if fits and str(number) == text and text not in ("inf", "-inf", "nan"):
            return number
    return text


def plain(data: Any) -> Any:
    """Give `data` as dict with text keys, list, str, int, float, bool and None.

    DocumentError where it holds too much or holds itself (YAML aliases can do both).
    """
    left = NODE_LIMIT

    def convert(value: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise DocumentError(f"it holds more than {NODE_LIMIT} values")
        if depth > _DEPTH_LIMIT:
            raise DocumentError("it is nested too deeply")
        match value:
            case dict():
                return {_key(name): convert(item, depth + 1) for name, item in value.items()}
            case list() | tuple() | set():
                return [convert(item, depth + 1) for item in value]
            case bytes():
                return value.decode("utf-8", "replace")
            case str() | bool() | int() | float() | None:
                return value
            case _:
                return str(value)

    return convert(data, 0)


def _key(name: Any) -> str:
    if isinstance(name, bool):
        return str(name).lower()
    return "null" if name is None else str(name)
