"""Looking on while another process drives: what happens, is told and is printed, from the folder alone."""

from __future__ import annotations

import time
from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, Final

from wizard.host.clock import SystemClock, utc_text
from wizard.plain.clean import clean
from wizard.plain.output_lines import OutputLines
from wizard.plain.render import event_lines
from wizard.plain.style import Style
from wizard.plain.waiting import WaitLines
from wizard.plan.steps import iter_steps
from wizard.run.journal import JournalReader
from wizard.run.journal_words import journal_words
from wizard.run.operator import Pausing
from wizard.run.records import Record
from wizard.run.telling import ToldReader
from wizard.run.untold import UntoldWatch, lost_end
from wizard.run.waits_now import WaitWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wizard.plan.model import Plan
    from wizard.run.chain import Break, Entry
    from wizard.run.driver import Driving
    from wizard.run.session_view import ToldSeen

LOOK_EVERY: Final = 0.1
"""Seconds between two looks into the folder."""

_STYLE: Final = Style(width=71)
"""What is told fits into 80 columns behind its time; lines may go into a file, so there is no colour."""


class SpoolFile:
    """The output of one attempt, read from disk."""

    def __init__(self, path: Path) -> None:
        """Read `path`, which may not be there yet."""
        self._path = path

    def read(self, offset: int, limit: int = 1 << 16) -> bytes:
        """Give at most `limit` bytes from `offset`."""
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            return b""


class Watch:
    """Follows one session and writes what happens, line by line."""

    def __init__(self, folder: Path, plan: Callable[[], Plan | None], write: Callable[[list[str]], None]) -> None:
        """Follow the session in `folder`; `plan` reads the frozen plan where there is one."""
        self._folder = folder
        self._plan = plan
        self._write = write
        self._names: dict[str, str] = {}
        self._has_grown = False
        """Whether a loop was unrolled or a round begun since the names were read."""
        self._output: tuple[OutputLines, SpoolFile] | None = None
        self._told: deque[ToldSeen] = deque()
        """What was told and stands behind an event that was not read yet."""
        self._clock = SystemClock()
        self._waits = WaitWatch(folder, self._clock)
        self._wait_lines = WaitLines()
        self._untold = UntoldWatch(folder)
        self._damage = ""

    def follow(self, driving: Callable[[], Driving | None]) -> None:
        """Write what there is and what comes, until nobody drives and all was said."""
        with JournalReader(self._folder) as reader, closing(ToldReader(self._folder)) as told:
            while True:
                driven, begun = driving(), self._untold.begun()
                reading = reader.read()
                self._told.extend(told.poll())
                for entry in reading.entries:
                    self._untold.told(entry)
                    self._tell(before=entry.seq)
                    self._take(entry)
                self._tell(before=reading.position.seq + 1)
                self._tell_damage(reading.broken or lost_end(self._untold.untold(begun), reading.position.line))
                more = self._drain()
                self._tell_wait(driven)
                if driven is None and not more and not reading.entries:
                    return
                time.sleep(LOOK_EVERY)

    def _tell_damage(self, broken: Sequence[Break]) -> None:
        """Say where the journal is damaged, once."""
        damage, before = "; ".join(map(str, broken)), self._damage
        self._damage = damage
        if damage and damage != before:
            self._write([f"The journal is damaged: {damage}"])

    def _tell_wait(self, driven: Driving | None) -> None:
        """Say what the driver waits for, as often as the driver is told in plain lines."""
        self._waits.poll()
        waits = self._waits.seen(driven.epoch if driven is not None else None)
        if waits is None:
            self._wait_lines = WaitLines()
            return
        waited = max(0.0, self._clock.boottime() - waits.since)
        pausing = Pausing(waits.title, waits.seen, waited, waits.usually, waits.at_most)
        if lines := self._wait_lines.lines(pausing, _STYLE):
            at = utc_text(self._clock.now())[11:19]
            self._write([f"{at} {line}" for line in lines])

    def _drain(self) -> bool:
        if self._output is None:
            return False
        lines, spool = self._output
        more = False
        while lines.take(spool):
            more = True
        return more

    def _tell(self, *, before: int) -> None:
        """Write what was told before the event with that number."""
        while self._told and self._told[0].after < before:
            told = self._told.popleft()
            self._drain()
            self._write([f"{told.at[11:19]} {line}" for line in event_lines(told.event, _STYLE) if line.strip()])

    def _take(self, entry: Entry) -> None:
        self._has_grown |= entry.kind in (Record.LOOP_UNROLLED, Record.ROUND_BEGAN)
        if entry.kind == Record.ATTEMPT_ENDED and self._output is not None:
            self._drain()
            self._output[0].end()
            self._output = None
        words = (clean(line).replace("\n", " ") for line in journal_words(entry, self._name))
        self._write([f"{entry.at[11:19]} {line}" for line in words])
        if entry.kind == Record.ATTEMPT_INTENDED:
            spool = self._folder / "attempts" / entry.data["attempt"] / "output"
            self._output = (OutputLines(f"{'':9}| ", self._write), SpoolFile(spool))

    def _name(self, key: str) -> str:
        """Code and title of a step, or its address where it is beside the plan."""
        if (not self._names or (self._has_grown and key not in self._names)) and (plan := self._plan()) is not None:
            self._has_grown = False
            self._names = {step.key: f"{step.code} {step.title}" for step in iter_steps(plan)}
        if key.startswith("undo/"):
            undone, _, step = key.removeprefix("undo/").rpartition("/")
            return f"undo of {self._names.get(undone, undone)} ({step})"
        return self._names.get(key, key)
