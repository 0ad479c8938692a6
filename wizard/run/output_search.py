"""Looking for text, or for lines that tell of errors, in a spool of any size.

What is found is text as it is shown: colour codes may stand inside of a match, and what stands inside of a colour
code is no match. The spool is read in blocks, each looked at within a few milliseconds, so that a front end in
another thread stays alive meanwhile.

Next to nothing of a spool is what is looked for. Whether a block may hold it is asked of the regular expressions that
pydantic checks strings with: they look for all texts and all their spellings at once, at gigabytes a second, and tell
no places. Only a block that may hold it is gone through by those of Python, escape sequence by escape sequence.
"""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from wizard.run.spool import ERROR_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_BLOCK: Final = 64 << 10
"""Bytes looked at at once: the memory of larger ones goes back to the system each time and is taken anew page by page,
which takes longer than the search."""
_AROUND: Final = 4 << 10
"""Bytes before a block in which an escape sequence may begin that reaches into it, and behind it in which a match may
end that begins in it."""
_TELL_EVERY: Final = 0.05
"""Seconds between two calls of `going_on`."""
_TELLING: Final = 32
"""Characters of a text by which a block is known that may hold it: expressions of whole ones might get too large."""

_ESCAPE: Final = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])"
_ESCAPES: Final = f"(?:{_ESCAPE})*"


@dataclass(frozen=True, slots=True)
class Match:
    """Bytes of the spool that show what was looked for."""

    begin: int
    end: int


class Pattern:
    """What is looked for: any of some plain texts."""

    def __init__(self, texts: tuple[str, ...], *, any_case: bool) -> None:
        """Look for any of `texts`; those for `any_case` are in small letters."""
        self._texts = texts
        self._any_case = any_case

    @classmethod
    def text(cls, text: str) -> Pattern:
        """Look for `text` (not empty), in any case where it has no capitals."""
        return cls((text,), any_case=text == text.lower())

    @classmethod
    @cache
    def errors(cls) -> Pattern:
        """Look for the words by which lines are recognised that tell of errors."""
        return cls(ERROR_WORDS, any_case=True)

    def may_be_in(self, block: bytes) -> bool:
        """Whether something in a block looks like a match: it may turn out to be none, but none is missed."""
        looks_like = self._in_coloured if b"\x1b" in block else self._in_plain
        return looks_like((block.lower() if self._folds else block).decode("latin-1"))

    def matches(self, block: bytes) -> Iterator[Match]:
        """Give the matches in a block, in their order; they may overlap."""
        return (Match(*found.span(1)) for found in self._exact.finditer(block) if found.lastindex)

    @property
    def _folds(self) -> bool:
        """Whether blocks are put in small letters first: many texts have more spellings than are looked for at once."""
        return self._any_case and len(self._texts) > 1

    @cached_property
    def _exact(self) -> re.Pattern[bytes]:
        """Consumes escape sequences, and nothing where a match begins, which is its group."""
        expression = f"{_ESCAPE}|(?=({self._expression(_ESCAPES)}))"
        return re.compile(expression.encode("latin-1"), re.IGNORECASE if self._any_case else 0)

    @cached_property
    def _in_coloured(self) -> Callable[[str], bool]:
        return self._quick(_ESCAPES)

    @cached_property
    def _in_plain(self) -> Callable[[str], bool]:
        return self._quick("")

    def _quick(self, between: str) -> Callable[[str], bool]:
        from pydantic_core import SchemaValidator, core_schema

        any_case = "(?i)" if self._any_case and not self._folds else ""
        pattern = any_case + self._expression(between, _TELLING)
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex")).isinstance_python

    def _expression(self, between: str, most: int | None = None) -> str:
        """Write the texts, or so many characters of each, as an expression over bytes, each a character."""
        return "|".join(between.join(map(self._spelled, text[:most])) for text in self._texts)

    def _spelled(self, character: str) -> str:
        """Write a character, and its capital where bytes know of none."""
        capital = character.upper() if self._any_case and not character.isascii() else character
        both = {character, capital} if len(capital) == 1 else {character}
        spelled = (one.encode("utf-8", "surrogateescape").decode("latin-1") for one in sorted(both))
        return f"(?:{'|'.join(map(re.escape, spelled))})"


def find(
    read: Callable[[int, int], bytes],
    pattern: Pattern,
    begin: int,
    end: int,
    *,
    backwards: bool = False,
    going_on: Callable[[int], bool] = lambda _: True,
) -> Match | None:
    """Find the first match, or the last, that begins between two places of a spool.

    `going_on` is told from time to time how many bytes were looked at, and ends the search by False.
    """
    done, tell = 0, time.monotonic() + _TELL_EVERY
    while done < end - begin:
        count = min(_BLOCK, end - begin - done)
        low = end - done - count if backwards else begin + done
        around = max(0, low - _AROUND)
        block = read(around, low - around + count + _AROUND)
        if pattern.may_be_in(block):
            found = (match for match in pattern.matches(block) if low <= around + match.begin < low + count)
            if (match := _last(found) if backwards else next(found, None)) is not None:
                return Match(around + match.begin, around + match.end)
        done += count
        if (now := time.monotonic()) >= tell:
            tell = now + _TELL_EVERY
            if not going_on(done):
                return None
    return None


def _last(matches: Iterable[Match]) -> Match | None:
    kept = deque(matches, maxlen=1)
    return kept[0] if kept else None
