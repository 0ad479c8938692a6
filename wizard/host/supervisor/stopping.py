"""Stopping a command: the guide's own way, the interrupt character, TERM, KILL, each after its delay."""

from __future__ import annotations

import contextlib
import os
import signal
import termios
import time
from typing import TYPE_CHECKING, Final

from .command import run_beside

if TYPE_CHECKING:
    from .order import Order

_OWN, _INTERRUPT, _TERMINATE, _KILL = range(4)
_KILL_AGAIN: Final = 2.0


class Stopping:
    """The stop of one command; nothing happens before `begin`."""

    def __init__(self, order: Order, command: int, master: int, slave: int) -> None:
        """Stop `command`, the leader of its own group, in front on the terminal of `master` and `slave`."""
        self._order = order
        self._command = command
        self._master = master
        self._slave = slave
        self._next = _OWN if order.stop.argv else _INTERRUPT
        self._beside = 0
        self.due: float | None = None
        """When the next means is due, on the boot clock; None while nobody wants to stop."""

    def begin(self) -> None:
        """Use the first means now."""
        self.due = time.clock_gettime(time.CLOCK_BOOTTIME)
        self.go_on()

    def go_on(self) -> None:
        """Use the next means, where it is due."""
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        if self.due is None or now < self.due:
            return
        stop = self._order.stop
        means, self._next = self._next, min(self._next + 1, _KILL)
        if means == _OWN:
            self._beside = run_beside(self._order, stop.argv, self._slave)
            self.due = now + stop.own_delay
            return
        self.end_beside()
        if means == _INTERRUPT:
            self._interrupt()
            self.due = now + stop.interrupt_delay
        elif means == _TERMINATE:
            self._send(signal.SIGTERM)
            self.due = now + stop.terminate_delay
        else:
            self._send(signal.SIGKILL)
            self.due = now + _KILL_AGAIN

    def reaped(self, pid: int, status: int) -> None:
        """Take notice of an ended child: where the guide's own way failed, the next means is due at once."""
        if pid == self._beside:
            self._beside = 0
            if status and self.due is not None:
                self.due = time.clock_gettime(time.CLOCK_BOOTTIME)

    def end_beside(self) -> None:
        """End the guide's own way to stop, where it still tries."""
        if self._beside:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._beside, signal.SIGKILL)
            # Its end is no failure of its own: the means after it has its whole time.
            self._beside = 0

    def _interrupt(self) -> None:
        """Type the interrupt character, as an operator would: it reaches whoever is in front."""
        if self._order.controlling_terminal:
            modes = termios.tcgetattr(self._slave)
            character = modes[6][termios.VINTR]
            if modes[3] & termios.ISIG and character != b"\0":
                with contextlib.suppress(OSError):
                    if os.write(self._master, character) == 1:
                        return
        self._send(signal.SIGINT)

    def _send(self, number: signal.Signals) -> None:
        groups = {self._command}
        if self._order.controlling_terminal:
            with contextlib.suppress(OSError):
                groups.add(os.tcgetpgrp(self._slave))
        groups -= {os.getpgrp(), 0}
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
            if number == signal.SIGTERM:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, signal.SIGCONT)
