"""The pump: nothing lost, nothing twice, nothing unredacted, and it never stops reading."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import random
import shutil
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.host.attempts import Attempt, Attempts, attempts_in, kill
from tests.waiting import until
from wizard.errors import HostError
from wizard.host.attempt_files import AttemptFolder
from wizard.host.protocols import FoundState, LiveState, SecretInput
from wizard.host.supervisor.command import quieten
from wizard.host.supervisor.memory import CARRY, Memory, State
from wizard.host.supervisor.redact import redact
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


def packet_terminal() -> tuple[int, int]:
    """Open a terminal as the leader does."""
    master, slave = pty.openpty()
    quieten(slave)
    modes = termios.tcgetattr(slave)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    fcntl.ioctl(master, termios.TIOCPKT, struct.pack("i", 1))
    os.set_blocking(master, False)
    return master, slave


def waiting(master: int) -> int:
    """Bytes the terminal holds, waited for."""
    return until(lambda: int.from_bytes(fcntl.ioctl(master, termios.FIONREAD, b"\0" * 4), "little"))


@pytest.mark.parametrize("die_at", ["before the read", "after the read", "after noting it"])
def test_a_pump_that_dies_around_a_read_loses_and_repeats_nothing(die_at: str) -> None:
    """Whether the read took place is seen by a successor from what the kernel wrote, at each instant."""
    memory = Memory(0)
    master, slave = packet_terminal()
    stream = bytes(range(256)) * 3
    got = b""
    for begin in range(0, len(stream), 96):
        os.write(slave, stream[begin : begin + 96])
        size = waiting(master)
        child = os.fork()
        if child == 0:
            place = memory.expect(size)
            if die_at != "before the read":
                taken = os.readv(master, [place])
                if die_at == "after noting it":
                    memory.took(taken)
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        data = memory.recover()
        if die_at == "before the read":
            assert data == b""
            memory.took(os.readv(master, [memory.expect(size)]))
            data = memory.batch()
        assert memory.recover() == data
        got += data
        memory.settle(State(spool=len(got)))
    assert got == stream
    os.close(master)
    os.close(slave)


def test_a_status_packet_is_no_output() -> None:
    """What packet mode says besides data (here: a flush) is read and not taken for a byte of the command."""
    memory = Memory(0)
    master, slave = packet_terminal()
    termios.tcflush(slave, termios.TCIFLUSH)
    place = memory.expect(1)
    taken = os.readv(master, [place])
    assert (taken, place[0] != 0) == (1, True)
    assert memory.recover() == b""
    os.write(slave, b"x")
    memory.took(os.readv(master, [memory.expect(waiting(master))]))
    assert memory.batch() == b"x"
    os.close(master)
    os.close(slave)


@given(
    st.lists(
        st.builds(
            State,
            *(st.integers(0, 2**63) for _ in range(11)),
            held=st.binary(max_size=3000),
            carry=st.binary(max_size=CARRY),
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(deadline=None, max_examples=50)
def test_a_settled_state_is_read_back_as_it_was(states: list[State]) -> None:
    """Every number and text of a state survives, whichever of the two copies it lies in."""
    memory = Memory(100)
    for state in states:
        memory.settle(state)
        assert memory.state() == state


def test_a_request_is_begun_once_and_the_highest_epoch_counts() -> None:
    """Numbered requests are told apart by client; a lower epoch is refused."""
    memory = Memory(0)
    assert memory.begin_request(7, 1)
    assert not memory.begin_request(7, 1)
    assert memory.begin_request(8, 1)
    assert memory.last_request(7) == 0
    assert memory.raise_epoch(3)
    assert not memory.raise_epoch(2)
    assert memory.epoch == 3


def kill_pumps_while_it_runs(attempt: Attempt, enough: Path) -> int:
    """Kill pumps at random moments, a hundred at most; gives how many. `enough` is made after five of them."""
    chance = random.Random(4)
    killed = 0
    while attempt.live.state() is LiveState.RUNNING and killed < 100:
        time.sleep(chance.random() * 0.015)  # the moment of the kill is what varies
        with contextlib.suppress(AssertionError, FileNotFoundError):
            for pump in attempt.pumps():
                kill(pump)
                killed += 1
        if killed >= 5:
            enough.touch()
    return killed


@pytest.mark.parametrize("values", [(), ("4444\r\n4445", "1234567")], ids=["plain", "redacted"])
def test_killing_pumps_costs_nothing_at_all(attempts: Attempts, values: tuple[str, ...]) -> None:
    """Every one of many numbered lines is in the spool exactly once, redacted, after dozens of kills."""
    secrets = tuple(map(Secret, values))
    script = "seq 1 400000; until test -e enough; do sleep 0.02; done; sleep 0.2; printf 'end 123456'"
    attempt = attempts.bash(script, secrets=SecretInput(redact=secrets))
    killed = kill_pumps_while_it_runs(attempt, attempts.base / "enough")
    found = attempt.end()
    whole = b"".join(b"%d\r\n" % number for number in range(1, 400001)) + b"end 123456"
    expected = redact(whole, [value.encode() for value in values])
    assert attempt.output() == expected
    assert found.exit is not None
    assert (found.exit.bytes, found.exit.lost_bytes, found.exit.code) == (len(expected), 0, 0)
    assert killed >= 5
    with AttemptFolder(attempt.folder) as folder:
        spans = [span for span in folder.timing() if span.kind == "output"]
    assert sum(span.values[0] for span in spans) == len(expected)
    assert [span.at for span in spans] == sorted(span.at for span in spans)


def test_binary_output_is_kept_byte_by_byte(attempts: Attempts) -> None:
    """Every byte value, zeros and status-like bytes among them, at any place of a read."""
    block = random.Random(9).randbytes(700_001)
    (attempts.base / "block").write_bytes(block)
    attempt = attempts.bash("stty raw -echo; cat block", terminal=True)
    attempt.end()
    assert attempt.output() == block


def test_past_the_cap_it_drops_and_tells_how_much(attempts: Attempts) -> None:
    """The spool ends at the cap, the command ends as if nothing were, and the gap is noted."""
    found = attempts.bash("seq 1 200000", cap=100_000).end()
    attempt = attempts.base / "0001-01"
    whole = sum(len(str(number)) + 2 for number in range(1, 200001))
    assert found.exit is not None
    assert (found.exit.code, found.exit.bytes, found.exit.lost_bytes) == (0, 100_000, whole - 100_000)
    assert (attempt / "output").stat().st_size == 100_000
    with AttemptFolder(attempt) as folder:
        assert sum(span.values[0] for span in folder.timing() if span.kind == "gap") == whole - 100_000


@pytest.fixture
def small_disk(tmp_path: Path, root_only: None) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=False)
    if mounted.returncode != 0:
        pytest.skip("file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_on_a_full_disk_the_command_goes_on_and_its_end_is_told(small_disk: Path, attempts: Attempts) -> None:
    """Three megabytes into one: the rest is counted as lost, exit.json is whole, the exit is right."""
    attempt = attempts.bash(
        "head -c 3000000 /dev/zero | tr '\\0' x; echo end > done; exit 5", at=small_disk / "0001-01"
    )
    found = attempt.end()
    assert (attempts.base / "done").exists()
    assert found.exit is not None
    assert found.exit.code == 5
    size = (attempt.folder / "output").stat().st_size
    assert (found.exit.bytes, found.exit.lost_bytes) == (size, 3_000_000 - size)
    assert found.exit.lost_bytes > 1_900_000


def test_a_disk_without_room_for_the_start_runs_nothing(small_disk: Path, attempts: Attempts) -> None:
    """Where started.json or the claim cannot be written the command is never executed, and that is told."""
    attempt = attempts.prepare("touch", "ran", at=small_disk / "0001-01")
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    refused = ""
    try:
        attempts.commands.start(attempt.folder, SecretInput())
        attempt.end()
    except HostError as error:
        refused = str(error)
    filler.unlink()
    found = attempts.commands.find(attempt.folder)
    assert "No space left" in refused or (found.exit is not None and "started.json" in found.exit.exec_error)
    assert found.state in (FoundState.NEVER_RAN, FoundState.ENDED)
    assert not (attempts.base / "ran").exists()


def test_no_secret_touches_the_disk_even_in_pieces(attempts: Attempts) -> None:
    """A value that is printed byte by byte, with pumps dying in between, is nowhere in the folder at any time."""
    value = "s3cr3t-pa55phrase"
    attempt = attempts.bash(
        "for i in 1 2 3 4 5; do for c in s 3 c r 3 t - p a 5 5 p h r a s e; do printf $c; sleep 0.01; done; done",
        secrets=SecretInput(redact=(Secret(value),)),
    )
    while attempt.live.state() is LiveState.RUNNING:
        with contextlib.suppress(FileNotFoundError):
            for path in attempt.folder.iterdir():
                if path.is_file():
                    assert value[:4].encode() not in path.read_bytes()
            for pump in attempt.pumps():
                kill(pump)
        time.sleep(0.05)  # five pumps or so per value
    attempt.end()
    assert attempt.output() == b"******" * 5


def test_the_pump_takes_no_more_memory_for_more_output(attempts: Attempts) -> None:
    """Forty megabytes leave the pump as small as it was after one."""

    def private(pump: int) -> int:
        lines = Path(f"/proc/{pump}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))

    attempt = attempts.bash("head -c 1000000 /dev/zero; read; head -c 40000000 /dev/zero; read", terminal=True)
    until(lambda: len(attempt.output()) >= 1_000_000)
    (pump,) = attempt.pumps()
    before = private(pump)
    attempt.live.send(b"\n")
    until(lambda: attempt.live.size() >= 41_000_000, 30)
    assert private(pump) - before < 4096


def test_the_size_and_quiet_of_the_output_are_in_the_timing_file(attempts: Attempts) -> None:
    """Offsets on the boot clock tell when output came, and resizes stand between."""
    began = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    attempt = attempts.bash("echo one; read; echo two", terminal=True)
    attempt.prints(b"one")
    attempt.live.resize(50, 120)
    attempt.live.send(b"\n")
    attempt.end()
    with AttemptFolder(attempt.folder) as folder:
        spans = folder.timing()
    assert ("size", (50, 120)) in [(span.kind, span.values) for span in spans]
    assert all(began <= span.at <= time.clock_gettime_ns(time.CLOCK_BOOTTIME) for span in spans)


def test_without_room_for_spool_and_socket_the_command_still_runs(attempts: Attempts) -> None:
    """Where neither can be made, all output counts as lost and the end is told."""
    attempt = attempts.prepare("bash", "-c", "seq 1 100000; exit 9")
    for name in ("output", "timing", "sock"):
        (attempt.folder / name).mkdir()
    attempts.commands.start(attempt.folder, SecretInput())
    attempt.end()
    told = json.loads((attempt.folder / "exit.json").read_text())
    assert (told["code"], told["bytes"], told["lost_bytes"]) == (9, 0, 688_895)
    assert not (attempt.folder / "trouble").exists()


def test_a_pump_that_fails_again_and_again_is_given_up(
    attempts: Attempts, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a pump that breaks at once the leader still writes how the command ended, and where the pump broke."""
    broken = attempts.base / "supervisor"
    shutil.copytree(repository / "wizard/host/supervisor", broken, ignore=shutil.ignore_patterns("__pycache__"))
    with (broken / "pump.py").open("a") as file:
        file.write("\n\ndef broken(self):\n    raise ZeroDivisionError(self._order.redact)\n\n\nPump.run = broken\n")
    monkeypatch.setattr("wizard.host.commands.SUPERVISOR", str(broken / "__main__.py"))
    attempt = attempts.bash("exit 9", secrets=SecretInput(redact=(Secret("s3cr3t-pa55"),)))
    found = attempt.end(60)
    assert found.exit is not None
    assert (found.exit.code, found.exit.bytes) == (9, 0)
    assert (attempt.folder / "trouble").read_text().startswith("ZeroDivisionError  pump.py:")
