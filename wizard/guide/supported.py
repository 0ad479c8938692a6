"""What of the format this version of the engine carries out; the rest is refused, never ignored.

A row of `NOT_YET` is taken out when the engine learns what it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models.checks import StepCheck
from wizard.guide.models.facts import Fact
from wizard.guide.models.guide import Connection, Phase, Versions
from wizard.guide.models.questions import Column, Question, QuestionType
from wizard.guide.models.steps import Edit, Gate, ManualItem, ManualList, Step, Surroundings
from wizard.guide.walk import every_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.document import DataPath
    from wizard.guide.models import Guide
    from wizard.guide.models.base import Model
    from wizard.guide.walk import PlacedModel


@dataclass(frozen=True, slots=True)
class NotYet:
    """A key (where `values` is given: one of its values) that is not carried out, and the way around it."""

    model: type[Model]
    key: str
    hint: str = ""
    values: tuple[Any, ...] = ()

    @property
    def what(self) -> str:
        """The key, or the key with its value, as an author writes it."""
        return f"`{self.key}`" if not self.values else " or ".join(f"`{self.key}: {value}`" for value in self.values)


_ONE_BY_ONE: Final = "write one step for each item"
_CONTAINERS: Final = "use a `command` that looks"

NOT_YET: Final[tuple[NotYet, ...]] = (
    NotYet(Step, "monitor", "use a `wait` with `stop_on`"),
    NotYet(Step, "repeat", "use a `wait`, or a step with `rerun: safe`"),
    NotYet(Step, "for_each", _ONE_BY_ONE),
    NotYet(Step, "background", "let the service manager start it"),
    NotYet(Step, "ready_when", "use a `wait` behind the step"),
    NotYet(Step, "until"),
    NotYet(Step, "dry_run", "make it a step of its own"),
    NotYet(Step, "preview", "make it a step of its own, and a `confirm` behind it"),
    NotYet(Step, "review", "use a `confirm` behind the step"),
    NotYet(Step, "hand_over", "use a `confirm`"),
    NotYet(Step, "once"),
    NotYet(Step, "who", "say it in `why`"),
    NotYet(Step, "defer"),
    NotYet(ManualItem, "defer"),
    NotYet(ManualList, "list", "write the items out"),
    NotYet(Phase, "for_each", "write one phase for each item"),
    NotYet(Phase, "keep_checking", "use `check` steps"),
    NotYet(Surroundings, "env_file", "name the variables in `env`"),
    NotYet(Surroundings, "machine", "the wizard works on the machine it runs on"),
    NotYet(Surroundings, "connection", "a file of SQLite needs none: name it in the command"),
    NotYet(Gate, "evidence", "use a `confirm`"),
    NotYet(StepCheck, "docker", _CONTAINERS),
    NotYet(StepCheck, "image", _CONTAINERS),
    NotYet(StepCheck, "container", _CONTAINERS),
    NotYet(StepCheck, "compose", _CONTAINERS),
    NotYet(StepCheck, "git", "use a `command` that looks"),
    NotYet(StepCheck, "mount", "use a `command` such as findmnt"),
    NotYet(StepCheck, "for_each", "write one check for each item"),
    NotYet(StepCheck, "machine", "the wizard works on the machine it runs on"),
    NotYet(StepCheck, "per", "facts and checks are asked again where a hop begins"),
    NotYet(StepCheck, "read_again", "put a `wait` or a step of its own before it"),
    NotYet(StepCheck, "none_is_fine"),
    NotYet(Column, "type", "ask for it in a question of its own", (QuestionType.SECRET,)),
    NotYet(Fact, "git", "use a `command` that looks"),
    NotYet(Fact, "images", _CONTAINERS),
    NotYet(Fact, "containers", _CONTAINERS),
    NotYet(Fact, "for_each", "write one fact for each item"),
    NotYet(Fact, "machine", "the wizard works on the machine it runs on"),
    NotYet(Fact, "per", "facts and checks are asked again where a hop begins"),
    NotYet(Question, "per", "ask one question for each hop"),
    NotYet(Connection, "kind", "only sqlite is", ("postgres", "mysql")),
    NotYet(Versions, "stop_release", "leave it out: the newest is taken", ("ask",)),
    NotYet(Edit, "by_hand", "use a `manual` step", (True,)),
)
"""Every key that the format has and this version does not carry out."""

SET_FORMATS: Final = ("dotenv", "properties", "ini", "json", "toml")
"""The formats in which `edit` can `set` a key."""

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


def refusals(guide: Guide) -> Iterator[Refusal]:
    """Everything in `guide` that this version does not carry out."""
    for placed in every_model(guide):
        given = {
            field.alias or name: getattr(placed.model, name)
            for name, field in type(placed.model).model_fields.items()
            if name in placed.model.model_fields_set
        }
        for row in NOT_YET:
            if isinstance(placed.model, row.model) and _is_given(given, row):
                yield Refusal((*placed.place, row.key), row.what, row.hint)
        if isinstance(placed.model, Edit):
            yield from _edit(placed.model, placed)


def _is_given(given: dict[str, Any], row: NotYet) -> bool:
    if row.key not in given:
        return False
    value = given[row.key]
    return value in row.values if row.values else value not in (None, [], {}) and value is not False


def _edit(edit: Edit, placed: PlacedModel) -> Iterator[Refusal]:
    if edit.set_ is None and not edit.remove:
        return
    if edit_format(edit) == "yaml":
        key = "format" if edit.format is not None else "file"
        yield Refusal((*placed.place, key), "`set` in a YAML file", "use `lines` or `replace_with`")


def edit_format(edit: Edit) -> str | None:
    """The format of the file of an edit: as said, else by the end of its name; None where that tells nothing."""
    if edit.format is not None:
        return edit.format
    name = PurePosixPath(edit.file).name
    if name == ".env" or name.startswith(".env."):
        return "dotenv"
    return _FORMAT_OF_SUFFIX.get(PurePosixPath(name).suffix)
