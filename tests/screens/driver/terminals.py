"""A terminal on the other side of a pty: it shows what it gets and answers what it is asked, if it is made to."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.screens.driver.referees import Avt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QUESTIONS = re.compile(rb"\x1b\[5n|\x1b\[\?(\d+)\$p")
ROOT = Path(__file__).resolve().parents[3]


class FakeTerminal:
    """Runs a program in a pty, and is its terminal while `run_until` or `run_for` is called.

    Attributes:
        received: All bytes of the program so far.
        answers: What is answered: `status` (DSR), `mode` (DECRQM).
        late: Seconds after which an answer is given.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        answers: Sequence[str] = ("status", "mode"),
        late: float = 0.0,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.received = b""
        self.answers = set(answers)
        self.late = late
        self.screen = Avt(*size)
        self._size = size
        self._due: list[tuple[float, bytes]] = []
        self._status: int | None = None
        self._rest = b""
        environment = {
            **os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **(environment or {}),
        }  # fmt: skip
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], list(words), environment)
        self.resize(*size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is None and not self.ended():
            os.kill(self.pid, signal.SIGCONT)
            os.kill(self.pid, signal.SIGKILL)
            self._status = os.waitpid(self.pid, 0)[1]
        os.close(self.master)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size; the program in front is told by the kernel."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        if (width, height) != self._size:
            self.screen.resize(width, height)
            self._size = width, height

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def read(self, seconds: float) -> bool:
        """Read once, waiting so long at most; answer what is due. False once the program is gone."""
        now = time.monotonic()
        for when, answer in [one for one in self._due if one[0] <= now]:
            self._due.remove((when, answer))
            os.write(self.master, answer)
        if self._due:
            seconds = min(seconds, max(0.0, min(self._due)[0] - now))
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.received += data
        self._ask(self._rest + data)
        self.screen.feed(self._whole(data))
        return True

    def _whole(self, data: bytes) -> str:
        """Decode, keeping an unfinished character for the next time."""
        data = self._rest + data
        text = data.decode(errors="ignore")
        self._rest = data[len(text.encode()) :] if not data.endswith(text[-1:].encode() or b" ") else b""
        return text

    def _ask(self, data: bytes) -> None:
        for found in QUESTIONS.finditer(data):
            mode = found[1]
            if mode and "mode" in self.answers:
                self._due.append((time.monotonic() + self.late, b"\x1b[?%s;%d$y" % (mode, 2 if mode == b"2026" else 0)))
            elif not mode and "status" in self.answers:
                self._due.append((time.monotonic() + self.late, b"\x1b[0n"))

    def run_for(self, seconds: float) -> int:
        """Be a terminal for so long; give the bytes received meanwhile."""
        before, end = len(self.received), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.read(left):
            pass
        return len(self.received) - before

    def run_until_quiet(self, seconds: float) -> None:
        """Be a terminal until nothing has come for so long."""
        while self.run_for(seconds):
            pass

    def run_until(self, true: Callable[[], bool], seconds: float = 30.0) -> float:
        """Be a terminal until something is true, and give the seconds it took; fail after a time."""
        began = time.monotonic()
        while not true():
            left = began + seconds - time.monotonic()
            assert left > 0, f"still not after {seconds} s; the screen:\n{self.text()}"
            assert self.read(min(left, 0.05)), f"the program ended; the screen:\n{self.text()}"
        return time.monotonic() - began

    def run_until_silent(self, seconds: float = 1.35, within: float = 45.0) -> None:
        """Be a terminal until not a byte has come for so long: what blinks or polls more often is noticed."""
        end = time.monotonic() + within
        while sent := self.run_for(seconds):
            assert time.monotonic() < end, f"still {sent} bytes in {seconds} s"

    @property
    def pictures(self) -> int:
        """How many pictures came whole from a program that was answered: each ends with a question."""
        return self.received.count(b"\x1b[5n")

    def text(self) -> str:
        """The words on the screen."""
        return "\n".join("".join(str(cell[0]) for cell in line) for line in self.screen.seen())

    def shows(self, words: str) -> Callable[[], bool]:
        """A question for `run_until`."""
        return lambda: words in self.text()

    def ended(self) -> bool:
        """Whether the program has ended."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self._status = status
        return bool(pid)
