"""A plan that grows while it is walked: what the journal says was added to it, and adding to it now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.errors import BlockedError, SessionError, StepFailedError
from wizard.plan.steps import find_step, step_below
from wizard.run.events import PlanGrew
from wizard.run.folding import ASIDE
from wizard.run.records import Record
from wizard.run.seen import item_keys

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Step
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.context import Run
    from wizard.run.state import State


def whole(loaded: LoadedGuide, plan: Plan, state: State) -> Plan:
    """A frozen plan with all that was added to it: loops as they were unrolled, and the rounds that were begun."""
    from wizard.plan.growth import grown

    loops = {key: data for key, data in state.loops.items() if not key.startswith(ASIDE)}
    rounds = {key: number for key, number in state.rounds.items() if not key.startswith(ASIDE)}
    return grown(loaded, plan, loops, rounds) if loops or rounds else plan


def has_grown(state: State) -> bool:
    """Whether anything was added to the frozen plan, so that the guide is needed to read it."""
    return bool(state.loops or state.rounds)


def procedure_steps(run: Run, prefix: str) -> tuple[PlannedStep, ...]:
    """The steps of a procedure that was called (`procedure/go-back/1`), with all that was added to them."""
    return called_steps(run.loaded, run.state, prefix)


def called_steps(loaded: LoadedGuide, state: State, prefix: str) -> tuple[PlannedStep, ...]:
    """The same for whoever only looks on."""
    from wizard.guide.models import Impact
    from wizard.plan.build import plan_procedure
    from wizard.plan.growth import grown_steps, loop_from_data

    name = prefix.split("/")[1]
    steps = plan_procedure(loaded, name, prefix)
    loops = {key: loop_from_data(one) for key, one in state.loops.items() if key.startswith(f"{prefix}/")}
    rounds = {key: number for key, number in state.rounds.items() if key.startswith(f"{prefix}/")}
    impact = loaded.guide.procedures[name].impact or Impact.REVERSIBLE
    return grown_steps(loaded, steps, impact, loops, rounds) if loops or rounds else steps


def unrolled(run: Run, planned: PlannedStep, step: Step, env: Environment) -> PlannedStep:
    """A loop with its batches. One whose list is only known now is journalled before anything of it is done.

    What the journal has is never worked out again. StepFailedError where the list cannot be gone through.
    """
    from wizard.plan.growth import loop_to_data, make_loop

    if planned.loop is not None:
        return planned
    if planned.key not in run.state.loops:
        try:
            loop = make_loop(step, env)
        except BlockedError as error:
            raise StepFailedError(error.message, hint=error.hint) from error
        run.record(Record.LOOP_UNROLLED, key=planned.key, **loop_to_data(loop))
    return _grown(run, planned)


def in_round(run: Run, planned: PlannedStep, number: int) -> PlannedStep:
    """A repeated group with its rounds up to `number`, which is journalled before anything of it is done."""
    if run.state.rounds.get(planned.key, 0) < number:
        run.record(Record.ROUND_BEGAN, key=planned.key, number=number)
    return planned if len(planned.steps) >= number else _grown(run, planned)


def begin_phase(run: Run, phase: PlannedPhase) -> PlannedPhase:
    """Journal that a phase is begun; on coming back its `finally` is as it was planned, with nothing added to it."""
    from wizard.plan.store import plan_from_json

    head, state = f"{phase.key}/finally/", run.state
    anew = any(key.startswith(head) for key in (*state.loops, *state.rounds))
    run.record(Record.PHASE_BEGAN, key=phase.key, **{"finally": bool(phase.finally_steps)})
    data = run.session.plan(state.plan_sha256) if anew else None
    if data is None or run.plan is None:
        return phase
    frozen = next(one for one in plan_from_json(data).phases if one.key == phase.key)
    phase = replace(phase, finally_steps=frozen.finally_steps)
    run.plan = replace(run.plan, phases=tuple(phase if one.key == phase.key else one for one in run.plan.phases))
    return phase


def _grown(run: Run, planned: PlannedStep) -> PlannedStep:
    """The step as it is now that the journal says what was added to it; the run's plan holds it from now on."""
    from wizard.plan.growth import loop_from_data, unroll, with_round

    key, state = planned.key, run.state
    if key.startswith("undo/"):
        return _grown_alone(run, planned)
    if key.startswith("procedure/"):
        found = step_below(procedure_steps(run, "/".join(key.split("/")[:3])), key)
    elif run.plan is None:
        found = None
    else:
        if key in state.loops:
            run.plan = unroll(run.loaded, run.plan, key, loop_from_data(state.loops[key]))
        if key in state.rounds:
            run.plan = with_round(run.loaded, run.plan, key, state.rounds[key])
        run.operator.tell(PlanGrew(run.plan))
        found = find_step(run.plan, key)
    if found is None:
        raise SessionError(f"the plan has no place for {key}, which the journal tells of")
    return found


def _grown_alone(run: Run, planned: PlannedStep) -> PlannedStep:
    """A step of an undo as it is now: it stands in no plan, and is made anew for each undo."""
    from wizard.guide.models import Impact
    from wizard.plan.growth import grown_steps, loop_from_data

    key, state = planned.key, run.state
    loops = {key: loop_from_data(state.loops[key])} if key in state.loops else {}
    rounds = {key: state.rounds[key]} if key in state.rounds else {}
    (made,) = grown_steps(run.loaded, (planned,), Impact.RESTORING, loops, rounds, items=item_keys(key))
    return made
