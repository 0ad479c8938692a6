"""The kinds of journal events and how values are put into them.

The journal itself knows none of these; `state.fold` gives them their meaning. Every event that
announces something is written before the thing happens, its counterpart after it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from wizard.facts.foreign import TELLING_KEY
from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Mapping


class Record(StrEnum):
    """Kinds of events."""

    SESSION_CREATED = "session-created"
    FACT_READ = "fact-read"
    ANSWER_GIVEN = "answer-given"
    ANSWER_DROPPED = "answer-dropped"
    CHECKS_ASKED = "checks-asked"
    BYPASSED = "bypassed"
    PLAN_FROZEN = "plan-frozen"
    WALK_BEGAN = "walk-began"
    NAMES_TAKEN = "names-taken"
    PHASE_BEGAN = "phase-began"
    PHASE_ENDED = "phase-ended"
    FINALLY_ENDED = "finally-ended"
    STEP_DECIDED = "step-decided"
    STEP_BEGAN = "step-began"
    CONFIRMED = "confirmed"
    NOTED = "noted"
    ATTEMPT_INTENDED = "attempt-intended"
    ATTEMPT_ENDED = "attempt-ended"
    ATTEMPT_VOID = "attempt-void"
    STOP_ASKED = "stop-asked"
    EDIT_INTENDED = "edit-intended"
    EDIT_MADE = "edit-made"
    CAPTURED = "captured"
    STEP_DONE = "step-done"
    STEP_FAILED = "step-failed"
    STEP_SKIPPED = "step-skipped"
    STEP_UNKNOWN = "step-unknown"
    STEP_UNDO_BEGAN = "step-undo-began"
    STEP_UNDONE = "step-undone"
    UNDO_BEGAN = "undo-began"
    UNDO_ENDED = "undo-ended"
    PROCEDURE_BEGAN = "procedure-began"
    PROCEDURE_ENDED = "procedure-ended"
    STOPPED = "stopped"
    LEFT = "left"
    RUN_DONE = "run-done"
    SESSION_CLOSED = "session-closed"


READ_FROM_MACHINE: Final = frozenset({"facts", "values", "captured"})
"""Spaces of names that hold what was read somewhere, and so may hold secrets nobody declared."""


def masked(value: Any) -> Any:
    """Give plain JSON data for the journal: declared secrets become the mask."""
    match value:
        case Secret():
            return MASK
        case dict():
            return {str(name): masked(item) for name, item in value.items()}
        case list() | tuple():
            return [masked(item) for item in value]
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return str(value)


def veiled(value: Any, key: str = "") -> Any:
    """Give what was read from a machine for the journal: texts under telling names become the mask."""
    match value:
        case dict():
            return {str(name): veiled(item, str(name)) for name, item in value.items()}
        case list() | tuple():
            return [veiled(item, key) for item in value]
        case str() if value and TELLING_KEY.search(key):
            return MASK
        case _:
            return masked(value)


def has_mask(value: Any) -> bool:
    """Whether anything in `value` was masked, so that it must be read or asked again to be used."""
    match value:
        case str():
            return value == MASK
        case dict():
            return any(has_mask(item) for item in value.values())
        case list() | tuple():
            return any(has_mask(item) for item in value)
        case _:
            return False


def without_secrets(names: Mapping[str, Any]) -> dict[str, Any]:
    """Give the names of an environment as they may be kept with a step (its snapshot)."""
    return {name: veiled(value) if name in READ_FROM_MACHINE else masked(value) for name, value in names.items()}
