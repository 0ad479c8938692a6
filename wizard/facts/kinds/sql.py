"""Facts from a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.facts.databases import ask_database
from wizard.facts.reading import Raw
from wizard.units import parse_duration

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_sql(asking: Asking) -> Raw:
    """Give the first row: its value where there is one column, else a list. With `all`, the list of rows.

    Absent without the database, without rows, and where the one value is null.
    """
    from wizard.templates import render_text

    model = asking.fact.sql
    assert model is not None  # noqa: S101 - the kind says so
    timeout = parse_duration(render_text(asking.fact.timeout, asking.env))
    answer = ask_database(
        asking.guide, model.connection, model.query, machine=asking.machine, env=asking.env, timeout=timeout
    )
    if answer.rows is None:
        return Raw.nothing(answer.source, "there is no such database")
    values = [_row(row) for row in answer.rows]
    if not values:
        return Raw.nothing(answer.source, "the query gives no rows")
    if asking.fact.all:
        return Raw(values, answer.source)
    if values[0] is None:
        return Raw.nothing(answer.source, "the query gives null")
    return Raw(values[0], answer.source)


def _row(row: tuple[Any, ...]) -> Any:
    return row[0] if len(row) == 1 else list(row)
