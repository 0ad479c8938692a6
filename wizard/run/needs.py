"""What a step needs before its action: secrets that were never stored, and the operator's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.models import ActionKind
from wizard.plan.confirmations import confirmation_of
from wizard.plan.steps import leaves
from wizard.questions.names import split_key
from wizard.run.boxes import commands_of
from wizard.run.collecting import read_again
from wizard.run.operator import ConfirmRequest
from wizard.run.records import Record, has_mask
from wizard.run.secret_answers import ask_again, secrets_missing
from wizard.run.state import SETTLED

if TYPE_CHECKING:
    from collections.abc import Collection

    from wizard.guide.models.steps import Surroundings
    from wizard.plan.model import Plan
    from wizard.questions.asked_first import Word
    from wizard.run.context import Run
    from wizard.run.work import Work


def ask_for_secrets(run: Run, *chain: Surroundings) -> None:
    """Ask again for the secrets a step uses and this driver does not know; facts of it that were masked are read again.

    `chain` leads from the guide's defaults inwards to the step: of what is around the step only the
    surroundings count, of the step itself every text, through `values` and connections.
    """
    _, references = run.memory.once(("references", *map(id, chain)), None, lambda: (chain, _references(run, chain)))
    used = {name for space, name in references if space == "answers"}
    _ask(run, [name for name in secrets_missing(run) if split_key(name)[0] in used or "" in used])
    _read_again(run, {name for space, name in references if space == "facts"})


def ask_for_what_is_left(run: Run, plan: Plan) -> None:
    """Ask once for the secrets of the session before a resumed walk goes on.

    A person gives all of them where something is left that may print or show one: what is not known
    cannot be hidden. Where nobody is there it is enough that what every command gets can be given.
    """
    if run.operator.attended and _may_show(run, plan):
        _ask(run, secrets_missing(run))
    ask_for_secrets(run, run.loaded.guide.defaults)


def ask_for_all_secrets(run: Run) -> None:
    """Ask a person for every secret of the session that is not known, so that what is shown next can be redacted."""
    if run.operator.attended:
        _ask(run, secrets_missing(run))


def _may_show(run: Run, plan: Plan) -> bool:
    """Whether a command or an edit is left."""
    acting = (ActionKind.RUN, ActionKind.EDIT)
    return any(
        step.action in acting and run.state.status(step.key) not in SETTLED
        for phase in plan.phases
        for step in leaves((*phase.steps, *phase.finally_steps))
    )


def _ask(run: Run, names: Collection[str]) -> None:
    for name in names:
        ask_again(run, name)


def _references(run: Run, chain: Collection[Surroundings]) -> set[tuple[str, str]]:
    """Space and first name of everything a step's texts and its surroundings are made of."""
    from wizard.facts.references import references_of, root_of
    from wizard.guide.models.steps import Surroundings

    *around, step = chain
    fields = Surroundings.model_fields
    outer = [Surroundings.model_construct(**{name: getattr(one, name) for name in fields}) for one in around]
    found = (references_of(one, run.loaded.guide, without=()) for one in (*outer, step))
    return {root_of(reference) for references in found for reference in references}


def _read_again(run: Run, names: Collection[str]) -> None:
    """Read facts again of which the journal holds a part only as a mask, and this process nothing.

    Only what was masked is taken from the reading; the rest stays as the journal has it.
    """
    from wizard.facts.model import FactStatus

    lost = [
        name
        for name, data in run.state.facts.items()
        if split_key(name)[0] in names and has_mask(data["value"]) and run.secrets.kept(("facts", name)) is None
    ]
    if not lost:
        return
    for reading in read_again(run, lost):
        if reading.status is FactStatus.KNOWN:
            run.secrets.keep(("facts", reading.id), reading.value)


def wants_word(run: Run, work: Work) -> bool:
    """Whether the operator's word is wanted before the step acts."""
    return run.effects.asks_first() and _word(run, work)[0] != "never"


def _word(run: Run, work: Work) -> tuple[Word, list[str]]:
    """The word that is wanted, and the dangers it is wanted for."""
    from wizard.run.boxes import of_step

    dangers = [text for kind, _, text in of_step(run, work) if kind == "danger"]
    return confirmation_of(work.step, work.planned.impact, danger=bool(dangers)), dangers


def confirm_first(run: Run, work: Work, difference: tuple[str, ...]) -> bool:
    """Take the operator's word; whether the step may go on. `difference` is what an edit is going to change."""
    from wizard.run.boxes import where_of, words_of

    wanted, dangers = _word(run, work)
    title, why = words_of(work)
    reply = run.operator.confirm(
        ConfirmRequest(
            id=work.planned.id,
            title=f"{work.planned.code} {title}",
            say="\n".join([*dangers, why] if why else dangers) or "Do this now?",
            typed=work.planned.id if wanted == "typed" else "",
            danger=bool(dangers) or wanted == "typed",
            shown=commands_of(run, work),
            where=where_of(work) if commands_of(run, work) else "",
            difference=difference,
        )
    )
    run.record(Record.CONFIRMED, key=work.key, yes=reply.yes)
    return reply.yes
