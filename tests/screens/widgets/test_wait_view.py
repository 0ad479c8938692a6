"""A wait as it is shown: what for, the times, and the ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import on
from textual.widgets import Static

from screens.stage import Stage, Wished
from screens.widgets.card_choices import Choices
from screens.widgets.wait_view import WaitView, wait_lines
from tests.screens.frames import OneScreen, text_of, wait_for_text
from wizard.run.operator import Pausing, Wish

if TYPE_CHECKING:
    from textual.app import ComposeResult

DRAINING = Pausing("Drain [/bar] the node", "connections: 12 \x1b[31mleft", 80.0, usually=120.0, at_most=600.0)


class _Waiting(Stage):
    """A stage with nothing but a wait, which takes no keys by itself."""

    AUTO_FOCUS = ""

    def __init__(self, pausing: Pausing) -> None:
        super().__init__()
        self.view = WaitView(pausing)
        self.wishes: list[Wish] = []

    def compose(self) -> ComposeResult:
        yield self.view

    @on(Wished)
    def _wished(self, event: Wished) -> None:
        self.wishes.append(event.wish)


def test_all_times_are_told_in_words() -> None:
    """Waited, usual, at most and left; the bar is no more than that once more."""
    lines = wait_lines(DRAINING, 80.0)
    assert lines[:2] == ["Waiting: Drain [/bar] the node", "Last seen: connections: 12 left"]
    assert lines[2].startswith("[###")
    assert len(lines[2]) == 32
    assert lines[3] == "waited 1 min 20 s   usually 2 min   at most 10 min   8 min 40 s left"


@pytest.mark.parametrize(
    ("pausing", "waited", "said"),
    [
        (Pausing("x", "", 0.0), 5.0, "waited 5 s"),
        (Pausing("x", "", 0.0, usually=60.0), 20.0, "waited 20 s   usually 1 min   about 40 s left"),
        (Pausing("x", "", 0.0, usually=60.0), 90.0, "waited 1 min 30 s   usually 1 min   30 s longer than usual"),
        (Pausing("x", "", 0.0, usually=60.0, at_most=60.0), 90.0, "waited 1 min 30 s   at most 1 min   0 s left"),
    ],
)
def test_what_is_not_known_is_not_told(pausing: Pausing, waited: float, said: str) -> None:
    """Without an end there is no rest; longer than usual is said so, and nothing gets negative."""
    assert wait_lines(pausing, waited)[-1] == said


async def test_it_draws_only_what_is_different() -> None:
    """The same look again touches nothing; another one is shown at once."""
    screen = _Waiting(DRAINING)
    app = OneScreen(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Last seen: connections: 12 left")
        shown = screen.view.query_one(Static)
        before = shown.content
        screen.view.show(DRAINING)
        assert shown.content is before
        screen.view.show(Pausing("Drain the node", "connections: 3", 81.0, at_most=600.0))
        await wait_for_text(pilot, "connections: 3")


@pytest.mark.parametrize(
    ("keys", "wish"),
    [
        (("tab", "enter", "down", "enter"), Wish.GO_ON),
        (("tab", "tab", "enter"), Wish.LEAVE),
        (("tab", "down", "down", "enter", "down", "enter"), Wish.STOP),
    ],
)
async def test_the_ways_out_are_asked_for_twice_where_they_change_something(keys: tuple[str, ...], wish: Wish) -> None:
    """Leaving changes nothing; not waiting and stopping are asked about once more."""
    screen = _Waiting(DRAINING)
    app = OneScreen(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Do not wait any longer")
        await pilot.press(*keys)
        await pilot.pause()
        assert screen.wishes == [wish]
        assert not screen.view.query_one(Choices).has_class("-once")
        assert "Do not wait any longer" in text_of(app)
