"""The word that boxes were read which must be (`read: must`), given once before what they stand on goes on."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from wizard.questions.must_read import word_of_reading
from wizard.run.operator import ConfirmRequest
from wizard.run.records import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.run.boxes import Box
    from wizard.run.context import Run


def read_first(run: Run, name: str, title: str, boxes: Sequence[Box]) -> bool:
    """Whether the operator has read `boxes`, those of the guide, phase or step of the id `name`; asks where not.

    One text is read once in a session, wherever it stands again.
    """
    if not run.effects.asks_first():
        return True
    unread = not_read(run, boxes)
    if not unread:
        return True
    said = "\n".join(f"{heading}: {text}" if heading else text for _, heading, text in unread)
    reply = run.operator.confirm(
        ConfirmRequest(word_of_reading(name), f"{title}: this must be read", f"{said}\nHave you read it?")
    )
    for box in unread:
        run.record(Record.CONFIRMED, key=_key(box), yes=reply.yes)
    return reply.yes


def not_read(run: Run, boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Those of the boxes that nobody said to have read yet."""
    return tuple(box for box in boxes if (step := run.state.steps.get(_key(box))) is None or not step.confirmed)


def _key(box: Box) -> str:
    return f"read/{sha256(chr(0).join(box).encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"
