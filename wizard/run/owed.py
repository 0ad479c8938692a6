"""What a run still owes the machine: temporary settings that stand, `finally` steps that have not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.plan.model import Included
from wizard.plan.steps import find_step
from wizard.run.state import PASSED, StepStatus
from wizard.run.units import is_touched, temporary_units

if TYPE_CHECKING:
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.state import State


def temporary_in(phase: PlannedPhase, state: State) -> list[PlannedStep]:
    """Temporary settings of a phase that may stand, last one first."""
    return [unit for unit in temporary_units(phase.steps) if is_touched(state, unit)][::-1]


def in_background(plan: Plan, state: State) -> list[PlannedStep]:
    """Steps whose commands were left running beside the walk, in the order they were begun."""
    keys = [key for key, step in state.steps.items() if step.status is StepStatus.IN_BACKGROUND]
    return [planned for key in keys if (planned := find_step(plan, key)) is not None]


def finally_in(phase: PlannedPhase, state: State) -> list[PlannedStep]:
    """`finally` steps of a phase that are still to run before it can be left."""
    if not state.phase(phase.key).finally_owed:
        return []
    steps = phase.finally_steps
    return [one for one in steps if one.included is not Included.NO and state.status(one.key) not in PASSED]


def owed_by(plan: Plan, state: State) -> tuple[tuple[str, str], ...]:
    """Everything owed: (code, what), in the order of the plan."""
    items = [(step.code, f"{step.title} runs in the background") for step in in_background(plan, state)]
    for phase in plan.phases:
        phase_state = state.phases.get(phase.key)
        if phase_state is None or phase_state.ended:
            continue
        items += [(step.code, f"set back: {step.title}") for step in temporary_in(phase, state)]
        items += [(step.code, step.title) for step in finally_in(phase, state)]
    return tuple(items)
