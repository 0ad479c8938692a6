"""The card that takes a secret again: never shown, and kept nowhere but in the reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from screens.widgets.card_base import Card
from screens.widgets.card_rows import Field, words
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from screens.requests import Requested
    from wizard.run.operator import SecretRequest


class SecretCard(Card):
    """Takes one line that is not shown; pasting is allowed, because that is how secrets come from a safe."""

    HINT: ClassVar[str] = "Nothing you type is shown or stored.   enter: take"

    def __init__(self, requested: Requested, request: SecretRequest) -> None:
        """Ask for what `request` names."""
        super().__init__(requested, request.label)
        self._request = request
        self._field = Field("Secret", lambda text: "" if text else "Something is needed here.", password=True)

    def text(self) -> Iterator[Widget]:
        """Why it is needed again."""
        if self._request.why:
            yield words(self._request.why)

    def controls(self) -> Iterator[Widget]:
        """The hidden line."""
        yield self._field

    def first(self) -> Widget | None:
        """The line: an enter there takes nothing while it is empty."""
        return self._field.line

    def on_unmount(self) -> None:
        """Forget what was typed and not given."""
        self._field.clear()

    @on(Field.Edited)
    def _edited(self, event: Field.Edited) -> None:
        event.stop()

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        event.stop()
        if self._field.complain():
            return
        given = Secret(self._field.value)
        self._field.clear()
        self.reply(given)
