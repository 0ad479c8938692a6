"""The Docker engine: that it answers, how old it is, and whether it is part of a swarm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.checks.defaults import surroundings
from wizard.facts.docker import engine_of

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import DockerCheck
    from wizard.host.protocols import Engine


def asked_engine(inquiry: Inquiry) -> Engine:
    """The engine that commands of the guide would ask, wherever their folder is."""
    return engine_of(inquiry.machine, surroundings(inquiry.context, folder=False))


def ask_docker(inquiry: Inquiry) -> Verdict:
    """Pass where an engine answers, of the version and with the part in a swarm that are wanted."""
    from wizard.versions import in_range

    model: DockerCheck | bool = inquiry.model
    if isinstance(model, bool):
        raise ValueError("`docker: false` says nothing; say `docker: true`, or leave the check out")  # noqa: TRY004
    engine = asked_engine(inquiry).about()
    part = f", {engine.swarm} of a swarm" if engine.swarm else ", part of no swarm" if model.swarm else ""
    seen = f"Docker {engine.version} answers at {engine.address}{part}"
    holds = model.swarm is None or engine.swarm == "manager" or (model.swarm == "member" and bool(engine.swarm))
    if model.at_least is not None:
        least = inquiry.text(model.at_least)
        seen = f"{seen}; at least {least} wanted"
        # Distributions put their own mark behind: 20.10.24+dfsg1.
        plain = re.match(r"\d+(\.\d+)*", engine.version)
        if plain is None:
            return Verdict.unknown(f"{seen}, and {engine.version!r} is no version", "the Docker engine")
        holds = holds and in_range(plain[0], f">={least}")
    return Verdict.of(holds, seen, "the Docker engine")
