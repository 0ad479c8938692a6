"""200 MB of output through the leader and the pump, against `script` writing it to a file.

Prints the median speed of each, the median of the ratios within a round (reach: 0.8), and the memory the
pump took at most, with a tenth of the output and with all of it (reach: flat).

    python benchmarks/flood.py [rounds] [megabytes]
"""

from __future__ import annotations

import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _program import private_memory

from wizard.host.commands import LocalCommands
from wizard.host.logout import Way, WayKind
from wizard.host.protocols import LiveState, SecretInput, Spec

LINE = "2031-05-04 12:00:00 INFO  migrated row 0000000042 of table accounts in 3 ms, 0 warnings, going on\n"
PATH = "/usr/local/bin:/usr/bin:/bin"


def emitter(megabytes: int) -> list[str]:
    """Give a command that prints so much text as fast as a terminal takes it."""
    times = megabytes * 1_000_000 // len(LINE) // 1000
    program = f"import os\nblock = {LINE!r}.encode() * 1000\nfor _ in range({times}):\n    os.write(1, block)\n"
    return [sys.executable, "-I", "-S", "-c", program]


def by_script(argv: list[str], folder: Path) -> float:
    """Seconds `script` takes."""
    began = time.perf_counter()
    command = f"script -q -c {shlex.quote(shlex.join(argv))} {folder / 'typescript'}"
    subprocess.run(["sh", "-c", f"{command} > /dev/null"], stdin=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def by_pump(argv: list[str], folder: Path) -> tuple[float, int]:
    """Seconds the leader and the pump take, and the most memory the pump had, in bytes."""
    commands = LocalCommands(way=lambda: Way(WayKind.PLAIN, "a benchmark"))
    attempt = folder / "attempt"
    began = time.perf_counter()
    commands.prepare(
        attempt, Spec(attempt="flood", argv=tuple(argv), folder="/", environment={"PATH": PATH}, cap=1 << 40)
    )
    commands.start(attempt, SecretInput())
    live = commands.attach(attempt, 1)
    most, looked = 0, 0.0
    while live.wait(0.5) is LiveState.RUNNING:
        if time.perf_counter() - looked > 0.1:
            looked = time.perf_counter()
            most = max(most, pump_memory(attempt))
    seconds = time.perf_counter() - began
    live.close()
    return seconds, most


def pump_memory(attempt: Path) -> int:
    """Resident bytes of the pump that belong to it alone."""
    try:
        started = json.loads((attempt / "started.json").read_text())
        leader = started["leader"]
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        pump = next(child for child in children if int(child) != started["pid"])
        return private_memory(int(pump))
    except (OSError, StopIteration, ValueError):
        return 0


def main() -> None:
    """Run the rounds, each in both ways, the first of them changing."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    argv, small = emitter(megabytes), emitter(max(1, megabytes // 10))
    peer, own, most, least = [], [], [], []
    for number in range(rounds):
        for way in (0, 1) if number % 2 else (1, 0):
            with tempfile.TemporaryDirectory() as folder:
                if way:
                    seconds, memory = by_pump(argv, Path(folder))
                    own.append(seconds)
                    most.append(memory)
                else:
                    peer.append(by_script(argv, Path(folder)))
        with tempfile.TemporaryDirectory() as folder:
            least.append(by_pump(small, Path(folder))[1])
        os.sync()
    ratios = [theirs / ours for theirs, ours in zip(peer, own, strict=True)]
    print(f"{megabytes} MB of output, {rounds} rounds")
    print(f"script            {megabytes / statistics.median(peer):8.1f} MB/s")
    print(f"leader and pump   {megabytes / statistics.median(own):8.1f} MB/s")
    print(f"speed against it  {statistics.median(ratios):8.2f}       (reach 0.8)")
    print(
        f"pump's memory     {max(least) / 2**20:8.1f} MiB at {megabytes // 10} MB, {max(most) / 2**20:.1f} MiB at all"
    )


if __name__ == "__main__":
    main()
