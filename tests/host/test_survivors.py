"""Telling processes apart: pids that were used again, zombies, marks, scopes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.waiting import until
from wizard.host import survivors
from wizard.host.attempt_files import Started
from wizard.host.protocols import ProcessFacts
from wizard.host.supervisor.procfs import lives, read_boot_id, read_command, read_pid_namespace, read_process
from wizard.host.survivors import end_survivors, find_survivors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that carries the mark of an attempt."""
    environment = {"WIZARD_ATTEMPT": "0001-01", "WIZARD_ATTEMPT_FOLDER": "/s/0001-01"}
    with subprocess.Popen(["/bin/sleep", "300"], env=environment) as process:
        yield process
        process.kill()


def told(pid: int) -> Started:
    """What started.json says of a process of another mark."""
    process = read_process(pid)
    assert process is not None
    return Started(
        pid=pid, start=process.started, boot=read_boot_id(), pid_namespace=read_pid_namespace(), way="plain", scope="",
        cgroup="", attempt="0009-01", place="/s/0009-01", leader=1, leader_start=1, terminal="", time=0.0, boottime=0.0,
    )  # fmt: skip


def pids(found: tuple[ProcessFacts, ...]) -> list[int]:
    """Who was found."""
    return [process.pid for process in found]


def test_a_pid_counts_with_its_start_boot_and_namespace(sleeper: subprocess.Popen[bytes]) -> None:
    """Each of the three that differs makes it somebody else."""
    right = told(sleeper.pid)
    boot = read_boot_id()
    assert pids(find_survivors(right, boot)) == [sleeper.pid]
    assert find_survivors(replace(right, start=right.start + 1), boot) == ()
    assert find_survivors(replace(right, boot="another"), boot) == ()
    assert find_survivors(replace(right, pid_namespace="pid:[1]"), boot) == ()


def test_a_zombie_is_no_survivor() -> None:
    """A process that ended and was not collected does nothing any more."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    until(lambda: (process := read_process(child)) is not None and process.state == "Z")
    assert find_survivors(told(child), read_boot_id()) == ()
    os.waitpid(child, 0)
    assert read_process(child) is None


def test_a_mark_counts_whole(sleeper: subprocess.Popen[bytes]) -> None:
    """Attempt and folder must both be right; a beginning of a name is another attempt."""
    other = replace(told(os.getpid()), pid=2**22 - 1)
    boot = read_boot_id()
    until(lambda: read_command(sleeper.pid) == "/bin/sleep 300")
    assert pids(find_survivors(replace(other, attempt="0001-01", place="/s/0001-01"), boot)) == [sleeper.pid]
    assert find_survivors(replace(other, attempt="0001-0", place="/s/0001-01"), boot) == ()
    assert find_survivors(replace(other, attempt="0001-01", place="/s/0001"), boot) == ()


def test_a_scopes_processes_count_but_for_its_leader_and_pump(
    sleeper: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """cgroup.procs is read where the scope lies; a group that is no scope is not searched."""
    monkeypatch.setattr(survivors, "_CGROUPS", (tmp_path / "none", tmp_path))
    supervisor = ["/bin/sh", "-c", "sleep 300; :", survivors.SUPERVISOR]
    with subprocess.Popen(supervisor, start_new_session=True) as own, ending(own):
        until(lambda: survivors.SUPERVISOR in read_command(own.pid))
        for folder in ("system.slice/wizard-1.scope", "system.slice/ssh.service"):
            (tmp_path / folder).mkdir(parents=True)
            (tmp_path / folder / "cgroup.procs").write_text(f"{sleeper.pid}\n{own.pid}\n{2**22 - 1}\n")
        other = replace(told(os.getpid()), pid=2**22 - 1)
        boot = read_boot_id()
        assert pids(find_survivors(replace(other, cgroup="/system.slice/wizard-1.scope"), boot)) == [sleeper.pid]
        assert find_survivors(replace(other, cgroup="/system.slice/ssh.service"), boot) == ()
        assert find_survivors(replace(other, cgroup="/system.slice/gone.scope"), boot) == ()


@contextlib.contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a process with its group, whatever happens."""
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)


def test_a_name_with_spaces_and_parentheses_is_read(tmp_path: Path) -> None:
    """/proc/PID/stat holds the name as it is."""
    program = tmp_path / "a) S 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "300"], start_new_session=True) as process, ending(process):
        until(lambda: (seen := read_process(process.pid)) is not None and seen.name == "a) S 1 (b")
        seen = read_process(process.pid)
        assert seen is not None
        assert (seen.state in "SR", seen.session) == (True, process.pid)
        assert lives(process.pid, seen.started)


def test_ending_gives_what_still_lives(sleeper: subprocess.Popen[bytes]) -> None:
    """A process that ended, or another one with its pid, is nothing to wait for."""
    process = read_process(sleeper.pid)
    assert process is not None
    wrong = ProcessFacts(sleeper.pid, process.started - 1, "sleep", "sleep")
    assert end_survivors([wrong], patience=0.1) == ()
    assert sleeper.poll() is None
    right = replace(wrong, started=process.started)
    assert end_survivors([right], patience=5) == ()
    assert sleeper.wait() == -signal.SIGTERM
