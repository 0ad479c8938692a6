"""How a session stands, in one word; it loads nothing else, as the first thing that is drawn needs it."""

from __future__ import annotations

from enum import StrEnum


class SessionState(StrEnum):
    """The word `wizard status` gives."""

    ASKING = "asking"
    CHECKING = "checking"
    PLANNED = "planned"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPED = "stopped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNDONE = "undone"
    DONE = "done"
