"""Holding a running command: typing, size, hidden input, waking up, epochs, pumps that come and go."""

from __future__ import annotations

import os
import select
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.host.attempts import Attempts, attempts_in, children, kill, living
from tests.waiting import until
from wizard.errors import HostError
from wizard.host.protocols import LiveState, SecretInput
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG = 60.0
"""Seconds to wait for what comes at once: a return within half of them did not wait for its time to be over."""


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


def test_a_password_prompt_is_seen_as_hidden_and_can_be_answered(attempts: Attempts) -> None:
    """Echo on, then off while it asks, then on: what is typed reaches the program and no file."""
    script = 'read -r -p "name: " name; read -r -s -p "pass: " pass; echo; echo "$name ${#pass}"; read -r end'
    attempt = attempts.bash(script, terminal=True)
    attempt.prints(b"name: ")
    until(lambda: attempt.live.input_hidden() is False)
    attempt.live.send(b"ada\n")
    attempt.prints(b"pass: ")
    until(lambda: attempt.live.input_hidden() is True)
    attempt.live.send(b"hunter2hunter2\n")
    attempt.prints(b"ada 14")
    until(lambda: attempt.live.input_hidden() is False)
    attempt.live.send(b"\n")
    attempt.end()
    assert all(b"hunter2" not in path.read_bytes() for path in attempt.folder.iterdir())


def test_a_raw_terminal_tells_nothing_of_hiding(attempts: Attempts) -> None:
    """With echo and line mode both off it is not known."""
    attempt = attempts.bash("read; stty raw -echo; echo ready; head -c 1", terminal=True)
    until(lambda: attempt.live.input_hidden() is False)
    attempt.live.send(b"\n")
    attempt.prints(b"ready")
    assert attempt.live.input_hidden() is None
    attempt.live.send(b"x")
    attempt.end()


def test_a_new_size_reaches_the_program(attempts: Attempts) -> None:
    """The command gets SIGWINCH and sees the size."""
    attempt = attempts.bash("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done", terminal=True)
    attempt.prints(b"ready")
    attempt.live.resize(51, 133)
    attempt.end()
    assert b"51 133" in attempt.output()


def test_much_can_be_typed_at_once(attempts: Attempts) -> None:
    """A paste larger than the terminal's buffer arrives whole and in order."""
    text = b"".join(b"%06d" % number for number in range(10_000))
    attempt = attempts.bash(f"stty raw -echo; echo ready; head -c {len(text)} > typed; echo got", terminal=True)
    attempt.prints(b"ready")
    attempt.live.send(text)
    attempt.prints(b"got")
    attempt.end()
    assert (attempts.base / "typed").read_bytes() == text


def test_what_a_pump_has_no_room_for_is_posted_as_it_takes_in_the_rest(attempts: Attempts) -> None:
    """Nothing more need be typed for that, the pump need not be replaced, and the command may read it much later."""
    text = b"".join(b"%06d" % number for number in range(500_000))
    script = f"stty raw -echo; echo ready; until test -e go; do sleep 0.02; done; head -c {len(text)} > typed; echo got"
    attempt = attempts.bash(script, terminal=True)
    attempt.prints(b"ready")
    (pump,) = until(attempt.pumps)
    os.kill(pump, signal.SIGSTOP)
    attempt.live.send(text)
    os.kill(pump, signal.SIGCONT)
    for _ in range(40):  # in which the pump takes in all of it, or most
        attempt.live.wait(0.05)
    (attempts.base / "go").touch()
    until(lambda: (attempt.live.wait(0.05), b"got" in attempt.output())[1])
    attempt.end()
    assert (attempts.base / "typed").read_bytes() == text


def test_waiting_wakes_up_for_output_and_for_the_end(attempts: Attempts) -> None:
    """wait() returns when something came, long before its time, and when its time is over."""
    attempt = attempts.bash("read; echo one; read; exit 0", terminal=True)
    live = attempt.live
    while live.size() == 0 and live.input_hidden() is not False:
        live.wait(0.1)
    began = time.monotonic()
    assert live.wait(0.3) is LiveState.RUNNING
    assert 0.25 < time.monotonic() - began < LONG / 2
    live.send(b"\n")
    while b"one" not in attempt.output():
        began = time.monotonic()
        assert live.wait(LONG) is LiveState.RUNNING
        assert time.monotonic() - began < LONG / 2
    live.send(b"\n")
    began = time.monotonic()
    while live.wait(LONG) is LiveState.RUNNING:
        assert time.monotonic() - began < LONG / 2
    assert live.state() is LiveState.ENDED


def test_its_descriptor_gets_readable(attempts: Attempts) -> None:
    """A front end may wait for the terminal and the command with one poll."""
    attempt = attempts.bash("read; echo one; sleep 300", terminal=True)
    live = attempt.live
    until(lambda: live.input_hidden() is False)
    live.wait(0)
    descriptor = live.fileno()
    assert descriptor is not None
    until(lambda: not select.select([descriptor], [], [], 0.05)[0] or (bool(live.wait(0)) and False))
    live.send(b"\n")
    until(lambda: select.select([descriptor], [], [], 1)[0] and (live.wait(0), b"one" in attempt.output())[1])


def test_there_is_no_descriptor_as_long_as_nothing_would_make_it_readable(attempts: Attempts) -> None:
    """Before a pump is there nobody tells of output or of the end: a front end must look again by itself."""
    attempt = attempts.prepare("/bin/sh", "-c", "sleep 300")
    live = attempt.live
    assert live.fileno() is None
    attempts.commands.start(attempt.folder, SecretInput())
    until(lambda: (live.wait(0), live.fileno() is not None)[1])


def test_the_spool_is_read_in_pieces(attempts: Attempts) -> None:
    """read() gives what lies at an offset, and nothing past the end."""
    attempt = attempts.bash("printf 0123456789")
    attempt.end()
    live = attempt.live
    assert (live.size(), live.read(0), live.read(4, 3), live.read(10), live.tail()) == (
        10,
        b"0123456789",
        b"456",
        b"",
        b"",
    )


def test_a_beginning_secret_waits_for_the_disk_and_comes_to_the_screen(attempts: Attempts) -> None:
    """A prompt that looks like the beginning of a value is shown within a moment, and is in no file yet."""
    attempt = attempts.bash(
        "printf 'wait\\npass'; read; printf 'word-1234 done'; read",
        terminal=True,
        secrets=SecretInput(redact=(Secret("password-1234"),)),
    )
    live = attempt.live
    until(lambda: live.tail() == b"pass")
    assert attempt.output() == b"wait\r\n"
    live.send(b"\n")
    attempt.prints(b"done")
    until(lambda: live.tail() == b"")
    live.send(b"\n")
    attempt.end()
    assert b"pass\r\nword" not in attempt.output()


def test_output_that_cannot_be_kept_is_told_while_it_runs(attempts: Attempts) -> None:
    """Past the cap the driver learns how much was dropped, long before the command ends."""
    attempt = attempts.bash("printf 0123456789; read; printf 0123456789; read", terminal=True, cap=10)
    attempt.prints(b"0123456789")
    assert attempt.live.lost() == 0
    attempt.live.send(b"\n")
    assert until(lambda: attempt.live.input_hidden() is False and attempt.live.lost()) >= 10
    assert attempt.live.size() == 10
    attempt.live.send(b"\n")
    attempt.end()


def test_quiet_is_measured_from_the_last_output(attempts: Attempts) -> None:
    """Silence grows while nothing comes, and begins anew with output."""
    attempt = attempts.bash("echo one; read; echo two; read", terminal=True)
    attempt.prints(b"one")
    until(lambda: attempt.live.quiet_seconds() > 0.4)
    asked = time.clock_gettime(time.CLOCK_BOOTTIME)
    attempt.live.send(b"\n")
    attempt.prints(b"two")
    until(lambda: attempt.live.quiet_seconds() <= time.clock_gettime(time.CLOCK_BOOTTIME) - asked)


def test_only_the_highest_epoch_types(attempts: Attempts) -> None:
    """After a take-over the former driver is refused with a word; the new one is obeyed, by every next pump too."""
    attempt = attempts.bash("stty -echo; echo ready; while read -r line; do echo got $line; done", terminal=True)
    attempt.prints(b"ready")
    old = attempt.attach(3)
    until(lambda: old.input_hidden() is True)
    old.send(b"one\n")
    attempt.prints(b"got one")
    new = attempt.attach(4)
    until(lambda: new.input_hidden() is True)
    until(lambda: old.input_hidden() is True)
    with pytest.raises(HostError, match="driven by somebody else"):
        old.send(b"two\n")
    (pump,) = attempt.pumps()
    kill(pump)
    until(lambda: attempt.pumps() not in ([], [pump]))
    until(lambda: old.input_hidden() is True)
    with pytest.raises(HostError, match="driven by somebody else"):
        old.stop()
    new.send(b"three\n")
    attempt.prints(b"got three")
    assert b"got two" not in attempt.output()


def test_the_next_pump_is_found_at_once_however_young_the_visit_to_the_last(
    attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where nobody listened is there a pause before the next try: a driver that had a pump asks straight away."""
    monkeypatch.setattr("wizard.host.live._RETRY", 3600.0)
    attempt = attempts.bash("stty -echo; echo ready; while read -r line; do echo got $line; done", terminal=True)
    attempt.prints(b"ready")
    live = attempt.live
    until(lambda: live.input_hidden() is True)
    (pump,) = attempt.pumps()
    kill(pump)
    until(lambda: attempt.pumps() not in ([], [pump]) and attempt.attach(0).input_hidden() is True)
    live.send(b"one\n")
    attempt.prints(b"got one")


def test_what_is_typed_while_no_pump_is_there_reaches_the_next_once(attempts: Attempts) -> None:
    """Lines typed around the deaths of pumps arrive once each and in order."""
    attempt = attempts.bash("stty -echo; echo ready; while read -r line; do echo got $line; done", terminal=True)
    attempt.prints(b"ready")
    live = attempt.live
    until(lambda: live.input_hidden() is True)
    for number in range(30):
        if number % 3 == 1:
            (pump,) = until(attempt.pumps)
            kill(pump)
            until(lambda gone=pump: not living(gone))  # type: ignore[misc]
        live.send(b"line-%d\n" % number)
        until(lambda wanted=b"got line-%d\r\n" % number: (live.wait(0.05), wanted in attempt.output())[1])  # type: ignore[misc]
    assert attempt.output().count(b"got ") == 30


def test_what_a_dead_pump_had_not_begun_comes_before_what_is_typed_next(attempts: Attempts) -> None:
    """A line a pump took to its grave is typed by the next one, and not after the line that follows it."""
    attempt = attempts.bash("stty -echo; echo ready; while read -r line; do echo got $line; done", terminal=True)
    attempt.prints(b"ready")
    live = attempt.live
    until(lambda: live.input_hidden() is True)
    (pump,) = until(attempt.pumps)
    os.kill(pump, signal.SIGSTOP)
    live.send(b"one\n")
    kill(pump)
    # Another visitor sees the next pump listen, so that this driver finds it at its very next word.
    visitor = attempt.attach(1)
    until(lambda: attempt.pumps() not in ([], [pump]) and visitor.input_hidden() is True)
    live.send(b"two\n")
    live.send(b"three\n")
    until(lambda: (live.wait(0.05), b"got three" in attempt.output())[1])
    assert attempt.output().split(b"\r\n")[1:4] == [b"got one", b"got two", b"got three"]


def test_without_a_pump_everything_works_from_the_folder(attempts: Attempts) -> None:
    """With its pump held still the command is watched by lock and files, and its end is seen."""
    attempt = attempts.bash("echo one; sleep 0.3")
    attempt.end()
    other = attempt.attach(1)
    assert other.state() is LiveState.ENDED
    assert other.wait(5) is LiveState.ENDED
    assert other.read(0) == b"one\r\n"
    assert other.input_hidden() is None
    other.send(b"to nobody")
    other.stop()
    other.close()
    other.close()


def test_a_leader_that_is_killed_is_seen_as_lost(attempts: Attempts) -> None:
    """Neither running nor ended: the driver must look again."""
    attempt = attempts.begin("sleep", "300")
    attempt.started()
    live = attempt.live
    assert live.wait(0.2) is LiveState.RUNNING
    kill(attempt.leader())
    began = time.monotonic()
    while live.wait(LONG) is LiveState.RUNNING:
        assert time.monotonic() - began < LONG / 2
    assert live.state() is LiveState.LOST


def test_a_path_that_is_too_long_for_a_socket_is_fine(attempts: Attempts) -> None:
    """The session's folder may lie deeper than a socket's address can say."""
    deep = attempts.base / ("deep" * 40)
    deep.mkdir()
    attempt = attempts.begin("cat", terminal=True, at=deep / "0001-01")
    until(lambda: attempt.live.input_hidden() is False)
    attempt.live.send(b"hello\n")
    attempt.prints(b"hello\r\nhello")


def test_garbage_on_the_socket_disturbs_nobody(attempts: Attempts) -> None:
    """Packets that make no sense end that visit and nothing else."""
    import socket

    attempt = attempts.begin("cat", terminal=True)
    until(lambda: attempt.live.input_hidden() is False)
    for packet in (b"?", b"h[]", b"h{}", b"i", b"q" * 70_000, b"\xff" * 10):
        visit = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folder = os.open(attempt.folder, os.O_RDONLY)
        visit.connect(f"/proc/self/fd/{folder}/sock")
        visit.send(packet)
        visit.close()
        os.close(folder)
    attempt.live.send(b"still here\n")
    attempt.prints(b"still here\r\nstill here")
    assert len(children(attempt.leader())) == 2


def test_letting_go_leaves_the_command_alone(attempts: Attempts) -> None:
    """Closing a driver's hold changes nothing for the command."""
    attempt = attempts.bash("sleep 0.5; exit 4")
    live = attempt.attach(1)
    live.wait(0.1)
    live.close()
    found = attempt.end()
    assert found.exit is not None
    assert found.exit.code == 4
