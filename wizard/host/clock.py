"""Time as a session needs it: UTC for reading, boot time for durations, the boot id to tell reboots."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from wizard.errors import HostError


class Clock(Protocol):
    """What tells the time; tests put one of their own in its place."""

    def now(self) -> datetime:
        """The time of day, in UTC; it may jump in both directions."""

    def boottime(self) -> float:
        """Seconds since the machine was started, sleep included; never goes back within one boot."""

    def boot(self) -> str:
        """The id of this boot; two boots never share one."""


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> datetime:
        """Give the time of day, in UTC."""
        return datetime.now(UTC)

    def boottime(self) -> float:
        """Give the seconds of CLOCK_BOOTTIME."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot(self) -> str:
        """Give the kernel's boot id. HostError where /proc does not tell it."""
        return _boot_id()


@cache
def _boot_id() -> str:
    source = Path("/proc/sys/kernel/random/boot_id")
    try:
        return source.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise HostError(
            f"{source} cannot be read: {error.strerror}",
            hint="Without it nobody could tell a reboot from a crash. Mount /proc and start again.",
        ) from None


def utc_text(moment: datetime) -> str:
    """Write a moment in UTC to the millisecond: `2026-03-01T22:04:05.123Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
