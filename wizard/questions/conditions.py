"""The conditions an answer must meet beyond its type: `valid`, `at_least`, `at_most`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError, HostError
from wizard.expressions import compile_expression
from wizard.questions.validation import RefusedError
from wizard.templates.readable import readable
from wizard.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models.questions import Question, Valid


def must_meet(rules: Sequence[Valid], env: Environment) -> None:
    """Hold the value that stands in `env` against `valid`. RefusedError with the guide's words where it does not."""
    for rule in rules:
        try:
            holds = compile_expression(rule.expr).holds(env)
        except (ExpressionError, HostError) as error:
            raise RefusedError(f"it could not be checked whether it fits ({rule.expr}): {error.message}") from None
        if not holds:
            raise RefusedError(readable(rule.say, env))


def must_be_within(question: Question, value: Any, env: Environment) -> None:
    """Hold a value (of a list or table: its length) against `at_least` and `at_most`."""
    if question.at_least is None and question.at_most is None:
        return
    measured = _measured(value)
    if measured is None:
        return
    counted = isinstance(value, list)
    for limit, too in ((question.at_least, "few"), (question.at_most, "many")):
        if limit is None:
            continue
        bound = _bound(limit, env)
        if (measured < bound) if too == "few" else (measured > bound):
            edge = "at least" if too == "few" else "at most"
            if counted:
                row = "row" if bound == 1 else "rows"
                what = row if question.columns is not None else "of them"
                raise RefusedError(f"these are too {too} ({measured:g}): {edge} {bound:g} {what}")
            raise RefusedError(
                f"{value} is too {'small' if too == 'few' else 'large'}: {edge} {limit_text(limit, env)}"
            )


def limit_text(limit: int | str, env: Environment) -> str:
    """Write a limit as it is said to a person."""
    return readable(str(limit), env)


def _measured(value: Any) -> float | None:
    """What is compared with the limits; None for a value that has no size."""
    match value:
        case bool():
            return None
        case int() | float():
            return float(value)
        case list():
            return float(len(value))
        case str():
            try:
                return parse_duration(value)
            except ValueError:
                return None
        case _:
            return None


def _bound(limit: int | str, env: Environment) -> float:
    """A limit as a number: written, rendered, or a duration."""
    from wizard.templates import render

    value = render(limit, env) if isinstance(limit, str) else limit
    if isinstance(value, str):
        written = value.strip().removesuffix("%")
        try:
            return float(written)
        except ValueError:
            try:
                return parse_duration(written)
            except ValueError:
                raise ExpressionError(f"{value!r} is no limit: write a number") from None
    return float(value)
