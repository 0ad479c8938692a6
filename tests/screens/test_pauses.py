"""What is done so that a key never waits long."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual import screen
from textual.app import App

from screens.pauses import PAINT_EVERY, ShortSearches, shorten_pauses

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


@contextmanager
def collector_left_as_it_was() -> Iterator[None]:
    """Take back what is done to the garbage collector."""
    told = gc.callbacks[:]
    try:
        yield
    finally:
        gc.callbacks[:] = told
        gc.unfreeze()


async def test_the_screen_is_painted_soon_and_what_is_loaded_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The timer of a screen has the short period, and the garbage collector has less to search."""
    monkeypatch.setattr(screen, "UPDATE_PERIOD", screen.UPDATE_PERIOD)
    frozen = gc.get_freeze_count()
    with collector_left_as_it_was():
        shorten_pauses()
        assert gc.get_freeze_count() > frozen
        app = App[None]()
        async with app.run_test():
            assert app.screen._update_timer._interval == PAINT_EVERY


def test_what_is_in_use_after_a_long_search_for_garbage_is_not_searched_again() -> None:
    """A search that takes longer than it may is followed by shorter ones; one that does not leaves all as it is."""
    with collector_left_as_it_was():
        gc.callbacks.append(ShortSearches(at_most=60.0))
        frozen = gc.get_freeze_count()
        kept: list[list[int]] = [[] for _ in range(1000)]
        gc.collect()
        assert gc.get_freeze_count() == frozen
        gc.callbacks.append(ShortSearches(at_most=0.0))
        gc.collect()
        assert gc.get_freeze_count() >= frozen + len(kept)
