"""Real sessions in a folder of the test's own, and second processes that drive them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import yaml

from tests.fakes.guides import LEAST
from wizard.guide.loader import LoadedGuide, load_guide
from wizard.host.clock import Clock, SystemClock
from wizard.host.identity import Who, who_am_i
from wizard.run.store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.run.session import Session

PROGRAM = Path(__file__).with_name("drive_program.py")


def guide_on_disk(folder: Path) -> LoadedGuide:
    """Write a small guide with a script beside it, and load it."""
    folder.mkdir(parents=True)
    step = {"id": "only", "title": "Only", "run": {"script": "scripts/deep/work.sh"}, "rerun": "safe"}
    parts = {
        **LEAST,
        "phases": [{"id": "only", "title": "Only", "steps": [step]}],
        "questions": [
            {
                "section": "Versions",
                "ask": [
                    {"id": name, "label": name, "type": "version", "why": "The path."}
                    for name in ("current_version", "target_version")
                ],
            }
        ],
    }
    (folder / "guide.yaml").write_text(yaml.safe_dump(parts), encoding="utf-8")
    script = folder / "scripts" / "deep" / "work.sh"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\necho worked\n", encoding="utf-8")
    script.chmod(0o755)
    return load_guide(folder / "guide.yaml")


def make_session(folder: Path, clock: Clock | None = None, *, name: str = "") -> Session:
    """Make a session below `folder / "state"` for the small guide."""
    guide = folder / "guide"
    loaded = load_guide(guide / "guide.yaml") if guide.exists() else guide_on_disk(guide)
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "OTHER": "not kept"}
    store = SessionStore(folder / "state")
    return store.create(loaded, clock=clock or SystemClock(), environ=environ, name=name, pass_env=("API_URL",))


def me(clock: Clock | None = None, **changes: object) -> Who:
    """This process, as a driver."""
    return replace(who_am_i(clock or SystemClock(), {}), **changes)  # type: ignore[arg-type]


class Other:
    """A second process that drives a session; `say` and `hear` are lines of its stdin and stdout."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Use `driving_process()`."""
        self.process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin: IO[str] = process.stdin
        self._stdout: IO[str] = process.stdout

    @property
    def pid(self) -> int:
        """Its pid."""
        return self.process.pid

    def say(self, line: str) -> None:
        """Tell it something."""
        self._stdin.write(line + "\n")
        self._stdin.flush()

    def hear(self) -> str:
        """Wait for its next line; empty at its end."""
        return self._stdout.readline().rstrip("\n")

    def kill(self) -> None:
        """KILL it and wait for its end."""
        self.process.kill()
        self.process.wait(20)


@contextmanager
def driving_process(mode: str, session: Session, *words: str) -> Iterator[Other]:
    """Run `drive_program.py` over a session until the block ends."""
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), mode, str(session.folder), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    other = Other(process)
    try:
        yield other
    finally:
        other.kill()
        other._stdin.close()
        other._stdout.close()
