"""What appeared can be replied to only when no key was pressed for a while: also where keys and ends come late."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from textual import events

from screens.keys_in_turn import KeysInTurn
from screens.quiet import LATE_IN_A_ROW, Quiet

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Callable

    from textual.message_pump import MessagePump

AT_ONCE = 3600.0
"""Seconds that no end comes late, whatever stands still."""
ALWAYS_LATE = -1.0


class Pump:
    """Takes timers like a widget; the test says when the word of one comes."""

    def __init__(self) -> None:
        self.app: KeysInTurn[None] = KeysInTurn()
        self.ends: list[Callable[[], object]] = []
        self.stopped = 0

    def ring(self, pump: object, _: float, call: Callable[[], object]) -> TimerHandle:
        """Keep what is to be called."""
        assert pump is self
        self.ends.append(call)
        return cast("TimerHandle", self)

    def cancel(self) -> None:
        """Count a timer that is not needed any more."""
        self.stopped += 1


class Held:
    """A quiet, and how often it was over."""

    def __init__(self) -> None:
        self.pump = Pump()
        self.over = 0
        self.quiet = Quiet(cast("MessagePump", self.pump), lambda: 0.0, self._count, ring=self.pump.ring)

    def _count(self) -> None:
        self.over += 1


def test_it_is_over_once_and_can_be_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over waits for nothing, so that a key pressed then begins nothing."""
    monkeypatch.setattr("screens.quiet.STOOD_STILL", AT_ONCE)
    held = Held()
    assert (held.over, held.quiet.waits) == (0, False)
    for times in (1, 2):
        held.quiet.begin()
        assert (held.over, held.quiet.waits) == (times - 1, True)
        held.pump.ends.pop()()
        assert (held.over, held.quiet.waits) == (times, False)


def test_the_word_of_a_time_that_a_key_began_anew_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key came when that word was on its way already."""
    monkeypatch.setattr("screens.quiet.STOOD_STILL", AT_ONCE)
    held = Held()
    held.quiet.begin()
    held.quiet.begin()
    before, last = held.pump.ends
    assert held.pump.stopped == 1
    before()
    assert (held.over, held.quiet.waits) == (0, True)
    last()
    assert held.over == 1


def test_a_key_that_waits_for_its_turn_was_pressed_before_the_quiet_was_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands behind one whose widget is busy, and must not come to what has opened meanwhile."""
    monkeypatch.setattr("screens.quiet.STOOD_STILL", AT_ONCE)
    held = Held()
    held.quiet.begin()
    held.pump.app._typed.append(events.Key("enter", None))
    held.pump.ends.pop()()
    assert (held.over, held.quiet.waits) == (0, True)
    held.pump.app._typed.clear()
    held.pump.ends.pop()()
    assert (held.over, held.quiet.waits) == (1, False)


@pytest.mark.parametrize("keys", [0, 2])
def test_a_machine_that_is_always_late_keeps_nobody_from_replying(monkeypatch: pytest.MonkeyPatch, keys: int) -> None:
    """A late end begins the time anew, for keys may be on their way; after some in a row, none of before still is."""
    monkeypatch.setattr("screens.quiet.STOOD_STILL", ALWAYS_LATE)
    held = Held()
    held.quiet.begin()
    for _ in range(keys):
        held.pump.ends.pop()()
        held.quiet.begin()
    for _ in range(LATE_IN_A_ROW):
        held.pump.ends.pop()()
        assert (held.over, held.quiet.waits) == (0, True)
    held.pump.ends.pop()()
    assert (held.over, held.quiet.waits) == (1, False)
