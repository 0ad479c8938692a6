"""Any bytes at all, and any sequence of common control functions, against another terminal and against itself."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from screens.terminal.emulator import Emulator
from tests.screens.terminal.terminal_referees import Avt, differences, look

SIZES = st.sampled_from([(20, 6), (11, 4), (40, 10), (2, 2)])
TEXTS = st.sampled_from(
    [
        "hello",
        "x",
        "\x1b(0lqqk\x1b(B",
        "\x1b)0\x0emqqj\x0f",
        "the quick brown fox jumps",
        "é",
        "   ",
        "0123456789" * 3,
    ]
)
WIDE_CHARACTERS = ("日", "한", "語")
WIDE = st.sampled_from(WIDE_CHARACTERS)
NUMBERS = st.integers(1, 12)
MOVES = st.sampled_from(
    ["\r\n", "\n", "\r", "\t", "\b", "\x1bM", "\x1bD", "\x1bE", "\x1b7", "\x1b8", "\x1b[s", "\x1b[u", "\x1bH"]
)
COUNTED = st.builds("\x1b[{}{}".format, NUMBERS, st.sampled_from("ABCDEFGIPSTZ@ade`"))
PLACED = st.builds("\x1b[{};{}{}".format, NUMBERS, NUMBERS, st.sampled_from("Hf"))
ERASED = st.builds("\x1b[{}{}".format, st.integers(0, 2), st.sampled_from("JK"))
STYLED = st.builds(
    "\x1b[{}m".format,
    st.sampled_from(
        ["", "0", "1", "31", "44", "7", "4", "97", "100", "38;5;200", "48;2;1;2;3", "38:2::4:5:6", "39;49", "22;27"]
    ),
)
MODES = st.sampled_from(["\x1b[?6h", "\x1b[?6l", "\x1b[?7h", "\x1b[?25l", "\x1b[g", "\x1b[3g"])
MARGINS = st.builds("\x1b[{};{}r".format, st.integers(1, 2), st.integers(3, 4))
FUNCTIONS = (MOVES, COUNTED, PLACED, ERASED, MODES, MARGINS)
STYLED_PIECES = st.lists(st.one_of(TEXTS, TEXTS, STYLED, *FUNCTIONS), max_size=25)
WIDE_PIECES = st.lists(st.one_of(TEXTS, WIDE, *FUNCTIONS), max_size=25)
PIECES = st.lists(st.one_of(TEXTS, WIDE, STYLED, *FUNCTIONS), max_size=25)
AT_THE_EDGE = "JKP@XI\t"
"""Final bytes of what is not compared behind a full line: there avt erases nothing and goes back for a tab.

Each of these is left out because avt agrees neither with xterm nor with ghostty, which are as we are:

- `CSI L` and `CSI M` leave its cursor in its column;
- `CSI b` repeats what stands left of the cursor, not what was printed last;
- `ESC M` does not move up in origin mode;
- in insert mode it overwrites after it wrapped;
- character sets are not saved with the cursor;
- the half that is left of an overwritten wide character is styled like what overwrote it, so wide and styled text are
  not mixed, and what stands in the last column stays when a wide character does not fit there.
"""


@settings(max_examples=250, deadline=None)
@given(st.sampled_from([(20, 6), (11, 4), (40, 10)]), STYLED_PIECES | WIDE_PIECES)
def test_common_functions_do_what_they_do_in_avt(size: tuple[int, int], pieces: list[str]) -> None:
    """Cells, styles and cursor are equal after any sequence of text, moves, erasing, scrolling and modes."""
    columns, rows = size
    emulator, avt = Emulator(columns, rows), Avt(columns, rows)
    for piece in pieces:
        at, origin = emulator.cursor, emulator.modes.origin
        at_edge = piece == "\t" or (piece[0] == "\x1b" and piece[-1] in AT_THE_EDGE)
        if (origin and (at_edge or piece == "\x1bM")) or (piece in WIDE_CHARACTERS and at.x == columns - 1):
            continue
        if at_edge:
            piece = f"\x1b[{at.y + 1};{at.x + 1}H{piece}"  # noqa: PLW2901
        emulator.feed(piece.encode())
        avt.feed(piece.encode())
        assert differences(look(emulator), avt.look()) == [], repr(piece)


HOSTILE = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b", b"\x9b", b"\xc2\x9b", b"\x18", b"\x07", b"\x1b\\"]
        ),
        st.text(alphabet="0123456789;:?<=>!\" $'ABCDEFGHIJKLMPSTXZ@hlmnpqrstu`", max_size=12).map(str.encode),
        PLACED.map(str.encode),
        st.sampled_from(["日本", "e\u0301", "👩\u200d🚀", "\u202e"]).map(str.encode),
    ),
    max_size=30,
)


@settings(max_examples=250, deadline=None)
@given(SIZES, HOSTILE, st.data())
def test_no_bytes_raise_and_where_they_are_cut_makes_no_difference(
    size: tuple[int, int], parts: list[bytes], cuts: st.DataObject
) -> None:
    """Rows are as wide as the screen, nothing in them is a control character, and the cursor is on the screen."""
    data = b"".join(parts)
    whole, cut = Emulator(*size), Emulator(*size)
    whole.feed(data)
    at = 0
    while at < len(data):
        length = cuts.draw(st.integers(1, 7))
        cut.feed(data[at : at + length])
        at += length
    assert look(cut) == look(whole)
    assert (cut.modes, cut.title, cut.bell) == (whole.modes, whole.title, whole.bell)
    assert cut.take_replies() == whole.take_replies()
    for y in range(size[1]):
        assert sum(run.width for run in whole.row(y)) == size[0]
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for row in whole.text() for character in row)
    assert 0 <= whole.cursor.x < size[0]
    assert 0 <= whole.cursor.y < size[1]


@settings(max_examples=100, deadline=None)
@given(PIECES, st.lists(st.tuples(st.integers(1, 30), st.integers(1, 12)), max_size=4))
def test_any_size_may_come_at_any_time(pieces: list[str], sizes: list[tuple[int, int]]) -> None:
    """Between any functions: rows are as wide as the screen then is, and the cursor is on it."""
    emulator = Emulator(20, 6)
    for number, piece in enumerate(pieces):
        if number % 3 == 0 and sizes:
            emulator.resize(*sizes.pop())
        emulator.feed(piece.encode())
        columns, rows = emulator.size
        assert all(sum(run.width for run in emulator.row(y)) == columns for y in range(rows))
        assert emulator.cursor.x < columns
        assert emulator.cursor.y < rows
