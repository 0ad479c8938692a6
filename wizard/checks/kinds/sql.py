"""Queries judged by what they give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.checks.comparing import number_of, same, shown
from wizard.checks.context import Verdict
from wizard.errors import HostError
from wizard.facts.databases import ask_database

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import SqlCheck

_NOT_THERE = re.compile(
    r"no such (?:table|column)|does not exist|doesn't exist|unknown (?:database|table|column)", re.IGNORECASE
)
"""How databases say that what is asked for is not there: an answer, not a doubt."""


def ask_sql(inquiry: Inquiry) -> Verdict:
    """Pass where the first value of the first row is as wanted, and `expr` over `result` and `rows` holds.

    Without any condition it passes where there is a row. A database, table or column that is not there
    is a failure; a database that cannot answer tells nothing.
    """
    model: SqlCheck = inquiry.model
    by = f"{' '.join(model.query.split())} (connection {model.connection})"
    guide = inquiry.context.loaded.guide
    try:
        answer = ask_database(guide, model.connection, model.query, machine=inquiry.machine, env=inquiry.env)
    except HostError as error:
        if _NOT_THERE.search(error.message):
            return Verdict.fail(error.message, by)
        raise
    if answer.rows is None:
        return Verdict.fail(f"there is no database {answer.source}", by)
    rows = [list(row) for row in answer.rows]
    if model.expr is not None and not _holds(inquiry, model.expr, rows):
        return Verdict.fail(f"`{model.expr}` does not hold: {_given(rows)}", by)
    conditions = (model.equals, model.at_least, model.at_most, model.match)
    if all(condition is None for condition in conditions):
        return Verdict.of(bool(rows) or model.expr is not None, _given(rows), by)
    if not rows:
        return Verdict.fail("it gives no rows", by)
    return _judged(inquiry, model, rows[0][0], by)


def _holds(inquiry: Inquiry, expression: str, rows: list[list[Any]]) -> bool:
    from wizard.expressions import compile_expression

    names: dict[str, Any] = {"rows": rows}
    if rows and rows[0][0] is not None:
        names["result"] = rows[0][0]
    return compile_expression(expression).holds(inquiry.env.with_names(**names))


def _given(rows: list[list[Any]]) -> str:
    match len(rows):
        case 0:
            return "it gives no rows"
        case 1:
            return f"it gives {shown(rows[0][0] if len(rows[0]) == 1 else rows[0])}"
        case count:
            return f"it gives {count} rows, first {shown(rows[0][0] if len(rows[0]) == 1 else rows[0])}"


def _judged(inquiry: Inquiry, model: SqlCheck, result: Any, by: str) -> Verdict:
    seen = f"it gives {shown(result)}"
    if model.equals is not None and not same(result, expected := inquiry.value(model.equals)):
        return Verdict.fail(f"{seen}, not {shown(expected)}", by)
    if model.at_least is not None or model.at_most is not None:
        try:
            number = number_of(result)
        except ValueError:
            return Verdict.unknown(f"{seen}, which is no number: let the query count", by)
        if model.at_least is not None and number < (least := inquiry.number(model.at_least)):
            return Verdict.fail(f"{seen}; at least {least} wanted", by)
        if model.at_most is not None and number > (most := inquiry.number(model.at_most)):
            return Verdict.fail(f"{seen}; at most {most} wanted", by)
    if model.match is not None:
        pattern = inquiry.regex(model.match)
        if result is None or not re.search(pattern, str(result), re.MULTILINE):
            return Verdict.fail(f"{seen}, which does not match `{pattern}`", by)
    return Verdict.ok(seen, by)
