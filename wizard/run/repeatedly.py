"""Looking again and again on a thread of its own, so that nobody waits for a slow look."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class Repeatedly:
    """Calls `look` again and again, never twice at the same time, until it is closed.

    The thread is a daemon and is never waited for: a look that does not come back hinders neither leaving
    nor the end of the program. `look` takes care of its own errors and keeps what it saw where others
    can read it; it never writes the journal.
    """

    def __init__(self, look: Callable[[], None], every: float, name: str) -> None:
        """Look at once, and `every` so many seconds after a look ended; begins with `start()`."""
        self._look = look
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> bool:
        """Begin; False where the machine allows no further thread."""
        try:
            self._thread.start()
        except RuntimeError:
            return False
        return True

    def close(self) -> None:
        """Look no more once the look that goes on has ended; returns at once."""
        self._over.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        while not self._over.is_set():
            self._look()
            self._over.wait(self._every)
