"""The real program as a user starts it: its own processes, its own state folder, and nothing of it left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pytest
import yaml

from tests.waiting import until
from wizard.overview import show_status

if TYPE_CHECKING:
    from collections.abc import Iterator


REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "wizard")


def gone(pid: int) -> bool:
    """Whether a process has ended (one that nobody has reaped yet has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def leaves(pid: int) -> None:
    """The wizard goes by itself because nobody is there any more; one that did not notice it would stay for ever."""
    until(partial(gone, pid), 15.0, lambda: f"process {pid} is still there")


@dataclass(frozen=True, slots=True)
class Ended:
    """How one call of the program ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What stdout holds, as JSON."""
        return json.loads(self.out)


class Program:
    """Calls of the program that share one state folder, home and place for temporary files."""

    def __init__(self, place: Path) -> None:
        """Keep everything below `place`, which is made."""
        self.place = place
        self.state = place / "state"
        self.home = place / "home"
        self.temporary = place / "tmp"
        for folder in (place, self.home, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)

    def environment(self, **more: str) -> dict[str, str]:
        """The whole environment a call gets."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "USER": "tester",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(REPOSITORY),
            "WIZARD_STATE_DIR": str(self.state),
            **more,
        }

    def run(self, *words: str, keys: str = "", timeout: float = 60.0, **environment: str) -> Ended:
        """Call it without any terminal and wait for its end; `keys` is its stdin."""
        done = subprocess.run(
            [*PROGRAM, *words],
            input=keys,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=self.environment(**environment),
            cwd=self.place,
            timeout=timeout,
            start_new_session=True,
            check=False,
        )
        ended = Ended(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in ended.out + ended.err, ended.err
        return ended

    def start(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start it without any terminal, out of reach of this one's signals, and go on."""
        with (self.place / "out").open("ab") as out, (self.place / "err").open("ab") as err:
            return subprocess.Popen(
                [*PROGRAM, *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=self.environment(**environment),
                cwd=self.place,
                start_new_session=True,
            )

    def spawn(self, *words: str, **environment: str) -> pexpect.spawn[str]:
        """Start it in a terminal of 80 columns and 24 lines."""
        return pexpect.spawn(
            PROGRAM[0],
            [*PROGRAM[1:], *words],
            env=self.environment(**environment),
            cwd=str(self.place),
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(24, 80),
            timeout=30,
        )

    @property
    def session(self) -> Path:
        """The folder of the newest session."""
        return max(self.sessions, key=lambda folder: folder.stat().st_ctime_ns)

    @property
    def sessions(self) -> list[Path]:
        """The folders of all sessions."""
        with contextlib.suppress(FileNotFoundError):
            return list((self.state / "sessions").iterdir())
        return []

    def status(self) -> dict[str, Any]:
        """What `wizard status` says of the newest session; asked here, because starting a program takes its time."""
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("WIZARD_STATE_DIR", str(self.state))
            found: dict[str, Any] = json.loads(show_status(None, "json"))
        return found

    def guide(self, parts: dict[str, Any], name: str = "guide") -> Path:
        """Write a guide."""
        file = self.place / name / "guide.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(parts, sort_keys=False), encoding="utf-8")
        return file

    def answers(self, **parts: Any) -> str:
        """Write an answers file; gives its path."""
        file = self.place / "answers.yaml"
        file.write_text(yaml.safe_dump(parts, sort_keys=False), encoding="utf-8")
        return str(file)

    def lines(self, name: str) -> list[str]:
        """Lines of a file that commands of a guide wrote below `place`."""
        file = self.place / name
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def processes(self) -> Iterator[int]:
        """All processes that work in `place`, or name it on their command line: ours and no other's."""
        mark = os.fsencode(self.place)
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                here = os.fsencode((entry / "cwd").readlink())
                if here == mark or here.startswith(mark + b"/") or mark in (entry / "cmdline").read_bytes():
                    yield int(entry.name)

    def end(self) -> None:
        """End every process that is left: services of the demo, supervisors and what they attend."""
        end = time.monotonic() + 10
        while (left := list(self.processes())) and time.monotonic() < end:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in left:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)

    def no_crash(self) -> None:
        """No defect of the program itself was noted down."""
        crashes = [file.read_text() for file in (self.state / "crashes").glob("*")]
        assert not crashes, crashes


@dataclass(frozen=True, slots=True)
class Stockroom:
    """The installation of the demo, looked at from outside."""

    home: Path

    @property
    def port(self) -> int:
        """Where it listens."""
        lines = (self.home / "stockroom.env").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("PORT=")).partition("=")[2])

    def health(self) -> dict[str, Any]:
        """What it answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as reply:
            found: dict[str, Any] = json.loads(reply.read())
            return found
