"""What the operator's terminal can show: width, characters beyond ASCII, colour."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NARROWEST: Final = 40
WIDEST: Final = 100
"""Lines longer than this are hard to read, however wide the terminal is."""

DUMB: Final = frozenset({"", "dumb", "unknown"})

_ASCII: Final = str.maketrans(
    {
        "—": "-", "–": "-", "‑": "-", "…": "...", "•": "*", "·": "-", "→": "->", "←": "<-", "│": "|", "─": "-",
        "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "«": '"', "»": '"', "×": "x", "✓": "ok", "✗": "x",
        "≤": "<=", "≥": ">=", "≠": "!=", "\u00a0": " ", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss",
    }
)  # fmt: skip


class Tone(StrEnum):
    """How a piece of text is coloured, where there is colour; the words say the same without."""

    STRONG = "1"
    QUIET = "2"
    GOOD = "32"
    WARN = "33"
    BAD = "1;31"
    NEW = "36"


@dataclass(frozen=True, slots=True)
class Style:
    """How lines are made. `unicode` off means that everything is spelled in ASCII."""

    width: int = 80
    unicode: bool = True
    colour: bool = False

    def paint(self, text: str, tone: Tone | None) -> str:
        """Colour `text` where there is colour."""
        return f"\x1b[{tone.value}m{text}\x1b[0m" if self.colour and tone is not None and text else text

    def fit(self, text: str) -> str:
        """Spell `text` with the characters there are."""
        if self.unicode or text.isascii():
            return text
        plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
        return "".join(mark for mark in plain if not unicodedata.combining(mark)).encode("ascii", "replace").decode()

    def wrap(self, text: str, indent: str = "", first: str | None = None) -> list[str]:
        """Break cleaned text at spaces; `first` begins the first line, `indent` all others.

        Words longer than a line (paths, addresses) stay whole, so that they can be copied.
        """
        lines: list[str] = []
        lead = indent if first is None else first
        for paragraph in self.fit(text).rstrip("\n").split("\n"):
            line = lead
            room = False
            for word in paragraph.split(" "):
                if room and cells(line) + 1 + cells(word) > self.width:
                    lines.append(line.rstrip())
                    line, room = indent, False
                line += f" {word}" if room else word
                room = True
            lines.append(line.rstrip())
            lead = indent
        return lines


def cells(text: str) -> int:
    """Columns that `text` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(mark) else 2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text
    )


def cut(text: str, width: int) -> str:
    """Shorten one line to `width` columns, with an ellipsis where something is left out."""
    if cells(text) <= width:
        return text
    kept = text
    while kept and cells(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…"


def style_of(environ: Mapping[str, str], stream: TextIO) -> Style:
    """Find out what `stream` can show; https://no-color.org is followed."""
    terminal = is_terminal(stream)
    drawn = terminal and environ.get("TERM", "") not in DUMB
    return Style(
        width=_width(environ, stream) if terminal else 80,
        unicode=can_encode(stream),
        colour=drawn and not environ.get("NO_COLOR"),
    )


def is_terminal(stream: TextIO) -> bool:
    """Whether a stream leads to a terminal; a closed one does not."""
    try:
        return stream.isatty()
    except (ValueError, OSError):
        return False


def can_encode(stream: TextIO) -> bool:
    """Whether a stream's encoding has the signs that are used."""
    try:
        "—│•→✓".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def tone_of(word: str) -> Tone | None:
    """Tone of a status or kind word (`ok`, `fail`, `danger`); None for words without one."""
    tones: Iterable[tuple[Tone, tuple[str, ...]]] = (
        (Tone.GOOD, ("ok", "done", "already_done")),
        (Tone.WARN, ("risk", "warning", "unknown", "waiting", "stopped", "skipped", "undone")),
        (Tone.BAD, ("fail", "failed", "error", "danger")),
    )
    return next((tone for tone, words in tones if word.lower() in words), None)


def _width(environ: Mapping[str, str], stream: TextIO) -> int:
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    if not columns:
        named = environ.get("COLUMNS", "")
        columns = int(named) if named.isdigit() else 80
    return max(NARROWEST, min(columns, WIDEST))
