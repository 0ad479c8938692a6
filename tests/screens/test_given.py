"""What workers find comes to a screen as long as it is there."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from textual import work

from screens.stage import WizardScreen
from screens.widgets.still_input import StillInput
from tests.screens.frames import wait_until
from tests.screens.one_screen import OneScreen


class Finding(WizardScreen[None]):
    """A screen whose worker finds something once it is let go."""

    def __init__(self) -> None:
        """Find nothing yet."""
        super().__init__()
        self.go = threading.Event()
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.found: list[int] = []

    @work(thread=True, group="find", exclusive=True, description="find something")
    def find(self, number: int) -> None:
        """Find a number."""
        self.begun.append(number)
        self.go.wait(60)
        try:
            self.give(self.found.append, number)
        finally:
            self.ended.append(number)


async def test_what_is_found_is_given_on_the_screens_own_thread() -> None:
    """It is there once the worker has ended."""
    screen = Finding()
    async with OneScreen(screen).run_test() as pilot:
        screen.go.set()
        screen.find(1)
        await wait_until(pilot, lambda: screen.ended == [1])
        assert screen.found == [1]


@pytest.mark.parametrize("leave", ["screen", "wizard", "newer"])
async def test_nothing_is_given_to_who_has_left(leave: str) -> None:
    """Neither a screen that was left, nor a wizard that ends, nor a worker that has a newer one takes anything."""
    screen = Finding()
    app = OneScreen(screen)
    async with app.run_test() as pilot:
        screen.find(1)
        await wait_until(pilot, lambda: bool(screen.begun))
        match leave:
            case "screen":
                screen.dismiss(None)
                await wait_until(pilot, lambda: app.dismissed)
            case "wizard":
                app.exit()
            case _:
                screen.find(2)
        screen.go.set()
        await wait_until(pilot, lambda: len(screen.ended) == (2 if leave == "newer" else 1))
    assert screen.found == ([2] if leave == "newer" else [])


async def test_a_line_that_is_gone_is_not_kept_by_its_screen() -> None:
    """A long run opens hundreds of lines on one screen: what each told the screen goes with it."""
    screen = Finding()
    async with OneScreen(screen).run_test() as pilot:
        gone = []
        for _ in range(3):
            line = StillInput()
            await screen.mount(line)
            gone.append(weakref.ref(line))
            await line.remove()
            del line
            await pilot.pause()
        gc.collect()
        assert [one() for one in gone[:2]] == [None, None], "the last one may be in sight of something for a moment"
