"""Looking for what a command left behind when nobody wrote down its end, and ending it."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.host.protocols import ProcessFacts
from wizard.host.supervisor.procfs import (
    lives,
    read_command,
    read_pid_namespace,
    read_process,
    with_environment,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.host.attempt_files import Started
    from wizard.host.supervisor.procfs import Process

SUPERVISOR: Final = str(Path(__file__).parent / "supervisor" / "__main__.py")
_CGROUPS: Final = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/systemd"))


def find_survivors(started: Started, boot_id: str) -> tuple[ProcessFacts, ...]:
    """Give the living processes of an attempt: the command itself, its scope's, and those that carry its mark.

    Pids are compared only within the boot and the pid namespace they were written in.
    """
    if started.boot != boot_id:
        return ()
    found: dict[int, ProcessFacts] = {}
    if started.pid_namespace == read_pid_namespace():
        process = read_process(started.pid)
        if process is not None and lives(started.pid, started.start):
            found[process.pid] = describe(process)
    marks = (f"WIZARD_ATTEMPT={started.attempt}", f"WIZARD_ATTEMPT_FOLDER={started.place}")
    for process in (*_in_scope(started.cgroup), *with_environment(*map(os.fsencode, marks))):
        found[process.pid] = describe(process)
    return tuple(found[pid] for pid in sorted(found))


def describe(process: Process) -> ProcessFacts:
    """Say whose process it is and what it runs."""
    user = ""
    with contextlib.suppress(OSError):
        uid = Path(f"/proc/{process.pid}").stat().st_uid
        try:
            user = pwd.getpwuid(uid).pw_name
        except KeyError:
            user = str(uid)
    return ProcessFacts(process.pid, process.started, process.name, read_command(process.pid) or process.name, user)


def end_survivors(survivors: Sequence[ProcessFacts], *, patience: float = 10.0) -> tuple[ProcessFacts, ...]:
    """Send TERM, after `patience` seconds KILL, and give those that live even then."""
    left = tuple(survivors)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in left:
            _send(process, number)
        until = time.monotonic() + patience
        late = False
        while (left := tuple(one for one in left if lives(one.pid, one.started))) and not late:
            time.sleep(0.02)
            # Taken before the look that counts: whoever ended while this machine stood still has ended.
            late = time.monotonic() >= until
        if not left:
            break
    return left


def _send(process: ProcessFacts, number: signal.Signals) -> None:
    """Signal this very process, never another that got its pid."""
    with contextlib.suppress(ProcessLookupError):
        try:
            handle = os.pidfd_open(process.pid)
        except OSError:
            if lives(process.pid, process.started):
                os.kill(process.pid, number)
            return
        try:
            if lives(process.pid, process.started):
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def _in_scope(cgroup: str) -> Iterator[Process]:
    """Give the living processes of a scope but for its leader and pump."""
    if not cgroup.endswith(".scope"):
        return
    for root in _CGROUPS:
        try:
            pids = (root / cgroup.lstrip("/") / "cgroup.procs").read_text(encoding="ascii").split()
        except OSError:
            continue
        for pid in pids:
            process = read_process(int(pid))
            if process is not None and process.state not in "ZX" and SUPERVISOR not in read_command(int(pid)):
                yield process
        return
