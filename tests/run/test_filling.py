"""The questionnaire of a run as a form: filled in any order, what follows from answers, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import FormOperator, Turns
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from wizard.errors import AnswersError, ExitCode, StoppedError
from wizard.questions.form import Form, FormView, Given, Kept, Reopened
from wizard.questions.model import AnswerSource
from wizard.run.records import Record
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIN = "hush-hush-hush"


class HandOperator(FormOperator):
    """Hands the form to a test, and stops then."""

    by_hand: Callable[[Form], None]

    def fill(self, form: Form, *, again: bool = False) -> None:
        """Let the test fill it in."""
        self.looks = []
        form.on_look(self.looks.append)
        form.begin()
        self.by_hand(form)
        raise StoppedError("the test is over")


def wide(tmp_path: Path) -> dict[str, Any]:
    """Questions of which some hang on others, on facts and on the machine."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "size").write_text("50", encoding="utf-8")
    ask = [
        {"id": "place", "label": "Place", "type": "path"},
        {"id": "backup", "label": "Backup", "type": "path", "default": "${{ answers.place }}/backup"},
        {"id": "many", "label": "Many", "type": "yes_no", "when": "facts.size.n > 10"},
        {"id": "pin", "label": "Pin", "type": "secret", "valid": [{"expr": "size(answers.pin) > 3", "say": "Longer."}]},
        {"id": "note", "label": "Note", "type": "text", "optional": True},
        {"id": "nodes", "label": "Nodes", "type": "table", "columns": [
            {"id": "name", "label": "Name", "unique": True}, {"id": "port", "label": "Port", "type": "number"},
        ]},
    ]  # fmt: skip
    facts = {
        "size": {
            "title": "Size of the place",
            "command": "cat ${{ answers.place }}/size",
            "match": r"(?P<n>\d+)",
            "as": {"n": "number"},
        },
        "now": {"command": "echo 1.0"},
    }
    versions = {
        **VERSIONS,
        "ask": [{**VERSIONS["ask"][0], "found_in": "facts.now"}, VERSIONS["ask"][1]],  # type: ignore[dict-item]
    }
    section = {"section": "Place", "why": "It has to be somewhere.", "ask": ask}
    return guide(phase(step("one", "true")), questions=[versions, section], facts=facts)


def filled(tmp_path: Path, by_hand: Callable[[Form], None], sets: tuple[str, ...] = ()) -> tuple[Journey, HandOperator]:
    """A run whose form is filled in by a test."""
    journey = Journey(tmp_path, wide(tmp_path), sets)
    operator = HandOperator()
    operator.by_hand = by_hand
    with pytest.raises(StoppedError):
        journey.begin(operator)
    return journey, operator


def is_open(view: FormView) -> list[str]:
    """Ids of the questions that are open."""
    return [one.id for one in view.questions if one.open]


def standing(view: FormView) -> list[tuple[str, bool, str]]:
    """Id, whether it is open, and what is wrong, of each question."""
    return [(one.id, one.open, one.asked.problem) for one in view.questions]


def test_all_questions_are_there_at_once_and_come_and_go(tmp_path: Path) -> None:
    """Answered from the end: facts, proposals and questions follow, and the form says in words what came."""

    def fill(form: Form) -> None:
        view = form.view()
        assert is_open(view) == ["current_version", "target_version", "place", "backup", "pin", "note", "nodes"]
        assert [one.value for one in view.questions[0].asked.proposals] == ["1.0"]
        assert view.questions[2].section_why == "It has to be somewhere."
        view = form.take(Given("note", ""))
        assert view.questions[5].answer is not None
        assert view.questions[5].answer.value is None
        view = form.take(Given("place", str(tmp_path / "a")))
        assert "many" in is_open(view)
        assert view.changed == ("Asked now: Many",)
        backup = next(one for one in view.questions if one.id == "backup")
        assert backup.asked.proposals[0].value == str(tmp_path / "a" / "backup")
        view = form.take(Given("backup", backup.asked.proposals[0].value))
        taken = next(one.answer for one in view.questions if one.id == "backup")
        assert taken is not None
        assert taken.source is AnswerSource.DEFAULT
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "size").write_text("5", encoding="utf-8")
        view = form.take(Given("place", str(tmp_path / "b")))
        assert "many" not in [one.id for one in view.questions]
        assert any(words.startswith("Open again: Backup: '") for words in view.changed)

    filled(tmp_path, fill)


def test_what_is_refused_stands_in_the_form_with_the_reason(tmp_path: Path) -> None:
    """A refused value is journalled nowhere and replaces nothing; giving it up brings the answer before back."""

    def fill(form: Form) -> None:
        form.take(Given("place", str(tmp_path / "a")))
        view = form.take(Given("place", "a"))
        place = next(one for one in view.questions if one.id == "place")
        assert place.open
        assert "does not begin with `/`" in place.asked.problem
        assert place.asked.previous == "a"
        assert place.answer is not None
        assert place.answer.value == str(tmp_path / "a")
        assert "place" not in is_open(form.take(Kept("place")))
        assert "place" in is_open(form.take(Reopened("place", "Look again.")))
        again = next(one.asked for one in form.view().questions if one.id == "place")
        assert (again.problem, again.previous) == ("Look again.", str(tmp_path / "a"))

    journey, _ = filled(tmp_path, fill)
    given = [entry.data["value"] for entry in journey.entries if entry.kind == Record.ANSWER_GIVEN]
    assert given == [str(tmp_path / "a")]


def test_checking_keeps_nothing(tmp_path: Path) -> None:
    """Why a value would be refused is said before it is given, for tables cell by cell; the journal stays as it was."""

    def fill(form: Form) -> None:
        before = standing(form.view())
        assert "begin with `/`" in form.check(Given("place", "a")).problem
        assert form.check(Given("place", "/a")).problem == ""
        assert form.check(Given("pin", Secret("abc"))).problem == "Longer."
        rows = [{"name": "one", "port": "x"}, {"name": "one", "port": "1"}]
        checked = form.check(Given("nodes", rows))
        assert [(one.row, one.column) for one in checked.mistakes] == [(1, "port"), (2, "name")]
        assert form.check(Given("nothing", "x")).problem == ""
        assert standing(form.view()) == before
        view = form.take(Given("nodes", rows))
        assert next(one for one in view.questions if one.id == "nodes").mistakes == checked.mistakes

    journey, _ = filled(tmp_path, fill)
    assert Record.ANSWER_GIVEN not in [entry.kind for entry in journey.entries]


def test_a_question_that_went_meanwhile_is_no_mistake(tmp_path: Path) -> None:
    """An answer to a question that is not asked any more is dropped, and said."""

    def fill(form: Form) -> None:
        before = standing(form.view())
        view = form.take(Given("many", "yes"))
        assert view.changed == ("Not asked any more: Many",)
        assert standing(view) == before

    filled(tmp_path, fill)


def test_what_is_read_arrives_while_it_is_read(tmp_path: Path) -> None:
    """Before the engine waits for anybody the form says what is looked at, then shows what was found."""

    def fill(form: Form) -> None:
        form.take(Given("place", str(tmp_path / "a")))

    _, operator = filled(tmp_path, fill)
    assert [look.looking for look in operator.looks] == [("now",), (), ("Size of the place",), ()]
    assert not operator.looks[0].questions[0].asked.proposals
    assert [one.value for one in operator.looks[1].questions[0].asked.proposals] == ["1.0"]
    assert "many" in [one.id for one in operator.looks[3].questions]


def test_given_answers_need_not_wait_for_the_questions_before_them(tmp_path: Path) -> None:
    """In a form what stands in the file is taken although earlier questions are open."""
    views: list[FormView] = []
    filled(tmp_path, lambda form: views.append(form.view()), ("place=/srv", "note=hello"))
    answered = {one.id: one.answer.value for one in views[0].questions if one.answer is not None}
    assert answered == {"place": "/srv", "note": "hello"}


def test_what_fits_nothing_is_told_before_the_machine_is_looked_at(tmp_path: Path) -> None:
    """A slip in the file ends the questions before anything is read, so that nobody answers them for nothing."""
    journey, operator = Journey(tmp_path, wide(tmp_path), ("plaice=/srv",)), HandOperator()
    with pytest.raises(AnswersError):
        journey.begin(operator)
    assert operator.looks == []


def test_what_is_given_is_no_question_while_the_machine_is_looked_at(tmp_path: Path) -> None:
    """Nobody is asked, even for a moment, what the file or the command line answers; an enter there would undo it."""
    views: list[FormView] = []
    place = tmp_path / "a"
    _, operator = filled(tmp_path, lambda form: views.append(form.view()), (f"place={place}", "nodes=[{name: one}]"))
    assert operator.looks[0].looking == ("now",)
    assert "place" not in {one.id for one in operator.looks[0].questions}
    assert not operator.looks[0].ready
    assert views[0].ready
    assert "backup" in {one.id for one in operator.looks[0].questions}
    assert [one.answer.value for one in views[0].questions if one.id == "place" and one.answer] == [str(place)]
    assert [one.asked.problem for one in views[0].questions if one.id == "nodes" and one.open], "it does not fit"


def test_a_secret_is_nowhere_in_the_form(tmp_path: Path) -> None:
    """A secret that was given or refused shows as a mask only, in the form and on disk."""

    def fill(form: Form) -> None:
        assert PIN not in repr(form.take(Given("pin", Secret(PIN))))
        view = form.take(Given("pin", Secret("abc")))
        refused = next(one for one in view.questions if one.id == "pin")
        assert (refused.asked.problem, refused.asked.previous) == ("Longer.", None)

    journey, _ = filled(tmp_path, fill)
    assert not [path for path in journey.folder.rglob("*") if path.is_file() and PIN.encode() in path.read_bytes()]


def test_an_impossible_path_is_shown_at_the_versions_and_can_be_mended(tmp_path: Path) -> None:
    """The form is not complete while no way leads to the target, says why, and goes on once another is given."""
    journey = Journey(tmp_path, guide(phase(step("one", "true"))), ("current_version=2.0",))
    mended = Turns(("current_version", "1.0"), ("target_version", "2.0"))
    operator = FormOperator({"target_version": "1.0", "path": mended})
    assert journey.begin(operator) is ExitCode.DONE
    problems = [view.path_problem for view in operator.views]
    assert "would be a downgrade" in problems[1]
    assert "runs already" in problems[2]
    assert [view.complete for view in operator.views] == [False, False, False, True]
    assert operator.views[3].path == ("1.0", "2.0")


def test_changing_answers_after_the_checks_gives_the_whole_form_again(tmp_path: Path) -> None:
    """An operator who fills forms gets all questions with their answers, and what hangs on the change is looked at."""
    ask = {"section": "S", "ask": [{"id": "name", "label": "Name", "type": "text"}]}
    journey = Journey(tmp_path, guide(phase(step("one", ["echo", "${{ answers.name }}"])), questions=[VERSIONS, ask]))
    operator = FormOperator({"name": "shop", "again": ("name", "mall"), "proceed": Turns("answers", "start")})
    assert journey.begin(operator) is ExitCode.DONE
    assert next(request for key, request in operator.asked if key == "again").complete
    assert journey.state.answers["name"]["value"] == "mall"
    assert all(key != "answers" for key, _ in operator.asked)
