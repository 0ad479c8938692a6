"""The words every model is made of: texts, expressions, names, durations, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt

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
class KindMark:
    """The mark on a field's type that says which `Kind` its string is."""

    kind: Kind


class Model(BaseModel):
    """Base of all models: unknown keys are errors, values never change, `covers` is legal everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)

    covers: list[str] = Field(default_factory=list, description="Ids of source rows this part claims.")


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


_AnyText = Annotated[str, BeforeValidator(_text)]
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
