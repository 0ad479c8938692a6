"""What a guide's `pass_env` lets through to the commands that look, and what of it is never written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.guides import guide_of
from tests.fakes.staged import StagedMachine
from wizard.expressions import Environment
from wizard.facts.gather import read_facts
from wizard.host.protocols import Look, Seen
from wizard.secrets import MASK

if TYPE_CHECKING:
    import pytest


def test_commands_of_facts_get_what_pass_env_names_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A docker that is not the local one is asked by facts too; other variables of the operator stay out."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/mine.sock")
    monkeypatch.setenv("OTHER", "something")
    seen: list[Look] = []

    def look(command: Look) -> Seen:
        seen.append(command)
        return Seen(0, "printed unix:///run/mine.sock", "")

    loaded = guide_of(defaults={"pass_env": ["DOCKER_HOST", "NOT_SET"]}, facts={"one": {"command": ["docker", "ps"]}})
    [reading] = read_facts(loaded, ["one"], StagedMachine(acts={"look": look}), Environment(names={}))

    environment = dict(seen[0].environment or {})
    assert environment["DOCKER_HOST"] == "unix:///run/mine.sock"
    assert "OTHER" not in environment
    assert "NOT_SET" not in environment
    assert reading.value == f"printed {MASK}", "it may be a token, and facts are written down"
