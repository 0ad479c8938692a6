"""Asking checks while a person does something by hand, so that they see when it holds; nothing of it is journalled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.checks.words import seen_lines
from wizard.run.asking import context_of, redacted
from wizard.run.operator import Looked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.guide.models import StepCheck
    from wizard.run.context import Run
    from wizard.run.work import Work


def look_along(run: Run, work: Work, checks: Sequence[StepCheck]) -> Callable[[], Looked] | None:
    """Give what looks whether `checks` hold now; None where there are none, or nothing is really done.

    It waits for nothing, asks nobody, and journals nothing: after the person's word the checks are asked again, and
    that counts.
    """
    if not checks or run.effects.rehearsed:
        return None

    def look() -> Looked:
        from wizard.checks.ask import ask_checks

        context = replace(context_of(run, work.env, work.chain), patient=False, state=lambda _: None)
        findings = tuple(redacted(run, one) for one in ask_checks(checks, context))
        return Looked(run.effects.verdict(findings), seen_lines(findings))

    return look
