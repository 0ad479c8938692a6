"""Checks that are kept asking beside the work of a phase, and the numbers of what they saw.

Each check has a thread of its own, so that a slow one delays no other and none is asked twice at the same
time. The threads only look and count; the driver takes the numbers over into the journal.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.run.repeatedly import Repeatedly

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.checks.context import CheckContext
    from wizard.checks.model import Finding
    from wizard.guide.models import StepCheck

EVERY: Final = 1.0
"""Seconds between two askings of a check."""

LATE: Final = 30.0
"""Seconds without an answer after which a check counts as failing: whoever uses the service waits as long."""


def _boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw at one moment (UTC) at which it failed."""

    at: str
    seen: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What one check saw since it was counted last.

    `longest` is the longest stretch (seconds) of failing so far, one that goes on included; `first` and
    `last` are failures within the time that is counted here.
    """

    key: str
    title: str
    asked: int
    failed: int
    longest: float
    first: Seen | None
    last: Seen | None

    def as_data(self) -> dict[str, Any]:
        """Plain data for the journal."""
        ends = {
            name: {"at": one.at, "seen": one.seen} for name, one in (("first", self.first), ("last", self.last)) if one
        }
        return {
            "title": self.title,
            "asked": self.asked,
            "failed": self.failed,
            "longest": round(self.longest, 1),
            **ends,
        }


@dataclass(frozen=True, slots=True)
class Now:
    """How a check stands: since when it fails (boot clock; None where it holds or was not asked), and what it saw."""

    failing_since: float | None
    finding: Finding | None
    late: bool = False
    """Whether it fails for want of an answer."""
    failed_for: float = 0.0
    """How long (seconds) it failed before it held again."""


class KeptCheck:
    """One check that is asked every second; its numbers may be read from another thread at any time."""

    def __init__(
        self, key: str, check: StepCheck, context: CheckContext, clock: Callable[[], float] = _boottime
    ) -> None:
        """Ask nothing yet."""
        self.key = key
        self._check = check
        self._context = context
        self._clock = clock
        self._lock = threading.Lock()
        self._title = key
        self._asked = self._failed = 0
        self._longest = self._failed_for = 0.0
        self._failing_since: float | None = None
        self._asking_since: float | None = None
        self._first: Seen | None = None
        self._last: Seen | None = None
        self._finding: Finding | None = None
        self._asking = Repeatedly(self.ask, EVERY, f"kept check {key}")

    def start(self) -> bool:
        """Begin to ask; False where the machine allows no further thread."""
        return self._asking.start()

    def close(self) -> None:
        """Ask no more."""
        self._asking.close()

    def know(self, context: CheckContext) -> None:
        """Ask with these names from now on."""
        self._context = context

    def ask(self) -> None:
        """Ask once and count."""
        from wizard.checks.ask import ask_check

        self.begin()
        self.count(ask_check(self._check, self._context, key=self.key))

    def begin(self) -> None:
        """Note that it is being asked from now on."""
        with self._lock:
            self._asking_since = self._clock()

    def count(self, finding: Finding) -> None:
        """Count what it found."""
        from wizard.checks.model import Status

        with self._lock:
            began, self._asking_since = self._asking_since, None
            self._title = finding.title
            if finding.status is Status.SKIPPED:
                self._failing_since = None
                return
            self._finding = finding
            self._asked += 1
            if finding.passed:
                self._stretch(self._clock())
                self._failing_since = None
                return
            self._failed += 1
            if self._failing_since is None:
                self._failing_since = began if began is not None else self._clock()
            self._stretch(self._clock())
            evidence = finding.evidence[0] if finding.evidence else None
            self._last = Seen(evidence.at if evidence else "", evidence.seen if evidence else finding.status)
            self._first = self._first or self._last

    def _stretch(self, until: float) -> None:
        if self._failing_since is not None:
            self._failed_for = until - self._failing_since
            self._longest = max(self._longest, self._failed_for)

    def now(self) -> Now:
        """How it stands."""
        with self._lock:
            late = self._asking_since is not None and self._clock() - self._asking_since >= LATE
            if self._failing_since is None and late:
                return Now(self._asking_since, self._finding, late=True)
            return Now(self._failing_since, self._finding, late, self._failed_for)

    def counted(self) -> Counted:
        """Give the numbers since the last time, and begin to count anew."""
        with self._lock:
            now = self._clock()
            self._stretch(now)
            if self._asking_since is not None and now - self._asking_since >= LATE:
                self._longest = max(self._longest, now - self._asking_since)
            counted = Counted(self.key, self._title, self._asked, self._failed, self._longest, self._first, self._last)
            self._asked = self._failed = 0
            self._first = self._last = None
            return counted


def kept_checks(checks: Sequence[StepCheck], context: CheckContext) -> tuple[KeptCheck, ...]:
    """The checks as they are kept asking, none of them begun."""
    from wizard.checks.ask import check_key

    return tuple(KeptCheck(check_key(check, number), check, context) for number, check in enumerate(checks))
