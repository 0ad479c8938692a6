"""Looking for secrets where they must not be: in every process's words and environment, and in every file."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence


class Lookout:
    """Reads every process's command line and environment again and again, as somebody with `ps -ef ww` would.

    Processes that were there before it are left alone: nobody could have given them a secret.
    `words` are the processes whose command line held a secret, `environments` those whose environment did.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        """Look for `secrets`."""
        self._secrets = [secret.encode() for secret in secrets]
        self._before = _processes()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.words: set[str] = set()
        self.environments: set[str] = set()
        self.supervisors: set[int] = set()
        """The leaders and pumps whose environment was read."""

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.01):
            there = _processes()
            self._before &= there
            for pid in there - self._before:
                with contextlib.suppress(OSError):
                    self._look_at(pid)

    def _look_at(self, pid: int) -> None:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        shown = words.replace(b"\0", b" ").decode("utf-8", "replace")
        if any(secret in words for secret in self._secrets):
            self.words.add(shown)
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        if Path(f"/proc/{pid}/cmdline").read_bytes() != words:
            # It became another program in between: the next look has words and environment of the same one.
            return
        if any(secret in environment for secret in self._secrets):
            self.environments.add(shown)
        if b"supervisor/__main__.py" in words:
            self.supervisors.add(pid)


def _processes() -> set[int]:
    """All processes there are."""
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208 - names alone, as fast as can be


def files_with(folder: Path, *secrets: str) -> list[str]:
    """Every file below `folder` that holds one of `secrets`, links not followed."""
    wanted = [secret.encode() for secret in secrets]
    found = []
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            data = file.read_bytes()
            found += [str(file) for secret in wanted if secret in data]
    return found
