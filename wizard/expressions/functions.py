"""The functions of expressions: how they are called, what they take and give, what they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError
from wizard.expressions.syntax import MACROS
from wizard.expressions.text import Words, describe, text_of
from wizard.expressions.types import BOOL, DOUBLE, DYNAMIC, INT, NUMBER, TEXT, VERSION, Type, TypeKind, list_of
from wizard.units import parse_size
from wizard.versions import Version, as_version, in_range, parse_range, sort_versions

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER: Final = frozenset({TypeKind.INT, TypeKind.DOUBLE, TypeKind.NUMBER})
_TEXT: Final = frozenset({TypeKind.TEXT, TypeKind.VERSION, TypeKind.COMMAND})
_SCALAR: Final = _TEXT | _NUMBER | {TypeKind.BOOL}
_LIST: Final = frozenset({TypeKind.LIST})
_SIZED: Final = _TEXT | _LIST | {TypeKind.MAP, TypeKind.RECORD}
_ANY: Final = frozenset(TypeKind)


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how it is written, what its operands may be (a method's target is the first), what it gives.

    `apply` works on plain values; `operation` is the library's; with neither the evaluator does it itself.
    `tests` marks a comparison: with an absent operand it is false. `reads` checks a literal operand before
    anything runs and raises ValueError; `refusal` says what is wrong where the library gives no value.
    """

    usage: str
    takes: tuple[frozenset[TypeKind], ...]
    gives: Type
    method: bool = False
    both: bool = False
    tests: bool = False
    apply: Callable[..., Any] | None = None
    operation: str = ""
    refusal: str = ""
    reads: tuple[tuple[int, Callable[[str], object]], ...] = ()


def _newer(left: Version | str, right: Version | str) -> bool:
    return as_version(left) > as_version(right)


def _major(version: Version | str) -> int:
    return as_version(version).major


def _minor(version: Version | str) -> int:
    return as_version(version).minor


def _patch(version: Version | str) -> int:
    return as_version(version).patch


def _number(value: str | float) -> int | float:
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        number = int(text) if text.lstrip("+-").isdecimal() and text.isascii() else float(text)
    except ValueError:
        number = float("nan")
    if number - number != 0:
        msg = f"{value!r} is not a number"
        raise ValueError(msg)
    return number


def _join(items: list[Any], separator: str) -> str:
    return separator.join(text_of(item) for item in items)


def _split(text: str, separator: str) -> list[str]:
    if not separator:
        msg = "split() needs a separator"
        raise ValueError(msg)
    return text.split(separator)


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        msg = "replace() needs something to replace"
        raise ValueError(msg)
    return text.replace(old, new)


def _words(items: list[Any]) -> Words:
    return Words(text_of(item) for item in items)


def _sorted(items: list[Any]) -> list[Any]:
    for item in items:
        if not isinstance(item, (str, Version)):
            msg = f"sort_versions() takes a list of versions, and this one holds {describe(item)}"
            raise ValueError(msg)  # noqa: TRY004 - what is wrong with a value, like the others
    return sort_versions(items)


FUNCTIONS: Final[dict[str, Function]] = {
    "in_range": Function(
        'in_range(version, ">=1.3,<1.4")', (_TEXT, _TEXT), BOOL,
        tests=True, apply=in_range, reads=((0, as_version), (1, parse_range)),
    ),
    "newer": Function(
        "newer(a, b)", (_TEXT, _TEXT), BOOL, tests=True, apply=_newer, reads=((0, as_version), (1, as_version))
    ),
    "major": Function("major(version)", (_TEXT,), INT, apply=_major, reads=((0, as_version),)),
    "minor": Function("minor(version)", (_TEXT,), INT, apply=_minor, reads=((0, as_version),)),
    "patch": Function("patch(version)", (_TEXT,), INT, apply=_patch, reads=((0, as_version),)),
    "crosses": Function('crosses("1.3.1")', (_TEXT,), BOOL, tests=True, reads=((0, as_version),)),
    "sort_versions": Function("sort_versions(list)", (_LIST,), list_of(VERSION), apply=_sorted),
    "bytesize": Function('bytesize("20 GiB")', (_TEXT | _NUMBER,), INT, apply=parse_size, reads=((0, parse_size),)),
    "number": Function("number(text)", (_TEXT | _NUMBER,), NUMBER, apply=_number, reads=((0, _number),)),
    "join": Function('join(list, ", ")', (_LIST, _TEXT), TEXT, both=True, apply=_join),
    "split": Function('split(text, ",")', (_TEXT, _TEXT), list_of(TEXT), both=True, apply=_split),
    "lower": Function("lower(text)", (_TEXT,), TEXT, both=True, apply=str.lower),
    "replace": Function('replace(text, "old", "new")', (_TEXT, _TEXT, _TEXT), TEXT, both=True, apply=_replace),
    "words": Function("words(list)", (_LIST,), list_of(TEXT), apply=_words),
    "default": Function("default(value, otherwise)", (_ANY, _ANY), DYNAMIC),
    "has": Function("has(facts.settings.PORT)", (_ANY,), BOOL),
    "file": Function("file(path)", (_TEXT,), DYNAMIC),
    "outcome": Function("outcome('step')", (_TEXT,), TEXT),
    "took": Function("took('step', 60)", (_TEXT, _NUMBER), DOUBLE),
    "string": Function("string(value)", (_SCALAR,), TEXT, apply=text_of),
    "size": Function("size(list)", (_SIZED,), INT, both=True, operation="size(a)"),
    "int": Function("int(value)", (_TEXT | _NUMBER,), INT, operation="int(a)", refusal="it is not a whole number"
    ),
    "double": Function("double(value)", (_TEXT | _NUMBER,), DOUBLE, operation="double(a)", refusal="it is not a number"
    ),
    "contains": Function(
        "text.contains(part)", (_TEXT, _TEXT), BOOL, method=True, tests=True, operation="a.contains(b)"
    ),
    "startsWith": Function(
        "text.startsWith(part)", (_TEXT, _TEXT), BOOL, method=True, tests=True, operation="a.startsWith(b)"
    ),
    "endsWith": Function(
        "text.endsWith(part)", (_TEXT, _TEXT), BOOL, method=True, tests=True, operation="a.endsWith(b)"
    ),
    "matches": Function(
        "text.matches(pattern)", (_TEXT, _TEXT), BOOL, method=True, tests=True, operation="a.matches(b)",
        refusal="the pattern is not a regular expression",
    ),
}  # fmt: skip
"""Every function, by name."""


def check_call(name: str, *, as_method: bool, operands: int, column: int) -> Function:
    """Find a function as it is called. ExpressionError where there is none, or it is called in another way."""
    function = FUNCTIONS.get(name)
    if function is None:
        from wizard.expressions.suggest import did_you_mean

        known = {*FUNCTIONS, *MACROS} if as_method else set(FUNCTIONS)
        raise ExpressionError(f"there is no function {name}()", hint=did_you_mean(name, known), column=column)
    if as_method and not (function.method or function.both):
        raise ExpressionError(f"{name}() is not called with a dot", hint=f"write {function.usage}", column=column)
    if not as_method and function.method:
        raise ExpressionError(f"{name}() is called with a dot", hint=f"write {function.usage}", column=column)
    if operands != len(function.takes):
        raise ExpressionError(
            f"{name}() is called with {_count(operands - as_method)}",
            hint=f"write {function.usage}",
            column=column,
        )
    return function


def _count(arguments: int) -> str:
    match arguments:
        case 0:
            return "no argument"
        case 1:
            return "1 argument"
        case _:
            return f"{arguments} arguments"


def check_kind(value: object, wanted: frozenset[TypeKind]) -> bool:
    """Say whether a value at run time is of one of the wanted kinds."""
    match value:
        case bool():
            return TypeKind.BOOL in wanted
        case int():
            return TypeKind.INT in wanted
        case float():
            return TypeKind.DOUBLE in wanted
        case str() | Version():
            return TypeKind.TEXT in wanted
        case list() | tuple():
            return TypeKind.LIST in wanted
        case dict():
            return TypeKind.MAP in wanted
        case _:
            return False
