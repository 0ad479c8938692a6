"""A card in its dialog, to be answered by keys: what tests of cards share."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens.dialogs.asking import AskingDialog
from screens.requests import Requested
from tests.screens.frames import OneScreen, text_of, wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from screens.widgets.card_base import Card
    from wizard.run.operator import ChoiceRequest, ConfirmRequest, SecretRequest

SMALL, LARGE = (80, 24), (120, 40)


@dataclass(slots=True)
class Asked:
    """A dialog that is shown, and the request it is about."""

    app: OneScreen
    pilot: Pilot[None]
    requested: Requested

    @property
    def card(self) -> Card:
        """The card."""
        assert isinstance(self.app.shown, AskingDialog)
        return self.app.shown.card

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return text_of(self.app)

    @property
    def reply(self) -> Any:
        """What the engine was replied."""
        assert self.requested.answered, f"no reply was given; the screen is\n{self.text}"
        return self.requested.wait()

    async def opened(self) -> None:
        """Wait until it can be answered."""
        await wait_until(self.pilot, lambda: self.card.open)

    async def press(self, *keys: str) -> None:
        """Press keys, each after what the one before did is done."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*("space" if one == " " else one for one in text))


@asynccontextmanager
async def asked(
    request: ConfirmRequest | ChoiceRequest | SecretRequest, size: tuple[int, int] = SMALL, *, opened: bool = True
) -> AsyncIterator[Asked]:
    """Show a request as a dialog, and wait until it can be answered."""
    requested = Requested(request)
    app = OneScreen(AskingDialog(requested))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        it = Asked(app, pilot, requested)
        if opened:
            await it.opened()
        yield it
