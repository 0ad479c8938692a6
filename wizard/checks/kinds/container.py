"""State and health of containers; what of them is shown to people is said here for all kinds that look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.checks.kinds.docker import asked_engine
from wizard.facts.docker import Wanted

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import ContainerCheck, ContainerHealth, ContainerState
    from wizard.host.protocols import ContainerFacts

_STOPPED = frozenset({"created", "exited", "dead"})


def ask_container(inquiry: Inquiry) -> Verdict:
    """Pass where there is such a container, and every one is in the state and of the health wanted.

    `stopped` passes where none runs, also where there is none; `absent` only where there is none.
    """
    model: ContainerCheck = inquiry.model
    wanted = Wanted(
        name=inquiry.optional(model.name),
        label=inquiry.optional(model.label),
        project=inquiry.optional(model.project),
        service=inquiry.optional(model.service),
        image=inquiry.optional(model.image),
    )
    if wanted.is_empty:
        return Verdict.unknown(
            "the check says neither `name` nor `label`, `project`, `service` nor `image`", "containers"
        )
    found = wanted.of(asked_engine(inquiry).containers())
    by = f"containers {wanted}"
    if not found:
        return Verdict.of(model.state in ("stopped", "absent"), f"there is no container {wanted}", by)
    holds = all(is_as_wanted(one, model.state, model.health) for one in found)
    return Verdict.of(holds, "; ".join(as_words(one) for one in found[:8]), by)


def is_as_wanted(container: ContainerFacts, state: ContainerState, health: ContainerHealth | None) -> bool:
    """Whether it is in that state and of that health; `starting` is not healthy, and no check is not, either."""
    match state:
        case "absent":
            return False
        case "stopped":
            right = container.state in _STOPPED
        case _:
            right = container.state == state
    if health is None:
        return right
    return right and (container.health or "none") == health


def as_words(container: ContainerFacts) -> str:
    """What an operator is told of a container: its state, how it ended, what its health check said last."""
    words = [f"{container.name} is {container.state}"]
    if container.exit_code is not None and container.state != "created":
        words.append(f"exit {container.exit_code}")
    if container.health and container.state == "running":
        words.append({"starting": "health check still starting"}.get(container.health, container.health))
        if container.health != "healthy" and container.said:
            words.append(f"its health check says: {container.said}")
    elif container.state == "running":
        words.append("no health check")
    if container.error:
        words.append(container.error)
    more = ", ".join(words[1:])
    return f"{words[0]} ({more})" if more else words[0]
