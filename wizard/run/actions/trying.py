"""Around a `run` step: its dry run before it, and the operator's reading of what it printed behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.run.actions.parts import part_of
from wizard.run.events import Said
from wizard.run.operator import Choice, ChoiceRequest, ConfirmRequest
from wizard.run.records import Record
from wizard.run.spool import Spool
from wizard.run.state import StepStatus
from wizard.run.work import Outcome

if TYPE_CHECKING:
    from wizard.run.context import Run
    from wizard.run.work import Work

_SHOWN: Final = 20
"""Last lines of an output that are shown again with a question about it."""


def try_first(run: Run, work: Work) -> Outcome | None:
    """Run the step's dry run, where the guide demands it or the operator wants it; None: go on with the step.

    It is an attempt of its own that moves nothing forward. What it would do is accepted by the operator
    each time the step is to be begun.
    """
    if work.step.dry_run is None:
        return None
    if work.step.preview == "must" or not run.effects.asks_first():
        return _must(run, work)
    if not run.operator.attended:
        return None
    while True:
        chosen = run.operator.choose(
            ChoiceRequest(
                id=f"preview:{work.planned.id}",
                title=f"{work.planned.code} {work.planned.title}",
                text="This step can first show what it would do; that changes nothing.",
                choices=(
                    Choice("preview", "Show first what it would do"),
                    Choice("start", "Go on with the step"),
                    Choice("no", "Do not do it"),
                ),
                default="preview",
            )
        )
        match chosen.key:
            case "start":
                return None
            case "no":
                return Outcome(StepStatus.FAILED, "the operator did not want it", not_begun=True)
            case _:
                outcome = _dry_run(run, work)
                if outcome.status is not StepStatus.DONE:
                    run.operator.tell(Said(f"The dry run did not end well: {outcome.why}", "warning"))


def _must(run: Run, work: Work) -> Outcome | None:
    outcome = _dry_run(run, work)
    if outcome.status is not StepStatus.DONE:
        return Outcome(
            StepStatus.FAILED, f"its dry run did not end well: {outcome.why}", lines=outcome.lines, not_begun=True
        )
    if not run.effects.asks_first():
        return None
    reply = run.operator.confirm(
        ConfirmRequest(
            id=f"preview:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title}",
            say="The dry run showed what the step would do. Is that what you want?",
        )
    )
    run.record(Record.CONFIRMED, key=f"preview/{work.key}", yes=reply.yes)
    if reply.yes:
        return None
    return Outcome(StepStatus.FAILED, "the operator did not want what its dry run showed", not_begun=True)


def _dry_run(run: Run, work: Work) -> Outcome:
    from wizard.run.aside import do_aside

    step = work.step
    part = part_of(
        work,
        f"preview/{work.key}",
        f"Dry run of {work.planned.title}",
        step.dry_run,
        stdin=step.stdin,
        terminal=step.terminal,
        timeout=step.timeout,
    )
    return do_aside(run, part, "What it would do:", ask=False)


def reviewed(run: Run, work: Work, outcome: Outcome) -> Outcome:
    """Let the operator state that what a command printed is as it should be, where the guide asks for it."""
    from wizard.templates import render_text

    good = outcome.status in (StepStatus.DONE, StepStatus.ALREADY_DONE)
    if work.step.review is None or not good or not run.effects.asks_first():
        return outcome
    attempt = run.state.step(work.key).attempt
    lines = Spool(run.effects.spool(run, attempt.id)).tail(_SHOWN) if attempt is not None else []
    reply = run.operator.confirm(
        ConfirmRequest(
            id=f"review:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title}: read what it printed",
            say=render_text(work.step.review, work.env),
            lines=tuple(lines),
        )
    )
    run.record(Record.CONFIRMED, key=work.key, yes=reply.yes, review=True)
    if reply.yes:
        return outcome
    return Outcome(StepStatus.FAILED, "the operator did not accept what it printed", lines=tuple(lines))
