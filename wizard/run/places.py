"""Where a step stands: its model, its hop, and the surroundings it inherits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.plan.model import PlannedPhase, PlannedStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.models import Guide, Step
    from wizard.guide.models.steps import Surroundings
    from wizard.run.context import Run


def works_of(planned: PlannedStep) -> int:
    """Number of the hop a step stands in (0: none, as in a procedure called by itself)."""
    head = planned.key.removeprefix("undo/").split("/", 1)[0]
    return int(head) if head.isdigit() else 0


def model_of(run: Run, planned: PlannedStep) -> Step:
    """The step's model in the pinned guide."""
    from wizard.guide.walk import model_at

    return model_at(run.loaded.guide, planned.path)


def chain_of(run: Run, planned: PlannedStep | PlannedPhase) -> tuple[Surroundings, ...]:
    """The surroundings from the guide's defaults inwards to the step itself."""
    path = f"phases.{planned.id}" if isinstance(planned, PlannedPhase) else planned.path
    return (run.loaded.guide.defaults, *_along(run.loaded.guide, path))


def _along(guide: Guide, path: str) -> Iterator[Surroundings]:
    """The phase or procedure of an address and every step on the way to it."""
    from wizard.guide.walk import model_at

    kind, name, *rest = path.split(".")
    if kind == "phases":
        yield next(phase for phase in guide.phases if phase.id == name)
    else:
        yield guide.procedures[name]
    for end in range(2, len(rest) + 1, 2):
        yield model_at(guide, ".".join([kind, name, *rest[:end]]))
