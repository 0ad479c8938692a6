"""What a run still owes the machine: temporary settings that stand, `finally` steps that have not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.plan.steps import leaves

if TYPE_CHECKING:
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.state import State


def temporary_in(phase: PlannedPhase, state: State) -> list[PlannedStep]:
    """Temporary settings of a phase that may stand, last one first."""
    standing = [step for step in leaves(phase.steps) if step.temporary and state.touched(step.key)]
    return standing[::-1]


def owed_by(plan: Plan, state: State) -> tuple[tuple[str, str], ...]:
    """Everything owed: (code, what), in the order of the plan."""
    items: list[tuple[str, str]] = []
    for phase in plan.phases:
        phase_state = state.phases.get(phase.key)
        if phase_state is None or phase_state.ended:
            continue
        items += [(step.code, f"set back: {step.title}") for step in temporary_in(phase, state)]
        if phase_state.finally_owed:
            items += [(step.code, step.title) for step in phase.finally_steps]
    return tuple(items)
