"""Dialogs over words of any length: what can be pressed or filled in is on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App
from textual.widgets import Input

from screens.dialogs.line import LineDialog
from screens.dialogs.sure import SureDialog
from screens.widgets.card_choices import Choices
from screens.widgets.reading import Line
from tests.screens.frames import text_of, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.screen import Screen

LONG = "Bring the data of every branch office into the new store " * 6
"""A title that takes many lines."""


class DialogApp(App[None]):
    """Shows one dialog, and keeps what it gave."""

    def __init__(self, dialog: Screen[Any]) -> None:
        super().__init__()
        self._dialog = dialog
        self.gave: list[Any] = []

    def on_mount(self) -> None:
        self.push_screen(self._dialog, self.gave.append)


@pytest.mark.parametrize("lines", [(), [Line(LONG)] * 9])
@pytest.mark.parametrize("title", ["Start?", LONG])
async def test_both_replies_are_seen_whatever_is_said_above_them(title: str, lines: Sequence[Line]) -> None:
    """On 80x24 neither a long title nor a long text pushes the replies, or the keys, out of the box."""
    dialog = SureDialog(title, lines, "Start", no="Not yet")
    app = DialogApp(dialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: dialog.open)
        box = dialog.query_one(".-box").content_region
        assert box.contains_region(dialog.query_one(Choices).region)
        assert "Not yet" in text_of(app)
        assert "enter: take" in text_of(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.gave)
    assert app.gave == [True]


async def test_the_field_is_seen_whatever_is_said_above_it() -> None:
    """A finding with a long title and a long word on it: what is typed as a reason can still be read."""
    app = DialogApp(LineDialog("Bypass this finding", [LONG] * 6))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"known")
        await wait_until(pilot, lambda: "known" in text_of(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.gave)
    assert app.gave == ["known"]
