"""The words that an undo or a called procedure will want, listed together before anything of it is done.

Only where nobody is there: a person is asked when it comes to each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import AnswersError
from wizard.expressions import holds_or
from wizard.guide.models import Impact
from wizard.plan.addresses import phase_of
from wizard.plan.confirmations import missing_words
from wizard.problems import Problem
from wizard.run.names import environment
from wizard.run.places import model_of
from wizard.run.state import PASSED
from wizard.run.units import is_touched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.expressions import Environment
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
    problems += missing_words(run.loaded.guide, given, _of_undo(undo, run, steps))
    if problems:
        raise WordsMissingError(_LISTED, problems)


def words_for_call(run: Run, name: str, hop: int, given: AnswersFile) -> None:
    """Hold an answers file against all that a procedure will ask. WordsMissingError with everything it lacks."""
    procedure = run.loaded.guide.procedures.get(name)
    if run.operator.attended or procedure is None:
        return
    steps = _reached(procedure.steps, procedure.impact or Impact.REVERSIBLE, environment(run, hop=hop))
    if problems := missing_words(run.loaded.guide, given, steps, within=name):
        raise WordsMissingError(_LISTED, problems)


def _past(without: Sequence[PlannedStep], given: AnswersFile) -> Iterator[Problem]:
    """The word to go past steps that have no undo."""
    if without and "undo-past" not in given.confirmations:
        names = "; ".join(f"{step.code} {step.title}" for step in without)
        message = f"these steps have no undo and stay as they are: {names}"
        hint = "under `confirmations:` add `undo-past: true`"
        yield Problem(message, given.path, key="confirmations.undo-past", hint=hint, rule="confirmation-missing")


def _reached(steps: Iterable[Step], around: Impact, env: Environment) -> Iterator[tuple[Step, Impact]]:
    """The steps that would be walked if they were reached now; what cannot be decided now counts as one."""
    for step in steps:
        impact = step.impact or around
        if not comes(step, env):
            continue
        if step.steps is not None and step.for_each is None:
            yield from _reached(step.steps, impact, env)
        else:
            yield step, impact


def comes(step: Step, env: Environment) -> bool:
    """Whether a step would be walked if it were reached now; what cannot be decided now counts as one."""
    return step.when is None or step.for_each is not None or holds_or(step.when, env, otherwise=True)


def _of_undo(undo: Undo, run: Run, steps: Sequence[PlannedStep]) -> Iterator[tuple[Step, Impact]]:
    """The undo steps that are still to be walked, and what is owed at the end of the phases they touch."""
    for planned in steps:
        left = [
            step
            for step in model_of(run, planned).undo
            if run.state.status(f"undo/{planned.key}/{step.id}") not in PASSED
        ]
        if left and is_touched(run.state, planned):
            yield from _reached(left, Impact.RESTORING, undo.names(planned))
    phases = {phase_of(step.key) for step in steps}
    for phase in run.plan.phases if run.plan is not None else ():
        if phase.key in phases and run.state.phase(phase.key).finally_owed:
            for planned in phase.finally_steps:
                yield model_of(run, planned), planned.impact
