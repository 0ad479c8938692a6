"""What a step needs before its action: secrets that were never stored, and the operator's word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.plan.confirmations import confirmation_of
from wizard.run.boxes import commands_of
from wizard.run.operator import ConfirmRequest, SecretRequest
from wizard.run.records import Record

if TYPE_CHECKING:
    from wizard.guide.models import Model
    from wizard.questions.asked_first import Word
    from wizard.run.context import Run
    from wizard.run.work import Work


def ask_for_secrets(run: Run, *models: Model) -> None:
    """Ask again for the secrets the models use and this driver does not know."""
    from wizard.guide.walk import every_text

    unknown = [name for name, data in run.state.answers.items() if data.get("secret") and run.secrets.get(name) is None]
    if not unknown or not models:
        return
    text = "\n".join(placed.text for model in (*models, run.loaded.guide.defaults) for placed in every_text(model))
    for name in unknown:
        if re.search(rf"\banswers\.{name}\b", text):
            run.secrets.put(name, run.operator.secret(SecretRequest(name, _label(run, name), "It was never stored.")))


def _label(run: Run, name: str) -> str:
    for section in run.loaded.guide.questions:
        for question in section.ask:
            if question.id == name:
                return question.label
    return name


def wants_word(run: Run, work: Work) -> bool:
    """Whether the operator's word is wanted before the step acts."""
    return not run.effects.rehearsed and _word(run, work)[0] != "never"


def _word(run: Run, work: Work) -> tuple[Word, list[str]]:
    """The word that is wanted, and the dangers it is wanted for."""
    from wizard.run.boxes import of_step

    dangers = [text for kind, _, text in of_step(run, work) if kind == "danger"]
    return confirmation_of(work.step, work.planned.impact, danger=bool(dangers)), dangers


def confirm_first(run: Run, work: Work, shown: tuple[str, ...]) -> bool:
    """Take the operator's word; whether the step may go on."""
    from wizard.run.boxes import words_of

    wanted, dangers = _word(run, work)
    title, why = words_of(work)
    reply = run.operator.confirm(
        ConfirmRequest(
            id=work.planned.id,
            title=f"{work.planned.code} {title}",
            say="\n".join([*dangers, why] if why else dangers) or "Do this now?",
            typed=work.planned.id if wanted == "typed" else "",
            danger=bool(dangers) or wanted == "typed",
            shown=commands_of(run, work) or shown,
        )
    )
    run.record(Record.CONFIRMED, key=work.key, yes=reply.yes)
    return reply.yes
