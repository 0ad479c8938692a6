"""Looking for text in spools."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.run.output_search import Match, Pattern, find

ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]0;ab\x07")


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


@pytest.mark.parametrize(
    "line", ["fatal: no", "Permission denied", "connection REFUSED", "no such file", "Traceback (most", "can't open"]
)
def test_lines_that_tell_of_errors_are_those_of_the_failure_card(line: str) -> None:
    """The same words as in the last lines of a command that failed."""
    assert looked(b"all is well\n" * 9 + line.encode() + b"\nfine\n", Pattern.errors()) is not None
    assert looked(b"all is well\n" * 9, Pattern.errors()) is None


def test_a_match_across_blocks_is_found_from_both_sides() -> None:
    """Wherever the blocks of reading meet."""
    for place in range(262_130, 262_150):
        data = b"." * place + b"nee\x1b[1mdle" + b"." * 300_000
        assert looked(data, Pattern.text("needle")) == "nee\x1b[1mdle"
        assert looked(data, Pattern.text("needle"), backwards=True) == "nee\x1b[1mdle"


def test_a_search_can_be_ended() -> None:
    """It stops soon after it is told to, and says how far it is."""
    told: list[int] = []

    def going_on(done: int) -> bool:
        told.append(done)
        return len(told) < 2

    block = b"x" * 300_000
    assert find(lambda o, n: block[:n], Pattern.text("y"), 0, 1 << 40, going_on=going_on) is None
    assert len(told) == 2
    assert told[0] < told[1] < 64 << 20


WORDS = st.text("aAb ", min_size=1, max_size=3)


@given(
    st.lists(st.sampled_from(["a", "b", "A", " ", "\n", "\x1b[31m", "\x1b[0m", "\x1b[1;32m"]), max_size=30),
    WORDS,
    st.integers(0, 20),
    st.booleans(),
)
@settings(deadline=None, max_examples=400)
def test_it_finds_what_a_search_in_the_shown_text_finds(
    parts: list[str], words: str, begin: int, backwards: bool
) -> None:
    """The first or last match from a place on is that of the text without its colour codes."""
    data = "".join(parts)
    begin = min(begin, len(data))
    folded = words == words.lower()
    shown = [(at, one) for at, one in _shown(data)]
    text = "".join(one for _, one in shown)
    text = text.lower() if folded else text
    starts = [
        shown[at][0]
        for at in range(len(text))
        if text.startswith(words, at) and (shown[at][0] < begin if backwards else shown[at][0] >= begin)
    ]
    wanted = (starts[-1] if backwards else starts[0]) if starts else None
    raw = data.encode()
    span = (0, begin) if backwards else (begin, len(raw))
    found = find(lambda o, n: raw[o : o + n], Pattern.text(words), *span, backwards=backwards)
    assert (found.begin if found else None) == wanted


MANY = tuple(one + other for one in "ab " for other in ("aba", "bb", "a b", "b ", "aab ab"))


@given(
    st.lists(st.sampled_from(["a", "b", "A", " ", "\n", "\x1b[31m", "\x1b[0m", "\x1b]0;ab\x07"]), max_size=30),
    st.lists(st.sampled_from(MANY), min_size=1, max_size=15, unique=True),
    st.integers(0, 20),
    st.booleans(),
)
@settings(deadline=None, max_examples=400)
def test_of_many_texts_the_first_or_last_is_found(
    parts: list[str], texts: list[str], begin: int, backwards: bool
) -> None:
    """As for one text; where two begin at one place it does not matter which is found."""
    data = "".join(parts)
    begin = min(begin, len(data))
    shown = [(at, one) for at, one in _shown(data)]
    text = "".join(one for _, one in shown).lower()
    starts = [
        shown[at][0]
        for at in range(len(text))
        if text.startswith(tuple(texts), at) and (shown[at][0] < begin if backwards else shown[at][0] >= begin)
    ]
    wanted = (starts[-1] if backwards else starts[0]) if starts else None
    raw = data.encode()
    span = (0, begin) if backwards else (begin, len(raw))
    found = find(lambda o, n: raw[o : o + n], Pattern(tuple(texts), any_case=True), *span, backwards=backwards)
    assert (found.begin if found else None) == wanted
    if found is not None:
        assert ESCAPES.sub("", data[found.begin : found.end]).lower() in texts


@pytest.mark.parametrize(
    "words", ["not \x1b[1mfound", "not\x1b[0m found", "\x1b[31mERR\x1b[0mor", "t\x1b[1;4mraceback"]
)
@pytest.mark.parametrize("backwards", [False, True])
def test_words_of_errors_are_found_through_colours(words: str, backwards: bool) -> None:
    """Between words and, as search programs mark what they found, inside of one."""
    line = b"\x1b[32mINFO\x1b[0m all \x1b[1mis\x1b[0m well\r\n"
    data = line * 9000 + words.encode() + b"\r\n" + line * 9000
    assert looked(data, Pattern.errors(), backwards=backwards) == words.removeprefix("\x1b[31m")


def _shown(data: str) -> list[tuple[int, str]]:
    hidden = {at for found in ESCAPES.finditer(data) for at in range(*found.span())}
    return [(at, one) for at, one in enumerate(data) if at not in hidden]
