"""One step at work: its model, its place in the plan, and the names its texts are rendered from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.models import Step
    from wizard.guide.models.steps import Surroundings
    from wizard.plan.model import PlannedStep
    from wizard.run.context import Run
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


def surroundings(run: Run, work: Work) -> Place:
    """The place a step's commands run in; every secret of its environment is known from now on.

    StepFailedError where an `env_file` cannot be read.
    """
    from wizard.run.surroundings import place

    found = place(work.chain, work.env, run.session.environment, loaded=run.loaded, machine=run.machine)
    for secret in found.secret_environment.values():
        run.secrets.add(secret)
    return found
