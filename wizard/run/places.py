"""Where a step stands: its model, its hop, and the surroundings it inherits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.plan.model import PlannedPhase, PlannedStep
from wizard.plan.surroundings import chain_at

if TYPE_CHECKING:
    from wizard.guide.models import Step
    from wizard.guide.models.steps import Surroundings
    from wizard.run.context import Run


def works_of(run: Run, planned: PlannedStep | PlannedPhase) -> int:
    """Number of the hop a step or phase stands in; of a called procedure the one it was called in (0: none)."""
    head, *rest = planned.key.removeprefix("undo/").split("/")
    if head == "procedure":
        return run.state.called_in.get("/".join([head, *rest[:2]]), 0)
    return int(head) if head.isdigit() else 0


def model_of(run: Run, planned: PlannedStep) -> Step:
    """The step's model in the pinned guide."""
    from wizard.guide.walk import model_at

    return model_at(run.loaded.guide, planned.path)


def chain_of(run: Run, planned: PlannedStep | PlannedPhase) -> tuple[Surroundings, ...]:
    """The surroundings from the guide's defaults inwards to the step itself."""
    return chain_at(run.loaded.guide, f"phases.{planned.id}" if isinstance(planned, PlannedPhase) else planned.path)
