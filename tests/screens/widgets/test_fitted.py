"""A line of two parts: the last one, which tells what matters, stands in full whatever the first one is."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from screens.widgets.fitted import LEAST, Fitted, shortened
from tests.screens.frames import lines_of, wait_until

TITLES = ["Work", "Bring the new database schema into place on all nodes of the cluster, one by one", "漢字" * 60]


class OneLine(App[None]):
    """Shows one fitted line."""

    CSS = "Fitted { height: 1; width: 1fr; }"

    def compose(self) -> ComposeResult:
        yield Fitted()


@pytest.mark.parametrize("title", TITLES)
async def test_what_a_phase_does_is_never_cut_off(title: str) -> None:
    """A title of any length gives way, and comes back with the room."""
    app = OneLine()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Fitted).tell(f"Phase 1 {title}", ": only the backup brings it back")
        await wait_until(pilot, lambda: lines_of(app)[0].endswith(": only the backup brings it back"))
        assert lines_of(app)[0].startswith(f"Phase 1 {title[:4]}")
        await pilot.resize_terminal(200, 24)
        await wait_until(pilot, lambda: len(lines_of(app)[0]) > 80 or cell_len(title) < 60)
        assert lines_of(app)[0].endswith(": only the backup brings it back")


@pytest.mark.parametrize("room", [-5, 0, 20, 500])
@pytest.mark.parametrize("title", TITLES)
def test_a_shortened_name_takes_the_room_there_is_and_tells_that_something_is_missing(title: str, room: int) -> None:
    """It is never wider than its room, but keeps a few columns where there is none; dots stand for the rest."""
    short = shortened(title, room)
    assert cell_len(short) <= max(room, LEAST)
    assert short == title or (short.endswith("…") and title.startswith(short[:-1].rstrip()))
