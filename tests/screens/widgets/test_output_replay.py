"""Output made into a screen, also where it comes faster than it can be worked off."""

from __future__ import annotations

from screens.terminal.emulator import Emulator
from screens.widgets.output_replay import LAST_PART, Replay
from tests.fakes.outputs import FakeOutput

FRAMES = b"".join(
    b"\x1b[12A" + b"".join(b"\x1b[2K\r service %02d at %d\x1b[1B\r" % (row, step) for row in range(12))
    for step in range(400)
)


def test_a_flood_that_moves_the_cursor_is_overtaken_and_exact_in_the_end() -> None:
    """What is shown is of now within a few steps; worked off, it is what a terminal shows that took all of it."""
    data = b"\r\n" * 12 + FRAMES * 60 + b"the last line\x1b[6n"
    output = FakeOutput()
    output.spool = data
    replay = Replay(output)
    for _ in range(8):
        assert replay.step(0.012)
    assert replay.missing > LAST_PART
    assert any("the last line" in line for line in replay.emulator.text())
    answers = replay.take_answers()
    while replay.step(0.05):
        answers += replay.take_answers()
    answers += replay.take_answers()
    exact = Emulator(80, 24)
    exact.feed(data)
    assert replay.missing == 0
    assert replay.emulator.text() == exact.text()
    assert answers.count(b"R") == 1
