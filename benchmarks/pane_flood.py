"""A flood through leader, pump and pane, against the same in tmux, in `script` and in a bare pty loop with a spool.

For each kind of output, medians of several interleaved rounds and medians of the ratios within a round:

- how long the command took (reach: 1.3 of the bare loop; the pane never slows it),
- when the last line was on the screen, from the command's begin (reach: 1.5 to 2.5 times sooner than attached
  tmux for lines, no later for output that moves the cursor),
- how long a key took in the pane during the flood, half and 95 of 100 (reach: 60 ms),
- bytes a second the pane sent to the terminal (reach: 90 kB).

    python benchmarks/pane_flood.py [rounds] [megabytes] [kind…]     plain coloured compose npm
"""

from __future__ import annotations

import os
import pty
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from _figures import percent
from _terminal import MARK, Terminal, emitter, pane_over, stamped

KINDS = ("plain", "coloured", "compose", "npm")


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds the command took, and until its last line was seen (0 where nobody looks)."""

    command: float
    seen: float = 0.0
    keys: tuple[float, ...] = ()
    rate: float = 0.0


def by_loop(kind: str, megabytes: int, place: Path) -> Taken:
    """A pty, and a loop that writes what it reads into a file."""
    words = emitter(kind, megabytes, place)
    pid, master = pty.fork()
    if pid == 0:
        os.execv(words[0], words)
    with (place / "spool").open("wb", buffering=0) as spool:
        while True:
            try:
                data = os.read(master, 1 << 16)
            except OSError:
                break
            if not data:
                break
            spool.write(data)
    os.waitpid(pid, 0)
    os.close(master)
    return Taken(stamped(place, "ended") - stamped(place, "begun"))


def by_script(kind: str, megabytes: int, place: Path) -> Taken:
    """`script` with a file, its own output thrown away."""
    line = f"script -q -c {shlex.quote(shlex.join(emitter(kind, megabytes, place)))} {place / 'typescript'}"
    subprocess.run(["sh", "-c", f"{line} > /dev/null"], stdin=subprocess.DEVNULL, check=True)
    return Taken(stamped(place, "ended") - stamped(place, "begun"))


def by_tmux(kind: str, megabytes: int, place: Path, *, attached: bool) -> Taken:
    """Tmux, with or without somebody who looks."""
    tmux = ["tmux", "-S", str(place / "tmux"), "-f", "/dev/null"]
    line = shlex.join(emitter(kind, megabytes, place))
    start = [*tmux, "new-session", *([] if attached else ["-d"]), "-x", "80", "-y", "24", line]
    try:
        if not attached:
            subprocess.run(start, check=True, env={**os.environ, "TERM": "xterm-256color"})
            return Taken(stamped(place, "ended") - stamped(place, "begun"))
        with Terminal(start) as terminal:
            seen = terminal.wait_for(MARK)
            return Taken(stamped(place, "ended") - stamped(place, "begun"), seen - stamped(place, "begun"))
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, stderr=subprocess.DEVNULL)


def by_pane(kind: str, megabytes: int, place: Path) -> Taken:
    """Leader, pump and pane, with somebody who presses a key now and then."""
    with pane_over(place / "0001-01", emitter(kind, megabytes, place)) as terminal:
        while not (place / "begun").exists():
            terminal.pull(0.02)
        begun, before = stamped(place, "begun"), terminal.count
        keys: list[float] = []
        pressed, pause = 0.0, time.monotonic() + random.uniform(0.05, 0.2)
        while not terminal.shows(MARK):
            now = time.monotonic()
            if now - begun > 120:
                raise TimeoutError(kind)
            if not pressed and now >= pause:
                terminal.write(b"x")
                pressed = now
            terminal.pull(0.005)
            if pressed and terminal.shows(f"keys:{len(keys) + 1}."):
                keys.append(time.monotonic() - pressed)
                pressed, pause = 0.0, time.monotonic() + random.uniform(0.02, 0.12)
        seen = time.monotonic() - begun
        rate = (terminal.count - before) / seen
        return Taken(stamped(place, "ended") - begun, seen, tuple(keys), rate)


WAYS = {
    "bare loop": by_loop,
    "script": by_script,
    "tmux detached": lambda *given: by_tmux(*given, attached=False),
    "tmux attached": lambda *given: by_tmux(*given, attached=True),
    "pane": by_pane,
}


def measure(kind: str, rounds: int, megabytes: int) -> None:
    """Measure one kind, and print it."""
    taken: dict[str, list[Taken]] = {name: [] for name in WAYS}
    for number in range(rounds):
        names = list(WAYS)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            with tempfile.TemporaryDirectory() as folder:
                taken[name].append(WAYS[name](kind, megabytes, Path(folder)))
            os.sync()
    print(f"\n{kind}: {megabytes} MB, {rounds} rounds")
    for name, runs in taken.items():
        command = statistics.median(one.command for one in runs)
        against = statistics.median(
            one.command / bare.command for one, bare in zip(runs, taken["bare loop"], strict=True)
        )
        seen = statistics.median(one.seen for one in runs)
        shown = f", last line seen after {seen:6.2f} s" if seen else ""
        print(f"  {name:14} command {command:6.2f} s, {against:5.2f} of the bare loop{shown}")
    sooner = statistics.median(
        tmux.seen / pane.seen for tmux, pane in zip(taken["tmux attached"], taken["pane"], strict=True)
    )
    keys = [key for one in taken["pane"] for key in one.keys]
    rate = statistics.median(one.rate for one in taken["pane"])
    print(f"  last line seen {sooner:.2f} times as soon as in attached tmux; {rate / 1000:.0f} kB/s to the terminal")
    if keys:
        print(f"  {len(keys)} keys: half {percent(keys, 50) * 1000:.0f} ms, 95 % {percent(keys, 95) * 1000:.0f} ms")


def main() -> None:
    """Measure all kinds."""
    given = sys.argv[1:]
    numbers = [int(word) for word in given if word.isdigit()]
    rounds, megabytes = ([*numbers, *(5, 100)[len(numbers) :]])[:2]
    for kind in [word for word in given if not word.isdigit()] or KINDS:
        measure(kind, rounds, megabytes)


if __name__ == "__main__":
    main()
