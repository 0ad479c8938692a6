"""The loops of a session that is followed, item by item; worked out again only for batches that something became of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.run.progress import way_to
from wizard.run.session_view import ItemSeen, LoopSeen
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.plan.model import Plan, PlannedLoop, PlannedStep
    from wizard.run.state import State

_WORST_FIRST: Final = (
    StepStatus.UNKNOWN, StepStatus.FAILED, StepStatus.RUNNING, StepStatus.UNDOING, StepStatus.IN_BACKGROUND,
    StepStatus.UNDONE, StepStatus.SET_BACK,
)  # fmt: skip
"""Statuses that say where an item stands, whatever its other steps are."""
_OVER: Final = frozenset({StepStatus.DONE, StepStatus.ALREADY_DONE, StepStatus.NOT_NEEDED})
_BAD: Final = frozenset({StepStatus.FAILED, StepStatus.UNKNOWN})


class LoopWatch:
    """Keeps what became of the items of loops."""

    def __init__(self) -> None:
        """Know of none."""
        self._batches: dict[str, tuple[ItemSeen, ...]] = {}

    def touched(self, key: str) -> None:
        """Something became of the step at an address."""
        at = key.rfind("/#")
        while at != -1:
            self._batches.pop(key[: (key + "/").index("/", at + 1)], None)
            at = key.rfind("/#", 0, at)

    def forget(self) -> None:
        """Something became of many steps."""
        self._batches.clear()

    def around(self, plan: Plan, state: State, key: str) -> LoopSeen | None:
        """The innermost loop around a step, or that it is."""
        loop = next((one for one in reversed(way_to(plan, key)) if one.loop is not None), None)
        if loop is None or loop.loop is None:
            return None
        items: list[ItemSeen] = []
        for batch in loop.steps:
            items += self._items(loop.loop, batch, state)
        left_out = tuple(
            ItemSeen(item, 0, StepStatus.NOT_NEEDED, left_out=reason) for item, reason in loop.loop.left_out
        )
        begun = [batch.batch for batch in loop.steps if state.status(batch.key) is not StepStatus.WAITING]
        return LoopSeen(
            key=loop.key,
            code=loop.code,
            title=loop.title,
            batches=len(loop.steps),
            batch=max(begun, default=0),
            items=(*items, *left_out),
            done=sum(one.status in _OVER for one in items),
            failed=sum(one.status in _BAD for one in items),
        )

    def _items(self, loop: PlannedLoop, batch: PlannedStep, state: State) -> tuple[ItemSeen, ...]:
        known = self._batches.get(batch.key)
        if known is None:
            steps: dict[str, list[PlannedStep]] = {item: [] for item in loop.batches[batch.batch - 1]}
            for step in batch.steps:
                if step.item in steps:
                    steps[step.item].append(step)
            known = tuple(_item(item, batch.batch, of, state) for item, of in steps.items())
            self._batches[batch.key] = known
        return known


def _item(item: str, batch: int, steps: Iterable[PlannedStep], state: State) -> ItemSeen:
    found = [(state.status(step.key), step) for step in steps]
    for worst in _WORST_FIRST:
        at = next((step for status, step in found if status is worst), None)
        if at is not None:
            return ItemSeen(item, batch, worst, at.title)
    statuses = {status for status, _ in found}
    if StepStatus.WAITING in statuses:
        begun = statuses != {StepStatus.WAITING}
        following = next(step for status, step in found if status is StepStatus.WAITING)
        return ItemSeen(item, batch, StepStatus.RUNNING if begun else StepStatus.WAITING, following.title)
    return ItemSeen(item, batch, StepStatus.SKIPPED if StepStatus.SKIPPED in statuses else StepStatus.DONE)
