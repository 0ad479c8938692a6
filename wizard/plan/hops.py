"""The hops of a plan: the legs of the path, numbered and titled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.plan.model import PlannedHop
from wizard.questions.path import find_way
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.models import Versions
    from wizard.guide.models.guide import Hop


def find_hops(versions: Versions, current: str, target: str, env: Environment) -> tuple[tuple[PlannedHop, Hop], ...]:
    """The hops from `current` to `target`, each with the rule of the guide that allows it (the first that does).

    VersionPathError where there is no way, as `find_way` finds it.
    """
    legs = find_way(versions, current, target, env).legs
    hops: list[tuple[PlannedHop, Hop]] = []
    for number, leg in enumerate(legs, 1):
        hop = PlannedHop(number, leg.from_version, leg.to_version, first=number == 1, last=number == len(legs))
        title = readable(leg.rule.title, env.with_names(hop=hop.names)) if leg.rule.title else ""
        hops.append((replace(hop, title=title), leg.rule))
    return tuple(hops)
