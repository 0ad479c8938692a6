"""Where a step stands in the loops and rounds around it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.plan.model import Plan, PlannedLoop, PlannedStep


def way_to(plan: Plan, key: str) -> tuple[PlannedStep, ...]:
    """The steps that lead to the one at an address, outermost first; as far as the plan knows the way."""
    for phase in plan.phases:
        if key.startswith(f"{phase.key}/"):
            return tuple(_way((*phase.steps, *phase.finally_steps), key))
    return ()


def _way(steps: Iterable[PlannedStep], key: str) -> Iterable[PlannedStep]:
    for step in steps:
        if key == step.key or key.startswith(f"{step.key}/"):
            yield step
            yield from _way(step.steps, key)
            return


def progress_of(way: Sequence[PlannedStep]) -> str:
    """Where the last step of a way stands in its loops and rounds; empty outside of any."""
    parts: list[str] = []
    loop: PlannedLoop | None = None
    for step, inside in zip(way, (*way[1:], None), strict=True):
        loop = step.loop or loop
        if step.batch and loop is not None:
            own = inside is not None and inside.key.startswith(f"{step.key}/=")
            worked_on = [item for keys in loop.batches for item in keys]
            number = worked_on.index(inside.item) + 1 if own and inside is not None else step.batch if step.alone else 0
            parts.append(place_words(number, len(worked_on), step.batch, len(loop.batches)))
        elif step.round:
            parts.append(f"round {step.round}")
    return "; ".join(parts)


def place_words(item: int, items: int, batch: int, batches: int) -> str:
    """The place of an item in its loop (`item 3 of 12, batch 2 of 4`); with item 0 that of a whole batch."""
    part = f"batch {batch:,} of {batches:,}"
    if not item:
        return part
    words = f"item {item:,} of {items:,}"
    return f"{words}, {part}" if batches < items else words
