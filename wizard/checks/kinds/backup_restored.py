"""The word that a backup was restored for proof: where, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from wizard.guide.models.checks import RestoredBackup
from wizard.units import show_duration

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_DAY: Final = timedelta(days=1)


def not_restored(inquiry: Inquiry, restored: RestoredBackup | str, made: float) -> str | None:
    """What keeps the word from counting; None where it counts. `made` is when the backup was made (seconds)."""
    if isinstance(restored, str):
        from wizard.expressions import compile_expression

        holds = compile_expression(restored).holds(inquiry.env)
        return None if holds else f"it is not known to have been restored (`{restored}` does not hold)"
    place, at = inquiry.text(restored.on).strip(), inquiry.text(restored.at).strip()
    if not place or not at:
        return "nobody noted down where and when it was restored"
    if place.lower() in _HERE | {inquiry.machine.about().hostname.lower()}:
        return f"it was restored on {place}, which is the machine it is a backup of"
    when = _time_of(at)
    if when is None:
        return f"when it was restored is {at!r}, which is no date such as 2024-05-31 or 2024-05-31 14:00"
    now = inquiry.context.now()
    if when > now + _DAY:
        return f"it was restored on {place} at {at}, which lies in the future"
    # Dates have no time and no zone: up to a day is not held against anybody.
    if when < datetime.fromtimestamp(made, UTC) - _DAY:
        return f"it was restored on {place} at {at}, before this backup was made: that was another one"
    if restored.age is not None and (now - when).total_seconds() > (limit := inquiry.seconds(restored.age)):
        return f"it was restored on {place} at {at}, longer ago than {show_duration(limit)}"
    return None


def restored_words(inquiry: Inquiry, restored: RestoredBackup | str | None) -> str:
    """Where and when it was restored, for the end of a sentence."""
    if not isinstance(restored, RestoredBackup):
        return ""
    return f", and was restored on {inquiry.text(restored.on).strip()} at {inquiry.text(restored.at).strip()}"


def _time_of(text: str) -> datetime | None:
    """A date or time in ISO 8601; one without zone is taken for UTC."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)
