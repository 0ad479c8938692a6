"""What a guide asks, reads or names and then never uses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.evaluate import compile_expression
from wizard.guide.models.base import CEL_RESERVED
from wizard.guide.models.checks import SqlCheck
from wizard.guide.models.facts import SqlRead
from wizard.guide.models.steps import Step, Surroundings

if TYPE_CHECKING:
    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page

ALWAYS_USED: Final = frozenset({"answers.current_version", "answers.target_version"})
"""Names the engine itself uses."""


def look(page: Page) -> None:
    """Warn of every answer, fact, value, capture, connection and procedure nothing refers to."""
    used = _used(page)
    guide = page.guide
    asked_for = set(guide.support.form) if guide.support is not None else set()
    for section, entry in enumerate(guide.questions):
        for number, question in enumerate(entry.ask):
            if entry.section not in asked_for:
                _warn(page, used, f"answers.{question.id}", ("questions", section, "ask", number, "id"), "the answer")
    for name in guide.facts:
        _warn(page, used, f"facts.{name}", ("facts", name), "the fact")
    for name in guide.values:
        _warn(page, used, f"values.{name}", ("values", name), "the value")
    for placed in page.models:
        if isinstance(placed.model, Step):
            for name in placed.model.capture:
                _warn(page, used, f"captured.{name}", (*placed.place, "capture", name), "the captured value")
    _parts(page)


def _warn(page: Page, used: frozenset[str], name: str, place: DataPath, what: str) -> None:
    if name in used or name.partition(".")[0] in used or _is_in_damage(page, name):
        return
    if name.partition(".")[2] in CEL_RESERVED:
        return  # no expression can use it, which has its problem already
    message = f"{what} `{name.partition('.')[2]}` is never used"
    page.warn(place, message, hint=f"use {name}, or remove it", rule="unused", at_key=True)


def _is_in_damage(page: Page, name: str) -> bool:
    """Whether something that could not be read may be what uses the name."""
    return bool(page.loaded.damaged) and re.search(rf"\b{re.escape(name)}\b", page.loaded.document.text) is not None


def _used(page: Page) -> frozenset[str]:
    """The first two parts of every reference; a space that is used as a whole by its name alone."""
    found: set[str] = set(ALWAYS_USED)
    for expression in page.expressions:
        try:
            references = compile_expression(expression.source).references
        except ExpressionError:
            continue
        found.update(".".join(reference.split(".")[:2]) for reference in references)
    return frozenset(found)


def _parts(page: Page) -> None:
    """Connections and procedures are named in keys of their own."""
    connections: set[str] = set()
    procedures: set[str] = set()
    for placed in page.models:
        model = placed.model
        if isinstance(model, (SqlCheck, SqlRead, Surroundings)) and model.connection is not None:
            connections.add(model.connection)
        include = getattr(model, "include", None)
        if isinstance(include, str):
            procedures.add(include)
    for name in page.guide.connections:
        if name not in connections:
            page.warn(("connections", name), f"the connection `{name}` is never used", rule="unused", at_key=True)
    for name, procedure in page.guide.procedures.items():
        if name not in procedures and procedure.offer is None:
            message = f"the procedure `{name}` is neither included nor offered"
            page.warn(("procedures", name), message, hint="add `offer`, or remove it", rule="unused", at_key=True)
