"""A mistake in a text with `${{ … }}` in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """What is wrong, the way out, and where in the text (from 0)."""

    message: str
    hint: str
    offset: int
