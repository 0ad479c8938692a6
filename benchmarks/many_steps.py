"""The walk screen while very many quick steps go by: keys, memory, and how soon the end is seen.

The whole wizard walks a loop in a terminal of 80 by 24. Two kinds of steps: `check`, which begin and end as fast as
they are journalled; and `run`, each a command that ends at once. Somebody goes to the step behind and back again at
random intervals. For each kind:

- steps a second, and how long a key took until it was seen, half, 95 of 100 and the longest (reach: 100 ms),
- private memory of the wizard for each 1,000 steps that went by,
- seconds from the last event of the run to its summary on the screen.

    python benchmarks/many_steps.py [items] [seconds] [kind…]     check run
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from _figures import percent
from _program import private_memory
from _terminal import Terminal

KINDS: Final = ("check", "run")
AWAY: Final = "Looking at another"
"""What the screen says while another step is looked at than the one the run stands at."""
SUMMARY: Final = "What can be done next"
GIVE_UP: Final = 60.0


def write_guide(place: Path, kind: str, items: int) -> None:
    """Write a guide with one loop over so many items, and its answers."""
    action: dict[str, Any] = {"check": [{"file": "/"}]} if kind == "check" else {"run": ["true"]}
    step = {"id": "one", "title": "Work on one", "for_each": {"node": "answers.nodes"}, **action}
    versions = [{"id": f"{name}_version", "label": name, "type": "version"} for name in ("current", "target")]
    nodes = {"id": "nodes", "label": "Nodes", "type": "table", "columns": [{"id": "name", "label": "Name"}]}
    guide = {
        "guide": 1,
        "id": "many",
        "product": "Many",
        "title": "Many",
        "summary": "Very many steps.",
        "versions": {"releases": ["1.0", "2.0"], "hops": [{"phases": ["work"]}]},
        "questions": [{"section": "All", "ask": [*versions, nodes]}],
        "phases": [{"id": "work", "title": "Work", "steps": [step]}],
    }
    rows = [{"name": f"node-{number:05}"} for number in range(items)]
    answers = {"answers": {"current_version": "1.0", "target_version": "2.0", "nodes": rows}}
    # JSON is YAML.
    (place / "guide.yaml").write_text(json.dumps(guide))
    (place / "answers.yaml").write_text(json.dumps(answers))


class Walk:
    """A wizard that walks, its screen, and its journal."""

    def __init__(self, place: Path, terminal: Terminal) -> None:
        """Watch the wizard in `terminal`, whose sessions are in `place`."""
        self._place = place
        self.terminal = terminal
        self._ended = 0.0
        self._read = 0
        self.steps = 0
        """Steps that have ended."""
        self.written = 0.0
        """When the journal was seen to grow last."""

    def look(self) -> None:
        """Count what the journal has got since the last look."""
        for journal in self._place.glob("sessions/*/journal.jsonl"):
            with journal.open("rb") as file:
                file.seek(self._read)
                new = file.read()
            if new:
                self._read += len(new)
                lines = new.splitlines()
                # An item of the loop ends too, and is no step.
                self.steps += sum(b'"kind":"step-done"' in line and b'/one"' in line for line in lines)
                self.written = time.monotonic()

    def rest(self, seconds: float) -> None:
        """Let it go on for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.terminal.pull(0.005)

    def begin(self) -> None:
        """Go from the questions to the walk."""
        self.terminal.wait_for("All is answered")
        self.terminal.write(b"\x07")
        self.terminal.wait_for("Nothing blocks")
        self.terminal.write(b"s")
        self.terminal.wait_for("1 Start")
        self.rest(1.0)  # A key that comes too soon to be meant for it answers nothing.
        self.terminal.write(b"\r")
        self.terminal.wait_for("Phase 1 Work")

    def over(self) -> bool:
        """Whether the summary is shown."""
        return self.terminal.shows(SUMMARY)


def measure(kind: str, items: int, seconds: float) -> None:
    """Measure one kind, and print it."""
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder:
        place = Path(folder)
        write_guide(place, kind, items)
        os.environ["WIZARD_STATE_DIR"] = str(place / "state")
        words = [sys.executable, "-m", "wizard", "run", str(place / "guide.yaml")]
        with Terminal([*words, "--answers", str(place / "answers.yaml")]) as terminal:
            walk = Walk(place / "state", terminal)
            walk.begin()
            walk.look()
            began, first = time.monotonic(), walk.steps
            memory = private_memory(terminal.pid)
            keys = press(walk, began + seconds)
            walk.look()
            took, went = time.monotonic() - began, walk.steps - first
            more = private_memory(terminal.pid) - memory
            print(f"\n{kind}: {items:,} items; {went:,} steps in {took:.0f} s, {went / took:.1f} a second")
            if keys:
                half, most = percent(keys, 50) * 1000, percent(keys, 95) * 1000
                print(f"  {len(keys)} keys: half {half:.0f} ms, 95 % {most:.0f} ms, longest {max(keys) * 1000:.0f} ms")
            print(f"  memory {memory / 1e6:.0f} MB at first, {more / 1e6 / max(1, went) * 1000:.1f} MB for 1,000 steps")
            if walk.over():
                print(f"  the summary was seen {time.monotonic() - walk.written:.2f} s after the last event")


def press(walk: Walk, until: float) -> list[float]:
    """Look away and back, at random intervals, until a time or the summary; gives how long each key took."""
    keys: list[float] = []
    terminal, away = walk.terminal, False
    while time.monotonic() < until and not walk.over():
        walk.rest(random.uniform(0.1, 0.4))
        walk.look()
        if walk.over():
            break
        away = not away
        pressed = time.monotonic()
        terminal.write(b"]" if away else b"0")
        while terminal.shows(AWAY) is not away and not walk.over():
            if time.monotonic() - pressed > GIVE_UP:
                raise TimeoutError(f"a key was not heard; shown: {terminal.lines()}")
            terminal.pull(0.002)
        keys.append(time.monotonic() - pressed)
    return keys


def main() -> None:
    """Measure all kinds."""
    given = sys.argv[1:]
    numbers = [int(word) for word in given if word.isdigit()]
    items, seconds = ([*numbers, *(2000, 60)[len(numbers) :]])[:2]
    kinds = [word for word in given if not word.isdigit()]
    if unknown := [word for word in kinds if word not in KINDS]:
        sys.exit(f"{unknown[0]!r} is no kind of step; there are {' and '.join(KINDS)}")
    for kind in kinds or KINDS:
        measure(kind, items, seconds)


if __name__ == "__main__":
    main()
