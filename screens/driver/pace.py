"""When the next picture may be sent: after the terminal has shown the last, and not more than a link should carry."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import Final

RATE: Final = 80_000
"""Bytes a second that pictures may take in the long run, where the terminal answers."""

BLIND_RATE: Final = 30_000
"""The same where it does not answer."""

BLIND_PAUSE: Final = 0.1
"""Seconds between two pictures where it does not answer."""

BURST: Final = 32_000
"""Bytes that may go at once before the rate counts: about three whole screens."""

PATIENCE: Final = 1.0
"""Seconds without an answer after which one is not waited for."""

MOST_PATIENCE: Final = 30.0
"""Seconds to which the patience grows while nothing is heard: a dead link gets few pictures to keep."""

REACTION: Final = 0.03
"""Seconds at most that a picture is held back after a key, so that it shows what the key did."""


class Hearing(StrEnum):
    """What is known about the terminal's answers."""

    UNKNOWN = "unknown"
    ANSWERS = "answers"
    MUTE = "mute"


class Pace:
    """Counts what is on its way. All times are seconds of one monotonic clock; all calls come from one lock.

    Each picture ends with a question that every terminal answers when it has come to it, so a picture without
    answer is one the link still carries. One is on its way at a time; a second one may follow after a key.
    """

    def __init__(self, now: float) -> None:
        self.hearing = Hearing.UNKNOWN
        self._sent: deque[float] = deque()
        """When each question went that is not answered yet."""
        self._tokens = float(BURST)
        self._counted = now
        self._last = float("-inf")
        self._heard = now
        self._heard_since = True
        self._patience = PATIENCE
        self._slowest = 0.0
        self._key: float | None = None

    @property
    def waiting(self) -> bool:
        """Answers are still to come, as far as one knows."""
        return bool(self._sent) and self.hearing is not Hearing.MUTE

    def delay(self, now: float) -> float:
        """Seconds until a picture may go; 0 for now. An answer or a key may make it sooner."""
        urgent = self._key is not None
        if self._key is not None and (held := self._key + min(REACTION, self._slowest / 4) - now) > 0:
            return held
        rate = BLIND_RATE if self.hearing is Hearing.MUTE else RATE
        self._tokens = min(BURST, self._tokens + (now - self._counted) * rate)
        self._counted = now
        saving = 0.0 if urgent else max(0.0, -self._tokens / rate)
        if self.hearing is Hearing.MUTE:
            return max(saving, 0.0 if urgent else self._last + BLIND_PAUSE - now)
        allowed = 2 if urgent or self.hearing is Hearing.UNKNOWN else 1
        if len(self._sent) < allowed:
            return saving
        return max(saving, self._silence_ends(now))

    def _silence_ends(self, now: float) -> float:
        """Seconds until answers are not waited for any longer."""
        patience = min(self._patience, PATIENCE) if self._key is not None else self._patience
        left = self._heard + patience - now
        if left > 0:
            return left
        if self._heard_since:
            self._sent.clear()
        elif self.hearing is Hearing.UNKNOWN:
            self.hearing = Hearing.MUTE
        return 0.0

    def sent(self, now: float, size: int, *, asked: bool) -> None:
        """A picture of so many bytes went, with a question at its end or without."""
        self._tokens -= size
        self._last = now
        self._key = None
        if not asked:
            return
        first = not self._sent
        self._sent.append(now)
        if self.hearing is Hearing.UNKNOWN and not first:
            return
        if not first and not self._heard_since:
            self._patience = min(self._patience * 2, MOST_PATIENCE)
        self._heard = now
        self._heard_since = False

    def answered(self, now: float) -> None:
        """The terminal has answered a question."""
        self.hearing = Hearing.ANSWERS
        self._heard = now
        self._heard_since = True
        if self._sent:
            taken = now - self._sent.popleft()
            self._slowest = max(taken, self._slowest * 0.9)
        self._patience = max(PATIENCE, self._slowest * 2)

    def key(self, now: float) -> None:
        """The operator has pressed a key and wants to see what it does."""
        self._key = now

    def ask_again(self, now: float) -> None:
        """Another question is tried on a terminal that did not answer the first."""
        self.hearing = Hearing.UNKNOWN
        self.forget(now)

    def forget(self, now: float) -> None:
        """Questions on their way will not be answered: the input was thrown away."""
        self._sent.clear()
        self._heard, self._heard_since = now, True
