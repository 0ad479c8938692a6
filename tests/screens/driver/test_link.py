"""What goes through the link besides pictures, and what it keeps while nobody reads."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

import pytest

from screens.driver.abilities import Abilities
from screens.driver.link import Link
from tests.screens.driver.referees import Avt

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTER = "\x1b[?1049h"
SIZE = (20, 3)


class Pipe:
    """A link into a pipe that is read when the test says so."""

    def __init__(self, *, knows_strings: bool = True) -> None:
        self._out, end = os.pipe()
        self.failures: list[str] = []
        abilities = Abilities(knows_strings=knows_strings)
        self.link = Link(end, abilities, SIZE, hears=True, failed=lambda: self.failures.append("failed"))
        self.link.start()

    def read(self, until: str, seconds: float = 30.0) -> str:
        """Read until something has come."""
        got, end = "", time.monotonic() + seconds
        while not got or until not in got:
            assert select.select([self._out], [], [], max(0.0, end - time.monotonic()))[0], f"only {got!r} came"
            got += os.read(self._out, 1 << 16).decode()
        return got

    def close(self) -> None:
        """Hang up."""
        os.close(self._out)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """A link into a pipe."""
    made = Pipe()
    yield made
    made.close()


def test_besides_in_order(pipe: Pipe) -> None:
    """What is no picture goes in order, and before the picture that was drawn after it."""
    sequences = [ENTER, "\x1b[?1000h", "\x1b]2;title\x07", "\x1b[?2004h", "\x07"]
    for sequence in sequences:
        pipe.link.send(sequence)
    pipe.link.draw("\x1b[1;1Hhello\x1b[1;1H", SIZE)
    pipe.link.start_pictures()
    got = pipe.read("\x1b[5n")
    assert got.startswith("".join(sequences))
    assert got.index("hello") > len("".join(sequences))


def test_text_of_a_frame_gives_no_orders(pipe: Pipe) -> None:
    """Sequences inside a text (clipboard, modes, questions, bells) do not reach the terminal with the frame."""
    pipe.link.start_pictures()
    pipe.link.draw("\x1b[1;1Ha\x1b]52;c;aGFybQ==\x07b\x1b[?1000hc\x1b[6n\x07\x1bPq\x1b\\d\x1b[1;1H", SIZE)
    got = pipe.read("d")
    assert "abcd" in got
    assert not any(bad in got for bad in ("52;", "?1000", "[6n", "\x07", "\x1bP"))


def test_newest_only_while_nobody_reads(pipe: Pipe) -> None:
    """While nobody reads nothing waits for it, and of a thousand clipboards and pictures the last ones are kept."""
    pipe.link.start_pictures()
    began, worked = time.monotonic(), time.process_time()
    for number in range(1000):
        pipe.link.send(f"\x1b]52;c;{'A' * 1000}{number}\x07")
        pipe.link.draw(f"\x1b[1;1Hpicture {number}\x1b[1;1H", SIZE)
    assert time.process_time() - worked < 1.0
    assert time.monotonic() - began < 10.0, "a thousand short waits are noticed, a machine that stood still is not"
    terminal, all_of_it = Avt(*SIZE), ""
    while "picture 999" not in "".join(str(cell[0]) for cell in terminal.seen()[0]):
        got = pipe.read("")
        all_of_it += got
        terminal.feed(got)
        for _ in range(got.count("\x1b[5n")):
            pipe.link.hear("\x1b[0n")
    assert "A999\x07" in all_of_it
    assert len(all_of_it) < 100_000


def test_old_terminals_get_what_they_know() -> None:
    """A terminal that does not swallow strings gets none, and no sequence with a private prefix but modes."""
    pipe = Pipe(knows_strings=False)
    for sequence in (ENTER, "\x1b[>25u", "\x1b]52;c;AAAA\x07", "\x1b[?2026$p", "\x07", "\x1b[?7l"):
        pipe.link.send(sequence)
    assert pipe.read("\x1b[?7l") == f"{ENTER}\x07\x1b[?7l"
    pipe.close()


def test_terminal_gone(pipe: Pipe) -> None:
    """Once nobody can read any more, drawing and leaving go on without waiting and without keeping anything."""
    pipe.link.start_pictures()
    pipe.close()
    pipe._out = os.open(os.devnull, os.O_RDONLY)
    pipe.link.draw("\x1b[1;1Hhello\x1b[1;1H", SIZE)
    began = time.monotonic()
    pipe.link.settle(60.0)
    pipe.link.send("\x1b[?1049l")
    pipe.link.settle(60.0)
    assert time.monotonic() - began < 30.0
    assert not pipe.failures


def test_terminal_that_does_not_block(pipe: Pipe) -> None:
    """Where another program made the terminal non-blocking, what it has no room for yet is not lost."""
    os.set_blocking(pipe.link._descriptor, False)
    pipe.link.send(f"\x1b]52;c;{'A' * 300_000}\x07")
    pipe.link.settle(0.2)
    assert pipe.read("\x07").count("A") == 300_000
    assert not pipe.failures
