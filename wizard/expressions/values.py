"""The `values:` of a guide: named expressions and constant tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError
from wizard.expressions.absent import ABSENT, AbsentError
from wizard.expressions.evaluate import compile_expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.expressions.environment import Environment


def resolve_values(values: Mapping[str, str | list[Any] | dict[str, Any]], env: Environment) -> dict[str, Any]:
    """Give every value that can be known now, by name; the others are left out.

    A text is an expression, a list or map stands for itself. ExpressionError names the value that has
    none, or the circle of values that need each other.
    """
    resolved: dict[str, Any] = {}
    for name in order_of_values(values):
        given = values[name]
        if not isinstance(given, str):
            resolved[name] = given
            continue
        try:
            value = compile_expression(given).evaluate(env.with_names(values=dict(resolved)))
        except AbsentError:
            continue
        except ExpressionError as error:
            raise ExpressionError(f"values.{name}: {error.message}", hint=error.hint, column=error.column) from None
        if value is not ABSENT:
            resolved[name] = value
    return resolved


def order_of_values(values: Mapping[str, str | list[Any] | dict[str, Any]]) -> list[str]:
    """Give the names so that each comes after those it needs. ExpressionError where they go in a circle."""
    needs = {name: _needed(given, values) for name, given in values.items()}
    order: list[str] = []
    for first in values:
        _place(first, needs, order, ())
    return order


def _needed(given: str | list[Any] | dict[str, Any], values: Mapping[str, Any]) -> list[str]:
    if not isinstance(given, str):
        return []
    named = (reference.split(".") for reference in compile_expression(given).references)
    parts = {chain[1] if len(chain) > 1 else "" for chain in named if chain[0] == "values"}
    return sorted(parts & set(values))


def _place(name: str, needs: Mapping[str, list[str]], order: list[str], above: tuple[str, ...]) -> None:
    if name in order:
        return
    if name in above:
        circle = " → ".join((*above[above.index(name) :], name))
        raise ExpressionError(f"these values need each other: {circle}", hint="one of them must stand on its own")
    for needed in needs[name]:
        _place(needed, needs, order, (*above, name))
    order.append(name)
