"""Bytes a full screen sends to its terminal at 80x24: first frame, at rest, and under a flood.

Runs any command line in a pty and answers as a terminal does. The first frame is all bytes until nothing has come
for a while; then a key may start a flood. Without a command line a small app is measured, on our driver and on
Textual's own; at rest also with an input focused.

Reach: first frame 30 kB, 0 bytes a second at rest, 90 kB a second under a flood.

    python benchmarks/terminal_bytes.py [--flood-key KEY] [--keys KEYS] [--seconds N] [COMMAND...]
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

from _program import Answers, Program

APP = [sys.executable, "-m", "tests.screens.driver.small_app"]
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


class Counted(Program):
    """A program in a terminal that counts and answers."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        """Start it."""
        super().__init__(words, environment)
        self._answers = Answers()

    def bytes_in(self, seconds: float) -> int:
        """Count for so long."""
        count, end = 0, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            data = self.read(left)
            count += len(data)
            if answers := self._answers.to(data):
                self.write(answers)
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
    with Counted(words, environment) as program:
        first = program.bytes_until_quiet(1.0)
        if keys:
            program.write(keys.encode())
            program.bytes_until_quiet(1.0)
        rest = program.bytes_in(seconds) / seconds
        if not flood_key:
            return Taken(first, rest, None)
        program.write(flood_key.encode())
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
