"""The list of steps: where its cursor stands while the run goes on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.app import App, ComposeResult

from screens.widgets import step_list
from screens.widgets.step_list import StepList
from tests.fakes.operators import ScriptedOperator
from tests.fakes.plans import planned_phase, planned_step, small_plan
from tests.run.journey import Journey, guide, phase, step
from tests.screens.frames import wait_for_text
from wizard.run.following import Follower
from wizard.run.session import Session
from wizard.run.session_view import SessionView, StepSeen
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from screens.widgets.row_list import Row


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


async def test_of_thousands_of_steps_only_the_rows_in_sight_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever becomes of a step, no row out of sight is made, and what is scrolled to shows what became of it."""
    many = tuple(planned_step(f"step-{number}", f"3.{number}") for number in range(1, 3001))
    seen, last = SessionView("many", plan=small_plan(planned_phase(*many)), now=many[0].key), many[-1].key
    made: list[str] = []
    make = step_list._row

    def noted(view: SessionView, place: Any) -> Row:
        made.append(place.key)
        return make(view, place)

    monkeypatch.setattr(step_list, "_row", noted)
    app = ListApp()
    async with app.run_test(size=(100, 12)) as pilot:
        steps = app.query_one(StepList)
        steps.show_steps(seen, seen.now)
        await pilot.pause()
        made.clear()
        steps.show_steps(replace(seen, statuses={last: StepSeen(last, StepStatus.FAILED)}), seen.now)
        await pilot.pause()
        assert len(steps.rows) == 3001
        assert len(made) < 100
        steps.focus()
        await pilot.press("end")
        await wait_for_text(pilot, "failed")
