"""Terminals for the benchmarks of the pane: a program in a pty of 80 by 24 that is read as fast as it writes."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from avt._avt import Vt

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
COLUMNS, LINES = 80, 24
MARK = "THE-LAST-LINE"

_QUESTION = re.compile(rb"\x1b\[5n|\x1b\[\?(\d+)\$p")
_BEGUN = re.compile(rb"(?:\x1b(?:\[(?:5|\?[0-9]*\$?)?)?)?$")

_EMITTER = """
import os, sys, time
kind, megabytes, place = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def stamp(name):
    with open(os.path.join(place, name + '.new'), 'w') as file:
        file.write(repr(time.monotonic()))
    os.rename(os.path.join(place, name + '.new'), os.path.join(place, name))
plain = ''.join('2031-05-04 12:00:%02d INFO  migrated row %010d of table accounts in %d ms, 0 warnings, going on\\n'
                % (number % 60, number * 7919, number % 9) for number in range(1000))
colour = ''.join('\\x1b[90m2031-05-04 12:00:%02d\\x1b[0m \\x1b[32mINFO \\x1b[0m migrated row \\x1b[1m%010d\\x1b[0m of '
                 'table \\x1b[36maccounts\\x1b[0m in \\x1b[33m%d ms\\x1b[0m, going on\\n'
                 % (number % 60, number * 7919, number % 9) for number in range(700))
compose = ''.join('\\x1b[%dA\\x1b[2K\\r \\x1b[33m\\u283f\\x1b[0m svc-%02d Pulling [%s>%s] %3d.%dMB/120MB\\x1b[%dB\\r'
                  % (12 - row, row, '=' * (step % 40), ' ' * (40 - step % 40), step % 120, step % 10, 12 - row)
                  for step in range(60) for row in range(12))
npm = ''.join('\\r\\x1b[K\\x1b[1m%s\\x1b[0m reify:package-%d: timing reifyNode:node_modules/thing Completed in %dms'
              % ('|/-\\\\'[step % 4], step, step * 7) for step in range(500))
block = {'plain': plain, 'coloured': colour, 'compose': compose, 'npm': npm}[kind].encode()
times = max(1, megabytes * 1000000 // len(block))
time.sleep(0.7)
stamp('begun')
os.write(1, b'\\n' * 12)
for _ in range(times):
    rest = block
    while rest:
        rest = rest[os.write(1, rest):]
os.write(1, b'\\r\\n\\x1b[0mTHE-LAST-' + b'LINE\\r\\n')
stamp('ended')
time.sleep(3)
"""


def emitter(kind: str, megabytes: int, place: Path) -> list[str]:
    """Give a command that prints so much of a kind, and stamps begin and end into `place`."""
    return [sys.executable, "-I", "-S", "-c", _EMITTER, kind, str(megabytes), str(place)]


def stamped(place: Path, name: str, seconds: float = 120.0) -> float:
    """Give what the command stamped, waited for."""
    until = time.monotonic() + seconds
    path = place / name
    while not path.exists():
        if time.monotonic() > until:
            raise TimeoutError(name)
        time.sleep(0.002)
    return float(path.read_text())


class Terminal:
    """A program in a terminal; to be entered, so that it ends.

    It answers what terminals are asked, so that our driver sends pictures as it does over a real one.
    """

    def __init__(self, words: Sequence[str]) -> None:
        """Start it."""
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "", "PYTHONPATH": str(HERE.parent)}
        environment.pop("TMUX", None)
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], list(words), environment)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._screen = Vt(COLUMNS, LINES, 0)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._asked = b""
        self.count = 0
        """Bytes it wrote."""

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
            self.pull(0.2)
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def pull(self, seconds: float) -> bool:
        """Take what it writes for at most so long; False where there was nothing."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.count += len(data)
        self._screen.feed_str(self._decode(data))
        self._asked += data
        for found in _QUESTION.finditer(self._asked):
            mode = found[1]
            answer = b"\x1b[?%s;%d$y" % (mode, 2 if mode == b"2026" else 0) if mode else b"\x1b[0n"
            os.write(self._master, answer)
        self._asked = _BEGUN.search(_QUESTION.sub(b"", self._asked))[0]  # type: ignore[index]
        return bool(data)

    def shows(self, text: str) -> bool:
        """Whether `text` is on the screen."""
        return any(text in line.text for line in self._screen.view())

    def wait_for(self, text: str, seconds: float = 120.0) -> float:
        """Wait until `text` is on the screen; gives when that was."""
        until = time.monotonic() + seconds
        while not self.shows(text):
            rest = until - time.monotonic()
            if rest <= 0:
                raise TimeoutError(f"{text!r} did not come; shown: {[line.text for line in self._screen.view()]}")
            self.pull(min(rest, 0.05))
        return time.monotonic()


def pane_over(folder: Path, words: Sequence[str]) -> Terminal:
    """Give a pane that runs a command."""
    return Terminal([sys.executable, str(HERE / "pane_app.py"), "run", str(folder), *words])


def pane_at(folder: Path) -> Terminal:
    """Give a pane that looks into a folder."""
    return Terminal([sys.executable, str(HERE / "pane_app.py"), "look", str(folder)])


def private_memory(pid: int) -> int:
    """Resident bytes of a process that belong to it alone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("Private_Dirty", "Private_Clean")))
