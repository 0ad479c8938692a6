"""The words that an undo or a called procedure will want, listed together before anything of it is done.

Only where nobody is there: a person is asked when it comes to each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import AnswersError
from wizard.guide.models import Impact
from wizard.plan.confirmations import missing_words
from wizard.problems import Problem
from wizard.run.places import model_of
from wizard.run.state import PASSED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.guide.models import Step
    from wizard.plan.model import PlannedStep
    from wizard.questions.model import AnswersFile
    from wizard.run.context import Run
    from wizard.run.undo import Undo

_LISTED: Final = "The answers file does not hold all the words this wants; nothing was done."


class WordsMissingError(AnswersError):
    """Words are missing for something that was not begun, so that the session stays as it is."""


def words_for_undo(undo: Undo, run: Run, scope: str, given: AnswersFile) -> None:
    """Hold an answers file against all that an undo of `scope` will ask. WordsMissingError with everything it lacks."""
    if run.operator.attended:
        return
    steps = undo.goes_over(scope)
    problems = [*_past(undo.without_undo(steps), given)]
    problems += missing_words(run.loaded.guide, given, _of_undo(run, steps))
    if problems:
        raise WordsMissingError(_LISTED, problems)


def words_for_call(run: Run, name: str, given: AnswersFile) -> None:
    """Hold an answers file against all that a procedure will ask. WordsMissingError with everything it lacks."""
    procedure = run.loaded.guide.procedures.get(name)
    if run.operator.attended or procedure is None:
        return
    impact = procedure.impact or Impact.REVERSIBLE
    if problems := missing_words(run.loaded.guide, given, [(step, impact) for step in procedure.steps], within=name):
        raise WordsMissingError(_LISTED, problems)


def _past(without: Sequence[PlannedStep], given: AnswersFile) -> Iterator[Problem]:
    """The word to go past steps that have no undo."""
    if without and "undo-past" not in given.confirmations:
        names = "; ".join(f"{step.code} {step.title}" for step in without)
        message = f"these steps have no undo and stay as they are: {names}"
        hint = "under `confirmations:` add `undo-past: true`"
        yield Problem(message, given.path, key="confirmations.undo-past", hint=hint, rule="confirmation-missing")


def _of_undo(run: Run, steps: Sequence[PlannedStep]) -> Iterator[tuple[Step, Impact]]:
    """The undo steps that are still to be walked, and what is owed at the end of the phases they touch."""
    for planned in steps:
        for step in model_of(run, planned).undo:
            if run.state.status(f"undo/{planned.key}/{step.id}") not in PASSED:
                yield step, step.impact or Impact.RESTORING
    phases = {"/".join(step.key.split("/")[:2]) for step in steps}
    for phase in run.plan.phases if run.plan is not None else ():
        if phase.key in phases and run.state.phase(phase.key).finally_owed:
            for planned in phase.finally_steps:
                yield model_of(run, planned), planned.impact
