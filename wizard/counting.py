"""Counted things in words: one function, so that nothing says `1 steps`."""

from __future__ import annotations

from typing import Final

_HISSING: Final = ("s", "x", "ch", "sh")


def counted(count: int, noun: str) -> str:
    """A number with its noun: `1 step`, `2 batches`, `3 tries`, `4,000 items`."""
    return f"{count:,} {noun if count == 1 else _several(noun)}"


def _several(noun: str) -> str:
    """The plural of an English noun that has a regular one."""
    if noun.endswith(_HISSING):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"
