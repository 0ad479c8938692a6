"""A Textual app on our driver in a real pty, with terminals that answer, do not, come late, or stop reading."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import time
from typing import TYPE_CHECKING

import pytest

from tests.screens.driver.terminals import FakeTerminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APP = (sys.executable, "-m", "tests.screens.driver.small_app")
SOON = 10
"""Pictures of a flood, of which twenty come a second, before which something shows."""
JUNK = ("^[", "[0n", "$y")
OTHER_FRAMES = (
    "from textual._compositor import LayoutUpdate as U; f = U.render_segments; "
    "U.render_segments = lambda *a: '\\x1b[m' + f(*a)"
)


@pytest.fixture
def started() -> Iterator[list[FakeTerminal]]:
    """Terminals that end with the test."""
    terminals: list[FakeTerminal] = []
    yield terminals
    for terminal in terminals:
        terminal.__exit__()


def app(started: list[FakeTerminal], mode: str = "still", **options: object) -> FakeTerminal:
    """Start the app and wait for its screen."""
    terminal = FakeTerminal([*APP, mode], **options)  # type: ignore[arg-type]
    started.append(terminal)
    terminal.run_until(terminal.shows("palette"))
    if mode == "flood":
        terminal.run_for(0.3)
    else:
        terminal.run_until_quiet(0.35)
    return terminal


def log_goes_on(terminal: FakeTerminal) -> None:
    """The log on the screen does not stand still for long."""
    before = terminal.text()
    terminal.run_until(lambda: terminal.text() != before)


def test_small_and_silent(started: list[FakeTerminal]) -> None:
    """The first screen takes a fraction of Textual's own, and at rest not a byte is sent."""
    ours, stock = app(started), app(started, environment={"WIZARD_PLAIN_DRIVER": "1"})
    ours.run_until_silent()
    stock.run_until_quiet(0.35)
    assert ours.screen.seen() == stock.screen.seen()
    assert len(ours.received) < len(stock.received) / 4


def test_input_at_rest_is_silent(started: list[FakeTerminal]) -> None:
    """A focused input without a blinking cursor sends nothing either."""
    app(started, "input").run_until_silent()


def test_key_during_a_flood(started: list[FakeTerminal]) -> None:
    """Under a flood a key shows at once, before many more pictures of it, and it stays within 90 kB a second."""
    terminal = app(started, "flood")
    assert terminal.run_for(1.0) < 90_000
    before = terminal.pictures
    terminal.press("k")
    terminal.run_until(terminal.shows("pressed 1 times"))
    assert terminal.pictures - before <= SOON


def test_nothing_in_a_paste_is_pressed(started: list[FakeTerminal]) -> None:
    """What stands behind an escape in it is text too; a key behind it is one."""
    terminal = app(started)
    terminal.press(f"\x1b[200~red: \x1b[31m{'k' * 40} \x1b[0m\x1b[201~k")
    terminal.run_until(terminal.shows("pressed 1 times"))
    terminal.run_until_quiet(0.35)
    assert "pressed 1 times" in terminal.text()


@pytest.mark.parametrize(
    ("answers", "late"),
    [((), 0.0), (("mode",), 0.0), (("status", "mode"), 1.6)],
    ids=["never", "only DECRQM", "late"],
)
def test_other_answers(started: list[FakeTerminal], answers: tuple[str, ...], late: float) -> None:
    """A terminal that never answers, answers only one question, or late, shows the flood and keys all the same."""
    terminal = app(started, "flood", answers=answers, late=late)
    log_goes_on(terminal)
    terminal.press("k")
    terminal.run_until(terminal.shows("pressed 1 times"))
    assert not any(junk in terminal.text() for junk in JUNK)


def test_waits_for_the_answer(started: list[FakeTerminal]) -> None:
    """While an answer is out no second picture follows, and with the answer comes the newest."""
    terminal = app(started, "flood")
    terminal.late = 0.4
    terminal.run_for(1.0)
    before = terminal.pictures
    seconds = terminal.run_until(lambda: terminal.pictures >= before + 7)
    # A program that stood still takes answers that came meanwhile for lost, and sends a few without them.
    assert seconds > 3 * terminal.late, "between two pictures there is an answer"


def test_stops_reading(started: list[FakeTerminal]) -> None:
    """A terminal that reads nothing for 3 s blocks nobody, and reading again it shows the truth at once."""
    terminal = app(started, "flood")
    for _ in range(30):
        terminal.press("k")
        time.sleep(0.1)
    before = terminal.pictures
    terminal.run_until(terminal.shows("pressed 30 times"))
    assert terminal.pictures - before <= SOON
    log_goes_on(terminal)


def test_suspend_and_resume(started: list[FakeTerminal]) -> None:
    """Suspended, the terminal is given back as it was; resumed, the whole screen is there again."""
    terminal = app(started)
    before = terminal.text()
    terminal.press("s")
    _, status = os.waitpid(terminal.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    terminal.run_until(lambda: b"\x1b[?1049l" in terminal.received)
    terminal.run_for(0.2)  # what stands behind it
    terminal.screen.feed("\x1b[2J\x1b[Hsomething of the shell")
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.run_until(lambda: terminal.text() == before)


def test_resize(started: list[FakeTerminal]) -> None:
    """After a resize the screen is what Textual's own driver gives at that size."""
    terminal = app(started)
    stock = app(started, size=(100, 30), environment={"WIZARD_PLAIN_DRIVER": "1"})
    terminal.resize(100, 30)
    terminal.run_until(lambda: terminal.screen.seen() == stock.screen.seen())


def test_repaint_key(started: list[FakeTerminal]) -> None:
    """What somebody else wrote over the screen is gone after ctrl+l."""
    terminal = app(started)
    before = terminal.screen.seen()
    terminal.screen.feed("\x1b[5;5Hsystem going down for reboot\x1b[H")
    terminal.press("\x0c")
    terminal.run_until(lambda: terminal.screen.seen() == before)


def test_leaves_no_answer_behind(started: list[FakeTerminal]) -> None:
    """The program ends only after the last answer came, so that the shell does not get it."""
    terminal = app(started, late=0.3)
    terminal.press("k")
    terminal.run_until(terminal.shows("pressed 1 times"))
    terminal.press("q")
    terminal.run_until(lambda: b"\x1b[?1049l" in terminal.received)
    assert not terminal._due


def test_quits_while_nobody_reads(started: list[FakeTerminal]) -> None:
    """A terminal that does not read does not keep the program from ending."""
    terminal = app(started, "flood")
    time.sleep(0.5)
    terminal.press("q")
    began = time.monotonic()
    while not terminal.ended():
        assert time.monotonic() - began < 15, "it waits for nobody, whatever stands still"
        time.sleep(0.05)


def test_hang_up(started: list[FakeTerminal]) -> None:
    """When the terminal is gone the program ends as after any hang-up."""
    terminal = app(started, "flood")
    os.close(terminal.master)
    terminal.master = os.open(os.devnull, os.O_RDWR)
    began = time.monotonic()
    while not terminal.ended():
        assert time.monotonic() - began < 10, "it ends by itself, whatever stands still"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("another", "why"),
    [
        (OTHER_FRAMES, "a frame of another kind"),
        ("import screens.driver.sparing as s; s._RELIED_ON += ('_other',)", "has no _other"),
        ("from screens.driver.paint import Painter as P; P._row = None", "could not be painted"),
    ],
    ids=["frames begin otherwise", "an attribute has gone", "painting fails"],
)
def test_falls_back(started: list[FakeTerminal], tmp_path: Path, another: str, why: str) -> None:
    """Where Textual is not as we know it, or our layer fails, the same words come from Textual's own driver."""
    log = tmp_path / "log"
    program = (
        f"import logging; logging.basicConfig(filename={str(log)!r}); {another}; "
        "from tests.screens.driver.small_app import SmallApp; SmallApp('still', 50).run()"
    )
    terminal = FakeTerminal([sys.executable, "-c", program])
    started.append(terminal)
    terminal.run_until(terminal.shows("palette"))
    terminal.press("k")
    terminal.run_until(terminal.shows("pressed 1 times"))
    stock = app(started, environment={"WIZARD_PLAIN_DRIVER": "1"})
    stock.press("k")
    stock.run_until(stock.shows("pressed 1 times"))
    terminal.run_until(lambda: terminal.text() == stock.text())
    assert why in log.read_text()
    terminal.press("q")
    terminal.run_until(lambda: b"\x1b[?1049l" in terminal.received)


@pytest.mark.parametrize("term", ["linux", "vt100", "screen", "tmux-256color", "xterm"])
def test_terms(started: list[FakeTerminal], term: str) -> None:
    """Lesser terminals get the same words, and only sequences that they know."""
    terminal = app(started, environment={"TERM": term, "COLORTERM": "truecolor" if term != "xterm" else ""})
    assert "pressed 0 times" in terminal.text()
    if term in ("linux", "vt100", "screen", "xterm"):
        assert b"8;5;" not in terminal.received
        assert b"8;2;" not in terminal.received
    if term in ("linux", "vt100"):
        assert b"\x1b]" not in terminal.received
        assert b"$p" not in terminal.received
        assert b"\x1b[>" not in terminal.received
    if term == "vt100":
        assert terminal.received.isascii()
        assert not re.search(rb"\x1b\[[\d;]*[349]\dm", terminal.received)


def test_a_stop_that_nobody_asked_for(started: list[FakeTerminal]) -> None:
    """After SIGSTOP and SIGCONT all is drawn again, no key is lost, and it ends at once with the modes of before."""
    terminal = app(started)
    for count in range(3):
        before = terminal.pictures
        os.kill(terminal.pid, signal.SIGSTOP)
        os.waitpid(terminal.pid, os.WUNTRACED)
        modes = termios.tcgetattr(terminal.master)
        modes[3] |= termios.ICANON | termios.ECHO  # as a shell has it
        termios.tcsetattr(terminal.master, termios.TCSANOW, modes)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.run_until(lambda before=before: terminal.pictures > before)  # type: ignore[misc]
        terminal.press("k")
        terminal.run_until(terminal.shows(f"pressed {count + 1} times"))
    terminal.press("q")
    end = time.monotonic() + 20
    while not terminal.ended():
        assert time.monotonic() < end, "it waits for a key that nobody presses"
        terminal.read(0.05)
    assert termios.tcgetattr(terminal.master)[3] & termios.ICANON, "the terminal was left raw"
