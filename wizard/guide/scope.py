"""Which names an expression may use where it stands in a guide, and what types they have."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError
from wizard.expressions.check import infer_type
from wizard.expressions.types import (
    BOOL,
    COMMAND,
    DYNAMIC,
    INT,
    NUMBER,
    SECRET,
    TEXT,
    VERSION,
    Scope,
    Type,
    joined,
    list_of,
    map_of,
    record,
    type_of_value,
)
from wizard.expressions.values import order_of_values
from wizard.guide.models.checks import HttpCheck, SqlCheck, StepCheck
from wizard.guide.models.facts import Fact
from wizard.guide.models.guide import BlockedPath, Hop, Phase
from wizard.guide.models.loops import Each
from wizard.guide.models.questions import Question, QuestionType, Valid
from wizard.guide.models.steps import Capture, Confirm, ForEach, Gate, Listing, ManualItem, ManualList, Record, Step
from wizard.guide.references import lacks_a_step
from wizard.guide.walk import every_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.guide.document import DataPath
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models.base import Model
    from wizard.guide.walk import PlacedModel, PlacedText

MACHINE: Final = record(
    {
        "os": TEXT,
        "os_version": TEXT,
        "family": TEXT,
        "package_manager": TEXT,
        "arch": TEXT,
        "cpus": INT,
        "memory": INT,
        "hostname": TEXT,
        "container": BOOL,
    }
)
HOP: Final = record({"from": VERSION, "to": VERSION, "number": INT, "first": BOOL, "last": BOOL})
ENDS_OF_HOP: Final = record({"from": VERSION, "to": VERSION})
"""What is known of a hop while the path is looked for."""
SESSION: Final = record({"id": TEXT, "started": TEXT, "folder": TEXT})
GUIDE: Final = record({"folder": TEXT})
EVIDENCE: Final = record(
    {
        "guide": TEXT,
        "guide_sha256": TEXT,
        "session": TEXT,
        "name": TEXT,
        "state": TEXT,
        "ended": TEXT,
        "current_version": VERSION,
        "target_version": VERSION,
        "answers": map_of(DYNAMIC),
        "steps": map_of(TEXT),
    }
)
"""What a gate sees of the evidence it demands: how the session ended, its answers, and its steps by id."""

_NO_FILE: Final = "it reads the disk, so it stands only in `valid` and in checks"
_BESIDE: Final = "it is asked beside the work, at any moment of it"
_NOT_YET_RUN: Final = "nothing has run yet where this is read"

_ANSWERS: Final[Mapping[QuestionType, Type]] = {
    QuestionType.TEXT: TEXT,
    QuestionType.YES_NO: BOOL,
    QuestionType.CHOICE: TEXT,
    QuestionType.CHOICES: list_of(TEXT),
    QuestionType.NUMBER: NUMBER,
    QuestionType.VERSION: VERSION,
    QuestionType.PATH: TEXT,
    QuestionType.SECRET: SECRET,
    QuestionType.HOST: TEXT,
    QuestionType.HOST_PORT: TEXT,
    QuestionType.PERCENTAGE: NUMBER,
    QuestionType.DURATION: TEXT,
    QuestionType.TIME_WINDOW: TEXT,
    QuestionType.COMMAND: COMMAND,
}


@dataclass(frozen=True, slots=True)
class _Layer:
    """The names of one part of a guide, before those of loops and procedures."""

    names: tuple[str, ...]
    ran: bool = False
    """Whether steps may have run: `outcome` and `took` mean something."""


_LAYERS: Final[Mapping[str, _Layer]] = {
    "facts": _Layer(("answers", "facts", "values", "machine", "guide")),
    "questions": _Layer(("answers", "facts", "values", "machine", "guide")),
    "versions": _Layer(("answers", "facts", "values", "machine", "guide")),
    "connections": _Layer(("answers", "facts", "values", "machine", "guide")),
    "works_on": _Layer(("answers", "facts", "values", "machine", "guide")),
    "checks": _Layer(("answers", "facts", "values", "machine", "guide", "hop")),
    "notes": _Layer(("answers", "facts", "values", "machine", "guide", "hop")),
    "defaults": _Layer(("answers", "facts", "values", "machine", "guide", "hop", "session")),
    "values": _Layer(("answers", "facts", "values", "machine", "guide", "hop", "session", "captured"), ran=True),
    "phases": _Layer(("answers", "facts", "values", "machine", "guide", "hop", "session", "captured"), ran=True),
    "procedures": _Layer(("answers", "facts", "values", "machine", "guide", "hop", "session", "captured"), ran=True),
}
_ELSEWHERE: Final = _Layer(("answers", "facts", "values", "machine", "guide"))


class Scopes:
    """Scopes for every place of one guide; types are found out once."""

    def __init__(self, loaded: LoadedGuide) -> None:
        """Look at `loaded`; a name whose declaration is broken gets a type nobody complains about."""
        self._loaded = loaded
        self._guide = loaded.guide
        self._parts: dict[str, Scope] = {}

    @property
    def loaded(self) -> LoadedGuide:
        """The guide the scopes belong to."""
        return self._loaded

    def at(self, text: PlacedText) -> Scope:
        """The scope of the expression or text that stands at `text`."""
        return self.inside(text.place, (*text.owner.around, text.owner.model))

    def inside(self, place: DataPath, models: Iterable[Model]) -> Scope:
        """The scope at `place`, which lies in `models` (outermost first)."""
        chain = list(models)
        scope = self._procedure_needs(self._of_part(str(place[0]) if place else ""), place)
        item = ""
        for model in chain:
            if isinstance(model, Step) and model.once == "batch" and item:
                scope = scope.without_name(item, f"this is done once a batch: use batch, the list of its {item}s")
            before, scope = scope, self._loop(scope, model, place)
            if scope is not before and isinstance(model, (Step, Phase)) and model.for_each is not None:
                item = model.for_each.name
            if not (isinstance(model, ManualList) and any(isinstance(inner, Listing) for inner in chain)):
                scope = _with_names_of(model, scope, place)
        if place[0:3:2] == ("phases", "keep_checking"):
            scope = scope.without_function("outcome", _BESIDE).without_function("took", _BESIDE)
        if any(place[:length] in self._broken_loops for length in range(len(place))):
            scope = replace(scope, unsure=True)
        reads_disk = any(isinstance(model, (StepCheck, Valid)) for model in chain)
        return scope.with_function("file") if reads_disk else scope

    @cached_property
    def _broken_loops(self) -> frozenset[DataPath]:
        """Places of what has a loop whose name could not be read."""
        return frozenset(
            damaged[: damaged.index("for_each")] for damaged in self._loaded.damaged if "for_each" in damaged
        )

    def _of_part(self, part: str) -> Scope:
        if part not in self._parts:
            self._parts[part] = self._made_for(part)
        return self._parts[part]

    def _made_for(self, part: str) -> Scope:
        layer = _LAYERS.get(part, _ELSEWHERE)
        known = self._names
        scope = Scope(MappingProxyType({name: known[name] for name in layer.names}))
        if layer.ran:
            return replace(scope, steps=self.step_ids).without_function("file", _NO_FILE)
        refused = scope.without_function("outcome", _NOT_YET_RUN).without_function("took", _NOT_YET_RUN)
        return refused.without_function("file", _NO_FILE)

    def _procedure_needs(self, scope: Scope, place: DataPath) -> Scope:
        if len(place) > 1 and place[0] == "procedures":
            procedure = self._guide.procedures.get(str(place[1]))
            for name in procedure.needs if procedure is not None else ():
                scope = scope.with_name(name, DYNAMIC)
        return scope

    def _loop(self, scope: Scope, model: Model, place: DataPath) -> Scope:
        """The scope inside a loop: its item, and in a step also `batch`, the items worked on together."""
        loop = getattr(model, "for_each", None)
        if not isinstance(loop, Each) or _makes_the_list(loop, place):
            return scope
        item = infer_type(loop.items, scope)[0].item or DYNAMIC
        scope = scope.with_name(loop.name, item)
        inside = isinstance(loop, ForEach) and "for_each" not in place[-3:]
        return scope.with_name("batch", list_of(item)) if inside else scope

    @cached_property
    def step_ids(self) -> frozenset[str] | None:
        """Ids of all steps that `outcome()` can ask for; None where an id is broken."""
        ids: set[str] = set()
        if lacks_a_step(self._loaded):
            return None
        for placed in every_step(self._guide):
            if placed.branch != "undo":
                ids.add(placed.step.id)
        return frozenset(ids)

    @cached_property
    def _names(self) -> Mapping[str, Type]:
        names: dict[str, Type] = {
            "answers": self._answers(),
            "machine": MACHINE,
            "guide": GUIDE,
            "hop": HOP,
            "session": SESSION,
            "captured": DYNAMIC if lacks_a_step(self._loaded) else record(self._captured()),
        }
        # Facts may use values and values facts: each sees the other untyped while its own types are found.
        values_unknown = record(dict.fromkeys(self._guide.values, DYNAMIC))
        facts_unknown = record(dict.fromkeys(self._guide.facts, DYNAMIC))
        before = Scope(MappingProxyType({**names, "values": values_unknown, "facts": facts_unknown}))
        names["facts"] = record(
            {
                name: DYNAMIC if self._unsure(("facts", name)) else self._fact(fact, before)
                for name, fact in self._guide.facts.items()
            }
        )
        names["values"] = record(self._values(names))
        return names

    def _unsure(self, place: DataPath) -> bool:
        """Whether something of the declaration at `place` could not be used."""
        return self._loaded.has_damage(place)

    def _answers(self) -> Type:
        answers: dict[str, Type] = {}
        for section, entry in enumerate(self._guide.questions):
            for number, question in enumerate(entry.ask):
                place: DataPath = ("questions", section, "ask", number)
                if self._loaded.is_damaged((*place, "id")):
                    written = self._loaded.document.value((*place, "id"))
                    if not isinstance(written, str) or not written:
                        return DYNAMIC
                    answers[written] = DYNAMIC
                    continue
                unsure = self._loaded.is_damaged((*place, "type")) or self._unsure((*place, "columns"))
                answers[question.id] = DYNAMIC if unsure else question_type(question)
        return DYNAMIC if self._loaded.lacks_some(("questions",), "ask") else record(answers)

    def _fact(self, fact: Fact, scope: Scope) -> Type:
        if fact.for_each is not None:
            scope = scope.with_name(fact.for_each.name, infer_type(fact.for_each.items, scope)[0].item or DYNAMIC)
            return map_of(_read_type(fact, scope))
        return _read_type(fact, scope)

    def _values(self, names: Mapping[str, Type]) -> dict[str, Type]:
        values = self._guide.values
        try:
            order = order_of_values(values)
        except ExpressionError:
            order = list(values)
        found: dict[str, Type] = dict.fromkeys(values, DYNAMIC)
        for name in order:
            given = values[name]
            if isinstance(given, str):
                scope = Scope(MappingProxyType({**names, "values": record(found)}))
                found[name] = infer_type(given, scope)[0]
            else:
                found[name] = type_of_value(given)
        return found

    def _captured(self) -> dict[str, Type]:
        captured: dict[str, Type] = {}
        for placed in self._loaded.parts:
            unsure = self._unsure((*placed.place, "capture"))
            for name, found in captures(placed):
                type_ = DYNAMIC if unsure else found
                captured[name] = joined(captured[name], type_) if name in captured else type_
        return captured


def _with_names_of(model: Model, scope: Scope, place: DataPath) -> Scope:
    """The scope with the names that a part of a guide gives to the texts at `place` inside it."""
    match model:
        case Question(columns=list()) if "columns" in place:
            columns = {column.id: answer_type(column.type) for column in model.columns or ()}
            return _in_hop(model, scope).with_name("row", record(columns))
        case Question() | Fact():
            return _in_hop(model, scope)
        case Hop() if place[-1] == "title":
            return scope.with_name("hop", HOP)
        case Hop() | BlockedPath() if place[-1] in ("when", "unless"):
            return scope.with_name("hop", ENDS_OF_HOP)
        case HttpCheck() if place[-1] == "json":
            return scope.with_name("reply", DYNAMIC)
        case SqlCheck() if place[-1] == "expr":
            return scope.with_name("result", DYNAMIC).with_name("rows", list_of(DYNAMIC))
        case Gate(evidence=str()) if place[-1] != "evidence":
            return scope.with_name("evidence", EVIDENCE)
        case ManualList():
            return scope.with_name(model.list_.as_, TEXT)
        case _:
            return scope


def _in_hop(model: Question | Fact, scope: Scope) -> Scope:
    return scope.with_name("hop", HOP) if model.per == "hop" else scope


def _makes_the_list(loop: Each, place: DataPath) -> bool:
    """Whether what stands at `place` is the list of the loop itself, where there is no item yet."""
    return "for_each" in place and place[place.index("for_each") + 1 :] in (
        (loop.name,),
        ("batch",),
        ("keep_available",),
    )


def question_type(question: Question) -> Type:
    """The type of a question's answer."""
    if question.type is QuestionType.TABLE:
        return list_of(record({column.id: answer_type(column.type) for column in question.columns or ()}))
    return answer_type(question.type)


def answer_type(type_: QuestionType) -> Type:
    """The type of an answer of a plain question or a column."""
    return _ANSWERS.get(type_, DYNAMIC)


def captures(placed: PlacedModel) -> Iterable[tuple[str, Type]]:
    """Names that a part of a guide gives a value while it is walked, and their types."""
    looped = any(isinstance(getattr(model, "for_each", None), Each) for model in (*placed.around, placed.model))

    def given(type_: Type) -> Type:
        return DYNAMIC if looped else type_

    match placed.model:
        case Step(capture=capture):
            for name, rule in capture.items():
                yield name, given(_captured_type(rule))
        case ManualItem(record=str(name)):
            yield name, given(TEXT)
        case ManualItem(record=Record(id=name)):
            yield name, given(TEXT)
        case Confirm(record=records):
            for one in records:
                yield one.id, given(TEXT)
        case _:
            pass


def _captured_type(rule: str | Capture) -> Type:
    if isinstance(rule, str):
        return TEXT
    found = {"number": NUMBER, "version": VERSION, "size": INT}.get(rule.as_, TEXT)
    return list_of(found) if rule.all else found


_FACT_TYPES: Final[Mapping[str, Type]] = {
    "command": TEXT,
    "dotenv": map_of(TEXT),
    "properties": map_of(TEXT),
    "files": list_of(TEXT),
    "file": record(
        {
            "exists": BOOL,
            "readable": BOOL,
            "writable": BOOL,
            "kind": TEXT,
            "size": INT,
            "mode": TEXT,
            "owner": TEXT,
            "group": TEXT,
            "modified": TEXT,
        }
    ),
    "http": record({"status": INT, "text": TEXT, "json": DYNAMIC}),
    "disk": record({"path": TEXT, "total": INT, "free": INT}),
    "service": record({"active": BOOL, "enabled": BOOL, "state": TEXT}),
    "git": record(
        {
            "branch": TEXT,
            "commit": TEXT,
            "clean": BOOL,
            "merging": BOOL,
            "changed": list_of(TEXT),
            "conflicts": list_of(TEXT),
            "remotes": map_of(TEXT),
            "tags": list_of(VERSION),
            "upstream": TEXT,
            "ahead": INT,
            "behind": INT,
        }
    ),
    "images": record(
        {
            "repository": TEXT,
            "tag": TEXT,
            "tags": list_of(TEXT),
            "running": list_of(TEXT),
            "images": list_of(record({"tag": TEXT, "id": TEXT, "created": TEXT, "size": INT})),
        }
    ),
    "containers": list_of(
        record(
            {
                **dict.fromkeys(("name", "image", "tag", "state", "health", "project", "service", "started"), TEXT),
                "labels": map_of(TEXT),
                "exit_code": INT,
            }
        )
    ),
}
"""What each kind gives; of the others that depends on the file or the query."""


_LISTED: Final = frozenset({"files", "containers", "git"})
"""Kinds in which `match` is held against each of several texts."""


def _read_type(fact: Fact, scope: Scope) -> Type:
    """The type of one reading; what depends on the file read is not known."""
    if fact.match is not None:
        found = _matched_type(fact.match, fact.as_)
        return list_of(found) if fact.all or fact.kind in _LISTED else found
    if fact.kind == "first_of":
        ways = [_read_type(way, scope) for way in fact.first_of or ()]
        found = ways[0] if ways else DYNAMIC
        for way in ways[1:]:
            found = joined(found, way)
        return found
    if fact.kind == "value":
        return infer_type(fact.value or "", scope)[0]
    if fact.kind == "command" and fact.all:
        return list_of(TEXT)
    return _FACT_TYPES.get(fact.kind, DYNAMIC)


def _matched_type(pattern: str, types: Mapping[str, Any]) -> Type:
    try:
        groups = re.compile(re.sub(r"\$\{\{.*?\}\}", "x", pattern)).groupindex
    except (re.error, RecursionError, OverflowError):
        return DYNAMIC
    if not groups:
        return TEXT
    named = {"n": NUMBER, "number": NUMBER, "version": VERSION, "size": INT}
    return record({name: named.get(types.get(name, "text"), TEXT) for name in groups})
