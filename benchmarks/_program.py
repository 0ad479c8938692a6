"""A program in a pty of 80 by 24, what a terminal answers to it, and the memory it takes: shared by the benchmarks."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, LINES = 80, 24

_QUESTION = re.compile(rb"\x1b\[5n|\x1b\[\?(\d+)\$p")
_BEGUN = re.compile(rb"(?:\x1b(?:\[(?:5|\?[0-9]*\$?)?)?)?\Z")


class Program:
    """A program in a terminal of 256 colours that was never heard of before; to be entered, so that it ends."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start it, with `environment` besides what it would have anyway."""
        whole = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            **(environment or {}),
        }
        whole.pop("TMUX", None)
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            os.execvpe(words[0], list(words), whole)

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)

    def write(self, data: bytes) -> None:
        """Press keys, or answer."""
        os.write(self._master, data)

    def read(self, seconds: float) -> bytes:
        """Give what it writes, empty where nothing comes within so long; EOFError once it has ended."""
        if not select.select([self._master], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self._master, 1 << 20)
        except OSError:
            raise EOFError("the program ended") from None


class Answers:
    """What a terminal with synchronised output says to what it is asked, also where a question comes in pieces."""

    def __init__(self) -> None:
        """Begin before the first byte."""
        self._begun = b""

    def to(self, data: bytes) -> bytes:
        """Give the answers to all questions that are whole with `data`."""
        asked, end = self._begun + data, 0
        answers = []
        for found in _QUESTION.finditer(asked):
            end = found.end()
            mode = found[1]
            answers.append(b"\x1b[?%s;%d$y" % (mode, 2 if mode == b"2026" else 0) if mode else b"\x1b[0n")
        begun = _BEGUN.search(asked, end)
        self._begun = begun[0] if begun is not None else b""
        return b"".join(answers)


def private_memory(pid: int) -> int:
    """Resident bytes of a process that belong to it alone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("Private_Dirty", "Private_Clean")))
