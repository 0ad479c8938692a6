"""Editing the rows of a table question, one entry or many pasted lines at a time."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models.questions import QuestionType
from wizard.plain.clean import clean_line
from wizard.plain.dialogue import BACK, EXPLAIN
from wizard.plain.prompts import Option
from wizard.plain.render import show_value
from wizard.plain.style import cells, cut
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.guide.models import Column
    from wizard.plain.dialogue import Dialogue

Row = dict[str, Any]

_YES_NO: Final = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


class TableEditor:
    """Rows of one question, edited through a numbered menu; judges nothing but the shape."""

    def __init__(self, columns: Sequence[Column], rows: list[Row], dialogue: Dialogue) -> None:
        """Begin with `rows`."""
        self._columns = list(columns)
        self._rows = rows
        self._dialogue = dialogue

    def edit(self) -> list[Row] | str:
        """Edit until the operator is done; gives the rows, or the key to go back or explain."""
        while True:
            self._show()
            picked = self._dialogue.prompts.pick("Table", self._menu())
            match picked:
                case "add":
                    self._rows.append(self._ask_row({}))
                case "edit":
                    number = self._which("Edit which row")
                    self._rows[number] = self._ask_row(self._rows[number])
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
        options = [Option("done", f"Done, with {len(self._rows)} rows" if len(self._rows) != 1 else "Done, with 1 row")]
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

    def _ask_row(self, before: Row) -> Row:
        row: Row = {}
        for column in self._columns:
            value = self._ask_cell(column, before.get(column.id))
            if value != "":
                row[column.id] = value
        return row

    def _ask_cell(self, column: Column, before: Any) -> Any:
        """Ask for one cell; what stands there already, or the column's default, is proposed."""
        prompts = self._dialogue.prompts
        label = clean_line(column.label)
        proposed = before if before is not None else _default(column)
        empty = column.optional or column.when is not None
        if column.type is QuestionType.SECRET and prompts.can_hide:
            given = prompts.hidden(label)
            return Secret(given) if given else (before or "")
        choices = _choices(column)
        if choices:
            options = [*choices, *([Option("-", "Leave it empty")] if empty else [])]
            default = show_value(proposed) if proposed is not None else "-" if empty else ""
            picked = prompts.pick(label, options, default)
            return "" if picked == "-" else _typed_value(column, picked)
        hint = " (may be empty: -)" if empty else ""
        while True:
            given = prompts.line(f"{label}{hint}", "" if proposed is None else show_value(proposed))
            if empty and given in ("", "-"):
                return ""
            if given:
                return given
            self._dialogue.say(["Something is needed here."])

    def _paste(self) -> None:
        """Add a row for each pasted line; lines that do not fit are shown and left out."""
        heads = ", ".join(clean_line(column.label) for column in self._columns)
        self._dialogue.words(f"One row a line, cells in this order: {heads}. Separate them by tabs, commas or spaces.")
        for line in self._dialogue.prompts.lines("Lines"):
            parts = split_cells(line, len(self._columns))
            row = row_of(self._columns, parts)
            if row is None:
                self._dialogue.words(f"Left out, it has {len(parts)} cells instead of {len(self._columns)}: {line}")
            else:
                self._rows.append(row)

    def _named(self, row: Row) -> str:
        return show_value([row[column.id] for column in self._columns if column.id in row])


def split_cells(line: str, columns: int) -> list[str]:
    """Split a pasted line at tabs, else semicolons, else commas (quotes are understood), else spaces."""
    if columns == 1:
        return [line.strip()]
    for mark in "\t;,":
        if mark in line:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=mark, skipinitialspace=True))]
    return line.split()


def row_of(columns: Sequence[Column], parts: Sequence[str]) -> Row | None:
    """Make a row of cells; missing ones at the end take their default or stay empty. None where it does not fit."""
    missing = columns[len(parts) :]
    if len(parts) > len(columns) or any(
        not column.optional and column.when is None and _default(column) is None for column in missing
    ):
        return None
    row = {column.id: _typed_value(column, cell) for column, cell in zip(columns, parts, strict=False) if cell}
    row.update({column.id: default for column in missing if (default := _default(column)) is not None})
    return row


def _typed_value(column: Column, text: str) -> Any:
    """Take a cell for what its column says where that is certain; else the questionnaire judges the text."""
    if column.type is QuestionType.SECRET:
        return Secret(text)
    return _YES_NO.get(text.lower(), text) if column.type is QuestionType.YES_NO else text


def _default(column: Column) -> Any:
    """Give a column's default where it is a plain value; a template is left to the questionnaire."""
    if isinstance(column.default, str) and "${{" in column.default:
        return None
    return column.default


def _choices(column: Column) -> list[Option]:
    if column.type is QuestionType.YES_NO:
        return [Option("yes", "yes"), Option("no", "no")]
    return [
        Option(choice, clean_line(choice))
        if isinstance(choice, str)
        else Option(choice.value, clean_line(choice.label or choice.value))
        for choice in column.choices or []
    ]
