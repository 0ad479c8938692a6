"""Looking for text, or for lines that tell of errors, in a spool of any size.

What is found is text as it is shown: colour codes may stand inside of a match, and what stands inside of a colour
code is no match. The spool is read in blocks, each looked at within a few milliseconds, so that a front end in
another thread stays alive meanwhile.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from itertools import groupby, product
from typing import TYPE_CHECKING, Final

from wizard.run.spool import ERROR_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_BLOCK: Final = 256 << 10
_AHEAD: Final = 4 << 10
"""Bytes behind a block in which a match may end that begins in it."""
_BACK: Final = 256
"""Bytes before a block in which an escape sequence may begin that reaches into it."""
_TELL_EVERY: Final = 16 << 20
_VARIANTS: Final = 64
_MANY: Final = 32

_REST_OF_ESCAPE: Final = rb"(?:\[[0-?]*+[ -/]*+[@-~]|\][^\x07\x1b]*+(?:\x07|\x1b\\)|[ -/]*+[0-Z\\^-~])"
_ESCAPES: Final = rb"(?:\x1b" + _REST_OF_ESCAPE + rb")*+"
_OPEN_ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b\n]*|[ -/]*)$")


@dataclass(frozen=True, slots=True)
class Match:
    """Bytes of the spool that show what was looked for."""

    begin: int
    end: int


class Pattern:
    """What is looked for: any of some plain texts."""

    def __init__(self, texts: tuple[str, ...], *, any_case: bool) -> None:
        """Look for any of `texts`; those for `any_case` are in small letters."""
        self._any_case = any_case
        spellings = (spelling for text in texts for spelling in (_spellings(text) if any_case else (text,)))
        self._needles = tuple(spelling.encode("utf-8", "surrogateescape") for spelling in spellings)
        ways = [(needle[:at], needle[at:]) for needle in self._needles for at in range(1, len(needle))]
        # Colours change between words as a rule; most blocks have none that changes inside of one.
        between = [way for way in ways if b" " in (way[0][-1:], way[1][:1])]
        inside = [way for way in ways if way not in between]
        self._through = tuple(_Through(some) for some in (between, inside) if some)

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
        for needle in self._present(block, begin):
            best = _first(needle, block, begin, best.begin if best else end) or best
        for through in self._through if b"\x1b" in block else ():
            best = through.first(block, begin, best.begin if best else end) or best
        return best

    def last(self, block: bytes, begin: int, end: int) -> Match | None:
        """Find the last match in a block that begins between two places of it."""
        block, best = self._folded(block), None
        for needle in self._present(block, begin):
            best = _last(needle, block, best.begin + 1 if best else begin, end) or best
        for through in self._through if b"\x1b" in block else ():
            best = through.last(block, best.begin + 1 if best else begin, end) or best
        return best

    def _folded(self, block: bytes) -> bytes:
        return block.lower() if self._any_case else block

    def _present(self, block: bytes, begin: int) -> list[bytes]:
        """Give the texts that are there: searching from the end for what is absent is many times faster."""
        return [needle for needle in self._needles if block.rfind(needle, begin) >= 0]


def _first(needle: bytes, block: bytes, begin: int, end: int) -> Match | None:
    """Find the first place of a text in one piece that is not inside of an escape sequence."""
    while (at := block.find(needle, begin, end + len(needle) - 1)) >= 0:
        if not _inside_escape(block, at):
            return Match(at, at + len(needle))
        begin = at + 1
    return None


def _last(needle: bytes, block: bytes, begin: int, end: int) -> Match | None:
    """Find the last place of a text in one piece that is not inside of an escape sequence."""
    while (at := block.rfind(needle, begin, end + len(needle) - 1)) >= 0:
        if not _inside_escape(block, at):
            return Match(at, at + len(needle))
        end = at
    return None


class _Through:
    """Finds texts that have escape sequences between their characters.

    Such a text shows itself by the first of them: before it stands a beginning of the text, behind it the rest. So the
    escapes are gone through, and nearly each is done with by the one character before it.
    """

    def __init__(self, ways: list[tuple[bytes, bytes]]) -> None:
        """Look for texts, told as what stands before the first escape and what behind."""
        self._longest = max(len(beginning) for beginning, _ in ways)
        self._guard = _expression(ways, b"[" + _set(rest[:1] for _, rest in ways) + b"]") if len(ways) > _MANY else None
        """What tells of a block that there is none, where there are many ways."""
        ways = sorted(ways, key=lambda way: (way[0][-1:], len(way[0])))
        self._latest = _Ways(ways)
        self._earliest = _Ways(ways[::-1])

    def first(self, block: bytes, begin: int, end: int) -> Match | None:
        """Find the first that begins between two places of a block."""
        return next(self._all(self._earliest, block, begin, end), None)

    def last(self, block: bytes, begin: int, end: int) -> Match | None:
        """Find the last that begins between two places of a block."""
        found = deque(self._all(self._latest, block, begin, end), maxlen=1)
        return found[0] if found else None

    def _all(self, ways: _Ways, block: bytes, begin: int, end: int) -> Iterator[Match]:
        if self._guard is not None and not self._guard.search(block, begin):
            return
        at = begin
        while (found := ways.regex.search(block, at)) and found.start() - self._longest < end:
            at = found.start() + 1
            start = found.start() - ways.before[(found.lastindex or 1) - 1]
            if begin <= start < end and not _inside_escape(block, start):
                yield Match(start, found.end())


class _Ways:
    """Finds the first escape that a text goes through; of two that go through the same, the way named first."""

    def __init__(self, ways: list[tuple[bytes, bytes]]) -> None:
        """Go these ways; those with the same character before the escape are neighbours."""
        self.before = [len(beginning) for beginning, _ in ways]
        """Bytes of the beginning for each group of `regex`."""
        by_sign = (
            b"(?<=" + re.escape(sign) + rb"\x1b)(?:" + b"|".join(_going_on(*way) for way in some) + b")"
            for sign, some in groupby(ways, key=lambda way: way[0][-1:])
        )
        self.regex = _expression(ways, b"(?:" + b"|".join(by_sign) + b")", escape=b"")


def _expression(
    ways: list[tuple[bytes, bytes]], then: bytes, *, escape: bytes = _REST_OF_ESCAPE + _ESCAPES
) -> re.Pattern[bytes]:
    """An escape behind a character that stands there in one of the ways, and what follows."""
    return re.compile(rb"\x1b(?<=[" + _set(beginning[-1:] for beginning, _ in ways) + rb"]\x1b)" + escape + then)


def _set(characters: Iterable[bytes]) -> bytes:
    return b"".join(map(re.escape, sorted(set(characters))))


def _going_on(beginning: bytes, rest: bytes) -> bytes:
    """Say how a text goes on behind an escape that `beginning` stands before; the group tells which way it was."""
    characters = (re.escape(rest[at : at + 1]) for at in range(len(rest)))
    return b"(?<=" + re.escape(beginning) + rb"\x1b)" + _REST_OF_ESCAPE + _ESCAPES + _ESCAPES.join(characters) + b"()"


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
