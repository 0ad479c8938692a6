"""The words every model is made of: texts, expressions, names, durations, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    StrictInt,
    model_validator,
)

if TYPE_CHECKING:
    from collections.abc import Collection

CEL_RESERVED: Final = frozenset(
    {
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop"),
        *("namespace", "null", "package", "return", "true", "var", "void", "while"),
    }
)


class Kind(StrEnum):
    """What a string in a guide is; lint and the renderer go by this mark and by nothing else."""

    TEXT = "text"
    """`${{ }}` inside is replaced."""
    SHELL = "shell"
    """`${{ }}` inside becomes a variable of the command's environment (FORMAT §8)."""
    REGEX = "regex"
    """`${{ }}` inside is replaced by its value, regex-escaped."""
    QUERY = "query"
    """`${{ }}` inside is bound as a parameter of the SQL statement."""
    URL = "url"
    """`${{ }}` inside is percent-encoded as far as the place demands."""
    EXPRESSION = "expression"
    """A bare CEL expression."""
    NAME = "name"
    """A snake_case name used in expressions."""
    KEY = "key"
    """A kebab-case key named in text."""
    DURATION = "duration"
    LITERAL = "literal"
    """Never rendered."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Keys of which a mapping has exactly one; a tuple inside are keys that go together as one.

    `spare` is the key that takes a text as it is: a mapping that has none of them is read as if it
    had that one, so that its other mistakes are found too.
    """

    noun: str
    keys: tuple[str | tuple[str, ...], ...]
    spare: str

    @property
    def flat(self) -> tuple[str, ...]:
        """All the keys."""
        return tuple(key for group in self.keys for key in ((group,) if isinstance(group, str) else group))

    def used(self, present: Collection[str]) -> list[str]:
        """The ways among `present` keys, in the order of declaration."""
        return [
            way if isinstance(way, str) else way[0]
            for way in self.keys
            if (way in present if isinstance(way, str) else any(key in present for key in way))
        ]

    def complaint(self, used: list[str]) -> str:
        """What is wrong with having `used`; empty where it is one."""
        if len(used) == 1:
            return ""
        if used:
            return f"{self.noun} has only one of these keys, and here are {' and '.join(used)}"
        names = ", ".join(keys if isinstance(keys, str) else keys[0] for keys in self.keys)
        return f"{self.noun} needs one of: {names}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Two fields that one entry of a mapping gives: its key, chosen by the author, and what stands under it."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class KindMark:
    """The mark on a field's type that says which `Kind` its string is."""

    kind: Kind


class Model(BaseModel):
    """Base of all models: unknown keys are errors, values never change, `covers` is legal everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)
    one_of: ClassVar[OneOf | None] = None
    chosen: ClassVar[Chosen | None] = None

    @classmethod
    @cache
    def field_of_key(cls, key: str) -> str | None:
        """The attribute that holds the value of a key of the file."""
        return next((name for name, field in cls.model_fields.items() if (field.alias or name) == key), None)

    @model_validator(mode="before")
    @classmethod
    def _takes_chosen(cls, data: Any) -> Any:
        """Read the one entry whose key the author chose, where the data is as it stands in a file."""
        chosen = cls.chosen
        if chosen is None or not isinstance(data, dict) or chosen.key in data:
            return data
        own = [key for key in data if key not in cls.model_fields]
        if len(own) != 1:
            return data
        return {
            **{key: value for key, value in data.items() if key != own[0]},
            chosen.key: own[0],
            chosen.value: data[own[0]],
        }

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if self.one_of is not None:
            values = self.__dict__
            given = {
                key
                for key, name, default in _ways(type(self))
                if (value := values[name]) is not None and (bool(value) if default is ... else value != default)
            }
            complaint = self.one_of.complaint(self.one_of.used(given))
            if complaint:
                raise ValueError(complaint)
        return self

    covers: list[str] = Field(default_factory=list, description="Ids of source rows this part claims.")


@cache
def _ways(model: type[Model]) -> tuple[tuple[str, str, Any], ...]:
    """Key, attribute and default of the fields that exclude each other; `...` where the default is made each time."""
    keys = model.one_of.flat if model.one_of is not None else ()
    return tuple(
        (field.alias or name, name, ... if field.default_factory is not None else field.default)
        for name, field in model.model_fields.items()
        if (field.alias or name) in keys
    )


def kind_of(metadata: list[Any]) -> Kind | None:
    """Find the kind among a field's metadata."""
    return next((mark.kind for mark in metadata if isinstance(mark, KindMark)), None)


def _text(value: object) -> object:
    """Take a plain integer for its text; a switch is not text."""
    if isinstance(value, bool):
        msg = f"{str(value).lower()} is a switch here, and this key wants text: put it in quotes"
        raise ValueError(msg)  # noqa: TRY004 - pydantic reports ValueError with its place
    return str(value) if isinstance(value, int) else value


def _name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        msg = f"{value!r} is not a name for expressions: use snake_case (letters, digits, _)"
        raise ValueError(msg)
    if value in CEL_RESERVED:
        msg = f"{value!r} is a reserved word of expressions: choose another name"
        raise ValueError(msg)
    return value


def _key(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        msg = f"{value!r} is not a key: use kebab-case (letters, digits, -)"
        raise ValueError(msg)
    return value


def _duration(value: str) -> str:
    from wizard.units import parse_duration

    if "${{" not in value:
        parse_duration(value)
    return value


_AnyText = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | int)]
Text = Annotated[_AnyText, KindMark(Kind.TEXT)]
Shell = Annotated[_AnyText, KindMark(Kind.SHELL)]
Regex = Annotated[_AnyText, KindMark(Kind.REGEX)]
Query = Annotated[_AnyText, KindMark(Kind.QUERY)]
Url = Annotated[_AnyText, KindMark(Kind.URL)]
Literal_ = Annotated[_AnyText, KindMark(Kind.LITERAL)]
Expression = Annotated[_AnyText, KindMark(Kind.EXPRESSION)]
Name = Annotated[str, AfterValidator(_name), KindMark(Kind.NAME)]
Key = Annotated[_AnyText, AfterValidator(_key), KindMark(Kind.KEY)]
Duration = Annotated[_AnyText, AfterValidator(_duration), KindMark(Kind.DURATION)]
Switch = StrictBool
Whole = StrictInt
Number = StrictInt | Text
"""A whole number, or text that renders to one (`${{ }}`, `1.5`, `20 GiB` where a size is meant)."""


class Conditional(Model):
    """A part that may have a condition: `when` it counts, `unless` it does not.

    Once it is read, `when` holds both; `written_when` is what the file has there.
    """

    when: Expression | None = None
    unless: Expression | None = Field(default=None, description="The opposite of `when`; both may stand.")
    _written: str | None = PrivateAttr(default=None)
    _joined: bool = PrivateAttr(default=False)

    @model_validator(mode="after")
    def _joins_conditions(self) -> Self:
        if self._joined:
            return self  # it is checked once more where it becomes a part of another model
        self._written, self._joined = self.when, True
        if self.unless is not None:
            turned = f"!{_in_brackets(self.unless)}"
            self.__dict__["when"] = turned if self.when is None else f"{_in_brackets(self.when)} && {turned}"
        return self

    @property
    def written_when(self) -> str | None:
        """The condition as it stands in the file."""
        return self.when if self.unless is None else self._written


def _in_brackets(expression: str) -> str:
    """An expression as a part of another; a remark (`// …`) at its end ends before the bracket does."""
    return f"({expression}\n)" if "//" in expression else f"({expression})"
