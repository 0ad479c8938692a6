"""What is pasted, told apart from what is typed before anybody looks for keys in it.

Textual looks for them in what is pasted too: what follows an escape there would be pressed, and missing in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGINS: Final = "\x1b[200~"
_ENDS: Final = "\x1b[201~"

_BEGINNING: Final = re.compile(r"\x1b(?:\[(?:2(?:0(?:0)?)?)?)?\Z")
"""The last characters read, which may be those that a paste begins with."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted, as the terminal sent it."""

    text: str


class Pastes:
    """Takes what is pasted out of the input, also where it comes in pieces."""

    def __init__(self) -> None:
        self.held = ""
        """The last characters read, which may begin a paste."""
        self._pieces: list[str] | None = None
        """What came of a paste that has not ended; None outside of one."""

    def take(self, typed: str) -> Iterator[str | Pasted]:
        """Give what was typed and what was pasted, in turn."""
        rest, self.held = self.held + typed, ""
        while rest:
            if self._pieces is None:
                keys, begins, rest = rest.partition(_BEGINS)
                if begins:
                    self._pieces = []
                elif beginning := _BEGINNING.search(keys):
                    keys, self.held = keys[: beginning.start()], beginning[0]
                if keys:
                    yield keys
            else:
                # The mark may have come in two pieces.
                last = self._pieces.pop() if self._pieces else ""
                text, ends, rest = (last + rest).partition(_ENDS)
                kept = len(text) if ends else len(text) - len(_ENDS) + 1
                self._pieces += [text[: max(0, kept)], text[max(0, kept) :]]
                if ends:
                    # As Textual has it: nothing of what is shown or run can hold a NUL.
                    pasted = Pasted("".join(self._pieces).replace("\x00", ""))
                    self._pieces = None
                    if pasted.text:
                        yield pasted

    def let_go(self) -> str:
        """Give what was held: nothing more came, so it was typed."""
        held, self.held = self.held, ""
        return held
