"""Running commands for tests of front ends: one that is played by hand, and a real one in a terminal of its own."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import struct
import termios
import threading
import time
from fcntl import ioctl
from typing import TYPE_CHECKING

from wizard.errors import HostError
from wizard.host.protocols import LiveState

if TYPE_CHECKING:
    from collections.abc import Sequence


class FakeLive:
    """A `Live` whose spool the test writes; calls are kept in `sent`, `sizes` and `stops`."""

    attempt = "0001-01"

    def __init__(self, spool: bytes = b"", *, ended: bool = False, with_descriptor: bool = False) -> None:
        self.spool = spool
        self.waiting = b""
        self.hidden: bool | None = False
        self.sent = b""
        self.sizes: list[tuple[int, int]] = []
        self.stops = 0
        self.unkept = 0
        self._state = LiveState.ENDED if ended else LiveState.RUNNING
        self._last_output = time.monotonic()
        self._changed = threading.Condition()
        self._bell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if with_descriptor else None

    def print(self, data: bytes) -> None:
        """Put output into the spool; what waited for the disk is replaced by it."""
        with self._changed:
            self.spool += data
            self.waiting = b""
            self._last_output = time.monotonic()
            self._ring()

    def hold(self, data: bytes) -> None:
        """Let output wait for the disk."""
        with self._changed:
            self.waiting = data
            self._ring()

    def end(self, state: LiveState = LiveState.ENDED) -> None:
        """Let the command end."""
        with self._changed:
            self._state = state
            self._ring()

    def _ring(self) -> None:
        self._changed.notify_all()
        if self._bell is not None:
            os.write(self._bell[1], b"!")

    def state(self) -> LiveState:
        return self._state

    def wait(self, seconds: float) -> LiveState:
        if self._bell is not None:
            with contextlib.suppress(BlockingIOError):
                os.read(self._bell[0], 4096)
        with self._changed:
            size = len(self.spool)
            self._changed.wait_for(lambda: self._state is not LiveState.RUNNING or len(self.spool) > size, seconds)
        return self._state

    def read(self, offset: int, limit: int = 1 << 16) -> bytes:
        return self.spool[offset : offset + limit]

    def size(self) -> int:
        return len(self.spool)

    def tail(self) -> bytes:
        return self.waiting

    def send(self, data: bytes) -> None:
        if self._state is not LiveState.RUNNING:
            msg = "the command has ended"
            raise HostError(msg)
        self.sent += data

    def resize(self, rows: int, columns: int) -> None:
        self.sizes.append((rows, columns))

    def input_hidden(self) -> bool | None:
        return self.hidden

    def quiet_seconds(self) -> float:
        return time.monotonic() - self._last_output

    def lost(self) -> int:
        return self.unkept

    def stop(self) -> None:
        self.stops += 1

    def fileno(self) -> int | None:
        return self._bell[0] if self._bell is not None else None

    def close(self) -> None:
        if self._bell is not None:
            for end in self._bell:
                os.close(end)
            self._bell = None


class PtyLive(FakeLive):
    """A `Live` over a real command in a real terminal; a thread puts what it prints into the spool."""

    def __init__(self, argv: Sequence[str]) -> None:
        super().__init__(with_descriptor=True)
        pid, master = pty.fork()
        if pid == 0:
            os.execvp(argv[0], list(argv))
        self.pid = pid
        self._master = master
        self._reader = threading.Thread(target=self._copy, daemon=True)
        self._reader.start()

    def _copy(self) -> None:
        while True:
            try:
                data = os.read(self._master, 4096)
            except OSError:
                data = b""
            if not data:
                break
            self.print(data)
        os.waitpid(self.pid, 0)
        self.end()

    def send(self, data: bytes) -> None:
        super().send(data)
        os.write(self._master, data)

    def resize(self, rows: int, columns: int) -> None:
        super().resize(rows, columns)
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def input_hidden(self) -> bool | None:
        modes = termios.tcgetattr(self._master)[3]
        return bool(modes & termios.ICANON) and not modes & termios.ECHO

    def stop(self) -> None:
        super().stop()
        os.killpg(self.pid, signal.SIGTERM)

    def close(self) -> None:
        """End the command, so that no test leaves one behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._reader.join(30)
        os.close(self._master)
        super().close()
