"""Table questions: rows from a file, a form or pasted lines, judged column by column."""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.counting import counted
from wizard.expressions import compile_expression
from wizard.questions.choices import default_of, rendered_choices
from wizard.questions.conditions import must_meet
from wizard.questions.model import Unusable
from wizard.questions.validation import RefusedError, is_empty, quoted, read_value
from wizard.secrets import MASK
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Column, Question
    from wizard.questions.choices import Choices

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
            have, there = counted(len(cells), "cell"), counted(len(columns), "column")
            raise RefusedError(f"line {number} has {have}, and there are {there}: {heads}")
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


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a row (counted from 1), or with its cell in a column (by id)."""

    row: int
    column: str
    text: str
    hint: str = ""


class RowsRefusedError(RefusedError):
    """Rows that cannot be taken, with every mistake in them."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Keep the mistakes."""
        super().__init__("; ".join(one.text for one in mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class RowRules:
    """What the rows of a table question must be like, for what is known now; front ends ask cell by cell with it.

    In a column's `when`, `default`, `choices` and `valid`, `row` holds the cells of the row before it; in
    `valid` its own too.
    """

    question: Question
    env: Environment

    @property
    def columns(self) -> Sequence[Column]:
        """The columns, in their order."""
        return self.question.columns or ()

    def asks(self, column: Column, row: Row) -> bool:
        """Whether a cell of that column is asked for in a row that begins like this."""
        return column.when is None or compile_expression(column.when).holds(self._inside(row))

    def default(self, column: Column, row: Row) -> Any:
        """What stands in the cell where nothing is given; None where nothing does."""
        return default_of(column.default, self._inside(row))

    def choices(self, column: Column, row: Row) -> Choices:
        """Value and label of each choice there is in the cell."""
        return rendered_choices(column.choices or (), self._inside(row))

    def cell(self, column: Column, raw: Any, row: Row) -> Any:
        """The value of one cell; None where it is empty and may be. RefusedError where it cannot be taken."""
        if not self.asks(column, row):
            return None
        if isinstance(raw, Unusable):
            raise RefusedError(raw.reason)
        if is_empty(raw):
            raw = self.default(column, row)
        if is_empty(raw):
            if column.optional:
                return None
            raise RefusedError("something is needed here")
        value = read_value(column.type, raw, choices=self.choices(column, row))
        must_meet(column.valid, self._inside({**row, column.id: value}))
        return value

    def rows(self, raw: Any) -> list[Row]:
        """The rows of a whole table: a list of maps (column → cell), or pasted text.

        RowsRefusedError with every mistake, RefusedError where it is no table at all.
        """
        if isinstance(raw, str):
            raw = parse_rows(raw, self.question)
        if not isinstance(raw, list | tuple):
            raise RefusedError(f"{quoted(raw)} was given, and a list of rows is wanted, each with: {self._heads}")
        rows: list[Row] = []
        mistakes: list[Mistake] = []
        for number, given in enumerate(raw, 1):
            row, wrong = self._row(given, number)
            rows.append(row)
            mistakes += wrong
        for column in self.columns:
            if column.unique:
                mistakes += _repeated(column, rows)
        if mistakes:
            raise RowsRefusedError(sorted(mistakes, key=lambda one: one.row))
        return rows

    def _row(self, given: Any, number: int) -> tuple[Row, list[Mistake]]:
        """The cells of a row that can be taken, and what is wrong with the others."""
        if not isinstance(given, dict):
            text = f"row {number} is no map: write each row as {{{self._heads}}} with values"
            return {}, [Mistake(number, "", text)]
        known = [column.id for column in self.columns]
        mistakes = [self._no_column(str(name), number, known) for name in given if name not in known]
        row: Row = {}
        for column in self.columns:
            raw = given.get(column.id)
            try:
                value = self.cell(column, raw, row)
            except RefusedError as refusal:
                text = f"row {number}, {readable(column.label, self.env)}: {refusal}"
                mistakes.append(Mistake(number, column.id, text, raw.hint if isinstance(raw, Unusable) else ""))
                continue
            if value is not None:
                row[column.id] = value
        return row, mistakes

    def _no_column(self, name: str, number: int, known: Sequence[str]) -> Mistake:
        near = difflib.get_close_matches(name, known, n=1)
        way = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
        return Mistake(number, name, f"row {number} has a column {quoted(name)}, which the table has not: {way}")

    @property
    def _heads(self) -> str:
        return ", ".join(column.id for column in self.columns)

    def _inside(self, row: Row) -> Environment:
        return self.env.with_names(row=dict(row))


def without_secrets(rows: Any) -> Any:
    """Rows of a journal without the cells it holds as a mask only."""
    return [{name: cell for name, cell in row.items() if cell != MASK} for row in rows]


def _repeated(column: Column, rows: Sequence[Row]) -> Iterator[Mistake]:
    """The cells of a column that hold what an earlier row holds, where each must be there once."""
    seen: dict[Any, int] = {}
    for number, row in enumerate(rows, 1):
        value = row.get(column.id)
        if value is None:
            continue
        key = tuple(value) if isinstance(value, list) else value
        if key in seen:
            said = f"{quoted(value)} stands in row {seen[key]} too, and must be there once"
            yield Mistake(number, column.id, f"row {number}, {column.label}: {said}")
        seen.setdefault(key, number)
