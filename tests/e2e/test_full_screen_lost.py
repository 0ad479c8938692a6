"""The full screen loses its terminal, or its life, at every kind of moment; no step and no output is lost."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.logins import Sshd
from tests.e2e.panes import Pane
from tests.e2e.program import Program, leaves
from tests.e2e.secrets_seen import files_with
from tests.run.journey import SETS, guide, phase, step
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.service, pytest.mark.slow]

SECRET = "half-typed-hunter2"


def walk(program: Program) -> Path:
    """A command that prints on until `go` is there, one that asks for a password, a wait, and a confirmation."""
    place = program.place
    count = f'n=0; while [ ! -e {place}/go ]; do n=$((n+1)); echo "line $n"; sleep 0.1; done'
    login = f'stty -echo; printf "Password: "; read p; stty echo; echo; echo "${{#p}} characters" >>{place}/effects'
    steps: list[dict[str, Any]] = [
        step("long", f"echo began >>{place}/effects\n{count}\necho last line; echo ended >>{place}/effects"),
        step("login", login, terminal=True),
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


class Plug:
    """Pulls one kind of plug, and waits until the wizard is gone."""

    def __init__(self, program: Program, how: str) -> None:
        self._program = program
        self._how = how

    def pull(self, pane: Pane) -> None:
        """Pull it on the terminal that drives now."""
        wizard = driver(self._program)
        match self._how:
            case "pane":
                pane.kill_pane()
            case "server":
                pane.kill_server()
            case _:
                os.kill(wizard, signal.SIGKILL)
        leaves(wizard)
        if self._how == "wizard":
            pane.kill_server()
        (self._program.place / "tmux").unlink(missing_ok=True)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("how", ["pane", "server", "wizard"])
def test_the_plug_is_pulled_everywhere(how: str, program: Program, need_part: Callable[[str], str]) -> None:
    """At a question, in a dialog, a command, a half-typed password, a wait, a card: it goes on from there."""
    file, tmux, plug = walk(program), need_part("tmux"), Plug(program, how)

    with Pane(program, ["run", str(file), "--set", SETS[0]], tmux) as pane:
        pane.wait_for(r"> \( \) 2\.0")
        pane.press("Down", "2", ".", "0")
        plug.pull(pane)
    assert program.status()["state"] == "asking"

    with Pane(program, ["resume"], tmux) as pane:
        pane.wait_for(r"> \( \) 2\.0")
        pane.press("Enter")
        pane.wait_for("> All is answered")
        pane.press("Enter")
        pane.wait_for("Nothing blocks")
        pane.press("s")
        pane.wait_for("5 steps")
        plug.pull(pane)
    assert program.lines("effects") == []

    with Pane(program, ["resume"], tmux) as pane:
        pane.wait_for("> All is answered")
        pane.press("Enter")
        pane.wait_for("Nothing blocks")
        pane.press("s")
        pane.wait_for("5 steps")
        start(pane)
        pane.wait_for(r"(?m)^line \d")
        plug.pull(pane)
    assert program.status()["state"] == "running", "the command runs on without any wizard"

    with Pane(program, ["resume"], tmux) as pane:
        pane.wait_for(r"(?m)^line \d")
        (program.place / "go").touch()
        pane.wait_for("Password: ")
        whole = (program.session / "attempts" / "0001-01" / "output").read_bytes().splitlines()
        assert whole[-1] == b"last line"
        assert whole[:-1] == [f"line {number}".encode() for number in range(1, len(whole))], "output is missing"
        pane.wait_for("typing goes to the command · typing is hidden")
        pane.paste(SECRET)
        plug.pull(pane)
    assert program.status()["state"] == "running"

    with Pane(program, ["resume"], tmux) as pane:
        pane.wait_for("Password: ")
        pane.wait_for("typing goes to the command · typing is hidden")
        pane.press("Enter")
        pane.wait_for("Waiting: Wait")
        plug.pull(pane)
    # What was typed before the plug was pulled reached the command once and in order, as far as it was delivered.
    typed = program.lines("effects")[2]
    assert typed.removesuffix(" characters") in {str(number) for number in range(len(SECRET) + 1)}
    assert program.status()["step"]["id"] == "wait"

    (program.place / "ready").touch()
    with Pane(program, ["resume"], tmux) as pane:
        pane.wait_for("Is it so")
        plug.pull(pane)
    assert program.status()["step"]["id"] == "agree"

    with Pane(program, ["resume"], tmux) as pane:
        pane.wait_for("Is it so")
        pane.take("Yes")
        pane.wait_for(r"✓ 1\.5 Last")
        pane.press("Enter")
        assert pane.ended() == 0
    assert program.lines("effects") == ["began", "ended", typed, "last"]
    assert files_with(program.place, SECRET) == []


def start(pane: Pane) -> None:
    """Begin the walk from the last question before it."""
    pane.take("Start")
    pane.wait_for("Phase 1")


def test_an_ssh_connection_is_cut_in_a_command(program: Program, need_part: Callable[[str], str]) -> None:
    """Over a real sshd: the command goes on, and home of a new login offers the session first."""
    file, tmux = walk(program), need_part("tmux")
    given = [word for one in SETS for word in ("--set", one)]
    with Sshd(program, need_part) as sshd:
        words = sshd.words("run", str(file), *given, term="screen-256color")
        with Pane(program, words, tmux, called=()) as pane:
            pane.wait_for("> All is answered")
            pane.press("Enter")
            pane.wait_for("Nothing blocks")
            pane.press("s")
            start(pane)
            pane.wait_for(r"(?m)^line \d")
            wizard = driver(program)
            sshd.cut_all()
            leaves(wizard)
        assert program.status()["state"] == "running"
        (program.place / "go").touch()
        until(lambda: len(program.lines("effects")) == 2)
        with Pane(program, sshd.words(term="screen-256color"), tmux, called=()) as pane:
            pane.wait_for(r"waiting at 1\.1 Long")
            pane.press("r")
            pane.wait_for("Password: ")
            wizard = driver(program)
            sshd.cut_all()
            leaves(wizard)
    assert program.lines("effects") == ["began", "ended"]
