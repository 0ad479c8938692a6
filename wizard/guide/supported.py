"""What of the format this version of the engine carries out; the rest is refused, never ignored.

A row of `NOT_YET` is taken out when the engine learns what it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from wizard.guide.models.checks import StepCheck
from wizard.guide.models.facts import Fact
from wizard.guide.models.steps import Edit, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.guide.document import DataPath
    from wizard.guide.models.base import Model
    from wizard.guide.walk import PlacedModel


@dataclass(frozen=True, slots=True)
class NotYet:
    """A key that is not carried out, and the way around it."""

    model: type[Model]
    key: str
    hint: str = ""


NOT_YET: Final[tuple[NotYet, ...]] = (
    NotYet(Surroundings, "machine", "the wizard works on the machine it runs on"),
    NotYet(StepCheck, "machine", "the wizard works on the machine it runs on"),
    NotYet(Fact, "machine", "the wizard works on the machine it runs on"),
)
"""Every key that the format has and this version does not carry out."""

_FORMAT_OF_SUFFIX: Final = {
    ".env": "dotenv",
    ".properties": "properties",
    ".ini": "ini",
    ".cfg": "ini",
    ".json": "json",
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One place of a guide that asks for what is not carried out."""

    place: DataPath
    what: str
    hint: str


def refusals(parts: Iterable[PlacedModel]) -> Iterator[Refusal]:
    """Everything in the parts of a guide that this version does not carry out."""
    for placed in parts:
        for row in NOT_YET:
            if isinstance(placed.model, row.model) and _is_given(placed.model, row):
                yield Refusal((*placed.place, row.key), f"`{row.key}`", row.hint)


def _is_given(model: Model, row: NotYet) -> bool:
    name = model.field_of_key(row.key)
    if name is None or name not in model.model_fields_set:
        return False
    return getattr(model, name) not in (None, [], {}, False)


def edit_format(edit: Edit) -> str | None:
    """The format of the file of an edit: as said, else by the end of its name; None where that tells nothing."""
    if edit.format is not None:
        return edit.format
    name = PurePosixPath(edit.file).name
    if name == ".env" or name.startswith(".env."):
        return "dotenv"
    return _FORMAT_OF_SUFFIX.get(PurePosixPath(name).suffix)
