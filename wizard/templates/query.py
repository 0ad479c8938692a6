"""Values in SQL: never pasted, always bound as parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

from wizard.errors import ExpressionError
from wizard.expressions.text import describe, plain
from wizard.secrets import Secret
from wizard.templates.problems import TemplateProblem
from wizard.templates.scan import placeholders
from wizard.templates.text import value_of

if TYPE_CHECKING:
    from wizard.expressions.environment import Environment

_NOT_CODE: Final = re.compile(
    r"(?P<quote>'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)|`[^`]*(?:`|\Z))"
    r"|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<own>\?)",
    re.DOTALL,
)


def bind_query(text: str, env: Environment, *, place: Literal["?", "%s"] = "?") -> tuple[str, tuple[Any, ...]]:
    """Give the statement with `place` in each place, and the values in order (str, int, float, bool).

    Where the places are `%s`, other percent signs of a statement with values are doubled, as its clients want.

    ExpressionError where a place cannot be bound or a value is absent, a list, a map or a secret.
    """
    for problem in query_problems(text):
        raise ExpressionError(problem.message, hint=problem.hint, column=problem.offset + 1)
    found = placeholders(text)
    own = (lambda part: part.replace("%", "%%")) if found and place == "%s" else str
    parts: list[str] = []
    values: list[Any] = []
    at = 0
    for placeholder in found:
        value = plain(value_of(placeholder, env))
        if isinstance(value, Secret) or not isinstance(value, (str, int, float)):
            raise ExpressionError(
                f"{placeholder} is {describe(value)} and cannot be bound in a query",
                hint="bind a text or a number",
                column=1,
            )
        values.append(value)
        parts += [own(text[at : placeholder.start]), place]
        at = placeholder.end
    return "".join([*parts, own(text[at:])]), tuple(values)


def query_problems(text: str) -> list[TemplateProblem]:
    """Give the places of a query where nothing can be bound, and question marks that would be taken for places."""
    found = placeholders(text)
    if not found:
        return []
    # A placeholder becomes letters of the same length, so that offsets stay and its quotes do not count.
    masked = list(text)
    for placeholder in found:
        masked[placeholder.start : placeholder.end] = "x" * (placeholder.end - placeholder.start)
    problems: list[TemplateProblem] = []
    for part in _NOT_CODE.finditer("".join(masked)):
        if part["own"]:
            problems.append(
                TemplateProblem(
                    "a ? of its own stands beside bound values", "write the value as ${{ … }}", part.start()
                )
            )
            continue
        what, hint = (
            ("quotes", "leave out the quotes: the value is bound, not pasted")
            if part["quote"]
            else ("a comment", "take it out of the comment")
        )
        problems += [
            TemplateProblem(f"{placeholder} stands in {what}", hint, placeholder.start)
            for placeholder in found
            if part.start() < placeholder.start < part.end()
        ]
    return problems
