"""A real command attended from a real terminal: keys, hidden input, the way out, and the terminal afterwards."""

from __future__ import annotations

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
PROGRAM = Path(__file__).parent / "attend_program.py"

PASSWORD = """
import getpass, sys
word = getpass.getpass("Password: ")
print("length", len(word))
"""
SIZES = """
import os, signal, sys
signal.signal(signal.SIGWINCH, lambda *_: print("size", *os.get_terminal_size()))
print("ready", *os.get_terminal_size())
sys.stdin.readline()
"""


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Callable[..., pexpect.spawn[str]]]:
    """Start the attending program in a terminal of its own; ended whatever happens."""
    started: list[pexpect.spawn[str]] = []

    def start(
        kind: str, *argv: str, job_control: bool = False, when: Path | None = None, **environ: str
    ) -> pexpect.spawn[str]:
        words = [sys.executable, str(PROGRAM), kind, *argv]
        if job_control:
            script = '"$@"; echo the job was stopped; read x; fg'
            words = ["sh", "-mc", script, "sh", *words]
        if when is not None:
            words = ["sh", "-c", f'{waits_for(when)} exec "$@"', "sh", *words]
        child: pexpect.spawn[str] = pexpect.spawn(
            words[0],
            words[1:],
            encoding="utf-8",
            dimensions=(24, 80),
            timeout=30,
            env={
                "PATH": os.environ["PATH"],
                "TERM": "xterm",
                "LANG": "C.UTF-8",
                "PYTHONPATH": str(ROOT),
                "WIZARD_TEST_REPORT": str(tmp_path / "report"),
                "WIZARD_TEST_PID": str(tmp_path / "pid"),
                **environ,
            },
        )
        child.delaybeforesend = None
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


def waits_for(file: Path) -> str:
    """Words of a script that goes on once there is such a file."""
    return f"until [ -e '{file}' ]; do sleep 0.02; done;"


def report(tmp_path: Path, seconds: float = 30.0) -> str:
    """Wait for what the program writes down at its end."""
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        if (tmp_path / "report").exists() and (text := (tmp_path / "report").read_text()).endswith("\n"):
            return text
        time.sleep(0.02)
    raise AssertionError("the program did not come to its end")


def test_a_password_prompt_of_a_real_program_works(spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path) -> None:
    """The password reaches the program, is never echoed, and the operator is told once that typing is hidden."""
    child = spawn("terminal", sys.executable, "-c", PASSWORD)
    child.expect("Password: ")
    child.expect(r"\(typing is hidden\)")
    child.send("s3cret-word\r")
    child.expect("length 11")
    child.expect(r"\[wish None\]")
    shown = str(child.before)
    assert "s3cret" not in shown
    assert "typing is hidden" not in shown
    assert "[modes same]" in report(tmp_path)


def test_keys_reach_a_command_with_a_terminal(spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path) -> None:
    """Every key is handed through unjudged, ^Z and ^S among them, and echoed by the command's own terminal."""
    child = spawn("terminal", "bash", "-c", "stty -ixon susp undef -echo raw; printf ready; head -c 4 | od -An -c")
    child.expect("ready")
    child.send("a\x1a\x13\xe9")
    child.expect(r"a +032 +023 +303")
    child.expect(r"\[wish None\]")
    assert "[modes same]" in report(tmp_path)


def test_keys_pressed_before_the_command_was_shown_do_not_reach_it(
    spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path
) -> None:
    """A reply that was meant for the wizard never ends up in a password prompt."""
    child = spawn("terminal", "bash", "-c", "printf ready; read x; echo got $x", when=tmp_path / "typed")
    child.send("yes\r")
    (tmp_path / "typed").touch()
    child.expect("Keys go to the command")
    child.expect("ready")
    child.send("word\r")
    child.expect("got word")
    child.expect(r"\[wish None\]")
    assert r"[sent b'word\r']" in report(tmp_path)


def test_leaving_leaves_the_command_running(spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path) -> None:
    """^] leaves at once; keys after it are not sent, and the terminal is as it was before."""
    child = spawn("terminal", "bash", "-c", "printf ready; read x; read y")
    child.expect("ready")
    child.send("one\r\x1dtwo\r")
    child.expect(r"\[wish leave\]")
    assert "[modes same]" in report(tmp_path)
    assert r"[sent b'one\r']" in report(tmp_path)


def test_interrupt_asks_and_can_go_on(spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path) -> None:
    """^C is not sent but asks; after `g` the command goes on, with the output that came meanwhile."""
    child = spawn("terminal", "bash", "-c", "trap 'echo interrupted' INT; printf ready; read x; echo got $x")
    child.expect("ready")
    child.send("\x03")
    child.expect("s: stop it   l: leave it running   g: go on")
    child.send("\x03xg")
    child.send("word\r")
    child.expect("got word")
    child.expect(r"\[wish None\]")
    assert "interrupted" not in str(child.before)
    assert r"[sent b'word\r']" in report(tmp_path)


def test_output_waits_while_it_is_asked_and_is_not_lost(
    spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path
) -> None:
    """Lines printed while the operator thinks come afterwards, each once and in order."""
    asked, said = tmp_path / "asked", tmp_path / "said"
    lines = "for i in 1 2 3 4 5 6 7 8; do echo line-$i; done"
    child = spawn("watched", "bash", "-c", f"echo ready; {waits_for(asked)} {lines}; touch '{said}'; sleep 30")
    child.expect("ready")
    child.send("\x03")
    child.expect("go on ")
    asked.touch()
    until(said.exists)
    with pytest.raises(pexpect.TIMEOUT):
        child.expect("line-", timeout=0.5)
    child.send("g")
    for number in range(1, 9):
        child.expect(f"line-{number}\r\n")
    child.send("\x1d")
    child.expect(r"\[wish leave\]")


def test_interrupt_can_stop(spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path) -> None:
    """After ^C and `s` the engine is told to stop the command, and its last words are still shown."""
    child = spawn(
        "watched", "bash", "-c", "trap 'echo last words; exit 1' TERM; echo ready; while :; do sleep 0.1; done"
    )
    child.expect("ready")
    child.send("\x03")
    child.expect("go on ")
    child.send("s")
    child.expect("last words")
    child.expect(r"\[wish stop\] \[then None\] \[modes same\]")


def test_interrupt_can_leave(spawn: Callable[..., pexpect.spawn[str]]) -> None:
    """After ^C and `l` the command runs on."""
    child = spawn("watched", "bash", "-c", "echo ready; sleep 30")
    child.expect("ready")
    child.send("\x03")
    child.expect("go on ")
    child.send("l")
    child.expect(r"\[wish leave\] \[modes same\]")


def test_the_question_ends_with_the_command(spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path) -> None:
    """A command that ends while the operator thinks is noticed without a key."""
    child = spawn("watched", "bash", "-c", f"echo ready; {waits_for(tmp_path / 'asked')} echo bye")
    child.expect("ready")
    child.send("\x03")
    child.expect("go on ")
    (tmp_path / "asked").touch()
    child.expect("ended meanwhile")
    child.expect("bye")
    child.expect(r"\[wish None\] \[modes same\]")


def test_a_watched_command_gets_no_keys(spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path) -> None:
    """Typing at a step without `terminal` is not sent; a word says what the keys are."""
    child = spawn("watched", "bash", "-c", "echo ready; sleep 30")
    child.expect("ready")
    child.send("y\r")
    child.expect("takes no typing")
    child.send("\x1d")
    child.expect(r"\[wish leave\]")
    assert "[sent b'']" in report(tmp_path)


def test_a_long_command_says_which_keys_there_are(spawn: Callable[..., pexpect.spawn[str]]) -> None:
    """A watched command that lasts is not talked over at once, but after a moment the way out is named."""
    child = spawn("watched", "bash", "-c", "echo ready; sleep 30")
    child.expect("ready\r\n")
    child.expect_exact("[^C: stop, leave or go on; ^]: leave it running.]")
    assert str(child.before) == ""
    child.send("\x1d")
    child.expect(r"\[wish leave\]")


def test_the_size_follows_the_window(spawn: Callable[..., pexpect.spawn[str]]) -> None:
    """The command's terminal has the window's size from the start, and each new one."""
    child = spawn("terminal", sys.executable, "-uc", SIZES)
    child.expect("(ready|size) 80 24")
    child.setwinsize(40, 100)
    child.expect("size 100 40")
    child.send("\r")
    child.expect(r"\[wish None\]")


def test_what_the_command_switched_on_is_switched_off(spawn: Callable[..., pexpect.spawn[str]]) -> None:
    """A full-screen program that is left does not leave its screen, its hidden cursor or its mouse behind."""
    child = spawn("terminal", "bash", "-c", r"printf '\e[?1049h\e[?25l\e[?1000hready\e[6n\e]52;c;eA==\a'; sleep 30")
    child.expect_exact("\x1b[?1049h\x1b[?25l\x1b[?1000hready")
    child.send("\x1d")
    child.expect(r"\[wish leave\] \[modes same\]")
    shown = str(child.before)
    assert shown.startswith(("\x1b[?1000l\x1b[?25h\x1b[?1049l", "\x1b[?25h\x1b[?1000l\x1b[?1049l"))
    assert "[6n" not in shown
    assert "]52" not in shown


def test_hanging_up_leaves(spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path) -> None:
    """When the terminal goes away the front end is gone, long before the command ends."""
    child = spawn("terminal", "bash", "-c", "printf ready; sleep 30")
    child.expect("ready")
    began = time.monotonic()
    child.ptyproc.fileobj.close()  # type: ignore[attr-defined]
    assert "[gone" in report(tmp_path)
    assert time.monotonic() - began < AT_ONCE


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_signals_give_the_terminal_back(
    spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path, number: signal.Signals
) -> None:
    """SIGHUP and SIGTERM leave at once, with the terminal's modes restored."""
    child = spawn("terminal", "bash", "-c", "printf '\\e[?25l'; printf ready; sleep 30")
    child.expect("ready")
    began = time.monotonic()
    child.kill(number)
    assert f"[gone signal {number.name}] [modes same]" in report(tmp_path)
    assert time.monotonic() - began < AT_ONCE
    child.expect_exact("\x1b[?25h")


def test_an_interrupt_from_outside_asks_too(spawn: Callable[..., pexpect.spawn[str]]) -> None:
    """SIGINT sent by somebody else is ^C."""
    child = spawn("terminal", "bash", "-c", "printf ready; sleep 30")
    child.expect("ready")
    child.kill(signal.SIGINT)
    child.expect("go on ")
    child.send("l")
    child.expect(r"\[wish leave\] \[modes same\]")


def test_being_stopped_gives_the_terminal_back_and_takes_it_again(
    spawn: Callable[..., pexpect.spawn[str]], tmp_path: Path
) -> None:
    """SIGTSTP restores the modes before the process stops; SIGCONT makes the terminal raw again."""
    child = spawn("terminal", "bash", "-c", "printf ready; read x; echo got $x", job_control=True)
    child.expect("ready")
    assert not child.getecho()
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGTSTP)
    child.expect("the job was stopped")
    assert child.getecho()
    child.send("\r")
    until(lambda: not child.getecho())
    child.send("word\r")
    child.expect("got word")
    child.expect(r"\[wish None\] \[modes same\]")


def test_a_dumb_terminal_sees_text_only(spawn: Callable[..., pexpect.spawn[str]]) -> None:
    """With TERM=dumb no escape sequence at all reaches the terminal, and typing works."""
    child = spawn("terminal", "bash", "-c", r"printf '\e[31mred\e[0m\e[2J ready\n'; read x; echo got $x", TERM="dumb")
    child.expect_exact("red ready")
    assert "\x1b" not in str(child.before)
    child.send("word\r")
    child.expect("got word")
    assert "\x1b" not in str(child.before)
