"""How a command's end is written down, and what happens to what it leaves running."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.host.attempts import Attempts, attempts_in, children, kill, living
from tests.waiting import until
from wizard.host.protocols import FoundState, LiveState
from wizard.host.supervisor.procfs import all_pids

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


@pytest.mark.parametrize(
    ("script", "code", "number"), [("exit 0", 0, None), ("exit 42", 42, None), ("kill -SEGV $$", None, signal.SIGSEGV)]
)
def test_exit_code_and_signal_are_told_apart(
    attempts: Attempts, script: str, code: int | None, number: int | None
) -> None:
    """A code or a signal, never both, with the time it took."""
    began = time.clock_gettime(time.CLOCK_BOOTTIME)
    found = attempts.bash(f"sleep 0.2; {script}").end()
    took = time.clock_gettime(time.CLOCK_BOOTTIME) - began
    assert found.state is FoundState.ENDED
    assert found.exit is not None
    assert (found.exit.code, found.exit.signal, found.exit.exec_error) == (code, number, "")
    assert 0.2 <= found.exit.seconds <= took


def test_output_written_last_of_all_is_never_lost(attempts: Attempts) -> None:
    """Fifty commands that print and end at once: each spool is complete when exit.json says so."""
    made = [attempts.bash(f"seq {number} 3000; printf last") for number in range(50)]
    for attempt in made:
        found = attempt.end()
        assert found.exit is not None
        assert attempt.output().endswith(b"3000\r\nlast")
        assert len(attempt.output()) == found.exit.bytes


@pytest.mark.parametrize(
    "start",
    [
        "sh -c 'echo $$ > pid; while :; do date; sleep 0.2; done' &",
        "nohup sh -c 'echo $$ > pid; while :; do date; sleep 0.2; done' &",
        "setsid sh -c 'echo $$ > pid; while :; do date; sleep 0.2; done' &",
        "nohup setsid sh -c 'echo $$ > pid; exec sleep 300' > /dev/null 2>&1 < /dev/null &",
    ],
    ids=["plain", "nohup", "setsid", "detached"],
)
@pytest.mark.parametrize("controlling", [True, False], ids=["terminal", "without"])
def test_what_a_step_leaves_running_runs_on_and_is_listed(attempts: Attempts, start: str, *, controlling: bool) -> None:
    """A product started by `&` survives the end of its attempt, can go on printing, and is named in exit.json."""
    attempt = attempts.bash(f"{start} until test -s pid; do sleep 0.01; done", controlling_terminal=controlling)
    found = attempt.end()
    assert found.exit is not None
    assert found.exit.code == 0
    pid = int((attempts.base / "pid").read_text())
    assert pid in {process.pid for process in found.exit.left_running}
    assert attempt.live.state() is LiveState.ENDED
    until(lambda: not living(attempt.leader()))
    ticks = Path(f"/proc/{pid}/stat").read_text().split()[21]
    assert str(next(one.started for one in found.exit.left_running if one.pid == pid)) == ticks
    if "date" in start:
        # Two more rounds of its loop: it was not signalled, and its writing does not fail.
        first = until(lambda: next(iter(children(pid)), 0))
        second = until(lambda: next((child for child in children(pid) if child != first), 0))
        until(lambda: next((child for child in children(pid) if child not in (first, second)), 0))
    assert living(pid)


def test_nobody_stays_behind_when_what_was_left_running_ends(attempts: Attempts) -> None:
    """The process that takes the output of what was left running holds the terminal's other end, and goes with it."""
    attempt = attempts.bash("sleep 300 & echo $! > pid")
    attempt.end()
    # The leader holds it too, and lives for a moment longer than its command's end is told.
    until(lambda: not living(attempt.leader()))
    number = attempt.started()["terminal"].rpartition("/")[2]
    (sink,) = until(lambda: takers(number))
    until(lambda: len(list(Path(f"/proc/{sink}/fd").iterdir())) == 4)
    kill(int((attempts.base / "pid").read_text()))
    until(lambda: not living(sink))


def takers(number: str) -> list[int]:
    """The pids of those that hold the other end of terminal `number`."""
    found = []
    for pid in all_pids():
        with contextlib.suppress(OSError):
            infos = [path.read_text() for path in Path(f"/proc/{pid}/fdinfo").iterdir()]
            if any(f"tty-index:\t{number}\n" in info for info in infos):
                found.append(pid)
    return found


def test_a_system_that_goes_down_still_gets_the_end_written(attempts: Attempts) -> None:
    """TERM to everybody, as at a shutdown: the command ends by it, and the leader writes so."""
    attempt = attempts.begin("sleep", "300")
    (pump,) = until(attempt.pumps)
    for pid in (attempt.leader(), pump, attempt.started()["pid"]):
        os.kill(pid, signal.SIGTERM)
    found = attempt.end()
    assert found.exit is not None
    assert found.exit.signal == signal.SIGTERM


def test_what_is_sent_to_a_command_in_its_first_moment_is_not_lost(attempts: Attempts) -> None:
    """A TERM between fork and exec ends the command before it has begun anything, and the end says so."""
    for _ in range(10):
        attempt = attempts.begin("sleep", "300")
        born = Path(f"/proc/{attempt.leader()}/task/{attempt.leader()}/children")
        # The command is the leader's first child; nobody may look away between its fork and the signal.
        command = int(until(lambda born=born: born.read_text().split(), every=0.0)[0])  # type: ignore[misc]
        os.kill(command, signal.SIGTERM)
        found = attempt.end()
        assert found.exit is not None
        assert (found.exit.signal, found.exit.exec_error) == (signal.SIGTERM, "")


def test_hang_ups_do_not_reach_leader_and_pump(attempts: Attempts) -> None:
    """HUP to both changes nothing."""
    attempt = attempts.bash("echo one; until test -e go; do sleep 0.02; done; echo two")
    (pump,) = until(attempt.pumps)
    for pid in (attempt.leader(), pump):
        os.kill(pid, signal.SIGHUP)
    (attempts.base / "go").touch()
    found = attempt.end()
    assert found.exit is not None
    assert (found.exit.code, attempt.output()) == (0, b"one\r\ntwo\r\n")
