"""Real attempts for tests: begun in a folder of the test's own, and all of them ended when it is over."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.waiting import until
from wizard.host.commands import LocalCommands
from wizard.host.logout import Way, WayKind
from wizard.host.protocols import Found, LiveState, SecretInput, Spec
from wizard.host.supervisor.procfs import all_pids, lives, read_command, read_process
from wizard.host.survivors import SUPERVISOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.host.live import FolderLive

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def plain() -> Way:
    """The way that needs nothing of the machine."""
    return Way(WayKind.PLAIN, "a test")


class Attempt:
    """One attempt and what a test wants to know of it."""

    def __init__(self, commands: LocalCommands, folder: Path) -> None:
        self.commands = commands
        self.folder = folder
        self._live: FolderLive | None = None
        self._lives: list[FolderLive] = []

    @property
    def live(self) -> FolderLive:
        """Held by a driver of epoch 1."""
        if self._live is None:
            self._live = self.attach(1)
        return self._live

    def attach(self, epoch: int) -> FolderLive:
        """Hold it by a driver of `epoch`, to the end of the test at most."""
        self._lives.append(self.commands.attach(self.folder, epoch))
        return self._lives[-1]

    def started(self) -> dict[str, Any]:
        """What `started.json` says, waited for."""
        told: dict[str, Any] = json.loads(until(lambda: self._text("started.json")))
        return told

    def leader(self) -> int:
        """The leader's pid, waited for."""
        return int(until(lambda: self._text("alive")))

    def pumps(self) -> list[int]:
        """The pids of the pumps that live now: the leader's children that run the supervisor, but for the command."""
        command = self.started()["pid"]
        return [pid for pid in children(self.leader()) if pid != command and SUPERVISOR in read_command(pid)]

    def end(self, seconds: float = 30.0) -> Found:
        """Wait until it runs no more, and say what became of it."""
        end = time.monotonic() + seconds
        while self.live.wait(1.0) is LiveState.RUNNING:
            assert time.monotonic() < end, f"still running: {self.output()[-500:]!r}"
        return self.commands.find(self.folder)

    def output(self) -> bytes:
        """The spool."""
        path = self.folder / "output"
        return path.read_bytes() if path.exists() else b""

    def prints(self, text: bytes, seconds: float = 30.0) -> None:
        """Wait until the spool holds `text`; the drivers that hold it listen meanwhile, as drivers do."""

        def look() -> bool:
            for live in self._lives:
                live.tail()
            return text in self.output()

        until(look, seconds)

    def close(self) -> None:
        """Let go of it, and end whatever is left of it."""
        for live in self._lives:
            live.close()
        leader = int(self._text("alive") or 0)
        if leader and SUPERVISOR in read_command(leader):
            for pid in (leader, *children(leader)):
                kill(pid)
        mark = os.fsencode(f"WIZARD_ATTEMPT_FOLDER={self.folder.resolve()}")
        for pid in all_pids():
            with contextlib.suppress(OSError):
                if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    kill(pid)
        with contextlib.suppress(ValueError):  # a test may have damaged it
            told = json.loads(self._text("started.json") or "{}")
            if told and lives(told["pid"], told["start"]):
                kill(told["pid"])

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


class Attempts:
    """The attempts of one test."""

    def __init__(self, base: Path, commands: LocalCommands | None = None) -> None:
        self.base = base
        self.commands = commands or LocalCommands(way=plain)
        self._made: list[Attempt] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for attempt in self._made:
            attempt.close()

    def prepare(self, *argv: str, at: Path | None = None, **more: Any) -> Attempt:
        """Make an attempt's folder, at a path of its own where one is named."""
        made = at or self.base / f"{len(self._made) + 1:04}-01"
        given: dict[str, Any] = {"folder": str(self.base), "environment": {"PATH": PATH}, "cap": 1 << 40, **more}
        self.commands.prepare(made, Spec(attempt=made.name, argv=argv, **given))
        attempt = Attempt(self.commands, made)
        self._made.append(attempt)
        return attempt

    def begin(self, *argv: str, secrets: SecretInput | None = None, **more: Any) -> Attempt:
        """Start a command."""
        attempt = self.prepare(*argv, **more)
        self.commands.start(attempt.folder, secrets or SecretInput())
        return attempt

    def bash(self, script: str, **more: Any) -> Attempt:
        """Start a script."""
        return self.begin("bash", "-c", script, **more)


def attempts_in(base: Path) -> Iterator[Attempts]:
    """Give attempts below `base`, and end them afterwards; the body of a fixture."""
    with Attempts(base) as made:
        yield made


def children(pid: int) -> list[int]:
    """The living children of a process."""
    found = []
    for one in all_pids():
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_bytes().rpartition(b")")[2].split()
            if int(fields[1]) == pid and fields[0] not in (b"Z", b"X"):
                found.append(one)
    return found


def kill(pid: int) -> None:
    """KILL a process, where it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def living(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    process = read_process(pid)
    return process is not None and process.state not in "ZX"
