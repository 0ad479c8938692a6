"""Drawn prompts in a real terminal: keys, the end of input, interrupts, hang-ups, and the terminal afterwards."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.waiting import AT_ONCE, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).parent / "ask_program.py"
DOWN = "\x1b[B"


@pytest.fixture
def ask() -> Iterator[Callable[[str], pexpect.spawn[str]]]:
    """Start the asking program in a terminal of its own; ended whatever happens."""
    started: list[pexpect.spawn[str]] = []

    def start(kind: str) -> pexpect.spawn[str]:
        child: pexpect.spawn[str] = pexpect.spawn(
            sys.executable,
            [str(PROGRAM), kind],
            encoding="utf-8",
            dimensions=(24, 80),
            timeout=30,
            env={
                "PATH": os.environ["PATH"],
                "TERM": "xterm",
                "LANG": "C.UTF-8",
                "PYTHONPATH": str(ROOT),
                "PROMPT_TOOLKIT_NO_CPR": "1",
            },
        )
        child.delaybeforesend = None
        started.append(child)
        child.expect_exact("[begin]")
        return child

    yield start
    for child in started:
        child.close(force=True)


@pytest.mark.parametrize(
    ("kind", "prompt", "keys", "reply"),
    [
        ("line", "Name", " word \r", "'word'"),
        ("proposed", "found", "\r", "'found'"),
        ("proposed", "found", "\x15other\r", "'other'"),
        ("lines", "Rows", "one\r two \r\x1b\r", "['one', 'two']"),
        ("hidden", "hidden", "s3cret\r", "'s3cret'"),
        ("pick", "choose with the arrow", f"{DOWN}{DOWN}\r", "'green'"),
        ("default", "Green", "\r", "'green'"),
        ("pick_many", "Red", " \r", "['red', 'blue']"),
        ("question", "/opt/x", "\r", "'/opt/x'"),
    ],
)
def test_keys_become_replies(
    ask: Callable[[str], pexpect.spawn[str]], kind: str, prompt: str, keys: str, reply: str
) -> None:
    """Typing, arrows, space and Enter give the reply, and the terminal is as it was before."""
    child = ask(kind)
    child.expect(prompt)
    child.send(keys)
    child.expect_exact(f"[reply {reply}] [modes same]")
    if kind == "hidden":
        assert "s3cret" not in str(child.before)


@pytest.mark.parametrize(("kind", "prompt"), [("over", "choose with the arrow"), ("over-numbered", "Stuck — choose:")])
def test_a_menu_nobody_needs_any_more_goes_away(
    ask: Callable[[str], pexpect.spawn[str]],
    kind: str,
    prompt: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends without a reply, what was typed of one is forgotten, and the terminal is as it was before."""
    monkeypatch.chdir(tmp_path)
    child = ask(kind)
    child.expect(prompt)
    child.send("2")
    (tmp_path / "over").touch()
    child.expect_exact("[reply 'withdrawn'] [modes same]")


@pytest.mark.parametrize(
    ("kind", "prompt", "keys"),
    [("noted", "choose with the arrow", (DOWN, f"{DOWN}\r")), ("noted-numbered", "What now — choose:", ("1", "2\r"))],
)
def test_a_note_is_shown_above_the_prompt_that_goes_on_waiting(
    ask: Callable[[str], pexpect.spawn[str]], kind: str, prompt: str, keys: tuple[str, str], tmp_path: Path
) -> None:
    """A cursor stays where it was; of a line nothing is typed any more that can be seen no more."""
    with contextlib.chdir(tmp_path):
        child = ask(kind)
    child.expect(prompt)
    child.send(keys[0])
    (tmp_path / "note").touch()
    child.expect_exact("! A note of grace: do not press undo")
    child.expect("What now")
    child.send(keys[1])
    child.expect_exact("[reply 'stop'] [modes same]")


def test_a_secret_that_a_note_came_into_is_begun_anew(ask: Callable[[str], pexpect.spawn[str]], tmp_path: Path) -> None:
    """Nobody sees that its beginning is forgotten, so it is said."""
    with contextlib.chdir(tmp_path):
        child = ask("noted-hidden")
    child.expect_exact("Password (typing is hidden): ")
    child.send("hun")
    (tmp_path / "note").touch()
    child.expect_exact("! A note of grace: do not press undo")
    child.expect_exact("Password (typing is hidden; begin anew): ")
    child.send("hunter2\r")
    child.expect_exact("[reply 'hunter2'] [modes same]")


def test_enter_alone_takes_nothing_where_nothing_is_proposed(ask: Callable[[str], pexpect.spawn[str]]) -> None:
    """A menu without a proposal begins at an entry that is no choice."""
    child = ask("pick")
    child.expect("choose with the arrow")
    child.send("\r")
    child.expect("choose with the arrow")
    child.send(f"{DOWN}\r")
    child.expect_exact("[reply 'red']")


def test_a_question_shows_where_its_proposal_is_from_and_keys_are_signs(
    ask: Callable[[str], pexpect.spawn[str]],
) -> None:
    """The front end's own prompt proposes what was found, and every key says that somebody is there."""
    child = ask("question")
    child.expect_exact("It runs there.")
    child.expect_exact("Proposed: /opt/x (machine: facts.home).")
    child.expect("Answer")
    child.send("/y\r")
    child.expect_exact("[reply '/opt/x/y'] [modes same] [signs True]")


@pytest.mark.parametrize("kind", ["line", "pick", "pick_many", "hidden", "lines"])
def test_end_of_file_is_gone(ask: Callable[[str], pexpect.spawn[str]], kind: str) -> None:
    """^D at an empty prompt of any kind says that the person is gone."""
    child = ask(kind)
    child.expect("Name|Colour|Password|Rows")
    wait_for_keys(child)
    child.send("\x04")
    child.expect(r"\[gone end of input\] \[modes same\]")


def test_interrupt_asks_whether_to_stop(ask: Callable[[str], pexpect.spawn[str]]) -> None:
    """^C at a question asks; going on asks the question again, stopping stops."""
    child = ask("question")
    child.expect("Answer")
    child.send("\x03")
    child.expect("Interrupted")
    child.expect("Go on where I was")
    child.send(f"{DOWN}\r")
    child.expect("Answer")
    child.send("\x03")
    child.expect("Interrupted")
    child.expect("Stop here")
    child.send(f"{DOWN}{DOWN}\r")
    child.expect_exact("[stopped] [modes same]")


@pytest.mark.parametrize("kind", ["question", "confirm"])
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_hang_up_leaves_a_drawn_prompt(
    ask: Callable[[str], pexpect.spawn[str]], kind: str, number: signal.Signals
) -> None:
    """A signal ends a line as well as a menu at once, with the terminal's modes restored."""
    child = ask(kind)
    child.expect("Answer|choose with the arrow")
    wait_for_keys(child)
    began = time.monotonic()
    child.kill(number)
    child.expect_exact(f"[gone signal {number.name}] [modes same]")
    assert time.monotonic() - began < AT_ONCE


def wait_for_keys(child: pexpect.spawn[str]) -> None:
    """Wait until the prompt reads keys: then the echo is off."""
    until(lambda: not child.getecho(), what=lambda: "the prompt did not begin to read keys")
