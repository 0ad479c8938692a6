"""The terminal dies in the middle: an SSH connection that is cut, a tmux window or server that is gone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.logins import Sshd
from tests.e2e.panes import Pane
from tests.e2e.program import Program, leaves
from tests.run.journey import SETS, guide, phase, step
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.service

GIVEN = [word for one in SETS for word in ("--set", one)]


def long_walk(program: Program) -> Path:
    """A command that lasts until `go` is written to, a wait for `ready`, and a confirmation."""
    place = program.place
    os.mkfifo(place / "go")
    steps: list[dict[str, Any]] = [
        step("long", f"echo began >>{place}/effects\ncat {place}/go\necho ended >>{place}/effects"),
        step(
            "wait", wait={"until": [{"title": "It is ready", "file": f"{place}/ready"}], "every": "1s", "at_most": "1h"}
        ),
        step("agree", confirm={"say": "Is it so?"}),
        step("last", f"echo last >>{place}/effects"),
    ]
    return program.guide(guide(phase(*steps)))


def driver(program: Program) -> int:
    """The pid of the wizard that drives the session."""
    found = program.status()["driver"]
    assert found is not None
    return int(found["pid"])


def test_a_command_outlives_the_ssh_connection_it_was_begun_over(
    program: Program, root_only: None, need_part: Callable[[str], str]
) -> None:
    """Client and server are killed: the command ends by itself, and a new login finds it done and goes on."""
    file = long_walk(program)
    with Sshd(program, need_part) as sshd:
        first = sshd.login("run", str(file), *GIVEN)
        first.expect("What now — choose.*: ")
        first.sendline("1")
        until(lambda: program.lines("effects"))
        wizard = driver(program)
        sshd.cut(first)
        leaves(wizard)
        status = program.status()
        assert status["state"] == "running", "the command runs on without any wizard"
        assert status["driver"] is None
        assert status["step"]["id"] == "long"
        (program.place / "go").write_text("")
        until(lambda: len(program.lines("effects")) == 2)
        until(lambda: program.status()["state"] != "running")
        assert program.lines("effects") == ["began", "ended"]

        (program.place / "ready").touch()
        second = sshd.login("resume")
        second.expect("is resumed")
        second.expect(r"Step 1\.1: done")
        second.expect("Is it so")
        second.expect("choose: ")
        second.sendline("yes")
        second.expect("The run is done")
        second.wait()
        second.close()
        assert second.exitstatus == 0
    assert program.lines("effects") == ["began", "ended", "last"]


@pytest.mark.slow
@pytest.mark.parametrize("end", ["pane", "server"])
def test_a_tmux_that_dies_at_any_point_costs_nothing(
    end: str, program: Program, need_part: Callable[[str], str]
) -> None:
    """Killed at a question, in a command, in a wait and at a confirmation: each time `resume` goes on from there."""
    file = long_walk(program)
    tmux = need_part("tmux")

    def lose(pane: Pane) -> None:
        wizard = driver(program)
        if end == "pane":
            pane.kill_pane()
        else:
            pane.kill_server()
        leaves(wizard)
        (program.place / "tmux").unlink(missing_ok=True)

    with Pane(program, ["run", str(file), "--plain", "--set", SETS[0]], tmux) as pane:
        pane.wait_for(r"(?m)^\? Answer")
        lose(pane)
    assert program.status()["state"] == "asking"

    with Pane(program, ["resume", "--plain"], tmux) as pane:
        pane.wait_for(r"(?m)^\? Answer")
        pane.press("Enter")
        pane.choose("Start")
        until(lambda: program.lines("effects"))
        lose(pane)
    assert program.status()["state"] == "running"

    with Pane(program, ["resume", "--plain"], tmux) as pane:
        pane.wait_for("Attached again to the running command")
        (program.place / "go").write_text("")
        pane.wait_for(r"Step 1\.2 ")
        lose(pane)
    assert program.lines("effects") == ["began", "ended"]
    assert program.status()["step"]["id"] == "wait"

    (program.place / "ready").touch()
    with Pane(program, ["resume", "--plain"], tmux) as pane:
        pane.wait_for(r"Is it so[\s\S]*confirm")
        lose(pane)
    assert program.status()["step"]["id"] == "agree"

    with Pane(program, ["resume", "--plain"], tmux) as pane:
        pane.choose("yes")
        assert pane.ended() == 0
    assert program.lines("effects") == ["began", "ended", "last"]
