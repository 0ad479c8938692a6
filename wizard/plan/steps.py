"""Ways through a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.models.steps import Impact
from wizard.plan.model import Included

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.plan.model import Plan, PlannedPhase, PlannedStep


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
    for phase in plan.phases:
        if key.startswith(f"{phase.key}/"):
            found = step_below((*phase.steps, *phase.finally_steps), key)
            if found is not None:
                return found
    return None


def step_below(steps: Iterable[PlannedStep], key: str) -> PlannedStep | None:
    """The step with that key among these and all inside them; None where there is none."""
    for step in steps:
        if step.key == key:
            return step
        if key.startswith(f"{step.key}/"):
            return step_below(step.steps, key)
    return None


def points_of_no_return(phases: Iterable[PlannedPhase]) -> tuple[tuple[int, str], ...]:
    """For each hop that has one, the key of the first step after which there is no way back."""
    points: dict[int, str] = {}
    for phase in phases:
        if phase.hop in points:
            continue
        first = next((step for step in leaves(phase.steps) if step.impact is Impact.IRREVERSIBLE), None)
        if first is not None:
            points[phase.hop] = first.key
    return tuple(sorted(points.items()))


def restore_points(phases: Iterable[PlannedPhase]) -> tuple[tuple[int, str], ...]:
    """For each hop that has one before its point of no return, the first step only the backup leads back from."""
    points: dict[int, str] = {}
    for phase in phases:
        for step in leaves(phase.steps):
            if step.impact in (Impact.NEEDS_RESTORE, Impact.IRREVERSIBLE):
                points.setdefault(phase.hop, step.key if step.impact is Impact.NEEDS_RESTORE else "")
    return tuple(sorted((hop, key) for hop, key in points.items() if key))
