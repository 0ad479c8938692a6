"""What a terminal pane shows: the output of one attempt, and the typing where this front end drives it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.attending import Attending
    from wizard.run.output_reading import AttemptOutput, SizeChange

LOOK_EVERY: Final = 0.1
"""Seconds between two looks into the folder of a command that somebody else drives."""


class Keyboard(Protocol):
    """The driver's way into a command; nothing here waits."""

    @property
    def begins_at(self) -> int:
        """Offset in the spool from which on this front end answers for the command's terminal."""

    @property
    def takes_typing(self) -> bool:
        """Whether the command reads what is typed; one that does not has a terminal to write to all the same."""

    def send(self, data: bytes) -> None:
        """Type into the command."""

    def resize(self, rows: int, columns: int) -> None:
        """Give the command's terminal another size."""

    def input_hidden(self) -> bool | None:
        """Whether what is typed is hidden; None where that is not known."""


class Output(Protocol):
    """The output of one attempt, while it runs or long after; may be used from any thread."""

    @property
    def keyboard(self) -> Keyboard | None:
        """The way into the command; None for whoever only looks on, and once the command has ended."""

    def read(self, offset: int, limit: int = ...) -> bytes:
        """Give at most `limit` bytes from `offset` of the spool, from disk and redacted."""

    def size(self) -> int:
        """Give the bytes in the spool."""

    def tail(self) -> bytes:
        """Give redacted output that waits for the disk; it follows the spool, and the spool may differ in the end."""

    def sizes(self) -> Sequence[SizeChange]:
        """Give the sizes its terminal had, oldest first; empty where they are not known."""

    def running(self) -> bool:
        """Whether more may come."""

    def gone(self) -> bool:
        """Whether what it printed was there, and is not any more."""

    def wait(self, seen: int, seconds: float) -> int:
        """Wait until there is news after `seen`, or the time is over; gives what is `seen` then.

        The only method that may take time. Begin with 0.
        """


class FolderOutput:
    """The output of an attempt that is only looked at: another front end drives it, or it has ended."""

    keyboard = None

    def __init__(self, attempt: AttemptOutput) -> None:
        """Show what is in `attempt`'s folder."""
        self._attempt = attempt
        self.read = attempt.read
        self.size = attempt.size
        self.sizes = attempt.sizes
        self.running = attempt.running

    def tail(self) -> bytes:
        """Give nothing: what is not on the disk yet is known to the driver alone."""
        return b""

    def gone(self) -> bool:
        """Whether its folder was taken away."""
        return not self._attempt.running() and self._attempt.gone

    def wait(self, seen: int, seconds: float) -> int:
        """Look into the folder ten times a second; the bytes in the spool are what is seen."""
        until = time.monotonic() + seconds
        while (size := self._attempt.size()) == seen and self._attempt.running():
            rest = until - time.monotonic()
            if rest <= 0:
                break
            time.sleep(min(LOOK_EVERY, rest))
        return size


class AttendedOutput:
    """The output of a command that this front end attends; when that is over, what is in its folder."""

    def __init__(self, attending: Attending, attempt: AttemptOutput) -> None:
        """Type by `attending`, read from `attempt`, which are the same command."""
        self._attending = attending
        self._attempt = attempt
        self.read = attempt.read
        self.size = attempt.size
        self.sizes = attempt.sizes
        self.begins_at = attending.begun_with
        self.send = attending.send
        self.resize = attending.resize

    @property
    def takes_typing(self) -> bool:
        """Whether the step asked for a terminal."""
        return self._attending.watching.terminal

    @property
    def keyboard(self) -> Keyboard | None:
        """This itself, while the command runs."""
        return self if self._attending.running else None

    def tail(self) -> bytes:
        """Give redacted output that waits for the disk; when it has ended, all of it is there.

        While nobody holds the command, as when it is asked what to do about one that seems stuck, what waited stands
        for as long as the disk has got no more.
        """
        attending = self._attending
        stands = attending.held or self.size() == attending.size
        return attending.tail if attending.running and stands else b""

    def running(self) -> bool:
        """Whether more may come; of a command that nobody holds the folder knows."""
        return self._attending.running and (self._attending.held or self._attempt.running())

    def gone(self) -> bool:
        """Whether its folder was taken away since it ended."""
        return not self.running() and not self._attempt.running() and self._attempt.gone

    def wait(self, seen: int, seconds: float) -> int:
        """Wait for the one who holds the command, and look into the folder while nobody does."""
        until = time.monotonic() + seconds
        size, running = self._attempt.size(), self.running()
        while (rest := until - time.monotonic()) > 0:
            held = self._attending.held
            if (now := self._attending.wait_changed(seen, rest if held else min(LOOK_EVERY, rest))) != seen:
                return now
            if not held and (self._attempt.size(), self.running()) != (size, running):
                return self._attending.changed()
        return seen

    def input_hidden(self) -> bool | None:
        """Whether typing was hidden when the output last went quiet."""
        return self._attending.hidden
