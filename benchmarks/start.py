"""A one-line command from prepare to a verdict, against a plain Popen of it (reach: under 100 ms more).

python benchmarks/start.py [rounds]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wizard.host.commands import LocalCommands
from wizard.host.logout import Way, WayKind
from wizard.host.protocols import FoundState, LiveState, SecretInput, Spec

ARGV = ("/bin/sh", "-c", "echo done")


def by_popen() -> float:
    """Seconds a plain Popen takes to its end."""
    began = time.perf_counter()
    subprocess.run(ARGV, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.perf_counter() - began


def by_supervisor(commands: LocalCommands, folder: Path) -> float:
    """Seconds until the end is known from the disk."""
    began = time.perf_counter()
    commands.prepare(folder, Spec(attempt=folder.name, argv=ARGV, folder="/"))
    commands.start(folder, SecretInput())
    live = commands.attach(folder, 1)
    while live.wait(1.0) is LiveState.RUNNING:
        pass
    live.close()
    if commands.find(folder).state is not FoundState.ENDED:
        sys.exit("the command did not end")
    return time.perf_counter() - began


def main() -> None:
    """Run the rounds, each in both ways, the first of them changing."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    commands = LocalCommands(way=lambda: Way(WayKind.PLAIN, "a benchmark"))
    plain, own = [], []
    with tempfile.TemporaryDirectory() as base:
        for number in range(rounds):
            for way in (0, 1) if number % 2 else (1, 0):
                if way:
                    own.append(by_supervisor(commands, Path(base, f"{number:04}-01")))
                else:
                    plain.append(by_popen())
    more = [ours - theirs for ours, theirs in zip(own, plain, strict=True)]
    print(f"one-line command, {rounds} rounds, medians")
    print(f"plain Popen       {statistics.median(plain) * 1000:8.1f} ms")
    print(f"with supervisor   {statistics.median(own) * 1000:8.1f} ms")
    print(f"more              {statistics.median(more) * 1000:8.1f} ms    (reach 100)")


if __name__ == "__main__":
    main()
