"""The items of a loop: where the cursor is while the loop goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.stage import Stage
from screens.widgets.loop_table import LoopTable
from tests.screens.frames import OneScreen, wait_until
from wizard.run.session_view import ItemSeen, LoopSeen
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from textual.app import ComposeResult


def loop(at: int, status: StepStatus = StepStatus.RUNNING) -> LoopSeen:
    """A loop over 300 items, of which those before `at` are done."""
    words = [StepStatus.DONE] * at + [status] + [StepStatus.WAITING] * (299 - at)
    items = tuple(ItemSeen(f"n{number}", 1, word) for number, word in enumerate(words))
    return LoopSeen("1/roll", "1.1", "Roll", 1, 1, items, at, int(status is StepStatus.FAILED))


async def test_the_cursor_goes_with_the_loop_until_somebody_moves_it() -> None:
    """Whoever opens the items finds the one that failed, however many there are; whoever reads on is left alone."""

    class Around(Stage):
        def compose(self) -> ComposeResult:
            yield LoopTable()

    app = OneScreen(Around())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query(LoopTable))
        table = app.screen.query_one(LoopTable)
        table.show(loop(0))
        table.show(loop(200, StepStatus.FAILED))
        assert table.rows.selected == "=n200"
        table.rows.focus()
        await pilot.pause()
        table.show(loop(201))
        assert table.rows.selected == "=n201"
        await pilot.press("up", "up")
        table.show(loop(202))
        assert table.rows.selected == "=n199"
