"""Boxes that must be read: of the guide, a phase, a group and a step; asked once, and never without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from wizard.errors import AnswersError, ExitCode, StoppedError
from wizard.looking import check_only, given_answers, nothing_missing, usable_guide
from wizard.run.events import StepBegan

if TYPE_CHECKING:
    from pathlib import Path

READINGS = ["read:journey", "read:work", "read:part", "read:act"]


def must(text: str, **more: Any) -> dict[str, Any]:
    """A box that must be read."""
    return {"kind": "warning", "text": text, "read": "must", **more}


def words_of_reading(operator: ScriptedOperator) -> list[str]:
    """What was asked to have been read, in order."""
    return [key for key, _ in operator.asked if key.startswith("read:")]


def journey_in(place: Path) -> Journey:
    """A guide with such a box in every place that has boxes."""
    journey = Journey(place, {})
    act = step("act", journey.shell("echo acted >> effects"), notes=[must("of the step")], rerun="safe")
    again = step("again", journey.shell("echo again >> effects"), notes=[must("of the step")], rerun="safe")
    group = {"id": "part", "title": "Part", "why": "It belongs together.", "notes": [must("of the group")]}
    group["steps"] = [act, again]
    notes = [must("of the guide to ${{ answers.target_version }}"), {"text": "need not be read"}]
    journey.parts = guide(phase(group, notes=[must("of the phase")]), notes=notes)
    return journey


def test_each_box_is_asked_about_once_before_what_it_stands_on(tmp_path: Path) -> None:
    """Guide, phase, group and step in this order; the same text on a second step is not asked about again."""
    journey = journey_in(tmp_path)
    operator = ScriptedOperator()
    assert journey.begin(operator) is ExitCode.DONE
    asked = [(key, request.say) for key, request in operator.asked if key.startswith("read:")]
    assert [key for key, _ in asked] == READINGS
    assert "of the guide to 2.0" in asked[0][1]
    assert "need not be read" not in asked[0][1]
    assert journey.lines() == ["acted", "again"]


def test_a_group_says_what_it_is_for_as_it_is_entered(tmp_path: Path) -> None:
    """Its why and its boxes are told, before the first of its steps."""
    operator = ScriptedOperator()
    journey_in(tmp_path).begin(operator)
    told = [(one.step.id, one.why, [text for _, _, text in one.boxes]) for one in operator.told(StepBegan)]
    assert told[0] == ("part", "It belongs together.", ["of the group"])
    assert [name for name, _, _ in told] == ["part", "act", "again"]


def test_nothing_begins_where_the_notes_of_the_guide_were_not_read(tmp_path: Path) -> None:
    """The session stops before its start, and asks again when it is resumed."""
    journey = journey_in(tmp_path)
    with pytest.raises(StoppedError, match="not read"):
        journey.begin(ScriptedOperator({"read:journey": False}))
    assert journey.lines() == []
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.DONE
    assert words_of_reading(operator) == READINGS


@pytest.mark.parametrize("name", ["work", "part", "act"])
def test_a_part_whose_notes_were_not_read_is_not_begun(tmp_path: Path, name: str) -> None:
    """The walk stops before it; resumed, that word alone is wanted, not those that were given."""
    journey = journey_in(tmp_path)
    stops = {f"read:{name}": False, f"failed:{name}": "stop"}
    assert journey.begin(ScriptedOperator(stops)) is ExitCode.STOPPED
    assert journey.lines() == []
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.DONE
    assert words_of_reading(operator) == READINGS[READINGS.index(f"read:{name}") :]


def test_an_operator_who_reads_it_after_all_goes_on(tmp_path: Path) -> None:
    """Not read is a failure of the step like any other, which can be tried again at once."""
    journey = journey_in(tmp_path)
    operator = ScriptedOperator({"read:act": Turns(False, True), "failed:act": "again"})
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["acted", "again"]


def test_a_box_that_does_not_apply_is_not_asked_about(tmp_path: Path) -> None:
    """Its `when` decides when it is reached."""
    journey = Journey(tmp_path, {})
    noted = must("only of 3.0", when='in_range(answers.target_version, ">=3.0")')
    journey.parts = guide(phase(step("act", journey.shell("echo acted >> effects"), notes=[noted])))
    operator = ScriptedOperator()
    assert journey.begin(operator) is ExitCode.DONE
    assert words_of_reading(operator) == []


def test_a_rehearsal_asks_for_no_word(tmp_path: Path) -> None:
    """Boxes are shown, and nothing is asked about them."""
    operator = ScriptedOperator()
    assert journey_in(tmp_path).begin(operator, rehearse=True) is ExitCode.DONE
    assert words_of_reading(operator) == []


def test_unattended_every_word_is_wanted_beforehand(tmp_path: Path) -> None:
    """All are listed at once; with all of them in the answers file nothing is missing."""
    journey = journey_in(tmp_path)
    loaded = usable_guide(str(journey.file))
    given, sets = given_answers(loaded, None, journey.sets)
    with pytest.raises(AnswersError) as refused:
        nothing_missing(loaded, given, sets)
    missing = [problem.key for problem in refused.value.problems]
    assert missing == [*(f"confirmations.{name}" for name in READINGS), "confirmations.read:again"]
    answers = tmp_path / "answers.yaml"
    words = [problem.key.removeprefix("confirmations.") for problem in refused.value.problems]
    answers.write_text("confirmations:\n" + "".join(f"  '{name}': true\n" for name in words), encoding="utf-8")
    nothing_missing(loaded, *given_answers(loaded, str(answers), journey.sets))


def test_the_notes_of_the_guide_stand_with_the_findings(tmp_path: Path) -> None:
    """Who only asks for the findings sees the boxes of the guide below them, and none of a phase or step."""
    journey = journey_in(tmp_path)
    text, blocked = check_only(str(journey.file), None, journey.sets, "text")
    assert text.splitlines()[:2] == ["warning  of the guide to 2.0", "note     need not be read"]
    assert not blocked
