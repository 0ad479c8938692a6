"""Keys that arrive together do what they would do one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Button, Input

from screens.keys_in_turn import KeysInTurn
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


def at_once(app: Two, *keys: str) -> None:
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
