"""Stopping: by the operator, by a timeout, by a text that was seen; each means after its delay."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.host.attempts import Attempts, attempts_in, kill, living
from tests.waiting import until
from wizard.host.protocols import StopPlan, WatchFor
from wizard.host.supervisor.procfs import read_process

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = StopPlan(own_delay=0.3, interrupt_delay=0.3, terminate_delay=0.3)
PATIENT = StopPlan(interrupt_delay=60.0, terminate_delay=60.0)
"""For a means that has to do: the next one must not come first on a machine that stands still for a while."""


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


@pytest.mark.parametrize("controlling", [True, False], ids=["terminal", "without"])
@pytest.mark.parametrize(
    ("traps", "plan", "number"),
    [
        ("", PATIENT, signal.SIGINT),
        ("trap '' INT;", replace(PATIENT, interrupt_delay=0.3), signal.SIGTERM),
        ("trap '' INT TERM;", QUICK, signal.SIGKILL),
    ],
    ids=["interrupt", "term", "kill"],
)
def test_interrupt_then_term_then_kill(
    attempts: Attempts, traps: str, plan: StopPlan, number: signal.Signals, *, controlling: bool
) -> None:
    """Each means comes when the one before did not do; the children of the command's group go with it."""
    script = f"{traps} echo ready; sleep 300 & echo $! > pid; exec sleep 301"
    attempt = attempts.bash(script, controlling_terminal=controlling, stop=plan)
    attempt.prints(b"ready")
    until(lambda: (attempts.base / "pid").exists() and (attempts.base / "pid").read_text())
    attempt.live.stop()
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.signal, found.exit.stopped_by) == (number, "operator")
    child = int((attempts.base / "pid").read_text())
    if number == signal.SIGKILL:
        until(lambda: not living(child))
    kill(child)


def test_the_interrupt_is_typed_so_a_program_in_front_gets_it(attempts: Attempts) -> None:
    """A job in front in a group of its own is interrupted; the shell behind it takes notice and ends by itself."""
    attempt = attempts.bash("set -m; sleep 300; exit 7", terminal=True)
    shell = attempt.started()["pid"]
    until(lambda: front(shell) not in (shell, attempt.leader()))
    until(lambda: Path(f"/proc/{front(shell)}/comm").read_text() == "sleep\n")
    attempt.live.stop()
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.code, found.exit.signal, found.exit.stopped_by) == (130, None, "operator")
    assert b"^C" in attempt.output()


def front(pid: int) -> int:
    """The group in front on the terminal of a process."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[5])


def test_the_guides_own_way_comes_first(attempts: Attempts) -> None:
    """A stop command of the guide is given its time, with the step's surroundings; its output is seen."""
    plan = StopPlan(argv=("sh", "-c", 'echo "asking $NAME"; pwd; touch please-end'), own_delay=20.0)
    attempt = attempts.bash(
        "echo ready; until test -e please-end; do sleep 0.05; done; exit 6",
        stop=plan,
        environment={"PATH": "/usr/bin:/bin", "NAME": "nicely"},
    )
    attempt.prints(b"ready")
    attempt.live.stop()
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.code, found.exit.stopped_by) == (6, "operator")
    assert b"asking nicely" in attempt.output()


@pytest.mark.parametrize("argv", [("false",), ("no-such-program",), ("sleep", "300")])
def test_an_own_way_that_fails_or_hangs_is_followed_by_the_others(attempts: Attempts, argv: tuple[str, ...]) -> None:
    """A stop command that fails is not waited for; one that hangs is ended after its delay."""
    slow = 0.3 if argv[0] == "sleep" else 60.0
    attempt = attempts.bash("echo ready; exec sleep 300", stop=StopPlan(argv=argv, own_delay=slow))
    attempt.prints(b"ready")
    attempt.live.stop()
    found = attempt.end()
    assert found.exit is not None
    assert found.exit.signal == signal.SIGINT


def test_what_follows_an_own_way_that_hangs_has_its_whole_time(attempts: Attempts) -> None:
    """The end of the own way, which is killed when its delay is over, does not bring the next means but one."""
    attempt = attempts.bash(
        "trap 'sleep 1; exit 6' INT; echo ready; while :; do sleep 0.05; done",
        stop=StopPlan(argv=("sleep", "300"), own_delay=0.3, interrupt_delay=60.0),
    )
    attempt.prints(b"ready")
    attempt.live.stop()
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.code, found.exit.signal, found.exit.stopped_by) == (6, None, "operator")


def test_a_timeout_stops_without_a_driver(attempts: Attempts) -> None:
    """Nobody is attached; the leader stops the command when its time is over, and says why."""
    began = time.clock_gettime(time.CLOCK_BOOTTIME)
    attempt = attempts.begin("sleep", "300", timeout=0.4, timeout_stops=True, stop=PATIENT)
    until((attempt.folder / "exit.json").exists)
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.stopped_by, found.exit.signal) == ("timeout", signal.SIGINT)
    assert 0.4 <= found.exit.seconds <= time.clock_gettime(time.CLOCK_BOOTTIME) - began


def test_a_stop_that_comes_when_the_command_has_ended_stopped_nothing(attempts: Attempts) -> None:
    """However late the leader notices both: the end is the command's own, and what it left running is not signalled."""
    attempt = attempts.bash("sleep 300 & echo $! > pid; until test -e go; do sleep 0.02; done; exit 3", stop=QUICK)
    until(lambda: (attempts.base / "pid").exists() and (attempts.base / "pid").read_text())
    os.kill(attempt.leader(), signal.SIGSTOP)
    (attempts.base / "go").touch()
    until(lambda: not living(attempt.started()["pid"]))
    attempt.live.stop()
    # The pump answers in turn, so the wish is with the leader.
    until(lambda: attempt.live.input_hidden() is not None)
    os.kill(attempt.leader(), signal.SIGCONT)
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.code, found.exit.stopped_by) == (3, "")
    assert living(int((attempts.base / "pid").read_text()))


def test_a_timeout_that_only_asks_stops_nothing(attempts: Attempts) -> None:
    """Without timeout_stops the driver decides."""
    found = attempts.begin("sleep", "0.6", timeout=0.1, stop=QUICK).end()
    assert found.exit is not None
    assert (found.exit.code, found.exit.stopped_by) == (0, "")


def test_a_text_that_must_not_come_stops_the_command_without_a_driver(attempts: Attempts) -> None:
    """The pump sees it, also where a predecessor had read the half of it; what only is to be seen stops nothing."""
    watches = (WatchFor("noted", "^step 1$"), WatchFor("never", "cannot connect", stop=True), WatchFor("no", "absent"))
    attempt = attempts.bash(
        "echo step 1; printf 'FATAL cannot '; until test -e go; do sleep 0.02; done; echo connect; exec sleep 300",
        watch_for=watches,
        stop=QUICK,
    )
    attempt.prints(b"FATAL cannot")
    (pump,) = attempt.pumps()
    kill(pump)
    until(lambda: attempt.pumps() not in ([], [pump]))
    (attempts.base / "go").touch()
    until((attempt.folder / "exit.json").exists)
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.stopped_by, found.exit.seen) == ("watch:never", ("noted", "never"))


def test_what_is_seen_in_the_last_words_is_told(attempts: Attempts) -> None:
    """A text in an unfinished last line counts; the command had ended, so nothing was stopped."""
    attempt = attempts.bash(
        "until test -e go; do sleep 0.02; done; printf 'it is done'", watch_for=(WatchFor("end", "done$", stop=True),)
    )
    (pump,) = until(attempt.pumps)
    # Held still, so that it sees the words when the command is gone, and not in the instant before.
    os.kill(pump, signal.SIGSTOP)
    (attempts.base / "go").touch()
    until(lambda: read_process(attempt.started()["pid"]) is None)
    os.kill(pump, signal.SIGCONT)
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.code, found.exit.seen, found.exit.stopped_by) == (0, ("end",), "")
