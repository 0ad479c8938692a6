"""Checks a text with `${{ … }}` in it when a guide is loaded: its expressions, and what may stand where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExpressionError
from wizard.expressions.check import infer_type
from wizard.expressions.evaluate import compile_expression
from wizard.expressions.types import DYNAMIC, Scope, Type, TypeKind
from wizard.templates.problems import TemplateProblem
from wizard.templates.query import query_problems
from wizard.templates.scan import Placeholder, UnclosedError, placeholders
from wizard.templates.shell import alone, shell_problems, words_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.guide.models.base import Kind


def check_template(
    text: str,
    kind: Kind,
    scope: Scope | None = None,
    *,
    secrets: bool = False,
    expected: Type | None = None,
    shown: bool = False,
) -> list[TemplateProblem]:
    """Give every mistake of a text of that kind, in the order of the text.

    With a scope, names and types are checked too; `secrets` says whether a secret may stand here (never in
    a shell text or a query), `expected` what a text that is exactly one `${{ … }}` must give, `shown` that
    it is read as text in any case, so that it may not be a list.
    """
    from wizard.guide.models.base import Kind

    try:
        found = placeholders(text)
    except UnclosedError as error:
        return [TemplateProblem(error.message, error.hint, error.offset)]
    only = found[0] if len(found) == 1 and found[0].end - found[0].start == len(text) else None
    problems: list[TemplateProblem] = []
    types: list[Type] = []
    for placeholder in found:
        type_, mistakes = _expression(placeholder, scope, expected if placeholder is only else None)
        types.append(type_)
        problems += mistakes
    match kind:
        case Kind.SHELL if not (alone(text) is not None and types[0].kind is TypeKind.COMMAND):
            problems += shell_problems(text)
        case Kind.QUERY:
            problems += query_problems(text)
        case _:
            pass
    in_text = shown or only is None or kind in (Kind.SHELL, Kind.QUERY, Kind.REGEX, Kind.URL)
    for placeholder, type_ in zip(found, types, strict=True):
        may = secrets and kind not in (Kind.SHELL, Kind.QUERY, Kind.REGEX)
        problems += _value(placeholder, type_, secrets=may, in_text=in_text, in_shell=kind is Kind.SHELL)
    return sorted(problems, key=lambda problem: problem.offset)


def check_words(words: Sequence[str], scope: Scope | None = None) -> list[tuple[int, TemplateProblem]]:
    """Give every mistake of a command in list form, each with the number of its word (from 0)."""
    problems = words_problems(words)
    for number, text in enumerate(words):
        try:
            found = placeholders(text)
        except UnclosedError:
            continue
        for placeholder in found:
            type_, mistakes = _expression(placeholder, scope, None)
            mistakes += _value(placeholder, type_, secrets=False, in_text=True, in_shell=True)
            problems += [(number, problem) for problem in mistakes]
    return sorted(problems, key=lambda numbered: (numbered[0], numbered[1].offset))


def _expression(
    placeholder: Placeholder, scope: Scope | None, expected: Type | None
) -> tuple[Type, list[TemplateProblem]]:
    """Give the type of one place and the mistakes of its expression, at their offsets in the text."""
    if scope is not None:
        type_, problems = infer_type(placeholder.expression, scope, expected)
        return type_, [
            TemplateProblem(problem.message, problem.hint, placeholder.offset + max(problem.column - 1, 0))
            for problem in problems
        ]
    try:
        compile_expression(placeholder.expression)
    except ExpressionError as error:
        offset = placeholder.offset + max(error.column - 1, 0)
        return DYNAMIC, [TemplateProblem(error.message, error.hint, offset)]
    return DYNAMIC, []


def _value(
    placeholder: Placeholder, type_: Type, *, secrets: bool, in_text: bool, in_shell: bool
) -> list[TemplateProblem]:
    """Give what is wrong with a value of that type in its place."""
    if type_.holds_secret and not secrets and (type_.secret or in_text):
        return [
            TemplateProblem(
                f"{placeholder} is a secret and has no place here",
                "a secret may stand in env, stdin, connection and edit",
                placeholder.start,
            )
        ]
    if not in_text:
        return []
    words = any(function == "words" for function, _ in _calls(placeholder))
    match type_.kind:
        case TypeKind.LIST if in_shell and words:
            return []
        case TypeKind.LIST:
            hint = f"write words({placeholder.expression}) or" if in_shell else "write"
            message = f"{placeholder} is a list and has no text of its own"
            return [TemplateProblem(message, f'{hint} join({placeholder.expression}, ", ")', placeholder.start)]
        case TypeKind.MAP | TypeKind.RECORD:
            message = f"{placeholder} is {type_} and has no text of its own"
            return [TemplateProblem(message, "name one of its fields", placeholder.start)]
        case _:
            return []


def _calls(placeholder: Placeholder) -> frozenset[tuple[str, str | None]]:
    try:
        return compile_expression(placeholder.expression).calls
    except ExpressionError:
        return frozenset()
