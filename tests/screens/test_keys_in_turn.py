"""Keys that arrive together do what they would do one by one."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from textual import events, on
from textual.containers import Vertical
from textual.widgets import Button, Input

from screens.keys_in_turn import LONGEST, KeysInTurn
from screens.widgets.output_prompt import Asked, OutputPrompt
from tests.screens.frames import wait_until

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Two(KeysInTurn[None]):
    """A dangerous button, a harmless one, and a line; `pressed` are those that were."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed: list[str] = []

    def compose(self) -> ComposeResult:
        yield Button("Danger", id="danger")
        yield Button("Harmless", id="harmless")
        yield Input(id="line")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.pressed.append(event.button.id or "")


def at_once(app: KeysInTurn[None], *keys: str) -> None:
    """Let keys arrive in one read of the terminal."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_the_second_key_goes_where_the_first_one_led() -> None:
    """Tab and enter in one go take the button that tab led to, and what is typed after two tabs is in the line."""
    app = Two()
    async with app.run_test() as pilot:
        app.screen.set_focus(app.query_one("#danger"))
        at_once(app, "tab", "enter", "tab", "a", "b", "c")
        await wait_until(pilot, lambda: app.query_one(Input).value == "abc")
    assert app.pressed == ["harmless"]


class Asks(Vertical):
    """Asks for something in a line of its own; whoever replied is led to the line below."""

    def compose(self) -> ComposeResult:
        yield OutputPrompt()
        yield Input(id="below")

    @on(OutputPrompt.Replied)
    def _replied(self) -> None:
        self.screen.set_focus(self.query_one("#below"))


class AskedApp(KeysInTurn[None]):
    """Nothing but that."""

    def compose(self) -> ComposeResult:
        yield Asks()


async def test_the_key_behind_a_reply_goes_where_the_reply_led() -> None:
    """The line tells its prompt, the prompt tells who asked, and only that one moves the focus."""
    app = AskedApp()
    async with app.run_test() as pilot:
        app.query_one(OutputPrompt).ask(Asked.SEARCH, "search:", "")
        at_once(app, *"ab", "enter", *"cd")
        below = app.query_one("#below", Input)
        await wait_until(pilot, lambda: not app._typed and app.focused is below)
        await wait_until(pilot, lambda: below.value == "cd")


@pytest.mark.parametrize("turns", [2, 5])
async def test_a_key_waits_for_the_one_before_it_also_where_everything_stood_still(turns: int) -> None:
    """The time after which it is given on all the same passes at once then, and nothing was done in it."""
    app = AskedApp()
    async with app.run_test() as pilot:
        app.query_one(OutputPrompt).ask(Asked.SEARCH, "search:", "")
        await pilot.pause()
        at_once(app, "enter", *"cd")
        for _ in range(turns):
            await asyncio.sleep(0)
        time.sleep(LONGEST + 0.1)  # noqa: ASYNC251 - nothing may go on meanwhile
        below = app.query_one("#below", Input)
        await wait_until(pilot, lambda: not app._typed and app.focused is below)
        await wait_until(pilot, lambda: below.value == "cd")


async def test_a_key_whose_widget_went_away_holds_nothing_up() -> None:
    """The focus is removed while it has a key; the next ones come through all the same."""
    app = Two()
    async with app.run_test() as pilot:
        app.screen.set_focus(app.query_one("#danger"))
        app.query_one("#danger").remove()
        at_once(app, "x", "tab", "tab", "tab", "tab", "tab")
        await wait_until(pilot, lambda: app.focused is not None)
        app.screen.set_focus(app.query_one(Input))
        await wait_until(pilot, lambda: not app._typed)
        at_once(app, *"quick")
        await wait_until(pilot, lambda: app.query_one(Input).value == "quick")
