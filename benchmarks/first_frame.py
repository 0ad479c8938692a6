"""How soon there is something to see: the first frame of `wizard` at 80x24 beside a Textual app with one Static.

Whole processes on a pty, from their start to the moment the frame's text has arrived; interleaved, the ratio is
taken within each round. Reach: at most 1.6 of the bare app.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time

from _program import Program

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("bare frame")

Bare().run()
"""
PROGRAMS = {
    "bare Textual app": ([sys.executable, "-c", BARE], b"bare"),
    "wizard": ([sys.executable, "-m", "wizard"], b"wizard"),
}
_CONTROL = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


def first_frame(words: list[str], sign: bytes, state: str) -> float:
    """Seconds until `sign` is on the screen of a program."""
    began, seen = time.perf_counter(), b""
    with Program(words, {"WIZARD_STATE_DIR": state}) as program:
        while sign not in _CONTROL.sub(b"", seen):
            if not (data := program.read(20)):
                sys.exit(f"{words} never showed {sign!r}")
            seen += data
        return time.perf_counter() - began


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # What is installed has its bytecode; the rounds before write it.
    with tempfile.TemporaryDirectory() as state:
        for words, sign in PROGRAMS.values():
            first_frame(words, sign, state)
        seen = [{name: first_frame(*how, state) for name, how in PROGRAMS.items()} for _ in range(rounds)]
    for name in PROGRAMS:
        times = [one[name] * 1000 for one in seen]
        print(f"{name:18} median {statistics.median(times):6.0f} ms  ({min(times):.0f} to {max(times):.0f})")
    ratio = statistics.median(one["wizard"] / one["bare Textual app"] for one in seen)
    print(f"wizard / bare       {ratio:.2f}")


if __name__ == "__main__":
    main()
