"""Carrying out a check's fix: shown, confirmed, run as an attempt like every other command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.model import Status
from wizard.facts.items import items_of
from wizard.guide.models import Impact, Step
from wizard.plan.model import Included, PlannedStep
from wizard.run.aside import do_aside
from wizard.run.asking import ask_one
from wizard.run.names import environment
from wizard.run.state import StepStatus
from wizard.run.work import Work

if TYPE_CHECKING:
    from wizard.checks.model import Finding
    from wizard.expressions import Environment
    from wizard.guide.models import Check
    from wizard.guide.models.checks import Fix
    from wizard.run.context import Run


def carry_out(run: Run, check: Check, env: Environment | None = None) -> bool:
    """Run the fix of `check`; whether it was run and ended well. The check itself is asked again by the caller.

    Of a check for each item the fix is run for those items that do not pass. `env` holds what the check sees, where
    that is more than what is known outside of hops.
    """
    if check.fix is None:
        return False
    env = environment(run) if env is None else env
    if check.for_each is None:
        return _fixed(run, check, check.fix, env, "")
    once = check.model_copy(update={"for_each": None})
    inside = [(item.key, env.with_names(**{check.for_each.name: item.value})) for item in items_of(check.for_each, env)]
    failing = [(key, one) for key, one in inside if not _passes(ask_one(run, once, one))]
    return all(_fixed(run, check, check.fix, one, key) for key, one in failing)


def _passes(finding: Finding) -> bool:
    return finding.passed or finding.status is Status.SKIPPED


def _fixed(run: Run, check: Check, fix: Fix, env: Environment, item: str) -> bool:
    """Run a fix with the names of `env`, for `item` where the check is asked for several."""
    from wizard.templates import render_text

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
        key=f"fix/{check.id}@{item}" if item else f"fix/{check.id}",
        code="fix",
        item=item,
        id=step.id,
        title=render_text(fix.title, env),
        path=f"checks.{check.id}.fix",
        action=step.action,
        impact=Impact.REVERSIBLE,
        included=Included.YES,
    )
    work = Work(planned, step, env, (run.loaded.guide.defaults, step), 0)
    why = render_text(fix.why, env) if fix.why else "Do this now?"
    if run.effects.rehearsed:
        why = "This is a rehearsal: it is shown, and not done."
    return do_aside(run, work, why).status is StepStatus.DONE
