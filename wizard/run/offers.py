"""Side doors: what a step offers while it waits or has failed, and procedures that can be called later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.errors import ExitCode, UsageError
from wizard.guide.models import Impact, Step
from wizard.plan.model import Included, PlannedStep
from wizard.plan.steps import leaves
from wizard.run.aside import do_aside
from wizard.run.context import Leave
from wizard.run.events import RunEnded, Said
from wizard.run.growing import procedure_steps
from wizard.run.left_for_later import handed_over, left_to_do
from wizard.run.operator import ConfirmRequest
from wizard.run.records import Record
from wizard.run.session_state import SessionState
from wizard.run.state import SETTLED, StepStatus
from wizard.run.work import Work
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.plan.model import Plan
    from wizard.run.context import Run
    from wizard.run.state import State
    from wizard.run.walk import Walk

_NOT_DONE: Final = frozenset({StepStatus.SKIPPED})
_NEVER: Final = (-1, 0)


def take_offer(walk: Walk, work: Work, number: int) -> str:
    """Go through a side door of a step: run a command, or call a procedure; a text is given back, to be read."""
    from wizard.templates import render_text

    offer = work.step.offers[number]
    title = render_text(offer.title, work.env)
    if offer.text is not None:
        return f"{title}: {render_text(offer.text, work.env)}"
    if offer.include is not None:
        call(walk, offer.include, work.hop)
        if walk.run.state.taken_back:
            # What stands around here does not any more: nothing is gone on with before it is said from where.
            raise Leave(SessionState.UNDONE, walk.run.state.detail, ExitCode.STOPPED)
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
    return ""


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """A procedure that can be called now, and the hop it then works in."""

    name: str
    title: str
    hop: int


def offered(run: Run) -> tuple[OpenOffer, ...]:
    """The procedures that can be called now."""
    return offered_by(run.plan, run.state) if run.plan is not None else ()


def offered_by(plan: Plan, state: State) -> tuple[OpenOffer, ...]:
    """The procedures that can be called: the step that begins the offer was done, and none that ends it behind it.

    Each works in the hop in which the first was done last. While a called procedure is not finished there is none.
    """
    if state.open_procedure or state.closed:
        return ()
    done: dict[str, tuple[int, int]] = {}
    at = 0
    for phase in plan.phases:
        for step in leaves(phase.steps):
            if state.status(step.key) in SETTLED - _NOT_DONE:
                at += 1
                done[step.id] = (at, phase.hop)
    return tuple(
        OpenOffer(offer.id, offer.title, done[offer.after][1])
        for offer in plan.procedures
        if offer.after in done and done[offer.after] > done.get(offer.until, _NEVER)
    )


def calls_of(offers: Iterable[OpenOffer]) -> tuple[tuple[str, str], ...]:
    """Names and titles of offers, as events and `wizard status` give them."""
    return tuple((one.name, one.title) for one in offers)


def call(walk: Walk, name: str, hop: int = 0) -> None:
    """Walk the steps of a procedure once, in a hop; an interrupted call is gone on with where it was made."""
    run = walk.run
    prefix = run.state.open_procedure
    if not prefix.startswith(f"procedure/{name}/"):
        number = run.state.procedures.get(name, 0) + 1
        prefix = f"procedure/{name}/{number}"
        run.record(Record.PROCEDURE_BEGAN, id=name, number=number, hop=hop)
    for planned in procedure_steps(run, prefix):
        walk.step(planned)
    for planned in walk.beside.ending_with(prefix):
        walk.beside.end(planned)
    takes_back = run.loaded.guide.procedures[name].impact is Impact.RESTORING
    words = f"the procedure {_words_of(run, name)} took it back" if takes_back else ""
    run.record(Record.PROCEDURE_ENDED, id=name, takes_back=words)


def _words_of(run: Run, name: str) -> str:
    """A procedure by its name and title."""
    from wizard.run.names import environment

    return f"{name} ({readable(run.loaded.guide.procedures[name].title, environment(run))})"


def must_be_offered(run: Run, name: str) -> OpenOffer:
    """The offer of a procedure. UsageError where it cannot be called now."""
    offers = offered(run)
    offer = next((one for one in offers if one.name == name), None)
    if offer is None:
        known = f"Offered now: {', '.join(one.name for one in offers)}." if offers else "No procedure is offered now."
        raise UsageError(f"the procedure {name!r} is not offered at this point", hint=known)
    return offer


def is_wanted(run: Run, name: str) -> bool:
    """Tell a person what calling a procedure that takes the run back will do, before anything is, and take their yes.

    Any other one, one that was begun, and any where nobody is there, is wanted. UsageError where another one was begun.
    """
    from wizard.run.undo_words import words_of_call

    if begun := run.state.open_procedure:
        if (other := begun.split("/")[1]) == name:
            return True
        hint = f"`wizard resume {run.session.id}` finishes it first."
        raise UsageError(f"the procedure {other!r} was begun and is not finished", hint=hint)
    hop = next((one.hop for one in offered(run) if one.name == name), 0)
    if not run.operator.attended or not (says := words_of_call(run, name, hop)):
        return True
    wanted = run.operator.confirm(ConfirmRequest(f"call:{name}", f"Call {name}?", "\n".join(says))).yes
    if not wanted:
        run.operator.tell(Said("Nothing was called."))
    return wanted


def call_offered(walk: Walk, name: str) -> ExitCode:
    """Call a procedure that is offered, from outside the walk (also after the run is done), or finish its call."""
    run = walk.run
    begun = run.state.open_procedure.startswith(f"procedure/{name}/")
    try:
        call(walk, name, 0 if begun else must_be_offered(run, name).hop)
    except Leave as leave:
        return walk.leave(leave)
    tell_called(run, name)
    return ExitCode.DONE


def tell_called(run: Run, name: str) -> None:
    """Say that a procedure is done, and where that leaves the run: where it stood before, or taken back."""
    done = f"the procedure {_words_of(run, name)} is done"
    if run.state.word is SessionState.DONE:
        tell_end(run, done)
        return
    run.operator.tell(Said(f"{done[:1].upper()}{done[1:]}."))
    tell_end(run, run.state.detail)


def tell_end(run: Run, detail: str = "") -> None:
    """Say where the run stands, and what can be done now."""
    from wizard.run.status import next_steps

    rehearsed = run.effects.rehearsed
    calls = () if rehearsed else calls_of(offered(run))
    ways = next_steps(run.plan, run.state, run.state.word, offered=calls)
    by_hand, away = left_to_do(run.state), handed_over(run.state)
    run.operator.tell(RunEnded(run.state.word, detail, ways, by_hand, away, calls, rehearsed))
