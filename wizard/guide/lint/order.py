"""Captured values that are read before a step has captured them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExpressionError
from wizard.expressions.evaluate import compile_expression
from wizard.guide.lint.safety import as_walked, orders
from wizard.guide.scope import captures

if TYPE_CHECKING:
    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page, PlacedExpression


def look(page: Page) -> None:
    """Check every expression that reads what a step captures."""
    captured = _captured(page)
    positions = _positions(page)
    for expression in page.expressions:
        try:
            references = compile_expression(expression.source).references
        except ExpressionError:
            continue
        names = {".".join(reference.split(".")[:2]) for reference in references}
        for name in sorted(names & captured.keys()):
            _too_early(page, expression, name, captured[name], positions)


def _captured(page: Page) -> dict[str, list[DataPath]]:
    """The steps that capture each name."""
    found: dict[str, list[DataPath]] = {}
    steps = {id(placed.step): placed.place for placed in page.steps}
    for placed in page.models:
        for name, _ in captures(placed):
            step = next(
                (steps[id(model)] for model in (placed.model, *reversed(placed.around)) if id(model) in steps), ()
            )
            found.setdefault(f"captured.{name}", []).append(step)
    return found


def _positions(page: Page) -> list[dict[DataPath, int]]:
    """For each hop, when the walk comes by each step: the place of the step, and its number."""
    found: list[dict[DataPath, int]] = []
    for phases in orders(page):
        places: dict[DataPath, int] = {}
        for number, phase in phases:
            places.setdefault(("phases", number), len(places))
            for key, steps in (("steps", phase.steps), ("finally", phase.finally_)):
                for one in as_walked(page, steps, ("phases", number, key), phase.impact):
                    places.setdefault(one.place, len(places))
        found.append(places)
    return found


def _too_early(
    page: Page, expression: PlacedExpression, name: str, steps: list[DataPath], positions: list[dict[DataPath, int]]
) -> None:
    """Complain where in no hop a step that captures the name comes before its reader, or is the reader."""
    place = expression.text.place
    if place[0] != "phases" or "undo" in place:
        return
    first_seen = False
    for order in positions:
        reader = next((place[:length] for length in range(len(place), 1, -1) if place[:length] in order), None)
        if reader is None:
            continue
        first_seen = True
        for step in steps:
            if step not in order or order[step] < order[reader] or (step == reader and _is_after(place, step)):
                return
            if (
                step != reader
                and step[: len(reader)] == reader
                and expression.text.key not in ("when", "unless", "title", "for_each")
            ):
                return
    if first_seen:
        word = name.partition(".")[2]
        line = page.loaded.document.place(steps[0]).line
        page.add(
            place,
            f"{name} is read here before any step has captured it",
            hint=f"the step that captures `{word}` is on line {line}: put it before this one",
            rule="captured-later",
            offset=expression.offset,
        )


def _is_after(place: DataPath, step: DataPath) -> bool:
    """Whether what stands at `place` of a step is read when its command has ended, or from item to item."""
    return place[len(step)] in ("done_when", "outcomes", "known_errors", "manual", "confirm", "review", "offers")
