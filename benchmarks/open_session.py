"""Opening a session of 100,000 events and 1 GB of spool: found, its journal verified and folded, its lock taken.

Each round starts fresh interpreters, interleaved: ours for reading (`status`) and for driving (`resume`), and as
peers a plain loop of `json.loads` over the same lines, which verifies nothing, and `sha256sum` of the file.
Reach: both of ours under 1 s. The files are in the page cache, as they are just after a crash of the wizard.

    python benchmarks/open_session.py [rounds] [events] [megabytes]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.guide.loader import load_guide
from wizard.host.clock import SystemClock
from wizard.run.chain import NO_LINE, Entry, form_line, hash_line
from wizard.run.records import Record
from wizard.run.store import SessionStore

if TYPE_CHECKING:
    from wizard.run.session import Session

GUIDE = Path(__file__).parents[1] / "guides" / "demo" / "guide.yaml"
STEPS = 500
"""Steps of the plan; each is begun again and again, as in a walk whose waits and retries make so many events."""
SPOOLS = 20

READING = """
import sys, time
began = time.perf_counter()
from pathlib import Path
from wizard.run.driver import driving
from wizard.run.journal import read_journal
from wizard.run.folding import fold
from wizard.run.store import SessionStore
session = SessionStore(Path(sys.argv[1])).open()
reading = read_journal(session.folder)
assert not reading.broken and len(reading.entries) >= int(sys.argv[2])
fold(reading.entries)
assert driving(session) is None
print(time.perf_counter() - began)
"""

DRIVING = """
import sys, time
began = time.perf_counter()
from pathlib import Path
from wizard.host.clock import SystemClock
from wizard.host.identity import who_am_i
from wizard.run.driver import Driver
from wizard.run.folding import fold
from wizard.run.store import SessionStore
session = SessionStore(Path(sys.argv[1])).open()
with Driver.take(session, who_am_i(SystemClock()), SystemClock()) as driver:
    fold(driver.journal.entries)
    print(time.perf_counter() - began)
"""

PLAIN_LOOP = """
import sys, time
began = time.perf_counter()
import json
with open(sys.argv[3], "rb") as file:
    lines = [json.loads(line) for line in file]
assert len(lines) >= int(sys.argv[2])
print(time.perf_counter() - began)
"""


def event(number: int) -> tuple[str, dict[str, Any]]:
    """One of the events of a long walk, five to a step."""
    start, part = divmod(number, 5)
    again, step = divmod(start, STEPS)
    key, attempt = f"1/update/step-{step}", f"{step + 1:04d}-{again + 1:02d}"
    shown = "docker compose --file /opt/product/docker-compose.yml up --detach --wait"
    exit_data: dict[str, Any] = {
        "code": 0,
        "signal": None,
        "bytes": 48_213,
        "lost_bytes": 0,
        "seconds": 12.5,
        "left_running": [],
    }
    intended = {"key": key, "attempt": attempt, "shown": shown, "baseline": False, "spec_sha256": "a" * 64}
    events: tuple[tuple[str, dict[str, Any]], ...] = (
        (Record.STEP_BEGAN.value, {"key": key, "names": "b" * 64}),
        (Record.ATTEMPT_INTENDED.value, intended),
        (Record.ATTEMPT_ENDED.value, {"key": key, "attempt": attempt, "exit": exit_data}),
        (Record.CAPTURED.value, {"key": key, "values": {f"rows_{step % 50}": str(number)}}),
        (Record.STEP_DONE.value, {"key": key, "how": "ran", "seconds": 12.5}),
    )
    return events[part]


def fill(session: Session, events: int, megabytes: int) -> None:
    """Write the journal and the spools of a long walk."""
    clock = SystemClock()
    prev = NO_LINE
    with (session.folder / "journal.jsonl").open("ab") as file:
        for number in range(events):
            kind, data = event(number)
            entry = Entry(number + 1, "2026-03-01T22:04:05.123Z", clock.boot(), 1000.0 + number, kind, data, 0)
            line = form_line(entry, prev)
            prev = hash_line(line[:-1])
            file.write(line)
    for number in range(SPOOLS):
        folder = session.attempts / f"{number + 1:04d}-01"
        folder.mkdir(mode=0o700)
        with (folder / "output").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, megabytes * 1_000_000 // SPOOLS)


def seconds_of(program: str, *words: str) -> float:
    """What a program, run in a fresh interpreter, says it took from its first line on."""
    done = subprocess.run([sys.executable, "-c", program, *words], check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def sha256sum(file: str) -> float:
    """Seconds of a whole `sha256sum`."""
    began = time.perf_counter()
    subprocess.run(["sha256sum", file], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Make the session, run the rounds, print a table."""
    rounds, events, megabytes = (
        int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in ((1, 7), (2, 100_000), (3, 1000))
    )
    with tempfile.TemporaryDirectory(dir=Path.home()) as state:
        session = SessionStore(Path(state)).create(load_guide(GUIDE), clock=SystemClock(), environ=os.environ)
        fill(session, events, megabytes)
        journal = str(session.folder / "journal.jsonl")
        words = (state, str(events), journal)
        print(f"{events} events, {Path(journal).stat().st_size / 1e6:.0f} MB of journal, {megabytes} MB of spool")
        times: dict[str, list[float]] = {"reading": [], "driving": [], "json.loads, a line": [], "sha256sum": []}
        for _ in range(rounds):
            times["reading"].append(seconds_of(READING, *words))
            times["json.loads, a line"].append(seconds_of(PLAIN_LOOP, *words))
            times["driving"].append(seconds_of(DRIVING, *words))
            times["sha256sum"].append(sha256sum(journal))
    for name, found in times.items():
        print(f"{name:20} median {statistics.median(found):.2f} s  ({min(found):.2f} to {max(found):.2f})")
    for name in ("reading", "driving"):
        ratios = [ours / peer for ours, peer in zip(times[name], times["json.loads, a line"], strict=True)]
        print(f"{name} / json.loads    {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
