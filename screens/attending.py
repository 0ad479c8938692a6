"""A running command between two threads: the engine's holds it, the screen types into it and looks at it."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError
from wizard.run.operator import LiveState

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.run.operator import Watching, Wish

ASK_HIDDEN_AFTER: Final = 0.15
"""Seconds without output after which it is asked whether typing is hidden: prompts come last."""

ASK_HIDDEN_AGAIN: Final = 1.0
"""Seconds after which that is asked again: some commands switch it after their prompt, and an answer may be late."""

STALLED_EVERY: Final = 1.0
"""Seconds between two looks whether the command seems stuck."""
LOOK_AGAIN: Final = 0.01
"""Seconds between two looks at a command as long as it wakes nobody up: it has only begun."""
TAIL_STANDS_AFTER: Final = 0.5
"""Seconds without news after which what waits for the disk is what it is."""


class Attending:
    """One attempt that is attended; only `run` touches the command, everything else may be called from any thread."""

    def __init__(self, watching: Watching) -> None:
        """Attend what `watching` holds."""
        self.watching = watching
        self.attempt = watching.live.attempt
        self.tail = b""
        """Redacted output that waits for the disk, for the screen only."""
        self.size = 0
        """Bytes in the spool."""
        self.hidden: bool | None = None
        """Whether typing is hidden; None where it is not known."""
        self.running = True
        self.held = True
        """Whether the engine holds it just now; while it does not (it went on beside the walk), its folder tells."""
        self.began = time.monotonic()
        """When this front end began to attend it."""
        self.begun_with = watching.live.size()
        """Bytes in the spool when this front end came: what was asked before is not answered by it."""
        self.notice = watching.notice
        """Why the engine looks again: a stall, a timeout; empty at first."""
        self.ending = ""
        """How it ended, in words, once that is known."""
        self._stood_since = time.monotonic()
        """Since when `size` and `tail` are what they are."""
        self._asked_with = -1
        """`size` when it was last asked whether typing is hidden."""
        self._asked_at = 0.0
        self._wanted: deque[Callable[[], None]] = deque()
        self._wish: Wish | None = None
        self._changed = threading.Condition()
        self._changes = 0
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._closed = False

    # -- the screen's side -----------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Type into the command; nothing of it is kept."""
        self._want(lambda: self.watching.live.send(data))

    def resize(self, rows: int, columns: int) -> None:
        """Give the command's terminal another size."""
        self._want(lambda: self.watching.live.resize(rows, columns))

    def want(self, wish: Wish) -> None:
        """End the attending: stop the command, or leave it running."""
        self._wish = wish
        self._wake()

    def wait_changed(self, seen: int, seconds: float) -> int:
        """Wait until there is something new after `seen`, or the time is over; gives what is `seen` then."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != seen, seconds)
            return self._changes

    def changed(self) -> int:
        """Count a change that was seen elsewhere; gives what `wait_changed` gives then."""
        self._tell()
        return self._changes

    # -- the engine's side -----------------------------------------------------------------------

    def again(self, watching: Watching) -> None:
        """Go on with a new look of the engine at the same attempt."""
        self.watching = watching
        self.notice = watching.notice
        self.held = True

    def run(self, check: Callable[[], None]) -> Wish | None:
        """Hold the command until it ends, seems stuck, or the person wants something else.

        `check` raises where the person is gone; `wake` makes it be called.
        """
        stalled_at = 0.0
        try:
            while True:
                check()
                self._carry_out()
                if self._wish is not None:
                    wish, self._wish = self._wish, None
                    return wish
                self._take_in()
                if not self.running:
                    return None
                now = time.monotonic()
                if now - stalled_at >= STALLED_EVERY:
                    stalled_at = now
                    if self.watching.stalled():
                        return None
                asks = self._asks_hidden()
                if asks and self.watching.live.quiet_seconds() >= ASK_HIDDEN_AFTER:
                    asks = False
                    self._ask_hidden()
                self._sleep(ASK_HIDDEN_AFTER if asks else STALLED_EVERY)
        finally:
            self.held = False
            if time.monotonic() - self._stood_since < TAIL_STANDS_AFTER:
                # It may be on the disk already: the two are not told in one moment, and nobody looks again now.
                self.tail = b""
            self._tell()

    def ended(self, how: str) -> None:
        """Say how it ended."""
        self.ending = how
        self._tell()

    def wake(self) -> None:
        """Let the engine's thread look around at once."""
        self._wake()

    def close(self) -> None:
        """Let go of what this itself holds; the command is the engine's."""
        with self._changed:
            if self._closed:
                return
            self._closed, self.running = True, False
            os.close(self._wake_read)
            os.close(self._wake_write)
        self._tell()

    def _want(self, what: Callable[[], None]) -> None:
        self._wanted.append(what)
        self._wake()

    def _carry_out(self) -> None:
        while self._wanted:
            # A newer driver has taken over, or it ended: what was typed reaches nobody, and the state says why.
            with contextlib.suppress(HostError):
                self._wanted.popleft()()

    def _take_in(self) -> None:
        """Look how far the command is, and say so where that is news."""
        live = self.watching.live
        self.running = live.wait(0) is LiveState.RUNNING
        before = self.size, self.tail
        self.size, self.tail = live.size(), live.tail()
        if (self.size, self.tail) != before:
            self._stood_since = time.monotonic()
            self._tell()

    def _asks_hidden(self) -> bool:
        """Whether it is to be asked whether typing is hidden."""
        if not self.watching.terminal:
            return False
        return self.size != self._asked_with or time.monotonic() - self._asked_at >= ASK_HIDDEN_AGAIN

    def _ask_hidden(self) -> None:
        before, self.hidden = self.hidden, self.watching.live.input_hidden()
        self._asked_with, self._asked_at = self.size, time.monotonic()
        if self.hidden != before:
            self._tell()

    def _wake(self) -> None:
        # Once it is closed, the descriptor's number may stand for another file.
        with self._changed, contextlib.suppress(BlockingIOError):
            if not self._closed:
                os.write(self._wake_write, b"!")

    def _tell(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def _sleep(self, seconds: float) -> None:
        ends = [self._wake_read]
        if (end := self.watching.live.fileno()) is not None:
            ends.append(end)
        else:
            seconds = min(seconds, LOOK_AGAIN)
        ready, _, _ = select.select(ends, [], [], seconds)
        if self._wake_read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 4096)
