"""Facts about a systemd unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.facts.reading import Raw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.facts.reading import Asking

ENABLED: Final = frozenset({"enabled", "enabled-runtime", "linked", "linked-runtime", "alias"})
"""States of a unit file in which the unit starts by itself."""


def read_service(asking: Asking) -> Raw:
    """Give `active` and `enabled` (switches) and `state` (systemd's word); absent without such a unit."""
    from wizard.templates import render_text

    assert asking.fact.service is not None  # noqa: S101 - the kind says so
    name = render_text(asking.fact.service, asking.env)
    unit = asking.machine.unit(name)
    if not unit_exists(unit):
        return Raw.nothing(f"systemd unit {name}", "there is no such unit")
    state = unit.get("ActiveState", "")
    value = {"active": state == "active", "enabled": unit.get("UnitFileState", "") in ENABLED, "state": state}
    return Raw(value, f"systemd unit {name}")


def unit_exists(unit: Mapping[str, str]) -> bool:
    """Whether systemd knows the unit."""
    return bool(unit) and unit.get("LoadState", "loaded") != "not-found"
