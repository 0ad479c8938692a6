"""An output a test plays by hand: what the command prints, what waits for the disk, and what is typed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wizard.run.output_reading import SizeChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.output import Keyboard


class FakeOutput:
    """An `Output` with a `Keyboard`; what is typed is kept in `typed`, the sizes given in `given`."""

    def __init__(
        self,
        spool: bytes = b"",
        *,
        driven: bool = True,
        takes_typing: bool = True,
        ended: bool = False,
        size: tuple[int, int] = (80, 24),
    ) -> None:
        self.spool = spool
        self.waiting = b""
        self.driven = driven
        self.takes_typing = takes_typing
        self.begins_at = len(spool)
        self.typed = b""
        self.given: list[tuple[int, int]] = []
        self.changes: list[SizeChange] = [SizeChange(0, *size)]
        self.hidden: bool | None = False
        self.taken_away = False
        self._running = not ended
        self._changed = threading.Condition()
        self._changes = 0

    @property
    def keyboard(self) -> Keyboard | None:
        return self if self.driven and self._running else None

    # -- what the test does ----------------------------------------------------------------------

    def print(self, data: bytes) -> None:
        """Put output on the disk; what waited for it is replaced."""
        self.spool += data
        self.waiting = b""
        self._tell()

    def hold(self, data: bytes) -> None:
        """Let output wait for the disk."""
        self.waiting = data
        self._tell()

    def hide(self, *, hidden: bool | None) -> None:
        """Switch the echo of what is typed."""
        self.hidden = hidden
        self._tell()

    def end(self) -> None:
        """Let the command end."""
        self._running = False
        self._tell()

    def _tell(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    # -- the output ------------------------------------------------------------------------------

    def read(self, offset: int, limit: int = 1 << 16) -> bytes:
        return self.spool[offset : offset + limit]

    def size(self) -> int:
        return len(self.spool)

    def tail(self) -> bytes:
        return self.waiting

    def sizes(self) -> Sequence[SizeChange]:
        return self.changes

    def running(self) -> bool:
        return self._running

    def gone(self) -> bool:
        return self.taken_away

    def wait(self, seen: int, seconds: float) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._changes != seen, min(seconds, 0.2))
            return self._changes

    # -- the keyboard ----------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        self.typed += data

    def resize(self, rows: int, columns: int) -> None:
        self.given.append((rows, columns))

    def input_hidden(self) -> bool | None:
        return self.hidden
