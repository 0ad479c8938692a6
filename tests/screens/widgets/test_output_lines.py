"""Lines found by their place in a spool."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from screens.widgets.output_lines import PIECE, SpoolLines

PARTS = st.one_of(
    st.sampled_from([b"\n", b"\r\n", b"short line\n", b"\x1b[38;5;120mgreen\x1b[0m", "ä漢".encode(), b"\n\n"]),
    st.integers(1, 3 * PIECE).map(lambda count: b"x" * count),
    st.integers(1, PIECE // 4).map(lambda count: b"\x1b[31mr\x1b[m" * count),
    st.integers(1, PIECE // 2).map(lambda count: "漢".encode() * count),
)


class Counted:
    """A spool that counts the bytes read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.read_bytes = 0

    def read(self, offset: int, limit: int) -> bytes:
        assert limit >= 0
        data = self.data[offset : offset + limit]
        self.read_bytes += len(data)
        return data

    def lines(self) -> SpoolLines:
        return SpoolLines(self.read, lambda: len(self.data))


@given(st.lists(PARTS, max_size=12).map(b"".join), st.data())
@settings(deadline=None, max_examples=150)
def test_every_way_to_a_line_finds_the_same(data: bytes, draw: st.DataObject) -> None:
    """Pieces follow each other without a gap, and a byte is found in its piece from wherever one comes."""
    lines = Counted(data).lines()
    starts, at = [], 0
    while at < len(data):
        piece = lines.piece(at)
        assert piece.start == at < piece.end
        assert data[piece.start : piece.end].rstrip(b"\n") == piece.data.rstrip(b"\n")
        assert b"\n" not in piece.data
        starts.append(at)
        at = piece.end
    assert at == len(data)
    for start, after in zip(starts, [*starts, len(data)][1:], strict=True):
        assert lines.start_of(start) == start
        assert lines.start_of(after - 1) == start
        inside = draw.draw(st.integers(start, after - 1))
        assert lines.start_of(inside) == start
    assert [lines.before(start) for start in starts] == [None, *starts[:-1]][: len(starts)]
    if data:
        assert lines.last() == starts[-1]


def test_neither_a_character_nor_a_colour_code_is_cut() -> None:
    """A line that goes on in a new piece goes on behind what would be cut in two."""
    for part in ("漢".encode(), b"\x1b[38;5;120mx"):
        for before in range(len(part)):
            data = b"y" * (PIECE - before) + part * 3000
            lines = Counted(data).lines()
            first = lines.piece(0)
            assert not first.closed
            assert (first.end - (PIECE - before)) % len(part) in (0, len(part) - 1 if part[0] == 0x1B else 0)
            first.data.decode()


def test_work_is_bounded_whatever_the_line() -> None:
    """In a line of 20 MB any place is found by reading some ten thousand bytes."""
    spool = Counted(b"z" * 20_000_000)
    lines = spool.lines()
    for offset in (0, 9_999_999, 19_999_999):
        spool.read_bytes = 0
        piece = lines.piece(lines.start_of(offset))
        assert piece.start <= offset < piece.end
        assert spool.read_bytes < 6 * PIECE


def test_the_end_of_a_growing_spool_is_a_line_that_is_not_closed() -> None:
    """What came so far is shown, and known to go on."""
    lines = Counted(b"one\ntwo").lines()
    assert lines.piece(0).closed
    last = lines.piece(lines.last())
    assert (last.data, last.closed) == (b"two", False)
    assert Counted(b"").lines().piece(0).data == b""
