"""Side doors: what a step offers while it waits or has failed, and procedures that can be called later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExitCode, UsageError
from wizard.guide.models import Step
from wizard.plan.model import Included, PlannedStep
from wizard.plan.steps import leaves
from wizard.run.aside import do_aside
from wizard.run.context import Leave
from wizard.run.events import RunEnded, Said
from wizard.run.growing import procedure_steps
from wizard.run.left_for_later import handed_over, left_to_do
from wizard.run.records import Record
from wizard.run.state import SETTLED, StepStatus
from wizard.run.work import Work

if TYPE_CHECKING:
    from wizard.guide.models import Guide, Procedure
    from wizard.plan.model import Plan
    from wizard.run.context import Run
    from wizard.run.state import State
    from wizard.run.walk import Walk


def take_offer(walk: Walk, work: Work, number: int) -> None:
    """Go through a side door of a step: show a text, run a command, or call a procedure."""
    from wizard.templates import render_text

    offer = work.step.offers[number]
    title = render_text(offer.title, work.env)
    if offer.text is not None:
        walk.run.operator.tell(Said(f"{title}\n{render_text(offer.text, work.env)}"))
    elif offer.include is not None:
        call(walk, offer.include)
    elif offer.run is not None:
        step = Step.model_validate(
            {"id": f"offer-{number}", "title": title, "run": offer.run, "ask_first": offer.ask_first, "rerun": "safe"}
        )
        planned = PlannedStep(
            key=f"offer/{work.key}/{number}",
            code=f"{work.planned.code}o{number + 1}",
            id=step.id,
            title=title,
            path=work.planned.path,
            action=step.action,
            impact=work.planned.impact,
            included=Included.YES,
        )
        side = Work(planned, step, work.env, (*work.chain[:-1], step), work.hop, work.bindings)
        do_aside(walk.run, side, title, ask=offer.ask_first != "never")


def offered(run: Run) -> list[tuple[str, Procedure]]:
    """The procedures that can be called now."""
    return offered_by(run.loaded.guide, run.plan, run.state) if run.plan is not None else []


def offered_by(guide: Guide, plan: Plan, state: State) -> list[tuple[str, Procedure]]:
    """The procedures that can be called: their step is done, and the one that ends the offer is not."""
    done = {
        step.id
        for phase in plan.phases
        for step in leaves(phase.steps)
        if state.status(step.key) in SETTLED and state.status(step.key) is not StepStatus.SKIPPED
    }
    return [
        (name, procedure)
        for name, procedure in guide.procedures.items()
        if procedure.offer is not None
        and procedure.offer.after in done
        and (procedure.offer.until is None or procedure.offer.until not in done)
    ]


def call(walk: Walk, name: str) -> None:
    """Walk the steps of a procedure once; an interrupted call is gone on with."""
    run = walk.run
    prefix = run.state.open_procedure
    if not prefix.startswith(f"procedure/{name}/"):
        number = run.state.procedures.get(name, 0) + 1
        prefix = f"procedure/{name}/{number}"
        run.record(Record.PROCEDURE_BEGAN, id=name, number=number)
    for planned in procedure_steps(run, prefix):
        walk.step(planned)
    for planned in walk.beside.ending_with(prefix):
        walk.beside.end(planned)
    run.record(Record.PROCEDURE_ENDED, id=name)


def call_offered(walk: Walk, name: str) -> ExitCode:
    """Call a procedure that is offered, from outside the walk (also after the run is done)."""
    names = [one for one, _ in offered(walk.run)]
    if name not in names:
        known = f"Offered now: {', '.join(names)}." if names else "No procedure is offered now."
        raise UsageError(f"the procedure {name!r} is not offered at this point", hint=known)
    try:
        call(walk, name)
    except Leave as leave:
        return walk.leave(leave)
    tell_end(walk.run, f"procedure {name} is done")
    return ExitCode.DONE


def tell_end(run: Run, detail: str = "") -> None:
    """Say that there is nothing to go on with, and what can be done all the same."""
    from wizard.run.status import next_steps

    calls = tuple(name for name, _ in offered(run))
    ways = next_steps(run.plan, run.state, run.state.word, offered=calls)
    run.operator.tell(RunEnded(run.state.word, detail, ways, left_to_do(run.state), handed_over(run.state)))
