"""Saying, once for each command, that what it prints is not kept: the disk is full, or its output too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wizard.run.events import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.run.events import Event


class Kept(Protocol):
    """How much of a running command's output is kept."""

    def size(self) -> int:
        """Bytes in the spool."""

    def lost(self) -> int:
        """Bytes that could not be kept."""


class Unkept:
    """Looks whether output of one running command is lost; cheap enough to be asked every second."""

    def __init__(self, live: Kept, cap: int) -> None:
        """Look at `live`, of which `cap` bytes are kept at most."""
        self._live = live
        self._cap = cap
        self._told = False

    def has_news(self) -> bool:
        """Whether there is something to tell."""
        return not self._told and self._live.lost() > 0

    def tell_news(self, code: str, tell: Callable[[Event], None]) -> None:
        """Tell that output of step `code` is lost, where it is and that was not told before."""
        if not self.has_news():
            return
        self._told = True
        full = self._live.size() >= self._cap
        why = "it printed as much as is kept of one command" if full else "there is no room for it on the disk"
        tell(Said(f"{code}: not all it prints is kept, because {why}; the command itself goes on", "warning"))
