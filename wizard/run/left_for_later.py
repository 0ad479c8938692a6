"""What the operator leaves to be done by hand after the run, and what was handed to other people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.run.operator import Choice, ChoiceRequest
from wizard.run.records import Record
from wizard.run.state import StepStatus
from wizard.run.work import Outcome

if TYPE_CHECKING:
    from wizard.run.context import Run
    from wizard.run.state import State
    from wizard.run.work import Work


def defer(run: Run, work: Work, text: str, reason: str, *, item: int = 0) -> None:
    """Journal that a part of a step (0: all of it) is left for after the run."""
    run.record(
        Record.DEFERRED,
        key=work.key,
        code=work.planned.code,
        title=work.planned.title,
        item=item,
        text=text,
        reason=reason,
    )


def left_now(run: Run, work: Work) -> Outcome | None:
    """Ask whether a step that may be left for after the run is; None where it is done now."""
    from wizard.templates import render_text

    if work.step.defer is None or work.undoing or not run.effects.asks_first():
        return None
    text = render_text(work.step.defer, work.env)
    chosen = run.operator.choose(
        ChoiceRequest(
            id=f"defer:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title}",
            text=f"This step may be left for after the run: {text}",
            choices=(Choice("now", "Do it now"), Choice("defer", "Leave it for after the run", reason=True)),
            default="now",
        )
    )
    return deferred(run, work, chosen.reason) if chosen.key == "defer" else None


def deferred(run: Run, work: Work, reason: str) -> Outcome:
    """Leave a whole step for after the run: it is skipped, and listed at the end."""
    from wizard.templates import render_text

    defer(run, work, render_text(work.step.defer or work.step.title, work.env), reason)
    return Outcome(StepStatus.SKIPPED, f"left for after the run: {reason}", "deferred")


def left_to_do(state: State) -> tuple[tuple[str, str], ...]:
    """What is left to be done by hand: code of the step, and what and why, in the order of the run."""
    return tuple(
        (one.code, f"{one.title}: {one.text} — {one.reason}" if number else f"{one.title} — {one.reason}")
        for step in state.steps.values()
        for number, one in step.deferred.items()
    )


def handed_over(state: State) -> tuple[tuple[str, str, str], ...]:
    """What was handed to other people and is not back: code of the step, to whom, and the file with the text."""
    over = (StepStatus.DONE, StepStatus.ALREADY_DONE, StepStatus.SKIPPED, StepStatus.UNDONE)
    return tuple(
        (step.handed.code, step.handed.to, step.handed.file)
        for step in state.steps.values()
        if step.handed is not None and step.status not in over
    )
