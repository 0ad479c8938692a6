"""What of a long loop is shown: the first batches and items in full, and how many more there are.

Every item of a loop goes through the same steps, so a plan for 10,000 nodes is read by its first ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.plan.model import Included

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.plan.model import PlannedStep

SHORTENED: Final = "Of long loops only the first ones are shown; `wizard plan GUIDE --format json` has all of it."


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of what goes on and on is shown; one more than that is shown too, in the place of a line about it."""

    batches: int
    """Batches with their steps."""
    titles: int
    """Batches after those, by their titles alone."""
    items: int
    """Items of a batch that go through the same step one after the other."""


TEXT: Final = Limits(batches=3, titles=6, items=3)
MARKDOWN: Final = Limits(batches=25, titles=25, items=25)


@dataclass(frozen=True, slots=True)
class More:
    """A line that stands for parts of the plan that are not shown."""

    words: str


def shown_of(step: PlannedStep, limits: Limits, points: set[str]) -> Iterator[tuple[PlannedStep, bool] | More]:
    """The children of a step that are shown, each with whether its own children are; then what is not shown.

    A batch with a point of no return (`points`: keys of their steps) is always shown in full, and so is
    such a step.
    """
    if step.loop is not None and all(batch.alone for batch in step.steps):
        yield from _one_by_one(step.steps, limits, points)
    elif step.loop is not None:
        yield from _batches(step, limits, points)
    elif step.batch:
        yield from _in_batch(step.steps, limits, points)
    else:
        yield from ((child, True) for child in step.steps)


def _batches(loop: PlannedStep, limits: Limits, points: set[str]) -> Iterator[tuple[PlannedStep, bool] | More]:
    large = loop.loop is not None and any(len(batch) > limits.items + 1 for batch in loop.loop.batches)
    in_full = _shown(len(loop.steps), 1 if large else limits.batches)
    titles = in_full + _shown(len(loop.steps) - in_full, limits.titles)
    for number, batch in enumerate(loop.steps):
        full = number < in_full or any(key.startswith(f"{batch.key}/") for key in points)
        if full or number < titles:
            yield batch, full
    if len(loop.steps) > in_full:
        yield More("The batches without steps here go through the same ones.")
    if more := len(loop.steps) - titles:
        items = sum(len(batch) for batch in loop.loop.batches[titles:]) if loop.loop is not None else 0
        yield More(f"and {counted(more, 'more batch')} with {counted(items, 'item')}, up to {loop.steps[-1].code}")


def _one_by_one(
    batches: Sequence[PlannedStep], limits: Limits, points: set[str]
) -> Iterator[tuple[PlannedStep, bool] | More]:
    """The steps of a loop without batches: of one step those of the first items, of several the first items' own."""
    if all(len(batch.steps) == 1 for batch in batches):
        yield from _in_batch([child for batch in batches for child in batch.steps], limits, points)
        return
    in_full = _shown(len(batches), limits.batches)
    for number, batch in enumerate(batches):
        if number < in_full or any(key.startswith(f"{batch.key}/") for key in points):
            yield from ((child, True) for child in batch.steps)
    if more := len(batches) - in_full:
        last = batches[-1].steps[-1].code
        yield More(f"and {counted(more, 'more item')}, through the same steps, up to {last}")


def _in_batch(
    steps: Sequence[PlannedStep], limits: Limits, points: set[str]
) -> Iterator[tuple[PlannedStep, bool] | More]:
    """The steps of a batch; of the same step for one item after the other only the first ones."""
    at = 0
    while at < len(steps):
        end = at
        while end < len(steps) and steps[end].path == steps[at].path:
            end += 1
        run = steps[at:end]
        count = _shown(len(run), limits.items)
        for number, step in enumerate(run):
            if number < count or step.key in points:
                yield step, True
        if rest := run[count:]:
            out = sum(step.included is Included.NO for step in rest)
            words = f", {out:,} of them left out" if out else ""
            yield More(f"and {len(rest):,} more of the same, up to {rest[-1].code}{words}")
        at = end


def _shown(count: int, limit: int) -> int:
    """How many of `count` are shown: all of them where a line about the rest would save nothing."""
    return count if count <= limit + 1 else limit
