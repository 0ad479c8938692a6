"""Short pauses: what a front end must not stop for while output comes and keys are pressed."""

from __future__ import annotations

import gc
from typing import Final

from textual import screen

PAINT_EVERY: Final = 1 / 120
"""Seconds between two paintings of the screen at least.

Textual's timer for that comes one to two periods after the last painting, and with its own 60 a second a key that is
pressed while output is painted waits up to 33 ms for it. What goes to the terminal is limited by the driver.
"""


def shorten_pauses() -> None:
    """Have the screen painted soon, and spare what is loaded by now from being searched for garbage again.

    Modules, classes and styles all stay; searching them takes a twentieth of a second now and then, in which no key is
    answered.
    """
    setattr(screen, "UPDATE_PERIOD", PAINT_EVERY)  # noqa: B010 - Textual has it for constant
    gc.freeze()
