"""Text with `${{ … }}` in it, rendered for every place but the shell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError
from wizard.expressions.absent import ABSENT, AbsentError
from wizard.expressions.evaluate import compile_expression
from wizard.expressions.text import text_of
from wizard.secrets import Secret
from wizard.templates.scan import Placeholder, placeholders

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.expressions.environment import Environment


def render(text: str, env: Environment) -> Any:
    """Replace every `${{ … }}`; a text that is exactly one keeps the type of its value.

    A Secret comes back where one is in it. ExpressionError names what is absent or has no text form.
    """
    found = placeholders(text)
    if len(found) == 1 and found[0].start == 0 and found[0].end == len(text):
        return value_of(found[0], env)
    secret = False
    parts: list[str] = []
    at = 0
    for placeholder in found:
        value = value_of(placeholder, env)
        secret = secret or isinstance(value, Secret)
        parts += [text[at : placeholder.start], _text_at(placeholder, value)]
        at = placeholder.end
    rendered = "".join([*parts, text[at:]])
    return Secret(rendered) if secret else rendered


def render_text(text: str, env: Environment) -> str:
    """Replace every `${{ … }}` by its text. ExpressionError on a secret, an absent name, a list or a map."""
    return replaced(text, env, lambda value, _: value)


def render_regex(text: str, env: Environment) -> str:
    """Replace every `${{ … }}` by its text, escaped so that a regular expression takes it for itself."""
    return replaced(text, env, lambda value, _: re.escape(value))


def value_of(placeholder: Placeholder, env: Environment) -> Any:
    """Give the value of one place. ExpressionError (AbsentError) with the expression where it has none."""
    try:
        value = compile_expression(placeholder.expression).evaluate(env)
    except ExpressionError as error:
        raise _in_place(error, placeholder) from None
    if value is ABSENT:
        raise AbsentError(
            f"{placeholder.expression} is absent: it was not asked, or could not be read",
            hint=f"{placeholder} stands where a value is needed; default(…, value) says what to take then",
            column=1,
        )
    return value


def plain_text(placeholder: Placeholder, value: Any) -> str:
    """Give the text of a value in a place that no secret may take. ExpressionError where it is one, or has no text."""
    if isinstance(value, Secret):
        raise ExpressionError(
            f"{placeholder} is a secret and has no place here",
            hint="a secret may stand in env, stdin, connection and edit",
            column=1,
        )
    return _text_at(placeholder, value)


def replaced(text: str, env: Environment, written: Callable[[str, Placeholder], str]) -> str:
    """Replace every `${{ … }}` by what `written` makes of its text."""
    parts: list[str] = []
    at = 0
    for placeholder in placeholders(text):
        parts += [
            text[at : placeholder.start],
            written(plain_text(placeholder, value_of(placeholder, env)), placeholder),
        ]
        at = placeholder.end
    return "".join([*parts, text[at:]])


def _text_at(placeholder: Placeholder, value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    try:
        return text_of(value)
    except ExpressionError as error:
        raise _in_place(error, placeholder) from None


def _in_place(error: ExpressionError, placeholder: Placeholder) -> ExpressionError:
    """Give the error again with the place it belongs to, absence staying absence."""
    return type(error)(f"{error.message} (in {placeholder})", hint=error.hint, column=error.column)
