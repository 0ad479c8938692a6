"""Record what a program writes to a terminal: `record.py FILE COLUMNS ROWS SECONDS KEYS PROGRAM WORD…`.

KEYS are pressed one after another, with `|` between them and escapes as in Python's strings; the program is ended
after SECONDS if it has not ended by itself.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

FIRST_KEY = 1.0
BETWEEN_KEYS = 0.35


def record(file: Path, size: tuple[int, int], seconds: float, keys: list[bytes], words: list[str]) -> None:
    """Run `words` in a terminal of so many columns and rows and write its output to `file`."""
    pid, master = pty.fork()
    if pid == 0:
        environment = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"], "HOME": "/tmp"}
        os.execvpe(words[0], words, environment)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    end = time.monotonic() + seconds
    next_key = time.monotonic() + FIRST_KEY
    with file.open("wb") as out:
        while time.monotonic() < end:
            if select.select([master], [], [], 0.05)[0]:
                try:
                    out.write(os.read(master, 65536))
                except OSError:  # the program has ended
                    break
            if keys and time.monotonic() > next_key:
                os.write(master, keys.pop(0))
                next_key = time.monotonic() + BETWEEN_KEYS
        else:
            os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    given = [key.encode().decode("unicode_escape").encode("latin-1") for key in sys.argv[5].split("|") if key]
    record(Path(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[3])), float(sys.argv[4]), given, sys.argv[6:])
