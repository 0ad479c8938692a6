"""Dry runs before a command, and the operator's reading of what it printed behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.fakes.operators import Gone, ScriptedOperator, Turns
from tests.run.journey import Journey, step
from tests.run.test_walking import at, log
from wizard.assemble import Begin, begin, session_report
from wizard.errors import AnswersError, ExitCode
from wizard.run.events import CommandStarted
from wizard.run.state import StepStatus
from wizard.unattended import UnattendedOperator

if TYPE_CHECKING:
    from pathlib import Path

DRY = {"dry_run": "echo would >> dry"}


def alone(journey: Journey, confirmations: dict[str, Any]) -> ExitCode:
    """Begin with nobody there and these words in an answers file."""
    answers = journey.place / "answers.yaml"
    answers.write_text(yaml.safe_dump({"confirmations": confirmations} if confirmations else {}), encoding="utf-8")
    request = Begin(str(journey.file), answers=str(answers), sets=journey.sets)
    return begin(request, lambda given: UnattendedOperator(given, {}))


def test_a_dry_run_is_offered_and_may_be_shown_again(tmp_path: Path) -> None:
    """It is an attempt of its own that moves nothing forward; the step is begun by a word."""
    operator = ScriptedOperator({"preview:work": Turns("preview", "preview", "start")})
    journey = at(tmp_path, step("work", log("done"), **DRY))
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines("dry") == ["would", "would"]
    assert journey.lines() == ["done"]
    assert len(journey.state.step("1/work/work").attempts) == 1
    assert journey.state.current == ""
    assert [line.kind for line in session_report(None).beside] == ["preview", "preview"]


def test_a_dry_run_that_was_not_liked_begins_nothing(tmp_path: Path) -> None:
    """The step is not begun, and can be tried again or left."""
    operator = ScriptedOperator({"preview:work": Turns("preview", "no"), "failed:work": "stop"})
    journey = at(tmp_path, step("work", log("done"), **DRY))
    assert journey.begin(operator) is ExitCode.STOPPED
    assert journey.lines() == []
    assert not journey.state.touched("1/work/work")


def test_a_preview_that_must_be_comes_first_always(tmp_path: Path) -> None:
    """Its word is taken after it ran; a resume shows it again before it begins."""
    journey = at(tmp_path, step("work", log("done"), preview="must", **DRY))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"preview:work": Gone}))
    assert (journey.lines("dry"), journey.lines()) == (["would"], [])
    second = ScriptedOperator()
    assert journey.resume(second) is ExitCode.DONE
    assert second.keys().count("preview:work") == 1
    assert (journey.lines("dry"), journey.lines()) == (["would", "would"], ["done"])


def test_a_preview_that_fails_begins_nothing(tmp_path: Path) -> None:
    """A dry run that does not end well says that the real one would not either."""
    operator = ScriptedOperator({"failed:work": "stop"})
    journey = at(tmp_path, step("work", log("done"), dry_run="echo no room >&2; exit 2", preview="must"))
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "its dry run did not end well" in dict(operator.asked)["failed:work"].text
    assert journey.lines() == []


def test_a_dry_run_is_not_the_step(tmp_path: Path) -> None:
    """`outcome()` and undo know the step and not its dry run."""
    operator = ScriptedOperator({"preview:work": Turns("preview", "no"), "failed:work": ("skip", "not now")})
    journey = at(tmp_path, step("work", log("done"), **DRY), step("look", log("${{ outcome('work') }}")))
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["skipped"]


def test_what_was_printed_is_reviewed(tmp_path: Path) -> None:
    """The last lines stand beside the question; a no fails the step."""
    operator = ScriptedOperator({"review:work": False, "failed:work": "stop"})
    journey = at(tmp_path, step("work", "echo 3 rows lost", review="Is no row lost?"))
    assert journey.begin(operator) is ExitCode.STOPPED
    request = dict(operator.asked)["review:work"]
    assert (request.say, request.lines) == ("Is no row lost?", ("3 rows lost",))
    assert journey.status("work") == StepStatus.FAILED


def test_a_review_is_not_skipped_by_a_resume(tmp_path: Path) -> None:
    """The command ended and the front end was lost: the next driver asks, and nothing is run again."""
    journey = at(tmp_path, step("work", log("done"), review="Fine?"))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"review:work": Gone}))
    second = ScriptedOperator()
    assert journey.resume(second) is ExitCode.DONE
    assert second.keys().count("review:work") == 1
    assert journey.lines() == ["done"]


def test_a_rehearsal_shows_the_dry_run_and_asks_for_no_review(tmp_path: Path) -> None:
    """Both commands are shown, none is run, and nobody is asked about an output that is not there."""
    operator = ScriptedOperator()
    journey = at(tmp_path, step("work", log("done"), preview="must", review="Fine?", **DRY))
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    assert [event.shown for event in operator.told(CommandStarted)] == ["echo would >> dry", log("done")]
    assert not {"preview:work", "review:work"} & set(operator.keys())
    assert journey.lines("dry") == []


def test_unattended_both_words_are_wanted_before_the_start(tmp_path: Path) -> None:
    """They are listed together and nothing is run; given, the run goes through."""
    journey = at(tmp_path, step("work", log("done"), preview="must", review="Fine?", **DRY))
    with pytest.raises(AnswersError) as refused:
        alone(journey, {})
    assert {problem.key for problem in refused.value.problems} == {
        "confirmations.preview:work",
        "confirmations.review:work",
    }
    assert journey.lines("dry") == []
    assert alone(journey, {"preview:work": True, "review:work": True}) is ExitCode.DONE
    assert (journey.lines("dry"), journey.lines()) == (["would"], ["done"])


def test_unattended_a_dry_run_that_is_only_offered_is_left_out(tmp_path: Path) -> None:
    """Nobody is there to look at it."""
    journey = at(tmp_path, step("work", log("done"), **DRY))
    assert alone(journey, {}) is ExitCode.DONE
    assert (journey.lines("dry"), journey.lines()) == ([], ["done"])


def test_unattended_parts_are_left_for_later_only_as_the_file_says(tmp_path: Path) -> None:
    """A number the guide does not let wait is refused before the start; one it does is listed at the end."""
    items = [{"do": "One.", "record": "ticket", "defer": "May wait."}, "Two."]
    journey = at(tmp_path, step("hands", manual=items))
    for word in ({"defer": {2: "no time"}}, True, {"defer": "all of it"}):
        with pytest.raises(AnswersError):
            alone(journey, {"hands": word})
    assert alone(journey, {"hands": {"defer": {1: "tomorrow"}}}) is ExitCode.DONE
    assert [one.reason for one in journey.state.step("1/work/hands").deferred.values()] == ["tomorrow"]


def test_unattended_a_list_with_something_on_it_fails(tmp_path: Path) -> None:
    """What is open is named; an empty one passes where the file says so."""
    todo = tmp_path / "todo"
    todo.write_text("a\n", encoding="utf-8")
    manual = {"list": {"run": "cat todo"}, "do": "Mend ${{ item }}."}
    journey = at(tmp_path, step("mend", manual=manual))
    with pytest.raises(AnswersError):
        alone(journey, {})
    assert alone(journey, {"mend": True}) is ExitCode.STEP_FAILED
    assert journey.status("mend") == "failed"
    todo.write_text("", encoding="utf-8")
    assert alone(journey, {"mend": True}) is ExitCode.DONE
