"""The card of a decision; also the one that shows why a step failed, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.content import Content

from screens.widgets.card_base import Card
from screens.widgets.card_choices import Choices
from screens.widgets.card_rows import words
from wizard.plain.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from screens.requests import Requested
    from wizard.run.operator import ChoiceRequest

KINDS: Final = {"failed": "-failed", "unknown": "-unknown", "stalled": "-stalled"}
"""Ids of requests about a command that did not end well, by their first part, and how their card looks."""

FEW: Final = 2
"""Lines that are in sight below what went wrong, however little room a card has."""


def kind_of(request: ChoiceRequest) -> str:
    """Give the class of a card about something that went wrong; empty for any other decision."""
    return KINDS.get(request.id.partition(":")[0], "")


class ChoiceCard(Card):
    """Shows what supports a decision, and takes it."""

    def __init__(self, requested: Requested, request: ChoiceRequest) -> None:
        """Put `request`."""
        kind = kind_of(request)
        super().__init__(requested, request.title, sign="!" if kind else "?", classes=kind)
        self._request = request
        self._choices = Choices(request.choices, request.default)
        self._says = words("", "-instead")
        self._says.display = False

    def text(self) -> Iterator[Widget]:
        """The words, and the lines that say why: of what went wrong the last one comes first, where it is seen."""
        request = self._request
        lines = [f"| {line}" for text in request.lines for line in clean(text).split("\n")]
        head, _, rest = request.text.partition("\n") if kind_of(request) else ("", "", request.text)
        # A few lines under one line of words are all in sight, and stand there once, in their order.
        first = lines[-1:] if head and (rest or len(lines) > FEW) else []
        if head:
            yield words(head)
        if first:
            yield words(first[0], "-quoted")
        if rest:
            yield words(rest)
        if lines != first:
            yield words("\n".join(lines), "-quoted")
        yield self._says

    def controls(self) -> Iterator[Widget]:
        """The choices."""
        yield self._choices

    def first(self) -> Widget | None:
        """What the engine proposes, if that is harmless."""
        return self._choices.asked_once_more or self._choices.proposed

    @on(Choices.Pondered)
    def _pondered(self, event: Choices.Pondered) -> None:
        """Show what a choice will do in the place of what happened: that scrolls, and the replies stay in sight."""
        event.stop()
        says = event.choice.says if event.choice is not None else ()
        self._says.update(Content(clean("\n".join(says))))
        self.show_instead(self._says if says else None)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.reply(event.chosen)
