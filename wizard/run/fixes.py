"""Carrying out a check's fix: shown, confirmed, run as an attempt like every other command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.models import Impact, Step
from wizard.plan.model import Included, PlannedStep
from wizard.run.aside import do_aside
from wizard.run.names import environment
from wizard.run.state import StepStatus
from wizard.run.work import Work

if TYPE_CHECKING:
    from wizard.guide.models import Check
    from wizard.run.context import Run


def carry_out(run: Run, check: Check) -> bool:
    """Run the fix of `check`; whether it was run and ended well. The check itself is asked again by the caller."""
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
    why = render_text(fix.why, env) if fix.why else "Do this now?"
    return do_aside(run, work, why).status is StepStatus.DONE
