"""Looking for text, or for lines that tell of errors, in a spool of any size.

What is found is text as it is shown: colour codes may stand inside of a match, and what stands inside of a colour
code is no match. The spool is read in blocks, each looked at within a few milliseconds, so that a front end in
another thread stays alive meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from wizard.run.spool import ERROR_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK: Final = 256 << 10
_AHEAD: Final = 4 << 10
"""Bytes behind a block in which a match may end that begins in it."""
_BACK: Final = 256
"""Bytes before a block in which an escape sequence may begin that reaches into it."""
_TELL_EVERY: Final = 8 << 20
_VARIANTS: Final = 64
_MANY_FORMS: Final = 16
"""Forms from which on it is quicker to note what stands before escape sequences than to look for each sign."""

_ESCAPE: Final = rb"(?:\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\^-~])"
_OPEN_ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b\n]*|[ -/]*)$")


@dataclass(frozen=True, slots=True)
class Match:
    """Bytes of the spool that show what was looked for."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which a spelling may stand in the spool."""

    sign: bytes
    """What is there wherever it stands so; quickly told to be absent."""
    regex: re.Pattern[bytes] | None = None
    """How it goes on; None where the sign is all of it."""

    def first(self, block: bytes, begin: int, end: int) -> Match | None:
        """Find the first place that is not inside of an escape sequence."""
        while begin < end:
            if self.regex is None:
                at = block.find(self.sign, begin, end + len(self.sign) - 1)
                match = Match(at, at + len(self.sign))
            else:
                found = self.regex.search(block, begin)
                at = found.start() if found and found.start() < end else -1
                match = Match(at, found.end() if found else -1)
            if at < 0 or not _inside_escape(block, at):
                return match if at >= 0 else None
            begin = at + 1
        return None

    def last(self, block: bytes, begin: int, end: int) -> Match | None:
        """Find the last place that is not inside of an escape sequence."""
        if self.regex is not None:
            places = [Match(*found.span()) for found in self.regex.finditer(block, begin) if found.start() < end]
            return next((match for match in reversed(places) if not _inside_escape(block, match.begin)), None)
        while (at := block.rfind(self.sign, begin, end + len(self.sign) - 1)) >= 0:
            if not _inside_escape(block, at):
                return Match(at, at + len(self.sign))
            end = at
        return None


def _forms(data: bytes) -> tuple[_Form, ...]:
    """Give the forms with an escape sequence behind the first byte, behind the second, and so on."""
    bare = [re.escape(data[at : at + 1]) for at in range(len(data))]
    mixed = _ESCAPE + rb"*"
    return tuple(
        _Form(data[:at] + b"\x1b", re.compile(b"".join(bare[:at]) + _ESCAPE + rb"+" + mixed.join(bare[at:])))
        for at in range(1, len(data))
    )


class Pattern:
    """What is looked for: any of some plain texts."""

    def __init__(self, texts: tuple[str, ...], *, any_case: bool) -> None:
        """Look for any of `texts`; those for `any_case` are in small letters."""
        self._any_case = any_case
        spellings = (spelling for text in texts for spelling in (_spellings(text) if any_case else (text,)))
        needles = [spelling.encode("utf-8", "surrogateescape") for spelling in spellings]
        self._plain = tuple(_Form(needle) for needle in needles)
        self._mixed = tuple(form for needle in needles for form in _forms(needle))

    @classmethod
    def text(cls, text: str) -> Pattern:
        """Look for `text` (not empty), in any case where it has no capitals."""
        return cls((text,), any_case=text == text.lower())

    @classmethod
    def errors(cls) -> Pattern:
        """Look for the words by which lines are recognised that tell of errors."""
        return cls(ERROR_WORDS, any_case=True)

    def first(self, block: bytes, begin: int, end: int) -> Match | None:
        """Find the first match in a block that begins between two places of it."""
        block, best = self._folded(block), None
        for form in self._present(block, begin):
            best = form.first(block, begin, best.begin if best else end) or best
        return best

    def last(self, block: bytes, begin: int, end: int) -> Match | None:
        """Find the last match in a block that begins between two places of it."""
        block, best = self._folded(block), None
        for form in self._present(block, begin):
            best = form.last(block, best.begin + 1 if best else begin, end) or best
        return best

    def _folded(self, block: bytes) -> bytes:
        return block.lower() if self._any_case else block

    def _present(self, block: bytes, begin: int) -> list[_Form]:
        """Give the forms whose sign is there: searching from the end for what is absent is many times faster."""
        forms = self._plain
        if b"\x1b" in block:
            mixed = self._mixed
            if len(mixed) > _MANY_FORMS:
                before = {part[-1:] for part in block.split(b"\x1b")}
                mixed = tuple(form for form in mixed if form.sign[-2:-1] in before)
            forms += mixed
        return [form for form in forms if block.rfind(form.sign, begin) >= 0]


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
    done = told = 0
    while done < end - begin:
        count = min(_BLOCK, end - begin - done)
        low = end - done - count if backwards else begin + done
        around = max(0, low - _BACK)
        block = read(around, low - around + count + _AHEAD)
        look = pattern.last if backwards else pattern.first
        found = look(block, low - around, min(len(block), low - around + count))
        if found is not None:
            return Match(around + found.begin, around + found.end)
        done += count
        if done - told >= _TELL_EVERY:
            told = done
            if not going_on(done):
                return None
    return None


def _inside_escape(block: bytes, at: int) -> bool:
    begin = max(0, at - _BACK)
    return block.find(b"\x1b", begin, at) >= 0 and _OPEN_ESCAPE.search(block, begin, at) is not None


def _spellings(text: str) -> list[str]:
    """Give a text in small letters also with those capitals that bytes do not know of; as it is where they are many."""
    letters = [{one, one.upper()} if not one.isascii() and len(one.upper()) == 1 else {one} for one in text]
    count = 1
    for each in letters:
        count *= len(each)
    if count > _VARIANTS:
        return [text]
    return sorted({"".join(each) for each in product(*letters)})
