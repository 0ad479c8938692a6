"""What is done beside the walk: fixes and offers. Cut off by a crash, they are brought to an end like steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExpressionError, HostError, StepFailedError
from wizard.run.actions.command import run_command
from wizard.run.boxes import commands_of, where_of
from wizard.run.events import StepBegan, StepEnded
from wizard.run.names import keep_snapshot
from wizard.run.operator import ConfirmRequest
from wizard.run.reconcile import reconcile
from wizard.run.records import Record
from wizard.run.state import StepStatus
from wizard.run.work import Outcome

if TYPE_CHECKING:
    from wizard.run.context import Run
    from wizard.run.work import Work


def do_aside(run: Run, work: Work, why: str, *, ask: bool = True) -> Outcome:
    """Do a command beside the walk, after a word of the operator where `ask`; what was begun before is ended first."""
    try:
        outcome = _begun_before(run, work) or _begin(run, work, why, ask=ask)
    except (StepFailedError, ExpressionError, HostError) as error:
        outcome = Outcome(StepStatus.FAILED, str(error))
    match outcome.status:
        case StepStatus.DONE | StepStatus.ALREADY_DONE:
            run.record(Record.STEP_DONE, key=work.key, how=outcome.how, reason=outcome.why, seconds=0.0)
        case StepStatus.UNKNOWN:
            run.record(Record.STEP_UNKNOWN, key=work.key, reason=outcome.why)
        case _:
            run.record(Record.STEP_FAILED, key=work.key, reason=outcome.why, not_begun=outcome.not_begun)
    status, rehearsed = run.state.status(work.key), run.effects.rehearsed
    run.operator.tell(StepEnded(work.planned, status, outcome.why, rehearsed=rehearsed))
    return outcome


def _begun_before(run: Run, work: Work) -> Outcome | None:
    """How it ended where it was begun and left; None where it is to be begun (again: it is safe to repeat)."""
    if run.state.status(work.key) not in (StepStatus.RUNNING, StepStatus.UNKNOWN):
        return None
    outcome = reconcile(run, work)
    return None if outcome is not None and outcome.status is StepStatus.UNKNOWN else outcome


def _begin(run: Run, work: Work, why: str, *, ask: bool) -> Outcome:
    shown = commands_of(run, work)
    where, rehearsed = where_of(work), run.effects.rehearsed
    typed = work.step.id if work.step.ask_first == "typed" else ""
    request = ConfirmRequest(
        work.step.id, work.planned.title, why, typed=typed, danger=bool(typed), shown=shown, where=where
    )
    if ask and not run.operator.confirm(request).yes:
        return Outcome(StepStatus.FAILED, "the operator did not want it", not_begun=True)
    run.operator.tell(StepBegan(work.planned, work.planned.title, why, shown, where=where, rehearsed=rehearsed))
    run.record(Record.STEP_BEGAN, key=work.key, names=keep_snapshot(run, work.env))
    return run_command(run, work, baseline=None)
