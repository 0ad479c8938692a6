"""From the data of a document to the models, telling every mistake in plain words with its place.

The types of the models say what may stand where; of a union the member is taken that fits the shape
of the data. What cannot be used is reported once and a spare value put in its place, so that the rest
of the guide is read, and linted, in one go.
"""

from __future__ import annotations

import difflib
import types
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from wizard.guide.models.base import Kind, Model, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic.fields import FieldInfo

    from wizard.guide.document import DataPath, Document
    from wizard.problems import Problem

_BROKEN: Final = object()
_SWITCH_WORDS: Final = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_TEXT_NAMES: Final = {
    Kind.EXPRESSION: "an expression",
    Kind.SHELL: "a command",
    Kind.DURATION: "a duration (30s, 5m, 2h)",
    Kind.NAME: "a name",
    Kind.KEY: "a key",
    Kind.REGEX: "a regular expression",
}


_Shape = Literal["text", "switch", "whole", "choice", "list", "mapping", "model", "any"]


@dataclass(frozen=True, slots=True)
class _Option:
    """One member of a field's type: its shape, what checks it, and what it is made of."""

    shape: _Shape
    annotation: Any
    kind: Kind | None = None
    values: tuple[Any, ...] = ()

    def accepts(self, data: object) -> bool:
        """Whether `data` has this shape."""
        match self.shape:
            case "text" | "choice":
                return isinstance(data, (str, int)) and not isinstance(data, bool)
            case "switch":
                return isinstance(data, bool)
            case "whole":
                return isinstance(data, int) and not isinstance(data, bool)
            case "list":
                return isinstance(data, list)
            case "mapping" | "model":
                return isinstance(data, dict)
            case "any":
                return True

    @property
    def name(self) -> str:
        """What is wanted, for a message."""
        match self.shape:
            case "text":
                return _TEXT_NAMES.get(self.kind, "text") if self.kind else "text"
            case "choice":
                return "one of: " + ", ".join(str(value) for value in self.values)
            case "switch":
                return "true or false"
            case "whole":
                return "a whole number"
            case "list":
                return "a list"
            case "mapping" | "model":
                return "a mapping"
            case "any":
                return "a value"


_M = TypeVar("_M", bound=Model)


class Builder:
    """Builds models out of one document and gathers what is wrong with it."""

    def __init__(self, document: Document) -> None:
        """Start with no problems but those the document has."""
        self.document = document
        self.problems: list[Problem] = []
        self.damaged: set[DataPath] = set(document.damaged)
        self._spared = 0
        """Values that could not be used, whoever reported them."""

    def build(self, model: type[_M], data: Any, path: DataPath = ()) -> _M:
        """Make a `model` of `data`; there always is one, whatever had to be reported."""
        if not isinstance(data, dict):
            self._report(path, f"a mapping is wanted here, and this is {_shown(data)}", rule="wrong-shape")
            return self._spare_model(model)
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        places = {key: (*path, key) for key in fields}
        if model.chosen is not None:
            data = self._with_chosen(model, data, places, path)
        guesses = self._unknown_keys(model, data, fields, path)
        data = self._one_way(model, data, guesses, path)
        values: dict[str, Any] = {}
        before = (len(self.damaged), len(self.problems), self._spared)
        for key, field in fields.items():
            value = self._value(_full(field), data[key], places[key]) if key in data else _BROKEN
            if value is not _BROKEN:
                values[key] = value
                continue
            if model.chosen is not None and key == model.chosen.key:
                values[key] = data[key]  # what stands under it is placed by it, however it is written
                self.damaged.add(places[key])
                continue
            if field.is_required() or (key in data and model.one_of is not None and key in model.one_of.flat):
                values[key] = self._spare(_full(field))
                self.damaged.add(places[key])
                if key not in data and key not in guesses:
                    self._report(path, f"the key `{key}` is missing", rule="missing-key", hint=_about(field))
        if (len(self.damaged), len(self.problems), self._spared) == before and not guesses:
            try:
                return model.model_validate(values)
            except ValidationError as error:
                for one in error.errors():
                    self._report(path, _said(one), rule="does-not-fit")
        return cast(_M, model.model_construct(**values))

    def _with_chosen(
        self, model: type[Model], data: dict[str, Any], places: dict[str, DataPath], path: DataPath
    ) -> dict[str, Any]:
        """Give the one entry whose key the author chose under the names of its two fields."""
        chosen = model.chosen
        assert chosen is not None  # noqa: S101 - the caller asked
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        own = [key for key in data if key not in fields or key in (chosen.key, chosen.value)]
        names = [key for key in own if (*path, key) not in self.document.damaged]
        if not names:
            options = ", ".join(f"`{name}`" for name in _shown_keys(model))
            hint = f"write it like {{node: answers.nodes}}; beside it there may be {options}"
            message = "this needs a name for an item, and the list under it"
            self._report(path, message, rule="missing-key", hint=hint)
            self.damaged.update({(*path, _NO_NAME), *(places[name] for name in (chosen.key, chosen.value))})
            spare = {chosen.key: _NO_NAME, chosen.value: ""}
            return {**{key: value for key, value in data.items() if key not in own}, **spare}
        name, *more = names
        rest = {key: value for key, value in data.items() if key not in own}
        for one in more:
            self._unknown_keys(model, {one: data[one], **rest}, fields, path)
        places[chosen.key] = places[chosen.value] = (*path, name)
        return {**rest, chosen.key: name, chosen.value: data[name]}

    def _unknown_keys(
        self, model: type[Model], data: dict[str, Any], fields: dict[str, FieldInfo], path: DataPath
    ) -> set[str]:
        """Report keys the model does not have; the keys they were probably meant to be."""
        guesses: set[str] = set()
        for key in data:
            if key in fields:
                continue
            self.damaged.add((*path, key))
            if (*path, key) in self.document.damaged:
                continue
            near = difflib.get_close_matches(key, [name for name in fields if name not in data], n=1, cutoff=0.6)
            if near:
                guesses.add(near[0])
                self.damaged.add((*path, near[0]))
                hint = f"did you mean `{near[0]}`?"
            elif len(fields) <= 14:
                hint = "known here: " + ", ".join(_shown_keys(model))
            else:
                hint = ""
            noun = _NOUNS.get(model.__name__, "")
            where = f" of a {noun}" if noun else ""
            self._report((*path, key), f"`{key}` is no key{where}", rule="unknown-key", hint=hint, at_key=True)
        return guesses

    def _one_way(self, model: type[Model], data: dict[str, Any], guesses: set[str], path: DataPath) -> dict[str, Any]:
        """Leave exactly one of the keys that exclude each other."""
        if model.one_of is None:
            return data
        used = model.one_of.used({key for key, value in data.items() if value is not False})
        if len(used) == 1:
            return data
        if not used:
            if not guesses & set(model.one_of.flat):
                self._report(path, model.one_of.complaint(used), rule="one-of")
            self.damaged.add((*path, model.one_of.spare))
            return {**data, model.one_of.spare: ""}
        kept = min(used, key=list(data).index)
        second = sorted(used, key=list(data).index)[1]
        self._report((*path, second), model.one_of.complaint(used), rule="one-of", at_key=True)
        return {key: value for key, value in data.items() if key not in used or key == kept}

    def _value(self, annotation: Any, data: Any, path: DataPath) -> Any:
        """Make the value of one field; `_BROKEN` where it cannot be used (it is reported then)."""
        if path in self.document.damaged:
            self._spared += 1
            return _BROKEN
        options = _options(annotation)
        fitting = [option for option in options if option.accepts(data)]
        if not fitting:
            self._report(path, _misfit(options, data), rule="wrong-shape", hint=_misfit_hint(options, data))
            self.damaged.add(path)
            return _BROKEN
        if self._is_text_with_colon(options, data):
            message = "a `: ` in this text makes YAML see a key"
            self._report(path, message, rule="colon-in-text", hint="put the whole text in quotes")
            self.damaged.add(path)
            return _BROKEN
        match data:
            case list():
                return self._list(_closest_list(fitting, data), data, path)
            case dict():
                return self._mapping(fitting[0], data, path)
            case _:
                return self._leaf(fitting, data, path)

    def _is_text_with_colon(self, options: Sequence[_Option], data: Any) -> bool:
        """Whether a mapping, where a text might stand too, has one key only and that is no key but words."""
        texts = any(option.shape == "text" for option in options)
        return texts and isinstance(data, dict) and len(data) == 1 and " " in str(next(iter(data)))

    def _list(self, option: _Option, data: list[Any], path: DataPath) -> Any:
        if option.shape == "any":
            return data
        item = get_args(option.annotation)[0]
        built = [self._value(item, entry, (*path, number)) for number, entry in enumerate(data)]
        return [self._spare(item) if entry is _BROKEN else entry for entry in built]

    def _mapping(self, option: _Option, data: dict[str, Any], path: DataPath) -> Any:
        if option.shape == "any":
            return data
        if option.shape == "model":
            return self.build(option.annotation, data, path)
        key_type, value_type = get_args(option.annotation)
        built: dict[str, Any] = {}
        for key, entry in data.items():
            place = (*path, key)
            if place not in self.document.damaged:
                complaint = _complaint(key_type, key)
                if complaint:
                    self._report(place, complaint, rule="bad-name", at_key=True)
            value = self._value(value_type, entry, place)
            built[key] = self._spare(value_type) if value is _BROKEN else value
        return built

    def _leaf(self, options: Sequence[_Option], data: Any, path: DataPath) -> Any:
        """Take the first option whose own check is content; numbers and choices before text."""
        complaint = ""
        for option in sorted(options, key=lambda option: option.shape in ("text", "any")):
            if option.shape == "any":
                return data
            if option.shape == "choice" and data not in option.values and len(options) > 1:
                continue
            try:
                return _adapter(option.annotation).validate_python(data)
            except ValidationError as error:
                complaint = complaint or _choice_complaint(option, data) or _said(error.errors()[0])
        near = [str(value) for option in options for value in option.values]
        self._report(path, complaint, rule="bad-value", hint=_did_you_mean(str(data), near))
        self.damaged.add(path)
        return _BROKEN

    def _spare(self, annotation: Any) -> Any:
        """A value that keeps the place of one that cannot be used."""
        option = _options(annotation)[0]
        match option.shape:
            case "text" | "any":
                return ""
            case "switch":
                return False
            case "whole":
                return 0
            case "choice":
                return option.values[0]
            case "list":
                return []
            case "mapping":
                return {}
            case "model":
                return self._spare_model(option.annotation)

    def _spare_model(self, model: type[_M]) -> _M:
        values = {
            field.alias or name: self._spare(_full(field))
            for name, field in model.model_fields.items()
            if field.is_required()
        }
        if model.one_of is not None:
            values[model.one_of.spare] = ""
        return cast(_M, model.model_construct(**values))

    def _report(self, path: DataPath, message: str, *, rule: str, hint: str = "", at_key: bool = False) -> None:
        self.problems.append(self.document.problem(path, message, hint=hint, rule=rule, at_key=at_key))


_NO_NAME: Final = "item"
"""Stands for the name that a loop does not give."""

_NOUNS: Final = {
    "Guide": "guide",
    "Phase": "phase",
    "Procedure": "procedure",
    "Step": "step",
    "Section": "section",
    "Question": "question",
    "Column": "column",
    "Fact": "fact",
    "Check": "check",
    "StepCheck": "check",
    "Hop": "hop",
    "Each": "loop",
    "ForEach": "loop",
}
"""What an author calls some of the models."""


def _shown_keys(model: type[Model]) -> list[str]:
    """The keys an author may write, without `covers`, which may stand everywhere."""
    chosen = model.chosen
    own = () if chosen is None else (chosen.key, chosen.value)
    keys = [field.alias or name for name, field in model.model_fields.items()]
    return [key for key in keys if key != "covers" and key not in own]


def _full(field: FieldInfo) -> Any:
    """The field's type with its marks and validators."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


@cache
def _options(annotation: Any) -> tuple[_Option, ...]:
    """The members of a type, unions taken apart."""
    return tuple(_members(annotation))


def _members(annotation: Any) -> Iterable[_Option]:
    base, *marks = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
    if get_origin(base) in (Union, types.UnionType):
        for member in get_args(base):
            yield from _members(member)
    elif base is not types.NoneType:
        yield _Option(_shape(base), annotation if marks else base, kind_of(marks), _choices(base))


_SHAPES: Final[dict[Any, _Shape]] = {
    Literal: "choice",
    list: "list",
    dict: "mapping",
    Any: "any",
    bool: "switch",
    int: "whole",
    str: "text",
}


def _shape(base: Any) -> _Shape:
    if isinstance(base, type) and issubclass(base, Model):
        return "model"
    if isinstance(base, type) and issubclass(base, Enum):
        return "choice"
    return _SHAPES[get_origin(base) or base]


def _choices(base: Any) -> tuple[Any, ...]:
    if get_origin(base) is Literal:
        return get_args(base)
    return tuple(member.value for member in base) if isinstance(base, type) and issubclass(base, Enum) else ()


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _closest_list(options: Sequence[_Option], data: list[Any]) -> _Option:
    """Of several list types the one whose entries have the shapes of most entries here."""
    if options[0].shape == "any":
        return options[0]

    def fits(option: _Option) -> int:
        items = _options(get_args(option.annotation)[0]) if option.shape == "list" else ()
        return sum(1 for entry in data if any(item.accepts(entry) for item in items))

    return max(options, key=fits)


def _complaint(annotation: Any, value: Any) -> str:
    """Why `value` is not of this type; empty where it is."""
    try:
        _adapter(annotation).validate_python(value)
    except ValidationError as error:
        return _said(error.errors()[0])
    return ""


def _said(error: Any) -> str:
    """Our own words where a validator of ours spoke, else pydantic's without their jargon."""
    cause = error.get("ctx", {}).get("error")
    return str(cause) if isinstance(cause, ValueError) else str(error["msg"]).lower()


def _choice_complaint(option: _Option, data: Any) -> str:
    if option.shape != "choice":
        return ""
    return f"{data!r} is not one of: {', '.join(str(value) for value in option.values)}"


def _did_you_mean(data: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(data, known, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def _misfit(options: Sequence[_Option], data: Any) -> str:
    wanted = list(dict.fromkeys(option.name for option in options))
    names = wanted[0] if len(wanted) == 1 else f"{', '.join(wanted[:-1])} or {wanted[-1]}"
    return f"{names} is wanted here, and this is {_shown(data)}"


def _misfit_hint(options: Sequence[_Option], data: Any) -> str:
    shapes = {option.shape for option in options}
    if "switch" in shapes and isinstance(data, str) and data.lower() in _SWITCH_WORDS:
        return f"write {_SWITCH_WORDS[data.lower()]}, without quotes"
    if isinstance(data, bool) and "text" in shapes:
        return f'put it in quotes: "{str(data).lower()}"'
    if shapes == {"list"} and not isinstance(data, list):
        return "put `- ` in front of it, on a line of its own"
    if any(option.shape == "model" and option.annotation.chosen is not None for option in options):
        return "give an item a name: {node: answers.nodes}"
    return ""


def _shown(data: Any) -> str:
    match data:
        case bool():
            return f"the switch {str(data).lower()}"
        case str():
            return f"the text {data[:40]!r}"
        case int():
            return f"the number {data}"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return "nothing"


def _about(field: FieldInfo) -> str:
    """What the missing key wants."""
    return f"it takes {_options(_full(field))[0].name}"
