"""Which card puts a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.widgets.card_choice import ChoiceCard
from screens.widgets.card_confirm import ConfirmCard
from screens.widgets.card_secret import SecretCard
from wizard.run.operator import ChoiceRequest, ConfirmRequest, SecretRequest

if TYPE_CHECKING:
    from screens.requests import Requested
    from screens.widgets.card_base import Card


def card_for(requested: Requested) -> Card:
    """Give the card of a request, to be shown inline or in a dialog; it says `Card.Answered` once it replied.

    Raises TypeError for a request that has a screen of its own (FillRequest, ProceedRequest).
    """
    match requested.request:
        case ConfirmRequest() as request:
            return ConfirmCard(requested, request)
        case ChoiceRequest() as request:
            return ChoiceCard(requested, request)
        case SecretRequest() as request:
            return SecretCard(requested, request)
        case other:
            raise TypeError(f"{type(other).__name__} has no card")
