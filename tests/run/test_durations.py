"""How long steps took in earlier sessions: read from their journals, and shown with the next plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import SETS, Journey, guide, phase, step
from wizard.assemble import store
from wizard.looking import compared, preview
from wizard.run.chain import Entry
from wizard.run.durations import took_before
from wizard.run.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    quick = walked.state.step("1/work/quick").attempts[0].exit
    assert quick is not None
    # Unless this machine stood still just then.
    worth_a_word = {"phases.work.steps.quick"} if quick["seconds"] >= 1.0 else set()
    assert set(times) == {"phases.work.steps.slow"} | worth_a_word
    assert 1.2 <= times["phases.work.steps.slow"] < 60
    text = preview(str(walked.file), None, SETS, "text")
    assert text.count("last time") == 2 + len(worth_a_word)
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


def events(*kinds: tuple[str, float, dict[str, Any]], boot: str = "b") -> Iterator[Entry]:
    """Events of the step `k`, each with the moment it was written at (boottime)."""
    for seq, (kind, boottime, data) in enumerate(kinds, 1):
        yield Entry(seq, "2026-03-01T22:04:05.123Z", boot, boottime, kind, {"key": "k", **data}, 0)


BEGAN = ("step-began", 100.0, {"names": "n"})
INTENDED = ("attempt-intended", 700.5, {"attempt": "0001-01", "shown": "x", "baseline": None, "spec_sha256": "s"})
ENDED = ("attempt-ended", 760.5, {"attempt": "0001-01", "exit": {"seconds": 59.5}})
DONE = {"how": "ran", "seconds": 661.0}


def test_a_word_that_was_waited_for_is_no_time_of_the_step() -> None:
    """Ten minutes until somebody said yes are told apart from the minute of the command, from the journal alone."""
    step = fold(events(BEGAN, ("confirmed", 700.0, {"yes": True}), INTENDED, ENDED, ("step-done", 761.0, DONE)))
    assert step.step("k").worked == 59.5
    assert step.step("k").waited_for_word == 600.0
    look = fold(events(BEGAN, ("confirmed", 700.0, {"yes": True}), ("step-done", 761.0, DONE))).step("k")
    assert (look.worked, look.waited_for_word) == (61.0, 600.0)


def test_what_a_person_does_by_hand_is_work() -> None:
    """The time of a manual step is that of the person who did it, up to their word that it is done."""
    said = ("confirmed", 700.0, {"yes": True, "by_hand": True})
    step = fold(events(BEGAN, said, ("step-done", 700.1, {"how": "by hand", "seconds": 600.1}))).step("k")
    assert (step.worked, step.waited_for_word) == (600.1, 0.0)


def test_a_time_that_is_not_known_is_none() -> None:
    """A step that went beyond a reboot, or beside the walk; begun again, it has none of its time before."""
    done = next(iter(events(("step-done", 5.0, {"how": "checked", "seconds": 0.0}), boot="after")))
    assert fold([*events(BEGAN), done]).step("k").worked is None
    beside = fold(events(BEGAN, INTENDED, ("in-background", 762.0, {"reason": "it runs"}), ENDED)).step("k")
    assert beside.worked is None
    again = fold(events(BEGAN, ("confirmed", 700.0, {"yes": True}), ("step-done", 761.0, DONE), BEGAN)).step("k")
    assert (again.worked, again.waited_for_word) == (None, 0.0)
