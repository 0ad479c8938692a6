"""Facts and checks put to the machine the tests run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from tests.fakes.guides import guide_of
from wizard.checks.ask import ask_check
from wizard.checks.context import CheckContext
from wizard.expressions import Environment
from wizard.facts.gather import read_facts
from wizard.facts.looking import Surrounded, base_environment
from wizard.facts.model import FactStatus
from wizard.guide.models import StepCheck
from wizard.host.local import LocalMachine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.checks.model import Status
    from wizard.facts.model import FactReading


def where(environment: Mapping[str, str] | None = None) -> Surrounded:
    """Surroundings of commands: the environment of the test and more, in no folder."""
    return Surrounded(environment=base_environment() | dict(environment or {}))


def judged(
    keys: dict[str, Any],
    *,
    connections: dict[str, Any] | None = None,
    answers: dict[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[Status, str]:
    """Ask one check of this machine: its status, and what was seen."""
    context = CheckContext(
        loaded=guide_of(connections=connections or {}),
        machine=LocalMachine(),
        env=Environment(names={"answers": answers or {}, "facts": {}}),
        where=where(environment),
    )
    finding = ask_check(TypeAdapter(StepCheck).validate_python(keys), context)
    return finding.status, finding.evidence[0].seen


def read(
    fact: dict[str, Any],
    *,
    connections: dict[str, Any] | None = None,
    answers: dict[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> FactReading:
    """Read one fact from this machine."""
    loaded = guide_of(facts={"f": fact}, connections=connections or {})
    env = Environment(names={"answers": answers or {}, "facts": {}})
    [reading] = read_facts(loaded, ["f"], LocalMachine(), env, where=where(environment))
    return reading


def known(fact: dict[str, Any], **more: Any) -> Any:
    """Read one fact that must be known; its value."""
    reading = read(fact, **more)
    assert reading.status is FactStatus.KNOWN, reading.reason
    return reading.value
