"""The copy of a spool that is shown: each byte once, whatever happens between two looks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.live import FakeLive
from wizard.plain.screen_copy import TOO_FAR_BEHIND, ScreenCopy
from wizard.plain.screen_filter import Keep


def test_output_that_waits_for_the_disk_is_shown_once() -> None:
    """A prompt is shown before it is on the disk, and not again when it is."""
    live, copy = FakeLive(b"one\r\n"), ScreenCopy(Keep.TERMINAL)
    assert copy.pull(live) == b"one\r\n"
    live.hold(b"Pass")
    assert copy.pull(live) == b"Pass"
    live.hold(b"Password: ")
    assert copy.pull(live) == b"word: "
    assert copy.pull(live) == b""
    live.print(b"Password: ok")
    assert copy.pull(live) == b"ok"
    assert copy.line_open


def test_a_tail_that_turned_out_to_be_a_secret_is_followed_by_the_mask() -> None:
    """Where the spool says otherwise than the tail did, what the spool says is shown from where they part."""
    live, copy = FakeLive(), ScreenCopy(Keep.TERMINAL)
    live.hold(b"key=abc")
    assert copy.pull(live) == b"key=abc"
    live.print(b"key=******\r\n")
    assert copy.pull(live) == b"******\r\n"


@given(st.lists(st.tuples(st.sampled_from(["print", "hold", "pull"]), st.integers(1, 6)), max_size=60))
@settings(deadline=None)
def test_every_byte_is_shown_once_and_in_order(moves: list[tuple[str, int]]) -> None:
    """However writing, holding back and looking alternate, the screen shows exactly what was written."""
    live, copy, shown, written = FakeLive(), ScreenCopy(Keep.TERMINAL), b"", 0

    def next_bytes(count: int) -> bytes:
        return bytes(97 + (written + place) % 26 for place in range(count))

    for move, count in moves:
        if move == "print":
            live.print(next_bytes(max(count, len(live.waiting))))
            written = len(live.spool)
        elif move == "hold":
            live.hold(next_bytes(max(count, len(live.waiting))))
        else:
            shown += copy.pull(live)
    while more := copy.pull(live):
        shown += more
    assert shown == live.spool + live.waiting


def test_a_watched_command_that_is_far_ahead_is_caught_up_with() -> None:
    """A screen that cannot keep up jumps to the last lines and says how much it left out."""
    lines = b"".join(b"line %07d\n" % number for number in range(TOO_FAR_BEHIND // 10))
    live, copy = FakeLive(lines), ScreenCopy(Keep.LINE)
    shown = b""
    while more := copy.pull(live):
        shown += more
    first, *rest = shown.decode().splitlines()
    assert "not shown here; the session keeps all of it" in first
    assert all(line.startswith("line ") and len(line) == 12 for line in rest)
    assert rest[-1] == lines.decode().splitlines()[-1]


def test_a_command_that_draws_is_never_cut() -> None:
    """What is typed into is shown whole, for its screen would be wrong otherwise."""
    live, copy = FakeLive(b"x" * (2 * TOO_FAR_BEHIND)), ScreenCopy(Keep.TERMINAL)
    shown = 0
    while more := copy.pull(live):
        shown += len(more)
    assert shown == 2 * TOO_FAR_BEHIND
