"""Signals as facts: a hang-up is noticed within a second wherever the program is, and nothing is torn apart by it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from wizard.errors import ExitCode, Gone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType, TracebackType

LEAVE_SECONDS: Final = 0.8
"""How long the engine may take to ask the front end again after a hang-up before the process ends by itself."""


def _end_process() -> None:
    """End at once. What is being written is written so that even a kill leaves it whole (the journal, edits)."""
    os._exit(ExitCode.STOPPED)


class Signals:
    """Notes signals that mean that the person is gone, while it is entered (in the main thread).

    A signal raises `Gone` only inside `raising()`, where nothing but a prompt can be interrupted;
    elsewhere `check()` raises it, and a front end calls that whenever the engine speaks to it. An
    engine that is busy with something long never comes to that: then the process ends after
    `LEAVE_SECONDS`. Signals that were ignored when the program started (nohup) stay ignored.
    """

    def __init__(
        self,
        numbers: Sequence[int] = (signal.SIGHUP, signal.SIGTERM),
        *,
        leave: Callable[[], None] | None = _end_process,
        leave_seconds: float = LEAVE_SECONDS,
    ) -> None:
        """Watch for `numbers`; `leave` is what ends the process where the engine does not come back."""
        self._numbers = tuple(numbers)
        self._leave = leave
        self._leave_seconds = leave_seconds
        self._raise = False
        self._timer: threading.Timer | None = None
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
        self._pipe: tuple[int, int] | None = None
        self.caught: int | None = None
        """The first of them that came."""
        self.told = False
        """Whether Gone was raised for it."""

    def __enter__(self) -> Self:
        """Install the handlers; outside the main thread this does nothing, for signals never arrive there."""
        self._pipe = _pipe()
        if threading.current_thread() is threading.main_thread():
            for number in self._numbers:
                if signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the handlers back."""
        for number, before in self._before.items():
            signal.signal(number, before if before is not None else signal.SIG_DFL)
        self._before.clear()
        self._stop_timer()
        if self._pipe is not None:
            for end in self._pipe:
                os.close(end)
            self._pipe = None

    def fileno(self) -> int | None:
        """Give a descriptor that is readable once a signal came."""
        return self._pipe[0] if self._pipe else None

    def check(self) -> None:
        """Raise Gone where a signal came before."""
        if self.caught is not None:
            self._stop_timer()
            self.told = True
            raise Gone(f"signal {signal.Signals(self.caught).name}")

    @contextlib.contextmanager
    def raising(self) -> Iterator[None]:
        """Let a signal raise Gone right where it arrives."""
        self._raise = True
        try:
            self.check()
            yield
        finally:
            self._raise = False

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Within `raising()`: let a signal wait until what must not be torn apart is through; it raises Gone then."""
        before, self._raise = self._raise, False
        try:
            yield
        finally:
            self._raise = before
        self.check()

    @contextlib.contextmanager
    def patient(self) -> Iterator[None]:
        """Let a signal neither raise nor end the process: the code within asks `fileno` or `caught` and cleans up."""
        before = self._leave, self._raise
        self._leave, self._raise = None, False
        try:
            self.check()
            yield
        finally:
            self._leave, self._raise = before

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        first = self.caught is None
        if first:
            self.caught = number
        if self._pipe is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._pipe[1], b"!")
        if self._raise:
            self._raise = False
            self.told = True
            raise Gone(f"signal {signal.Signals(number).name}")
        if first and self._leave is not None:
            self._timer = threading.Timer(self._leave_seconds, self._leave)
            self._timer.daemon = True
            self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Place(StrEnum):
    """Where the program is when ^C comes."""

    ENGINE = "engine"
    PROMPT = "prompt"
    WATCH = "watch"


class Interrupts:
    """Makes of ^C what fits where the program is, while it is entered (in the main thread).

    In a prompt it is KeyboardInterrupt. While something is watched it is a fact to be taken. While the
    engine works it waits for the next prompt, so that nothing is torn apart; a second one is
    KeyboardInterrupt right there.
    """

    def __init__(self, note: Callable[[], None] = lambda: None) -> None:
        """Begin without one; `note` is called, in the signal's handler, where ^C has to wait."""
        self._note = note
        self._place = _Place.ENGINE
        self._came = False
        self._before: Callable[[int, FrameType | None], object] | int | None = None
        self._pipe: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        """Install the handler, in the main thread only."""
        self._pipe = _pipe()
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the handler back."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
        if self._pipe is not None:
            for end in self._pipe:
                os.close(end)
            self._pipe = None

    def fileno(self) -> int | None:
        """Give a descriptor that is readable once ^C came."""
        return self._pipe[0] if self._pipe else None

    def take(self) -> bool:
        """Say whether ^C came since the last time."""
        came, self._came = self._came, False
        if came and self._pipe is not None:
            with contextlib.suppress(BlockingIOError):
                os.read(self._pipe[0], 64)
        return came

    @contextlib.contextmanager
    def prompting(self) -> Iterator[None]:
        """Let ^C raise KeyboardInterrupt; one that came before does so at once."""
        with self._at(_Place.PROMPT):
            if self.take():
                raise KeyboardInterrupt
            yield

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Let ^C be taken by the code within."""
        with self._at(_Place.WATCH):
            yield

    @contextlib.contextmanager
    def _at(self, place: _Place) -> Iterator[None]:
        before, self._place = self._place, place
        try:
            yield
        finally:
            self._place = before

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self._place is _Place.PROMPT or (self._place is _Place.ENGINE and self._came):
            self._came = False
            raise KeyboardInterrupt
        self._came = True
        if self._pipe is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._pipe[1], b"!")
        if self._place is _Place.ENGINE:
            self._note()


def _pipe() -> tuple[int, int]:
    """Make a pipe that neither end blocks on and no command inherits."""
    return os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
