"""What single control functions do, beyond what recordings show: reports, modes, strings, wide characters, bounds."""

from __future__ import annotations

import tracemalloc

import pytest

from screens.terminal.emulator import REPLIES_KEPT, TITLE_KEPT, Emulator
from screens.terminal.modes import CursorShape, Modes, Mouse
from screens.terminal.styles import PLAIN, Style, Underline


def after(data: bytes | str, columns: int = 20, rows: int = 4) -> Emulator:
    """A small terminal that was fed."""
    emulator = Emulator(columns, rows)
    emulator.feed(data.encode() if isinstance(data, str) else data)
    return emulator


def styles_of(data: str) -> list[tuple[str, Style]]:
    """The runs of the first row, blanks at its end left out."""
    return [(run.text.rstrip(), run.style) for run in after(data).row(0) if run.text.strip()]


@pytest.mark.parametrize(
    ("sequence", "style"),
    [
        ("1", Style(bold=True)),
        ("2", Style(dim=True)),
        ("3;9", Style(italic=True, strike=True)),
        ("4", Style(underline=Underline.SINGLE)),
        ("4:3", Style(underline=Underline.CURLY)),
        ("21", Style(underline=Underline.DOUBLE)),
        ("4:5", Style(underline=Underline.DASHED)),
        ("4;24", PLAIN),
        ("4;4:0", PLAIN),
        ("5", Style(blink=True)),
        ("7;8", Style(reverse=True, hidden=True)),
        ("1;2;22", PLAIN),
        ("31;42", Style(fg=1, bg=2)),
        ("97;100", Style(fg=15, bg=8)),
        ("38;5;200", Style(fg=200)),
        ("48:5:17", Style(bg=17)),
        ("38;2;1;2;3", Style(fg=(1, 2, 3))),
        ("38:2:1:2:3", Style(fg=(1, 2, 3))),
        ("48:2::1:2:3", Style(bg=(1, 2, 3))),
        ("58;5;9;1", Style(bold=True)),
        ("58:2::1:2:3;1", Style(bold=True)),
        ("38;2;1;2;300;1", Style(bold=True)),
        ("38;5;256;3", Style(italic=True)),
        ("31;", PLAIN),
        ("1;77;4444444444444444444", Style(bold=True)),
    ],
)
def test_a_style_sequence(sequence: str, style: Style) -> None:
    """Each attribute and colour, in every notation; what makes no sense is left out and the rest counts."""
    assert styles_of(f"\x1b[{sequence}mx") == [("x", style)]


def test_erasing_takes_the_background_along_and_nothing_else() -> None:
    """Blank cells have the background of the pen, and are not underlined or reversed."""
    row = after("ab\x1b[1;4;7;41m\x1b[K").row(0)
    assert [(run.text.rstrip(), run.style, run.width) for run in row] == [
        ("ab", PLAIN, 2),
        ("", Style(bg=1), 18),
    ]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (b"\x1b[c", b"\x1b[?62;22c"),
        (b"\x1b[>c", b"\x1b[>1;10;0c"),
        (b"\x1b[5n", b"\x1b[0n"),
        (b"ab\r\ncd\x1b[6n", b"\x1b[2;3R"),
        (b"\x1b[2;3r\x1b[?6h\x1b[2;5H\x1b[6n", b"\x1b[2;5R"),
        (b"\x1b[?6n", b"\x1b[?1;1R"),
        (b"\x1b[?2026$p", b"\x1b[?2026;2$y"),
        (b"\x1b[?2004h\x1b[?2004$p", b"\x1b[?2004;1$y"),
        (b"\x1b[?9999$p", b"\x1b[?9999;0$y"),
        (b"\x1b[?3$p", b"\x1b[?3;4$y"),
        (b"\x1b[4h\x1b[4$p", b"\x1b[4;1$y"),
        (b"\x1b[>q", b"\x1bP>|wizard\x1b\\"),
        (b"\x1b[18t", b"\x1b[8;4;20t"),
        (b"\x1b[21t\x1b[20t\x1b]11;?\x07\x1b]52;c;?\x07\x1bP$qm\x1b\\\x1bP+q544e\x1b\\", b""),
    ],
)
def test_what_is_asked_of_the_terminal_is_answered_once(asked: bytes, answer: bytes) -> None:
    """Device, cursor and mode reports; titles, clipboards and colours are never told."""
    emulator = after(asked)
    assert emulator.take_replies() == answer
    assert emulator.take_replies() == b""


def test_answers_nobody_takes_are_bounded() -> None:
    """A command that asks a million times while nobody answers costs a few thousand bytes."""
    assert len(after(b"\x1b[c" * 10_000).take_replies()) <= REPLIES_KEPT


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1b]52;c;ZWNobyBoYWNrZWQ=\x07",
        b"\x1b]0;title\x1b\\",
        b"\x1bP+q544e\x1b\\",
        b"\x1b_apc\x1b\\",
        b"\x1b^pm\x1b\\",
        b"\x1bXsos\x1b\\",
        b"\x1b]8;;http://example.com\x1b\\",
        b"\xc2\x9d52;c;AAAA\xc2\x9c",
        b"\x1b[?1000$q\x1b[>4;2m\x1b[=1u\x1b[1$}",
        b"\x1b[3;4:5q\x1b[1 2m",
    ],
)
def test_nothing_but_characters_comes_out(hostile: bytes) -> None:
    """Strings and sequences that do harm, or are unknown, leave the text around them and no control character."""
    emulator = after(b"a" + hostile + b"b")
    assert emulator.text() == ["ab", "", "", ""]


def test_a_title_is_one_clean_short_line() -> None:
    """Control characters, direction marks and length are taken out of it."""
    assert after("\x1b]2;up\u202egrade\n of\x9cit").title == "up grade of"
    assert after("\x1b]2;up\u202egrade\tof it\x07").title == "up grade of it"
    assert after("\x1b]0;" + "x" * 1000 + "\x1b\\").title == "x" * TITLE_KEPT


def test_modes_are_told_as_they_are_set_and_reset() -> None:
    """Each mode a pane asks for, and that both resets take them back."""
    wanted = b"\x1b[?1;5;6;66;1002;1004;1006;2004;2026;1049h\x1b[?7l\x1b[4;20h\x1b[3 q\x1b[?25l"
    emulator = after(wanted)
    assert emulator.modes == Modes(
        alternate_screen=True,
        application_cursor=True,
        application_keypad=True,
        bracketed_paste=True,
        autowrap=False,
        origin=True,
        insert=True,
        newline=True,
        reverse_video=True,
        synchronized=True,
        focus_reports=True,
        mouse=Mouse.DRAG,
        mouse_sgr=True,
    )
    assert (emulator.cursor.visible, emulator.cursor.shape) == (False, CursorShape.UNDERLINE)
    emulator.feed(b"\x1b[!p")
    assert not emulator.modes.origin
    assert not emulator.modes.insert
    assert emulator.modes.alternate_screen
    assert emulator.cursor.visible
    emulator.feed(b"\x1bc")
    assert emulator.modes == Modes()


def test_the_size_of_132_columns_is_refused() -> None:
    """A command cannot change the size of the pane, nor blank it by trying."""
    emulator = after(b"text\x1b[?3h\x1b[?40h\x1b[?3h\x1b[8;50;132t")
    assert (emulator.size, emulator.text()[0]) == ((20, 4), "text")


def test_wide_characters_are_never_cut_in_two() -> None:
    """At the edge they go to the next line; overwritten, erased or moved in the middle they leave a blank."""
    assert after("x" * 19 + "日本").text()[:2] == ["x" * 19, "日本"]
    assert after("日本\x1b[1;2Hx").text()[0] == " x本"
    assert after("日本\x1b[1;4Hx").text()[0] == "日 x"
    assert after("日本\x1b[1;2H\x1b[P").text()[0] == " 本"
    assert after("日本\x1b[1;2H\x1b[@").text()[0] == "   本"
    assert after("x" * 18 + "日\x1b[1;1H\x1b[@").text()[0] == " " + "x" * 18
    assert after("日本\x1b[1;4H\x1b[1K").text()[0] == ""
    assert after("日\x1b[?7l" * 12).text()[:2] == ["日" * 10, ""]
    assert all(sum(run.width for run in after("日" * 30).row(y)) == 20 for y in range(4))


def test_combining_characters_stay_with_their_letter() -> None:
    """Also across pieces and at the edge; joiners, selectors and direction marks are left out; a heap is bounded."""
    emulator = after("x" * 19 + "e")
    emulator.feed("\u0301".encode())
    assert emulator.text()[0] == "x" * 19 + "e\u0301"
    assert after("日\u0301").text()[0] == "日\u0301"
    assert after("\u0301x").text()[0] == "x"
    assert after("a\u200d\ufe0f\u202eb").text()[0] == "ab"
    assert len(after("e" + "\u0301" * 100_000).text()[0]) < 20


def test_a_family_of_emoji_is_as_wide_as_its_members() -> None:
    """Joined characters are drawn side by side, which is the same on every terminal the operator may have."""
    assert after("👩\u200d🚀x").cursor.x == 5


@pytest.mark.parametrize(
    "data",
    [b"\x80\xff\xc3(", b"\xf0\x9f\x92", b"\xe2\x1b[1mx", b"\xc3\r\n\xa9"],
)
def test_bytes_that_are_no_text_are_shown_as_such(data: bytes) -> None:
    """Each piece that is no UTF-8 becomes one replacement character, and sequences after it count."""
    text = "".join(after(data + b" ").text())
    assert "\ufffd" in text or data == b"\xf0\x9f\x92"
    assert "\x1b" not in text
    assert after(b"\xf0\x9f\x92x").text()[0] == "\ufffdx"


def test_controls_within_a_sequence_are_carried_out_first() -> None:
    """As the VT500 does; ESC and CAN abandon what was begun."""
    assert after(b"ab\x1b[\r2Cx").text()[0] == "abx"
    assert after(b"a\x1b[3\x18b").text()[0] == "ab"
    assert after(b"a\x1b[3\x1b[1Cb").text()[0] == "a b"
    assert after(b"a\x1b]0;no end\x1b[1Cb").text()[0] == "a b"


def test_rows_that_changed_are_told_once() -> None:
    """All at first and when lines scroll; then only those written to, whoever looked at the text meanwhile."""
    emulator = after(b"one\r\ntwo")
    assert emulator.take_changed() == {0, 1, 2, 3}
    assert emulator.take_changed() == set()
    emulator.feed(b"\x1b[3;1Hthree\x1b[1;1H\x1b[P")
    emulator.text()
    assert emulator.take_changed() == {0, 2}
    emulator.feed(b"\x1b[4;1H\n")
    assert emulator.take_changed() == {0, 1, 2, 3}
    emulator.feed(b"\x1b[1;2H\x1b[31m")
    assert emulator.take_changed() == set()


def test_insert_mode_moves_the_rest_of_the_line() -> None:
    """What passes the edge is gone; text that wraps goes on inserting in the next line."""
    assert after("hello\x1b[1;1H\x1b[4hab日\x1b[4lc").text()[0] == "ab日cello"
    assert after("x" * 20 + "hello\x1b[1;16H\x1b[4h" + "ab" * 5).text()[:2] == ["x" * 15 + "ababa", "babab" + "hello"]


def test_bells_are_counted() -> None:
    """Whoever shows them can see how many there were."""
    assert after(b"a\ab\a").bell == 2


def test_a_smaller_screen_keeps_the_cursor_and_gives_back_what_left() -> None:
    """Rows leave at the top and return; what is right of a new edge is hidden and returns; tab stops follow."""
    emulator = after("\r\n".join(f"{n} " + "x" * 16 for n in range(4)))
    emulator.resize(10, 2)
    assert emulator.text() == ["2 xxxxxxxx", "3 xxxxxxxx"]
    assert (emulator.cursor.x, emulator.cursor.y) == (9, 1)
    emulator.resize(40, 4)
    assert emulator.text() == [f"{n} " + "x" * 16 for n in range(4)]
    assert emulator.cursor.y == 3
    emulator.feed(b"\r\t\t\t\t|")
    assert emulator.cursor.x == 33
    emulator.resize(0, 10**9)
    assert emulator.size == (1, 1000)


def test_lines_that_nobody_looked_at_yet_come_back_on_a_narrower_screen() -> None:
    """What was written far to the right, and has scrolled by unseen, is hidden there like everything else."""
    emulator = after("\r\n".join(["one" + "\x1b[20Gx"] * 8), 20, 2)
    emulator.resize(4, 6)
    assert emulator.text() == ["one"] * 6
    emulator.resize(20, 6)
    assert emulator.text() == ["one" + " " * 16 + "x"] * 6


def test_the_prompt_is_found_again_after_a_program_on_the_alternate_screen_was_resized() -> None:
    """The normal screen moves with its cursor while it is not shown."""
    emulator = after("1\r\n2\r\n3\r\n$ \x1b[?1049h\x1b[2J\x1b[Heditor")
    emulator.resize(20, 2)
    assert emulator.text() == ["editor", ""]
    emulator.feed(b"\x1b[?1049lexit")
    assert emulator.text() == ["3", "$ exit"]
    emulator.feed(b"\x1b[?1049h")
    emulator.resize(20, 4)
    emulator.feed(b"\x1b[?1049l!")
    assert emulator.text() == ["1", "2", "3", "$ exit!"]


def test_a_screen_of_one_cell_takes_everything() -> None:
    """The smallest size works, wide characters included."""
    emulator = after("日本x\r\n\t\x1b[Ayz\x1b[2J\x1b[5;5Hé", 1, 1)
    assert emulator.text() == ["é"]


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("a string without end", b"x" * 65536),
        ("parameters without end", b"1;" * 32768),
        ("combining characters", "\u0301".encode() * 32768),
        ("a bar drawn again and again", b"\r" + b"#" * 15),
        ("a bar in colours", b"\x1b[38;2;1;2;3m#\x1b[D" * 4000),
        ("gradients", b"".join(b"\x1b[38;2;%d;%d;%dm#" % (n, n, n) for n in range(256)) * 20),
        ("a line", b"x" * 65536),
        ("a wide line", "日".encode() * 20000),
    ],
)
def test_memory_is_bounded(name: str, piece: bytes) -> None:
    """Whatever comes without end, a few megabytes are enough."""
    begin = {"a string without end": b"\x1bP", "parameters without end": b"\x1b["}.get(name, b"")
    emulator = after(begin, 80, 24)
    rounds = max(4, 1_000_000 // len(piece))
    for _ in range(rounds // 2):
        emulator.feed(piece)
    tracemalloc.start()
    for _ in range(rounds // 2):
        emulator.feed(piece)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 4_000_000
    emulator.feed(b"\x1b\\\x1bc\x1b[Hstill alive")
    assert emulator.text()[0] == "still alive"


def test_a_line_without_end_looks_as_if_every_row_had_been_drawn() -> None:
    """What scrolls through at once leaves the same screen, history included."""
    text = "".join(chr(33 + n % 90) for n in range(40_000))
    quick, slow = after("ab\r\n\n\n\ncd", 20, 6), after("ab\r\n\n\n\ncd", 20, 6)
    quick.feed(text.encode())
    for at in range(0, len(text), 17):
        slow.feed(text[at : at + 17].encode())
    assert (quick.text(), quick.cursor) == (slow.text(), slow.cursor)
    for emulator in (quick, slow):
        emulator.resize(20, 100)
    assert (quick.text(), quick.cursor) == (slow.text(), slow.cursor)


@pytest.mark.parametrize("sequence", ["\x1b[{:04000}H", "\x1b[{:04000}m", "\x1b#8" * 4])
def test_sequences_leave_nothing_behind(sequence: str) -> None:
    """Neither long ones that are all different, nor one that fills the screen again and again."""
    emulator = Emulator(80, 24)
    tracemalloc.start()
    for number in range(500):
        emulator.feed(sequence.format(number).encode())
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 500_000


def test_a_repeated_character_goes_through_the_character_set_in_use() -> None:
    """The character that was sent is repeated, as in xterm: not the sign that another set made of it."""
    assert after("\x1b(0q\x1b[2b\x1b(B\x1b[2b").text()[0] == "───qq"
