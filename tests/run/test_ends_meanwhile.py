"""Commands beside the walk that end while a person is asked: told at once, journalled and decided about afterwards."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, step
from tests.run.plug import GATE, killed, open_gate
from tests.run.test_background_steps import at, log, server
from tests.waiting import until
from wizard.errors import ExitCode
from wizard.run.events import Said
from wizard.run.records import Record
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("nothing_runs_on")

DIES = "touch ready; until test -e go; do sleep 0.02; done; exit 7"


def asks(place: Path) -> Journey:
    """A walk whose command in the background can be let die while `sure` is asked."""
    return at(place, server(place, DIES), step("sure", confirm="Really?"), step("after", log("after")))


def ends(operator: ScriptedOperator) -> list[Said]:
    """What was told of the end of a command."""
    return [event for event in operator.told(Said) if "not running any more" in event.text]


def has_exit(journey: Journey) -> bool:
    """Whether the command of `serve` left its exit behind."""
    return (journey.folder / "attempts" / "0001-01" / "exit.json").exists()


def thinks(journey: Journey, operator: ScriptedOperator, *, looks: bool, then: Any = None) -> ScriptedOperator:
    """The command dies while the operator thinks about `sure`; `looks` says whether their front end looks around."""

    def think(_: object) -> bool:
        (journey.place / "go").touch()
        until(lambda: has_exit(journey))
        while looks and not ends(operator):
            operator.glance()
        if looks:
            operator.glance()
        if then is not None:
            then()
        return True

    operator.replies["sure"] = think
    return operator


def test_an_end_is_told_once_while_a_person_is_asked_and_journalled_after_their_reply(tmp_path: Path) -> None:
    """At the card its step still counts as running; nothing is decided in the middle of another decision."""
    journey = asks(tmp_path)
    operator = ScriptedOperator({"failed:serve": ("skip", "not needed")})
    seen: list[tuple[bool, str]] = []

    def note() -> None:
        seen.append((Record.ATTEMPT_ENDED in [one.kind for one in journey.entries], journey.status("serve")))

    assert journey.begin(thinks(journey, operator, looks=True, then=note)) is ExitCode.DONE
    assert seen == [(False, StepStatus.IN_BACKGROUND)]
    (told,) = ends(operator)
    assert told.at_once
    assert told.text.startswith("1.1 Serve, which runs beside the steps, is not running any more: ")
    assert "exit 7" in told.text
    assert operator.keys().index("sure") < operator.keys().index("failed:serve")


def test_the_journal_is_the_same_whether_anybody_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Event by event, and with the time the operator thought in the same place."""
    kinds = []
    for looks in (True, False):
        place = tmp_path / str(looks)
        place.mkdir()
        monkeypatch.setenv("WIZARD_STATE_DIR", str(place / "state"))
        journey = asks(place)
        operator = thinks(journey, ScriptedOperator({"failed:serve": ("skip", "not needed")}), looks=looks)
        assert journey.begin(operator) is ExitCode.DONE
        assert [one.at_once for one in ends(operator)] == [looks]
        kinds.append([(one.kind, one.data.get("key")) for one in journey.entries])
    assert kinds[0] == kinds[1]
    assert kinds[0].index((Record.CONFIRMED, "1/work/sure")) < kinds[0].index((Record.ATTEMPT_ENDED, "1/work/serve"))


def test_a_driver_who_is_killed_right_after_it_was_told_leaves_a_journal_like_any_other(tmp_path: Path) -> None:
    """Whoever comes back is told again, and decides about it before the question that was open."""
    journey = asks(tmp_path)
    operator = ScriptedOperator()
    dies = thinks(journey, operator, looks=True, then=lambda: os.kill(os.getpid(), signal.SIGKILL))
    killed(lambda: journey.begin(dies), tmp_path)
    assert journey.status("serve") == StepStatus.IN_BACKGROUND
    back = ScriptedOperator({"failed:serve": ("skip", "not needed")})
    assert journey.resume(back) is ExitCode.DONE
    assert len(ends(back)) == 1
    assert back.keys()[:2] == ["failed:serve", "sure"]


def test_the_end_of_what_is_asked_about_is_not_told_beside_the_question(tmp_path: Path) -> None:
    """While the operator decides what became of a command, nothing else is said of the same one."""
    journey = asks(tmp_path)
    operator = ScriptedOperator()

    def decide(_: object) -> tuple[str, str]:
        told = len(ends(operator))
        operator.glance()
        assert len(ends(operator)) == told == 1
        return "skip", "not needed"

    operator.replies["failed:serve"] = Turns(decide)
    assert journey.begin(thinks(journey, operator, looks=True)) is ExitCode.DONE


def test_attempts_that_cannot_be_looked_into_disturb_nobody_who_thinks(tmp_path: Path) -> None:
    """What is wrong with a folder is no reason to take a question away; it is decided about between two steps."""
    journey = asks(tmp_path)
    operator = ScriptedOperator({"unknown:serve": ("skip", "not needed"), "failed:serve": ("skip", "not needed")})

    def think(_: object) -> bool:
        (tmp_path / "go").touch()
        until(lambda: has_exit(journey))
        attempt = journey.folder / "attempts" / "0001-01"
        attempt.rename(attempt.with_name("aside"))
        attempt.symlink_to("aside")
        operator.glance()
        attempt.unlink()
        attempt.with_name("aside").rename(attempt)
        return True

    operator.replies["sure"] = think
    assert journey.begin(operator) is ExitCode.DONE
    assert [one.at_once for one in ends(operator)] == [False]


def test_an_end_that_was_told_while_a_command_ran_is_not_told_beside_a_question_too(tmp_path: Path) -> None:
    """Also where nobody knows how it ended, so that the journal has no end of it."""
    slow = step("slow", GATE, stall={"silence": "100ms"})
    journey = at(tmp_path, server(tmp_path, DIES), slow)
    operator = ScriptedOperator({"survivors:serve": "stop", "unknown:serve": ("skip", "not needed")})

    def lose(_: object) -> str:
        started = json.loads((journey.folder / "attempts" / "0001-01" / "started.json").read_text(encoding="utf-8"))
        os.kill(started["leader"], signal.SIGKILL)
        return "wait"

    def think(_: object) -> str:
        operator.glance()
        open_gate(tmp_path)
        return "wait"

    operator.replies["stalled:slow"] = Turns(lose, think)
    assert journey.begin(operator) is ExitCode.DONE
    assert [one.at_once for one in ends(operator)] == [False]
