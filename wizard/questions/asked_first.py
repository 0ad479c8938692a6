"""The one rule for when a step wants the operator's word before it acts (FORMAT §7, `ask_first`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wizard.guide.models.steps import ActionKind, Impact

if TYPE_CHECKING:
    from wizard.guide.models import Step

Word = Literal["never", "once", "typed"]
"""No word, a yes, or the step's id typed out."""


def asked_first(step: Step, impact: Impact, *, danger: bool) -> Word:
    """The word a step wants: what it says itself; else typed where it cannot be undone, once beside a danger.

    `impact` is the step's own or that of what it stands in, `danger` whether a danger note applies to it.
    Only what changes the machine by itself (`run`, `edit`) is asked about first; people are asked anyway.
    """
    if step.action not in (ActionKind.RUN, ActionKind.EDIT):
        return "never"
    if step.ask_first is not None:
        return step.ask_first
    if impact is Impact.IRREVERSIBLE:
        return "typed"
    return "once" if danger else "never"
