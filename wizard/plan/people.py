"""Which steps cannot be done without a person at the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.guide.models.steps import ActionKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.models import Guide, Step, StepCheck

_STATED: Final = frozenset({"ask", "acknowledge"})


def needs_person(guide: Guide, step: Step) -> bool:
    """Whether a step is a person's own work, has a terminal to type into, or asks for a statement."""
    if step.action in (ActionKind.MANUAL, ActionKind.CONFIRM) or step.terminal:
        return True
    if step.edit is not None and step.edit.by_hand:
        return True
    if step.preview == "must" or step.review is not None:
        return True
    return any(is_stated(guide, check) for check in checks_of(step))


def is_stated(guide: Guide, check: StepCheck) -> bool:
    """Whether only a person can answer a check (or the guide's check that it names)."""
    if check.check is not None:
        return any(one.kind in _STATED for one in guide.checks if one.id == check.check)
    return check.kind in _STATED


def checks_of(step: Step) -> Iterator[StepCheck]:
    """The checks a step asks while it is walked: its own, those it waits for, and those that tell it is done."""
    yield from step.check or ()
    yield from step.done_when
    yield from step.ready_when
    if step.monitor is not None:
        yield from step.monitor.limits
    if step.wait is not None:
        for checks in (step.wait.until, step.wait.stop_on):
            match checks:
                case None | str():
                    pass
                case list():
                    yield from checks
                case one:
                    yield one
