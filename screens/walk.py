"""The walk: what this wizard drives, shown as whoever looks on is shown it, with what only the driver is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on

from screens.run_screen import HOW_TO_READ, RunScreen
from screens.stage import Stage
from screens.widgets.card_base import Card
from screens.widgets.card_for import card_for
from screens.widgets.card_rows import DIGITS
from screens.widgets.wait_view import WaitView
from wizard.run.events import PhaseBegan, RunEnded, StepBegan, StepEnded
from wizard.run.operator import ChoiceRequest, ConfirmRequest, SecretRequest

if TYPE_CHECKING:
    from textual.binding import BindingType

    from screens.attending import Attending
    from screens.requests import Requested, RoomWanted
    from wizard.run.events import Event
    from wizard.run.operator import Pausing

_ENDS_WAITING: Final = (StepBegan, StepEnded, PhaseBegan, RunEnded)
"""Events after which what was waited for, or asked, is over."""


class WalkScreen(RunScreen[None], Stage):
    """The steps one after the other, with their output; requests are put beside it, so that both can be read."""

    HELP: ClassVar[str] = (
        "The run goes step by step. Above you see where it stands, what the phase does, and whether and until when you "
        "can still go back. In the middle are the words of one step and its command, below what the command prints.\n"
        f"{HOW_TO_READ}"
        "t types into the command until ctrl+].\n"
        "What somebody tells you with `wizard note` stands above all else, until a reply of yours came after it.\n"
        "Signs: v or a check mark is done, x failed, > or an arrow is now, an arrow back undone, ? unknown, - skipped, "
        "& runs beside."
    )

    BINDINGS: ClassVar[list[BindingType]] = [*DIGITS]
    """Digits lead to the ways out of a wait, wherever the focus is; a card that asks has its own."""

    def __init__(self, session: str, *, rehearsal: bool = False) -> None:
        """Show the session with that id, which this wizard drives."""
        super().__init__(session, here=True)
        self.rehearsal = rehearsal

    def action_jump(self, number: int) -> None:
        """Go to the way out of a wait with that digit; enter takes it."""
        if isinstance(waiting := self._view.card, WaitView):
            waiting.jump(number)

    # -- what the engine says --------------------------------------------------------------------
    # The engine may speak before the view is mounted; it hears that in its turn.

    def told(self, event: Event) -> None:
        """Show an event."""
        self._view.call_later(self._told, event)

    def asked(self, requested: Requested) -> None:
        """Put a request beside the terminal; one of another kind has a screen of its own."""
        if isinstance(requested.request, ConfirmRequest | ChoiceRequest | SecretRequest):
            self._view.call_later(self._put, requested)
        else:
            super().asked(requested)

    def room_wanted(self, wanted: RoomWanted) -> None:
        """Say how much room a command will have in the terminal of the walk."""
        self._view.call_later(self._make_room, wanted)

    def attended(self, attending: Attending) -> None:
        """Show a running command."""
        self._view.call_later(self._attend, attending)

    def paused(self, pausing: Pausing) -> None:
        """Show what is waited for."""
        self._view.call_later(self._pause, pausing)

    async def _told(self, event: Event) -> None:
        if not self._view.whole:
            return
        card = self._view.card
        if (isinstance(card, Card) and card.requested.answered) or isinstance(event, _ENDS_WAITING):
            await self._view.take_away()
        self._view.tell(event)

    async def _put(self, requested: Requested) -> None:
        if requested.withdrawn:
            return
        card = card_for(requested)
        await self._view.put(card)
        self.say_unseen(card)

    async def _pause(self, pausing: Pausing) -> None:
        waiting = self._view.card
        if isinstance(waiting, WaitView):
            waiting.show(pausing)
        else:
            await self._view.put(WaitView(pausing))

    async def _make_room(self, wanted: RoomWanted) -> None:
        if self._view.whole:
            await self._view.take_away()
        self._view.make_room(wanted)

    async def _attend(self, attending: Attending) -> None:
        await self._view.take_away()
        await self._view.attend(attending)

    @on(Card.Answered)
    async def _answered(self, event: Card.Answered) -> None:
        event.stop()
        if not event.card.requested.withdrawn:
            self._view.heard(event.card)
        if self._view.card is event.card:
            await self._view.take_away()
