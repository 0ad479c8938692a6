"""How soon there is something to see: the first frame of `wizard` at 80x24 beside a Textual app with one Static.

Whole processes on a pty, from their start to the moment the frame's text has arrived; interleaved, the ratio is
taken within each round. Reach: at most 1.6 of the bare app.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("bare frame")

Bare().run()
"""
REPOSITORY = Path(__file__).resolve().parents[1]
PROGRAMS = {
    "bare Textual app": ([sys.executable, "-c", BARE], b"bare"),
    "wizard": ([sys.executable, "-m", "wizard"], b"wizard"),
}
SIZE = struct.pack("HHHH", 24, 80, 0, 0)
_CONTROL = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


def first_frame(words: list[str], sign: bytes, state: str) -> float:
    """Seconds until `sign` is on the screen of a program."""
    began = time.perf_counter()
    pid, master = pty.fork()
    if pid == 0:
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "WIZARD_STATE_DIR": state,
            "PYTHONPATH": str(REPOSITORY),
        }
        os.execve(words[0], words, environment)
    fcntl.ioctl(master, termios.TIOCSWINSZ, SIZE)
    seen = b""
    try:
        while sign not in _CONTROL.sub(b"", seen):
            ready, _, _ = select.select([master], [], [], 20)
            if not ready:
                message = f"{words} never showed {sign!r}"
                raise SystemExit(message)
            seen += os.read(master, 65536)
        return time.perf_counter() - began
    finally:
        os.kill(pid, signal.SIGKILL)
        os.close(master)
        os.waitpid(pid, 0)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
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
