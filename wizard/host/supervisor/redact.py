"""Takes known secrets out of a stream of bytes, whatever the chunks (DESIGN §5, "Secrets").

A value is looked for raw and as JSON, a URL, XML, a shell or base64 would write it, also mixed, and
with colour codes and line ends inside. The stream is therefore read twice: as it came, and *bare*,
which is without colour codes and line ends. Values are found in the bare bytes, and what lies between
their first and last byte in the stream is replaced as a whole.

The module needs the standard library only: the pump loads it by its path.
"""

from __future__ import annotations

import re
import sys
from array import array
from base64 import b64encode
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SHORTEST: Final = 6
"""A value of fewer bytes is not looked for: it would be found in ordinary words."""

SHOWN_AT_ONCE: Final = 2
"""So many bytes that begin a value may go to the screen without waiting."""

_FEWEST_BARE: Final = 5
"""A value needs so many bytes beside line ends and colour codes to be told from ordinary text."""

_LONGEST_RUN: Final = 128
"""Colour codes and line ends in a row that may stand inside a value; bounds what is held back."""

_GRAM: Final = 4
"""Bytes that are looked up at once; the size of an array item of type I."""

_RUN_BYTES: Final = b"\r\n\x0f"
_UNIT: Final = rb"(?:[\r\n\x0f]|\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|[()][0-9A-Za-z]))"
_RUN: Final = re.compile(_UNIT + b"+")
_UNFINISHED: Final = re.compile(rb"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}|[()])?\Z")
_UNFINISHED_AT_MOST: Final = 40
_BETWEEN: Final = re.compile(_UNIT + rb"|\x1b(?:\[[0-?]{0,32}[ -/]{0,4}|[()])?\Z")
_BARRIER: Final = b"\n"

_XML_NAMES: Final = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_SHORT_ESCAPES: Final = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v", "\a": "a", "\x1b": "e"}
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

Element = tuple[bytes, ...]
"""The ways to write one character, the longest first; an empty one says that it may be missing."""


class Redactor:
    """Replaces every value of `secrets` in a stream by `mask`.

    Bytes that may begin a value are held back until it is clear, so that the result does not depend
    on how the stream was cut. What is held is bounded by the longest value. Values that overlap are
    replaced together by one mask.
    """

    def __init__(
        self, secrets: Iterable[bytes], mask: bytes = b"******", *, held: bytes = b"", masked: int = 0
    ) -> None:
        """Look for `secrets`; `held` and `masked` of another redactor continue where it was left."""
        self._mask = mask
        self._held = held
        self._masked = masked
        self._forms = _forms(secrets)
        self._heads, self._stride = _head_grams(self._forms)
        self._head_keys = frozenset(self._heads)
        self._inner = _inner_grams(self._forms)
        self._begins = _beginnings(self._forms)

    @property
    def masked(self) -> int:
        """How many of the held bytes belong to a value whose mask was given already."""
        return self._masked

    def held(self) -> int:
        """How many raw bytes are held back."""
        return len(self._held)

    def held_bytes(self) -> bytes:
        """The raw bytes that are held back, for handing the work over to another redactor."""
        return self._held

    def shows_at_once(self) -> bool:
        """Whether `pending()` may go to the screen without waiting: hardly anything of a value is in it."""
        return len(self._held) - self._masked <= SHOWN_AT_ONCE

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes of the stream; gives the redacted bytes that are settled by now."""
        if not self._forms:
            return chunk
        data = self._held + chunk if self._held else chunk
        if not self._masked:
            settled = self._quick(data)
            if settled is not None:
                self._held = data[settled:]
                return data[:settled] if settled < len(data) else data
        out, settled, self._masked = self._settle(data, final=False)
        self._held = data[settled:]
        return out

    def pending(self) -> bytes:
        """What is held back as a screen may show it: whole values masked, a beginning as it is."""
        return self._settle(self._held, final=True)[0] if self._held else b""

    def flush(self) -> bytes:
        """Give what is held back; the stream ended."""
        out = self.pending()
        self._held, self._masked = b"", 0
        return out

    def _quick(self, data: bytes) -> int | None:
        """How many bytes are settled and hold no value; None where that needs a close look."""
        if b"\x1b" in data:
            if _unfinished(data) is not None:
                return None
            bare = _RUN.sub(b"", data)
        else:
            bare = data.translate(None, _RUN_BYTES)
        if int.from_bytes(bare[-_GRAM:], sys.byteorder) in self._inner and len(bare) >= _GRAM:
            return None
        if not self._head_keys.isdisjoint(self._words(bare)):
            return None
        for count in (3, 2, 1):
            if bare[-count:] in self._begins:
                return _back(data, count)
        return len(data)

    def _words(self, bare: bytes) -> array[int]:
        """Grams of `bare`, so many that any form holds one of them whole."""
        view = memoryview(bare)
        words = array("I")
        words.frombytes(view[: len(bare) & -_GRAM])
        if self._stride >= _GRAM:
            return words[:: self._stride // _GRAM]
        words.frombytes(view[2 : 2 + ((len(bare) - 2) & -_GRAM)] if len(bare) > 2 else b"")
        return words

    def _settle(self, data: bytes, *, final: bool) -> tuple[bytes, int, int]:
        """Redact `data`: the settled output, how many bytes that was, and the bytes masked beyond them."""
        cut = None if final else _unfinished(data)
        body = data if cut is None else data[:cut]
        bare = _Bare(body)
        open_at = len(bare.text) if final else self._first_open(bare.text)
        settled = bare.place(open_at) if open_at < len(bare.text) else len(body)
        out = []
        done = self._masked
        for start, end in self._values(bare.text, open_at):
            first, last = bare.place(start), bare.place(end - 1) + 1
            if first >= done:
                out += [data[done:first], self._mask]
            done = max(done, last)
        if done <= settled:
            out.append(data[done:settled])
            done = settled
        return b"".join(out), settled, done - settled

    def _first_open(self, bare: bytes) -> int:
        """Where the first value begins that may go on behind the end of `bare`; its length where none does."""
        first = len(bare)
        if len(bare) >= _GRAM:
            for number in self._inner.get(int.from_bytes(bare[-_GRAM:], sys.byteorder), ()):
                form = self._forms[number]
                for start in range(max(0, len(bare) - form.longest), first):
                    if form.match(bare, start).open:
                        first = start
                        break
        for count in (3, 2, 1):
            if bare[-count:] in self._begins:
                return min(first, len(bare) - count)
        return first

    def _values(self, bare: bytes, before: int) -> list[tuple[int, int]]:
        """Start and end of every value that begins before `before`, in order."""
        hits = self._head_keys.intersection(self._words(bare))
        numbers = {number for hit in hits for number in self._heads[hit]}
        found = []
        for form in (self._forms[number] for number in numbers):
            head = form.head.search(bare)
            while head is not None and head.start() < before:
                end = form.match(bare, head.start()).end
                if end is not None:
                    found.append((head.start(), end))
                head = form.head.search(bare, head.start() + 1)
        return sorted(found)


def redact(data: bytes, secrets: Iterable[bytes], mask: bytes = b"******") -> bytes:
    """Replace every value of `secrets` in bytes that are whole."""
    redactor = Redactor(secrets, mask)
    return redactor.feed(data) + redactor.flush()


class _Match(NamedTuple):
    end: int | None
    """Where the longest value ends, None where there is none."""
    open: bool
    """Whether the bytes ended while more of them could have made a value, or a longer one."""


class _Form:
    """One writing of a value as a row of elements.

    It is matched by following all ways through the elements side by side, so that no value and no
    text makes it slow (a regular expression over ambiguous escapes would be exponential).
    """

    def __init__(self, elements: Sequence[Element]) -> None:
        self.elements = tuple(elements)
        self.longest = sum(max(map(len, element)) for element in elements)
        self.shortest = sum(min(map(len, element)) for element in elements)
        self._readable: dict[tuple[int, int], frozenset[bytes]] = {}

    @property
    def head(self) -> re.Pattern[bytes]:
        """Finds where the form may begin; bounded, so that it cannot be slow."""
        return re.compile(
            b"".join(
                b"(?:" + b"|".join(re.escape(way) for way in element) + b")"
                for element in self.elements[:_FEWEST_BARE]
            )
        )

    def match(self, text: bytes, start: int) -> _Match:
        """Follow the form from `start`."""
        ends = {start}
        size = len(text)
        is_open = False
        for element in self.elements:
            further = set()
            for place in ends:
                for way in element:
                    if text.startswith(way, place):
                        further.add(place + len(way))
                    elif size - place < len(way) and way.startswith(text[place:]):
                        is_open = True
            if not further:
                return _Match(None, is_open)
            ends = further
        return _Match(max(ends), is_open)

    def readable(self, index: int, count: int) -> frozenset[bytes]:
        """All texts of exactly `count` bytes that can be read from element `index` on."""
        if count == 0:
            return frozenset((b"",))
        if index == len(self.elements):
            return frozenset()
        known = self._readable.get((index, count))
        if known is None:
            known = frozenset(text for way in self.elements[index] for text in self._after(index, way, count))
            self._readable[index, count] = known
        return known

    def grams(self) -> Iterator[bytes]:
        """All texts of four bytes anywhere inside."""
        for index, element in enumerate(self.elements):
            for way in element:
                for offset in range(len(way)):
                    yield from self._after(index, way[offset:], _GRAM)

    def head_grams(self, stride: int) -> Iterator[bytes]:
        """All texts of four bytes that begin within the first `stride` bytes."""
        reached = {(0, b"")}
        for _ in range(stride):
            step = set()
            for index, rest in self._filled(reached):
                yield from self._after(index, rest, _GRAM)
                step.add((index, rest[1:]))
            reached = step

    def _after(self, index: int, rest: bytes, count: int) -> Iterator[bytes]:
        """All texts of `count` bytes that begin with `rest`, a part of element `index`."""
        if len(rest) >= count:
            yield rest[:count]
        else:
            for text in self.readable(index + 1, count - len(rest)):
                yield rest + text

    def _filled(self, places: set[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
        """The same places in the form, each with bytes left of its element.

        A place is an element and what is left of one of its ways; with nothing left, (0, b"") is the
        beginning and (n, b"") the end of element n - 1 seen from its predecessor.
        """
        filled: set[tuple[int, bytes]] = set()
        todo = [(index, rest) for index, rest in places]
        while todo:
            index, rest = todo.pop()
            if rest:
                filled.add((index, rest))
            elif index < len(self.elements):
                todo += [(index, way) for way in self.elements[index] if way]
        return filled
