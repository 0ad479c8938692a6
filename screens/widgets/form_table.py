"""A table question: rows edited where they stand, cell by cell, by keys, mouse or pasting.

What may stand in a cell is said by the engine's rules for the rows (`RowRules`) and by its verdict on all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from screens.widgets.form_grid import FormTableGrid
from screens.widgets.form_lines import Answered, FormLine, FormSecret, PutBack, Typed
from screens.widgets.form_options import FormOptions, Kind, Option
from screens.widgets.form_words import as_typed, proposal_words, stands_in
from screens.widgets.marked_line import MarkedLine
from screens.widgets.still_input import pasted_lines
from wizard.expressions import Environment
from wizard.guide.models.questions import QuestionType
from wizard.plain.clean import clean, clean_line
from wizard.questions.tables import RowRules, parse_rows
from wizard.questions.validation import RefusedError
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

    from wizard.guide.models.questions import Column
    from wizard.questions.form import FormQuestion
    from wizard.questions.tables import Mistake

Row = dict[str, Any]


class PasteArea(TextArea):
    """Takes several lines; leaving it takes them, escape gives them up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Give up", id="paste.drop", tooltip="Take none of these lines"),
    ]

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(tab_behavior="focus", show_line_numbers=False, soft_wrap=False)
        self.cursor_blink = False

    def action_give_up(self) -> None:
        """Forget the lines, and leave."""
        self.text = ""
        self.screen.focus_previous(FormTableGrid)

    def left(self) -> str | None:
        """The lines, once the person goes on."""
        return self.text or None


class CellLine(FormLine):
    """The line of one cell; several lines that are pasted into it are rows, as they would be in the grid."""

    def _on_paste(self, event: events.Paste) -> None:
        if len(pasted_lines(event.text)) > 1:
            event.stop()
            event.prevent_default()
            self.post_message(FormTableGrid.Pasted(event.text))


class FormTable(Vertical):
    """The rows of one table question; they are taken as a whole."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next_cell(1)", "Next cell", show=False, id="table.cell-next", tooltip="The next cell"),
        Binding("shift+tab", "next_cell(-1)", "Cell before", show=False, id="table.cell-before",
                tooltip="The cell before"),
        Binding("escape", "leave_cell", "Back", show=False, id="table.cell-leave", tooltip="Leave the cell as it was"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    FormTable { height: auto; }
    FormTable Static { width: 1fr; height: auto; }
    FormTable > .cell { height: auto; display: none; }
    FormTable.-editing > .cell { display: block; }
    FormTable .cell > .before { color: $text-primary; }
    FormTable > .wrong { color: $text-error; }
    FormTable > .from { color: $text-muted; }
    FormTable PasteArea { height: 6; border: none; background: $surface; }
    """

    def __init__(self, question: FormQuestion) -> None:
        """Edit the rows of `question`."""
        super().__init__()
        self._question = question
        self._rules = question.asked.rules or RowRules(question.asked.question, Environment())
        self._rows: list[Row] = []
        self._stands: list[Row] | None = None
        self._changed = False
        self._changed_before = False
        """Whether the rows had been changed before a new one was begun."""
        self._mistakes: tuple[Mistake, ...] = ()
        self._adding = False
        self._place: tuple[int, int] | None = None
        self._editor: FormLine | FormSecret | FormOptions | PasteArea | None = None
        self._grid = FormTableGrid()

    def compose(self) -> ComposeResult:
        """The grid, what is wrong at the cursor, and the cell that is edited."""
        yield Static(classes="from", markup=False)
        yield self._grid
        yield Static(classes="wrong", markup=False)
        yield Vertical(classes="cell")

    # -- what is shown -----------------------------------------------------------------------------

    def show(self, question: FormQuestion, stands: Any) -> None:
        """Bring it up to date; rows that the person changed stay as they are."""
        self._question = question
        self._rules = question.asked.rules or self._rules
        rows = [dict(row) for row in stands] if isinstance(stands, list) else []
        if question.asked.previous is None and not question.open:
            # What was given is the answer now, with its cells as they are kept.
            if rows != self._stands or not self._changed:
                self._rows, self._changed = rows, False
        elif not self._changed and rows != self._rows:
            self._rows = rows
        self._stands = rows
        if question.mistakes:
            self._mistakes = question.mistakes
        elif not question.open:
            self._mistakes = ()
        proposals = question.asked.proposals
        if proposals and question.open and not self._rows and not self._changed:
            self._rows = [dict(row) for row in proposals[0].value if isinstance(row, dict)]
        self._draw()

    def show_mistakes(self, rows: Any, mistakes: Sequence[Mistake]) -> None:
        """Mark the cells that are wrong in `rows`, as long as these are the rows."""
        if rows == self._given():
            place = self._place if self._adding else None
            self._mistakes = tuple(one for one in mistakes if place is None or self._was_reached(one, place))
            self._draw()

    def _was_reached(self, mistake: Mistake, place: tuple[int, int]) -> bool:
        """Whether it is in a cell that was filled in by now, and not one that a new row is still to come to."""
        return (mistake.row - 1, self._column_place(mistake.column)) < place

    def _draw(self) -> None:
        columns = self._rules.columns
        cells = [[self._cell_text(column, row) for column in columns] for row in self._rows]
        wrong = {(one.row - 1, self._column_place(one.column)) for one in self._mistakes}
        heads = [clean_line(column.label) for column in columns]
        take = "Take this row" if len(self._rows) == 1 else f"Take these {len(self._rows)} rows"
        if not self._rows:
            take = "Take it without rows"
        if not self._rows and self._question.asked.question.at_least not in (None, 0):
            # What would be refused for sure is not offered.
            take = ""
        self._grid.show(heads, cells, wrong, take if self._changed or self._question.open else "")
        proposals = self._question.asked.proposals
        filled = proposals and self._question.open and not self._changed and self._rows
        self._say("from", f"Filled in from: {proposal_words(proposals[0])}" if filled else "")
        self._say_wrong()

    def _cell_text(self, column: Column, row: Row) -> str:
        value = row.get(column.id)
        if value is not None and value != "":
            return as_typed(value)
        if not self._rules.asks(column, self._before(column, row)):
            return "·"
        default = self._rules.default(column, self._before(column, row))
        return f"({as_typed(default)})" if default not in (None, "") else ""

    def _before(self, column: Column, row: Row) -> Row:
        """The cells of a row before a column."""
        ids = [one.id for one in self._rules.columns]
        return {name: row[name] for name in ids[: ids.index(column.id)] if row.get(name) not in (None, "")}

    def _column_place(self, name: str) -> int:
        ids = [one.id for one in self._rules.columns]
        return ids.index(name) if name in ids else 0

    def _say_wrong(self) -> None:
        """Say what is wrong at the cursor, else the first thing that is."""
        row, column = self._grid.cursor
        here = [one for one in self._mistakes if (one.row - 1, self._column_place(one.column)) == (row, column)]
        shown = here or list(self._mistakes[:1])
        self._say("wrong", f"! {clean(shown[0].text)}" if shown else "")

    def _say(self, part: str, text: str) -> None:
        where = self.query_one(f".{part}", Static)
        where.display = bool(text)
        if str(where.content) != text:
            where.update(Content(text))

    # -- rows --------------------------------------------------------------------------------------

    def _given(self) -> list[Row]:
        """The rows as they are given: without empty cells, and without those that are not asked for."""
        return [
            {
                column.id: row[column.id]
                for column in self._rules.columns
                if row.get(column.id) not in (None, "") and self._rules.asks(column, self._before(column, row))
            }
            for row in self._rows
        ]

    def _rows_changed(self) -> None:
        self._changed = True
        self._mistakes = ()
        self._draw()
        self.post_message(Typed(self, self._given()))

    @on(FormTableGrid.Wanted)
    def _do(self, event: FormTableGrid.Wanted) -> None:
        event.stop()
        row, column = self._grid.cursor
        match event.what:
            case "add":
                self._rows.append({})
                self._changed_before, self._changed = self._changed, True
                self._draw()
                self._adding = True
                self._edit(len(self._rows) - 1, 0)
            case "edit" if row < len(self._rows):
                self._adding = False
                self._edit(row, column)
            case "delete" if row < len(self._rows):
                del self._rows[row]
                self._rows_changed()
            case "up" | "down" if row < len(self._rows):
                self._move(row, -1 if event.what == "up" else 1)
            case "paste":
                self._open_editor("One row a line. Tab takes the lines, escape gives them up.", PasteArea())
            case "take":
                self._changed = True
                self.post_message(Answered(self, self._given()))
            case _:
                pass

    def _move(self, row: int, by: int) -> None:
        to = row + by
        if 0 <= to < len(self._rows):
            self._rows[row], self._rows[to] = self._rows[to], self._rows[row]
            self._grid.cursor = (to, self._grid.cursor[1])
            self._rows_changed()

    def left(self) -> list[Row] | None:
        """Rows that were changed and not taken; None where there are none, or a cell holds what nobody chose."""
        self._absorb()
        return self._given() if self._changed and self._rows and not self._stands_by_default() else None

    def _stands_by_default(self) -> bool:
        """Whether a cell would be filled in by its default: only taking the rows, which show it, may do that."""
        return any(
            row.get(column.id) in (None, "")
            and self._rules.asks(column, before := self._before(column, row))
            and self._rules.default(column, before) not in (None, "")
            for row in self._rows
            for column in self._rules.columns
        )

    @on(FormTableGrid.Moved)
    def _moved(self, event: FormTableGrid.Moved) -> None:
        event.stop()
        self._say_wrong()

    @on(FormTableGrid.Pasted)
    def _pasted(self, event: FormTableGrid.Pasted) -> None:
        event.stop()
        if self._editor is not None and self._editor.left() is None:
            self.action_leave_cell()
        else:
            self._absorb()
        self._add_lines(event.text)

    def _add_lines(self, text: str) -> None:
        """Add a row for each line; secrets are not pasted, where everybody could read them."""
        if not text.strip():
            return
        question = self._question.asked.question
        seen = [one for one in self._rules.columns if one.type is not QuestionType.SECRET]
        try:
            rows = parse_rows(text, question.model_copy(update={"columns": seen}))
        except RefusedError as refusal:
            self._say("wrong", f"! Nothing was pasted: {clean(str(refusal))}")
            return
        self._rows += rows
        self._rows_changed()

    # -- one cell ----------------------------------------------------------------------------------

    def _edit(self, row: int, column: int) -> None:
        """Edit a cell that is asked for, or the next one of a new row."""
        columns = list(self._rules.columns)
        while column < len(columns) and not self._rules.asks(
            columns[column], self._before(columns[column], self._rows[row])
        ):
            if not self._adding:
                return
            column += 1
        if column >= len(columns):
            self._close_editor()
            self._grid.to_take()
            return
        self._place = (row, column)
        self._grid.cursor = (row, column)
        one, cells = columns[column], self._rows[row]
        label = f"Row {row + 1}, {clean_line(one.label)}" + (" (may be empty)" if one.optional else "")
        self._open_editor(f"{label}:", self._control_for(one, cells))

    def _control_for(self, column: Column, row: Row) -> FormLine | FormSecret | FormOptions:
        value = row.get(column.id)
        before = self._before(column, row)
        default = self._rules.default(column, before)
        if column.type is QuestionType.SECRET:
            return FormSecret(given=isinstance(value, Secret))
        choices = self._rules.choices(column, before)
        if column.type is QuestionType.YES_NO:
            choices = (("yes", "yes"), ("no", "no"))
        if choices and column.type is not QuestionType.CHOICES:
            options = FormOptions(Kind.ONE)
            usual = as_typed(default)
            listed = [Option(choice, label, "default" if choice == usual else "") for choice, label in choices]
            listed += [Option("", "Leave it empty")] if column.optional else []
            chosen = as_typed(value) if value is not None else ""
            options.show(listed, [chosen] if chosen else [], chosen or usual)
            return options
        line = CellLine(placeholder=stands_in(column.type, choices))
        line.show(as_typed(value if value is not None else default))
        return line

    def _open_editor(self, label: str, control: FormLine | FormSecret | FormOptions | PasteArea) -> None:
        self._editor = control
        where = self.query_one(".cell", Vertical)
        where.remove_children()
        if isinstance(control, FormLine | FormSecret):
            where.mount(MarkedLine(control, label))
        else:
            where.mount(Static(f"  {label}", classes="before", markup=False), control)
        self.add_class("-editing")
        control.focus()

    def _close_editor(self, *, to_grid: bool = True) -> None:
        self._place, self._adding, self._editor = None, False, None
        if to_grid:
            self._grid.focus()
        self.query_one(".cell", Vertical).remove_children()
        self.remove_class("-editing")

    def on_descendant_blur(self) -> None:
        """Look where the person goes once they are there."""
        self.call_later(self._look_where)

    def _look_where(self) -> None:
        """Take what was typed into a cell where the person went on from it."""
        if self._editor is not None and not self._editor.has_focus and self.screen.is_active and self.app.app_focus:
            self._absorb()

    def _absorb(self) -> None:
        """Put what is being typed where it belongs, and close the editor."""
        editor, place = self._editor, self._place
        if editor is None:
            return
        raw = editor.left()
        self._close_editor(to_grid=editor.has_focus)
        if raw is None:
            return
        if place is None:
            self._add_lines(str(raw))
        else:
            self._set_cell(place, raw)

    def _set_cell(self, place: tuple[int, int], raw: Any) -> None:
        """Put a value into a cell; an empty secret leaves the one that is there."""
        row, column = place
        if not (isinstance(raw, Secret) and raw == Secret("")):
            self._rows[row][self._rules.columns[column].id] = raw
        self._rows_changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tab goes from cell to cell while one is edited, else it leaves the table."""
        match action:
            case "next_cell":
                return self._place is not None
            case "leave_cell":
                return self._editor is not None
            case _:
                return super().check_action(action, parameters)

    def action_next_cell(self, by: int) -> None:
        """Keep what was typed into this cell, and edit the one beside it; behind the last, go where all is taken."""
        if self._editor is None or self._place is None:
            return
        row, column = self._place
        if (raw := self._editor.left()) is not None:
            self._set_cell((row, column), raw)
        if column + by < 0:
            self.action_leave_cell()
        else:
            self._adding = True
            self._edit(row, column + by)

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        if event.control is self:
            return
        event.stop()
        if self._place is None:
            return
        row, column = self._place
        if self._adding and event.raw == "" and self._is_needed(row, column):
            self._say("wrong", f"! {clean_line(self._rules.columns[column].label)}: something is needed here")
            return
        self._set_cell(self._place, event.raw)
        if self._adding:
            self._edit(row, column + 1)
        else:
            self._close_editor()

    def _is_needed(self, row: int, column: int) -> bool:
        """Whether a new row cannot be without this cell."""
        one = self._rules.columns[column]
        return not one.optional and self._rules.default(one, self._before(one, self._rows[row])) in (None, "")

    @on(Typed)
    def _typed(self, event: Typed) -> None:
        if event.control is not self:
            event.stop()

    @on(PutBack)
    def _put_back(self, event: PutBack) -> None:
        event.stop()

    def action_leave_cell(self) -> None:
        """Leave the cell as it was; a new row that nothing was typed into is none."""
        new, place = self._adding, self._place
        self._close_editor()
        if new and place is not None and not self._rows[place[0]]:
            del self._rows[place[0]]
            self._changed = self._changed_before
            self._draw()
