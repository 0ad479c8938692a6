"""Bytes a full screen sends to its terminal at 80x24: first frame, at rest, and under a flood.

Runs any command line in a pty and answers as a terminal does. The first frame is all bytes until nothing has come
for a while; then a key may start a flood. Without a command line a small app is measured, on our driver and on
Textual's own; at rest also with an input focused.

Reach: first frame 30 kB, 0 bytes a second at rest, 90 kB a second under a flood.

    python benchmarks/terminal_bytes.py [--flood-key KEY] [--keys KEYS] [--seconds N] [COMMAND...]
"""

from __future__ import annotations

import argparse
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
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
APP = [sys.executable, "-m", "tests.screens.driver.small_app"]
COLUMNS, LINES = 80, 24
QUESTION = re.compile(rb"\x1b\[5n|\x1b\[\?(\d+)\$p")
FIRST, REST, FLOOD = 30_000, 0, 90_000


@dataclass(frozen=True, slots=True)
class Taken:
    """Bytes of the first frame, and bytes a second at rest and under a flood (None where none was asked for)."""

    first: int
    rest: float
    flood: float | None

    def missed(self) -> bool:
        """Whether one of the marks was not reached."""
        return self.first > FIRST or self.rest > REST or (self.flood or 0) > FLOOD


class Program:
    """A program in a pty, with a terminal that counts and answers."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execvpe(words[0], words, {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment})
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def bytes_in(self, seconds: float) -> int:
        """Count for so long."""
        count, end = 0, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                break
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                sys.exit("the program ended")
            count += len(data)
            for found in QUESTION.finditer(data):
                mode = found[1]
                os.write(self._master, b"\x1b[?%s;%d$y" % (mode, 2 if mode == b"2026" else 0) if mode else b"\x1b[0n")
        return count

    def bytes_until_quiet(self, seconds: float) -> int:
        """Count until nothing has come for so long."""
        count = 0
        while not count:
            count = self.bytes_in(0.2)
        while more := self.bytes_in(seconds):
            count += more
        return count


def measure(words: list[str], environment: dict[str, str], *, keys: str, flood_key: str, seconds: float) -> Taken:
    """Run a command line and count."""
    with Program(words, environment) as program:
        first = program.bytes_until_quiet(1.0)
        if keys:
            program.press(keys)
            program.bytes_until_quiet(1.0)
        rest = program.bytes_in(seconds) / seconds
        if not flood_key:
            return Taken(first, rest, None)
        program.press(flood_key)
        program.bytes_in(1.0)
        return Taken(first, rest, program.bytes_in(seconds) / seconds)


def told(name: str, taken: Taken) -> None:
    """Print a line of the table."""
    flood = "" if taken.flood is None else f"   flood {taken.flood / 1000:6.1f} kB/s"
    print(f"{name:24} first frame {taken.first / 1000:5.1f} kB   at rest {taken.rest:6.1f} B/s{flood}")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--flood-key", default="", help="typed to start a flood")
    parser.add_argument("--keys", default="", help="typed before the rest is measured, to get to another screen")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    runs: dict[str, tuple[list[str], dict[str, str], str, str]]
    if asked.command:
        runs = {asked.command[0]: (asked.command, {}, asked.keys, asked.flood_key)}
    else:
        runs = {
            "Textual's own": (APP, {"WIZARD_PLAIN_DRIVER": "1"}, "", "f"),
            "ours": (APP, {"WIZARD_PLAIN_DRIVER": ""}, "", "f"),
            "ours, input focused": ([*APP, "input"], {"WIZARD_PLAIN_DRIVER": ""}, "", ""),
        }
    missed = []
    for name, (words, environment, keys, flood_key) in runs.items():
        taken = measure(words, environment, keys=keys, flood_key=flood_key, seconds=asked.seconds)
        told(name, taken)
        if taken.missed() and environment.get("WIZARD_PLAIN_DRIVER") != "1":
            missed.append(name)
    print(f"reach: first frame {FIRST / 1000:.0f} kB, at rest {REST} B/s, flood {FLOOD / 1000:.0f} kB/s")
    if missed:
        sys.exit(f"not reached: {', '.join(missed)}")


if __name__ == "__main__":
    main()
