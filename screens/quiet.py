"""Quiet of the keyboard: a key that was meant for what was there before says nothing to what appeared."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from screens.keys_in_turn import KeysInTurn
from screens.timers import ring_once

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Callable

    from textual.message_pump import MessagePump

STOOD_STILL: Final = 0.5
"""Seconds that the end of the quiet may come late; after more, keys that were pressed meanwhile are still to come."""

LATE_IN_A_ROW: Final = 5
"""After so many late ends one counts all the same: a machine that is always late must not keep anybody from replying.

A key that was pressed before the first of them has come by then.
"""


class Quiet:
    """Waits until no key was pressed for a while; whoever sees the keys begins that time anew with each."""

    def __init__(
        self,
        widget: MessagePump,
        seconds: Callable[[], float],
        over: Callable[[], object],
        *,
        ring: Callable[[MessagePump, float, Callable[[], object]], TimerHandle] = ring_once,
    ) -> None:
        """Call `over`, among the messages of `widget`, once nothing was pressed for `seconds()`, as `ring` tells."""
        self._widget = widget
        self._seconds = seconds
        self._over = over
        self._ring = ring
        self._timer: TimerHandle | None = None
        self._ends = 0.0
        """When it will have been quiet for long enough, by `time.monotonic`."""
        self._late = 0
        """How many ends in a row came late."""

    @property
    def waits(self) -> bool:
        """Whether it was begun and is not over."""
        return self._timer is not None

    def begin(self) -> None:
        """Wait from now on: something appeared, or a key was pressed."""
        self._late = 0
        self._wait()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        seconds = self._seconds()
        self._ends = ends = time.monotonic() + seconds
        self._timer = self._ring(self._widget, seconds, lambda: self._end(ends))

    def _end(self, ends: float) -> None:
        if ends != self._ends:
            # A key came between the end of the time and this word of it.
            return
        if time.monotonic() - ends > STOOD_STILL and self._late < LATE_IN_A_ROW:
            self._late += 1
            self._wait()
            return
        if isinstance(app := self._widget.app, KeysInTurn) and app.keys_wait:
            # Pressed in this time, and still behind a key whose widget is busy.
            self._wait()
            return
        self._timer = None
        self._over()
