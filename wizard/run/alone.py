"""Going on where the front end was lost: only through phases the guide lets go on alone, and steps that need nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import AnswersError, ExitCode
from wizard.plan.addresses import phase_of
from wizard.run import boxes
from wizard.run.context import Leave, left_by
from wizard.run.reading import not_read
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from wizard.errors import WizardError
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.context import Run
    from wizard.run.session import Session
    from wizard.run.state import State


def may_go_on_alone(session: Session, state: State, plan: Plan | None) -> bool:
    """Whether a walk whose front end was lost stands in a phase that goes on alone."""
    if plan is None or not state.walking or state.finished or state.undo_scope or state.open_procedure:
        return False
    here = phase_of(state.current)
    phase = next((one for one in plan.phases if one.key == here), None)
    models = session.load_guide().guide.phases if phase is not None else []
    return any(model.goes_on_alone for model in models if phase is not None and model.id == phase.id)


def enter(run: Run, phase: PlannedPhase) -> None:
    """Leave before a phase that nobody said may go on alone."""
    if run.alone_only and not any(one.goes_on_alone for one in run.loaded.guide.phases if one.id == phase.id):
        raise _waits(f"{phase.code} {phase.title}", "does not go on alone")
    if run.alone_only and not_read(run, boxes.of_phase(run, phase, to_be_read=True)):
        raise _waits(f"{phase.code} {phase.title}", "has notes that somebody must read")


def begin(run: Run, planned: PlannedStep) -> None:
    """Leave before a step that needs a person."""
    if run.alone_only and planned.needs_person:
        raise _waits(f"{planned.code} {planned.title}", "needs somebody")


def leave_by(run: Run, planned: PlannedStep, error: WizardError) -> Leave:
    """What an error makes of the walk; alone, a word or a secret that only a person can give is waited for."""
    if run.alone_only and isinstance(error, AnswersError):
        return _waits(f"{planned.code} {planned.title}", "needs somebody")
    return left_by(error)


def _waits(what: str, why: str) -> Leave:
    """Nothing is set back: whoever comes goes on from here."""
    return Leave(SessionState.WAITING, f"{what} {why}", ExitCode.STOPPED, sets_back=False)
