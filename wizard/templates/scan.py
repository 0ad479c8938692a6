"""Where the `${{ … }}` of a text begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from wizard.errors import ExpressionError
from wizard.expressions.tokens import text_end

OPENING: Final = "${{"
CLOSING: Final = "}}"
_ROOM_FOR_TEXTS: Final = 4096
"""Texts of a guide are rendered again and again: for each item of a loop, for each look at a step."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One `${{ … }}`: `start` and `end` of the whole, `offset` where its `expression` begins; from 0."""

    expression: str
    offset: int
    start: int
    end: int

    def __str__(self) -> str:
        """Give it as an author writes it."""
        return f"{OPENING} {self.expression} {CLOSING}"


class UnclosedError(ExpressionError):
    """A `${{` has no `}}`; `offset` is where it stands, from 0."""

    def __init__(self, offset: int) -> None:
        """Keep the offset."""
        super().__init__(
            f"{OPENING} is not closed",
            hint=f'write {CLOSING} after the expression (a {OPENING} meant as text: {OPENING} "{OPENING}" {CLOSING})',
            column=offset + 1,
        )
        self.offset = offset


@lru_cache(maxsize=_ROOM_FOR_TEXTS)
def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Find every `${{ … }}`; quotes and braces inside an expression do not end it. UnclosedError where one is open."""
    found: list[Placeholder] = []
    at = text.find(OPENING)
    while at != -1:
        end = _closing(text, at)
        inside = text[at + len(OPENING) : end - len(CLOSING)]
        blank = len(inside) - len(inside.lstrip())
        found.append(Placeholder(inside.strip(), at + len(OPENING) + blank, at, end))
        at = text.find(OPENING, end)
    return tuple(found)


def template_expressions(text: str) -> list[tuple[str, int]]:
    """Give each expression in `text` with its offset from 0. ExpressionError where a `${{` is not closed."""
    return [(placeholder.expression, placeholder.offset) for placeholder in placeholders(text)]


def _closing(text: str, start: int) -> int:
    """Say where the placeholder that begins at `start` ends."""
    at = start + len(OPENING)
    braces = 0
    while at < len(text):
        if braces == 0 and text.startswith(CLOSING, at):
            return at + len(CLOSING)
        if text[at] in "'\"" or (text[at] in "rR" and not _continues_a_name(text, at)):
            quoted = text_end(text, at)
            if quoted == -1:
                raise UnclosedError(start)
            at = quoted or at + 1
            continue
        braces += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    raise UnclosedError(start)


def _continues_a_name(text: str, at: int) -> bool:
    return text[at - 1].isalnum() or text[at - 1] == "_"
