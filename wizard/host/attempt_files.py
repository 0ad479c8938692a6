"""What stands in an attempt's folder, read defensively: the leader may have died at any of its lines."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from wizard.host.durable import open_file, open_folder, read_file
from wizard.host.protocols import Exit, ProcessFacts

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

RAN = b"run"
VOID = b"void"


@dataclass(frozen=True, slots=True)
class Started:
    """What `started.json` says of a command behind its gate; `start` in clock ticks, times in seconds."""

    pid: int
    start: int
    boot: str
    pid_namespace: str
    way: str
    scope: str
    cgroup: str
    attempt: str
    place: str
    leader: int
    leader_start: int
    terminal: str
    time: float
    boottime: float


@dataclass(frozen=True, slots=True)
class Span:
    """A line of the timing file: what happened (`output`, `gap`, `size`) at which nanosecond of the boot clock."""

    at: int
    kind: str
    values: tuple[int, ...]


class AttemptFolder:
    """An attempt's folder, opened once; every method raises OSError where the folder cannot be read."""

    def __init__(self, path: Path) -> None:
        """Open the folder at `path`."""
        self.path = path
        self.descriptor = open_folder(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self.descriptor)

    def claim(self) -> bytes | None:
        """What the claim says; None where there is none."""
        data = self._read("claim")
        return None if data is None else data.strip()

    def holder(self) -> bytes | None:
        """The pid of the leader that took the lock last, as text."""
        return self._read("alive")

    def held(self) -> bool:
        """Whether a leader lives."""
        try:
            file = open_file(self.descriptor, "alive")
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    def has_exit(self) -> bool:
        """Whether the end is written down."""
        try:
            os.stat("exit.json", dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def last_change(self) -> float:
        """When output came last, else when the attempt was made; seconds since 1970."""
        try:
            return os.stat("output", dir_fd=self.descriptor, follow_symlinks=False).st_mtime
        except FileNotFoundError:
            return os.fstat(self.descriptor).st_mtime

    def spool_size(self) -> int:
        """Bytes in the spool, 0 where there is none."""
        try:
            return os.stat("output", dir_fd=self.descriptor, follow_symlinks=False).st_size
        except FileNotFoundError:
            return 0

    def started(self) -> Started | None:
        """What the leader wrote before it opened the gate; None where it came not so far."""
        told = self._json("started.json")
        return None if told is None else Started(**told)

    def exit(self) -> Exit | None:
        """How the command ended; None where that was not written."""
        told = self._json("exit.json")
        if told is None:
            return None
        return Exit(
            code=told["code"],
            signal=told["signal"],
            exec_error=told["exec_error"],
            bytes=told["bytes"],
            lost_bytes=told["lost_bytes"],
            seconds=told["seconds"],
            left_running=tuple(
                ProcessFacts(pid=pid, started=started, name=name, command=command)
                for pid, started, name, command in told["left_running"]
            ),
            stopped_by=told["stopped_by"],
            seen=tuple(told["seen"]),
        )

    def timing(self) -> tuple[Span, ...]:
        """The timing file, without a last line that is not whole."""
        lines = (self._read("timing") or b"").split(b"\n")[:-1]
        return tuple(Span(at, kind, tuple(values)) for at, kind, *values in map(json.loads, lines))

    def _json(self, name: str) -> dict[str, Any] | None:
        data = self._read(name)
        if data is None:
            return None
        told: dict[str, Any] = json.loads(data)
        return told

    def _read(self, name: str) -> bytes | None:
        try:
            return read_file(self.descriptor, name)
        except FileNotFoundError:
            return None
