"""The items of a loop: what its list gives, and the key that tells each item apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError
from wizard.expressions import ABSENT, AbsentError, compile_expression
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models.loops import Each


@dataclass(frozen=True, slots=True)
class Item:
    """One item: the key it is shown and filed under, and its value."""

    key: str
    value: Any


def items_of(each: Each, env: Environment) -> list[Item]:
    """Give the items of a loop in the order of their list; of a map its entries, under their own keys.

    AbsentError where the list is not there, ExpressionError where it is no list or the keys do not tell
    the items apart.
    """
    listed = compile_expression(each.items).evaluate(env)
    if listed is ABSENT:
        raise AbsentError(f"there is no `{each.items}`, which is to be gone through")
    match listed:
        case Mapping():
            pairs: list[tuple[str | None, Any]] = [(str(key), value) for key, value in listed.items()]
        case list() | tuple():
            pairs = [(None, value) for value in listed]
        case _:
            raise ExpressionError(f"`{each.items}` is no list, and a loop needs one")
    key_of = compile_expression(each.key) if each.key is not None else None
    items: list[Item] = []
    for own, value in pairs:
        if key_of is not None:
            key = key_of.evaluate(env.with_names(**{each.name: value}))
            items.append(Item(_text(key, f"the key `{each.key}` of an item of `{each.items}`"), value))
        else:
            items.append(Item(own if own is not None else _own_key(each, value), value))
    _differ(each, items)
    return items


def _own_key(each: Each, value: Any) -> str:
    """What tells an item apart where the guide does not say: itself, or the first thing it has."""
    if isinstance(value, Mapping):
        for part in value.values():
            return _text(part, f"the first column of `{each.items}`")
        raise ExpressionError(f"an item of `{each.items}` is empty, so nothing tells it apart", hint="Give a `key`.")
    return _text(value, f"an item of `{each.items}`")


def _text(value: Any, what: str) -> str:
    match value:
        case Secret():
            raise ExpressionError(f"{what} is a secret, and it is shown", hint="Give a `key` that is none.")
        case bool() | None:
            pass
        case str() | int() | float() if str(value).strip():
            return str(value)
    raise ExpressionError(
        f"{what} is no text that tells items apart", hint="Give a `key`, an expression over the item."
    )


def _differ(each: Each, items: Sequence[Item]) -> None:
    """ExpressionError with the keys that two items share."""
    twice = [key for key, times in Counter(item.key for item in items).items() if times > 1]
    if twice:
        shown = ", ".join(twice[:5]) + (" …" if len(twice) > 5 else "")
        raise ExpressionError(
            f"the items of `{each.items}` cannot be told apart: {shown} is there more than once",
            hint="Give a `key` that is different for each, or take the double ones out.",
        )
