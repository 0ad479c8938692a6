"""Waits that are left and resumed: they go on from when they first began."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import step
from tests.run.test_walking import at
from wizard.errors import ExitCode
from wizard.host.clock import SystemClock, utc_text
from wizard.run.actions import waiting
from wizard.run.actions.waiting import waited_already
from wizard.run.operator import Pausing, Wish
from wizard.run.session_state import SessionState
from wizard.run.state import StepState, StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class StandingClock:
    """A clock that says what it was told."""

    def __init__(self, boot: str, boottime: float, now: datetime) -> None:
        """Stand at one moment."""
        self._boot, self._boottime, self._now = boot, boottime, now

    def now(self) -> datetime:
        """Give the time of day."""
        return self._now

    def boottime(self) -> float:
        """Give the seconds since the boot."""
        return self._boottime

    def boot(self) -> str:
        """Give the boot."""
        return self._boot


def test_time_waited_is_known_over_a_reboot() -> None:
    """On the same boot its own clock counts; over a reboot the time of day; never less than nothing."""
    began = datetime(2026, 3, 1, 12, tzinfo=UTC)
    step_state = StepState("1/work/wait", waited_from=100.0, waited_boot="one", waited_utc=utc_text(began))
    assert waited_already(step_state, StandingClock("one", 160.0, began + timedelta(days=9))) == 60.0
    assert waited_already(step_state, StandingClock("two", 5.0, began + timedelta(days=2))) == 2 * 86400
    assert waited_already(step_state, StandingClock("two", 5.0, began - timedelta(days=2))) == 0.0
    assert waited_already(StepState("1/work/new"), StandingClock("one", 160.0, began)) == 0.0


class LaterClock(SystemClock):
    """The machine's clock, an hour later."""

    def boottime(self) -> float:
        """Give the seconds since the boot."""
        return super().boottime() + 3600.0


@pytest.fixture
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let an hour pass for everything that is waited for, when it is called."""
    return lambda: monkeypatch.setattr(waiting, "SystemClock", LaterClock)


def left_in(pausing_limit: float) -> Any:
    """A reply to pauses: wait until so many seconds have passed, then leave."""

    def reply(pausing: Pausing) -> Wish | None:
        return Wish.LEAVE if pausing.waited >= pausing_limit else None

    return reply


def paused(operator: ScriptedOperator) -> list[float]:
    """How long had been waited at each pause."""
    return [request.waited for key, request in operator.asked if key == "pause:Wait"]


def test_a_wait_for_a_while_is_resumed_and_not_begun_again(tmp_path: Path, an_hour_later: Callable[[], None]) -> None:
    """What was waited before the wizard was left counts, however often it is left."""
    journey = at(tmp_path, step("wait", wait={"until": "60m"}))
    assert journey.begin(ScriptedOperator({"pause:Wait": left_in(0.2)})) is ExitCode.STOPPED
    assert journey.state.word is SessionState.WAITING
    again = ScriptedOperator({"pause:Wait": left_in(0.4)})
    assert journey.resume(again) is ExitCode.STOPPED
    assert paused(again)[0] >= 0.2
    an_hour_later()
    last = ScriptedOperator()
    assert journey.resume(last) is ExitCode.DONE
    assert paused(last) == []


def test_the_limit_of_a_wait_counts_from_its_first_beginning(tmp_path: Path, an_hour_later: Callable[[], None]) -> None:
    """`at_most` is not given anew by leaving and coming back."""
    wait = {"until": [{"file": str(tmp_path / "never")}], "every": "50ms", "at_most": "60m", "then": "go_on"}
    journey = at(tmp_path, step("wait", wait=wait))
    journey.begin(ScriptedOperator({"pause:Wait": left_in(0.3)}))
    again = ScriptedOperator({"pause:Wait": Wish.LEAVE})
    assert journey.resume(again) is ExitCode.STOPPED
    assert paused(again)[0] >= 0.3
    an_hour_later()
    last = ScriptedOperator()
    assert journey.resume(last) is ExitCode.DONE
    assert paused(last) == []
    assert journey.state.step("1/work/wait").detail.startswith("not reached within")


def test_waiting_on_waits_as_long_again_however_late_the_word_comes(tmp_path: Path) -> None:
    """An hour before the card is no part of the time that is given anew: nobody is asked again at once."""
    wait = {"until": [{"file": str(tmp_path / "never")}], "every": "50ms", "at_most": "300ms"}
    asked: list[float] = []

    def late(_: object) -> str:
        asked.append(time.monotonic())
        time.sleep(0.4)
        asked.append(time.monotonic())
        return "wait" if len(asked) < 4 else "fail"

    journey = at(tmp_path, step("wait", wait=wait))
    assert journey.begin(ScriptedOperator({"waited:wait": late, "failed:wait": "stop"})) is ExitCode.STOPPED
    assert asked[2] - asked[1] >= 0.3


def test_leaving_a_wait_takes_nothing_back(tmp_path: Path) -> None:
    """A temporary setting stays while the wait goes on without the wizard; stopping takes it back."""
    undo = [step("unset", "echo off >> effects", rerun="safe")]
    setting = step("set", "echo on >> effects", temporary=True, undo=undo, rerun="safe")
    journey = at(tmp_path, setting, step("wait", wait={"until": "60s"}))
    assert journey.begin(ScriptedOperator({"pause:Wait": Wish.LEAVE})) is ExitCode.STOPPED
    assert journey.lines() == ["on"]
    assert journey.status("set") == StepStatus.DONE
    assert journey.resume(ScriptedOperator({"pause:Wait": Turns(Wish.STOP)})) is ExitCode.STOPPED
    assert journey.lines() == ["on", "off"]
