"""What /proc says of processes, so that a pid of today is never taken for one of yesterday."""

# ruff: noqa: PTH115, PTH123, PTH208 -- pathlib takes longer to import than all else here
from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Process(NamedTuple):
    """One process: `started` is its start in clock ticks since boot, `state` the kernel's letter."""

    pid: int
    started: int
    state: str
    session: int
    name: str


def read_boot_id() -> str:
    """Give the id the kernel took at this boot."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def read_pid_namespace() -> str:
    """Give the name of the pid namespace this process lives in; pids of another one mean nothing here."""
    return os.readlink("/proc/self/ns/pid")


def read_process(pid: int) -> Process | None:
    """Look at a process; None where there is none (any more)."""
    text = _read(pid, "stat")
    # The name stands in parentheses and may hold any character, so the fields count from the last one.
    head, _, rest = text.rpartition(b")")
    fields = rest.split()
    if len(fields) < 20:
        return None
    name = head.partition(b"(")[2].decode("utf-8", "replace")
    return Process(pid, int(fields[19]), fields[0].decode(), int(fields[3]), name)


def lives(pid: int, started: int) -> bool:
    """Say whether the very process `pid` that began at `started` still runs; a zombie does not."""
    process = read_process(pid)
    return process is not None and process.started == started and process.state not in "ZX"


def all_pids() -> Iterator[int]:
    """Give the pids that can be seen."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            yield int(name)


def read_command(pid: int) -> str:
    """Give the command line of a process, or nothing where it cannot be seen."""
    return _read(pid, "cmdline").rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")


def with_environment(*wanted: bytes) -> Iterator[Process]:
    """Give the living processes that hold every `NAME=value` of `wanted` in their environment, but for this one."""
    mine = os.getpid()
    for pid in all_pids():
        if pid != mine and set(wanted) <= set(_read(pid, "environ").split(b"\0")):
            process = read_process(pid)
            if process is not None and process.state not in "ZX":
                yield process


def in_session(session: int) -> Iterator[Process]:
    """Give the living processes of a session, but for its leader."""
    for pid in all_pids():
        process = read_process(pid)
        if process is not None and process.session == session != pid and process.state not in "ZX":
            yield process


def with_open(path: str) -> Iterator[Process]:
    """Give the living processes that have `path` open, but for this one, as far as they can be looked into."""
    mine = os.getpid()
    for pid in all_pids():
        if pid == mine:
            continue
        try:
            held = {os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")}
        except OSError:
            continue
        process = read_process(pid) if path in held else None
        if process is not None and process.state not in "ZX":
            yield process


def _read(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:  # it ended, or belongs to somebody else
        return b""
