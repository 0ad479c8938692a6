"""Rounds of a group: done at least once, until the checks hold, and never more often than the guide or a word says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from tests.run.test_loops import say
from tests.run.test_walking import at
from wizard.errors import ExitCode, Gone
from wizard.run.events import StepBegan

if TYPE_CHECKING:
    from pathlib import Path

COUNT = "echo x >> count; echo look >> effects; test $(wc -l < count) -lt 3 || touch settled"


def settle(place: Path, *steps: dict[str, Any], at_most: int = 4, **more: Any) -> dict[str, Any]:
    """A group that is repeated until the file `settled` is there."""
    repeat = {"until": [{"file": str(place / "settled")}], "at_most": at_most}
    return step("settle", steps=list(steps), repeat=repeat, **more)


def test_rounds_go_on_until_the_checks_hold(tmp_path: Path) -> None:
    """The third round settles it; outside, the last round is what counts."""
    journey = at(
        tmp_path,
        settle(tmp_path, step("look", COUNT), step("log", say("log"))),
        step("sum", say("sum", "${{ outcome('settle') }}")),
    )
    operator = ScriptedOperator()
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["look", "log"] * 3 + ["sum done"]
    assert [event.progress for event in operator.told(StepBegan)[::2]] == [
        "round 1 of at most 4", "round 2 of at most 4", "round 3 of at most 4", "",
    ]  # fmt: skip
    assert [one.data["number"] for one in journey.entries if one.kind == "round-began"] == [1, 2, 3]


def test_what_holds_already_is_done_once_all_the_same(tmp_path: Path) -> None:
    """The checks are asked after a round, never before the first."""
    (tmp_path / "settled").touch()
    journey = at(tmp_path, settle(tmp_path, step("look", say("look"))))
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["look"]


def test_after_the_last_round_somebody_decides(tmp_path: Path) -> None:
    """Alone it failed; a person may have it asked again, which is one more round where it is still not so."""
    journey = at(tmp_path, settle(tmp_path, step("look", COUNT), at_most=2), step("end", say("end")))
    assert journey.begin(ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.lines() == ["look", "look"]
    assert journey.resume(ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.lines() == ["look", "look"]
    operator = ScriptedOperator({"failed:settle": "again"})
    assert journey.resume(operator) is ExitCode.DONE
    assert journey.lines() == ["look", "look", "look", "end"]
    assert "settled" in "".join(dict(operator.asked)["failed:settle"].lines)


def test_what_was_mended_by_hand_needs_no_further_round(tmp_path: Path) -> None:
    """`again` looks first."""
    journey = at(tmp_path, settle(tmp_path, step("look", say("look")), at_most=1))

    def mend(_: Any) -> str:
        (tmp_path / "settled").touch()
        return "again"

    assert journey.begin(ScriptedOperator({"failed:settle": mend})) is ExitCode.DONE
    assert journey.lines() == ["look"]


def test_rounds_that_are_given_up_can_be_skipped(tmp_path: Path) -> None:
    """With a reason, which the next step can ask about; a resume does not begin them again."""
    journey = at(
        tmp_path,
        settle(tmp_path, step("look", say("look")), at_most=1),
        step("end", say("end", "${{ outcome('settle') }}")),
    )
    operator = ScriptedOperator({"failed:settle": ("skip", "it is good enough"), "attend:end": Gone})
    with pytest.raises(Gone):
        journey.begin(operator)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["look", "end skipped"]


def test_a_round_that_was_begun_goes_on(tmp_path: Path) -> None:
    """What of the second round is done stays done; nobody asks the checks before the round is over."""
    journey = at(
        tmp_path,
        settle(
            tmp_path,
            step("look", COUNT),
            step("sure", confirm="Go on?"),
            step("log", say("log")),
        ),
    )
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": Turns(True, Gone)}))
    assert journey.lines() == ["look", "log", "look"]
    (tmp_path / "settled").touch()
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["look", "log", "look", "log"]


def test_captures_of_a_round_are_those_of_the_latest(tmp_path: Path) -> None:
    """The number the last round saw is the one that is used."""
    look = step("look", COUNT + "; echo seen: $(wc -l < count)", capture={"seen": r"seen: (\d+)"})
    journey = at(tmp_path, settle(tmp_path, look), step("sum", say("sum", "${{ captured.seen }}")))
    assert journey.begin() is ExitCode.DONE
    assert journey.lines()[-1] == "sum 3"


def test_rounds_of_each_item_are_its_own(tmp_path: Path) -> None:
    """Rounds inside a loop are counted for each item."""
    look = [
        "sh",
        "-c",
        'echo x >> "count-$1"; echo "look $1" >> effects; test $(wc -l < "count-$1") -lt "$2" || touch "ok-$1"',
    ]
    repeat = {"until": [{"file": str(tmp_path / "ok-${{ node.name }}")}], "at_most": 3}
    nodes = "[{'name': 'a', 'times': '1'}, {'name': 'b', 'times': '3'}]"
    journey = at(
        tmp_path,
        step(
            "roll",
            for_each={"node": nodes},
            steps=[
                step(
                    "settle",
                    repeat=repeat,
                    steps=[step("look", [*look, "sh", "${{ node.name }}", "${{ node.times }}"])],
                )
            ],
        ),
    )
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["look a", "look b", "look b", "look b"]


def test_a_rehearsal_does_one_round(tmp_path: Path) -> None:
    """A machine that is not changed would never settle."""
    journey = at(tmp_path, settle(tmp_path, step("look", COUNT)))
    operator = ScriptedOperator()
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    assert len(operator.told(StepBegan)) == 1


def test_an_undo_goes_back_over_all_rounds_and_they_begin_anew(tmp_path: Path) -> None:
    """Round by round backwards; coming back begins with the first."""
    look = step("look", COUNT, undo=[step("un-look", "echo un-look >> effects; rm -f settled count", rerun="safe")])
    journey = Journey(tmp_path, guide(phase(settle(tmp_path, look)), defaults={"folder": str(tmp_path)}))
    assert journey.begin() is ExitCode.DONE
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["look"] * 3 + ["un-look"] * 3
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["look"] * 3 + ["un-look"] * 3 + ["look"] * 3
