"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

AT_ONCE: Final = 10.0
"""Seconds within which that comes which comes at once; a machine may stand still for some of them."""


def until(
    look: Callable[[], T], seconds: float = 30.0, what: Callable[[], str] = lambda: "", *, every: float = 0.01
) -> T:
    """Give what `look` gives as soon as that is true; fail after so many seconds, with the words of `what`."""
    end = time.monotonic() + seconds
    # One look is always taken after the end: all the time may have passed between two lines.
    late = False
    while not (seen := look()):
        if late:
            message = f"this did not come about within {seconds} seconds\n{what()}"
            raise AssertionError(message)
        time.sleep(every)
        late = time.monotonic() > end
    return seen
