"""Loops of a guide as a plan has them: items, order, batches, what is left out and what comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.guides import guide_of
from tests.plan.writing import answers_of
from tests.questions.writing import knowing
from wizard.errors import BlockedError, ExpressionError, GuideError
from wizard.guide.models import ActionKind, Impact, Step
from wizard.guide.walk import model_at
from wizard.plan.build import build_plan
from wizard.plan.loops import make_loop
from wizard.plan.model import Included, Plan, PlannedLoop, PlannedStep
from wizard.plan.steps import find_step, iter_steps
from wizard.plan.store import plan_bytes
from wizard.plan.titles import titled
from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from wizard.expressions import Environment

NODES = [
    {"host": "node-a", "zone": "east", "weight": 3},
    {"host": "node-b", "zone": "west", "weight": 1},
    {"host": "node-c", "zone": "east", "weight": 2},
]


def loop_step(each: dict[str, Any], **more: Any) -> Step:
    """A step that says something for each item."""
    return Step.model_validate({"id": "roll", "title": "Roll", "say": "Hello.", "for_each": each, **more})


def planned(*steps: dict[str, Any], env: Environment | None = None, phase: Any = None, **answers: Any) -> Plan:
    """The plan of a guide with these steps in its one phase."""
    loaded = guide_of(phases=[{"id": "only", "title": "Only", "steps": list(steps), **(phase or {})}])
    return build_plan(loaded, env or knowing(), answers_of(**{"nodes": NODES, **answers}))


def rows(plan: Plan) -> list[tuple[str, str, str]]:
    """Code, key and title of every step."""
    return [(step.code, step.key, step.title) for step in iter_steps(plan)]


def step_at(plan: Plan, key: str) -> PlannedStep:
    """The step of that key."""
    found = find_step(plan, key)
    assert found is not None, key
    return found


GROUP: dict[str, Any] = {
    "id": "roll",
    "title": "Roll",
    "for_each": {"node": "answers.nodes", "batch": 2},
    "steps": [
        {"id": "drain", "title": "Drain", "run": ["drain", "${{ node.host }}"], "takes": "30s"},
        {"id": "tell", "title": "Tell", "once": "batch", "run": "tell ${{ size(batch) }}"},
        {"id": "back", "title": "Back", "when": 'node.zone == "east"', "run": ["back", "${{ node.host }}"]},
    ],
}


def test_a_batch_goes_step_by_step_over_its_items() -> None:
    """Keys, codes and titles are those of the contract; `once: batch` is there once, without an item."""
    plan = planned(GROUP)
    assert rows(plan) == [
        ("1.1", "1/only/roll", "Roll"),
        ("1.1.1", "1/only/roll/#1", "Batch 1 of 2: node-a and node-b"),
        ("1.1.1.1", "1/only/roll/#1/=node-a/drain", "node-a: Drain"),
        ("1.1.1.2", "1/only/roll/#1/=node-b/drain", "node-b: Drain"),
        ("1.1.1.3", "1/only/roll/#1/tell", "Tell"),
        ("1.1.1.4", "1/only/roll/#1/=node-a/back", "node-a: Back"),
        ("1.1.1.5", "1/only/roll/#1/=node-b/back", "node-b: Back"),
        ("1.1.2", "1/only/roll/#2", "Batch 2 of 2: node-c"),
        ("1.1.2.1", "1/only/roll/#2/=node-c/drain", "node-c: Drain"),
        ("1.1.2.2", "1/only/roll/#2/tell", "Tell"),
        ("1.1.2.3", "1/only/roll/#2/=node-c/back", "node-c: Back"),
    ]
    loop = step_at(plan, "1/only/roll")
    assert loop.loop == PlannedLoop(
        "node", ("node-a", "node-b", "node-c"), tuple(NODES), (("node-a", "node-b"), ("node-c",))
    )
    assert (loop.action, loop.takes, loop.steps[0].takes, loop.steps[0].batch) == (ActionKind.STEPS, 90.0, 60.0, 1)
    tell = step_at(plan, "1/only/roll/#1/tell")
    assert (tell.item, tell.commands) == ("", ("tell 2",))
    back = step_at(plan, "1/only/roll/#1/=node-b/back")
    assert (back.item, back.included, back.reason) == ("node-b", Included.NO, 'only when node.zone == "east"')
    assert step_at(plan, "1/only/roll/#1/=node-a/back").commands == ("back node-a",)


def test_a_loop_over_one_step_has_it_as_its_only_step() -> None:
    """The loop, its batch and the item's step are the same address in the guide; `/` and `%` are encoded in keys."""
    ping = {
        "id": "ping",
        "title": "Ping",
        "for_each": {"n": "['a/b', '50%']"},
        "run": "ping ${{ n }}",
        "outage": "starts",
    }
    plan = planned(ping)
    assert [(step.key, step.path, step.action.value) for step in iter_steps(plan)] == [
        ("1/only/ping", "phases.only.steps.ping", "steps"),
        ("1/only/ping/#1", "phases.only.steps.ping", "steps"),
        ("1/only/ping/#1/=a%2Fb/ping", "phases.only.steps.ping", "run"),
        ("1/only/ping/#2", "phases.only.steps.ping", "steps"),
        ("1/only/ping/#2/=50%25/ping", "phases.only.steps.ping", "run"),
    ]
    assert [step.outage for step in iter_steps(plan)] == ["", "", "starts", "", "starts"]


def test_a_phase_with_for_each_is_one_loop_of_its_steps() -> None:
    """Its key has the phase's id twice, its address is the phase; `finally` is there once."""
    phase = {
        "for_each": {"env": '["test", "production"]'},
        "finally": [{"id": "tidy", "title": "Tidy", "run": "tidy"}],
    }
    loaded = guide_of(
        phases=[
            {"id": "rung", "title": "Rung", "steps": [{"id": "go", "title": "Go to ${{ env }}", "say": "x"}], **phase}
        ],
        versions={"hops": [{"phases": ["rung"]}]},
    )
    plan = build_plan(loaded, knowing(), answers_of())
    loop = model_at(loaded.guide, "phases.rung")
    assert model_at(loaded.guide, "phases.rung") is loop, "made once, however many items ask for it"
    assert rows(plan) == [
        ("1.1", "1/rung/rung", "Rung"),
        ("1.1", "1/rung/rung/#1", "test"),
        ("1.1.1", "1/rung/rung/#1/=test/go", "Go to test"),
        ("1.1", "1/rung/rung/#2", "production"),
        ("1.1.2", "1/rung/rung/#2/=production/go", "Go to production"),
        ("1.2", "1/rung/finally/tidy", "Tidy"),
    ]
    model = model_at(loaded.guide, plan.phases[0].steps[0].path)
    assert (model.id, model.for_each is not None, model.action) == ("rung", True, ActionKind.STEPS)
    for step in iter_steps(plan):
        assert model_at(loaded.guide, step.path).id == step.id


def test_the_condition_of_a_phase_that_names_the_item_is_decided_for_each() -> None:
    """The phase is in, an item is left out with its reason; a condition without the item decides the phase."""
    phase = {
        "for_each": {"node": "answers.nodes"},
        "when": 'node.zone == "east"',
        "not_needed": "${{ node.host }} is west.",
    }
    plan = planned({"id": "go", "title": "Go", "say": "x"}, phase=phase)
    loop = plan.phases[0].steps[0]
    assert plan.phases[0].included is Included.YES
    assert loop.loop is not None
    assert loop.loop.left_out == (("node-b", "node-b is west."),)
    assert loop.loop.batches == (("node-a",), ("node-c",))
    without = planned(
        {"id": "go", "title": "Go", "say": "x"}, phase={**phase, "when": "answers.cluster"}, cluster=False
    )
    assert without.phases[0].included is Included.NO


def test_loops_stand_in_loops_and_in_procedures() -> None:
    """An inner loop may be over what the outer item holds; titles name both, a name in the title not twice."""
    racks = [{"name": "r1", "nodes": ["a", "b"]}, {"name": "r2", "nodes": []}]
    inner = {"id": "ping", "title": "Ping ${{ n }}", "for_each": {"n": "rack.nodes"}, "run": ["ping", "${{ n }}"]}
    outer = {"id": "racks", "title": "Racks", "for_each": {"rack": "answers.racks"}, "steps": [inner]}
    call = {
        "id": "call",
        "title": "Call",
        "for_each": {"rack": "answers.racks"},
        "include": "part",
        "with": {"who": "${{ rack.name }}"},
    }
    loaded = guide_of(
        phases=[{"id": "only", "title": "Only", "steps": [outer, call]}],
        procedures={
            "part": {
                "title": "Part",
                "needs": ["who"],
                "steps": [{"id": "hi", "title": "Hi", "run": "hi ${{ who }}"}],
            }
        },
    )
    plan = build_plan(loaded, knowing(), answers_of(racks=racks))
    ping = step_at(plan, "1/only/racks/#1/=r1/ping/#2/=b/ping")
    assert (ping.title, ping.code, ping.commands) == ("r1: Ping b", "1.1.1.2", ("ping b",))
    empty = step_at(plan, "1/only/racks/#2/=r2/ping")
    assert (empty.included, empty.reason, empty.title) == (Included.NO, "rack.nodes is empty", "r2: Ping …")
    assert step_at(plan, "1/only/call/#2/=r2/call/hi").commands == ("hi r2",)
    assert step_at(plan, "1/only/call/#2/=r2/call").action is ActionKind.INCLUDE


def test_an_empty_loop_is_not_needed_and_says_why() -> None:
    """Whether the list is empty or its `when` leaves every item out."""
    for each, more, reason in (
        ({"n": "[]"}, {}, "[] is empty"),
        ({"n": "['x']"}, {"when": 'n == "y"'}, "nothing is to be done for any of ['x']: only when n == \"y\""),
    ):
        plan = planned({"id": "roll", "title": "Roll", "say": "x", "for_each": each, **more})
        loop = step_at(plan, "1/only/roll")
        assert (loop.included, loop.reason, loop.steps) == (Included.NO, reason, ())


@pytest.mark.parametrize(
    ("each", "more"),
    [
        ({"n": "captured.names"}, {}),
        ({"n": "answers.nodes", "key": "captured.prefix + n.host"}, {}),
        ({"n": "answers.nodes", "batch": "${{ captured.many }}"}, {}),
        ({"n": "answers.nodes"}, {"when": 'n.host == captured.host && outcome("x") == "done"'}),
        ({"n": "facts.nodes"}, {}),
        ({"n": "values.nodes"}, {}),
    ],
)
def test_a_list_that_comes_later_is_unrolled_when_it_is_reached(each: dict[str, Any], more: dict[str, Any]) -> None:
    """Captured values, outcomes, facts that are not known yet; the plan says what will be done, and how hard it is."""
    drop = {"id": "drop", "title": "Drop", "run": "drop", "impact": "irreversible"}
    loaded = guide_of(
        phases=[
            {
                "id": "only",
                "title": "Only",
                "steps": [{"id": "roll", "title": "Roll", "for_each": each, "steps": [drop], **more}],
            }
        ],
        facts={"nodes": {"disk": "/"}},
        values={"nodes": "facts.nodes"},
    )
    plan = build_plan(loaded, knowing(), answers_of(nodes=NODES))
    (loop,) = plan.phases[0].steps
    assert (loop.included, loop.loop, loop.steps) == (Included.LATER, None, ())
    assert loop.reason.startswith("unrolled when it is reached: for each n of ")
    assert loop.remarks == ("for each of them: Drop",)
    assert (loop.impact, loop.needs_person) == (Impact.IRREVERSIBLE, True)
    assert plan.point_of_no_return == ((1, "1/only/roll"),)


def test_a_loop_that_may_not_be_reached_cannot_block_the_planning() -> None:
    """What is wrong with it is said when it is reached, where it is."""
    plan = planned(
        {
            "id": "maybe",
            "title": "Maybe",
            "when": "captured.x",
            "steps": [
                {
                    "id": "roll",
                    "title": "Roll",
                    "say": "x",
                    "for_each": {"n": "answers.nodes", "batch": 3, "keep_available": 1},
                }
            ],
        }
    )
    assert step_at(plan, "1/only/maybe/roll").included is Included.LATER


def test_for_each_and_repeat_on_one_step_are_refused() -> None:
    """Nobody could say which goes round inside the other."""
    both = {**GROUP, "repeat": {"until": [{"expr": "1 == 1"}], "at_most": 2}}
    with pytest.raises(GuideError, match="`for_each` and `repeat`"):
        planned(both)


def test_rounds_begin_with_the_first() -> None:
    """The plan shows round 1 below the group, with until when and how often at most."""
    settle = {
        "id": "settle",
        "title": "Settle",
        "repeat": {"until": [{"expr": "1 == 1", "title": "All is quiet"}], "at_most": 4},
        "steps": [{"id": "look", "title": "Look", "run": "look", "takes": "1m"}],
    }
    plan = planned(settle)
    assert rows(plan) == [
        ("1.1", "1/only/settle", "Settle"),
        ("1.1.1", "1/only/settle/~1", "Round 1 of at most 4"),
        ("1.1.1.1", "1/only/settle/~1/look", "Look"),
    ]
    assert step_at(plan, "1/only/settle").remarks == ("again until “All is quiet” holds, at most 4 times",)
    assert step_at(plan, "1/only/settle/~1").round == 1


# -- items, order and batches --------------------------------------------------------------------


def loop_of(items: Any, **each: Any) -> PlannedLoop:
    """The loop over a list."""
    step = loop_step({"n": "answers.items", **each})
    return make_loop(step, knowing(answers={"items": items}))


def test_items_are_told_apart_by_key_column_or_themselves() -> None:
    """A text is its own key, a record has its first column, a map its keys, and `key` wins."""
    assert loop_of(["b", "a"]).keys == ("b", "a")
    assert loop_of([8080, 9090]).keys == ("8080", "9090")
    assert loop_of(NODES).keys == ("node-a", "node-b", "node-c")
    assert loop_of(NODES, key='n.zone + "-" + n.host').keys == ("east-node-a", "west-node-b", "east-node-c")
    assert loop_of({"x": NODES[0], "y": NODES[1]}).keys == ("x", "y")
    with pytest.raises(ExpressionError, match="east is there more than once"):
        loop_of(NODES, key="n.zone")


def test_items_are_sorted_by_order() -> None:
    """Numbers as numbers; what has no common order is refused with the item's name."""
    assert loop_of(NODES, order="n.weight").keys == ("node-b", "node-c", "node-a")
    with pytest.raises(ExpressionError, match="for node-b, and cannot be sorted by"):
        loop_of([*NODES[:1], {"host": "node-b"}], order="n.weight")
    with pytest.raises(ExpressionError, match="no common order"):
        loop_of([{"h": "a", "w": 1}, {"h": "b", "w": "two"}], order="n.w")


def test_batches_are_a_number_a_share_or_a_column() -> None:
    """A share is rounded down and is at least one; by column the order is that in which values come up first."""
    ten = [f"n{number}" for number in range(10)]
    assert [len(batch) for batch in loop_of(ten, batch=4).batches] == [4, 4, 2]
    assert [len(batch) for batch in loop_of(ten, batch="33%").batches] == [3, 3, 3, 1]
    assert [len(batch) for batch in loop_of(ten, batch="5%").batches] == [1] * 10
    assert [len(batch) for batch in loop_of(ten, batch="100%").batches] == [10]
    assert loop_of(NODES, batch="by zone").batches == (("node-a", "node-c"), ("node-b",))
    assert [len(batch) for batch in loop_of(ten, batch="${{ size(answers.items) / 2 }}").batches] == [5, 5]


@pytest.mark.parametrize("batch", [0, -1, "0%", "101%", "many", "1.5", "${{ answers.items }}"])
def test_what_is_no_size_is_refused(batch: Any) -> None:
    """With what it is and what can be written."""
    with pytest.raises(ExpressionError, match="no size of a batch"):
        loop_of(["a"], batch=batch)


def test_a_column_that_an_item_lacks_is_refused() -> None:
    """By the name of the item."""
    with pytest.raises(ExpressionError, match=r"node-b of answers\.items has no zone"):
        loop_of([NODES[0], {"host": "node-b"}], batch="by zone")
    with pytest.raises(ExpressionError, match="a of answers"):
        loop_of(["a"], batch="by zone")


def test_too_large_a_batch_blocks_and_names_the_nodes() -> None:
    """Before anything is touched, with the step, the batch and what would stay."""
    too_large = {**GROUP, "for_each": {"node": "answers.nodes", "batch": "by zone", "keep_available": 2}}
    with pytest.raises(BlockedError) as caught:
        planned(too_large)
    assert caught.value.exit_code == 20
    assert str(caught.value).startswith(
        "step 1.1 roll: batch 1 of 2 works on node-a and node-c at the same time and leaves 1 of 3 untouched, "
        "and at least 2 must stay available"
    )
    with pytest.raises(ExpressionError, match="no number of items"):
        loop_of(["a"], keep_available="some")


def test_what_is_left_out_stays_available_and_counts_for_shares() -> None:
    """A node that is not touched is there for its users."""
    step = loop_step({"n": "answers.items", "batch": "50%", "keep_available": 2}, when='n != "b"')
    loop = make_loop(step, knowing(answers={"items": ["a", "b", "c", "d"]}))
    assert loop.batches == (("a", "c"), ("d",))
    assert loop.left_out == (("b", 'only when n != "b"'),)


def test_secrets_of_items_are_masked_in_the_plan() -> None:
    """In the loop and everywhere else; a secret is no key."""
    nodes = [{"host": "a", "password": Secret("hush-hush")}]
    plan = planned({"id": "roll", "title": "Roll", "for_each": {"n": "answers.nodes"}, "say": "x"}, nodes=nodes)
    loop = step_at(plan, "1/only/roll").loop
    assert loop is not None
    assert loop.items == ({"host": "a", "password": MASK},)
    assert b"hush" not in plan_bytes(plan)
    with pytest.raises(ExpressionError, match="is a secret"):
        loop_of([Secret("hush-hush")])


_BATCHES = st.one_of(
    st.integers(1, 12), st.integers(1, 100).map(lambda share: f"{share}%"), st.just("by zone")
)  # fmt: skip


@given(zones=st.lists(st.sampled_from("xyz"), max_size=40), batch=_BATCHES, keep=st.integers(0, 10))
def test_every_item_is_in_exactly_one_batch_and_enough_stay(zones: list[str], batch: Any, keep: int) -> None:
    """Whatever the rule; no batch is empty or larger than the rule says, and none touches too many."""
    items = [{"host": f"n{number}", "zone": zone} for number, zone in enumerate(zones)]
    try:
        loop = loop_of(items, batch=batch, keep_available=keep)
    except BlockedError:
        sizes = [len(one) for one in loop_of(items, batch=batch).batches]
        assert any(len(items) - size < keep for size in sizes)
        return
    assert sorted(key for one in loop.batches for key in one) == sorted(loop.keys)
    assert all(one and len(items) - len(one) >= keep for one in loop.batches)
    if batch == "by zone":
        assert len(loop.batches) == len(set(zones))
        return
    size = batch if isinstance(batch, int) else max(1, len(items) * int(batch[:-1]) // 100)
    assert [key for one in loop.batches for key in one] == list(loop.keys)
    assert all(len(one) == size for one in loop.batches[:-1])


# -- what is the same for all items --------------------------------------------------------------


def test_what_does_not_name_the_item_is_decided_once() -> None:
    """A loop over many items asks for each only what hangs on the item."""
    asked: list[str] = []

    def look(path: str) -> dict[str, Any]:
        asked.append(path)
        return {"exists": True}

    steps = [
        {"id": "same", "title": "Same", "when": 'file("/same").exists', "run": "go"},
        {"id": "each", "title": "Each", "when": "file(n).exists", "run": "go ${{ n }}"},
    ]
    items = [f"/n{number}" for number in range(50)]
    loop = {"id": "roll", "title": "Roll", "for_each": {"n": "answers.items", "batch": 10}, "steps": steps}
    plan = planned(loop, env=knowing(file=look), items=items)
    assert asked.count("/same") == 1
    assert sorted(asked) == sorted(["/same", *items])
    assert [step.commands for step in iter_steps(plan) if step.id == "each"] == [(f"go {item}",) for item in items]


@pytest.mark.parametrize(
    ("title", "items", "shown"),
    [
        ("Drain", ("a",), "a: Drain"),
        ("Drain node-12", ("node-1",), "node-1: Drain node-12"),
        ("Drain node-1", ("node-1",), "Drain node-1"),
        ("Say a.b and b", ("b",), "Say a.b and b"),
        ("Go", ("rack", "node"), "rack, node: Go"),
        ("Go to node", ("rack", "node"), "rack: Go to node"),
        ("Go", (), "Go"),
    ],
)
def test_a_title_has_the_items_in_front_that_it_does_not_name(title: str, items: tuple[str, ...], shown: str) -> None:
    """As a word of its own; a part of another name does not count."""
    assert titled(title, items) == shown


def test_only_a_phase_with_for_each_is_a_step_by_its_address() -> None:
    """The address of any other phase leads to no step."""
    loaded = guide_of()
    with pytest.raises(KeyError):
        model_at(loaded.guide, "phases.only")
