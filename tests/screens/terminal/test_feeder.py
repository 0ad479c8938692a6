"""Skipping a flood leaves the screen that feeding all of it leaves; what is not proven to be skippable is fed."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screens.terminal.emulator import Emulator
from screens.terminal.replay import _PASSING, BLOCK, WORTH_SKIPPING, Feeder, Resized, passing_until, replay
from tests.screens.terminal.terminal_referees import NAMES, look, recording

FLOOD = b"".join(
    b"%06d \x1b[3%dmINFO\x1b[0m copied rows of table \x1b[1morder_items\x1b[0m\r\n" % (n, n % 8) for n in range(6000)
)
PLAIN_FLOOD = b"".join(b"%06d copied rows of table order_items\r\n" % n for n in range(6000))


def state(emulator: Emulator) -> tuple[object, ...]:
    """All that can be told of an emulator: cells, cursor, modes, title, bells, and what a larger screen brings back."""
    seen = (look(emulator), emulator.modes, emulator.title, emulator.bell)
    columns, rows = emulator.size
    emulator.feed(b"\x1b[bpen\x1b7\x1b[1;1H\x1b8")
    emulator.resize(columns, rows + 200)
    return *seen, look(emulator)


def _part(data: bytes, at: int, count: int) -> bytes:
    return data[at : at + count]


def fed(data: bytes, resizes: tuple[Resized, ...] = (), size: tuple[int, int] = (40, 8)) -> Emulator:
    """An emulator that was fed everything."""
    emulator = Emulator(*size)
    at = 0
    for one in resizes:
        emulator.feed(data[at : one.offset])
        emulator.resize(one.columns, one.rows)
        at = one.offset
    emulator.feed(data[at:])
    return emulator


def followed(
    data: bytes, resizes: tuple[Resized, ...] = (), size: tuple[int, int] = (40, 8)
) -> tuple[Emulator, Feeder]:
    """An emulator that a feeder brought to the end."""
    emulator = Emulator(*size)
    return emulator, replay(emulator, lambda at, count: data[at : at + count], lambda: len(data), resizes)


STARTS = st.sampled_from(
    [
        b"",
        b"\x1b[32m",
        b"\x1b[44mtext",
        b"\x1b[2;5r",
        b"\x1b[?1049h",
        b"\x1b[?7l",
        b"\x1b(0",
        b"\x1b[4h",
        b"\x1b]0;title\x07",
        b"\x1b[?6h",
        b"\x1b[20h",
        b"\x1b[3g",
        b"\x1b[5;5H\x1b7",
        b"\xe4\xb8",
        b"\x1b[3",
        b"\x1b]0;ti",
        b"\x0e",
        b"\x1b[?25l",
    ]
)
BETWEEN = st.sampled_from(
    [
        b"",
        b"\x1b[31;7m",
        b"\x1b[4A\x1b[2Klayer\x1b[4B",
        b"\x1b[2J\x1b[H",
        b"\x1b[3;6r",
        b"\x1b[r",
        b"\x1b[?1049h",
        b"\x1b[?1049l",
        b"\x1b7\x1b[3;3H",
        b"\x1b8",
        b"\x1b(0",
        b"\x1b(B",
        b"\x1b[0;1H",
        b"\x1b[0;35m",
        b"\a\a",
        b"progress\rdone\x1b[K\r\n",
        b"\xc2\x9b31m",
        b"\xc2\xa0",
        b"no line end",
        b"\n\n\n",
        b"\x1b[6n",
        b"\x1b[10T",
        b"\xe4\xb8\xad\xff",
        b"x" * 300,
        b"\x1b[4;5mstyled",
        b"\x1b[39m\x1b[49m\x1b[24m",
    ]
)
FLOODS = st.sampled_from([FLOOD, PLAIN_FLOOD, FLOOD[:WORTH_SKIPPING], b"\x1b[42m".join([PLAIN_FLOOD[:100_003]] * 2)])


@settings(max_examples=60, deadline=None)
@given(STARTS, st.lists(st.tuples(FLOODS, BETWEEN, BETWEEN), min_size=1, max_size=3))
@example(b"", [(FLOOD, b"", b"")])
def test_the_screen_after_skipping_is_the_screen_after_feeding_all(
    start: bytes, stretches: list[tuple[bytes, bytes, bytes]]
) -> None:
    """Whatever modes, styles, margins and moves stand before, between and behind floods of lines."""
    data = start + b"".join(flood + one + other for flood, one, other in stretches)
    emulator, feeder = followed(data)
    assert feeder.offset == len(data)
    assert state(emulator) == state(fed(data))


@pytest.mark.parametrize("flood", [FLOOD, PLAIN_FLOOD, FLOOD.replace(b"\x1b[0m", b"\x1b[22;39m")])
def test_a_flood_of_lines_is_skipped(flood: bytes) -> None:
    """Nearly all of many blocks is not fed."""
    data = flood * 30
    assert len(data) > 3 * BLOCK
    emulator, feeder = followed(data)
    assert feeder.skipped > 0.9 * len(data)
    assert state(emulator) == state(fed(data))


@pytest.mark.parametrize(
    "flood",
    [
        b"\x1b[2A\x1b[2Kfirst\r\n\x1b[2Ksecond\r\n" * 20_000,
        b"\x1b[?1049h" + b"\x1b[5;1Hrow\r\n" * 20_000,
        b"\x1b[2;6r" + PLAIN_FLOOD,
        b"no line end " * 40_000,
        b"bare line feeds\n" * 20_000,
    ],
)
def test_what_may_leave_a_trace_is_fed(flood: bytes) -> None:
    """Cursor movement in the last lines, the alternate screen, margins, and lines without an end."""
    emulator, feeder = followed(flood)
    assert feeder.skipped == 0
    assert state(emulator) == state(fed(flood))


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_before_and_behind_a_flood(name: str) -> None:
    """What programs set, in whatever state they are cut off, is on the screen as if all had been fed."""
    data = recording(name)
    for end in (len(data) // 2, len(data)):
        stream = data[:end] + FLOOD + data
        emulator, _ = followed(stream, size=(80, 24))
        assert state(emulator) == state(fed(stream, size=(80, 24)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900_000), st.integers(5, 60), st.integers(2, 20)), max_size=6))
def test_sizes_are_taken_where_the_terminal_had_them(resizes: list[tuple[int, int, int]]) -> None:
    """Also between two parts of a flood that are skipped."""
    data = FLOOD * 3
    sizes = tuple(Resized(*one) for one in sorted(resizes) if one[0] <= len(data))
    emulator, _ = followed(data, sizes)
    expected = fed(data, sizes)
    assert emulator.size == expected.size
    assert state(emulator) == state(expected)


def test_a_size_given_later_is_taken_at_its_place() -> None:
    """A place that is past is now; one to come is waited for."""
    data = b"one\r\ntwo\r\n"
    emulator = Emulator(40, 8)
    feeder = Feeder(emulator, lambda at, count: data[at : at + count], lambda: len(data))
    feeder.finish()
    feeder.resize(3, 30, 6)
    assert emulator.size == (30, 6)
    feeder.resize(len(data) + 4, 20, 5)
    assert emulator.size == (30, 6)
    data += b"abcdefgh"
    assert not feeder.step(1)
    assert emulator.size == (20, 5)


def test_steps_end_in_time_and_say_whether_there_is_more() -> None:
    """A spool of what cannot be skipped takes many steps, each brings the screen further, and a grown one goes on."""
    data = b"\x1b[2A\x1b[2Kfirst\r\n\x1b[2Ksecond\r\n" * 40_000
    emulator = Emulator(80, 24)
    feeder = Feeder(emulator, lambda at, count: data[at : at + count], lambda: len(data))
    steps = 0
    while feeder.step(0.001):
        steps += 1
    assert steps > 3
    assert feeder.offset == len(data)
    assert not feeder.step(0.001)
    data += b"\x1b[2Jlast"
    assert not feeder.step(1)
    assert "last" in "".join(emulator.text())


def test_a_spool_that_gives_less_than_its_size_is_waited_for() -> None:
    """A reader that is behind the size, or cut by another, is asked again later and nothing is lost."""
    data = b""
    emulator = Emulator(40, 4)
    feeder = Feeder(emulator, lambda at, count: data[at : at + min(count, 3)], lambda: 6)
    assert not feeder.step(1)
    data = b"abcdef"
    assert not feeder.step(1)
    assert emulator.text()[0] == "abcdef"


FRAMES = b"".join(
    b"\x1b[5A" + b"".join(b"\x1b[2Krow %d of %d\r\n" % (row, step) for row in range(5)) for step in range(9000)
)


def test_a_copy_goes_on_by_itself() -> None:
    """What the copy takes changes nothing in the first, and both are what feeding makes of it."""
    data = b"\x1b[?2004h\x1b]0;title\x07\x1b[44m" + FRAMES[:40_000] + b"\x1b[?1049h\x1b[H\xe4\xb8\xadalternate"
    emulator = Emulator(40, 8)
    feeder = Feeder(emulator, lambda at, count: data[:60_000][at : at + count], lambda: 40_000)
    feeder.finish()
    other, ahead = feeder.copy(lambda: len(data))
    assert other.text() == emulator.text()
    ahead.finish()
    assert state(other) == state(fed(data))
    assert state(emulator) == state(fed(data[:40_000]))


@pytest.mark.parametrize("place", range(20_000, 20_400, 37))
def test_a_leap_goes_from_the_begin_of_a_frame_to_that_of_another(place: int) -> None:
    """Wherever it begins and is to end, what is drawn behind it stands in the right rows."""
    data = b"\r\n" * 5 + FRAMES
    emulator = Emulator(40, 8)
    feeder = Feeder(emulator, lambda at, count: data[at : at + count], lambda: place)
    feeder.finish()
    other, ahead = feeder.copy(lambda: len(data))
    ahead.leap(len(data) - 5000 + place % 400)
    ahead.finish()
    assert other.text() == fed(data).text()
    assert other.cursor == fed(data).cursor


@pytest.mark.parametrize(
    ("between", "later"),
    [
        (b"\x1b[?1049h", b"\x1b[?1049l"),
        (b"\x1b[?25l\x1b[3 q", b"\x1b[?25h"),
        (b"\x1b(0", b"\x1b(B"),
        (b"\x1b[2;5r\x1b[5;1H", b"\x1b[r\x1b[5;1H"),
        (b"\x1b[31m\x1b[4m", b"\x1b[24m"),
        (b"\x1b]2;one\x07\x1b]2;two\x1b\\", b"\x1b="),
        (b"\x1b[4h\x1b[?7l", b"\x1b[!p"),
    ],
)
def test_a_leap_carries_over_what_lasts(between: bytes, later: bytes) -> None:
    """Modes, margins, character sets, the pen and the title, also where one is set and taken back."""
    for lasting in (between, between + FRAMES[:500] + later):
        data = b"\r\n" * 5 + FRAMES[:30_000] + lasting + FRAMES[:90_000] + b"\x1b[2;1Hqqq"
        emulator = Emulator(40, 8)
        feeder = Feeder(emulator, partial(_part, data), data.__len__)
        feeder.leap(len(data) - 4000)
        feeder.finish()
        whole = fed(data)
        assert emulator.modes == whole.modes
        assert emulator.title == whole.title
        assert emulator.cursor.shape == whole.cursor.shape
        assert emulator.row(1) == whole.row(1)


@given(st.binary(max_size=300), st.integers(0, 300), st.sampled_from([b"", b"\x1b[32mx", b"\xc2\xa0", b"\x1b["]))
def test_where_a_stretch_stops_passing_is_told_the_same_in_both_ways(data: bytes, begin: int, piece: bytes) -> None:
    """The quick look and reading on to the place agree, whatever the bytes."""
    data = data[:150] + piece + data[150:]
    passed = _PASSING.match(data, begin)
    assert passing_until(data, begin) == (passed.end() if passed else begin)
