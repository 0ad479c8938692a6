"""Looking without a session: facts, answers, checks and a plan that leave nothing behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard import __version__
from wizard.host.clock import SystemClock, utc_text
from wizard.host.identity import machine_id, user_name
from wizard.run.chain import Entry
from wizard.run.session import RECORDED, Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.guide.loader import LoadedGuide


PREVIEW: Final = "preview"
NOWHERE: Final = Path("/nonexistent/preview")
"""What stands where the id and the folder of a real session would."""


class MemoryJournal:
    """Takes events as a journal does, and forgets them with this process."""

    def __init__(self) -> None:
        """Begin empty."""
        self.entries: tuple[Entry, ...] = ()
        self._clock = SystemClock()
        self._seq = 0

    def append(self, kind: str, data: Mapping[str, Any]) -> Entry:
        """Give the event back as an entry."""
        self._seq += 1
        clock = self._clock
        return Entry(self._seq, utc_text(clock.now()), clock.boot(), clock.boottime(), kind, dict(data), 0)


def preview_session(loaded: LoadedGuide) -> Session:
    """A session that is nowhere on disk; its id, `preview`, stands where a real one would."""
    return Session(
        id=PREVIEW,
        folder=NOWHERE,
        guide=loaded.guide.id,
        guide_sha256=loaded.sha256,
        guide_name=loaded.path.name,
        tool=__version__,
        machine=machine_id(),
        owner=os.geteuid(),
        owner_name=user_name(os.geteuid()),
        created=utc_text(SystemClock().now()),
        name="",
        environment={name: os.environ[name] for name in RECORDED if name in os.environ},
        read_only="it is a preview",
    )
