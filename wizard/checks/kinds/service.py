"""State of a systemd unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.facts.kinds.service import ENABLED, unit_exists

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import ServiceCheck


def ask_service(inquiry: Inquiry) -> Verdict:
    """Pass where the unit is active, inactive, enabled, or is not there at all."""
    model: ServiceCheck = inquiry.model
    name = inquiry.text(model.name)
    unit = inquiry.machine.unit(name)
    by = f"systemd unit {name}"
    if not unit_exists(unit):
        return Verdict.of(model.is_ == "absent", f"there is no unit {name}", by)
    state, file = unit.get("ActiveState", ""), unit.get("UnitFileState", "")
    seen = f"{name} is {state or 'in no known state'}" + (f" and {file}" if file else "")
    match model.is_:
        case "active":
            return Verdict.of(state == "active", seen, by)
        case "inactive":
            return Verdict.of(state in ("inactive", "failed"), seen, by)
        case "enabled":
            return Verdict.of(file in ENABLED, seen, by)
        case "absent":
            return Verdict.fail(seen, by)
