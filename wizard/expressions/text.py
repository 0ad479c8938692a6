"""How values are written and named for people."""

from __future__ import annotations

import math
from typing import Any, final

from wizard.errors import ExpressionError
from wizard.expressions.absent import Absent
from wizard.secrets import Secret
from wizard.versions import Version


@final
class Words(tuple[str, ...]):
    """What `words(list)` gives: several words of a command."""

    __slots__ = ()


def text_of(value: object) -> str:
    """Write a value as text: `true`, `3`, `2.5`, a version, a text. ExpressionError where it has no text form."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | Version():
            return str(value)
        case float() if math.isfinite(value):
            return str(int(value)) if value.is_integer() else repr(value)
        case Words():
            raise ExpressionError("words() gives several words", hint="it stands by itself, outside quotes, in a run")
        case list() | tuple():
            raise ExpressionError("a list has no text of its own", hint='join it: join(list, ", ")')
        case dict():
            raise ExpressionError("a map has no text of its own", hint="name one of its fields")
        case _:
            raise ExpressionError(f"{describe(value)} has no text of its own")


def describe(value: object) -> str:
    """Name the type of a value in words."""
    match value:
        case None | Absent():
            return "an absent value"
        case Secret():
            return "a secret"
        case str():
            return "text"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a decimal number"
        case Version():
            return "a version"
        case list() | tuple():
            return "a list"
        case dict():
            return "a map"
        case _:
            return f"a {type(value).__name__}"


def plain(value: Any) -> Any:
    """Give `value` as data that text formats know: a Version as its text, a tuple as a list."""
    match value:
        case Version():
            return str(value)
        case list() | tuple():
            return [plain(item) for item in value]
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case _:
            return value
