"""One question put to a person in lines: proposals, menus, tables, secrets, and the way back."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from wizard.errors import AnswersError, Gone
from wizard.guide.models import Question
from wizard.plain.dialogue import Dialogue
from wizard.plain.prompts import NumberedPrompts
from wizard.plain.questions import ask_question
from wizard.plain.style import Style
from wizard.plain.tables import split_cells
from wizard.questions.model import AnswerSource, Asked, Proposal
from wizard.run.operator import Back
from wizard.secrets import Secret

STYLE = Style(unicode=False)


class HidingPrompts(NumberedPrompts):
    """Numbered prompts that hide what is typed by not being a terminal at all."""

    def __init__(self, typed: str, out: io.StringIO) -> None:
        super().__init__(io.StringIO(typed), out, STYLE)
        self.can_hide = True

    def hidden(self, label: str) -> str:
        return self.line(label)


def question(kind: str = "text", **more: Any) -> Question:
    """A question of that type."""
    return Question.model_validate({"id": "thing", "label": "The thing", "type": kind, **more})


def asked(one: Question, *proposals: Proposal, **more: Any) -> Asked:
    """That question as it is put to a person."""
    return Asked(one, "Your installation", one.label, "Because it matters.", proposals=proposals, **more)


def ask(one: Asked, typed: str, *, hides: bool = True) -> tuple[Any, str]:
    """Ask over typed text; gives the reply and what was shown."""
    out = io.StringIO()
    prompts = HidingPrompts(typed, out) if hides else NumberedPrompts(io.StringIO(typed), out, STYLE)
    dialogue = Dialogue(
        prompts, lambda lines: out.writelines(f"{line}\n" for line in lines), STYLE, {"thing": "A part."}
    )
    return ask_question(one, dialogue), out.getvalue()


FOUND = Proposal("/opt/x", AnswerSource.MACHINE, "facts.settings.HOME, /opt/x/.env")
OTHER = Proposal("/srv/x", AnswerSource.DEFAULT)


def test_a_question_says_what_why_and_where_it_stands() -> None:
    """Section, number, label and why stand before the prompt."""
    _, shown = ask(asked(question(), number=3, total=12), "word\n")
    assert "Your installation, question 3 of 12 (? explains, < goes back)" in shown
    assert "The thing\nBecause it matters.\n" in shown


def test_enter_takes_a_proposal_and_shows_its_origin() -> None:
    """What was found is proposed with where it was found; Enter takes it as it is."""
    reply, shown = ask(asked(question("path"), FOUND), "\n")
    assert reply == "/opt/x"
    assert "Proposed: /opt/x (machine: facts.settings.HOME, /opt/x/.env)." in shown


def test_enter_takes_nothing_where_nothing_is_proposed() -> None:
    """Without a proposal an answer has to be typed."""
    reply, shown = ask(asked(question()), "\n\nword\n")
    assert reply == "word"
    assert shown.count("An answer is needed.") == 2


def test_proposals_that_differ_are_chosen_from() -> None:
    """Two findings that differ are both shown, and none is taken by Enter."""
    reply, shown = ask(asked(question("path"), FOUND, OTHER), "\n2\n")
    assert reply == "/srv/x"
    assert "What was found differs:" in shown
    assert "/srv/x (default)" in shown
    reply, _ = ask(asked(question("path"), FOUND, OTHER), "+\n/home/x\n")
    assert reply == "/home/x"


def test_the_same_value_found_twice_does_not_differ() -> None:
    """Two sources that agree make one proposal."""
    reply, shown = ask(asked(question("path"), FOUND, Proposal("/opt/x", AnswerSource.DEFAULT)), "\n")
    assert reply == "/opt/x"
    assert "differs" not in shown


def test_a_refused_value_is_explained_and_not_proposed_again() -> None:
    """After a refusal the reason is shown and Enter does not take the refused value again."""
    one = asked(question("path"), FOUND, problem="There is no .env in that folder.", previous="/opt/x")
    reply, shown = ask(one, "\n/opt/y\n")
    assert reply == "/opt/y"
    assert "Not accepted: There is no .env in that folder." in shown
    assert "Proposed" not in shown


def test_an_earlier_answer_is_kept_by_enter() -> None:
    """Coming back to a question, Enter keeps what was answered before."""
    reply, shown = ask(asked(question(), previous="before"), "\n")
    assert reply == "before"
    assert "before (answered before)" in shown


def test_optional_may_be_left_empty() -> None:
    """An optional question takes nothing for an answer; with a proposal a dash says so."""
    assert ask(asked(question(optional=True)), "\n")[0] == ""
    assert ask(asked(question("path", optional=True), FOUND), "-\n")[0] == ""


def test_a_question_mark_explains_and_asks_again() -> None:
    """`?` shows why, how to type it and the glossary's words, then the same question is asked."""
    reply, shown = ask(asked(question("duration")), "?\n5m\n")
    assert reply == "5m"
    assert "A duration: 30s, 5m, 2h or 3d." in shown
    assert "thing: A part." in shown


@pytest.mark.parametrize("kind", ["text", "yes_no", "choice", "choices", "secret", "table"])
def test_one_can_go_back_from_every_kind(kind: str) -> None:
    """`<` is the way back wherever one is."""
    more: dict[str, Any] = {"choices": ["a", "b"]} if kind.startswith("choice") else {}
    more |= {"columns": [{"id": "name", "label": "Name"}]} if kind == "table" else {}
    choices = (("a", "a"), ("b", "b")) if kind.startswith("choice") else ()
    assert ask(asked(question(kind, **more), choices=choices), "<\n")[0] == Back()


def test_yes_or_no() -> None:
    """The reply is a boolean; what was found is marked and proposed."""
    assert ask(asked(question("yes_no")), "y\n")[0] is True
    reply, shown = ask(asked(question("yes_no"), Proposal(False, AnswerSource.MACHINE, "facts.on")), "\n")
    assert reply is False
    assert "no (machine: facts.on)" in shown


def test_a_choice_by_number_label_and_other() -> None:
    """Labels are shown, values are replied; `other` takes a typed value."""
    one = question("choice", choices=["h2", "postgres"], other=True)
    choices = (("h2", "H2, the small one"), ("postgres", "PostgreSQL"))
    reply, shown = ask(asked(one, choices=choices), "2\n")
    assert reply == "postgres"
    assert "1) H2, the small one" in shown
    assert ask(asked(one, choices=choices), "+\n\noracle\n")[0] == "oracle"


def test_choices_ticked_taken_and_added() -> None:
    """Several of a list, what is proposed at once, and others where the guide allows them."""
    one = question("choices", choices=["a", "b", "c"], other=True)
    choices = tuple((name, name.upper()) for name in "abc")
    assert ask(asked(one, choices=choices), "list\n1,3\nx, y\n")[0] == ["a", "c", "x", "y"]
    assert ask(asked(one, Proposal(["b"], AnswerSource.MACHINE), choices=choices), "\n")[0] == ["b"]


def test_a_secret_is_a_secret_from_the_start() -> None:
    """The reply is a Secret with exactly what was typed."""
    reply, shown = ask(asked(question("secret")), "hush-hush\n")
    assert reply == Secret("hush-hush")
    assert "hush" not in shown


def test_a_secret_is_refused_where_it_would_be_seen() -> None:
    """Where typing cannot be hidden, the way through the answers file is named."""
    with pytest.raises(AnswersError, match="thing: env:VARIABLE"):
        ask(asked(question("secret")), "hush\n", hides=False)


def test_end_of_input_is_gone() -> None:
    """A closed input ends the conversation."""
    with pytest.raises(Gone):
        ask(asked(question()), "")


COLUMNS = [
    {"id": "name", "label": "Name"},
    {"id": "port", "label": "Port", "type": "number", "default": 8080},
    {"id": "main", "label": "Main", "type": "yes_no", "optional": True},
]
NODES = question("table", columns=COLUMNS)


def test_a_table_is_edited_row_by_row() -> None:
    """Add, edit, move and delete; the reply is a list of rows, empty cells left out."""
    typed = [
        *("add", "a", "", "yes"),
        *("add", "b", "9090", "-"),
        *("add", "c", "", "no"),
        *("edit", "row 2", "", "9091", "-"),
        *("move", "row 3", "first"),
        *("delete", "row 2"),
        "done",
    ]
    reply, shown = ask(asked(NODES), "\n".join(typed) + "\n")
    assert reply == [{"name": "c", "port": 8080, "main": False}, {"name": "b", "port": 9091}]
    assert "No rows yet; the columns are: Name, Port, Main." in shown
    assert "   2  a     8080" in shown


def test_a_table_found_on_the_machine_is_taken_by_done() -> None:
    """Rows that were found stand there already, with their origin, and nothing of them is shared."""
    rows = [{"name": "a", "port": 1}]
    reply, shown = ask(asked(NODES, Proposal(rows, AnswerSource.MACHINE, "facts.nodes")), "done\n")
    assert reply == rows
    assert reply[0] is not rows[0]
    assert "Filled in from: machine: facts.nodes" in shown


def test_pasted_lines_become_rows_and_bad_ones_are_named() -> None:
    """Tabs, commas or spaces; missing cells take their default; a line that does not fit is shown, not lost."""
    typed = "paste\na\t1\tyes\nb, 2\nc\nd 4 no more\n\ndone\n"
    reply, shown = ask(asked(NODES), typed)
    assert reply == [
        {"name": "a", "port": 1, "main": True},
        {"name": "b", "port": 2},
        {"name": "c", "port": 8080},
    ]
    assert "Left out, it has 4 cells instead of 3: d 4 no more" in shown


def test_a_refused_table_keeps_its_rows() -> None:
    """A refused table comes back with its rows, to be mended instead of typed again."""
    rows = [{"name": "a", "port": "x"}]
    reply, shown = ask(asked(NODES, previous=rows, problem="row 1: port is no number"), "edit\n\n80\n\ndone\n")
    assert "row 1: port is no number" in shown
    assert reply[0]["port"] == 80


@pytest.mark.parametrize(
    ("line", "cells"),
    [("a\tb c", ["a", "b c"]), ("a; b", ["a", "b"]), ('"a,b", c', ["a,b", "c"]), ("a  b", ["a", "b"])],
)
def test_cells_of_a_line(line: str, cells: list[str]) -> None:
    """The strongest separator of a line splits it, and quotes hold a cell together."""
    assert split_cells(line, 2) == cells


PEOPLE = question(
    "table",
    columns=[
        {"id": "name", "label": "Name", "unique": True},
        {"id": "role", "label": "Role", "type": "choice", "choices": ["admin", "guest"], "default": "guest"},
        {"id": "pin", "label": "PIN", "type": "secret", "when": 'row.role == "admin"'},
        {"id": "years", "label": "Years", "type": "number", "optional": True,
         "valid": [{"expr": 'row.years > 0 || row.role == "guest"', "say": "An admin has years."}]},
    ],
)  # fmt: skip


def test_cells_are_judged_as_they_are_given() -> None:
    """A column is asked for only where its `when` holds; what does not fit, or is there already, is asked again."""
    typed = [
        *("add", "ann", "guest", "-"),
        *("add", "ann", "bob", "admin", "hush-hush-hush", "x", "0", "3"),
        "done",
    ]
    reply, shown = ask(asked(PEOPLE), "\n".join(typed) + "\n")
    assert reply == [
        {"name": "ann", "role": "guest"},
        {"name": "bob", "role": "admin", "pin": Secret("hush-hush-hush"), "years": 3},
    ]
    assert "it stands in row 1 too" in shown
    assert "'x' is not a number" in shown
    assert "An admin has years." in shown
    assert shown.count("PIN") == 4  # the heads, twice more with rows, and where it is asked for


def test_a_secret_in_a_row_is_masked_and_kept_by_enter() -> None:
    """Editing a row shows a mask, and nothing typed keeps the secret that is there."""
    rows = [{"name": "bob", "role": "admin", "pin": Secret("hush-hush-hush")}]
    found = Proposal(rows, AnswerSource.OPERATOR, "answered before")
    reply, shown = ask(asked(PEOPLE, found), "edit\nbobby\nadmin\n\n-\ndone\n")
    assert reply == [{"name": "bobby", "role": "admin", "pin": Secret("hush-hush-hush")}]
    assert "hush" not in shown


def test_secrets_are_not_pasted() -> None:
    """Pasted lines fill the other columns, each line that does not fit is named, secrets are asked for unseen."""
    typed = "paste\nann\nbob, admin, 2\nann\ncid, boss\n\nhush-hush-hush\ndone\n"
    reply, shown = ask(asked(PEOPLE), typed)
    assert reply == [
        {"name": "ann", "role": "guest"},
        {"name": "bob", "role": "admin", "pin": Secret("hush-hush-hush"), "years": 2},
    ]
    assert "Left out, Name stands in row 1 too: ann" in shown
    assert "Left out, 'boss' is not one of the choices: choose from admin, guest: cid, boss" in " ".join(shown.split())


def test_where_nothing_can_be_hidden_a_secret_cell_is_refused() -> None:
    """A secret is never typed where everybody can read it; the way out is named."""
    with pytest.raises(AnswersError) as caught:
        ask(asked(PEOPLE), "add\nbob\nadmin\n", hides=False)
    assert "cannot be hidden" in caught.value.message
    assert "--answers FILE" in caught.value.hint


def test_a_row_without_a_needed_cell_does_not_fit() -> None:
    """A missing cell without a default is not made up."""
    two = question("table", columns=[{"id": name, "label": name} for name in ("one", "two")])
    reply, shown = ask(asked(two), "paste\nx\ny, z\n\ndone\n")
    assert reply == [{"one": "y", "two": "z"}]
    assert "Left out, something is needed here: x" in shown


def test_a_row_that_was_begun_can_be_left() -> None:
    """At any cell, also one of choices or a secret, the row stays as it was; a new one is not made."""
    rows = [{"name": "ann", "role": "guest"}]
    typed = [
        *("add", "<"),
        *("add", "bob", "<"),
        *("add", "bob", "admin", "<"),
        *("edit", "anna", "guest", "<"),
        "done",
    ]
    reply, shown = ask(asked(PEOPLE, previous=rows), "\n".join(typed) + "\n")
    assert reply == rows
    assert "< leaves the row as it was." in shown
    assert ask(asked(PEOPLE), "paste\nbob, admin\n\n<\ndone\n")[0] == []


@pytest.mark.parametrize(
    ("kind", "more", "previous"),
    [
        ("yes_no", {}, True),
        ("choice", {"choices": ["a", "b"]}, "b"),
        ("choices", {"choices": ["a", "b"]}, ["b"]),
        ("text", {}, "typed before"),
    ],
)
def test_enter_takes_the_answer_that_was_given_before(kind: str, more: dict[str, Any], previous: Any) -> None:
    """Who comes back to a question keeps their answer with Enter, whatever else is proposed."""
    one = asked(question(kind, **more), Proposal(FOUND.value, AnswerSource.DEFAULT), previous=previous)
    one = replace(one, choices=tuple((choice, choice) for choice in more.get("choices", ())))
    assert ask(one, "\n")[0] == previous


def test_rows_that_have_lost_their_secrets_say_so() -> None:
    """Secrets are never stored: after a resume the rows are there, and what is missing is named."""
    columns = [{"id": "name", "label": "Name"}, {"id": "pin", "label": "PIN", "type": "secret"}]
    _, shown = ask(asked(question("table", columns=columns), previous=[{"name": "ann"}]), "done\n")
    assert "Its secrets are not kept: edit each row to type them again." in shown
