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


def test_what_does_not_apply_to_a_step_is_left_out(plan: Plan) -> None:
    """So that a plan for very many nodes stays small; every step has what is always asked for."""
    for step in plan_to_json(plan)["phases"][0]["steps"]:
        assert {"key", "code", "title", "included", "commands", "takes", "steps"} <= set(step)
        assert not {"loop", "who", "batch", "round", "remarks", "dry_run"} & set(step)


def test_a_plan_of_an_earlier_wizard_is_read(plan: Plan) -> None:
    """What it did not know of yet is as if it did not apply."""
    data = plan_to_json(plan)
    call = data["phases"][0]["steps"][1]
    assert call["id"] == "call"
    before = {name: call[name] for name in ("key", "code", "id", "title", "path", "action", "impact", "included")}
    data["phases"][0]["steps"] = [before]
    (read,) = plan_from_json(data).phases[0].steps
    assert (read.loop, read.remarks, read.took_before, read.steps) == (None, (), None, ())
