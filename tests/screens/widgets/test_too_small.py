"""A terminal smaller than 80x24: it is said, nothing is pressed blindly, one can leave, and all comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList

from screens.app import WizardApp
from screens.dialogs.line import LineDialog
from screens.home import HomeScreen
from screens.stage import LeaveWanted
from screens.widgets.too_small import TooSmallScreen
from tests.screens.frames import OneScreen, lines_of, text_of, wait_for_text, wait_until
from tests.screens.some_sessions import failed_session
from wizard.assemble import Resume, go_on, session_status
from wizard.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [(60, 20), (79, 24), (80, 23), (30, 8)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_too_small_is_said_with_both_sizes(size: tuple[int, int]) -> None:
    """Both sizes stand on the screen, and how to leave."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=size) as pilot:
        await wait_for_text(pilot, "80x24 is needed")
        assert f"this is {size[0]}x{size[1]}" in text_of(app)
        assert "ctrl+q leaves" in text_of(app)
        assert max(map(len, lines_of(app))) <= size[0]


async def test_the_screen_is_as_it_was_once_there_is_room() -> None:
    """What was marked, typed and focused is the same; no key reached it meanwhile."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        await pilot.press("slash", *"sto")
        await pilot.resize_terminal(60, 20)
        await wait_for_text(pilot, "this is 60x20")
        await pilot.press(*"xyz", "enter", "escape", "d")
        assert not app.dismissed
        await pilot.resize_terminal(61, 20)
        await wait_for_text(pilot, "this is 61x20")
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: isinstance(app.screen, HomeScreen))
        assert isinstance(app.focused, Input)
        assert app.focused.value == "sto"
        assert app.screen.query_one(OptionList).highlighted is not None


async def test_one_can_leave_where_it_is_too_small() -> None:
    """ctrl+q asks to leave, as on every screen."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_for_text(pilot, "this is 60x20")
        await pilot.press("ctrl+q")
        assert [type(one) for one in app.said] == [LeaveWanted]


async def test_leaving_home_where_it_is_too_small_ends_the_program() -> None:
    """In the real app too, with the exit code of nothing having gone wrong."""
    app = WizardApp(None, {"TERM": "xterm-256color"})
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_for_text(pilot, "this is 60x20")
        await pilot.press("ctrl+q")
    assert app.return_value is ExitCode.DONE


async def test_a_run_is_left_where_it_is_too_small(tmp_path: Path) -> None:
    """At a question nothing is asked any more: the session is left so that it can be resumed, and the program ends."""
    session = failed_session(tmp_path / "failed")
    app = WizardApp(lambda front_end: go_on(Resume(session.id), front_end), {"TERM": "xterm-256color"})
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stop here; it can be resumed")
        await pilot.resize_terminal(60, 20)
        await wait_for_text(pilot, "this is 60x20")
        await pilot.press("1", "enter")
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: app.return_value is not None)
    assert app.return_value is ExitCode.STOPPED
    assert session_status(session.id).next[0] == "resume"


async def test_a_dialog_minds_the_size_too() -> None:
    """A dialog is covered while there is no room, and is there afterwards with what was typed."""
    app = OneScreen(LineDialog("Close it", ["It stays readable."]))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "It stays readable.")
        await pilot.press(*"becau")
        await pilot.resize_terminal(60, 20)
        await wait_until(pilot, lambda: isinstance(app.screen, TooSmallScreen))
        await pilot.press("enter")
        await pilot.resize_terminal(100, 30)
        await wait_until(pilot, lambda: isinstance(app.screen, LineDialog))
        await pilot.press(*"se", "enter")
        assert app.result == "because"
