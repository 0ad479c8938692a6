"""How to leave: what is offered fits what goes on, and nothing is stopped by one key."""

from __future__ import annotations

import pytest

from screens.dialogs.leaving import LeavingDialog
from screens.requests import Doing, Leaving
from tests.screens.frames import OneScreen, text_of, wait_for_text


async def _left(doing: Doing, *keys: str) -> object:
    app = OneScreen(LeavingDialog(doing))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Leave?")
        await pilot.press(*keys)
        await pilot.pause()
        return app.result if app.dismissed else text_of(app)


@pytest.mark.parametrize("doing", list(Doing))
@pytest.mark.parametrize("key", ["escape", "enter", "space"])
async def test_the_first_key_stays(doing: Doing, key: str) -> None:
    """Whoever opened it by mistake comes back by whatever they press next."""
    assert await _left(doing, key) is None


@pytest.mark.parametrize(
    ("doing", "keys", "how"),
    [
        (Doing.ASKING, ("down", "enter"), Leaving.HERE),
        (Doing.ASKING, ("down", "down", "enter", "down", "enter"), Leaving.AT_ONCE),
        (Doing.RUNNING, ("down", "enter"), Leaving.RUNS_ON),
        (Doing.RUNNING, ("down", "down", "enter", "down", "enter"), Leaving.STOP),
        (Doing.WAITING, ("down", "enter"), Leaving.RUNS_ON),
        (Doing.WAITING, ("down", "down", "enter", "down", "enter"), Leaving.STOP),
        (Doing.BUSY, ("down", "enter"), Leaving.HERE),
        (Doing.BUSY, ("down", "down", "enter", "down", "enter"), Leaving.AT_ONCE),
    ],
)
async def test_every_way_fits_what_goes_on(doing: Doing, keys: tuple[str, ...], how: Leaving) -> None:
    """What can be undone takes one enter; stopping and leaving at once are asked about once more."""
    assert await _left(doing, *keys) is how


async def test_stopping_a_command_is_not_done_by_one_key_twice() -> None:
    """Enter, enter on the danger comes back to the ways."""
    shown = await _left(Doing.RUNNING, "3", "down", "down", "enter", "enter")
    assert isinstance(shown, str)
    assert "Leave the wizard; the command runs on" in shown


async def test_a_digit_leads_to_its_row_and_takes_nothing() -> None:
    """The digits before the rows are keys here too; enter then takes the row."""
    assert "> 2 Leave the wizard; the command runs on" in str(await _left(Doing.RUNNING, "2"))
    assert await _left(Doing.RUNNING, "2", "enter") is Leaving.RUNS_ON


@pytest.mark.parametrize("doing", list(Doing))
async def test_it_says_what_goes_on_and_how_to_come_back(doing: Doing) -> None:
    """Somebody at night reads what becomes of the command before leaving it."""
    app = OneScreen(LeavingDialog(doing))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "`wizard resume` takes this session up again")
        await pilot.press("ctrl+q")
        assert not app.said
