"""Editing the rows of a table question, one entry or many pasted lines at a time."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from wizard.counting import counted
from wizard.errors import AnswersError
from wizard.guide.models.questions import QuestionType
from wizard.plain.clean import clean_line
from wizard.plain.dialogue import BACK, EXPLAIN
from wizard.plain.prompts import Option
from wizard.plain.render import show_value
from wizard.plain.style import cells, cut
from wizard.questions.validation import RefusedError
from wizard.secrets import Secret
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from wizard.guide.models import Column
    from wizard.plain.dialogue import Dialogue
    from wizard.questions.tables import RowRules

Row = dict[str, Any]


class _LeftError(Exception):
    """The operator leaves a row as it was."""


class TableEditor:
    """Rows of one question, edited through a numbered menu, each cell judged as it is given.

    A column is asked for only where its `when` holds for the row. Secrets are typed where nobody sees them;
    AnswersError where that cannot be.
    """

    def __init__(self, rules: RowRules, rows: list[Row], dialogue: Dialogue) -> None:
        """Begin with `rows`."""
        self._rules = rules
        self._columns = list(rules.columns)
        self._rows = rows
        self._dialogue = dialogue

    def edit(self) -> list[Row] | str:
        """Edit until the operator is done; gives the rows, or the key to go back or explain."""
        while True:
            self._show()
            picked = self._dialogue.prompts.pick("Table", self._menu())
            match picked:
                case "add":
                    self._fill(len(self._rows))
                case "edit":
                    self._fill(self._which("Edit which row"))
                case "delete":
                    del self._rows[self._which("Delete which row")]
                case "move":
                    self._move()
                case "paste":
                    self._paste()
                case "done":
                    return self._rows
                case _:
                    return picked

    def _menu(self) -> list[Option]:
        options = [Option("done", f"Done, with {counted(len(self._rows), 'row')}")]
        options += [Option("add", "Add a row"), Option("paste", "Paste several lines")]
        if self._rows:
            options += [Option("edit", "Edit a row"), Option("delete", "Delete a row")]
        if len(self._rows) > 1:
            options.append(Option("move", "Move a row"))
        return [*options, Option(BACK, "Go back"), Option(EXPLAIN, "Explain")]

    def _show(self) -> None:
        style = self._dialogue.style
        heads = [clean_line(column.label) for column in self._columns]
        if not self._rows:
            self._dialogue.words(f"No rows yet; the columns are: {', '.join(heads)}.")
            return
        body = [[show_value(row.get(column.id)) for column in self._columns] for row in self._rows]
        table = [heads, *body]
        room = max(8, (style.width - 6) // max(1, len(heads)) - 2)
        widths = [min(room, max(cells(line[place]) for line in table)) for place in range(len(heads))]
        lines = []
        for number, line in enumerate(table):
            shown = [cut(cell, width) for cell, width in zip(line, widths, strict=True)]
            padded = "  ".join(cell + " " * (width - cells(cell)) for cell, width in zip(shown, widths, strict=True))
            lines.append(style.fit(f"{str(number) if number else '':>4}  {padded}".rstrip()))
        self._dialogue.say(lines)

    def _which(self, label: str) -> int:
        if len(self._rows) == 1:
            return 0
        options = [Option(f"row {number}", self._named(row)) for number, row in enumerate(self._rows, 1)]
        return int(self._dialogue.prompts.pick(label, options).removeprefix("row ")) - 1

    def _move(self) -> None:
        number = self._which("Move which row")
        row = self._rows.pop(number)
        places = [Option("first", "To the first place")]
        places += [
            Option(f"after {place}", f"Behind {self._named(other)}") for place, other in enumerate(self._rows, 1)
        ]
        picked = ""
        try:
            picked = self._dialogue.prompts.pick("Where to", places)
        finally:
            place = number if not picked else 0 if picked == "first" else int(picked.removeprefix("after "))
            self._rows.insert(place, row)

    def _fill(self, number: int) -> None:
        """Ask for the cells of a row, a new one behind the last; it stays as it was where the operator leaves it."""
        self._dialogue.words(f"{BACK} leaves the row as it was.")
        try:
            row = self._ask_row(self._rows[number] if number < len(self._rows) else {}, number)
        except _LeftError:
            return
        self._rows[number : number + 1] = [row]

    def _ask_row(self, before: Row, number: int) -> Row:
        """Ask for the cells of the row at a place. _LeftError where the operator leaves it."""
        row: Row = {}
        for column in self._columns:
            if not self._rules.asks(column, row):
                continue
            value = self._ask_cell(column, before.get(column.id), row, number)
            if value is not None:
                row[column.id] = value
        return row

    def _ask_cell(self, column: Column, before: Any, row: Row, number: int | None) -> Any:
        """Ask for one cell until it fits; what stands there already, or the column's default, is proposed."""
        while True:
            raw = self._ask_raw(column, before, row)
            try:
                value = self._rules.cell(column, raw, row)
            except RefusedError as refusal:
                self._dialogue.words(f"Not accepted: {refusal}")
                continue
            if column.unique and (other := self._same(column, value, number)) is not None:
                self._dialogue.words(f"Not accepted: it stands in row {other + 1} too, and must be there once.")
                continue
            return value

    def _ask_raw(self, column: Column, before: Any, row: Row) -> Any:
        prompts = self._dialogue.prompts
        label = clean_line(readable(column.label, self._rules.env))
        if column.type is QuestionType.SECRET:
            return self._ask_secret(column, label, before)
        proposed = before if before is not None else self._rules.default(column, row)
        shown = "" if proposed is None else show_value(proposed)
        if choices := self._choices(column, row):
            options = [*choices, *([Option("-", "Leave it empty")] if column.optional else [])]
            options.append(Option(BACK, "Leave the row as it was"))
            picked = _unless_left(prompts.pick(label, options, shown or ("-" if column.optional else "")))
            return "" if picked == "-" else picked
        hint = " (may be empty: -)" if column.optional else ""
        while True:
            given = _unless_left(prompts.line(f"{label}{hint}", shown))
            if column.optional and given in ("", "-"):
                return ""
            if given:
                return proposed if given == shown else given
            self._dialogue.say(["Something is needed here."])

    def _ask_secret(self, column: Column, label: str, before: Any) -> Any:
        """Ask for a secret; Enter keeps the one that is there."""
        prompts = self._dialogue.prompts
        if not prompts.can_hide:
            raise AnswersError(
                f"{label!r} is a secret, and what is typed here cannot be hidden",
                (),
                hint=f"Give the rows of {clean_line(self._rules.question.id)} in an answers file, the secrets as "
                "env:VARIABLE or file:PATH, and start again with `--answers FILE`.",
            )
        kept = isinstance(before, Secret)
        may = " (Enter keeps the one that is there)" if kept else " (may be empty)" if column.optional else ""
        while not (given := prompts.hidden(f"{label}{may}")):
            if kept:
                return before
            if column.optional:
                return ""
            self._dialogue.say(["Something is needed here."])
        return Secret(_unless_left(given))

    def _choices(self, column: Column, row: Row) -> list[Option]:
        if column.type is QuestionType.YES_NO:
            return [Option("yes", "yes"), Option("no", "no")]
        return [Option(value, clean_line(label)) for value, label in self._rules.choices(column, row)]

    def _same(self, column: Column, value: Any, number: int | None) -> int | None:
        """The place of another row that holds the same in a column."""
        if value is None:
            return None
        places = (place for place, row in enumerate(self._rows) if place != number and row.get(column.id) == value)
        return next(places, None)

    def _paste(self) -> None:
        """Add a row for each pasted line; lines that do not fit are shown with the reason and left out.

        Secrets are not pasted, where everybody could read them: they are asked for row by row.
        """
        open_columns = [column for column in self._columns if column.type is not QuestionType.SECRET]
        heads = ", ".join(clean_line(column.label) for column in open_columns)
        self._dialogue.words(f"One row a line, cells in this order: {heads}. Separate them by tabs, commas or spaces.")
        if len(open_columns) < len(self._columns):
            self._dialogue.words("Secrets are asked for afterwards, where nobody sees them.")
        pasted = self._dialogue.prompts.lines("Lines")
        for line in pasted:
            parts = split_cells(line, len(open_columns))
            if len(parts) > len(open_columns):
                cells = counted(len(parts), "cell")
                self._dialogue.words(f"Left out, it has {cells} instead of {len(open_columns)}: {line}")
                continue
            given = {column.id: part for column, part in zip(open_columns, parts, strict=False) if part}
            self._add(given, line)

    def _add(self, given: Row, line: str) -> None:
        row: Row = {}
        try:
            for column in self._columns:
                if not self._rules.asks(column, row):
                    continue
                if column.type is QuestionType.SECRET:
                    self._dialogue.words(f"For the row {line}:")
                    value = self._ask_cell(column, None, row, None)
                else:
                    value = self._rules.cell(column, given.get(column.id), row)
                if value is not None:
                    row[column.id] = value
                if column.unique and (other := self._same(column, value, None)) is not None:
                    raise RefusedError(f"{clean_line(column.label)} stands in row {other + 1} too")
        except RefusedError as refusal:
            self._dialogue.words(f"Left out, {refusal}: {line}")
            return
        except _LeftError:
            self._dialogue.words(f"Left out: {line}")
            return
        self._rows.append(row)

    def _named(self, row: Row) -> str:
        return show_value([row[column.id] for column in self._columns if column.id in row])


def _unless_left(given: str) -> str:
    """What was typed. _LeftError where that leaves the row."""
    if given == BACK:
        raise _LeftError
    return given


def split_cells(line: str, columns: int) -> list[str]:
    """Split a pasted line at tabs, else semicolons, else commas (quotes are understood), else spaces."""
    if columns == 1:
        return [line.strip()]
    for mark in "\t;,":
        if mark in line:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=mark, skipinitialspace=True))]
    return line.split()
