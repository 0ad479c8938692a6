"""Looking for a guide's texts in the output while it streams by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .memory import CARRY

if TYPE_CHECKING:
    from .order import Watch

_CONTEXT: Final = 4 << 10
"""Bytes of whole lines kept for texts that span lines."""
_LONG_LINE: Final = 32 << 10
"""A line of so many bytes is looked at before it ends."""
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")


class Finder:
    """Looks for several texts; each is reported once.

    Lines are looked at when they are whole, so that `$` means the end of a line and not of a read; the
    last one also when `settle` says that nothing more came. Colour codes do not hide a text.
    """

    def __init__(self, watches: list[Watch], seen: int = 0, carry: bytes = b"") -> None:
        """Look for what is not in the bits of `seen` yet; `carry` continues another finder."""
        self._open = {
            index: re.compile(watch.regex, re.MULTILINE) for index, watch in enumerate(watches) if not seen >> index & 1
        }
        self.seen = seen
        self.carry = carry

    def feed(self, output: bytes) -> list[int]:
        """Take the next output; gives the indexes of the texts seen for the first time."""
        if not self._open or not output:
            return []
        text = self.carry + output
        end = max(text.rfind(b"\n"), text.rfind(b"\r", 0, -1)) + 1
        if len(text) - end > _LONG_LINE:
            end = len(text)
        fresh = end > len(self.carry) or b"\n" in output or b"\r" in output
        found = self._look(text[:end]) if fresh and end else []
        begin = max(0, end - _CONTEXT)
        # The carry begins behind a line end, so that `^` means the same in it as in the whole output.
        if begin:
            begin = max(text.find(b"\n", begin, end) + 1, text.find(b"\r", begin, end) + 1) or end
        self.carry = text[begin:][-CARRY:]
        return found

    def settle(self) -> list[int]:
        """Look at the unfinished last line too: nothing more came for a while, or the output ended."""
        return self._look(self.carry) if self._open and self.carry else []

    def _look(self, output: bytes) -> list[int]:
        text = output.decode("utf-8", "replace")
        if "\x1b" in text:
            text = _ESCAPES.sub("", text)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        found = [index for index, regex in self._open.items() if regex.search(text)]
        for index in found:
            del self._open[index]
            self.seen |= 1 << index
        return found
