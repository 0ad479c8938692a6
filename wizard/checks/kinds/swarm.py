"""Services of a swarm: as many tasks as each wants."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.checks.kinds.docker import asked_engine
from wizard.facts.docker import is_image

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import SwarmCheck
    from wizard.host.protocols import SwarmServiceFacts

_ROLLING = frozenset({"updating", "rollback_started"})
_HALTED = frozenset({"paused", "rollback_paused", "rollback_completed"})


def ask_swarm(inquiry: Inquiry) -> Verdict:
    """Pass where every service that counts has all its tasks and no rollout goes on, was halted, or was taken back."""
    model: SwarmCheck = inquiry.model
    stack, patterns = inquiry.optional(model.stack), list(map(inquiry.text, model.services))
    left_out, image = list(map(inquiry.text, model.but)), inquiry.optional(model.image)
    found = [
        one
        for one in asked_engine(inquiry).services()
        if (stack is None or one.stack == stack)
        and (not patterns or _named(one, patterns, stack))
        and not _named(one, left_out, stack)
    ]
    by = f"services of the swarm{f', stack {stack}' if stack else ''}"
    missing = [one for one in patterns if not any(_named(service, [one], stack) for service in found)]
    if missing or not found:
        return Verdict.fail(
            f"there is no service {', '.join(missing)}".rstrip() if missing else "there are no services", by
        )
    wrong = [one for one in found if not _is_complete(one) or (image is not None and not is_image(one.image, image))]
    told = wrong or found
    more = f" (and {len(found) - len(told)} more as they should be)" if wrong and len(told) < len(found) else ""
    return Verdict.of(not wrong, "; ".join(_words(one, image) for one in told[:12]) + more, by)


def _named(service: SwarmServiceFacts, patterns: list[str], stack: str | None) -> bool:
    """Whether it is among the names; inside a stack its name may be said without the stack's."""
    short = service.name.removeprefix(f"{stack}_") if stack else service.name
    return any(fnmatchcase(name, pattern) for name in (service.name, short) for pattern in patterns)


def _is_complete(service: SwarmServiceFacts) -> bool:
    there = service.running + service.completed
    return there >= service.desired and service.update not in _ROLLING | _HALTED


def _words(service: SwarmServiceFacts, image: str | None) -> str:
    ended = f", {service.completed} ended well" if service.completed else ""
    words = f"{service.name} {service.running}/{service.desired}{ended}"
    if service.update in _ROLLING | _HALTED:
        words += f", rollout {service.update.replace('_', ' ')}"
    if image is not None:
        words += f", {service.image}"
    if service.error and service.running + service.completed < service.desired:
        words += f" ({service.error[:400]})"
    return words
