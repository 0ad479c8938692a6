"""Short pauses: what a front end must not stop for while output comes and keys are pressed."""

from __future__ import annotations

import gc
import time
from typing import Final, Literal

from textual import screen

PAINT_EVERY: Final = 1 / 120
"""Seconds between two paintings of the screen at least.

Textual's timer for that comes one to two periods after the last painting, and with its own 60 a second a key that is
pressed while output is painted waits up to 33 ms for it. What goes to the terminal is limited by the driver.
"""

SEARCH_AT_MOST: Final = 0.03
"""Seconds a search for garbage may take before what it found in use is spared from the next ones."""
_ALL: Final = 2
"""The generation with which everything is searched."""


def shorten_pauses() -> None:
    """Have the screen painted soon, and spare what is loaded by now from being searched for garbage again.

    Modules, classes and styles all stay; searching them takes a twentieth of a second now and then, in which no key is
    answered. A plan of ten thousand steps, and what became of them, take a fifth: they are loaded later, and stay too.
    """
    setattr(screen, "UPDATE_PERIOD", PAINT_EVERY)  # noqa: B010 - Textual has it for constant
    gc.freeze()
    gc.callbacks.append(ShortSearches())


class ShortSearches:
    """Told by the collector of each search for garbage: spares what is in use after one that took long.

    Only a circle that was in use then and is let go later is never found again; a search must have grown long anew
    before more is spared, so that those stay few.
    """

    def __init__(self, at_most: float = SEARCH_AT_MOST) -> None:
        """Let a search take so many seconds."""
        self._at_most = at_most
        self._began = 0.0

    def __call__(self, phase: Literal["start", "stop"], info: dict[str, int]) -> None:
        """Take the time of a search through everything: that of its thread, which a busy machine makes no longer."""
        if info["generation"] < _ALL:
            return
        if phase == "start":
            self._began = time.thread_time()
        elif time.thread_time() - self._began > self._at_most:
            gc.freeze()
