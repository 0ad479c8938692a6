"""A clock that stands where a test puts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class StandingClock:
    """Tells what it was told; `go_on` moves it, `reboot` starts another boot."""

    moment: datetime = datetime(2026, 3, 1, 22, 4, 5, 123000, tzinfo=UTC)
    up: float = 1000.0
    boot_id: str = "11111111-1111-4111-8111-111111111111"

    def now(self) -> datetime:
        """The time of day."""
        return self.moment

    def boottime(self) -> float:
        """Seconds since boot."""
        return self.up

    def boot(self) -> str:
        """The id of the boot."""
        return self.boot_id

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)
        self.up += seconds

    def reboot(self) -> None:
        """Begin another boot."""
        self.boot_id = "22222222-2222-4222-8222-222222222222"
        self.up = 7.0
