"""Small plans, steps and findings for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from wizard.checks.model import Evidence, Finding, Status
from wizard.guide.models.checks import Blocks
from wizard.guide.models.steps import ActionKind, Impact
from wizard.plan.model import Included, Plan, PlannedHop, PlannedPhase, PlannedStep


def planned_step(name: str = "migrate", code: str = "3.2", **more: Any) -> PlannedStep:
    """A step that runs something."""
    values: dict[str, Any] = {
        "key": f"1/update/{name}",
        "code": code,
        "id": name,
        "title": "Migrate the database",
        "path": f"phases.update.steps.{name}",
        "action": ActionKind.RUN,
        "impact": Impact.REVERSIBLE,
        "included": Included.YES,
    }
    return PlannedStep(**{**values, **more})


def planned_phase(*steps: PlannedStep, **more: Any) -> PlannedPhase:
    """A phase of those steps."""
    values: dict[str, Any] = {
        "key": "1/update",
        "code": "3",
        "id": "update",
        "hop": 1,
        "title": "Update the product",
        "impact": Impact.NEEDS_RESTORE,
        "included": Included.YES,
        "reason": "",
        "steps": steps,
    }
    return PlannedPhase(**{**values, **more})


def small_plan(*phases: PlannedPhase) -> Plan:
    """A plan of one hop; with one phase of two steps where none are given."""
    steps = (planned_step("stop", "3.1", title="Stop the product"), planned_step())
    return Plan(
        guide="demo",
        guide_sha256="0" * 64,
        product="Demo",
        title="Upgrade the demo",
        current_version="1.0",
        target_version="1.1",
        hops=(PlannedHop(1, "1.0", "1.1", first=True, last=True),),
        phases=phases or (planned_phase(*steps),),
    )


def finding(key: str = "disk", status: Status = Status.FAIL, **more: Any) -> Finding:
    """A finding; by itself one that blocks and may be bypassed."""
    values: dict[str, Any] = {
        "title": "Room for the dump",
        "blocks": Blocks.BYPASSABLE,
        "say": "Less than is needed.",
        "evidence": (Evidence("1.0 GiB free", "statvfs"),),
        "remedy": "Free some space.",
    }
    return Finding(key=key, status=status, **{**values, **more})
