"""The action `monitor`: limits and logs looked at for a while, what was seen summed up."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import killed
from wizard.errors import ExitCode
from wizard.host.clock import SystemClock
from wizard.plain.render import log_lines
from wizard.run.actions import monitoring
from wizard.run.actions.monitoring import LINES, Tally
from wizard.run.events import CheckAsked, Monitored
from wizard.run.operator import Wish
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus
from wizard.units import amount_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.run.operator import Pausing


def at(place: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `place`."""
    return Journey(place, guide(phase(*steps, **more), defaults={"folder": str(place)}))


def watching(place: Path, **more: Any) -> dict[str, Any]:
    """A step that looks for the file `fine`, ten times a second, for an hour."""
    limits = [{"id": "fine", "title": "Fine", "file": str(place / "fine")}]
    return step("watch", monitor={"for": "1h", "every": "100ms", "limits": limits, **more})


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let an hour pass for whoever monitors, each time it is called."""
    gone: list[float] = []

    class Clock(SystemClock):
        """The machine's clock, some hours later."""

        def boottime(self) -> float:
            """Give the seconds since the boot."""
            return super().boottime() + sum(gone)

    monkeypatch.setattr(monitoring, "SystemClock", Clock)
    return lambda: gone.append(3600.0)


def news(operator: ScriptedOperator) -> list[list[str]]:
    """What was told of the logs at each look that had any, as plain lines show it."""
    looks = [[line for log in event.logs for line in log_lines(log)] for event in operator.told(Monitored)]
    return [lines for lines in looks if lines]


def test_limits_that_hold_end_well_with_what_was_seen(tmp_path: Path, hour: Callable[[], None]) -> None:
    """The step says how long was watched, how often was looked and what each limit showed."""
    (tmp_path / "fine").touch()
    journey = at(tmp_path, watching(tmp_path))
    seen: list[str] = []

    def pause(pausing: Pausing) -> None:
        seen.append(pausing.seen)
        hour()

    assert journey.begin(ScriptedOperator({"pause:Watch": pause})) is ExitCode.DONE
    detail = journey.state.step("1/work/watch").detail
    assert "watched for" in detail
    assert "Fine: never failed" in detail or "Fine: 0" in detail
    assert len(seen) == 1
    assert seen[0].startswith("Fine: ")


def test_a_limit_that_fails_is_decided_about_once_until_it_holds_again(
    tmp_path: Path, hour: Callable[[], None]
) -> None:
    """Watching on does not ask at every look; the failed looks are counted all the same."""
    journey = at(tmp_path, watching(tmp_path))
    pauses = Turns(None, None, lambda _: hour())
    operator = ScriptedOperator({"limit:watch": Turns("watch"), "pause:Watch": pauses})
    assert journey.begin(operator) is ExitCode.DONE
    assert operator.keys().count("limit:watch") == 1
    assert len(operator.told(CheckAsked)) == 1
    assert "failed" in journey.state.step("1/work/watch").detail


def test_a_limit_that_held_again_and_fails_once_more_is_asked_about_again(tmp_path: Path) -> None:
    """What was accepted is accepted only as long as it lasts."""
    looks = 0

    def pause(_: Pausing) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            (tmp_path / "fine").touch()
        elif looks == 2:
            (tmp_path / "fine").unlink()

    operator = ScriptedOperator({"limit:watch": Turns("watch", "stop"), "pause:Watch": pause, "failed:watch": "stop"})
    assert at(tmp_path, watching(tmp_path)).begin(operator) is ExitCode.STOPPED
    assert operator.keys().count("limit:watch") == 2


def test_unattended_a_limit_that_fails_is_a_failure(tmp_path: Path) -> None:
    """Nobody is there to watch on."""
    journey = at(tmp_path, watching(tmp_path))
    assert journey.begin(ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.state.word is SessionState.FAILED
    assert "outside its limits: Fine" in journey.state.step("1/work/watch").detail


def test_new_lines_of_logs_are_told_bounded_and_clean(tmp_path: Path, hour: Callable[[], None]) -> None:
    """Only what was written since the step began, the last lines of many, and no control characters."""
    log = tmp_path / "app.log"
    log.write_text("old line\n", encoding="utf-8")
    many = "".join(f"line {number}\n" for number in range(LINES + 5))
    writes = {1: "\x1b[31mred\x1b[0m alert\r\nhalf", 2: " line\n", 3: many}
    looks = 0

    def pause(_: Pausing) -> None:
        nonlocal looks
        looks += 1
        with log.open("a", encoding="utf-8") as file:
            file.write(writes.get(looks, ""))
        if looks > len(writes):
            hour()

    operator = ScriptedOperator({"pause:Watch": pause})
    (tmp_path / "fine").touch()
    assert at(tmp_path, watching(tmp_path, logs=[str(log)])).begin(operator) is ExitCode.DONE
    told = news(operator)
    assert told[0] == [f"{log}: red alert"]
    assert told[1] == [f"{log}: half line"]
    assert told[2][0] == f"{log}: (5 lines before these)"
    assert told[2][-1] == f"{log}: line {LINES + 4}"
    assert len(told[2]) == LINES + 1
    assert "old line" not in str(told)


def test_each_look_tells_its_numbers_and_how_many_lines_tell_of_an_error(
    tmp_path: Path, hour: Callable[[], None]
) -> None:
    """What a screen draws as graphs: amounts of the limits, new lines and errors among them, and the time."""
    log = tmp_path / "app.log"
    log.touch()
    limits = [{"id": "free", "title": "Free", "disk": {"path": str(tmp_path), "free": "1 B"}}]

    def pause(_: Pausing) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write("all is well\nERROR: it is not\n")

    operator = ScriptedOperator({"pause:Watch": Turns(pause, lambda _: hour())})
    monitor = {"for": "1h", "every": "100ms", "limits": limits, "logs": [str(log)]}
    assert at(tmp_path, step("watch", monitor=monitor)).begin(operator) is ExitCode.DONE
    first, second, *_ = operator.told(Monitored)
    assert [(one.key, one.passed) for one in first.samples] == [("free", True)]
    assert first.samples[0].amount
    assert (first.logs[0].count, first.logs[0].errors) == (0, 0)
    assert (second.logs[0].count, second.logs[0].errors) == (2, 1)
    assert first.watched < second.watched <= second.at_most


def test_a_log_that_is_begun_anew_is_read_from_its_start(tmp_path: Path, hour: Callable[[], None]) -> None:
    """Rotation loses nothing of the new file."""
    log = tmp_path / "app.log"
    log.write_text("a long line of before\n", encoding="utf-8")

    def rotate(_: Pausing) -> None:
        log.write_text("new\n", encoding="utf-8")

    operator = ScriptedOperator({"pause:Watch": Turns(rotate, None, lambda _: hour())})
    (tmp_path / "fine").touch()
    assert at(tmp_path, watching(tmp_path, logs=[str(log)])).begin(operator) is ExitCode.DONE
    assert news(operator) == [[f"{log}: new"]]


def test_secrets_in_logs_are_not_told(tmp_path: Path, hour: Callable[[], None]) -> None:
    """A log may hold what the guide gave a command."""
    log = tmp_path / "app.log"
    log.touch()
    parts = guide(
        phase(
            step("note", 'echo "token $TOKEN" >> app.log', env={"TOKEN": "${{ answers.token }}"}),
            step("watch", monitor={"for": "1h", "every": "100ms", "logs": [str(log)]}),
        ),
        defaults={"folder": str(tmp_path)},
    )
    ask = [*parts["questions"][0]["ask"], {"id": "token", "label": "Token", "type": "secret"}]
    parts["questions"] = [{"section": "All", "ask": ask}]

    def pause(_: Pausing) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write("again s3cret-value-77\n")

    operator = ScriptedOperator({"token": "s3cret-value-77", "pause:Watch": Turns(pause, lambda _: hour())})
    assert Journey(tmp_path, parts).begin(operator) is ExitCode.DONE
    told = news(operator)
    assert told
    assert "again " in told[0][0]
    assert "s3cret-value-77" not in str(told)


def test_a_monitor_that_was_cut_off_counts_from_when_it_began(tmp_path: Path, hour: Callable[[], None]) -> None:
    """After a kill only the rest is watched, and the numbers say what they do not hold."""
    (tmp_path / "fine").touch()
    journey = at(tmp_path, watching(tmp_path))

    def dies(_: Pausing) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    killed(lambda: journey.begin(ScriptedOperator({"pause:Watch": dies})), tmp_path)
    first = journey.state.step("1/work/watch")
    assert first.status is StepStatus.RUNNING
    waited: list[float] = []

    def leave(pausing: Pausing) -> Wish:
        waited.append(pausing.waited)
        return Wish.LEAVE

    assert journey.resume(ScriptedOperator({"pause:Watch": leave})) is ExitCode.STOPPED
    began = [entry.boottime for entry in journey.entries if entry.kind == "step-began"]
    assert waited[0] >= began[1] - began[0] > 0.0
    hour()
    last = ScriptedOperator()
    assert journey.resume(last) is ExitCode.DONE
    assert not [key for key, _ in last.asked if key == "pause:Watch"]
    assert "in the first 1 h is not counted here" in journey.state.step("1/work/watch").detail


def test_the_operator_can_end_it_early_or_leave(tmp_path: Path) -> None:
    """Ending it early is done, and said so; leaving goes on later."""
    (tmp_path / "fine").touch()
    journey = at(tmp_path, watching(tmp_path))
    assert journey.begin(ScriptedOperator({"pause:Watch": Wish.LEAVE})) is ExitCode.STOPPED
    assert journey.state.word is SessionState.WAITING
    assert journey.resume(ScriptedOperator({"pause:Watch": Turns(Wish.GO_ON)})) is ExitCode.DONE
    assert journey.status("watch") == StepStatus.DONE


def test_a_rehearsal_does_not_watch(tmp_path: Path) -> None:
    """Nothing is waited for."""
    operator = ScriptedOperator()
    assert at(tmp_path, watching(tmp_path, **{"for": "2h"})).begin(operator, rehearse=True) is ExitCode.DONE
    assert not any(key.startswith("pause:") for key, _ in operator.asked)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("load 0.52 over 1m on 4 processors", (0.52, "0.52")),
        ("12.5 GiB free of 40.0 GiB at /", (12.5 * 2**30, "12.5 GiB")),
        ("status 200", (200.0, "200")),
        ("85% used", (85.0, "85%")),
        ("no reply: connection refused", None),
        ("version v1.2 of app2", None),
    ],
)
def test_the_first_amount_of_what_was_seen(seen: str, expected: tuple[float, str] | None) -> None:
    """Sizes are compared as bytes, numbers within words are none."""
    assert amount_in(seen) == expected


def test_the_least_and_the_most_are_summed_up() -> None:
    """Of all looks the extremes are named as they were seen."""
    from wizard.checks.model import Evidence, Finding, Status

    tally = Tally()
    for free, status in (("12.0 GiB", Status.OK), ("900.0 MiB", Status.FAIL), ("2.0 GiB", Status.OK)):
        tally.take([Finding("room", "Room", status, evidence=(Evidence(f"{free} free", "disk"),))])
    assert tally.lines() == ("Room: 900.0 MiB to 12.0 GiB, failed 1 of 3 times",)
    assert tally.summary(60.0).startswith("watched for 1 min, 3 looks; Room")
