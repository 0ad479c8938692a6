"""Terminals for the benchmarks of the pane, with a screen that is read as fast as the program writes."""

from __future__ import annotations

import codecs
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from _program import COLUMNS, LINES, Answers, Program
from avt._avt import Vt

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
MARK = "THE-LAST-LINE"

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


class Terminal(Program):
    """A program in a terminal that answers, so that our driver sends pictures as it does over a real one."""

    def __init__(self, words: Sequence[str]) -> None:
        """Start it."""
        super().__init__(words)
        self._screen = Vt(COLUMNS, LINES, 0)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._answers = Answers()
        self.count = 0
        """Bytes it wrote."""

    def __exit__(self, *_: object) -> None:
        """Let it end by itself, else end it."""
        os.kill(self.pid, signal.SIGTERM)
        with contextlib.suppress(EOFError):
            self.pull(0.2)
        super().__exit__()

    def pull(self, seconds: float) -> None:
        """Take what it writes for at most so long."""
        data = self.read(seconds)
        self.count += len(data)
        self._screen.feed_str(self._decode(data))
        if answers := self._answers.to(data):
            self.write(answers)

    def lines(self) -> list[str]:
        """What is on the screen."""
        return [line.text for line in self._screen.view()]

    def shows(self, text: str) -> bool:
        """Whether `text` is on the screen."""
        return any(text in line for line in self.lines())

    def wait_for(self, text: str, seconds: float = 120.0) -> float:
        """Wait until `text` is on the screen; gives when that was."""
        until = time.monotonic() + seconds
        while not self.shows(text):
            rest = until - time.monotonic()
            if rest <= 0:
                raise TimeoutError(f"{text!r} did not come; shown: {self.lines()}")
            self.pull(min(rest, 0.05))
        return time.monotonic()


def pane_over(folder: Path, words: Sequence[str]) -> Terminal:
    """Give a pane that runs a command."""
    return Terminal([sys.executable, str(HERE / "_pane_app.py"), "run", str(folder), *words])


def pane_at(folder: Path) -> Terminal:
    """Give a pane that looks into a folder."""
    return Terminal([sys.executable, str(HERE / "_pane_app.py"), "look", str(folder)])
