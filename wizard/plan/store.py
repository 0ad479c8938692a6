"""The plan as plain data, and its hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import SessionError
from wizard.guide.models.steps import ActionKind, Impact
from wizard.plan.model import Included, Plan, PlannedHop, PlannedPhase, PlannedStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORMAT: Final = 1


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Give the plan as data for JSON: dict, list, str, int, float, bool and None."""
    return {"format": FORMAT, **_data(plan)}


def plan_from_json(data: Mapping[str, Any]) -> Plan:
    """Read back what `plan_to_json` gave. SessionError where it is no plan, or one of a newer format."""
    if data.get("format") != FORMAT:
        shown = data.get("format")
        raise SessionError(
            f"the plan has the format {shown!r}, and this wizard reads {FORMAT}", hint="Use the wizard that made it."
        )
    try:
        return _plan({name: value for name, value in data.items() if name != "format"})
    except (KeyError, TypeError, ValueError) as error:
        raise SessionError(f"the plan cannot be read: {type(error).__name__}: {error}") from None


def plan_bytes(plan: Plan) -> bytes:
    """The plan as JSON, the same bytes for the same plan."""
    return json.dumps(plan_to_json(plan), sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def plan_sha256(plan: Plan) -> str:
    """The hash of `plan_bytes`, in hex."""
    return hashlib.sha256(plan_bytes(plan)).hexdigest()


def _data(value: Any) -> Any:
    match value:
        case Plan() | PlannedHop() | PlannedPhase() | PlannedStep():
            return {field.name: _data(getattr(value, field.name)) for field in fields(value)}
        case tuple() | list():
            return [_data(item) for item in value]
        case Included() | ActionKind() | Impact():
            return value.value
        case _:
            return value


def _plan(data: dict[str, Any]) -> Plan:
    data["hops"] = tuple(PlannedHop(**hop) for hop in data["hops"])
    data["phases"] = tuple(_phase(phase) for phase in data["phases"])
    data["point_of_no_return"] = tuple((int(hop), str(key)) for hop, key in data["point_of_no_return"])
    return Plan(**data)


def _phase(data: Mapping[str, Any]) -> PlannedPhase:
    made: dict[str, Callable[[Any], Any]] = {
        "impact": Impact,
        "included": Included,
        "steps": _steps,
        "finally_steps": _steps,
    }
    return PlannedPhase(**{name: made.get(name, _as_is)(value) for name, value in data.items()})


def _steps(data: list[Mapping[str, Any]]) -> tuple[PlannedStep, ...]:
    made: dict[str, Callable[[Any], Any]] = {
        "action": ActionKind,
        "impact": Impact,
        "included": Included,
        "commands": tuple,
        "steps": _steps,
        "bindings": lambda pairs: tuple((str(name), str(text)) for name, text in pairs),
    }
    return tuple(PlannedStep(**{name: made.get(name, _as_is)(value) for name, value in step.items()}) for step in data)


def _as_is(value: Any) -> Any:
    return value
