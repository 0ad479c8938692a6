"""Messages of watchers until a person has heard them: told as they come, and again by whoever drives next.

A message was heard where a person replied who had it before their eyes for a while; that is an event of the journal,
so that it is known whatever became of the driver. A front end keeps a message in sight by the same rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import HostError, JournalFullError
from wizard.run.inbox import note_of
from wizard.run.operator import HEARD_AFTER
from wizard.run.records import FOLDED, HEARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.host.clock import Clock
    from wizard.run.chain import Entry
    from wizard.run.events import Noted


class Unheard:
    """What one driver was told and nobody has heard yet."""

    def __init__(
        self,
        entries: Iterable[Entry],
        record: Callable[[str, dict[str, list[int]]], object],
        tell: Callable[[Noted], object],
        clock: Clock,
    ) -> None:
        """Begin with what the journal has; `record(kind, data)` journals, `tell` puts before a person's eyes."""
        self._record = record
        self._tell = tell
        self._clock = clock
        self._from_before = unheard_of(entries)
        self._told: dict[int, float] = {}
        """When the message of an event was told, in seconds of this boot."""

    def tell(self, entry: Entry) -> None:
        """Tell a message that stands in the journal by now."""
        self._told[entry.seq] = self._clock.boottime()
        self._tell(note_of(entry))

    def tell_again(self) -> None:
        """Tell what an earlier driver was told, oldest first."""
        left, self._from_before = self._from_before, ()
        for entry in left:
            self.tell(entry)

    def replied(self) -> None:
        """A person replied: journal what they had read by then.

        Where the journal takes no more, they are told again later; what it means for the reply is for the reply's own
        event to say.
        """
        now = self._clock.boottime()
        if heard := [seq for seq, told in self._told.items() if now - told >= HEARD_AFTER]:
            try:
                self._record(HEARD, {"seqs": heard})
            except (HostError, JournalFullError):
                return
            for seq in heard:
                del self._told[seq]


def unheard_of(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The events of messages that nobody has heard, as far as a journal says, oldest first."""
    left: dict[int, Entry] = {}
    for entry in entries:
        if entry.kind == FOLDED:
            left[entry.seq] = entry
        elif entry.kind == HEARD and isinstance(seqs := entry.data.get("seqs"), list):
            for seq in seqs:
                if isinstance(seq, int):
                    left.pop(seq, None)
    return tuple(left.values())
