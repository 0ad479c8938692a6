"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def until(
    look: Callable[[], T], seconds: float = 30.0, what: Callable[[], str] = lambda: "", *, every: float = 0.01
) -> T:
    """Give what `look` gives as soon as that is true; fail after so many seconds, with the words of `what`."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > end:
            message = f"this did not come about within {seconds} seconds\n{what()}"
            raise AssertionError(message)
        time.sleep(every)
    return seen
