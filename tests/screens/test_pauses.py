"""What is done so that a key never waits long."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from textual import screen
from textual.app import App

from screens.pauses import PAINT_EVERY, shorten_pauses

if TYPE_CHECKING:
    import pytest


async def test_the_screen_is_painted_soon_and_what_is_loaded_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The timer of a screen has the short period, and the garbage collector has less to search."""
    monkeypatch.setattr(screen, "UPDATE_PERIOD", screen.UPDATE_PERIOD)
    frozen = gc.get_freeze_count()
    try:
        shorten_pauses()
        assert gc.get_freeze_count() > frozen
        app = App[None]()
        async with app.run_test():
            assert app.screen._update_timer._interval == PAINT_EVERY
    finally:
        gc.unfreeze()
