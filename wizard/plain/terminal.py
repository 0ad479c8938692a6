"""The operator's terminal handed to a command: raw while it is entered, and as it was before on every way out."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import threading
from typing import TYPE_CHECKING, Any, Final, Self

from wizard.errors import Gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

_PIECE: Final = 256
"""Bytes written at once: a terminal that says it takes more takes at least this much without blocking."""

_PIECES: Final = 64
"""Pieces written before the keys are looked at again."""


class RawTerminal:
    """Keys arrive one by one and unjudged: ^C, ^Z and ^S are bytes like all others.

    While it is entered, SIGTSTP from outside gives the terminal back before the process stops and
    takes it again when it goes on, and `resized` tells that the window's size changed.
    """

    def __init__(self, keys: int, screen: int) -> None:
        """Hand over the terminal that `keys` reads from and `screen` writes to."""
        self._keys = keys
        self._screen = screen
        self._before: list[Any] = []
        self._handlers: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
        self._wake = (-1, -1)
        self._resized = False
        self.on_return: Callable[[], None] | None = None
        """Called after the process was stopped and goes on: the screen may need drawing again."""

    def __enter__(self) -> Self:
        """Make the terminal raw. Gone where it does not exist any more."""
        try:
            self._before = termios.tcgetattr(self._keys)
        except termios.error as error:
            raise Gone("the terminal is gone") from error
        self._wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            if threading.current_thread() is threading.main_thread():
                for number, handler in ((signal.SIGWINCH, self._on_resize), (signal.SIGTSTP, self._on_stop)):
                    self._handlers[number] = signal.signal(number, handler)
            self._make_raw()
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back, and throw away keys that were meant for the command."""
        self._give_back()

    def fileno(self) -> int:
        """Give a descriptor that is readable once the size changed or the process goes on."""
        return self._wake[0]

    def take_resized(self) -> bool:
        """Say whether the size changed since the last time."""
        came, self._resized = self._resized, False
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake[0], 64)
        return came

    def size(self) -> tuple[int, int] | None:
        """Rows and columns of the screen, where it has a size."""
        return size_of(self._screen)

    def forget_keys(self) -> None:
        """Throw away the keys that were pressed so far."""
        with contextlib.suppress(termios.error):
            termios.tcflush(self._keys, termios.TCIFLUSH)

    def ready(self, seconds: float) -> bool:
        """Wait for a key that long, and say whether there is one."""
        return bool(select.select([self._keys], [], [], seconds)[0])

    def read(self, limit: int = 4096) -> bytes:
        """Read the keys that are there, at most `limit`. Gone where the terminal is."""
        try:
            keys = os.read(self._keys, limit)
        except OSError as error:
            raise Gone("the terminal is gone") from error
        if not keys:
            raise Gone("end of input")
        return keys

    def _make_raw(self) -> None:
        mode = termios.tcgetattr(self._keys)
        mode[0] &= ~(
            termios.IGNBRK | termios.BRKINT | termios.PARMRK | termios.ISTRIP | termios.INLCR | termios.IGNCR
            | termios.ICRNL | termios.IXON
        )  # fmt: skip
        mode[1] &= ~termios.OPOST
        mode[2] = (mode[2] & ~(termios.CSIZE | termios.PARENB)) | termios.CS8
        mode[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self._keys, termios.TCSANOW, mode)

    def _restore(self) -> None:
        """Set the modes back; a terminal that is gone has none. Not waiting for output: it may be held up."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._keys, termios.TCSANOW, self._before)
        self.forget_keys()

    def _give_back(self) -> None:
        self._restore()
        for number, handler in self._handlers.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        self._handlers.clear()
        for end in self._wake:
            os.close(end)

    def _on_resize(self, _number: int, _frame: FrameType | None) -> None:
        self._resized = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake[1], b"!")

    def _on_stop(self, number: int, _frame: FrameType | None) -> None:
        """Stop the process with the terminal as it was before, and take it again when it goes on."""
        entered = termios.tcgetattr(self._keys)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._keys, termios.TCSANOW, self._before)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._on_stop)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._keys, termios.TCSANOW, entered)
        if self.on_return is not None:
            self.on_return()
        self._on_resize(signal.SIGWINCH, None)


def size_of(screen: int) -> tuple[int, int] | None:
    """Rows and columns of the terminal behind a descriptor, where it has a size."""
    try:
        columns, rows = os.get_terminal_size(screen)
    except OSError:
        return None
    return (rows, columns) if rows and columns else None


def write_some(screen: int, data: bytes) -> int:
    """Write to a terminal what it takes without blocking, and give how much that was.

    A terminal may stop taking output for as long as it likes (^S, a stalled connection). Gone where it
    does not exist any more.
    """
    written = 0
    try:
        for _ in range(_PIECES):
            if written == len(data) or not select.select([], [screen], [], 0)[1]:
                break
            written += os.write(screen, data[written : written + _PIECE])
    except (OSError, ValueError) as error:
        raise Gone("the terminal is gone") from error
    return written
