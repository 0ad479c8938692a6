"""Questions: sections, types, validation, where a proposal comes from."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, model_validator

from wizard.guide.models.base import Conditional, Expression, Model, Name, Number, Switch, Text


class QuestionType(StrEnum):
    """The types of answers."""

    TEXT = "text"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    VERSION = "version"
    PATH = "path"
    SECRET = "secret"  # noqa: S105 - a type, not a value
    HOST = "host"
    HOST_PORT = "host_port"
    PERCENTAGE = "percentage"
    DURATION = "duration"
    TIME_WINDOW = "time_window"
    COMMAND = "command"
    TABLE = "table"


class Valid(Model):
    """A condition an answer must meet, and what to say where it does not."""

    expr: Expression
    say: Text


class Choice(Model):
    """One choice with its own label."""

    value: Text
    label: Text | None = None
    why: Text | None = None


class Column(Conditional):
    """A column of a table question."""

    id: Name
    label: Text
    type: QuestionType = QuestionType.TEXT
    default: Switch | Number | None = None
    choices: list[Text | Choice] | None = None
    unique: Switch = False
    optional: Switch = False
    valid: list[Valid] = Field(default_factory=list)


class Question(Conditional):
    """One question."""

    id: Name
    label: Text
    type: QuestionType
    why: Text | None = None
    default: Switch | Number | list[Any] | None = None
    found_in: Expression | list[Expression] | None = None
    choices: list[Text | Choice] | None = None
    choices_from: Expression | None = None
    other: Switch = False
    optional: Switch = Field(default=False, description="May be left empty; it is then absent.")
    valid: list[Valid] = Field(default_factory=list)
    per: Literal["hop"] | None = None
    columns: list[Column] | None = None
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Question:
        if (self.type is QuestionType.TABLE) != (self.columns is not None):
            raise ValueError("a question of type table, and no other, has columns")
        if self.type in (QuestionType.CHOICE, QuestionType.CHOICES) and not (self.choices or self.choices_from):
            raise ValueError(f"a question of type {self.type} needs choices or choices_from")
        if self.type is QuestionType.SECRET and self.default is not None:
            raise ValueError("a secret has no default")
        return self

    @property
    def sources(self) -> list[str]:
        """The expressions of `found_in`, in order."""
        if self.found_in is None:
            return []
        return [self.found_in] if isinstance(self.found_in, str) else list(self.found_in)


class Section(Conditional):
    """Questions that belong together."""

    section: Text
    why: Text | None = None
    ask: list[Question]
