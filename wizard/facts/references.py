"""Which names a part of a guide needs: read from its expressions and its texts, through `values` and connections."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from wizard.errors import ExpressionError
from wizard.guide.models.base import Kind, KindMark, Model
from wizard.guide.models.loops import Each

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from wizard.guide.models import Guide

SHOWN_ONLY: Final = frozenset({"title", "say", "remedy", "fix", "links", "not_needed", "covers", "why"})
"""Keys of facts and checks that are read by people only; a name missing there never hinders the reading."""

_UNRENDERED: Final = frozenset({Kind.LITERAL, Kind.NAME, Kind.KEY})


def references_of(part: Model, guide: Guide, *, without: Collection[str] = SHOWN_ONLY) -> frozenset[str]:
    """Names `part` needs (`answers.install_dir`, `facts.settings.PORT`), those behind `values.x` included.

    Keys in `without` are left out at the top of `part`. A connection that is named counts with its texts.
    """
    found: set[str] = set()
    for kind, text in _texts_in(part, guide, without):
        found |= references_in(kind, text)
    return frozenset(one for one in behind_values(found, guide) if root_of(one)[0] not in _own_names(part))


def expressions_of(part: Model, guide: Guide, *, without: Collection[str] = SHOWN_ONLY) -> Iterator[tuple[str, bool]]:
    """The expressions of `part` and of a connection it names, and whether each stands in a text, as `${{ … }}`.

    What is broken is left out.
    """
    from wizard.templates import template_expressions

    for kind, text in _texts_in(part, guide, without):
        if kind is Kind.EXPRESSION:
            yield text, False
        elif kind not in _UNRENDERED:
            with contextlib.suppress(ExpressionError):
                yield from ((source, True) for source, _ in template_expressions(text))


def _texts_in(part: Model, guide: Guide, without: Collection[str]) -> Iterator[tuple[Kind, str]]:
    """The texts of `part` and of the connections it names, with their kinds."""
    yield from _texts_of_model(part, frozenset(without))
    for name in _connections_of(part):
        if (connection := guide.connections.get(name)) is not None:
            yield from _texts_of_model(connection, frozenset())


def _own_names(part: Model) -> frozenset[str]:
    """What a loop names itself: that is no name it needs."""
    loop = getattr(part, "for_each", None)
    return frozenset({loop.name}) if isinstance(loop, Each) else frozenset()


def references_in(kind: Kind, text: str) -> frozenset[str]:
    """Names in one text. What is no expression has none here: its own reader says what is wrong with it."""
    from wizard.expressions import compile_expression
    from wizard.templates import template_expressions

    if kind in _UNRENDERED:
        return frozenset()
    try:
        sources = [text] if kind is Kind.EXPRESSION else [source for source, _ in template_expressions(text)]
        return frozenset[str]().union(*(compile_expression(source).references for source in sources))
    except ExpressionError:
        return frozenset()


def behind_values(references: Collection[str], guide: Guide) -> frozenset[str]:
    """Add what the `values.x` among `references` are made of, however deep."""
    found = set(references)
    pending = [reference for reference in references if reference.startswith("values.")]
    seen: set[str] = set()
    while pending:
        name = pending.pop().split(".")[1]
        source = guide.values.get(name)
        if name in seen or not isinstance(source, str):
            continue
        seen.add(name)
        more = references_in(Kind.EXPRESSION, source) - found
        found |= more
        pending += [reference for reference in more if reference.startswith("values.")]
    return frozenset(found)


def root_of(reference: str) -> tuple[str, str]:
    """Split `facts.settings.PORT` into its name space and the first name in it: `facts`, `settings`."""
    space, _, rest = reference.partition(".")
    return space, rest.partition(".")[0]


def is_there(reference: str, names: Mapping[str, Any]) -> bool:
    """Whether the first name of `reference` has a value; what lies deeper may still be absent."""
    space, name = root_of(reference)
    if space not in names:
        return False
    there = names[space]
    return not name or not isinstance(there, Mapping) or name in there


def _connections_of(part: Model) -> Iterator[str]:
    for _, value in part:
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Model):
                yield from _connections_of(inner)
    name = getattr(part, "connection", None)
    if isinstance(name, str):
        yield name


def _texts_of_model(part: Model, without: frozenset[str]) -> Iterator[tuple[Kind, str]]:
    hints = _hints(type(part))
    for name in type(part).model_fields:
        value = getattr(part, name)
        if value is not None and name.rstrip("_") not in without:
            yield from _texts(hints[name], value)


@cache
def _hints(model: type[Model]) -> dict[str, Any]:
    return get_type_hints(model, include_extras=True)


def _texts(annotation: Any, value: Any) -> Iterator[tuple[Kind, str]]:
    """Strings in `value` with their kinds, as `annotation` says."""
    match value:
        case Model():
            yield from _texts_of_model(value, frozenset({"covers"}))
        case str():
            kind = next(_kinds(annotation), None)
            if kind is not None:
                yield kind, value
        case list() | tuple():
            for item in value:
                yield from _texts(_inside(annotation, list, 0), item)
        case dict():
            for name, item in value.items():
                if "${{" in str(name):
                    yield from _texts(_inside(annotation, dict, 0), str(name))
                yield from _texts(_inside(annotation, dict, 1), item)


def _members(annotation: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type."""
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(one for member in get_args(annotation) for one in _members(member))
    return (annotation,)


def _kinds(annotation: Any) -> Iterator[Kind]:
    for member in _members(annotation):
        if get_origin(member) is Annotated:
            yield from (mark.kind for mark in member.__metadata__ if isinstance(mark, KindMark))


def _inside(annotation: Any, container: type, index: int) -> Any:
    """The union of what containers of that type hold, among the types of `annotation`."""
    inner = [
        get_args(member)[index]
        for member in _members(annotation)
        if get_origin(member) is container and len(get_args(member)) > index
    ]
    return Union[tuple(inner)] if inner else None  # noqa: UP007 - made at run time
