"""Output made into a screen, also where it comes faster than it can be worked off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.terminal.emulator import Emulator
from screens.widgets import output_replay
from screens.widgets.output_replay import LAST_PART, Replay
from tests.fakes.outputs import FakeOutput

if TYPE_CHECKING:
    import pytest

FRAMES = b"".join(
    b"\x1b[12A" + b"".join(b"\x1b[2K\r service %02d at %d\x1b[1B\r" % (row, step) for row in range(12))
    for step in range(400)
)
AT_THE_TOP = b"\r\n" * 12


def overtaken(output: FakeOutput) -> Replay:
    """A replay that is still behind, and shows what is true now."""
    replay = Replay(output)
    replay.look()
    for _ in range(20):
        assert replay.step(0.0)  # the least there is, the same on a fast machine and a slow one
        replay.keep_up()
    assert replay.missing > LAST_PART
    return replay


def exact(data: bytes, size: tuple[int, int] = (80, 24)) -> Emulator:
    """A terminal that was fed all."""
    emulator = Emulator(*size)
    emulator.feed(data)
    return emulator


def finish(replay: Replay) -> bytes:
    """Go on until it is exact; gives what was answered meanwhile."""
    answers = b""
    while replay.step(0.05):
        replay.keep_up()
        answers += replay.take_answers()
    return answers + replay.take_answers()


def test_a_flood_that_moves_the_cursor_is_overtaken_and_exact_in_the_end() -> None:
    """What is shown is of now within a few steps; worked off, it is what a terminal shows that took all of it."""
    data = AT_THE_TOP + FRAMES * 60 + b"the last line\x1b[6n"
    output = FakeOutput()
    output.spool = data
    replay = overtaken(output)
    assert any("the last line" in line for line in replay.emulator.text())
    answers = finish(replay)
    assert replay.missing == 0
    assert replay.emulator.text() == exact(data).text()
    assert answers.count(b"R") == 1


def test_a_screen_that_overtook_is_ahead_however_many_steps_come_before_it_is_looked_at() -> None:
    """It leaps as soon as it is made: one that stood beside the exact screen would be given up by its next step."""
    output = FakeOutput(AT_THE_TOP + FRAMES * 60 + b"the last line")
    replay = Replay(output)
    replay.look()
    for _ in range(4):
        assert replay.step(0.0)
        assert replay.missing > LAST_PART
        assert any("the last line" in line for line in replay.emulator.text())


def test_a_screen_that_overtook_draws_frames_over_each_other() -> None:
    """It leaps from the begin of a frame to that of another, so that its rows are those of the exact screen."""
    data = AT_THE_TOP + FRAMES * 60
    output = FakeOutput()
    output.spool = data
    replay = overtaken(output)
    shown = replay.emulator
    assert shown.text() == exact(data).text()
    assert shown.cursor == exact(data).cursor


def test_what_lasts_is_carried_over_what_is_passed_over() -> None:
    """Modes, the title and the colour that were set in the part nobody drew hold on the screen that overtook."""
    lasting = b"\x1b[?2004h\x1b[?1h\x1b]0;upgrading\x07\x1b[3 q\x1b[44m"
    data = AT_THE_TOP + FRAMES * 59 + lasting + FRAMES + b"\x1b[2;1Hblue"
    output = FakeOutput()
    output.spool = data
    shown = overtaken(output).emulator
    whole = exact(data)
    assert shown.modes == whole.modes
    assert shown.modes.bracketed_paste
    assert shown.title == "upgrading"
    assert shown.cursor == whole.cursor
    assert shown.row(1) == whole.row(1)


def test_the_cursor_is_reported_from_the_exact_screen() -> None:
    """Nothing is answered by a screen that overtook, and what is answered is what a terminal says that took all."""
    asks = b"\x1b[7;9H\x1b[6n"
    data = AT_THE_TOP + FRAMES * 20 + asks + FRAMES * 40 + b"\x1b[6n"
    output = FakeOutput()
    output.spool = data
    replay = overtaken(output)
    assert replay.take_answers() == b""
    whole = exact(data)
    assert finish(replay) == whole.take_replies()


def test_what_was_asked_before_somebody_attended_is_not_answered_although_it_is_worked_off_later() -> None:
    """Also where the screen was overtaken: the past holds a question of another driver's time."""
    past = AT_THE_TOP + FRAMES * 20 + b"\x1b[6n" + FRAMES * 40
    output = FakeOutput(past)
    output.spool += b"\x1b[5;5H\x1b[6n"
    replay = overtaken(output)
    assert finish(replay) == b"\x1b[5;5R"


def test_lines_that_were_passed_over_are_on_the_screen_whenever_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After every step of a flood of lines the screen is that of a terminal that took all up to there."""
    monkeypatch.setattr(output_replay, "TOO_FAR", 1e9)  # never overtaken, however slow the machine is
    data = b"".join(b"\x1b[3%dmline %d\x1b[0m\r\n" % (number % 8, number) for number in range(150_000))
    output = FakeOutput(size=(40, 8))
    output.spool = data
    output.driven = False
    replay = Replay(output)
    replay.look()
    looked = 0
    while replay.step(0.0):
        assert not replay.missing
        looked += 1
        assert replay.emulator.text() == exact(data[max(0, replay.offset - 4000) : replay.offset], (40, 8)).text()
    assert looked > 2
