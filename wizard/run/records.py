"""The kinds of journal events and how values are put into them.

The journal itself knows none of these; `state.fold` gives them their meaning. Every event that
announces something is written before the thing happens, its counterpart after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from wizard.facts.foreign import TELLING_KEY
from wizard.secrets import MASK, Secret, masked

if TYPE_CHECKING:
    from wizard.facts.model import FactReading


class Record(StrEnum):
    """Kinds of events."""

    SESSION_CREATED = "session-created"
    FACT_READ = "fact-read"
    ANSWER_GIVEN = "answer-given"
    ANSWER_DROPPED = "answer-dropped"
    CHECKS_ASKED = "checks-asked"
    BYPASSED = "bypassed"
    BYPASS_WITHDRAWN = "bypass-withdrawn"
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
    CAME_BACK = "came-back"
    """`key`: the walk stands again at a step that was begun before, and finds out or asks what became of it."""
    STEP_UNDO_BEGAN = "step-undo-began"
    STEP_UNDONE = "step-undone"
    UNDO_BEGAN = "undo-began"
    UNDO_ENDED = "undo-ended"
    PROCEDURE_BEGAN = "procedure-began"
    """`id`, `number` of the call, `hop` it works in (0: none)."""
    PROCEDURE_ENDED = "procedure-ended"
    """`id`; `takes_back`: where it took the run back, that it did, in words."""
    TAKEN_UP = "taken-up"
    """`start`, `reason`, `keys`, `again`, `phases`: a run that was taken back is gone on with from the step `start`."""
    LOOP_UNROLLED = "loop-unrolled"
    """`key` of the loop, `items` (plain data), `keys` and `batches`: only for loops the plan could not unroll."""
    ROUND_BEGAN = "round-began"
    """`key` of the group, `number` of the round (from 1)."""
    IN_BACKGROUND = "in-background"
    """`key`: its command runs and is ready; the walk goes on beside it."""
    KEPT_CHECKING = "kept-checking"
    """`key` of the phase, and what the checks beside its work saw since the last one of these."""
    DEFERRED = "deferred"
    """`key`, `code`, `title`, `item` (0: the whole step), `text`, `reason`: left to be done by hand after the run."""
    HANDED_TO = "handed-to"
    """`key`, `code`, `title`, `to`, `file`, `sha256`: work is handed to other people, by a text in that file."""
    ITEM_DONE = "item-done"
    """`key`, `item` (its number from 1, or the item itself): a part of a manual step is done."""
    EDIT_PUT_BACK = "edit-put-back"
    """`key`, `target`, `before`, `copy`, `left`: what this run wrote is taken out of a file that others changed."""
    EVIDENCE_TAKEN = "evidence-taken"
    """`name`, `sha256`, `evidence`: what another session proves, as it was given."""
    GATE_JUDGED = "gate-judged"
    """`key`, `holds`, `evidence` (name and sha256 of what was used)."""
    STOPPED = "stopped"
    LEFT = "left"
    RUN_DONE = "run-done"
    SESSION_CLOSED = "session-closed"


FOLDED: Final = "inbox"
"""Kind of the event a message becomes. Data: `name` of its file, `message` (note or request), `text`, `who`, `sent`."""
IGNORED: Final = "inbox-ignored"
"""Kind of the event for a file that is none. Data: `name`, `why`."""
HEARD: Final = "inbox-heard"
"""Kind of the event that a person replied who had messages before their eyes. Data: `seqs` of their events."""
INBOX_EVENTS: Final = frozenset({FOLDED, IGNORED, HEARD})
"""Kinds of events that come of what others left in the inbox, whatever the driver is at."""

READ_FROM_MACHINE: Final = frozenset({"facts", "values", "captured"})
"""Spaces of names that hold what was read somewhere, and so may hold secrets nobody declared."""

SPOOL_MASK: Final = "******"
"""What stands in the place of a secret in the output of a command."""


def veiled(value: Any, key: str = "") -> Any:
    """Give what was read from a machine with the texts under telling names as secrets; `masked` hides those."""
    match value:
        case dict():
            return {str(name): veiled(item, str(name)) for name, item in value.items()}
        case list() | tuple():
            return [veiled(item, key) for item in value]
        case str() if value and TELLING_KEY.search(key):
            return Secret(value)
        case Secret():
            return value
        case _:
            return masked(value)


def as_record(reading: FactReading) -> dict[str, Any]:
    """A reading as it is recorded: values under telling names as secrets, the time it took left out."""
    return {**asdict(reading), "value": veiled(reading.value, reading.id), "seconds": 0.0}


def is_cut(value: Any) -> bool:
    """Whether a captured value has a place in it where a secret was taken out of a command's output."""
    match value:
        case str():
            return SPOOL_MASK in value
        case list() | tuple():
            return any(is_cut(item) for item in value)
        case _:
            return False


def has_mask(value: Any) -> bool:
    """Whether anything in `value` was masked, so that it must be read or asked again to be used."""
    match value:
        case str():
            return MASK in value
        case dict():
            return any(has_mask(item) for item in value.values())
        case list() | tuple():
            return any(has_mask(item) for item in value)
        case _:
            return False


def without_secrets(names: Mapping[str, Any]) -> dict[str, Any]:
    """Give the names of an environment as they may be kept with a step (its snapshot)."""
    return {name: masked(veiled(value) if name in READ_FROM_MACHINE else value) for name, value in names.items()}


def unmasked(kept: Any, real: Any) -> Any:
    """Give what the journal holds with its masked texts as they really are: Secrets, taken from `real`.

    What has no counterpart in `real` is left out of its map; ABSENT where nothing of it is left, and for a
    list that lacks an item. A mask is never given.
    """
    from wizard.expressions import ABSENT

    match kept:
        case str() if MASK in kept:
            text = real.reveal() if isinstance(real, Secret) else real
            return Secret(text) if isinstance(text, str) and MASK not in text else ABSENT
        case dict() if has_mask(kept):
            inner = real if isinstance(real, Mapping) else {}
            pairs = ((name, unmasked(item, inner.get(name))) for name, item in kept.items())
            return {name: item for name, item in pairs if item is not ABSENT}
        case list() if has_mask(kept):
            there = isinstance(real, list | tuple) and len(real) == len(kept)
            items = [unmasked(item, real[number] if there else None) for number, item in enumerate(kept)]
            return ABSENT if any(item is ABSENT for item in items) else items
        case _:
            return kept
