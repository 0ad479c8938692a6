"""The plan as data: written, read back, hashed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.plan.test_building_plans import FOLDER, NESTED
from tests.plan.writing import planned
from wizard.errors import SessionError
from wizard.plan.store import plan_bytes, plan_from_json, plan_sha256, plan_to_json

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.plan.model import Plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A plan with groups, an include with bindings, and a point of no return."""
    return planned(tmp_path, NESTED, questions=FOLDER, answers={"folder": "/srv/Jörg"})


def test_a_plan_is_read_back_as_it_was_written(plan: Plan) -> None:
    """Through JSON text, however its keys are ordered."""
    assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan
    assert plan_from_json(json.loads(plan_bytes(plan))) == plan


def test_the_hash_is_that_of_the_plan(plan: Plan, tmp_path: Path) -> None:
    """The same plan gives the same hash, another one another."""
    same = plan_from_json(plan_to_json(plan))
    other = planned(tmp_path, NESTED, questions=FOLDER, answers={"folder": "/srv/else"})
    assert plan_sha256(same) == plan_sha256(plan)
    assert plan_sha256(other) != plan_sha256(plan)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": 2}, "format 2"),
        ({"format": None}, "format None"),
        ({"hops": None}, "cannot be read"),
        ({"phases": [{"id": "x"}]}, "cannot be read"),
        ({"unknown": 1}, "cannot be read"),
    ],
)
def test_what_is_no_plan_is_refused(plan: Plan, change: dict[str, Any], why: str) -> None:
    """A damaged or newer plan ends with words instead of a traceback."""
    with pytest.raises(SessionError, match=why):
        plan_from_json({**plan_to_json(plan), **change})


def test_an_impact_nobody_knows_is_refused(plan: Plan) -> None:
    """Closed sets stay closed."""
    data = plan_to_json(plan)
    data["phases"][0]["impact"] = "harmless"
    with pytest.raises(SessionError, match="harmless"):
        plan_from_json(data)
