"""Carrying out a check's fix: shown, confirmed, run as an attempt like every other command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.models import Impact, Step
from wizard.plan.model import Included, PlannedStep
from wizard.run.actions.command import run_command
from wizard.run.events import StepBegan, StepEnded
from wizard.run.names import environment, keep_snapshot
from wizard.run.operator import ConfirmRequest
from wizard.run.records import Record
from wizard.run.state import StepStatus
from wizard.run.work import Work

if TYPE_CHECKING:
    from wizard.guide.models import Check
    from wizard.run.context import Run


def carry_out(run: Run, check: Check) -> bool:
    """Run the fix of `check`; whether it was run and ended well. The check itself is asked again by the caller."""
    from wizard.run.boxes import commands_of
    from wizard.templates import render_text

    fix = check.fix
    if fix is None:
        return False
    env = environment(run)
    step = Step.model_validate(
        {
            "id": f"fix-{check.id}",
            "title": fix.title,
            "run": fix.run,
            "folder": fix.folder,
            "user": fix.user,
            "env": fix.env,
            "terminal": fix.terminal,
            "timeout": fix.timeout,
            "rerun": "safe",
        }
    )
    planned = PlannedStep(
        key=f"fix/{check.id}",
        code="fix",
        id=step.id,
        title=render_text(fix.title, env),
        path=f"checks.{check.id}.fix",
        action=step.action,
        impact=Impact.REVERSIBLE,
        included=Included.YES,
    )
    work = Work(planned, step, env, (run.loaded.guide.defaults, step), 0)
    shown = commands_of(run, work)
    why = render_text(fix.why, env) if fix.why else ""
    if not run.operator.confirm(ConfirmRequest(step.id, planned.title, why or "Do this now?", shown=shown)).yes:
        return False
    run.operator.tell(StepBegan(planned, planned.title, why, shown))
    run.record(Record.STEP_BEGAN, key=planned.key, names=keep_snapshot(run, env))
    outcome = run_command(run, work, baseline=None)
    if outcome.status is StepStatus.DONE:
        run.record(Record.STEP_DONE, key=planned.key, how="ran", reason=outcome.why, seconds=0.0)
    else:
        run.record(Record.STEP_FAILED, key=planned.key, reason=outcome.why)
    run.operator.tell(StepEnded(planned, outcome.status, outcome.why))
    return outcome.status is StepStatus.DONE
