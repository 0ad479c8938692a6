"""What an undo takes back one at a time: a step, or what has a way back of its own for all that stands in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.errors import UsageError
from wizard.guide.walk import model_at
from wizard.plan.model import Included
from wizard.plan.steps import iter_steps, leaves, within
from wizard.run.seen import item_key
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.guide.models import Guide
    from wizard.plan.model import Plan, PlannedStep
    from wizard.run.state import State

NOTHING_TO_UNDO: Final = frozenset({StepStatus.WAITING, StepStatus.NOT_NEEDED, StepStatus.UNDONE, StepStatus.SET_BACK})
_NAMED_AT_MOST: Final = 12


def units(guide: Guide, steps: Iterable[PlannedStep]) -> Iterator[PlannedStep]:
    """The units of these steps, in the order of the walk.

    A group with an `undo` of its own is one, and of a loop with one each item in a batch; all other steps
    are taken back one by one.
    """
    for step in steps:
        if step.included is Included.NO:
            continue
        if not step.steps:
            yield step
        elif step.batch or step.round or not model_at(guide, step.path).undo:
            yield from units(guide, step.steps)
        elif step.loop is None:
            yield step
        elif model_at(guide, step.path).steps is None:
            yield from units(guide, step.steps)
        else:
            for batch in step.steps:
                for one in _items(step, batch):
                    yield from (one,) if one.key.rpartition("/")[2].startswith("=") else units(guide, (one,))


def temporary_units(steps: Iterable[PlannedStep]) -> Iterator[PlannedStep]:
    """The temporary settings among these steps and all inside them, in the order of the walk."""
    for step in steps:
        if step.included is Included.NO:
            continue
        if step.temporary and step.loop is not None:
            for batch in step.steps:
                for one in _items(step, batch):
                    yield from (one,) if one.key.rpartition("/")[2].startswith("=") else temporary_units((one,))
        elif step.temporary:
            yield step
        else:
            yield from temporary_units(step.steps)


def _items(loop: PlannedStep, batch: PlannedStep) -> Iterator[PlannedStep]:
    """Each item of a batch as a group, where its last step stands; what is done once a batch in between."""
    of_item: dict[str, list[PlannedStep]] = {}
    order: list[PlannedStep | str] = []
    for step in batch.steps:
        item = step.key[: len(batch.key) + 1] + step.key[len(batch.key) + 1 :].partition("/")[0]
        if not item.startswith(f"{batch.key}/="):
            order.append(step)
            continue
        if item in of_item:
            order.remove(item)
        order.append(item)
        of_item.setdefault(item, []).append(step)
    for one in order:
        yield _item(loop, one, tuple(of_item[one])) if isinstance(one, str) else one


def _item(loop: PlannedStep, key: str, steps: tuple[PlannedStep, ...]) -> PlannedStep:
    """All steps of one item of a loop as a group, under the address of the item."""
    name = item_key(key)
    return replace(loop, key=key, title=f"{name}: {loop.title}", steps=steps, item=name, loop=None)


def last_of(unit: PlannedStep) -> PlannedStep:
    """The step of a unit that is done last; itself where nothing in it is done."""
    return (list(leaves((unit,))) or [unit])[-1]


def is_begun(state: State, unit: PlannedStep) -> bool:
    """Whether there is anything of a unit to go back over."""
    if not unit.steps:
        return state.status(unit.key) not in NOTHING_TO_UNDO
    return state.status(unit.key) is StepStatus.UNDOING or any(is_begun(state, leaf) for leaf in leaves(unit.steps))


def is_touched(state: State, unit: PlannedStep) -> bool:
    """Whether this run may have changed the machine by a unit and has not taken that back."""
    return state.touched(unit.key) or any(state.touched(leaf.key) for leaf in leaves(unit.steps))


def undoable(plan: Plan, state: State, scope: str, guide: Guide | None = None) -> list[PlannedStep]:
    """What an undo of `scope` goes over, last one first: `run`, `phase:KEY` or `step:KEY` (and all in it).

    Steps that only looked or asked are in it too, so that coming back asks again. Nothing before the
    last point of no return that was passed is in it. Without the guide it is steps alone, which is enough
    to know whether there is anything.
    """
    points = {key for _, key in plan.point_of_no_return}
    kind, _, key = scope.partition(":")
    after_point: list[PlannedStep] = []
    for phase in plan.phases:
        alone = kind == "step" and _is_in(key, phase.key)
        for unit in units(guide, phase.steps) if guide is not None else leaves(phase.steps):
            inside = list(leaves(unit.steps)) if unit.steps else [unit]
            passed = [one.key in points and state.is_passed(one.key) for one in inside]
            if any(passed):
                after_point.clear()
                after_point += inside[len(passed) - passed[::-1].index(True) :]
            elif alone and guide is not None:
                after_point += _opened(guide, unit, key)
            else:
                after_point.append(unit)
        after_point += _left_out(phase.steps, state)
    begun = [unit for unit in after_point if is_begun(state, unit)]
    if kind in ("phase", "step"):
        begun = [unit for unit in begun if _is_in(unit.key, key)]
    return begun[::-1]


def _opened(guide: Guide, unit: PlannedStep, key: str) -> Iterator[PlannedStep]:
    """A unit, or what is in it down to what is named: that is taken back by itself, whatever it stands in."""
    if not unit.steps or key == unit.key or not _is_in(key, unit.key):
        yield unit
        return
    for inner in units(guide, unit.steps):
        yield from _opened(guide, inner, key)


def _left_out(steps: Iterable[PlannedStep], state: State) -> Iterator[PlannedStep]:
    """Groups that were skipped as a whole: coming back asks about them again."""
    for step in within(steps):
        if step.steps and state.status(step.key) is StepStatus.SKIPPED:
            yield replace(step, steps=(), loop=None)


def _is_in(key: str, around: str) -> bool:
    return key == around or key.startswith(f"{around}/")


def scope_named(plan: Plan, *, step: str | None, phase: str | None) -> str:
    """The scope an operator means by a code, an id or `id@item`; UsageError where there is none or several."""
    if step is not None:
        return f"step:{_one_step(plan, step)}"
    if phase is None:
        return "run"
    found = [one.key for one in plan.phases if phase in (one.code, one.id)]
    if len(found) != 1:
        many = "nothing" if not found else f"{len(found)} of them"
        raise UsageError(f"{phase!r} names {many} in this plan", hint="Use the code `wizard report` shows.")
    return f"phase:{found[0]}"


def _one_step(plan: Plan, wanted: str) -> str:
    """The key of the one step, group or item of a loop that goes by that name."""
    named, at, item = wanted.rpartition("@")
    steps = list(iter_steps(plan))
    found = [one.key for one in steps if wanted in (one.code, one.id) and not one.batch and not one.round]
    if at:
        found += [key for key in _at_item(steps, named, item) if key not in found]
    outermost = [key for key in found if not any(key != other and _is_in(key, other) for other in found)]
    if len(outermost) == 1:
        return outermost[0]
    if not outermost:
        hint = "Use the code `wizard report` shows, or ID@ITEM for a step of one item of a loop."
        raise UsageError(f"{wanted!r} names nothing in this plan", hint=hint)
    by_key = {one.key: one for one in steps}
    names = [f"{one.code} ({one.id}@{one.item})" if one.item else one.code for one in map(by_key.get, outermost) if one]
    more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
    shown = ", ".join(names[:_NAMED_AT_MOST]) + more
    raise UsageError(f"{wanted!r} names {len(outermost)} steps in this plan", hint=f"Say which of them: {shown}")


def _at_item(steps: Iterable[PlannedStep], named: str, item: str) -> Iterator[str]:
    """Steps of that id or code for an item, and the item itself in a loop of that id or code."""
    for step in steps:
        if step.item == item and step.id == named and step.loop is None and not step.batch:
            yield step.key
        elif step.loop is not None and named in (step.code, step.id) and item in step.loop.keys:
            for batch in step.steps:
                for child in batch.steps:
                    key = child.key[: child.key.find("/", len(batch.key) + 1)]
                    if child.item == item and key.startswith(f"{batch.key}/="):
                        yield key
                        break
