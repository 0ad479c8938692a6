"""An output made into a screen: what was printed from the beginning, what comes, and what waits for the disk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from screens.terminal.emulator import Emulator
from screens.terminal.replay import Feeder

if TYPE_CHECKING:
    from screens.output import Output

USUAL_SIZE: Final = (80, 24)
"""Columns and rows where nobody noted down what the terminal had."""


TOO_FAR: Final = 0.05
"""Seconds of work by which the screen may be behind what is printed before it is overtaken."""
LAST_PART: Final = 16 << 10
"""Bytes at the end of the output that a screen which overtakes draws: some dozen screenfuls."""
KEEPING_UP: Final = 0.01
"""Seconds at most for drawing that."""


class Replay:
    """Brings a screen to the end of an output, step by step.

    Output may come faster than it can be worked off. The screen is then overtaken by a copy of it that leaps to the
    last part of the output, and that is shown until the first has caught up: what is shown is of now, and in the end it
    is exact. What the command asks its terminal is answered by the exact screen alone.

    What waits for the disk is shown once it stands still between two looks. Where the disk then says otherwise, because
    it turned out to be a secret, the screen is made anew from what the disk says.
    """

    def __init__(self, output: Output) -> None:
        """Begin at the beginning of `output`."""
        self._output = output
        keyboard = output.keyboard
        self._unanswered: int | None = keyboard.begins_at if keyboard is not None else 0
        """Up to where what the command asks is not answered; None once that is past."""
        self._own_size: tuple[int, int] | None = None
        self._seen = (0, b"")
        self._settled = True
        self._tail_at, self._tail = 0, b""
        self._begin()

    def _begin(self) -> None:
        sizes = self._output.sizes()
        columns, rows = (sizes[0].columns, sizes[0].rows) if sizes else USUAL_SIZE
        self._sizes_known = len(sizes)
        self._tail_at, self._tail = 0, b""
        changes = [(change.offset, change.columns, change.rows) for change in sizes[1:]]
        self._exact = Emulator(columns, rows)
        self._ahead: tuple[Emulator, Feeder] | None = None
        self._feeder = Feeder(self._exact, self._read, self._exact_size, changes)
        self._speed = 0.0
        if self._own_size is not None:
            self._feeder.resize(self._output.size(), *self._own_size)

    @property
    def emulator(self) -> Emulator:
        """The screen to be shown; another one from time to time."""
        if self._ahead is None:
            self._feeder.settle()
            return self._exact
        self._ahead[1].settle()
        return self._ahead[0]

    @property
    def offset(self) -> int:
        """Bytes of the output that are on the screen, were scrolled by, or were passed over for now."""
        return self._ahead[1].offset if self._ahead is not None else self._feeder.offset

    @property
    def settled(self) -> bool:
        """Whether what waits for the disk stood still at the last look, and is shown; else another is needed."""
        return self._settled

    @property
    def missing(self) -> int:
        """Bytes that were passed over and are still to be worked off; 0 where the screen is exact."""
        return max(0, self.offset - self._feeder.offset)

    def resize(self, columns: int, rows: int) -> None:
        """Take another size from what is printed next; the command is told by somebody else."""
        self._own_size = (columns, rows)
        self._resize(self._size(), columns, rows)

    def look(self) -> None:
        """See what has changed; between two looks there should be the time in which the disk is told of."""
        self._take_sizes()
        self._settled = self._look_at_tail()

    def step(self, seconds: float) -> bool:
        """Bring the exact screen on for about so many seconds; gives whether there is more to do."""
        began, before = time.perf_counter(), self._feeder.offset
        more = self._feeder.step(seconds)
        worked = time.perf_counter() - began
        if worked > seconds / 2:
            speed = (self._feeder.offset - before) / worked
            self._speed = (self._speed * 3 + speed) / 4 if self._speed else speed
        if self._ahead is None:
            if more and self._size() - self.offset > max(2 * LAST_PART, self._speed * TOO_FAR):
                self._ahead = self._feeder.copy(self._size)
                # At once: as long as it has not leapt, the next step would catch up with it.
                self.keep_up()
        elif self._feeder.offset >= self._ahead[1].offset:
            self._ahead = None
        if self._unanswered is not None and self._feeder.offset >= self._unanswered:
            self._exact.take_replies()
            self._unanswered = None
            more = more or self._feeder.offset < self._size()
        return more

    def keep_up(self) -> None:
        """Bring what is shown to what is true now, where the exact screen is behind; a few milliseconds."""
        if self._ahead is not None:
            emulator, feeder = self._ahead
            if self._size() - feeder.offset > 2 * LAST_PART:
                feeder.leap(self._size() - LAST_PART)
            feeder.step(KEEPING_UP)
            emulator.take_replies()

    def take_answers(self) -> bytes:
        """Give what the terminal answers to what the command asked since this front end attends it."""
        answers = self._exact.take_replies()
        return answers if self._unanswered is None else b""

    def _size(self) -> int:
        return max(self._output.size(), self._tail_at + len(self._tail))

    def _exact_size(self) -> int:
        """Not past the place where answering begins, before what was asked up to there is dropped."""
        return self._size() if self._unanswered is None else min(self._size(), self._unanswered)

    def _read(self, offset: int, limit: int) -> bytes:
        data = self._output.read(offset, limit)
        if data or offset < self._tail_at:
            return data
        return self._tail[offset - self._tail_at : offset - self._tail_at + limit]

    def _look_at_tail(self) -> bool:
        """See what waits for the disk, and whether the disk agrees with what of it was shown; gives whether it stands.

        The two are not told in one moment: a tail may still be said to wait that is on the disk already. So it
        counts once both were the same twice.
        """
        seen = (self._output.size(), self._output.tail())
        settled = seen == self._seen
        self._seen = seen
        size, tail = seen
        shown = self._tail[: max(0, self.offset - self._tail_at)]
        if shown and (on_disk := self._output.read(self._tail_at, len(shown))):
            if not shown.startswith(on_disk):
                self._begin_anew()
            elif len(on_disk) == len(shown):
                shown = b""
            else:
                # Only a part of it went to the disk; the rest still waits.
                self._tail_at, self._tail = self._tail_at + len(on_disk), self._tail[len(on_disk) :]
                shown = shown[len(on_disk) :]
        if settled and self.offset >= size:
            if shown and not tail.startswith(shown):
                self._begin_anew()
            self._tail_at, self._tail = size, tail
        elif not shown:
            self._tail_at, self._tail = 0, b""
        return settled or not tail

    def _begin_anew(self) -> None:
        """Make the screen again from what the disk says; what was answered is not answered again."""
        self._unanswered = min(self._feeder.offset, self._output.size())
        self._begin()

    def _take_sizes(self) -> None:
        """Follow the size that another driver gives the command; one's own is known."""
        if self._own_size is not None:
            return
        sizes = self._output.sizes()
        for change in sizes[self._sizes_known :]:
            self._resize(change.offset, change.columns, change.rows)
        self._sizes_known = len(sizes)

    def _resize(self, offset: int, columns: int, rows: int) -> None:
        self._feeder.resize(offset, columns, rows)
        if self._ahead is not None:
            self._ahead[1].resize(offset, columns, rows)
