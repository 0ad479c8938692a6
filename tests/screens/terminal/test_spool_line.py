"""A line of a spool, alone: colours kept, written over where it was, everything else left out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screens.terminal.emulator import Emulator
from screens.terminal.lines import LONGEST, WIDEST, line_of, runs_of, text_of
from screens.terminal.styles import PLAIN, Style


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"plain text\r\n", "plain text"),
        (b"10%\r50%\r100%", "100%"),
        (b"a long word\rshort", "shortg word"),
        (b"a long word\r\x1b[Kshort", "short"),
        (b"a long word\x1b[2K\rx", "x"),
        (b"a long word\x1b[2K\x1b[1Gx", "x"),
        (b"\x1b[1Gfetch 1/9\x1b[0K\x1b[1Gdone\x1b[0K\x1b[1G", "done"),
        (b"Starting\x1b[20G[ \x1b[32mok\x1b[0m ]\x1b[2D|\x1b[3Cx", "Starting           [ ok|]  x"),
        (b"abc\x1b[1K", ""),
        (b"man\b\bn", "mnn"),
        (b"a\tb\t\tc", "a       b               c"),
        (b"\x1b]0;title\x07text\x1b[5;5H more\x1b[?25l\a", "text more"),
        (b"text\x1b]52;c;AAAA", "text"),
        (b"text \x1b[3", "text"),
        ("日本\rx".encode(), "x 本"),
        ("e\u0301\u200d".encode(), "e\u0301"),
        (b"\xff\xc3(", "\ufffd\ufffd("),
        (b"[/bar] [bold]", "[/bar] [bold]"),
        (b"blanks   ", "blanks"),
    ],
)
def test_the_text_of_a_line(data: bytes, text: str) -> None:
    """As it reads after all that was written over it."""
    assert text_of(data) == text


def test_colours_are_kept_and_go_on() -> None:
    """Runs have their styles, and the style at the end is told for the next line."""
    line = line_of(b"\x1b[31mred\x1b[0m and \x1b[1mbold")
    assert [(run.text, run.style, run.width) for run in line.runs] == [
        ("red", Style(fg=1), 3),
        (" and ", PLAIN, 5),
        ("bold", Style(bold=True), 4),
    ]
    assert line.style == Style(bold=True)
    assert [run.style for run in runs_of(b"next", line.style)] == [Style(bold=True)]
    assert line_of(b"plain").style == PLAIN


@pytest.mark.parametrize("piece", [b"x", b"\xe6\x97\xa5", b"\x1b[31mx\x1b[0m", b"e\xcc\x81", b"\t", b"\x1b]", b"1%\r"])
def test_a_line_without_end_is_bounded(piece: bytes) -> None:
    """Two megabytes take little time and give no more than the longest line."""
    begun = time.process_time()
    line = line_of(piece * (2_000_000 // len(piece)))
    assert time.process_time() - begun < 2
    assert line.cut
    assert sum(run.width for run in line.runs) <= WIDEST


def test_of_a_long_line_the_part_that_is_seen_is_shown() -> None:
    """The beginning; where it was written over, the end."""
    assert line_of(b"begin" + b"x" * LONGEST).text.startswith("beginxxx")
    assert line_of(b"0%\r" * LONGEST + b"100%").text == "100%"
    assert line_of(b"0%\x1b[1G" * LONGEST + b"100%").text == "100%"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    b"\r",
                    b"\b",
                    b"\t",
                    b"\x1b[31m",
                    b"\x1b[0m",
                    b"\x1b[K",
                    b"\x1b[1K",
                    b"\x1b[2K",
                    b"\x1b[1G",
                    b"\x1b[4G",
                    b"\x1b[C",
                    b"\x1b[2D",
                    b"\x1b]0;t\x07",
                ]
            ),
            st.text(alphabet="abc日é ", max_size=6).map(str.encode),
        ),
        max_size=14,
    )
)
def test_a_short_line_reads_as_on_the_screen(parts: list[bytes]) -> None:
    """What the emulator shows in a row wide enough is what is read of the line."""
    emulator = Emulator(400, 2)
    emulator.feed(b"".join(parts))
    assert text_of(b"".join(parts)) == emulator.text()[0]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_and_none_pass(data: bytes) -> None:
    """Any bytes give printable characters, as many cells as are told."""
    line = line_of(data)
    drawn = "".join(run.text for run in line.runs)
    assert drawn.rstrip(" ") == line.text
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in drawn)
