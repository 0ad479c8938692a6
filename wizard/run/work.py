"""One step at work: its model, its place in the plan, and the names its texts are rendered from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.expressions import Environment
    from wizard.guide.models import Step
    from wizard.guide.models.steps import Surroundings
    from wizard.plan.model import PlannedStep
    from wizard.run.state import StepStatus
    from wizard.run.surroundings import Place


@dataclass(frozen=True, slots=True)
class Work:
    """A step that is being done (or undone).

    `chain` holds the surroundings from the guide's defaults to the step; `hop` and `bindings` say in
    which hop and include it stands.
    """

    planned: PlannedStep
    step: Step
    env: Environment
    chain: tuple[Surroundings, ...]
    hop: int
    bindings: dict[str, Any] = field(default_factory=dict)
    undoing: bool = False

    @property
    def key(self) -> str:
        """Its address in the journal."""
        return self.planned.key


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended."""

    status: StepStatus
    why: str = ""
    how: str = "ran"
    lines: tuple[str, ...] = ()
    """What to look at: the last error lines, findings."""
    advice: tuple[tuple[str, str], ...] = ()
    from_before: bool = False
    """Whether it ended so before this driver came."""
    not_begun: bool = False
    """Whether nothing of the step's action was started."""


def surroundings(work: Work, base: Mapping[str, str], guide_folder: Path) -> Place:
    """The place a step's commands run in."""
    from wizard.run.surroundings import place

    return place(work.chain, work.env, base, guide_folder=guide_folder)
