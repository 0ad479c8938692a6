"""From what a kind found to the value of the fact: `match`, `as`, `all`, `order`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.expressions import ABSENT
from wizard.facts.errors import ReadingError
from wizard.units import parse_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.expressions import Absent, Environment
    from wizard.facts.reading import Raw
    from wizard.guide.models import Fact


def value_of(fact: Fact, raw: Raw, env: Environment) -> Any | Absent:
    """Give the fact's value; ABSENT where `match` finds nothing. ReadingError where it cannot be taken.

    `match` is held against the text found (or each text of a list, of which those that match stay):
    named groups give a map of the groups that took part, a group without name its text, no group the
    whole match. `all` gives every match, `order` sorts a list.
    """
    value = raw.value
    if value is ABSENT:
        return ABSENT
    if fact.match is not None:
        from wizard.templates import render_regex

        value = _matched(_compiled(render_regex(fact.match, env)), value, raw, fact)
    elif fact.all and fact.kind == "command" and isinstance(value, str):
        value = [line for line in value.splitlines() if line.strip()]
    if fact.order is not None and isinstance(value, list):
        value = ordered(value, fact.order)
    return value


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise ReadingError(f"match is not a regular expression: {error}") from None


def _matched(pattern: re.Pattern[str], value: Any, raw: Raw, fact: Fact) -> Any | Absent:
    unknown = [name for name in fact.as_ if name not in pattern.groupindex]
    if unknown:
        raise ReadingError(f"`as` names {', '.join(unknown)}, and `match` has no group of that name")
    if isinstance(value, list) and raw.text is None:
        found = [_taken(one, fact.as_) for text in value if (one := pattern.search(_as_text(text))) is not None]
        return found or ABSENT
    text = raw.text if raw.text is not None else _as_text(value)
    if fact.all:
        return [_taken(one, fact.as_) for one in pattern.finditer(text)] or ABSENT
    first = pattern.search(text)
    return ABSENT if first is None else _taken(first, fact.as_)


def _as_text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case _:
            raise ReadingError("`match` needs text, and this is a map or a list: name a place with `at`")


def _taken(found: re.Match[str], types: Mapping[str, str]) -> Any:
    """What one match gives."""
    if found.re.groupindex:
        groups = {name: text for name, text in found.groupdict().items() if text is not None}
        return {name: converted(text, types.get(name, "text")) for name, text in groups.items()}
    if found.re.groups:
        return next((text for text in found.groups() if text is not None), "")
    return found[0]


def converted(text: str, kind: str) -> Any:
    """Give `text` as `n`/`number` (int or float), `version` (normal text), `size` (bytes) or `text`.

    ReadingError where it is none.
    """
    try:
        match kind:
            case "n" | "number":
                plain = text.strip().replace("_", "")
                return int(plain) if re.fullmatch(r"[+-]?[0-9]+", plain) else _finite(plain)
            case "version":
                from wizard.versions import parse_version

                return str(parse_version(text))
            case "size":
                return parse_size(text)
            case _:
                return text
    except ValueError as error:
        reason = f"{text!r} is not a number" if kind in ("n", "number") else str(error)
        raise ReadingError(reason) from None


def _finite(text: str) -> float:
    if not re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", text):
        raise ValueError(text)
    return float(text)


def ordered(values: list[Any], order: str) -> list[Any]:
    """Sort a list by the version or number in each value, or as text; those without one come first.

    Of a map the first of its values counts.
    """
    match order:
        case "version":
            return sorted(values, key=lambda value: _version_key(_name(value)))
        case "number":
            return sorted(values, key=lambda value: _number_key(_name(value)))
        case _:
            return sorted(values, key=_name)


def _name(value: Any) -> str:
    if isinstance(value, dict):
        value = next(iter(value.values()), "")
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value)


def _version_key(name: str) -> tuple[bool, Any, str]:
    from wizard.versions import parse_version

    base = name.rsplit("/", 1)[-1]
    for found in _candidates(base):
        try:
            return (True, parse_version(found), name)
        except ValueError:
            continue
    return (False, 0, name)


def _candidates(name: str) -> Iterable[str]:
    """What of a file's name may be its version, likeliest first: `app-1.10.2-rc1.tar.gz`."""
    yield name
    bare = re.sub(
        r"(?:\.(?:tar|gz|tgz|bz2|xz|zst|zip|sql|dump|db|sqlite|jar|war|deb|rpm|json|ya?ml|txt|log|bak))+$", "", name
    )
    for found in re.finditer(
        r"[vV]?\d+(?:\.\d+)+(?:[-+~._]?(?:alpha|beta|rc|m|pre|dev|SNAPSHOT)[-.]?\d*)?", bare, re.IGNORECASE
    ):
        yield found[0]
    if number := re.search(r"\d+", bare):
        yield number[0]


def _number_key(name: str) -> tuple[bool, float, str]:
    found = re.search(r"-?\d+(?:\.\d+)?", name.rsplit("/", 1)[-1])
    return (found is not None, float(found[0]) if found else 0.0, name)
