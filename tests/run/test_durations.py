"""How long steps took in earlier sessions: read from their journals, and shown with the next plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import SETS, Journey, guide, phase, step
from wizard.assemble import store
from wizard.looking import compared, preview
from wizard.run.durations import took_before

if TYPE_CHECKING:
    from pathlib import Path


def journey(place: Path, items: str = "['a']") -> Journey:
    """A guide with a step that takes over a second for each item, and one that is over at once."""
    slow = step("slow", "sleep 1.2", for_each={"n": items})
    return Journey(place, guide(phase(slow, step("quick", "true"))))


def test_times_of_a_done_session_are_those_of_the_next_plan(tmp_path: Path) -> None:
    """By the address of the step, for all its items; what takes no time is not worth a word."""
    walked = journey(tmp_path, "['a', 'b']")
    assert "last time" not in preview(str(walked.file), None, SETS, "text")
    walked.begin()
    times = took_before("journey", store().listing().sessions)
    assert set(times) == {"phases.work.steps.slow"}
    assert 1.2 <= times["phases.work.steps.slow"] < 60
    text = preview(str(walked.file), None, SETS, "text")
    assert text.count("last time") == 2
    assert took_before("another", store().listing().sessions) == {}


def test_a_rehearsal_and_a_session_that_was_not_done_say_nothing(tmp_path: Path) -> None:
    """A rehearsal runs nothing, and what failed says nothing about how long it takes when it works."""
    rehearsed = journey(tmp_path / "rehearsed")
    rehearsed.begin(rehearse=True)
    failing = Journey(tmp_path / "failing", guide(phase(step("slow", "sleep 1.2"), step("bad", "false"))))
    failing.begin(ScriptedOperator({"failed:bad": "stop"}))
    assert took_before("journey", store().listing().sessions) == {}


def test_a_session_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    """A damaged plan is passed over for the session before it."""
    walked = journey(tmp_path)
    walked.begin()
    before = took_before("journey", store().listing().sessions)
    walked.begin()
    (walked.folder / "plan.json").write_text("{", encoding="utf-8")
    assert took_before("journey", store().listing().sessions) == before


def test_a_plan_is_held_against_that_of_a_session(tmp_path: Path) -> None:
    """`--against`: the newest session by nothing but its id, or a file with a plan."""
    walked = journey(tmp_path)
    walked.begin()
    shown = compared(str(walked.file), None, SETS, store().open().id, "text")
    assert "1.1.1 a: Slow usually takes" in shown
    file = tmp_path / "plan.json"
    file.write_text(preview(str(walked.file), None, SETS, "json"), encoding="utf-8")
    assert compared(str(walked.file), None, SETS, str(file), "text") == "Nothing is different in the plan.\n"
    assert compared(str(walked.file), None, SETS, str(file), "json") == "[]\n"
