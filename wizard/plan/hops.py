"""The hops of a plan: the legs of the path, numbered and titled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.plan.model import PlannedHop
from wizard.questions.path import find_way
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.models import Versions
    from wizard.guide.models.guide import Hop


def find_path(versions: Versions, current: str, target: str, env: Environment) -> tuple[PlannedHop, ...]:
    """The hops from `current` to `target`, as `find_way` finds them. VersionPathError where there is no way."""
    return tuple(hop for hop, _ in find_hops(versions, current, target, env))


def find_hops(versions: Versions, current: str, target: str, env: Environment) -> tuple[tuple[PlannedHop, Hop], ...]:
    """The same, each hop with the rule of the guide that allows it (the first that does)."""
    legs = find_way(versions, current, target, env).legs
    hops: list[tuple[PlannedHop, Hop]] = []
    for number, leg in enumerate(legs, 1):
        first, last = number == 1, number == len(legs)
        names = {"from": leg.from_version, "to": leg.to_version, "number": number, "first": first, "last": last}
        title = readable(leg.rule.title, env.with_names(hop=names)) if leg.rule.title else ""
        hops.append((PlannedHop(number, leg.from_version, leg.to_version, first, last, title), leg.rule))
    return tuple(hops)
