"""What of a command's output may reach the operator's own terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wizard.plain.screen_filter import LONGEST, Keep, ScreenFilter

FORBIDDEN = [
    b"\x1b]52;c;cm0gLXJmIC8=\x07",
    b"\x1b]52;c;?\x1b\\",
    b"\x1b]0;title\x07",
    b"\x1b]2;title\x1b\\",
    b"\x1b]1;icon\x9c",
    b"\x1b]4;1;?\x07",
    b"\x1b]10;?\x07",
    b"\x1b]1337;Copy=:aGk=\x07",
    b'\x1b]51;E["rm"]\x07',
    b"\x1b[c",
    b"\x1b[>c",
    b"\x1b[=0c",
    b"\x1b[5n",
    b"\x1b[6n",
    b"\x1b[?6n",
    b"\x1b[?1$p",
    b"\x1b[4$p",
    b"\x1b[>q",
    b"\x1b[21t",
    b"\x1b[14t",
    b"\x1b[x",
    b"\x1b[1;1;1;1;1;1*y",
    b"\x1b[5i",
    b"\x1b[?u",
    b"\x1b[>1u",
    b"\x1b[>4;2m",
    b"\x1b[?4m",
    b"\x1b[2h",
    b"\x1b[12l",
    b"\x1bP$qm\x1b\\",
    b"\x1bP+q544e\x1b\\",
    b"\x1bP1;1|17/6c73\x1b\\",
    b"\x1b_Gi=1,a=q;\x1b\\",
    b"\x1b^private\x1b\\",
    b"\x1bXstring\x1b\\",
    b"\x1bZ",
    b"\x1b G",
    b"\x1b%@",
    b"\x05",
    b"\x9b6n",
    b"\xc2\x9b6n",
    b"\xc2\x9d52;c;aGk=\xc2\x9c",
    b"\x90$qm\x9c",
]
PARTS = [
    b"\x1b",
    b"[",
    b"]",
    b"?",
    b"6",
    b";",
    b"n",
    b"c",
    b"52",
    b"P",
    b"\\",
    b"\x07",
    b"\x9c",
    b"\x18",
    b"\xc2",
    b"m",
]
HARMLESS = [
    b"text ",
    "žluť ✓".encode(),
    b"\r\n",
    b"\x1b[31m",
    b"\x1b[K",
    b"\x1b[2J",
    b"\x1b[?1049h",
    b"\x1b(B",
    b"\x1b]8;;\x07",
]

streams = st.lists(st.one_of(st.sampled_from([*FORBIDDEN, *PARTS, *HARMLESS]), st.binary(max_size=4)), max_size=30).map(
    b"".join
)

ALLOWED = {Keep.TEXT: "\n\t", Keep.DUMB: "\n\t\r\b", Keep.LINE: "\n\t\r\b", Keep.TERMINAL: "\a\b\t\n\v\f\r\x0e\x0f"}
_TOKEN = re.compile(
    r"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)|\x1b(?P<escape>[ -/]*[0-Z\\^-~])"
    r"|(?P<plain>[^\x1b])",
    re.DOTALL,
)
_CSI_QUERY = re.compile(r".*[cnxtiy]|.*\$.*|.*\*.*|.*q(?<! q)|[<=>?].*[um]|2[hl]|12[hl]", re.DOTALL)
_OSC_ALLOWED = re.compile(r"(4|8|1\d|104|11\d)(;[^?]*)?", re.DOTALL)


def run(keep: Keep, data: bytes, sizes: list[int] | None = None) -> bytes:
    """Filter `data` in pieces of those sizes, then the rest."""
    screen, out, place = ScreenFilter(keep), b"", 0
    for size in sizes or []:
        out += screen.feed(data[place : place + size])
        place += size
    return out + screen.feed(data[place:]) + screen.finish()


def violations(keep: Keep, shown: bytes) -> list[str]:
    """Read what is shown the way a terminal does, and list what must not be in it."""
    found: list[str] = []
    place = 0
    text = shown.decode("utf-8", "surrogateescape")
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            return [*found, f"unfinished {text[place:]!r}"]
        place = token.end()
        if (plain := token["plain"]) is not None:
            allowed = (
                "\n\t\r\b"
                if keep in (Keep.LINE, Keep.DUMB)
                else "\n\t"
                if keep is Keep.TEXT
                else "\a\b\t\n\v\f\r\x0e\x0f"
            )
            control = plain < " " or "\x7f" <= plain <= "\x9f" or "\udc80" <= plain <= "\udc9f"
            if control and plain not in allowed:
                found.append(f"control {plain!r}")
        elif keep in (Keep.TEXT, Keep.DUMB):
            found.append(token[0])
        elif (csi := token["csi"]) is not None:
            if _CSI_QUERY.fullmatch(csi) or (keep is Keep.LINE and csi[-1] not in "mCDGKPX@`"):
                found.append(token[0])
        elif (osc := token["osc"]) is not None:
            if keep is Keep.LINE or not _OSC_ALLOWED.fullmatch(osc):
                found.append(token[0])
        elif keep is Keep.LINE or token["escape"][0] not in "78=>DEHMc()*+#":
            found.append(token[0])
    return found


@pytest.mark.parametrize("keep", Keep)
@pytest.mark.parametrize("sequence", FORBIDDEN)
def test_every_known_attack_is_taken_out_whole(keep: Keep, sequence: bytes) -> None:
    """Queries, titles, clipboard writes and their like leave nothing behind, and the text around them stays."""
    assert run(keep, b"before " + sequence + b"after") == b"before after"


@pytest.mark.parametrize("keep", Keep)
@pytest.mark.parametrize("sequence", FORBIDDEN)
def test_the_reading_of_these_tests_sees_every_attack(keep: Keep, sequence: bytes) -> None:
    """The oracle used below is not blind: unfiltered, it objects to each known attack."""
    assert violations(keep, b"before " + sequence + b"after")


@pytest.mark.parametrize("keep", Keep)
@given(data=streams)
@settings(deadline=None, max_examples=300)
@example(data=b"\x1b[\xc2\x9b6n")
@example(data=b"\x1b]52;c;x\x1b]0;t\x07")
@example(data=b"\x1b[3\x1b[6n")
@example(data=b"\xc2\x1b[6n\x9b6n")
@example(data=b"\x1b]8;;" + b"x" * (LONGEST + 10) + b"\x07\x1b[6n")
def test_nothing_forbidden_survives(keep: Keep, data: bytes) -> None:
    """Whatever is printed, what reaches the screen holds only whole sequences of the allowed kinds."""
    assert violations(keep, run(keep, data)) == []


@pytest.mark.parametrize("keep", Keep)
@given(data=streams, sizes=st.lists(st.integers(0, 5), max_size=40))
@settings(deadline=None, max_examples=300)
def test_how_the_output_is_cut_makes_no_difference(keep: Keep, data: bytes, sizes: list[int]) -> None:
    """Any cutting of the stream into pieces shows the same and leaves the same modes to be restored."""
    whole, pieces = ScreenFilter(keep), ScreenFilter(keep)
    at_once = whole.feed(data)
    place, piecewise = 0, b""
    for size in sizes:
        piecewise += pieces.feed(data[place : place + size])
        place += size
    piecewise += pieces.feed(data[place:])
    assert piecewise + pieces.finish() == at_once + whole.finish()
    assert pieces.restoring() == whole.restoring()


@pytest.mark.parametrize("keep", Keep)
@given(text=st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs"))))
@settings(deadline=None)
def test_plain_text_is_shown_as_it_is(keep: Keep, text: str) -> None:
    """Text without controls, in any language, loses nothing."""
    data = (text + "\n").encode()
    assert run(keep, data) == (data if keep in (Keep.TEXT, Keep.TERMINAL) else data[:-1] + b"\r\n")


@pytest.mark.parametrize(
    "sequence",
    [b"\x1b[1;31m", b"\x1b[38:2::1:2:3m", b"\x1b[K", b"\x1b[2K", b"\x1b[5C", b"\x1b[3D", b"\x1b[1G", b"\b", b"\r"],
)
def test_a_watched_command_keeps_colour_and_moves_in_its_line(sequence: bytes) -> None:
    """Progress lines of ordinary commands look as they should."""
    assert run(Keep.LINE, b"a" + sequence + b"b") == b"a" + sequence + b"b"


@pytest.mark.parametrize(
    "sequence",
    [b"\x1b[A", b"\x1b[2J", b"\x1b[H", b"\x1b[?1049h", b"\x1b[?25l", b"\x1b7", b"\x1bc", b"\x1b[1;5r", b"\x0e"],
)
def test_a_watched_command_cannot_draw_elsewhere(sequence: bytes) -> None:
    """A command that nobody types into cannot overwrite what the wizard has said."""
    assert run(Keep.LINE, b"a" + sequence + b"b") == b"ab"
    assert run(Keep.TERMINAL, b"a" + sequence + b"b") == b"a" + sequence + b"b"


def test_what_a_command_leaves_switched_on_is_switched_off() -> None:
    """After a full-screen program died, the terminal gets its modes back; going on sets them again."""
    screen = ScreenFilter(Keep.TERMINAL)
    screen.feed(b"\x1b[?1049h\x1b[?25l\x1b[?1000;1006h\x1b[?2004h\x1b=\x1b[1;5r\x1b[31m\x1b(0\x1b]4;1;#fff\x07")
    restored = screen.restoring()
    for wanted in (
        b"\x1b[?25h",
        b"\x1b[?1000l",
        b"\x1b[?1006l",
        b"\x1b[?2004l",
        b"\x1b>",
        b"\x1b[r",
        b"\x1b[0m",
        b"\x1b(B",
    ):
        assert wanted in restored
    assert restored.index(b"\x1b[?25h") < restored.index(b"\x1b[?1049l")
    assert screen.alternate_screen
    assert screen.entering().startswith(b"\x1b[?1049h")
    assert b"\x1b[?25l" in screen.entering()


def test_a_command_that_cleans_up_leaves_nothing_to_restore() -> None:
    """Where everything was set back, the screen is left alone."""
    screen = ScreenFilter(Keep.TERMINAL)
    screen.feed(b"\x1b[?1049h\x1b[31mx\x1b[0m\x1b[?1049l\x1b[?25l\x1b[?25h")
    assert screen.restoring() == b""


def test_a_watched_command_returns_at_every_line_end() -> None:
    """Newlines get the return that a raw terminal needs, wherever the output is cut, and no second one."""
    assert run(Keep.LINE, b"a\nb\r\nc\r\r\n", [3, 1]) == b"a\r\nb\r\nc\r\r\n"


def test_text_only_turns_every_return_into_one_line_end() -> None:
    """In a file or pipe, a progress line that returns becomes lines, and CR LF one newline."""
    assert run(Keep.TEXT, b"10%\r20%\r\ndone\r\r\n", [4, 4, 1]) == b"10%\n20%\ndone\n"
    assert run(Keep.TEXT, b"half\r") == b"half\n"


def test_a_terminal_without_utf8_gets_ascii() -> None:
    """Bytes that an eight-bit terminal would take for controls are not sent to one."""
    screen = ScreenFilter(Keep.TERMINAL, "iso-8859-1")
    assert screen.feed("ě✓".encode()) == b"??"


def test_reading_direction_cannot_be_turned_in_a_watched_command() -> None:
    """Text that would show backwards is shown in its real order."""
    assert run(Keep.LINE, "a\u202eb".encode()) == b"ab"
