"""Lint: everything a guide must be beyond its form, found before any machine is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.counting import counted
from wizard.errors import GuideError
from wizard.guide.loader import in_order, read_with_spares
from wizard.problems import Problem, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.guide.loader import LoadedGuide

__all__ = ["lint", "lint_path", "open_guide"]


def lint(loaded: LoadedGuide) -> tuple[Problem, ...]:
    """Every problem of a guide that could be read, in the order of the file.

    What this version of the engine does not carry out is among them. A place that already has its
    problem from reading is left alone.
    """
    from wizard.guide.lint import (
        beside,
        conditions,
        coverage,
        hops,
        loops,
        names,
        numbers,
        order,
        patterns,
        safety,
        shell,
        structure,
        tables,
        unused,
        versions,
    )
    from wizard.guide.lint.page import Page
    from wizard.guide.supported import refusals

    page = Page(loaded)
    first = (names, shell, patterns, numbers, tables, structure, loops, beside, versions, hops)
    rules = (*first, safety, conditions, order, unused, coverage)
    for rule in rules:
        rule.look(page)
    for refusal in refusals(loaded.parts):
        message = f"{refusal.what} is not carried out by this version of wizard"
        page.add(refusal.place, message, hint=refusal.hint, rule="not-yet-carried-out", at_key=True)
    return in_order(page.problems)


def lint_path(path: Path | str) -> tuple[Problem, ...]:
    """Every problem of the guide at `path`, those of reading and those of lint at once."""
    loaded, problems = read_with_spares(path)
    if loaded is None:
        return problems
    return in_order([*problems, *lint(loaded)])


def open_guide(path: Path | str) -> LoadedGuide:
    """Read and lint the guide at `path` for use. Raises GuideError with every problem where one is an error."""
    loaded, problems = read_with_spares(path)
    if loaded is not None:
        problems = in_order([*problems, *lint(loaded)])
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if loaded is None or errors:
        raise GuideError(f"the guide {path} cannot be used ({counted(len(errors), 'problem')})", errors)
    return loaded
