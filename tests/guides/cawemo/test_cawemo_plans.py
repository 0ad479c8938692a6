"""The plans Cawemo's guide makes of recorded machines: which hops and steps, and why some are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from wizard.errors import VersionPathError
from wizard.expressions import Environment, compile_expression
from wizard.guide.loader import load_guide
from wizard.plan.build import build_plan
from wizard.plan.text import plan_text
from wizard.questions.model import Answer, AnswerSource

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.plan.model import Plan


def planned(repository: Path, facts: dict[str, Any] | None = None, **answers: Any) -> Plan:
    """The plan of the sample machine, with other facts and answers where they are given."""
    folder = repository / "guides" / "cawemo"
    known = yaml.safe_load((folder / "samples" / "facts.yaml").read_text())
    given = yaml.safe_load((folder / "samples" / "answers.yaml").read_text())["answers"] | answers
    env = Environment(
        names={
            "facts": known | (facts or {}),
            "machine": {"arch": "x86_64", "os": "linux"},
            "guide": {"folder": "/guide"},
            "session": {"id": "cawemo-20260102-0304-abc", "folder": "/session", "started": "2026-01-02T03:04:05Z"},
        },
        outcome=lambda step: "not_run",
    )
    return build_plan(
        load_guide(folder / "guide.yaml"),
        env,
        {name: Answer(name, value, AnswerSource.FILE) for name, value in given.items()},
    )


def included(plan: Plan, hop: int) -> list[str]:
    """The steps of a hop that are in."""
    return [
        step.id
        for phase in plan.phases
        for step in phase.steps
        if phase.key.startswith(f"{hop}/") and step.included.value != "no"
    ]


def test_the_sample_machine_gives_the_sample_plan(repository: Path) -> None:
    """Two hops, each with its own backup; what is shown is what plan.txt says."""
    sample = repository / "guides" / "cawemo" / "samples" / "plan.txt"
    assert plan_text(planned(repository)) == sample.read_text()


def test_a_hop_to_1_4_knows_nothing_of_iam(repository: Path) -> None:
    """With 1.4 as the target there is one hop, and none of what is new in 1.5."""
    plan = planned(repository, target_version="1.4")
    assert [(hop.from_version, hop.to_version) for hop in plan.hops] == [("1.3.0", "1.4")]
    assert included(plan, 1) == [
        "welcome", "agree-window", "fetch-images", "stop-cawemo", "keep-settings", "dump", "check-dump",
        "compose-1-4", "settings-1-4", "start-1-4", "wait-1-4", "really-1-4",
    ]  # fmt: skip


def test_from_1_4_it_is_one_hop(repository: Path) -> None:
    """1.4 goes to 1.5 directly, at any patch level."""
    for current in ("1.4", "1.4.0", "1.4.3"):
        assert [(hop.from_version, hop.to_version) for hop in planned(repository, current_version=current).hops] == [
            (current, "1.5")
        ]


@pytest.mark.parametrize(("current", "target"), [("1.5.0", "1.5"), ("1.6.0", "1.5"), ("1.4.0", "1.4"), ("1.3", "1.6")])
def test_where_no_way_leads_there_is_no_plan(repository: Path, current: str, target: str) -> None:
    """Neither down, nor on the spot, nor beyond 1.5."""
    with pytest.raises(VersionPathError):
        planned(repository, current_version=current, target_version=target)


@pytest.mark.parametrize(
    ("answers", "facts", "hop", "step"),
    [
        ({"login_by": "typed"}, {}, 1, "log-in-typed"),
        ({"login_by": "answer", "registry_user": "ada"}, {}, 1, "log-in"),
        ({"in_terminal": True}, {}, 2, "move-in-terminal"),
        ({}, {"iam_databases": 1}, 2, "reuse-iam-database"),
    ],
)
def test_an_answer_or_a_fact_brings_its_own_step_in(
    repository: Path, answers: dict[str, Any], facts: dict[str, Any], hop: int, step: str
) -> None:
    """Logins, terminal and a database that exists already each have their step, only then, and only once."""
    plan = planned(repository, facts, **answers)
    assert step not in included(planned(repository), hop)
    assert step in included(plan, hop)
    assert step not in included(plan, 3 - hop)


def test_a_login_that_is_there_is_not_asked_for(repository: Path) -> None:
    """Where Docker has a login already, nobody is asked how to log in, and no step does it."""
    loaded = load_guide(repository / "guides" / "cawemo" / "guide.yaml")
    question = next(one for part in loaded.guide.questions for one in part.ask if one.id == "login_by")
    asked = compile_expression(str(question.when))
    assert asked.holds(Environment(names={"facts": {}}))
    assert not asked.holds(Environment(names={"facts": {"logged_in": '"registry.camunda.cloud"'}}))


def test_the_outage_begins_after_everything_is_fetched(repository: Path) -> None:
    """Images, key and network are got ready while Cawemo runs; a backup comes before anything is changed."""
    steps = included(planned(repository), 2)
    assert steps.index("fetch-tools") < steps.index("signing-key") < steps.index("stop-cawemo") < steps.index("dump")
    assert steps.index("check-dump") < steps.index("settings")
    assert steps.index("nothing-else-runs") < steps.index("start-backend") < steps.index("wait-backend")
    assert steps.index("wait-backend") < steps.index("move") < steps.index("start-all") < steps.index("wait-all")
