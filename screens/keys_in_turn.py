"""Keys one after the other: the next one is given on only when everything the last one did is done.

Textual gives a key to the widget that has the focus when the key arrives. What that widget does with it comes
later, by messages, and the focus it moves comes later still; a second key that is there by then (somebody types fast,
the link delivers two at once) goes to the old focus, and may take a choice that nobody looked at.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from textual import events
from textual.app import App

from screens.in_turn import after_all

if TYPE_CHECKING:
    from textual.dom import DOMNode

T = TypeVar("T")

LONGEST: Final = 0.5
"""Seconds after which the next key is given on although the last one is not through: its widget may be gone."""

LOOKS: Final = 10
"""Into so many parts they are cut, one after the other: a process that stood still has not waited for its widgets."""


class KeysInTurn(App[T]):
    """An app that takes keys and pastes in turn."""

    _typed: deque[events.Key | events.Paste]
    _turn = 0
    _taking = False

    def __init__(self, *words: object, **settings: object) -> None:
        super().__init__(*words, **settings)  # type: ignore[arg-type]
        self._typed = deque()

    @property
    def keys_wait(self) -> bool:
        """Whether something was pressed that nobody was given yet."""
        return bool(self._typed)

    async def on_event(self, event: events.Event) -> None:
        """Keep a key for its turn; everything else goes on at once."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if not self._taking:
            await self._take_next()

    async def _take_next(self) -> None:
        if not self._typed:
            self._taking = False
            return
        self._taking = True
        self._turn += 1
        turn = self._turn
        event = self._typed.popleft()
        target: DOMNode = self.focused or self.screen
        await super().on_event(event)
        # Up the way the key bubbles, and once more for what was said on the way and answered by something else; then
        # this app once for the focus it moved, and once for what that said.
        way = target.ancestors_with_self
        after_all([*way, *way, self, self], partial(self._go_on, turn))
        self._wait(turn, LOOKS)

    def _wait(self, turn: int, looks: int) -> None:
        """Go on after so many looks, whatever became of the last key."""
        if turn != self._turn:
            return
        if looks:
            asyncio.get_running_loop().call_later(LONGEST / LOOKS, self._wait, turn, looks - 1)
        else:
            self._go_on(turn)

    def _go_on(self, turn: int) -> None:
        if turn == self._turn and self._taking:
            self._turn += 1
            self.call_later(self._take_next)
