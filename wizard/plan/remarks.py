"""What else there is to know of a step before it begins, in a few words each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.guide.models.steps import Impact, ManualList
from wizard.units import parse_duration, show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.guide.models import Guide, Note, Step, StepCheck
    from wizard.plan.frames import Frame

_CHECKS_NAMED: Final = 3


def remarks_of(guide: Guide, step: Step, frame: Frame) -> tuple[str, ...]:
    """The remarks about one step: what runs beside the walk, what it waits for, who else has a part in it."""
    return tuple(_remarks(guide, step, frame))


def _remarks(guide: Guide, step: Step, frame: Frame) -> Iterator[str]:
    if step.repeat is not None:
        yield rounds_words(guide, step, frame)
    if step.once == "batch":
        yield "once for each batch"
    if step.background:
        until = {"phase": "the phase ends", "run": "the run ends"}.get(step.until or "phase")
        yield f"runs in the background until {until or f'step {step.until} ends'}"
    if step.keep:
        yield "may outlive the run"
    yield from _of_action(step, frame)
    if step.preview == "must":
        yield "its dry run is read before it begins"
    if step.review is not None:
        yield f"somebody states afterwards: {frame.readable(step.review)}"
    if step.hand_over is not None:
        yield f"is handed over to {frame.readable(step.hand_over.to)}"
    if step.defer is not None:
        yield f"may be left for later: {frame.readable(step.defer)}"


def _of_action(step: Step, frame: Frame) -> Iterator[str]:
    if step.monitor is not None:
        yield f"looks every {_time(step.monitor.every, frame)} for {_time(step.monitor.for_, frame)}"
    if step.wait is not None and step.wait.at_most is not None:
        yield f"waits at most {_time(step.wait.at_most, frame)}"
    if step.gate is not None:
        yield "may be passed by typing a reason" if step.gate.override == "typed" else "cannot be passed otherwise"
    if step.edit is not None:
        how = ", by hand" if step.edit.by_hand else ""
        yield f"changes {frame.readable(step.edit.file)}{how}"
    if isinstance(step.manual, ManualList):
        yield "one by one, for each line that a command gives"


def boxes_of(notes: Sequence[Note], frame: Frame) -> tuple[tuple[str, str, str], ...]:
    """The boxes that apply, or may apply by the time they are reached: kind, title, text."""
    return tuple(
        (note.kind.value, frame.readable(note.title) if note.title is not None else "", frame.readable(note.text))
        for note in notes
        if may_hold(note.when, frame)
    )


def may_hold(when: str | None, frame: Frame) -> bool:
    """Whether a condition holds now, or may hold later."""
    if when is None or frame.needs(when):
        return True
    try:
        return frame.holds(when)
    except ExpressionError:
        return True


def way_back_of(step: Step, impact: Impact, frame: Frame) -> str:
    """How what a step does is undone; empty where it does nothing that is to be undone, or there is no way."""
    if impact is Impact.IRREVERSIBLE:
        return ""
    if step.undo:
        return f"can be undone: {', '.join(frame.readable(one.title) for one in step.undo)}"
    if step.edit is not None:
        return "can be undone: the file is put back"
    if step.background:
        return "can be undone: it is stopped"
    return ""


def rounds_words(guide: Guide, step: Step, frame: Frame) -> str:
    """Until when a group is repeated, and how often at most."""
    if step.repeat is None:
        return ""
    most = frame.readable(str(step.repeat.at_most))
    times = "once" if most == "1" else f"{most} times"
    return f"again until {checks_words(guide, step.repeat.until, frame)}, at most {times}"


def checks_words(guide: Guide, checks: Sequence[StepCheck], frame: Frame) -> str:
    """The checks by their titles, `and 2 more` in the place of those beyond the third."""
    titles = [_title(guide, check, frame) for check in checks]
    more = f" and {len(titles) - _CHECKS_NAMED} more" if len(titles) > _CHECKS_NAMED else ""
    return f"{' and '.join(titles[:_CHECKS_NAMED])}{more} holds"


def _title(guide: Guide, check: StepCheck, frame: Frame) -> str:
    named = next((one for one in guide.checks if one.id == check.check), None)
    title = check.title or (named.title if named is not None else None)
    if title is not None:
        return f"“{frame.readable(title)}”"
    if check.expr is not None and isinstance(check.expr, str):
        return check.expr
    return f"the check {check.id or check.check or check.kind}"


def loop_words(step: Step, frame: Frame) -> str:
    """Over what a loop goes, and how many of it are worked on together."""
    each = step.for_each
    if each is None:
        return ""
    batch = frame.readable(str(each.batch))
    together = {"1": "one after the other"}.get(batch) or (
        f"batches {batch}"
        if batch.startswith("by ")
        else f"{batch}{' of them' if batch.endswith('%') else ''} at a time"
    )
    kept = each.keep_available
    untouched = f", at least {frame.readable(str(kept))} stay untouched" if kept is not None else ""
    return f"for each {each.name} of {each.items}, {together}{untouched}"


def _time(text: str, frame: Frame) -> str:
    """A duration for people; as it is written where it cannot be known now."""
    try:
        return show_duration(parse_duration(frame.text(text)))
    except (ExpressionError, ValueError):
        return frame.readable(text)
