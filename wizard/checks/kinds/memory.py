"""Memory of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.units import show_size

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import MemoryCheck


def ask_memory(inquiry: Inquiry) -> Verdict:
    """Pass where there is at least `total`, and at least `available` not in use."""
    model: MemoryCheck = inquiry.model
    memory = inquiry.machine.memory()
    holds, parts = True, []
    for needed, there, word in (
        (model.total, memory.total, "in all"),
        (model.available, memory.available, "available"),
    ):
        if needed is None:
            parts.append(f"{show_size(there)} {word}")
            continue
        size = inquiry.size(needed)
        holds = holds and there >= size
        parts.append(f"{show_size(there)} {word} ({show_size(size)} needed)")
    if model.total is None and model.available is None:
        return Verdict.unknown("the check says neither `total` nor `available`", "memory")
    return Verdict.of(holds, ", ".join(parts), "memory")
