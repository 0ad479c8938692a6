"""The list of steps: where its cursor stands while the run goes on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult

from screens.widgets.step_list import StepList
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from wizard.run.following import Follower
from wizard.run.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.session_view import SessionView


class ListApp(App[None]):
    """Nothing but the list; `moves` are the rows somebody is said to have gone to."""

    def __init__(self) -> None:
        super().__init__()
        self.moves: list[str] = []

    def compose(self) -> ComposeResult:
        yield StepList()

    def on_row_list_moved(self, event: StepList.Moved) -> None:
        self.moves.append(event.key)


def a_loop(place: Path) -> SessionView:
    """A run over three items of one step each, and a step after them."""
    each = step("each", "true", for_each={"one": '["a", "b", "c"]'}, rerun="safe")
    journey = Journey(place, guide(phase(each, step("after", "true")), defaults={"folder": str(place)}))
    journey.begin(ScriptedOperator())
    with closing(Follower(Session.open(journey.folder))) as follower:
        follower.poll()
        return follower.view()


async def test_the_cursor_goes_with_a_loop_and_says_nothing_of_it(tmp_path: Path) -> None:
    """Between two items the run stands at an item that has no row of its own: the cursor stands at its one step.

    Nobody went anywhere by that, so that the screen goes on following the run.
    """
    seen = a_loop(tmp_path)
    plan = seen.plan
    assert plan is not None
    loop = plan.phases[0].steps[0]
    app = ListApp()
    async with app.run_test(size=(100, 12)) as pilot:
        steps = app.query_one(StepList)
        steps.focus()
        for item in loop.steps:
            for now in (item.key, item.steps[0].key):
                view = replace(seen, now=now)
                steps.show_steps(view, view.now)
                await pilot.pause()
                assert steps.selected == item.steps[0].key
        assert app.moves == []
        await pilot.press("down")
        assert app.moves == ["1/work/after"]
