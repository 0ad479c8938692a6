"""Commands that the guide forbids: every one of its patterns held against a command as it is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.errors import BlockedError
from wizard.plan.model import Included
from wizard.templates import render_regex, render_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.expressions import Environment
    from wizard.guide.models import Guide
    from wizard.plan.model import Plan, PlannedStep

_QUOTES: Final = re.compile(r"[\"'\\]")


def why_forbidden(guide: Guide, shown: str, env: Environment) -> str:
    """Why the guide forbids a command; empty where it does not.

    Quotes are no way around a pattern: it is held against the command without them too. ExpressionError
    where a value of the pattern is missing.
    """
    for rule in guide.forbid:
        pattern = render_regex(rule.command, env)
        if re.search(pattern, shown) or re.search(pattern, _QUOTES.sub("", shown)):
            return render_text(rule.why, env)
    return ""


def refuse_forbidden(plan: Plan, guide: Guide, env: Environment) -> None:
    """Refuse a plan with a forbidden command in a step that is sure to be walked. BlockedError names all of them."""
    if not guide.forbid:
        return
    phases = (phase for phase in plan.phases if phase.included is Included.YES)
    found = [
        f"step {step.code} {step.title}: {why}\n  {command}"
        for phase in phases
        for step in _sure((*phase.steps, *phase.finally_steps))
        for command in step.commands
        if (why := why_forbidden(guide, command, env))
    ]
    if found:
        message = "\n".join(["The guide forbids a command that this plan would run:", *found])
        raise BlockedError(message, hint="Nothing was changed. Change the answer it was made from.")


def _sure(steps: Iterable[PlannedStep]) -> Iterator[PlannedStep]:
    for step in steps:
        if step.included is Included.YES:
            yield step
            yield from _sure(step.steps)
