"""What reading a fact gave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FactStatus(StrEnum):
    """Known with a value; absent (nothing found); unknown (the reading failed)."""

    KNOWN = "known"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FactReading:
    """One reading; `value` is plain data (str, int, float, bool, list, dict) where it is known.

    `source` says in a few words where it was read (`/opt/x/.env`), `reason` why it is absent or unknown.
    """

    id: str
    status: FactStatus
    value: Any = None
    source: str = ""
    reason: str = ""
    seconds: float = 0.0
