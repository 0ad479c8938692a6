"""A monitor as it is shown: numbers in words beside every graph, and marks before lines that tell of an error."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from screens.driver.abilities import Characters
from screens.driver.ascii import translation
from screens.stage import Stage
from screens.widgets.monitor_view import LEVELS, LINES, MonitorView, graph, monitor_lines
from tests.screens.frames import OneScreen, text_of, wait_for_text
from wizard.run.events import LogNews, Sample
from wizard.run.session_view import LookSeen

if TYPE_CHECKING:
    from textual.app import ComposeResult

AMOUNTS = st.lists(st.none() | st.floats(-1e15, 1e15), max_size=80)


class _Monitoring(Stage):
    """A stage with nothing but a monitor."""

    def __init__(self) -> None:
        super().__init__()
        self.view = MonitorView()

    def compose(self) -> ComposeResult:
        yield self.view


_NUMBERS = count(1)


def look(
    cpu: float, *lines: str, errors: int = 0, passed: bool = True, watched: float = 60.0, key: str = "1/a/watch"
) -> tuple[LookSeen]:
    """One look at the processor and one log, newer than those before."""
    samples = (Sample("cpu", "Processor", f"{cpu:g} % busy", passed, cpu),)
    news = (LogNews("/var/log/app.log", lines, len(lines), errors),)
    return (LookSeen(1, next(_NUMBERS), key, samples, news, watched, 600.0),)


@given(amounts=AMOUNTS, width=st.integers(1, 60))
def test_a_graph_has_a_column_for_each_of_the_last_looks(amounts: list[float | None], width: int) -> None:
    """As wide as there are looks and room, blank where nothing was measured, one of the levels everywhere else."""
    last = amounts[-width:]
    drawn = graph(amounts, width=width)
    if all(amount is None for amount in last):
        assert drawn == ""
        return
    assert len(drawn) == len(last)
    assert set(drawn) <= set(LEVELS)
    assert all((column == " ") == (amount is None) for column, amount in zip(drawn, last, strict=True))


@given(amounts=st.lists(st.floats(0, 1e12), min_size=2, max_size=30, unique=True))
def test_a_graph_rises_where_the_numbers_do(amounts: list[float]) -> None:
    """A higher amount is never drawn lower, and the highest of all is at the top."""
    drawn = graph(sorted(amounts))
    heights = [LEVELS.index(column) for column in drawn]
    assert heights == sorted(heights)
    assert drawn[-1] == LEVELS[-1]


def test_numbers_that_hardly_differ_look_alike() -> None:
    """96 and 97 percent are no mountain and no valley: the graph then begins at nothing."""
    assert graph([96.0, 97.0, 0.0][:2])[1] == LEVELS[-1]
    assert graph([5.0, 5.0, 5.0]) == LEVELS[4] * 3


async def test_a_limit_shows_now_least_and_most_in_words() -> None:
    """Nobody has to read a number from the height of a block; a failure is a word."""
    screen = _Monitoring()
    app = OneScreen(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Nothing was looked at yet.")
        for percent in (20, 80, 40):
            screen.view.show(look(float(percent), passed=percent < 50))
        await wait_for_text(pilot, "OK   Processor: 40 % busy; failed 1 time")
        assert "from 20 % to 80 %" in text_of(app)
        assert "Watched for 1 min of 10 min, 9 min left" in text_of(app)
        screen.view.show(look(95.0, passed=False))
        await wait_for_text(pilot, "FAIL Processor: 95 % busy; failed 2 times")


async def test_a_log_shows_its_last_lines_and_marks_errors() -> None:
    """Counts in words, the last lines as they are, a sign before each that tells of an error."""
    screen = _Monitoring()
    app = OneScreen(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Nothing was looked at yet.")
        screen.view.show(look(1.0))
        await wait_for_text(pilot, "OK   /var/log/app.log: 0 new lines, none tells of an error")
        screen.view.show(look(1.0, *(f"line {number}" for number in range(9)), "[/bar] ERROR \x1b[31mred", errors=1))
        await wait_for_text(pilot, "!    /var/log/app.log: 10 new lines, 1 tells of an error")
        assert "   ! [/bar] ERROR red" in text_of(app)
        assert "     line 8" in text_of(app)
        assert f"line {9 - LINES}" not in text_of(app)


def test_lines_that_the_next_driver_reads_again_are_counted_once() -> None:
    """Who goes on with a monitor reads its logs from the begin of the step; only what came since is new."""
    before = [*look(1.0, "one"), *look(1.0, "ERROR two", errors=1)]
    again = [replace(one, epoch=2) for one in look(1.0, "one", "ERROR two", "three", errors=1)]
    shown = [line.text for line in monitor_lines([*before, *again], 80)]
    assert "!    /var/log/app.log: 3 new lines, 1 tells of an error" in shown
    assert [line[5:] for line in shown[-3:]] == ["one", "ERROR two", "three"]
    assert "     |▄▄▄| lines at each look" in shown


async def test_another_step_begins_anew() -> None:
    """What one monitor saw is not shown as what the next one sees."""
    screen = _Monitoring()
    app = OneScreen(screen)
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for_text(pilot, "Nothing was looked at yet.")
        screen.view.show(look(77.0, "old line"))
        screen.view.show(look(5.0, key="1/a/again"))
        await wait_for_text(pilot, "Processor: 5 % busy")
        assert "old line" not in text_of(app)
        assert "77" not in text_of(app)


def test_a_graph_rises_on_a_terminal_that_shows_only_ascii_too() -> None:
    """The driver's look-alikes of the levels differ, but for the two highest."""
    drawn = translation(Characters.ASCII)(LEVELS)
    assert drawn.isascii()
    assert len(set(drawn)) == len(LEVELS) - 1
