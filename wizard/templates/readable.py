"""Texts of a guide for people, rendered as far as they can be now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.templates.scan import placeholders
from wizard.templates.text import render_text

if TYPE_CHECKING:
    from wizard.expressions import Environment

UNKNOWN: Final = "…"
"""Stands where a text has a value that is not known, or is a secret."""


def readable(text: str, env: Environment) -> str:
    """Render `text`; each `${{ … }}` that has no text now (absent, a secret, a list) becomes `…`."""
    parts: list[str] = []
    at = 0
    for placeholder in placeholders(text):
        try:
            value = render_text(text[placeholder.start : placeholder.end], env)
        except ExpressionError:
            value = UNKNOWN
        parts += [text[at : placeholder.start], value]
        at = placeholder.end
    return "".join([*parts, text[at:]])
