"""When a running command counts as stuck: silent for too long, or saying the same thing again and again."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final, Protocol

from wizard.run.spool import clean
from wizard.units import parse_duration, show_duration

if TYPE_CHECKING:
    from wizard.guide.models.steps import Stall

BLOCKS: Final = 64
"""Blocks of output that are read at one look: a command that prints without end holds nobody up."""


class Speaking(Protocol):
    """The output of a command that runs."""

    def read(self, offset: int, limit: int = ...) -> bytes:
        """Give at most `limit` bytes from `offset` on."""

    def quiet_seconds(self) -> float:
        """Give the seconds since it last printed anything."""


class StallWatch:
    """Looks at a running command's output as it grows; cheap enough to be asked every second."""

    def __init__(self, stall: Stall | None, live: Speaking) -> None:
        """Watch `live` by the rules of `stall`; without rules it never counts as stuck."""
        self._live = live
        self._say = stall.say if stall and stall.say else ""
        self._silence = parse_duration(stall.silence) if stall and stall.silence else None
        self._line = re.compile(stall.line) if stall and stall.line else None
        self._times = int(stall.times) if stall and stall.times is not None else 3
        self._offset = 0
        self._rest = ""
        self._seen = 0
        self._calm_until = 0.0

    def notice(self) -> str:
        """Why the command seems stuck; empty where it does not."""
        if self._line is not None:
            self._count()
        if time.monotonic() < self._calm_until:
            return ""
        if self._line is not None and self._seen >= self._times:
            return self._with_say(f"It has printed the same thing {self._seen} times.")
        if self._silence is not None and (quiet := self._live.quiet_seconds()) >= self._silence:
            return self._with_say(f"It has printed nothing for {show_duration(quiet)}.")
        return ""

    def calm(self) -> None:
        """Say nothing for as long again: the operator has been asked."""
        self._seen = 0
        self._calm_until = time.monotonic() + (self._silence or 30.0)

    def _with_say(self, seen: str) -> str:
        """What was seen, and what the guide says that it means."""
        return f"{seen} {self._say}".strip()

    def _count(self) -> None:
        assert self._line is not None  # noqa: S101 - for the type checker; `notice` asks first
        for _ in range(BLOCKS):
            if not (block := self._live.read(self._offset)):
                return
            self._offset += len(block)
            *lines, self._rest = (self._rest + clean(block.decode("utf-8", "replace"))).split("\n")
            self._rest = self._rest[-4096:]
            self._seen += sum(1 for line in lines if self._line.search(line))
