"""Boxes that must be read (`read: must`): where they stand, and under what name the operator's word is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.walk import every_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.guide.models import Guide, Note


def to_read(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Those of the notes that must be read."""
    return tuple(note for note in notes if note.read == "must")


def word_of_reading(name: str) -> str:
    """The id of the word that the boxes of the guide, phase or step of that id were read."""
    return f"read:{name}"


def places_to_read(guide: Guide) -> Iterator[tuple[str, str, tuple[Note, ...]]]:
    """Id and title of the guide and of each phase and step with boxes that must be read, and these boxes."""
    parts: list[tuple[str, str, Iterable[Note]]] = [(guide.id, guide.title, guide.notes)]
    parts += [(phase.id, phase.title, phase.notes) for phase in guide.phases]
    parts += [(placed.step.id, placed.step.title, placed.step.notes) for placed in every_step(guide)]
    for name, title, notes in parts:
        if wanted := to_read(notes):
            yield name, title, wanted
