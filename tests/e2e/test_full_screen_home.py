"""Home, looking on, and taking over, by keys in two real terminals at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.panes import Pane
from tests.e2e.program import Program, gone
from tests.run.journey import SETS, guide, phase, step
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(120)]

GIVEN = [word for one in SETS for word in ("--set", one)]
STRIP = r"✓1\.1 \[▶1\.2\] 1\.3"


def journey(program: Program) -> Path:
    """A step, a word of the operator, and a last step."""
    place = program.place
    return program.guide(
        guide(
            phase(
                step("first", f"echo first >>{place}/effects"),
                step("agree", confirm={"say": "Is it so?"}),
                step("last", f"echo last >>{place}/effects"),
            )
        )
    )


def stop_at_the_word(program: Program, tmux: str) -> None:
    """Begin a run by keys, and stop it where it asks."""
    with Pane(program, ["run", str(journey(program)), *GIVEN], tmux) as pane:
        pane.wait_for("> .*All is answered")
        pane.press("Enter")
        pane.wait_for("Nothing blocks")
        pane.press("s")
        pane.take("Start")
        pane.wait_for(r"Is it so[\s\S]*1 Yes")
        pane.press("C-q")
        pane.take("Stop here")
        pane.wait_for("■ Stopped")
        pane.press("Enter")
        assert pane.ended() == 10


def drives(program: Program) -> int | None:
    """The pid of the wizard that drives."""
    driver = program.status()["driver"]
    return int(driver["pid"]) if driver else None


def test_home_begins_nothing_and_resumes_what_stopped(program: Program, need_part: Callable[[str], str]) -> None:
    """It filters, opens the menu of a session that stopped, and goes on from there; until then nothing is touched."""
    tmux = need_part("tmux")
    stop_at_the_word(program, tmux)
    journal = program.session / "journal.jsonl"
    before = journal.read_bytes()
    with Pane(program, [], tmux) as pane:
        pane.wait_for(r"Sessions that need somebody[\s\S]*stopped at 1\.2 Agree[\s\S]*Stockroom +1\.0, 1\.1, 2\.0")
        pane.press("/")
        pane.paste("no such thing")
        pane.wait_for("Nothing here has that in it")
        pane.press("Escape")
        pane.wait_for("Stockroom")
        pane.press("/")
        pane.paste("agree")
        until(lambda: "Stockroom" not in pane.screen(), what=pane.screen)
        pane.press("Enter")
        pane.wait_for("enter Choose")
        pane.press("Enter")
        shown = pane.wait_for(r"│[^\n]*r +Resume +Go on from where it stands")
        assert "takes back" in shown or "Take back" in shown
        pane.press("Escape")
        until(lambda: "Go on from where it stands" not in pane.screen(), what=pane.screen)
        assert journal.read_bytes() == before, "home did something by itself"
        assert drives(program) is None
        pane.press("Enter")
        pane.wait_for("Go on from where it stands")
        pane.press("Enter")
        pane.wait_for(rf"{STRIP}[\s\S]*Is it so")
        pane.take("Yes")
        pane.wait_for(r"✓ Done[\s\S]*✓ 1\.3 Last")
        pane.press("Enter")
        pane.wait_for("wizard on .*")
        pane.press("C-q")
        assert pane.ended() == 0
    assert program.lines("effects") == ["first", "last"]


def test_somebody_looks_on_and_takes_over(program: Program, need_part: Callable[[str], str]) -> None:
    """Both see the same step; the driver is told who asks, a key refuses, and without one the session goes over."""
    tmux = need_part("tmux")
    stop_at_the_word(program, tmux)
    with (
        Pane(program, ["resume"], tmux) as first,
        Pane(program, ["watch"], tmux, name="second") as second,
    ):
        first.wait_for(rf"you drive[\s\S]*{STRIP}[\s\S]*Is it so")
        driver = drives(program)
        assert driver is not None
        shown = second.wait_for(rf"pid {driver}\) drives[\s\S]*Waits for a word of the driver: 1\.2 Agree\n {STRIP}")
        assert "1 Yes" not in shown, "who looks on is asked nothing"
        second.press("y")

        # Where no key was pressed for a while nobody is thought to be there to be asked.
        first.mark("2 ")
        ask(second, driver)
        shown = first.wait_for(r"asks for this[\s\S]*Any key")
        asking = re.search(r"\(pid (\d+)\)", shown)
        assert asking is not None, shown
        assert int(asking[1]) != driver
        first.press("Down")
        second.wait_for(r"was not handed over[\s\S]*pressed a key and")
        second.wait_for(rf"pid {driver}\) drives[\s\S]*{STRIP}")
        assert drives(program) == driver

        first.mark("1 Yes")
        ask(second, driver)
        first.wait_for(r"asks for this[\s\S]*Any key")
        second.wait_for(rf"you drive[\s\S]*{STRIP}[\s\S]*Is it so", 40)
        first.ended()
        assert gone(driver)
        assert "Traceback" not in first.screen()
        assert drives(program) == int(asking[1])

        second.take("Yes")
        second.wait_for(r"✓ Done[\s\S]*✓ 1\.3 Last")
        second.press("Enter")
        assert second.ended() == 0
    assert program.lines("effects") == ["first", "last"]


def ask(second: Pane, driver: int) -> None:
    """Ask for the session from a terminal that looks on."""
    second.wait_for("r Take over")
    second.press("r")
    second.wait_for(rf"Take this session over\?[\s\S]*pid {driver}\) drives, and is asked for it")
    second.take("Take it over")
