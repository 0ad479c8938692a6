"""A table question edited where it stands: add, change, delete, move, paste, and what is wrong with single cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events

from screens.widgets.form_grid import FormTableGrid
from screens.widgets.form_table import PasteArea
from tests.fakes.forms import FakeForm
from tests.screens.form_app import FormApp, asked, focused
from tests.screens.frames import lines_of, text_of, wait_for_text, wait_until
from wizard.expressions import Environment
from wizard.guide.models import Question
from wizard.questions.form import Checked, FormQuestion, Given
from wizard.questions.model import Answer, AnswerSource, Proposal
from wizard.questions.tables import RowRules, RowsRefusedError
from wizard.secrets import Secret

if TYPE_CHECKING:
    from textual.pilot import Pilot

SIZE = (80, 24)
COLUMNS: list[dict[str, Any]] = [
    {"id": "name", "label": "Name", "unique": True},
    {"id": "port", "label": "Port", "type": "number", "default": 80},
    {"id": "by", "label": "By", "type": "choice", "choices": ["mail", "phone"], "when": "row.name != 'nobody'"},
]
SECRET: dict[str, Any] = {"id": "pin", "label": "Pin", "type": "secret", "optional": True}


class Rules(FakeForm):
    """Checks rows by their rules, as the engine does."""

    def check(self, given: Given) -> Checked:
        self.checked.append(given)
        rules = self.questions[0].asked.rules
        assert rules is not None
        try:
            rules.rows(given.raw)
        except RowsRefusedError as refusal:
            return Checked(given, str(refusal), refusal.mistakes)
        return Checked(given)


def table(*columns: dict[str, Any], **parts: Any) -> Any:
    """A table question."""
    declared = {"id": "nodes", "label": "Nodes", "type": "table", "columns": list(columns or COLUMNS)}
    rules = RowRules(Question.model_validate(declared), Environment())
    return asked("nodes", "table", columns=list(columns or COLUMNS), rules=rules, **parts)


def answered(*rows: dict[str, Any], columns: tuple[dict[str, Any], ...] = ()) -> FormQuestion:
    """A table question with an answer."""
    return FormQuestion(table(*columns), Answer("nodes", list(rows), AnswerSource.FILE), open=False)


async def at_grid(pilot: Pilot[None], app: FormApp) -> None:
    """Put the focus on the grid."""
    await wait_until(pilot, lambda: app.waited and app.screen.query(FormTableGrid))
    await wait_until(pilot, lambda: app.focused is not None)
    if not isinstance(app.focused, FormTableGrid):
        await pilot.press("up")
    await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid))


async def test_a_row_is_added_cell_by_cell() -> None:
    """Enter goes from cell to cell; defaults are shown and may stay; the rows are taken as a whole."""
    app = FormApp(form := Rules([table()]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        assert "enter Do it  a Add  p Paste" in text_of(app), "a line that adds is not changed, deleted or moved"
        await pilot.press("a", *"one", "enter")
        await wait_for_text(pilot, "Row 1, Port:")
        await pilot.press("enter")
        await wait_for_text(pilot, "Row 1, By")
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid))
        assert form.taken == []
        await pilot.press("t")
        await wait_until(pilot, lambda: form.taken)
        assert form.taken == [Given("nodes", [{"name": "one", "port": "80", "by": "phone"}])]


async def test_a_column_that_is_not_asked_for_is_passed_over() -> None:
    """The cell is marked, no key opens it, and nothing is given for it."""
    app = FormApp(form := Rules([table()]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        await pilot.press("a", *"nobody", "enter", "enter")
        await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid))
        assert any("nobody" in line and line.rstrip().endswith("·") for line in lines_of(app))
        await pilot.press("t")
        await wait_until(pilot, lambda: form.taken)
        assert form.taken == [Given("nodes", [{"name": "nobody", "port": "80"}])]


async def test_rows_are_changed_deleted_and_moved() -> None:
    """Each by one key; leaving the table takes what was changed, once."""
    rows = [{"name": name, "port": 80, "by": "mail"} for name in ("one", "two", "three")]
    app = FormApp(form := Rules([answered(*rows), asked("other")]))
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: focused(app) == "other")
        await pilot.press("shift+tab", "j", "d", "up", "enter", "end", *"-a", "enter")
        await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid))
        await pilot.press("tab")
        await wait_until(pilot, lambda: form.taken)
        (given,) = form.taken
        assert isinstance(given, Given)
        assert [row["name"] for row in given.raw] == ["two-a", "three"]


async def test_pasted_lines_become_rows_and_wrong_cells_are_marked() -> None:
    """Tabs, commas or blanks between cells; each wrong cell has a mark and says why when the cursor is on it."""
    app = FormApp(form := Rules([table()]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        app.focused.post_message(events.Paste("one\t81\tmail\ntwo, x, phone\none 83 mail"))  # type: ignore[union-attr]
        await wait_for_text(pilot, "!x")
        assert [row["name"] for row in form.checked[-1].raw] == ["one", "two", "one"]
        assert "! row 2, Port: 'x' is not a number" in text_of(app)
        await pilot.press("down", "down")
        await wait_for_text(pilot, "stands in row 1 too")


async def test_lines_pasted_into_a_cell_become_rows_too() -> None:
    """Nobody has to leave the new row first: it gives way, and none of the lines is dropped."""
    app = FormApp(form := Rules([table()]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        await pilot.press("a")
        await wait_for_text(pilot, "Row 1, Name")
        app.post_message(events.Paste("one, 81, mail\ntwo, 82, phone\n"))
        await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid) and bool(form.checked))
        assert [row["name"] for row in form.checked[-1].raw] == ["one", "two"]
        await pilot.press("enter", "end", *"-a")
        app.post_message(events.Paste("three, 83, mail\nfour, 84, mail"))
        await wait_until(pilot, lambda: len(form.checked[-1].raw) == 4)
        assert [row["name"] for row in form.checked[-1].raw] == ["one-a", "two", "three", "four"]


async def test_lines_may_be_pasted_into_an_area() -> None:
    """For terminals that paste as if it were typed: tab takes the lines, escape gives them up."""
    app = FormApp(form := Rules([table()]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        await pilot.press("p", *"lost", "escape")
        await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid))
        await pilot.press("p")
        await wait_until(pilot, lambda: isinstance(app.focused, PasteArea))
        await pilot.press(*"one,", "8", "1", "comma", *"mail", "tab")
        await wait_until(pilot, lambda: form.checked)
        assert form.checked[-1].raw == [{"name": "one", "port": "81", "by": "mail"}]


async def test_a_secret_cell_is_typed_unseen_and_kept_when_left_alone() -> None:
    """No frame holds it; the row shows a mask; an empty enter keeps the one that is there."""
    app = FormApp(form := Rules([table(COLUMNS[0], SECRET)]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        await pilot.press("a", *"one", "enter")
        await wait_for_text(pilot, "Row 1, Pin")
        await pilot.press(*"hush-hush")
        assert "hush" not in text_of(app)
        await pilot.press("enter")
        await wait_for_text(pilot, "••••••")
        await pilot.press("up", "up", "right", "enter", "enter")
        await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid))
        await pilot.press("t")
        await wait_until(pilot, lambda: form.taken)
        assert form.taken == [Given("nodes", [{"name": "one", "pin": Secret("hush-hush")}])]
        assert "hush" not in text_of(app)


async def test_rows_found_on_the_machine_are_proposed_and_not_taken_by_themselves() -> None:
    """They stand in the grid with where they come from, and one key takes them."""
    found = Proposal([{"name": "one", "port": 80, "by": "mail"}], AnswerSource.MACHINE, "facts.nodes")
    app = FormApp(form := Rules([table(proposals=(found,))]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        assert "Filled in from: found on this machine: nodes" in text_of(app)
        assert form.taken == []
        await pilot.press("t")
        await wait_until(pilot, lambda: form.taken)
        assert form.taken == [Given("nodes", found.value)]


async def test_leaving_a_new_row_takes_nothing_that_nobody_chose() -> None:
    """Tab goes from cell to cell and takes no default; only taking the rows, which show it, lets it stand."""
    app = FormApp(form := Rules([table(), asked("other")]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        await pilot.press("a", *"one")
        assert "something is needed" not in text_of(app)
        await pilot.press("tab")
        await wait_for_text(pilot, "Row 1, Port:")
        await pilot.press("pagedown", "tab")
        await wait_for_text(pilot, "> ( ) mail")
        await pilot.press("tab")
        await wait_for_text(pilot, ">   = Take this row")
        assert any(line.split() == ["1", "one", "(80)"] for line in lines_of(app))
        await pilot.press("tab")
        await wait_until(pilot, lambda: focused(app) == "other")
        await pilot.pause()
        assert form.taken == []
        await pilot.press("up", "enter")
        await wait_until(pilot, lambda: form.taken)
        assert form.taken == [Given("nodes", [{"name": "one"}])]


async def test_escape_gives_up_a_row_that_nothing_was_typed_into() -> None:
    """The row is gone, and the table is as if it had not been begun."""
    app = FormApp(Rules([table()]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        await pilot.press("a")
        await wait_for_text(pilot, "Row 1, Name:")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid))
        assert "= Take it without rows" in text_of(app)
        assert "something is needed" not in text_of(app)


async def test_an_empty_enter_does_not_pass_a_cell_that_is_needed() -> None:
    """It says so and stays, and a table that needs a row does not offer to be taken without one."""
    app = FormApp(Rules([table(at_least=1)]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        assert "without rows" not in text_of(app)
        await pilot.press("a", "enter")
        await wait_for_text(pilot, "! Name: something is needed here")
        await pilot.press(*"one", "enter")
        await wait_for_text(pilot, "Row 1, Port:")
        assert "something is needed" not in text_of(app)


async def test_one_wrong_cell_is_said_once() -> None:
    """A table that was refused for one cell says so beside its cells, and not once more below them."""
    question = table()
    rows = [{"name": "", "port": "1"}]
    try:
        question.rules.rows(rows)
    except RowsRefusedError as refusal:
        mistakes, words = refusal.mistakes, str(refusal)
    assert len(mistakes) == 1
    refused = table(problem=words, previous=rows)
    app = FormApp(FakeForm([FormQuestion(refused, None, open=True, mistakes=mistakes)]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        await wait_for_text(pilot, words)
        assert text_of(app).count(words) == 1


async def test_a_long_name_of_a_column_leaves_room_to_type_in() -> None:
    """The words before a cell give way: what is typed is seen."""
    app = FormApp(Rules([table({"id": "name", "label": "Name that goes on " * 8})]))
    async with app.run_test(size=SIZE) as pilot:
        await at_grid(pilot, app)
        await pilot.press("a", *"worker-17")
        await wait_for_text(pilot, "… worker-17")
