"""The addresses (`key`) of phases and steps: hop, phase, and what the step stands in, with `/` between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def hop_of(key: str) -> int:
    """Number of the hop in the key of a phase or step (0: none, as in a procedure called by itself)."""
    head = key.split("/", 1)[0]
    return int(head) if head.isdigit() else 0


def phase_of(key: str) -> str:
    """Key of the phase a step (or a phase) stands in."""
    return "/".join(key.split("/")[:2])


def above(key: str) -> Iterator[str]:
    """Keys of all that a step stands in, the nearest first; the hop comes last."""
    while key := key.rpartition("/")[0]:
        yield key
