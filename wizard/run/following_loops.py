"""The loops of a session that is followed, item by item; worked out again only where something became of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

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
        self._loops: dict[str, _Loop] = {}

    def touched(self, key: str) -> None:
        """Something became of the step at an address."""
        at = key.rfind("/#")
        while at != -1:
            if (loop := self._loops.get(key[:at])) is not None:
                number, _, inside = key[at + 2 :].partition("/")
                item = inside.partition("/")[0]
                loop.touched(int(number), [unquote(item[1:])] if item.startswith("=") else [])
            at = key.rfind("/#", 0, at)

    def forget(self) -> None:
        """Something became of many steps."""
        self._loops.clear()

    def around(self, plan: Plan, state: State, key: str) -> LoopSeen | None:
        """The innermost loop around a step, or that it is."""
        step = next((one for one in reversed(way_to(plan, key)) if one.loop is not None), None)
        if step is None or step.loop is None:
            return None
        known = self._loops.get(step.key)
        if known is None or not known.is_still(step):
            known = self._loops[step.key] = _Loop(step, step.loop)
        return known.see(state)


class _Loop:
    """One loop: what was seen of its items, and of which something became since."""

    def __init__(self, step: PlannedStep, loop: PlannedLoop) -> None:
        """Know nothing of any item yet."""
        self._step = step
        self._loop = loop
        self._items: list[ItemSeen] = []
        self._first: dict[int, int] = {}
        """Where the items of each batch begin."""
        self._touched: dict[int, set[str]] = {}
        """The items something became of, by the number of their batch."""
        for batch in step.steps:
            items = loop.batches[batch.batch - 1]
            self._first[batch.batch] = len(self._items)
            self._items += [ItemSeen(item, batch.batch, StepStatus.WAITING) for item in items]
            self.touched(batch.batch, items)
        self._left_out = tuple(
            ItemSeen(item, 0, StepStatus.NOT_NEEDED, left_out=reason) for item, reason in loop.left_out
        )
        self._begun: set[int] = set()
        """Numbers of the batches of which something is known."""
        self._done = self._failed = 0
        self._grouped: tuple[int, dict[str, tuple[int, list[PlannedStep]]]] = (0, {})
        """The batch that was looked at last: place and steps of each item. Batches are worked on one after another."""
        self._seen: LoopSeen | None = None

    def touched(self, number: int, items: Iterable[str]) -> None:
        """Something became of a batch, and of these items of it."""
        self._touched.setdefault(number, set()).update(items)

    def is_still(self, step: PlannedStep) -> bool:
        """Whether the loop has the same items in the plan as it is by now, which it is taken from.

        A plan that grew is another one from its top down to what grew, and the same beside that.
        """
        if step is self._step:
            return True
        if step.loop != self._loop or len(step.steps) != len(self._step.steps):
            return False
        for was, now in zip(self._step.steps, step.steps, strict=True):
            if was is not now:
                self.touched(now.batch, self._loop.batches[now.batch - 1])
        self._step, self._grouped = step, (0, {})
        return True

    def see(self, state: State) -> LoopSeen:
        """The loop as it is now."""
        if self._seen is None or self._touched:
            for number, items in self._touched.items():
                self._see_batch(number, items, state)
            self._touched.clear()
            self._seen = LoopSeen(
                key=self._step.key,
                code=self._step.code,
                title=self._step.title,
                batches=len(self._step.steps),
                batch=max(self._begun, default=0),
                items=(*self._items, *self._left_out),
                done=self._done,
                failed=self._failed,
            )
        return self._seen

    def _see_batch(self, number: int, items: Iterable[str], state: State) -> None:
        batch = self._step.steps[number - 1]
        if state.status(batch.key) is StepStatus.WAITING:
            self._begun.discard(number)
        else:
            self._begun.add(number)
        if self._grouped[0] != number:
            self._grouped = number, self._group(batch)
        for item in items:
            if item in self._grouped[1]:
                place, steps = self._grouped[1][item]
                self._put(place, _item(item, number, steps, state))

    def _group(self, batch: PlannedStep) -> dict[str, tuple[int, list[PlannedStep]]]:
        items: dict[str, tuple[int, list[PlannedStep]]] = {
            item: (place, [])
            for place, item in enumerate(self._loop.batches[batch.batch - 1], self._first[batch.batch])
        }
        for step in batch.steps:
            if step.item in items:
                items[step.item][1].append(step)
        return items

    def _put(self, place: int, now: ItemSeen) -> None:
        before, self._items[place] = self._items[place], now
        self._done += (now.status in _OVER) - (before.status in _OVER)
        self._failed += (now.status in _BAD) - (before.status in _BAD)


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
