"""The plan as plain data, and its hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import SessionError
from wizard.guide.models.steps import ActionKind, Impact
from wizard.plan.model import Included, Plan, PlannedHop, PlannedLoop, PlannedOffer, PlannedPhase, PlannedStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

FORMAT: Final = 1

_NAMES: Final = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Plan, PlannedHop, PlannedPhase, PlannedLoop, PlannedOffer)
}
_OF_EVERY_STEP: Final = (
    "key", "code", "id", "title", "path", "action", "impact", "included", "reason", "commands", "takes", "needs_person",
    "steps",
)  # fmt: skip
_OF_SOME_STEPS: Final = tuple(field.name for field in fields(PlannedStep) if field.name not in _OF_EVERY_STEP)
_ALREADY_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Give the plan as data for JSON: dict, list, str, int, float, bool and None.

    Of a step what does not apply to it is left out (`loop`, `who`, `outage`, …: empty, false or null), so that
    a plan for very many nodes stays small.
    """
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
    kind = type(value)
    if kind in _ALREADY_PLAIN:
        return value
    if kind is PlannedStep:
        step = {name: _data(getattr(value, name)) for name in _OF_EVERY_STEP}
        return step | {name: _data(found) for name in _OF_SOME_STEPS if (found := getattr(value, name))}
    if (names := _NAMES.get(kind)) is not None:
        return {name: _data(getattr(value, name)) for name in names}
    match value:
        case tuple() | list():
            return [_data(item) for item in value]
        case dict():
            return {str(name): _data(item) for name, item in value.items()}
        case Included() | ActionKind() | Impact():
            return value.value
        case _:
            return value


def _plan(data: dict[str, Any]) -> Plan:
    data["hops"] = tuple(PlannedHop(**hop) for hop in data["hops"])
    data["phases"] = tuple(_phase(phase) for phase in data["phases"])
    for name in ("point_of_no_return", "restore_points"):
        data[name] = tuple((int(hop), str(key)) for hop, key in data.get(name, ()))
    data["notes"] = _boxes(data.get("notes", ()))
    data["procedures"] = tuple(PlannedOffer(**offer) for offer in data.get("procedures", ()))
    return Plan(**data)


def _phase(data: Mapping[str, Any]) -> PlannedPhase:
    return PlannedPhase(**{name: _OF_PHASE.get(name, _as_is)(value) for name, value in data.items()})


def _steps(data: list[Mapping[str, Any]]) -> tuple[PlannedStep, ...]:
    return tuple(
        PlannedStep(**{name: made(value) if (made := _OF_STEP.get(name)) else value for name, value in step.items()})
        for step in data
    )


def _loop(data: Mapping[str, Any] | None) -> PlannedLoop | None:
    if data is None:
        return None
    return PlannedLoop(**{name: _OF_LOOP.get(name, _as_is)(value) for name, value in data.items()})


def _pairs(data: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(text)) for name, text in data)


def _boxes(data: Iterable[Sequence[str]]) -> tuple[tuple[str, str, str], ...]:
    return tuple((str(kind), str(title), str(text)) for kind, title, text in data)


def _as_is(value: Any) -> Any:
    return value


_OF_PHASE: Final[dict[str, Callable[[Any], Any]]] = {
    "impact": Impact,
    "included": Included,
    "steps": _steps,
    "finally_steps": _steps,
    "notes": _boxes,
}
_OF_STEP: Final[dict[str, Callable[[Any], Any]]] = {
    "action": ActionKind,
    "impact": Impact,
    "included": Included,
    "commands": tuple,
    "steps": _steps,
    "bindings": _pairs,
    "loop": _loop,
    "remarks": tuple,
    "dry_run": tuple,
    "env": _pairs,
    "notes": _boxes,
}
_OF_LOOP: Final[dict[str, Callable[[Any], Any]]] = {
    "keys": tuple,
    "items": tuple,
    "batches": lambda batches: tuple(tuple(batch) for batch in batches),
    "left_out": _pairs,
}
