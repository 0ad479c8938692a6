"""What a question offers by itself: its choices and its default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError
from wizard.expressions import ABSENT, AbsentError, compile_expression
from wizard.expressions.text import plain, text_of
from wizard.secrets import Secret
from wizard.templates import render, render_text
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models.questions import Choice

Choices = tuple[tuple[str, str], ...]
"""Value and label of each choice."""


def rendered_choices(choices: Sequence[str | Choice], env: Environment) -> Choices:
    """Choices as a guide writes them; one whose value is absent now is left out."""
    found: dict[str, str] = {}
    for one in choices:
        value, label = (one, None) if isinstance(one, str) else (one.value, one.label)
        try:
            written = render_text(value, env)
        except AbsentError:
            continue
        found.setdefault(written, readable(label, env) if label is not None else written)
    return tuple(found.items())


def listed_choices(source: str, env: Environment) -> Choices:
    """What `choices_from` gives now: texts, numbers and versions, or maps with value and label; none where absent.

    ExpressionError where it gives something else.
    """
    try:
        items = compile_expression(source).evaluate(env)
    except AbsentError:
        return ()
    if items is ABSENT:
        return ()
    if not isinstance(items, list | tuple):
        raise ExpressionError(f"choices_from gives no list: {source}")
    found: dict[str, str] = {}
    for item in items:
        if isinstance(item, Secret):
            raise ExpressionError(f"choices_from gives a secret, which cannot be shown: {source}")
        entry = item if isinstance(item, dict) else {"value": item}
        if entry.get("value") is None:
            raise ExpressionError(f"choices_from gives a map without `value`: {source}")
        value = text_of(plain(entry["value"]))
        label = entry.get("label")
        found.setdefault(value, value if label is None else text_of(plain(label)))
    return tuple(found.items())


def default_of(default: Any, env: Environment) -> Any:
    """A default as a value: texts rendered; None where something in it is absent now."""
    try:
        return _rendered(default, env)
    except AbsentError:
        return None


def _rendered(default: Any, env: Environment) -> Any:
    match default:
        case str():
            return plain(render(default, env))
        case list():
            return [_rendered(item, env) for item in default]
        case dict():
            return {name: _rendered(item, env) for name, item in default.items()}
        case _:
            return default
