"""`unless`, the opposite of `when`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plan.writing import planned
from wizard.guide.lint import lint
from wizard.guide.loader import read_guide
from wizard.plan.model import Included
from wizard.plan.steps import iter_steps

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = """\
  - section: Shop
    ask:
      - {id: big, label: Is it big, type: yes_no}
      - {id: old, label: Is it old, type: yes_no, unless: answers.big}
"""
PHASES = """\
  - id: work
    title: Work
    steps:
      - {id: alone, title: Alone, unless: answers.big, say: Small.}
      - {id: both, title: Both, when: 'hop.last || hop.first', unless: answers.big || answers.old, say: New and small.}
      - {id: here, title: Here, say: '${{ answers.big }} ${{ default(answers.old, false) }}'}
"""


@pytest.mark.parametrize(
    ("answers", "included"),
    [
        ({"big": False, "old": False}, {"alone", "both"}),
        ({"big": False, "old": True}, {"alone"}),
        ({"big": True}, set()),
    ],
)
def test_a_part_counts_unless_its_condition_holds(tmp_path: Path, answers: dict[str, Any], included: set[str]) -> None:
    """By itself and beside a `when`; a condition on what was not asked does not hold."""
    plan = planned(tmp_path, PHASES, questions=QUESTIONS, answers=answers)
    steps = {step.id for step in iter_steps(plan) if step.included is Included.YES}
    assert steps - {"here"} == included


def test_a_remark_in_a_condition_ends_with_its_line(tmp_path: Path) -> None:
    """`// …` at the end of a `when` or an `unless` takes nothing of the other away."""
    phases = (
        "  - id: work\n    title: Work\n    steps:\n"
        "      - {id: both, title: Both, when: 'hop.last // all', unless: 'answers.big // for now', say: Small.}\n"
    )
    questions = "  - section: Shop\n    ask:\n      - {id: big, label: Is it big, type: yes_no}\n"
    for big in (False, True):
        (tmp_path / str(big)).mkdir()
        plan = planned(tmp_path / str(big), phases, questions=questions, answers={"big": big})
        assert [step.included for step in iter_steps(plan)] == [Included.NO if big else Included.YES]


def test_mistakes_are_told_where_they_stand(tmp_path: Path) -> None:
    """Once each, in the condition that has it."""
    text = (
        "guide: 1\nid: shop\nproduct: Shop\ntitle: Shop\nsummary: Shop.\n"
        "versions: {hops: [{phases: [work]}]}\n"
        "questions:\n  - section: Versions\n    ask:\n"
        "      - {id: current_version, label: Now, type: version}\n"
        "      - {id: target_version, label: Then, type: version}\n"
        "phases:\n  - id: work\n    title: Work\n    steps:\n"
        "      - id: one\n        title: One\n        say: Hello.\n"
        "        when: hop.frst\n        unless: hop.lst\n"
    )
    file = tmp_path / "guide.yaml"
    file.write_text(text, encoding="utf-8")
    loaded, problems = read_guide(file)
    assert loaded is not None
    assert not problems
    assert [(one.line, one.message) for one in lint(loaded)] == [(19, "hop has no frst"), (20, "hop has no lst")]
