"""Reading what a command printed, from disk, in bounded memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WINDOW: Final = 4 << 20
OVERLAP: Final = 64 << 10
"""A match longer than this may be missed where it crosses a window."""

_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles, links
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]"
)


def clean(text: str) -> str:
    """Take out escape sequences and control characters; line ends become newlines."""
    return _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\x1b", "")


class Spool:
    """The output of one attempt as text, without escape sequences."""

    def __init__(self, path: Path) -> None:
        """Read from `path`; a file that is not there is empty."""
        self._path = path

    def windows(self) -> Iterator[str]:
        """Give the text in windows that overlap, so that a match across their border is found."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            kept = b""
            while block := file.read(WINDOW):
                yield clean((kept + block).decode("utf-8", "replace"))
                kept = block[-OVERLAP:]

    def search(self, pattern: str) -> re.Match[str] | None:
        """First match of `pattern` (multi-line)."""
        regex = re.compile(pattern, re.MULTILINE)
        return next((found for window in self.windows() if (found := regex.search(window))), None)

    def matches(self, pattern: str) -> list[re.Match[str]]:
        """All matches in the order of the output; those in an overlap are counted once."""
        regex = re.compile(pattern, re.MULTILINE)
        found: list[re.Match[str]] = []
        tail: set[str] = set()
        for window in self.windows():
            here = list(regex.finditer(window))
            border = OVERLAP
            found += [match for match in here if not (tail and match.start() < border and match[0] in tail)]
            tail = {match[0] for match in here if match.end() > len(window) - OVERLAP}
        return found

    def tail(self, lines: int, limit: int = 32 << 10) -> list[str]:
        """The last lines that are not blank."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - limit))
            text = clean(file.read().decode("utf-8", "replace"))
        return [line for line in text.split("\n") if line.strip()][-lines:]

    def errors(self, lines: int) -> list[str]:
        """The last lines that look like errors, or the last lines where none does."""
        last = self.tail(400)
        telling = [line for line in last if tells_of_error(line)]
        return (telling or last)[-lines:]


ERROR_WORDS: Final = (
    "error", "fail", "fatal", "denied", "refused", "cannot", "can't", "no such", "not found", "unable", "traceback",
)  # fmt: skip
"""Words, in any case, by which a line is recognised that tells of an error."""

_ERROR: Final = re.compile("|".join(ERROR_WORDS), re.IGNORECASE)


def tells_of_error(line: str) -> bool:
    """Whether a line of an output or a log looks like one that tells of an error."""
    return _ERROR.search(line) is not None
