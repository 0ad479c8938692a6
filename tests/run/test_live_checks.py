"""What a front end is told of the guide's checks while they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from wizard.checks.model import Status
from wizard.errors import ExitCode
from wizard.run.events import CheckBegan, ChecksBegan, ChecksEnded, FindingCame, WalkBegan

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TWO_HOPS = {
    "releases": ["1.0", "1.1", "2.0"],
    "hops": [{"from": "1.0", "to": "1.1", "phases": ["work"]}, {"from": "1.1", "to": "2.0", "phases": ["work"]}],
}
TOKEN = "s3cr3t-and-long"


def test_every_check_is_named_begun_and_found(tmp_path: Path) -> None:
    """Names come first, then each begins and gives its finding: the one that is told at the end, hop by hop."""
    checks = [
        {"id": "there", "title": "It is there", "file": str(tmp_path)},
        {"id": "room", "title": "Room", "disk": {"path": "/", "free": 1}, "per": "hop"},
    ]
    journey = Journey(tmp_path, guide(phase(step("go", "true")), checks=checks, versions=TWO_HOPS))
    operator = ScriptedOperator({"proceed": "start"})
    assert journey.begin(operator) is ExitCode.DONE

    before = operator.events[: next(at for at, one in enumerate(operator.events) if isinstance(one, WalkBegan))]
    [began] = [one for one in before if isinstance(one, ChecksBegan)]
    [ended] = [one for one in before if isinstance(one, ChecksEnded)]
    came = [one.finding for one in before if isinstance(one, FindingCame)]
    assert began.checks == (
        ("there", "It is there"),
        ("room@1.1", "Room (1.0 -> 1.1)"),
        ("room@2.0", "Room (1.1 -> 2.0)"),
    )
    assert sorted(one.key for one in before if isinstance(one, CheckBegan)) == sorted(key for key, _ in began.checks)
    assert sorted(came, key=lambda one: one.key) == sorted(ended.findings, key=lambda one: one.key)
    assert [one.key for one in came[: len(came) - 3]] == [one.key for one in ended.findings[: len(came) - 3]]
    assert before.index(began) < before.index(ended)


def test_a_later_hop_tells_its_checks_too(tmp_path: Path) -> None:
    """Before the second hop begins, all that is asked again is told as it comes."""
    checks = [
        {"id": "there", "title": "It is there", "file": str(tmp_path)},
        {"id": "room", "title": "Room", "disk": {"path": "/", "free": 1}, "per": "hop"},
    ]
    journey = Journey(tmp_path, guide(phase(step("go", "true")), checks=checks, versions=TWO_HOPS))
    operator = ScriptedOperator({"proceed": "start"})
    assert journey.begin(operator) is ExitCode.DONE
    walked = operator.events[next(at for at, one in enumerate(operator.events) if isinstance(one, WalkBegan)) :]
    assert [one.checks for one in walked if isinstance(one, ChecksBegan)] == [
        (("there", "It is there"), ("room@2.0", "Room (1.1 -> 2.0)"))
    ]
    assert sorted(one.finding.key for one in walked if isinstance(one, FindingCame)) == ["room@2.0", "there"]


def test_a_secret_in_a_finding_is_masked_before_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a looking command prints of a passed variable is in no event."""
    monkeypatch.setenv("DEPLOY_TOKEN", TOKEN)
    check = {"id": "look", "title": "Look", "command": {"run": 'echo "$DEPLOY_TOKEN"; exit 1'}, "blocks": "never"}
    parts = guide(phase(step("go", "true")), checks=[check], defaults={"pass_env": ["DEPLOY_TOKEN"]})
    operator = ScriptedOperator()
    assert Journey(tmp_path, parts).begin(operator) is ExitCode.DONE
    [came] = [one.finding for one in operator.told(FindingCame) if one.finding.key == "look"]
    assert came.status is Status.RISK
    assert TOKEN not in str(operator.events)
