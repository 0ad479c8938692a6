"""The pane over spools of any size: memory, and how soon it is at the end, at the start and at what is looked for.

Prints the memory that belongs to the process alone after 1 MB, after 1 GB and after one line of 100 MB, each after
the same moves (reach: the same within 10 MB), the seconds to the first screen, to the end, to the start and to the
next match of a text, and the next line that tells of an error, with 1 GB in between (reach: 1 s), and how long keys
took during searches that find nothing (reach: 0.06 s). Searches share the processor with whatever else runs on the
machine, so its load is printed too.

    python benchmarks/pane_spool.py [megabytes] [rounds]
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from _figures import percent
from _program import private_memory
from _terminal import Terminal, pane_at

PLAIN = b"2031-05-04 12:00:%02d INFO  migrated row of table accounts in 3 ms, 0 warnings, going on\r\n"
COLOURED = (
    b"2031-05-04 12:00:%02d \x1b[32mINFO\x1b[0m  migrated \x1b[1mrow\x1b[0m of table accounts in 3 ms, going on\r\n"
)
SEARCHES = 10
"""Searches during which keys are pressed."""


def spool(folder: Path, line: bytes, megabytes: int) -> None:
    """Write an attempt that has ended; only its first and its last lines hold a needle and tell of an error."""
    folder.mkdir()
    block = b"".join(line % (number % 60) for number in range(10_000))
    with (folder / "output").open("wb") as file:
        file.write(b"the-first-line\r\na needle\r\nfatal: a failure\r\n")
        for _ in range(max(1, megabytes * 1_000_000 // len(block))):
            file.write(block)
        file.write(b"a needle\r\nfatal: a failure\r\nthe-last-line\r\n")
    (folder / "exit.json").write_text("{}")


def one_line(folder: Path, megabytes: int) -> None:
    """Write an attempt whose output is one line."""
    folder.mkdir()
    with (folder / "output").open("wb") as file:
        file.write(b"the-first-line\r\n")
        for _ in range(megabytes):
            file.write(b"0123456789" * 100_000)
        file.write(b"the-last-line")
    (folder / "exit.json").write_text("{}")


def pressed(terminal: Terminal, keys: bytes, text: str) -> float:
    """Press keys; seconds until `text` is there."""
    began = time.monotonic()
    terminal.write(keys)
    return terminal.wait_for(text) - began


def look_for(terminal: Terminal, words: bytes, text: str) -> float:
    """Search for words; seconds from enter until `text` is there."""
    terminal.write(b"/")
    terminal.wait_for("search:")
    return pressed(terminal, words + b"\r", text)


def memory(folder: Path) -> float:
    """MiB of a pane after it showed the end, the start, and the end again, and searched all of it."""
    with pane_at(folder) as terminal:
        terminal.wait_for("the-last-line")
        for _ in range(3):
            pressed(terminal, b"g", "the-first-line")
            terminal.write(b"      \x1b[6~\x1b[6~")
            pressed(terminal, b"\x1b[F", "the-last-line")
        look_for(terminal, b"neverthere", "not found")
        return private_memory(terminal.pid) / 2**20


def times(folder: Path) -> dict[str, float]:
    """Seconds of each move."""
    keys: list[float] = []
    with pane_at(folder) as terminal:
        began = time.monotonic()
        taken = {"last screen": terminal.wait_for("the-last-line") - began}
        taken["start"] = pressed(terminal, b"g", "the-first-line")
        taken["end"] = pressed(terminal, b"\x1b[F", "the-last-line")
        look_for(terminal, b"needle", "n N: next, before")
        taken["text, backwards"] = pressed(terminal, b"N", "the-first-line")
        taken["text, forwards"] = pressed(terminal, b"n", "the-last-line")
        pressed(terminal, b"e", "e E: next, before")
        taken["line with an error, backwards"] = pressed(terminal, b"E", "the-first-line")
        taken["line with an error, forwards"] = pressed(terminal, b"e", "the-last-line")
        pressed(terminal, b"\x1b[F", "the-last-line")
        taken["text that is not there"] = look_for(terminal, b"neverthere", "not found")
        for _ in range(SEARCHES):
            keys += keys_meanwhile(terminal, len(keys))
        taken["a key during a search, 95 %"] = percent(keys, 95)
        taken["a key during a search, at most"] = max(keys)
        return taken


def keys_meanwhile(terminal: Terminal, count: int) -> list[float]:
    """Search for what is not there; seconds until each key showed that was pressed meanwhile, after `count` others."""
    taken: list[float] = []
    terminal.write(b"/")
    terminal.wait_for("search:")
    terminal.write(b"neverthere\r")
    while not (terminal.shows("looking for") or terminal.shows("not found")):
        terminal.pull(0.01)
    while True:
        until = time.monotonic() + random.uniform(0.02, 0.1)
        while (rest := until - time.monotonic()) > 0:
            terminal.pull(rest)
        if terminal.shows("not found"):
            return taken
        taken.append(pressed(terminal, b"x", f"keys:{count + len(taken) + 1}."))


def main() -> None:
    """Write the spools, one after the other, and measure."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        spool(base / "small", PLAIN, 1)
        one_line(base / "line", max(1, megabytes // 10))
        print(f"memory: {statistics.median(memory(base / 'small') for _ in range(rounds)):6.1f} MiB after 1 MB")
        print(f"        {statistics.median(memory(base / 'line') for _ in range(rounds)):6.1f} MiB after one line")
        for kind, line in (("plain", PLAIN), ("coloured", COLOURED)):
            spool(base / "large", line, megabytes)
            used = statistics.median(memory(base / "large") for _ in range(rounds))
            print(f"        {used:6.1f} MiB after {megabytes} MB, {kind}")
            runs = [times(base / "large") for _ in range(rounds)]
            for what in runs[0]:
                print(f"  {what:34} {statistics.median(run[what] for run in runs):6.2f} s")
            print(f"  {'load of the machine':34} {os.getloadavg()[0]:6.2f}")
            for path in sorted((base / "large").iterdir()):
                path.unlink()
            (base / "large").rmdir()


if __name__ == "__main__":
    main()
