"""The pane over spools of any size: memory, and how soon it is at the end, at the start and at what is looked for.

Prints the memory that belongs to the process alone after 1 MB, after 1 GB and after one line of 100 MB, each after
the same moves (reach: the same within 10 MB), the seconds to the first screen, to the end, to the start and to the
first result of searches over 1 GB (reach: 1 s), and how long keys took during a search that finds nothing.

    python benchmarks/pane_spool.py [megabytes] [rounds]
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pane_terminals import Terminal, pane_at, private_memory

PLAIN = b"2031-05-04 12:00:%02d INFO  migrated row of table accounts in 3 ms, 0 warnings, going on\r\n"
COLOURED = (
    b"2031-05-04 12:00:%02d \x1b[32mINFO\x1b[0m  migrated \x1b[1mrow\x1b[0m of table accounts in 3 ms, going on\r\n"
)


def spool(folder: Path, line: bytes, megabytes: int) -> None:
    """Write an attempt that has ended; only its first lines hold `first-needle` and an error, its last `last-line`."""
    folder.mkdir()
    block = b"".join(line % (number % 60) for number in range(10_000))
    with (folder / "output").open("wb") as file:
        file.write(b"the-first-line\r\nfirst-needle\r\nfatal: the-first-failure\r\n")
        for _ in range(max(1, megabytes * 1_000_000 // len(block))):
            file.write(block)
        file.write(b"the-last-line\r\n")
    (folder / "exit.json").write_text("{}")


def one_line(folder: Path, megabytes: int) -> None:
    """Write an attempt whose output is one line."""
    folder.mkdir()
    with (folder / "output").open("wb") as file:
        file.write(b"the-first-line\r\nfirst-needle\r\n")
        for _ in range(megabytes):
            file.write(b"0123456789" * 100_000)
        file.write(b"the-last-line")
    (folder / "exit.json").write_text("{}")


def pressed(terminal: Terminal, keys: bytes, text: str) -> float:
    """Press keys; seconds until `text` is there."""
    began = time.monotonic()
    terminal.press(keys)
    return terminal.wait_for(text) - began


def memory(folder: Path) -> float:
    """MiB of a pane after it showed the end, the start, and the end again."""
    with pane_at(folder) as terminal:
        terminal.wait_for("the-last-line")
        for _ in range(3):
            pressed(terminal, b"g", "the-first-line")
            terminal.press(b"      \x1b[6~\x1b[6~")
            pressed(terminal, b"\x1b[F", "the-last-line")
        return private_memory(terminal.pid) / 2**20


def times(folder: Path) -> dict[str, float]:
    """Seconds of each move."""
    with pane_at(folder) as terminal:
        began = time.monotonic()
        taken = {"last screen": terminal.wait_for("the-last-line") - began}
        taken["start"] = pressed(terminal, b"g", "the-first-line")
        taken["end"] = pressed(terminal, b"\x1b[F", "the-last-line")
        terminal.press(b"/")
        terminal.wait_for("search:")
        taken["search, from the end to the start"] = pressed(terminal, b"first-needle\r", "the-first-line")
        pressed(terminal, b"\x1b[F", "the-last-line")
        taken["error, from the end to the start"] = pressed(terminal, b"e", "first-needle")
        pressed(terminal, b"\x1b[F", "the-last-line")
        terminal.press(b"/")
        terminal.wait_for("search:")
        began = time.monotonic()
        terminal.press(b"neverthere\r")
        terminal.wait_for("looking for", 20)
        keys: list[float] = []
        while not terminal.shows("not found"):
            at = time.monotonic()
            terminal.press(b"x")
            while not (terminal.shows(f"keys:{len(keys) + 1}.") or terminal.shows("not found")):
                terminal.pull(0.005)
            keys.append(time.monotonic() - at)
            until = time.monotonic() + random.uniform(0.02, 0.1)
            while (rest := until - time.monotonic()) > 0:
                terminal.pull(rest)
        taken["search, nothing found"] = time.monotonic() - began
        taken["a key meanwhile, at most"] = max(keys, default=0.0)
        return taken


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
            for path in sorted((base / "large").iterdir()):
                path.unlink()
            (base / "large").rmdir()


if __name__ == "__main__":
    main()
