"""Signals that other programs would end by: the full screen leaves as if its terminal were lost, and tidies up."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.panes import Pane
from tests.e2e.program import Program, leaves
from tests.run.journey import SETS, guide, phase, step
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.service


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_leaves_the_terminal_usable_and_the_command_running(
    number: signal.Signals, program: Program, need_part: Callable[[str], str]
) -> None:
    """The screen of before is back with the line that says how to go on; what runs runs on, and is not begun anew."""
    place = program.place
    file = program.guide(
        guide(phase(step("long", f"echo began >>{place}/effects; while [ ! -e {place}/go ]; do sleep 0.1; done")))
    )
    given = [word for one in SETS for word in ("--set", one)]
    with Pane(program, ["run", str(file), *given], need_part("tmux")) as pane:
        pane.wait_for("All is answered")
        pane.press("Enter")
        pane.wait_for("Nothing blocks")
        pane.press("s")
        pane.take("Start")
        until(lambda: program.lines("effects"))
        found = program.status()["driver"]
        os.kill(found["pid"], number)
        leaves(found["pid"])
        assert pane.ended() == 10
        until(lambda: "running at 1.1 Long. `wizard resume" in pane.everything(), what=pane.everything)
    assert program.status()["state"] == "running"
    (place / "go").touch()
    ended = program.run("resume", "--unattended")
    assert ended.code == 0, ended.err
    assert program.lines("effects") == ["began"]
