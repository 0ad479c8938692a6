"""Looking for text in spools."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.run.output_search import _BLOCK as BLOCK
from wizard.run.output_search import Match, Pattern, find


def looked(data: bytes, pattern: Pattern, begin: int = 0, *, backwards: bool = False) -> str | None:
    """The bytes found, as text."""
    read = lambda offset, limit: data[offset : offset + limit]  # noqa: E731
    begin, end = (0, begin or len(data)) if backwards else (begin, len(data))
    found = find(read, pattern, begin, end, backwards=backwards)
    return None if found is None else data[found.begin : found.end].decode()


def test_small_letters_match_any_case_and_capitals_only_themselves() -> None:
    """As an editor does: whoever types a capital means it."""
    data = "an Error, an ERROR, ein FEHLER über ÜBER".encode()
    assert looked(data, Pattern.text("error")) == "Error"
    assert looked(data, Pattern.text("ERROR")) == "ERROR"
    assert looked(data, Pattern.text("über"), backwards=True) == "ÜBER"
    assert looked(data, Pattern.text("Fehler")) is None


def test_text_is_found_through_colour_codes_and_never_inside_of_them() -> None:
    """What is looked for is what is shown."""
    data = b"\x1b[38;5;32mone\x1b[0m \x1b[1;31mER\x1b[7mROR\x1b[0m: disk 32"
    assert looked(data, Pattern.text("error: d")) == "ER\x1b[7mROR\x1b[0m: d"
    assert looked(data, Pattern.text("one error")) == "one\x1b[0m \x1b[1;31mER\x1b[7mROR"
    assert looked(data, Pattern.text("32")) == "32"
    assert find(lambda o, n: data[o : o + n], Pattern.text("32"), 0, len(data)) == Match(len(data) - 2, len(data))
    assert looked(data, Pattern.text("38;5")) is None
    assert looked(b"\x1b]0;secret title\x07shown", Pattern.text("title")) is None
    assert looked(b"\x1b]0;a title cut off\nshown\x07", Pattern.text("shown")) == "shown"


@pytest.mark.parametrize(
    "line", ["fatal: no", "Permission denied", "connection REFUSED", "no such file", "Traceback (most", "can't open"]
)
def test_lines_that_tell_of_errors_are_those_of_the_failure_card(line: str) -> None:
    """The same words as in the last lines of a command that failed."""
    assert looked(b"all is well\n" * 9 + line.encode() + b"\nfine\n", Pattern.errors()) is not None
    assert looked(b"all is well\n" * 9, Pattern.errors()) is None


def test_a_match_across_blocks_is_found_from_both_sides() -> None:
    """Wherever the blocks of reading meet."""
    for place in range(BLOCK - 14, BLOCK + 2):
        data = b"." * place + b"nee\x1b[1mdle" + b"." * (BLOCK - 6)
        assert looked(data, Pattern.text("needle")) == "nee\x1b[1mdle"
        assert looked(data, Pattern.text("needle"), backwards=True) == "nee\x1b[1mdle"


def test_a_search_can_be_ended() -> None:
    """It says many times a second how far it is, and stops when it is told to."""
    told: list[int] = []

    def going_on(done: int) -> bool:
        told.append(done)
        return len(told) < 2

    block = b"x" * 300_000
    began = time.process_time()
    assert find(lambda o, n: block[:n], Pattern.text("y"), 0, 1 << 50, going_on=going_on) is None
    assert time.process_time() - began < 2
    assert len(told) == 2
    assert 0 < told[0] < told[1]


PARTS = st.lists(
    st.sampled_from(
        [
            *("a", "b", "A", " ", "\n", "ü", "Ü", "1", "m", "(", "[", "]", "\x07", "\\", "\x1b", "\x1b["),
            *("\x1b[31m", "\x1b[0m", "\x1b[1;38:5:1m", "\x1b[2 q", "\x1b[K", "\x1b7", "\x1b(B"),
            *("\x1b]0;ab\x07", "\x1b]8;;a b\x1b\\", "\x1b]0;never closed\n"),
        ]
    ),
    max_size=30,
)
WORDS = st.text("aAbüm1[ ", min_size=1, max_size=3)
MANY = tuple(one + other for one in "ab ü" for other in ("aba", "bb", "a b", "b ", "aab ab", "m1"))


CUTS = st.none() | st.integers(0, 25)


@given(PARTS, WORDS, st.booleans(), CUTS, st.integers(0, 40))
@settings(deadline=None, max_examples=400)
def test_it_finds_what_a_search_in_the_shown_text_finds(
    parts: list[str], words: str, backwards: bool, cut: int | None, border: int
) -> None:
    """The first or last match is that of the text without its escape sequences, wherever blocks of reading meet."""
    part, folded = "".join(parts).encode(), words == words.lower()
    _compare(part, Pattern.text(words), texts=(words,), folded=folded, backwards=backwards, cut=cut, border=border)


@given(PARTS, st.lists(st.sampled_from(MANY), min_size=1, max_size=15), st.booleans(), CUTS, st.integers(0, 40))
@settings(deadline=None, max_examples=400)
def test_of_many_texts_the_first_or_last_is_found(
    parts: list[str], texts: list[str], backwards: bool, cut: int | None, border: int
) -> None:
    """As for one text; where two begin at one place it does not matter which is found."""
    part, some = "".join(parts).encode(), tuple(texts)
    pattern = Pattern(some, any_case=True)
    _compare(part, pattern, texts=some, folded=True, backwards=backwards, cut=cut, border=border)


@pytest.mark.parametrize(
    "words", ["not \x1b[1mfound", "not\x1b[0m found", "\x1b[31mERR\x1b[0mor", "t\x1b[1;4mraceback"]
)
@pytest.mark.parametrize("backwards", [False, True])
def test_words_of_errors_are_found_through_colours(words: str, backwards: bool) -> None:
    """Between words and, as search programs mark what they found, inside of one."""
    line = b"\x1b[32mINFO\x1b[0m all \x1b[1mis\x1b[0m well\r\n"
    data = line * 9000 + words.encode() + b"\r\n" + line * 9000
    assert looked(data, Pattern.errors(), backwards=backwards) == words.removeprefix("\x1b[31m")


def _compare(
    part: bytes,
    pattern: Pattern,
    *,
    texts: tuple[str, ...],
    folded: bool,
    backwards: bool,
    cut: int | None,
    border: int,
) -> None:
    """Search a spool with `part` in it as the module does, and as slowly and plainly as can be.

    The search begins `cut` bytes into it, or so far away that blocks meet `border` bytes into it.
    """
    far, near = b"\n" * (BLOCK - border), b"\n" * 50
    data = near + part + far if backwards else far + part + near
    at = len(near) if backwards else len(far)
    begin, end = 0, len(data)
    if cut is not None:
        begin, end = (0, at + cut) if backwards else (at + cut, len(data))

    shown = [(at + place, one.lower() if folded else one) for place, one in _shown(part)]
    text = "".join(one for _, one in shown)
    starts = [place for index, (place, _) in enumerate(shown) if text.startswith(texts, index) and begin <= place < end]
    wanted = (starts[-1] if backwards else starts[0]) if starts else None

    found = find(lambda o, n: data[o : o + n], pattern, begin, end, backwards=backwards)
    assert (found.begin if found else None) == wanted
    if found is not None:
        words = "".join(one for _, one in _shown(data[found.begin : found.end]))
        assert (words.lower() if folded else words) in texts


def _shown(data: bytes) -> list[tuple[int, str]]:
    """Give the characters of some bytes that are no part of an escape sequence, and where each is."""
    shown, at = [], 0
    while at < len(data):
        end = _behind_escape(data, at)
        if end == at:
            end += 2 if data[at] >= 0x80 else 1
            shown.append((at, data[at:end].decode()))
        at = end
    return shown


def _behind_escape(data: bytes, at: int) -> int:
    """Give where the escape sequence at a place ends: there, where none begins or its end is missing."""
    if data[at : at + 1] != b"\x1b":
        return at
    match data[at + 1 : at + 2]:
        case b"[":
            end = _behind(data, _behind(data, at + 2, "0-?"), " -/")
            return end + 1 if _behind(data, end, "@-~") > end else at
        case b"]":
            end = at + 2
            while end < len(data) and data[end] not in b"\x07\x1b\n":
                end += 1
            return next((end + len(mark) for mark in (b"\x07", b"\x1b\\") if data.startswith(mark, end)), at)
        case _:
            end = _behind(data, at + 1, " -/")
            return end + 1 if _behind(data, end, "0-Z") > end or _behind(data, end, "^-~\\") > end else at


def _behind(data: bytes, at: int, span: str) -> int:
    """Give the first place from `at` on whose byte is not in a span such as `0-?`; what follows a span is in it too."""
    while at < len(data) and (span[0] <= chr(data[at]) <= span[2] or chr(data[at]) in span[3:]):
        at += 1
    return at
