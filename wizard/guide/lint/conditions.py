"""What is there when it is needed: conditions of questions and facts against those of their readers, and circles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.evaluate import compile_expression
from wizard.expressions.syntax import Binary, Node
from wizard.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page, PlacedExpression
    from wizard.guide.models.base import Model


@dataclass(frozen=True, slots=True)
class _Needed:
    """Under which conditions a name has a value; `optional` where it may have none in any case."""

    conditions: frozenset[str]
    optional: bool = False


def look(page: Page) -> None:
    """Warn of texts whose names may be absent, and report questions and facts that wait for each other."""
    needed = _needed(page)
    for expression in page.expressions:
        _reader(page, expression, needed)
    _circles(page)


def _needed(page: Page) -> dict[str, _Needed]:
    needed: dict[str, _Needed] = {}
    for section in page.guide.questions:
        for question in section.ask:
            conditions = {*_conjuncts(section.when), *_conjuncts(question.when)}
            needed[f"answers.{question.id}"] = _Needed(frozenset(conditions), question.optional)
    for name, fact in page.guide.facts.items():
        needed[f"facts.{name}"] = _Needed(frozenset(_conjuncts(fact.when)))
    return needed


def _reader(page: Page, expression: PlacedExpression, needed: Mapping[str, _Needed]) -> None:
    """A text is made only where all its names are there; a condition on an absent name is just false."""
    if expression.bare or expression.text.place[0] in ("procedures", "values", "connections"):
        return
    try:
        program = compile_expression(expression.source)
    except ExpressionError:
        return
    if any(page.loaded.has_damage((*place, "when")) for place in _around(expression.text.place)):
        return
    guarded = {name for name, _ in program.calls} & {"default", "has"}
    models = [*expression.text.owner.around, expression.text.owner.model]
    conditions = _with_implied({one for model in models for one in _conjuncts(_when(model))}, needed)
    for reference in sorted(program.references):
        name = ".".join(reference.split(".")[:2])
        need = needed.get(name)
        if need is None or guarded or not (need.conditions or need.optional):
            continue
        if name in _there(conditions) or (not need.optional and need.conditions <= conditions):
            continue
        if need.optional:
            message, hint = f"{name} may be left empty, and this text needs it", f"when: has({name})"
        else:
            missing = " && ".join(sorted(need.conditions - conditions))
            message, hint = f"{name} is only there when {missing}", f"when: {missing}"
        page.warn(
            expression.text.place,
            message,
            hint=f"say `{hint}` here too, or write default({name}, …)",
            rule="maybe-absent",
            offset=expression.offset,
        )


def _around(place: DataPath) -> Iterator[DataPath]:
    """The places of all parts of the guide around a text."""
    return (place[:length] for length in range(1, len(place)))


_NAME: Final = re.compile(r"(?<![\w.])(?:answers|facts)\.\w+")
_NOT_PLAIN: Final = re.compile(r"\|\||!(?!=)|\?|\bdefault\(")
"""What may make a condition true although a name in it is absent."""


def _there(conditions: Iterable[str]) -> set[str]:
    """Names that must have a value where all conditions hold: a comparison with an absent one is false."""
    return {name for one in conditions if not _NOT_PLAIN.search(one) for name in _NAME.findall(one)}


def _with_implied(conditions: set[str], needed: Mapping[str, _Needed]) -> set[str]:
    """Add the conditions under which the names in `conditions` were asked for."""
    while True:
        more = {one for name in _there(conditions) if name in needed for one in needed[name].conditions}
        if more <= conditions:
            return conditions
        conditions = conditions | more


def _when(model: Model) -> str | None:
    when = getattr(model, "when", None)
    return when if isinstance(when, str) else None


def _conjuncts(source: str | None) -> Iterator[str]:
    """The parts of a condition that must all hold, blanks evened out."""
    if source is None:
        return
    try:
        tree = compile_expression(source).tree
    except ExpressionError:
        return
    for node in _parts(tree):
        yield " ".join(source[node.start : node.end].split())


def _parts(node: Node) -> Iterator[Node]:
    if isinstance(node, Binary) and node.operator == "&&":
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield node


def _circles(page: Page) -> None:
    """Find names that can never be known because each waits for the other."""
    waits: dict[str, dict[str, DataPath]] = {}
    for expression in page.expressions:
        name = _declared(page, expression.text.place)
        if name is None:
            continue
        try:
            references = compile_expression(expression.source).references
        except ExpressionError:
            continue
        for reference in references:
            target = ".".join(reference.split(".")[:2])
            waits.setdefault(name, {}).setdefault(target, expression.text.place)
    reported: set[frozenset[str]] = set()
    for name in waits:
        circle = _circle(name, waits)
        if circle and frozenset(circle) not in reported:
            reported.add(frozenset(circle))
            shown = " → ".join([*circle, circle[0]])
            second = circle[1] if len(circle) > 1 else name
            steps = zip(circle, [*circle[1:], circle[0]], strict=True)
            proposed = any(_only_proposes(waits[one][other]) for one, other in steps)
            page.add(
                waits[name][second],
                f"these wait for each other: {shown}",
                hint="one of them must do without the other",
                rule="circle",
                severity=Severity.WARNING if proposed else Severity.ERROR,
            )


def _only_proposes(place: DataPath) -> bool:
    """Whether the question is asked without what stands here too, only with nothing proposed."""
    return place[0] == "questions" and len(place) > 4 and place[4] in ("found_in", "default")


def _declared(page: Page, place: DataPath) -> str | None:
    """The name whose value waits for an expression at `place`."""
    match place:
        case ("questions", int(section), "ask", int(number), key, *_) if key in (
            "when",
            "unless",
            "found_in",
            "default",
            "choices",
            "choices_from",
        ):
            return f"answers.{page.guide.questions[section].ask[number].id}"
        case ("facts", str(name), key, *_) if key != "title":
            return f"facts.{name}"
        case ("values", str(name), *_):
            return f"values.{name}"
        case _:
            return None


def _circle(start: str, waits: Mapping[str, Mapping[str, DataPath]]) -> list[str]:
    """The shortest circle through `start`; empty where there is none. Circles of values alone are told elsewhere."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for target in _targets(way[-1], waits):
            if target == start:
                return [] if all(name.startswith("values.") for name in way) else way
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []


def _targets(name: str, waits: Mapping[str, Mapping[str, DataPath]]) -> Iterable[str]:
    return waits.get(name, {})
