"""A command's output as whole lines with a prefix; each byte of the spool once, nothing that steers a terminal."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, Protocol

from wizard.plain.clean import clean
from wizard.plain.screen_filter import Keep, ScreenFilter

if TYPE_CHECKING:
    from collections.abc import Callable

_READ: Final = 64 << 10

_LONGEST_LINE: Final = 8 << 10
"""Characters after which a line is shown although it has not ended."""


class Readable(Protocol):
    """What output is read from: a running command, or its spool."""

    def read(self, offset: int, limit: int = ...) -> bytes:
        """Give at most `limit` bytes from `offset`."""


class OutputLines:
    """One command's output as whole lines with a prefix; each byte of the spool once."""

    def __init__(self, prefix: str, write: Callable[[list[str]], None]) -> None:
        self._prefix = prefix
        self._write = write
        self._filter = ScreenFilter(Keep.TEXT)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._offset = 0
        self._open = ""

    def take(self, source: Readable) -> bool:
        """Write the lines that have ended since; whether there was anything new."""
        data = source.read(self._offset, _READ)
        self._offset += len(data)
        self._show(self._decoder.decode(self._filter.feed(data)))
        return bool(data)

    def end(self) -> None:
        """Write what did not end its line."""
        self._show(self._decoder.decode(self._filter.finish(), final=True))
        if self._open:
            self._show("\n")

    def _show(self, text: str) -> None:
        *lines, self._open = (self._open + text).split("\n")
        if len(self._open) > _LONGEST_LINE:
            lines.append(self._open)
            self._open = ""
        if lines:
            self._write([f"{self._prefix}{clean(line)}".rstrip() for line in lines])
