"""A wait in lines: what for, what was last seen, and the times, said again only where there is something to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.plain.clean import clean_line
from wizard.units import show_duration

if TYPE_CHECKING:
    from wizard.plain.style import Style
    from wizard.run.operator import Pausing

REPEAT_AFTER: Final = 30.0
"""Seconds after which a wait says again that it waits; doubled each time."""

CHANGE_AFTER: Final = 10.0
"""Seconds that at least lie between two lines about a wait."""

HOW_TO_SPEAK_UP: Final = "(^C asks what to do)"
"""What whoever drives is told at its first line."""


class WaitLines:
    """What was said of a wait, so that it is said again only when there is something to say."""

    def __init__(self) -> None:
        self._title = ""
        self._seen = ""
        self._said_at = 0.0
        self._next = 0.0
        self._waited = 0.0

    def lines(self, pausing: Pausing, style: Style, how: str = "") -> list[str]:
        """Give what is to be shown of the wait now; nothing where that was said a moment ago.

        `how` stands behind the first line of a wait.
        """
        began = pausing.title != self._title or pausing.waited < self._waited
        changed = pausing.seen != self._seen and pausing.waited - self._said_at >= CHANGE_AFTER
        self._waited = pausing.waited
        if not began and not changed and pausing.waited < self._next:
            return []
        self._title, self._seen, self._said_at = pausing.title, pausing.seen, pausing.waited
        self._next = max(REPEAT_AFTER, 2 * pausing.waited)
        times = [f"waited {show_duration(pausing.waited)}"] if pausing.waited >= 1 else []
        times += [f"usually {show_duration(pausing.usually)}"] if pausing.usually is not None else []
        times += [f"at most {show_duration(pausing.at_most)}"] if pausing.at_most is not None else []
        seen = f" — {clean_line(pausing.seen)}" if pausing.seen else ""
        counted = f"; {', '.join(times)}" if times else ""
        said = f"Waiting: {clean_line(pausing.title)}{seen}{counted}"
        return style.wrap(f"{said} {how}" if began and how else said)
