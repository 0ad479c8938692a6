"""Messages of watchers until somebody has heard them: what is told again, and what the journal knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.clocks import StandingClock
from wizard.errors import HostError, JournalFullError, WizardError
from wizard.run.chain import Entry
from wizard.run.operator import HEARD_AFTER
from wizard.run.records import FOLDED, HEARD
from wizard.run.unheard import Unheard, unheard_of

if TYPE_CHECKING:
    from wizard.run.events import Noted


class Journal:
    """Keeps what is recorded; raises `refuses` instead where there is one."""

    def __init__(self, *texts: str) -> None:
        self.entries = [note(seq, text) for seq, text in enumerate(texts, 1)]
        self.refuses: WizardError | None = None

    def record(self, kind: str, data: dict[str, Any]) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.entries.append(Entry(len(self.entries) + 1, "", "", 0.0, kind, data, 0))


def note(seq: int, text: str) -> Entry:
    return Entry(seq, "", "", 0.0, FOLDED, {"message": "note", "text": text, "who": {"user": "ann"}, "sent": ""}, 0)


def driver(journal: Journal) -> tuple[Unheard, StandingClock, list[str]]:
    """A driver who comes to a journal, their clock, and the texts they are told."""
    clock, told = StandingClock(), list[str]()

    def tell(noted: Noted) -> None:
        told.append(noted.text)

    return Unheard(journal.entries, journal.record, tell, clock), clock, told


def test_what_was_in_sight_for_a_while_when_a_person_replied_is_not_told_again() -> None:
    """One that came a moment before the reply is; and nothing is journalled where nothing was heard."""
    journal = Journal("first")
    unheard, clock, told = driver(journal)
    unheard.tell_again()
    clock.go_on(HEARD_AFTER)
    unheard.tell(late := note(7, "late"))
    unheard.replied()
    unheard.replied()
    assert told == ["first", "late"]
    assert [(entry.kind, entry.data) for entry in journal.entries[1:]] == [(HEARD, {"seqs": [1]})]
    assert unheard_of([*journal.entries, late]) == (late,)


@pytest.mark.parametrize("why", [JournalFullError("no room"), HostError("no disk")])
def test_a_journal_that_takes_no_more_costs_nobody_their_reply(why: WizardError) -> None:
    """What they chose may write nothing, as a bundle for support does; the message is told again until it is known."""
    journal = Journal("first")
    unheard, clock, _ = driver(journal)
    unheard.tell_again()
    clock.go_on(HEARD_AFTER)
    journal.refuses = why
    unheard.replied()
    assert len(unheard_of(journal.entries)) == 1
    journal.refuses = None
    unheard.replied()
    assert unheard_of(journal.entries) == ()


@pytest.mark.parametrize("seqs", [None, "1", 1, [None, "1", 9], [[1]]])
def test_a_strange_event_of_hearing_takes_nothing_away(seqs: object) -> None:
    """A journal may be of another release, or damaged: then a message is told once too often."""
    heard = Entry(2, "", "", 0.0, HEARD, {"seqs": seqs}, 0)
    assert [entry.seq for entry in unheard_of([note(1, "first"), heard])] == [1]
