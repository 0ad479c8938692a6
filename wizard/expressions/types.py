"""Types of names and expressions, as far as a guide tells them before it runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class TypeKind(StrEnum):
    """The kinds of values, named as they are named to an author."""

    TEXT = "text"
    INT = "a whole number"
    DOUBLE = "a decimal number"
    NUMBER = "a number"
    """Whole or decimal: known when it is answered."""
    BOOL = "true or false"
    VERSION = "a version"
    COMMAND = "a command"
    """An operator's own command; text everywhere but alone in a `run`."""
    LIST = "a list"
    MAP = "a map"
    """Any keys, values of one type."""
    RECORD = "a map with fields"
    """The fields are known."""
    DYNAMIC = "a value"
    """Not known before it is read; never complained about."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type; `item` is that of a list's items or a map's values, `fields` those of a record."""

    kind: TypeKind
    item: Type | None = None
    fields: Mapping[str, Type] | None = field(default=None, hash=False)
    secret: bool = False

    def __str__(self) -> str:
        """Name it as people do."""
        return "a secret" if self.secret and self.kind is TypeKind.TEXT else self.kind.value

    @property
    def holds_secret(self) -> bool:
        """Whether it is a secret or one is inside."""
        return (
            self.secret
            or (self.item is not None and self.item.holds_secret)
            or any(part.holds_secret for part in (self.fields or {}).values())
        )

    @property
    def is_text(self) -> bool:
        """Whether it is some kind of text."""
        return self.kind in (TypeKind.TEXT, TypeKind.VERSION, TypeKind.COMMAND)

    @property
    def is_number(self) -> bool:
        """Whether it is some kind of number."""
        return self.kind in (TypeKind.INT, TypeKind.DOUBLE, TypeKind.NUMBER)


TEXT: Final = Type(TypeKind.TEXT)
INT: Final = Type(TypeKind.INT)
DOUBLE: Final = Type(TypeKind.DOUBLE)
NUMBER: Final = Type(TypeKind.NUMBER)
BOOL: Final = Type(TypeKind.BOOL)
VERSION: Final = Type(TypeKind.VERSION)
COMMAND: Final = Type(TypeKind.COMMAND)
SECRET: Final = Type(TypeKind.TEXT, secret=True)
DYNAMIC: Final = Type(TypeKind.DYNAMIC)


def list_of(item: Type) -> Type:
    """Give the type of a list of `item`."""
    return Type(TypeKind.LIST, item=item)


def map_of(item: Type) -> Type:
    """Give the type of a map from any text to `item`."""
    return Type(TypeKind.MAP, item=item)


def record(fields: Mapping[str, Type]) -> Type:
    """Give the type of a map whose fields are known."""
    return Type(TypeKind.RECORD, fields=MappingProxyType(dict(fields)))


def secretly(type_: Type, *, secret: bool) -> Type:
    """Give `type_`, marked as made of a secret where `secret` says so."""
    return replace(type_, secret=True) if secret and not type_.secret else type_


def joined(one: Type, other: Type) -> Type:
    """Give the type of a value that is one or the other."""
    secret = one.secret or other.secret
    if replace(one, secret=secret) == replace(other, secret=secret):
        return replace(one, secret=secret)
    if one.is_text and other.is_text:
        kind = TypeKind.VERSION if TypeKind.VERSION in (one.kind, other.kind) else TypeKind.TEXT
        return Type(kind, secret=secret)
    if one.is_number and other.is_number:
        return Type(TypeKind.NUMBER, secret=secret)
    if one.kind is other.kind is TypeKind.LIST and one.item is not None and other.item is not None:
        return Type(TypeKind.LIST, item=joined(one.item, other.item), secret=secret)
    if one.fields is not None and other.fields is not None and one.fields.keys() == other.fields.keys():
        fields = {name: joined(one.fields[name], other.fields[name]) for name in one.fields}
        return replace(record(fields), secret=secret)
    return Type(TypeKind.DYNAMIC, secret=secret)


def type_of_value(value: object) -> Type:
    """Give the type of plain data, such as a constant table of a guide."""
    match value:
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return DOUBLE
        case str():
            return TEXT
        case dict():
            return record({str(key): type_of_value(part) for key, part in value.items()})
        case list() | tuple():
            item: Type | None = None
            for part in value:
                item = type_of_value(part) if item is None else joined(item, type_of_value(part))
            return list_of(item or DYNAMIC)
        case _:
            return DYNAMIC


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name where it stands.

    `steps` are the ids `outcome()` and `took()` may name, None where they are not known. `refused` maps a
    function that has no place here to the reason, as the end of a sentence, `absent` a name that is known
    elsewhere to what to do here instead. `unsure` says that there may be names nobody could read.
    """

    names: Mapping[str, Type]
    steps: frozenset[str] | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    unsure: bool = False

    def with_name(self, name: str, type_: Type) -> Scope:
        """Give a scope with one name more, such as a loop's."""
        return replace(self, names=MappingProxyType({**self.names, name: type_}))

    def without_name(self, name: str, hint: str) -> Scope:
        """Give a scope where `name` means nothing, with the way out."""
        kept = {known: type_ for known, type_ in self.names.items() if known != name}
        return replace(self, names=MappingProxyType(kept), absent=MappingProxyType({**self.absent, name: hint}))

    def with_function(self, function: str) -> Scope:
        """Give a scope where `function` may be called."""
        kept = {name: why for name, why in self.refused.items() if name != function}
        return replace(self, refused=MappingProxyType(kept))

    def without_function(self, function: str, why: str) -> Scope:
        """Give a scope where `function` has no place, for the reason `why`."""
        return replace(self, refused=MappingProxyType({**self.refused, function: why}))
