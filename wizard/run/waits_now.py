"""What the driver waits for just now, left for whoever looks on: a hint (`wizard.run.hint`) and how it is followed.

It is written where something of it is different, and not for each second: whoever reads it counts the time on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.redaction import redact_text
from wizard.run.hint import Hint, read_hint
from wizard.run.session_view import WaitingSeen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from wizard.host.clock import Clock
    from wizard.run.operator import Pausing
    from wizard.secrets import Secret

WAITING: Final = "waiting.json"
WRITE_EVERY: Final = 1.0
"""Seconds that at least lie between two of them."""

_SAME: Final = 2.0
"""Seconds by which the beginning of a wait may seem another and is still the same."""
_LONGEST_TITLE: Final = 300
_LONGEST_SEEN: Final = 1500
"""Characters that are written: all fit into the largest hint."""


@dataclass(frozen=True, slots=True)
class WaitsNow:
    """What the driver of an epoch waits for: `waited` seconds at `boottime` (seconds since boot `boot`)."""

    title: str
    seen: str
    waited: float
    usually: float | None
    at_most: float | None
    epoch: int
    boot: str
    boottime: float


class WaitHint:
    """The side of the driver."""

    def __init__(self, folder: Path, *, epoch: int, clock: Clock, secrets: Callable[[], Iterable[Secret]]) -> None:
        """Write into `folder` for the driver of `epoch`; `secrets` are taken out."""
        self._hint = Hint(folder, WAITING)
        self._epoch = epoch
        self._clock = clock
        self._secrets = secrets
        self._said: tuple[Any, ...] | None = None
        """What stands there."""
        self._began = 0.0
        self._written = -math.inf

    def waits(self, pausing: Pausing) -> None:
        """Say what is waited for, unless that stands there, or something was written a moment ago."""
        now = self._clock.boottime()
        said, began = (pausing.title, pausing.seen, pausing.usually, pausing.at_most), now - pausing.waited
        if (said == self._said and abs(began - self._began) < _SAME) or now - self._written < WRITE_EVERY:
            return
        known = self._secrets()
        self._hint.say(
            {
                "title": redact_text(pausing.title, known)[:_LONGEST_TITLE],
                "seen": redact_text(pausing.seen, known)[:_LONGEST_SEEN],
                "waited": round(pausing.waited, 3),
                "usually": pausing.usually,
                "at_most": pausing.at_most,
                "epoch": self._epoch,
                "boot": self._clock.boot(),
                "boottime": round(now, 3),
            }
        )
        self._said, self._began, self._written = said, began, now

    def ended(self) -> None:
        """Say that nothing is waited for any more."""
        if self._said is not None:
            self._said = None
            self._hint.take_back()


def waits_now(folder: Path) -> WaitsNow | None:
    """What the hint in a session's folder says; None where there is none that can be read."""
    try:
        said = read_hint(folder, WAITING)
        return WaitsNow(
            str(said["title"]), str(said["seen"]), float(said["waited"]),
            _seconds(said["usually"]), _seconds(said["at_most"]),
            int(said["epoch"]), str(said["boot"]), float(said["boottime"]),
        )  # fmt: skip
    except (OSError, ValueError, LookupError, TypeError, RecursionError, OverflowError):
        return None


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)


class WaitWatch:
    """The side of whoever looks on: follows the hint, and tells since when it is waited by the clock that reads it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Follow the session in `folder`."""
        self._folder = folder
        self._clock = clock
        self._waits: WaitsNow | None = None
        self._began = 0.0
        self._polled = -math.inf

    def poll(self) -> bool:
        """Look whether anything is different."""
        now = self._clock.boottime()
        before, self._waits = self._waits, waits_now(self._folder)
        polled, self._polled = self._polled, now
        if self._waits is None or self._waits == before:
            return self._waits != before
        # The driver's clock may be another one (a container's): a hint is no older than the look that did not find it.
        age = now - self._waits.boottime
        began = now - self._waits.waited - min(max(0.0, age), now - polled)
        if before is None or before.title != self._waits.title or abs(began - self._began) >= _SAME:
            self._began = began
        return True

    def seen(self, epoch: int | None) -> WaitingSeen | None:
        """What the driver of `epoch` waits for; None where nobody drives, or another left the hint behind."""
        waits = self._waits
        if waits is None or waits.epoch != epoch or waits.boot != self._clock.boot():
            return None
        return WaitingSeen(waits.title, waits.seen, self._began, waits.usually, waits.at_most)
