"""The one line of steps that stands for the list of them where there are few columns."""

from __future__ import annotations

import pytest

from screens.widgets.step_course import Course, strip_words
from tests.fakes.plans import planned_phase, planned_step, small_plan
from wizard.run.session_view import SessionView, StepSeen
from wizard.run.state import StepStatus

ROUNDS = "1/update/rounds"
PLAN = small_plan(
    planned_phase(
        planned_step("stop", "3.1"),
        planned_step(
            "rounds",
            "3.2",
            steps=tuple(planned_step(f"rounds/{number}/ask", f"3.2.{number}.1") for number in (1, 2)),
        ),
        planned_step("start", "3.3"),
    )
)


@pytest.mark.parametrize(
    ("key", "width", "shown"),
    [
        ("1/update/stop", 44, "[v3.1] 3.2.1.1 3.2.2.1 3.3  step 1 of 4"),
        (ROUNDS, 53, "v3.1 [x3.2] 3.2.1.1 3.2.2.1 3.3  steps 2 to 3 of 4"),
        (ROUNDS, 44, "v3.1 [x3.2] 3.2.1.1  steps 2 to 3 of 4"),
        ("1/update", 44, "[3] v3.1 3.2.1.1 3.2.2.1  steps 1 to 4 of 4"),
        ("1/gone", 44, ""),
    ],
)
def test_where_one_is_stands_in_brackets(key: str, width: int, shown: str) -> None:
    """A step among its neighbours; a group that waits for a word, and a phase, before what is in them."""
    seen = [StepSeen("1/update/stop", StepStatus.DONE), StepSeen(ROUNDS, StepStatus.FAILED)]
    statuses = {one.key: one for one in seen}
    words = strip_words(SessionView("s", plan=PLAN, statuses=statuses), Course(PLAN), key, width)
    line, _, count = words.replace("✓", "v").replace("✗", "x").rpartition("  ")
    assert len(words) == (width if shown else 0), "the count stands at the right"
    assert f"{line.rstrip()}  {count}".strip() == shown
