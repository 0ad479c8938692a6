"""Plans that grow while they are walked: loops unrolled when they are reached, and rounds after the first."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.guides import guide_of
from tests.plan.writing import answers_of
from tests.questions.writing import knowing
from wizard.errors import SessionError
from wizard.guide.models import Impact
from wizard.guide.walk import model_at
from wizard.plan.build import build_plan, plan_procedure
from wizard.plan.growth import (
    grown,
    grown_steps,
    items_now,
    loop_from_data,
    loop_to_data,
    make_loop,
    to_be_unrolled,
    unroll,
    when_of_all,
    with_round,
)
from wizard.plan.model import Included
from wizard.plan.steps import find_step, iter_steps
from wizard.plan.store import plan_from_json, plan_to_json
from wizard.secrets import Secret

if TYPE_CHECKING:
    from wizard.guide.loader import LoadedGuide
    from wizard.plan.model import Plan, PlannedStep

SETTLE = {
    "id": "settle",
    "title": "Settle",
    "repeat": {"until": [{"expr": "1 == 1"}], "at_most": 5},
    "steps": [{"id": "look", "title": "Look", "run": "look"}],
}


def guide_over(items: str, *, batch: Any = 2, inner: str = "node.disks") -> LoadedGuide:
    """A guide whose one loop goes over `items`, with a loop and rounds inside it."""
    disks = {"id": "disks", "title": "Trim ${{ disk }}", "for_each": {"disk": inner}, "run": "trim ${{ disk }}"}
    drop = {"id": "drop", "title": "Drop ${{ node.host }}", "run": "drop ${{ node.host }}", "impact": "irreversible"}
    tell = {"id": "tell", "title": "Tell", "once": "batch", "say": "x"}
    roll = {
        "id": "roll",
        "title": "Roll",
        "for_each": {"node": items, "batch": batch},
        "steps": [disks, tell, SETTLE, drop],
    }
    return guide_of(phases=[{"id": "only", "title": "Only", "steps": [roll]}])


def shape(plan: Plan) -> list[tuple[Any, ...]]:
    """What a plan has in common with the one that knew everything: not what is decided, nor texts."""
    return [
        (one.key, one.code, one.id, one.path, one.action, one.impact, one.item, one.batch, one.round, one.loop)
        for one in iter_steps(plan)
    ]


def of(plan: Plan, key: str) -> PlannedStep:
    """The step of that key."""
    found = find_step(plan, key)
    assert found is not None, key
    return found


NODES = [{"host": "a", "disks": ["sda", "sdb"]}, {"host": "b", "disks": ["sda"]}, {"host": "c", "disks": []}]


def all_unrolled(loaded: LoadedGuide, plan: Plan, nodes: Any) -> tuple[Plan, dict[str, Any]]:
    """Unroll what a walk would, one loop after the other as it is reached; the plan, and what a journal has then."""
    journal: dict[str, Any] = {}
    at = 0
    while at < len(found := list(iter_steps(plan))):
        planned = found[at]
        at += 1
        step = model_at(loaded.guide, planned.path)
        if not to_be_unrolled(planned, step):
            continue
        node = next((one for one in nodes if one["host"] == planned.item), None)
        loop = make_loop(step, knowing(captured={"nodes": nodes}, **({"node": node} if node else {})))
        journal[planned.key] = json.loads(json.dumps(loop_to_data(loop)))
        plan = unroll(loaded, plan, planned.key, loop)
    return plan, journal


_NODES = st.lists(st.lists(st.sampled_from(["sda", "sdb", "x/y%"]), unique=True, max_size=3), max_size=7).map(
    lambda disks: [{"host": f"n{number}", "disks": list(one)} for number, one in enumerate(disks)]
)


@settings(deadline=None, max_examples=40)
@given(nodes=_NODES, batch=st.sampled_from([1, 2, "50%"]))
def test_a_grown_plan_is_the_one_that_knew_everything(nodes: list[dict[str, Any]], batch: Any) -> None:
    """Keys, codes, addresses, impacts and items are the same; growing at once and one by one give the same plan."""
    early, late = guide_over("answers.nodes", batch=batch), guide_over("captured.nodes", batch=batch)
    built = build_plan(early, knowing(), answers_of(nodes=nodes))
    frozen = build_plan(late, knowing(), answers_of())
    (loop,) = frozen.phases[0].steps
    assert loop.included is Included.LATER
    plan, journal = all_unrolled(late, frozen, nodes)
    assert shape(plan) == shape(built)
    assert grown(late, frozen, journal, {}) == plan
    if nodes:
        assert plan.point_of_no_return == built.point_of_no_return
    assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan


def test_nothing_inside_is_decided_but_the_item_is_known() -> None:
    """Titles are readable; every condition and command waits for its step."""
    loaded = guide_over("captured.nodes")
    frozen = build_plan(loaded, knowing(), answers_of())
    plan, _ = all_unrolled(loaded, frozen, NODES)
    assert of(plan, "1/only/roll/#1/=a/drop").title == "Drop a"
    assert of(plan, "1/only/roll/#1/=a/disks/#2/=sdb/disks").title == "a: Trim sdb"
    assert of(plan, "1/only/roll/#1/=a/drop").commands == ()
    assert of(plan, "1/only/roll").impact is Impact.REVERSIBLE
    assert of(plan, "1/only/roll/#1/=a/disks").included is Included.LATER
    assert frozen.point_of_no_return == ((1, "1/only/roll"),)
    assert plan.point_of_no_return == ((1, "1/only/roll/#1/=a/drop"),)


def test_rounds_are_added_up_to_the_one_that_began() -> None:
    """Also inside an item, and once is enough; what they add stands behind the first."""
    loaded = guide_over("answers.nodes")
    plan = build_plan(loaded, knowing(), answers_of(nodes=NODES))
    key = "1/only/roll/#1/=b/settle"
    third = with_round(loaded, plan, key, 3)
    assert [(one.key, one.code, one.title, one.round) for one in of(third, key).steps] == [
        (f"{key}/~1", "1.1.1.5.1", "b: Round 1 of at most 5", 1),
        (f"{key}/~2", "1.1.1.5.2", "b: Round 2 of at most 5", 2),
        (f"{key}/~3", "1.1.1.5.3", "b: Round 3 of at most 5", 3),
    ]
    assert of(third, f"{key}/~3/look").item == "b"
    assert with_round(loaded, with_round(loaded, plan, key, 2), key, 3) == third
    assert grown(loaded, plan, {}, {key: 3}) == third
    assert with_round(loaded, third, key, 2) == third
    assert grown(loaded, plan, {}, {}) is plan


def test_what_the_plan_has_no_place_for_is_no_plan_of_this_journal() -> None:
    """A journal that tells of other loops is refused instead of being read past."""
    loaded = guide_over("captured.nodes")
    plan = build_plan(loaded, knowing(), answers_of())
    loop = loop_to_data(make_loop(model_at(loaded.guide, "phases.only.steps.roll"), knowing(captured={"nodes": NODES})))
    for loops, rounds in (({"1/only/nope": loop}, {}), ({}, {"1/only/roll/#9/=a/settle": 2}), ({"2/x/y": loop}, {})):
        with pytest.raises(SessionError, match="the plan has no such loop or rounds"):
            grown(loaded, plan, loops, rounds)
    with pytest.raises(SessionError, match="a loop cannot be read"):
        loop_from_data({"name": "n", "keys": 3})
    assert loop_from_data(loop) == make_loop(
        model_at(loaded.guide, "phases.only.steps.roll"), knowing(captured={"nodes": NODES})
    )


def test_the_condition_of_a_loop_is_for_all_or_for_each() -> None:
    """Where it names the item the walk has nothing to decide: the items are, when the loop is unrolled."""
    loaded = guide_of(
        phases=[
            {
                "id": "only",
                "title": "Only",
                "steps": [
                    {"id": "each", "title": "E", "for_each": {"n": "captured.x"}, "when": 'n != "a"', "say": "x"},
                    {"id": "all", "title": "A", "for_each": {"n": "captured.x"}, "when": "captured.y", "say": "x"},
                ],
            }
        ]
    )
    each, whole = loaded.guide.phases[0].steps
    assert (when_of_all(each), when_of_all(whole)) == (None, "captured.y")
    plan = build_plan(loaded, knowing(), answers_of())
    loop = make_loop(each, knowing(captured={"x": ["a", "b"]}))
    step = of(unroll(loaded, plan, "1/only/each", loop), "1/only/each")
    assert [one.key for one in step.steps] == ["1/only/each/#1"]
    assert not to_be_unrolled(step, each)
    assert not to_be_unrolled(of(unroll(loaded, plan, "1/only/each", loop), "1/only/each/#1/=b/each"), each)


def test_items_are_given_with_their_secrets_where_they_are_known() -> None:
    """The walk needs what the plan may not hold."""
    step = model_at(guide_over("answers.nodes").guide, "phases.only.steps.roll")
    nodes = [{"host": "a", "password": Secret("hush-hush")}]
    assert items_now(step, knowing(answers={"nodes": nodes})) == {"a": nodes[0]}


def test_a_procedure_called_by_itself_grows_too() -> None:
    """Below its own keys, without a plan around it."""
    loaded = guide_of(
        procedures={
            "again": {
                "title": "Again",
                "steps": [{"id": "ping", "title": "Ping", "for_each": {"n": "answers.x"}, "run": "p ${{ n }}"}, SETTLE],
            }
        }
    )
    steps = plan_procedure(loaded, "again", "procedure/again/1")
    assert steps[0].included is Included.LATER
    loop = make_loop(loaded.guide.procedures["again"].steps[0], knowing(answers={"x": ["a"]}))
    more = grown_steps(
        loaded, steps, Impact.REVERSIBLE, {"procedure/again/1/ping": loop}, {"procedure/again/1/settle": 2}
    )
    assert [one.key for one in more[0].steps[0].steps] == ["procedure/again/1/ping/#1/=a/ping"]
    assert len(more[1].steps) == 2
    assert replace(more[0], steps=(), loop=None, remarks=steps[0].remarks) == steps[0]
