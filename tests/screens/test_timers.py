"""A ring that comes once, whatever the machine does meanwhile."""

from __future__ import annotations

import threading
from functools import partial

from textual.app import App

from screens.timers import ring_once
from tests.screens.frames import wait_until

MANY = 3000


async def test_none_of_many_is_lost_beside_a_busy_thread() -> None:
    """Of as many of Textual's own some twenty are."""
    app: App[None] = App()
    rung: list[int] = []
    over = threading.Event()

    def keep_busy() -> None:
        while not over.is_set():
            sum(range(200))

    async with app.run_test() as pilot:
        busy = threading.Thread(target=keep_busy)
        busy.start()
        try:
            for number in range(MANY):
                ring_once(app, 1e-6, partial(rung.append, number))
            await wait_until(pilot, lambda: len(rung) >= MANY)
        finally:
            over.set()
            busy.join()
    assert sorted(rung) == list(range(MANY))


async def test_one_that_was_cancelled_does_not_ring() -> None:
    """Those before and after it do."""
    app: App[None] = App()
    rung: list[str] = []
    async with app.run_test() as pilot:
        ring_once(app, 0.01, lambda: rung.append("before"))
        ring_once(app, 0.02, lambda: rung.append("cancelled")).cancel()
        ring_once(app, 0.03, lambda: rung.append("after"))
        await wait_until(pilot, lambda: "after" in rung)
    assert rung == ["before", "after"]
