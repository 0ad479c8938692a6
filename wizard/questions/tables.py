"""Table questions: rows from a file, a form or pasted lines, judged column by column."""

from __future__ import annotations

import csv
import difflib
from typing import TYPE_CHECKING, Any

from wizard.expressions import compile_expression
from wizard.questions.choices import default_of, rendered_choices
from wizard.questions.conditions import must_meet
from wizard.questions.validation import RefusedError, is_empty, quoted, read_value
from wizard.questions.wording import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Column, Question

Row = dict[str, Any]


def parse_rows(text: str, question: Question) -> list[dict[str, str]]:
    """Split pasted lines into cells by column: at tabs, else semicolons, else commas, else blanks.

    Quotes around a cell are understood. A first line that repeats the columns' names is left out, and so
    are empty lines. RefusedError names the line that has too many cells.
    """
    columns = question.columns or []
    rows: list[dict[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = _cells(line, len(columns))
        if not rows and _is_heading(cells, columns):
            continue
        if len(cells) > len(columns):
            heads = ", ".join(column.label for column in columns)
            raise RefusedError(f"line {number} has {len(cells)} cells, and there are {len(columns)} columns: {heads}")
        rows.append({column.id: cell for column, cell in zip(columns, cells, strict=False) if cell})
    return rows


def _cells(line: str, columns: int) -> list[str]:
    if columns <= 1:
        return [line.strip()]
    for mark in "\t;,":
        if mark in line:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=mark, skipinitialspace=True))]
    words = line.split()
    return words if len(words) == columns else [line.strip()]


def _is_heading(cells: Sequence[str], columns: Sequence[Column]) -> bool:
    names = [{column.id.casefold(), column.label.casefold()} for column in columns]
    return len(cells) == len(names) and all(cell.casefold() in name for cell, name in zip(cells, names, strict=True))


def read_rows(question: Question, raw: Any, env: Environment) -> list[Row]:
    """Give the rows of a table question, each cell judged by its column.

    `raw` is a list of maps (column → cell) or pasted text. In a column's `when` and `valid`, `row` holds
    the cells of the row so far, its own included. RefusedError names row and column.
    """
    columns = question.columns or []
    if isinstance(raw, str):
        raw = parse_rows(raw, question)
    if not isinstance(raw, list | tuple):
        heads = ", ".join(column.id for column in columns)
        raise RefusedError(f"{quoted(raw)} was given, and a list of rows is wanted, each with: {heads}")
    rows = [_row(columns, given, number, env) for number, given in enumerate(raw, 1)]
    for column in columns:
        if column.unique:
            _must_differ(column, rows)
    return rows


def _row(columns: Sequence[Column], given: Any, number: int, env: Environment) -> Row:
    if not isinstance(given, dict):
        heads = ", ".join(column.id for column in columns)
        raise RefusedError(f"row {number} is no map: write each row as {{{heads}}} with values")
    known = {column.id for column in columns}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            way = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(known))}"
            raise RefusedError(f"row {number} has a column {quoted(name)}, which the table has not: {way}")
    row: Row = {}
    for column in columns:
        try:
            value = _cell(column, given.get(column.id), row, env)
        except RefusedError as refusal:
            raise RefusedError(f"row {number}, {readable(column.label, env)}: {refusal}") from None
        if value is not None:
            row[column.id] = value
    return row


def _cell(column: Column, raw: Any, row: Row, env: Environment) -> Any:
    """The value of one cell; None where it is empty and may be."""
    inside = env.with_names(row=dict(row))
    if column.when is not None and not compile_expression(column.when).holds(inside):
        return None
    if is_empty(raw):
        raw = default_of(column.default, inside)
    if is_empty(raw):
        if column.optional:
            return None
        raise RefusedError("something is needed here")
    value = read_value(column.type, raw, choices=rendered_choices(column.choices or (), inside))
    must_meet(column.valid, env.with_names(row={**row, column.id: value}))
    return value


def _must_differ(column: Column, rows: Sequence[Row]) -> None:
    seen: dict[Any, int] = {}
    for number, row in enumerate(rows, 1):
        value = row.get(column.id)
        if value is None:
            continue
        key = tuple(value) if isinstance(value, list) else value
        if key in seen:
            raise RefusedError(
                f"row {number}, {column.label}: {quoted(value)} stands in row {seen[key]} too, and must be there once"
            )
        seen[key] = number
