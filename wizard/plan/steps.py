"""Ways through a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.plan.model import Included

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.plan.model import Plan, PlannedStep


def iter_steps(plan: Plan) -> Iterator[PlannedStep]:
    """Every step of a plan in the order of the walk, groups before their parts; `finally` behind its phase."""
    for phase in plan.phases:
        yield from within(phase.steps)
        yield from within(phase.finally_steps)


def within(steps: Iterable[PlannedStep]) -> Iterator[PlannedStep]:
    """These steps and all steps inside them."""
    for step in steps:
        yield step
        yield from within(step.steps)


def leaves(steps: Iterable[PlannedStep]) -> Iterator[PlannedStep]:
    """The steps that act, without the groups they stand in, as far as they are not left out."""
    for step in steps:
        if step.included is Included.NO:
            continue
        if step.steps:
            yield from leaves(step.steps)
        else:
            yield step


def find_step(plan: Plan, key: str) -> PlannedStep | None:
    """The step with that key; None where the plan has none."""
    return next((step for step in iter_steps(plan) if step.key == key), None)
