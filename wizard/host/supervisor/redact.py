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
_CODE: Final = rb"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@A-Za-z~]|[()][0-9A-Za-z])"
_CODES: Final = re.compile(_CODE)
_UNIT: Final = rb"(?:[\r\n\x0f]|" + _CODE + rb")"
_RUN: Final = re.compile(_UNIT + b"+")
_UNFINISHED: Final = re.compile(rb"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}|[()])?\Z")
_UNFINISHED_AT_MOST: Final = 40
_BETWEEN: Final = re.compile(_UNIT + rb"|\x1b(?:\[[0-?]{0,32}[ -/]{0,4}|[()])?\Z")
_BARRIER: Final = b"\n"

_XML_NAMES: Final = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_SHORT_ESCAPES: Final = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v", "\a": "a", "\x1b": "e"}
_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

Element = tuple[bytes, ...]
"""The ways to write one character, the longest first; an empty one says that it may be missing."""


class Patterns:
    """What is looked for; made once of the secrets, and then only read, so that threads may share it."""

    def __init__(self, secrets: Iterable[bytes]) -> None:
        """Look for `secrets`."""
        self.forms = _forms(secrets)
        self.heads, self.stride = _head_grams(self.forms)
        self.head_keys = frozenset(self.heads)
        self.inner = _inner_grams(self.forms)
        self.begins = _beginnings(self.forms)


class Redactor:
    """Replaces every value of `secrets` in a stream by `mask`.

    Bytes that may begin a value are held back until it is clear, so that the result does not depend
    on how the stream was cut. What is held is bounded by the longest value. Values that overlap are
    replaced together by one mask.
    """

    def __init__(
        self, secrets: Iterable[bytes] | Patterns, mask: bytes = b"******", *, held: bytes = b"", masked: int = 0
    ) -> None:
        """Look for `secrets`; `held` and `masked` of another redactor continue where it was left."""
        self._mask = mask
        self._held = held
        self._masked = masked
        self._patterns = secrets if isinstance(secrets, Patterns) else Patterns(secrets)

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
        return len(_RUN.sub(b"", self._held[self._masked :])) <= SHOWN_AT_ONCE

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes of the stream; gives the redacted bytes that are settled by now."""
        if not self._patterns.forms:
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
            bare = _CODES.sub(b"", data).translate(None, _RUN_BYTES)
        else:
            bare = data.translate(None, _RUN_BYTES)
        if int.from_bytes(bare[-_GRAM:], sys.byteorder) in self._patterns.inner and len(bare) >= _GRAM:
            return None
        if not self._patterns.head_keys.isdisjoint(self._words(bare)):
            return None
        for count in (3, 2, 1):
            if len(bare) >= count and bare[-count:] in self._patterns.begins:
                return _back(data, count)
        return len(data)

    def _words(self, bare: bytes) -> array[int]:
        """Grams of `bare`, so many that any form holds one of them whole."""
        view = memoryview(bare)
        words = array("I")
        words.frombytes(view[: len(bare) & -_GRAM])
        if self._patterns.stride >= _GRAM:
            return words[:: self._patterns.stride // _GRAM]
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
            for number in self._patterns.inner.get(int.from_bytes(bare[-_GRAM:], sys.byteorder), ()):
                form = self._patterns.forms[number]
                for start in range(max(0, len(bare) - form.longest), first):
                    if form.match(bare, start).open:
                        first = start
                        break
        for count in (3, 2, 1):
            if len(bare) >= count and bare[-count:] in self._patterns.begins:
                return min(first, len(bare) - count)
        return first

    def _values(self, bare: bytes, before: int) -> list[tuple[int, int]]:
        """Start and end of every value that begins before `before`, in order."""
        hits = self._patterns.head_keys.intersection(self._words(bare))
        numbers = {number for hit in hits for number in self._patterns.heads[hit]}
        found = []
        for form in (self._patterns.forms[number] for number in numbers):
            head = form.head.search(bare)
            while head is not None and head.start() < before:
                end = form.match(bare, head.start()).end
                if end is not None:
                    found.append((head.start(), end))
                head = form.head.search(bare, head.start() + 1)
        return sorted(found)


def redact(data: bytes, secrets: Iterable[bytes] | Patterns, mask: bytes = b"******") -> bytes:
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
        self.elements = tuple(_joined(elements))
        self.longest = sum(max(map(len, element)) for element in elements)
        self.shortest = sum(min(map(len, element)) for element in elements)
        self._head: re.Pattern[bytes] | None = None
        self._readable: dict[tuple[int, int], frozenset[bytes]] = {}

    @property
    def head(self) -> re.Pattern[bytes]:
        """Finds where the form may begin; short, so that it cannot be slow."""
        if self._head is None:
            parts = []
            size = 0
            for element in self.elements:
                parts.append(b"(?:" + b"|".join(map(re.escape, element)) + b")")
                size += min(map(len, element))
                if size >= _FEWEST_BARE:
                    break
            self._head = re.compile(b"".join(parts))
        return self._head

    def match(self, text: bytes, start: int) -> _Match:
        """Follow the form from `start`."""
        places = {start}
        size = len(text)
        is_open = False
        for element in self.elements:
            further = set()
            for place in places:
                for way in element:
                    if text.startswith(way, place):
                        further.add(place + len(way))
                    elif size - place < len(way) and way.startswith(text[place:]):
                        is_open = True
            if not further:
                return _Match(None, is_open)
            places = further
        return _Match(max(places), is_open)

    def texts(self, rest: bytes, following: int, count: int) -> Iterator[bytes]:
        """All texts of exactly `count` bytes that begin with `rest` and go on at element `following`."""
        if len(rest) >= count:
            yield rest[:count]
        else:
            for text in self._texts_at(following, count - len(rest)):
                yield rest + text

    def grams(self) -> Iterator[bytes]:
        """All texts of four bytes anywhere inside."""
        for index, element in enumerate(self.elements):
            for way in element:
                for offset in range(len(way)):
                    yield from self.texts(way[offset : offset + _GRAM], index + 1, _GRAM)

    def head_grams(self, stride: int) -> Iterator[bytes]:
        """All texts of four bytes that begin within the first `stride` bytes."""
        places = {(b"", 0)}
        for _ in range(stride):
            places = self._inside(places)
            for rest, following in places:
                yield from self.texts(rest, following, _GRAM)
            places = {(rest[1:], following) for rest, following in places}

    def _texts_at(self, index: int, count: int) -> frozenset[bytes]:
        if index == len(self.elements):
            return frozenset()
        known = self._readable.get((index, count))
        if known is None:
            known = frozenset(text for way in self.elements[index] for text in self.texts(way, index + 1, count))
            self._readable[index, count] = known
        return known

    def _inside(self, places: set[tuple[bytes, int]]) -> set[tuple[bytes, int]]:
        """The same places, moved into the next elements where nothing is left of the one before."""
        inside = set()
        todo = list(places)
        while todo:
            rest, following = todo.pop()
            if rest:
                inside.add((rest, following))
            elif following < len(self.elements):
                todo += [(way, following + 1) for way in self.elements[following]]
        return inside


class _Bare:
    """Bytes without the colour codes and line ends in them, and where each one stood.

    A run of those that is too long to stand inside a value leaves a barrier.
    """

    def __init__(self, data: bytes) -> None:
        parts = []
        self._starts = [0]
        self._shifts = [0]
        size = done = 0
        for run in _RUN.finditer(data):
            parts.append(data[done : run.start()])
            size += run.start() - done
            if run.end() - run.start() > _LONGEST_RUN:
                parts.append(_BARRIER)
                size += 1
            done = run.end()
            self._starts.append(size)
            self._shifts.append(done - size)
        parts.append(data[done:])
        self.text = b"".join(parts)

    def place(self, index: int) -> int:
        """Where the byte at `index` of `text` stood."""
        return index + self._shifts[bisect_right(self._starts, index) - 1]


def _unfinished(data: bytes) -> int | None:
    """Where a colour code begins that the end of `data` cuts, if one does."""
    found = _UNFINISHED.search(data, max(0, len(data) - _UNFINISHED_AT_MOST))
    return None if found is None else found.start()


def _back(data: bytes, count: int) -> int | None:
    """Where the last `count` bare bytes of `data` begin; None where that needs a close look."""
    last = data[-_LONGEST_RUN:]
    escape = last.find(b"\x1b")
    if escape >= 0:
        # An escape always begins something, so that what follows it can be read without what came before.
        bare = _Bare(last[escape:])
        index = len(bare.text) - count
        return len(data) - len(last) + escape + bare.place(index) if index >= 0 else None
    for place in range(len(last) - 1, -1, -1):
        count -= last[place] not in _RUN_BYTES
        if count == 0:
            return len(data) - len(last) + place
    return None


def _forms(secrets: Iterable[bytes]) -> list[_Form]:
    """Every writing that is looked for."""
    rows: dict[tuple[Element, ...], None] = {}
    for secret in dict.fromkeys(secrets):
        bare = secret.strip(b"\r\n")
        value = bare if len(bare) >= SHORTEST else secret
        if len(value) >= SHORTEST:
            rows[_escaped(value)] = None
            rows.update((_base64(value, before), None) for before in range(3))
    return [form for form in map(_Form, rows) if form.shortest >= _FEWEST_BARE]


def _joined(elements: Iterable[Element]) -> Iterator[Element]:
    """The same elements, with those in a row that can only be written in one way made one."""
    fixed = b""
    for element in elements:
        if len(element) == 1:
            fixed += element[0]
            continue
        if fixed:
            yield (fixed,)
            fixed = b""
        yield element
    if fixed:
        yield (fixed,)


def _head_grams(forms: Sequence[_Form]) -> tuple[dict[int, set[int]], int]:
    """Numbers of the forms by the grams at their beginning, and how far apart grams may be looked up.

    A text of n bytes holds a whole gram at every multiple of n - 3, wherever it begins.
    """
    room = min((form.shortest for form in forms), default=0) - _GRAM + 1
    stride = next((stride for stride in (16, 8, 4) if stride <= room), 2)
    return _by_gram(form.head_grams(stride) for form in forms), stride


def _inner_grams(forms: Sequence[_Form]) -> dict[int, set[int]]:
    """Numbers of the forms by all grams in them."""
    return _by_gram(form.grams() for form in forms)


def _by_gram(grams: Iterable[Iterator[bytes]]) -> dict[int, set[int]]:
    numbers: dict[int, set[int]] = {}
    for number, texts in enumerate(grams):
        for text in texts:
            numbers.setdefault(int.from_bytes(text, sys.byteorder), set()).add(number)
    return numbers


def _beginnings(forms: Sequence[_Form]) -> frozenset[bytes]:
    """What forms begin with, up to three bytes."""
    return frozenset(text for form in forms for count in (1, 2, 3) for text in form.texts(b"", 0, count))


def _escaped(value: bytes) -> tuple[Element, ...]:
    """The value as text, in which each character may be written in any of its ways.

    What a terminal may swallow (line ends, colour codes) may be missing, and does not count at the ends.
    """
    swallowed = {place for found in _BETWEEN.finditer(value) for place in range(*found.span())}
    row: list[Element] = []
    place = 0
    for char in value.decode("utf-8", "surrogateescape"):
        raw = char.encode("utf-8", "surrogateescape")
        ways = _ways(char, raw)
        if place in swallowed:
            ways = (*(way for way in ways if way not in _RUN_BYTES), b"")
        row.append(ways)
        place += len(raw)
    while row and row[0][-1] == b"":
        row.pop(0)
    while row and row[-1][-1] == b"":
        row.pop()
    return tuple(row)


def _ways(char: str, raw: bytes) -> Element:
    """All ways to write a character, the longest first; letters and digits are always written as they are."""
    if raw.isalnum() or char == "_":
        return (raw,)
    ways = {raw}
    for digits in ("%02x", "%02X"):
        ways.add("".join("%" + digits % byte for byte in raw).encode())
        ways.add("".join("\\x" + digits % byte for byte in raw).encode())
    ways.add("".join(f"\\{byte:03o}" for byte in raw).encode())
    if not "\udc80" <= char <= "\udcff":
        ways |= _character_codes(char)
    if char in _SHORT_ESCAPES:
        ways |= {b"\\" + _SHORT_ESCAPES[char].encode(), b"\\\\" + _SHORT_ESCAPES[char].encode()}
    if char in _XML_NAMES:
        ways.add(f"&{_XML_NAMES[char]};".encode())
    if char == " ":
        ways.add(b"+")
    if char == "'":
        ways |= {b"'\\''", b"'\"'\"'"}
    if raw >= b" ":
        ways.add(b"\\" + raw)
        if char in "\"\\'":
            ways |= {b"\\\\" + raw, b"\\\\\\" + raw}
    return tuple(sorted(ways, key=lambda way: (-len(way), way)))


def _character_codes(char: str) -> set[bytes]:
    r"""A character by its number, as JSON (`\u00e9`, in pairs beyond the first plane) and XML write it."""
    units = char.encode("utf-16-be")
    pairs = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    written = [
        "".join(mark + digits % pair for pair in pairs) for mark in ("\\u", "\\\\u") for digits in ("%04x", "%04X")
    ]
    number = ord(char)
    written += [f"&#{number};", f"&#0{number};", f"&#x{number:x};", f"&#x{number:X};"]
    return {way.encode() for way in written}


def _base64(value: bytes, before: int) -> tuple[Element, ...]:
    """The value inside a longer base64 text, `before` (0 to 2) bytes after a multiple of three.

    The characters at the ends also carry bits of the neighbours: any character with the value's bits is meant.
    """
    first, end = 8 * before, 8 * (before + len(value))
    bits = int.from_bytes(value, "big")
    row = []
    for at in range(first - first % 6, end, 6):
        unknown_before = max(0, first - at)
        unknown_after = max(0, at + 6 - end)
        known = 6 - unknown_before - unknown_after
        shift = max(0, end - at - 6)
        middle = bits >> shift & (1 << known) - 1
        row.append(
            tuple(
                way
                for high in range(1 << unknown_before)
                for low in range(1 << unknown_after)
                for way in _BASE64_WAYS[(high << known | middle) << unknown_after | low]
            )
        )
    return tuple(row)


_BASE64_WAYS: Final = tuple(
    (*_ways(char, char.encode()), *({"+": (b"-",), "/": (b"_",)}.get(char, ()))) for char in _BASE64
)
