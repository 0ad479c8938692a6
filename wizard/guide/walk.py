"""Ways through a guide: every step with its address, every text with its kind, every model with its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args, get_origin

from wizard.guide.models.base import Conditional, Kind, Model, kind_of
from wizard.guide.models.guide import Phase
from wizard.guide.models.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.guide.document import DataPath
    from wizard.guide.models import Guide, Procedure

Branch = Literal["steps", "finally", "undo"]


@dataclass(frozen=True, slots=True)
class PlacedStep:
    """A step, its address in the guide and what it stands in.

    `path` is the address of `PlannedStep.path` (`phases.update.steps.migrate`), `place` leads through
    the document. `around` are the steps it is nested in, outermost first; `branch` says whether the
    walk comes by it, leaves by it (`finally`) or goes back over it (`undo`).
    """

    path: str
    place: DataPath
    step: Step
    owner: Phase | Procedure
    branch: Branch
    around: tuple[Step, ...] = ()


def every_step(guide: Guide) -> Iterator[PlacedStep]:
    """All steps of phases and procedures in the order of the file; groups, undo and finally too."""
    for number, phase in enumerate(guide.phases):
        yield from _steps(phase.steps, f"phases.{phase.id}.steps", ("phases", number, "steps"), phase, "steps")
        yield from _steps(phase.finally_, f"phases.{phase.id}.finally", ("phases", number, "finally"), phase, "finally")
    for name, procedure in guide.procedures.items():
        yield from _steps(
            procedure.steps, f"procedures.{name}.steps", ("procedures", name, "steps"), procedure, "steps"
        )


def _steps(
    steps: Sequence[Step],
    path: str,
    place: DataPath,
    owner: Phase | Procedure,
    branch: Branch,
    *,
    around: tuple[Step, ...] = (),
) -> Iterator[PlacedStep]:
    for number, step in enumerate(steps):
        here, there = f"{path}.{step.id}", (*place, number)
        yield PlacedStep(here, there, step, owner, branch, around)
        yield from _steps(step.steps or (), f"{here}.steps", (*there, "steps"), owner, branch, around=(*around, step))
        yield from _steps(step.undo, f"{here}.undo", (*there, "undo"), owner, "undo", around=(*around, step))


_BRANCHES: Final = {"steps": "steps", "finally": "finally_", "undo": "undo"}
"""Parts of an address that lead to steps, and the attribute that holds them."""


def model_at(guide: Guide, path: str) -> Step:
    """The step at `path` (`phases.update.steps.migrate`, `procedures.go-back.steps.x.undo.y`).

    At `phases.update` it is the loop that the steps of a phase with `for_each` make up. Raises KeyError where the
    guide has no such step.
    """
    kind, _, address = path.partition(".")
    name, *rest = address.split(".")
    owner: Phase | Procedure | Step | None = None
    if kind == "phases":
        owner = next((phase for phase in guide.phases if phase.id == name), None)
    elif kind == "procedures":
        owner = guide.procedures.get(name)
    while owner is not None and len(rest) >= 2:
        branch, wanted, *rest = rest
        attribute = _BRANCHES.get(branch, "")
        steps: Sequence[Step] | None = getattr(owner, attribute, None)
        owner = next((step for step in steps or () if step.id == wanted), None)
    if isinstance(owner, Phase) and owner.for_each is not None and not rest:
        return owner.as_loop
    if not isinstance(owner, Step) or rest:
        raise KeyError(path)
    return owner


@dataclass(frozen=True, slots=True)
class PlacedModel:
    """A part of the guide with its place; `around` are the models it is nested in, outermost first."""

    place: DataPath
    model: Model
    around: tuple[Model, ...]


def every_model(model: Model, place: DataPath = (), around: tuple[Model, ...] = ()) -> Iterator[PlacedModel]:
    """The model itself and everything inside it, in the order of declaration."""
    found: list[PlacedModel] = []
    _gather(model, place, around, found)
    return iter(found)


def _gather(model: Model, place: DataPath, around: tuple[Model, ...], found: list[PlacedModel]) -> None:
    found.append(PlacedModel(place, model, around))
    inside = (*around, model)
    for key, value, _ in _fields(model):
        _gather_inside(value, (*place, key), inside, found)


def _gather_inside(value: Any, place: DataPath, around: tuple[Model, ...], found: list[PlacedModel]) -> None:
    if isinstance(value, Model):
        _gather(value, place, around, found)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            _gather_inside(entry, (*place, number), around, found)
    elif isinstance(value, dict):
        for key, entry in value.items():
            _gather_inside(entry, (*place, str(key)), around, found)


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A text of a guide, what kind of text it is, its place, and the model whose field it is."""

    place: DataPath
    kind: Kind
    text: str
    owner: PlacedModel

    @property
    def key(self) -> str:
        """The key of the owner under which the text stands."""
        return str(self.place[len(self.owner.place)])


def every_text(model: Model) -> Iterator[PlacedText]:
    """Every marked string of a model and of all inside it."""
    for placed in every_model(model):
        yield from texts_of(placed)


def texts_of(placed: PlacedModel) -> Iterator[PlacedText]:
    """The marked strings of one model, not of the models inside it."""
    for key, value, form in _fields(placed.model):
        if isinstance(value, str):
            if form.kind is not None:
                yield PlacedText((*placed.place, key), form.kind, value, placed)
        elif isinstance(value, (list, dict)):
            for place, kind, text in _marked(value, form, (*placed.place, key)):
                yield PlacedText(place, kind, text, placed)


def _marked(value: Any, form: _Form, place: DataPath) -> Iterator[tuple[DataPath, Kind, str]]:
    match value:
        case str():
            if form.kind is not None:
                yield place, form.kind, value
        case list():
            item = form.inside(0, value)
            for number, entry in enumerate(value):
                yield from _marked(entry, item, (*place, number))
        case dict():
            name, item = form.inside(0, value), form.inside(1, value)
            for key, entry in value.items():
                if "${{" in str(key):
                    yield from _marked(str(key), name, (*place, str(key)))
                yield from _marked(entry, item, (*place, str(key)))
        case _:
            pass


class _Form:
    """The type of a field, or of what a list or map in it holds, and the mark of a string that stands there.

    There is one for each place of a type, so that types, which are slow to compare, are looked at once.
    """

    __slots__ = ("_inside", "annotation", "kind")

    def __init__(self, annotation: Any) -> None:
        """Look for the mark."""
        self.annotation = annotation
        self.kind = _kind_for_text(annotation)
        self._inside: dict[tuple[type, int, bool], _Form] = {}

    def inside(self, index: int, value: list[Any] | dict[str, Any]) -> _Form:
        """The form of a list's entries, or of a map's keys (0) and entries (1); of several the one that fits."""
        entries = value if isinstance(value, list) else value.values()
        looked_for = (type(value), index, any(isinstance(entry, Model) for entry in entries))
        found = self._inside.get(looked_for)
        if found is None:
            container, _, has_models = looked_for
            found = _Form(_entry_type(self.annotation, container, index, has_models=has_models))
            self._inside[looked_for] = found
        return found


_EMPTY: Final[tuple[object, object]] = ([], {})


def _fields(model: Model) -> Iterator[tuple[str, Any, _Form]]:
    """Key, value and form of every field that the file has given or that has a value."""
    chosen = type(model).chosen
    values = model.__dict__
    for name, key, form in _layout(type(model)):
        value = model.written_when if name == "when" and isinstance(model, Conditional) else values.get(name)
        if value is None or value is False or value in _EMPTY:
            continue
        yield getattr(model, chosen.key) if chosen is not None and name == chosen.value else key, value, form


@cache
def _layout(model: type[Model]) -> tuple[tuple[str, str, _Form], ...]:
    """Attribute, key and form of every field; without the key that an author chooses, which is no text."""
    chosen = model.chosen
    return tuple(
        (
            name,
            field.alias or name,
            _Form(Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation),
        )
        for name, field in model.model_fields.items()
        if chosen is None or name != chosen.key
    )


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The members of a union, and of unions inside it; anything else as it is."""
    origin = get_origin(annotation)
    if origin is Annotated or origin in (list, dict, Literal) or not get_args(annotation):
        yield annotation
    else:
        for member in get_args(annotation):
            yield from _alternatives(member)


def _kind_for_text(annotation: Any) -> Kind | None:
    """The mark of the member that takes a string; the outermost where marks are nested."""
    for member in _alternatives(annotation):
        if get_origin(member) is Annotated:
            base, *marks = get_args(member)
            kind = kind_of(list(reversed(marks)))
            if kind is not None:
                return kind
            inner = _kind_for_text(base) if base is not str else None
            if inner is not None:
                return inner
    return None


def _entry_type(annotation: Any, container: type, index: int, *, has_models: bool) -> Any:
    """The type of a container's entries; of several the one that can hold them."""
    for member in _alternatives(annotation):
        if get_origin(member) is not container:
            continue
        item = get_args(member)[index]
        takes_models = any(isinstance(part, type) and issubclass(part, Model) for part in _alternatives(item))
        if takes_models or not has_models:
            return item
    return Any
