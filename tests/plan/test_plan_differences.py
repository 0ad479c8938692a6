"""What is different between two plans, as values and in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.guides import guide_of
from tests.plan.writing import answers_of
from tests.questions.writing import knowing
from wizard.plan.build import build_plan
from wizard.plan.difference import Change, ChangeKind, difference, difference_text
from wizard.plan.model import Included
from wizard.plan.steps import iter_steps
from wizard.plan.store import plan_from_json, plan_to_json

if TYPE_CHECKING:
    from wizard.plan.model import Plan

PHASES: list[dict[str, Any]] = [
    {
        "id": "first",
        "title": "First",
        "steps": [
            {"id": "stop", "title": "Stop", "run": "stop ${{ answers.unit }}", "takes": "${{ answers.pause }}"},
            {
                "id": "group",
                "title": "Group",
                "when": "answers.cluster",
                "not_needed": "There is one node only.",
                "steps": [{"id": "inner", "title": "Inner", "run": "inner"}],
            },
            {
                "id": "roll",
                "title": "Roll",
                "for_each": {"n": "answers.nodes", "batch": "${{ answers.many }}"},
                "run": "up ${{ n }}",
            },
        ],
    },
    {
        "id": "second",
        "title": "Second",
        "when": "hop.last",
        "steps": [{"id": "drop", "title": "Drop", "impact": "irreversible", "run": "drop"}],
    },
]
ANSWERS: dict[str, Any] = {
    "unit": "shop",
    "cluster": True,
    "nodes": ["a", "b", "c"],
    "many": 1,
    "pause": "30s",
    "current_version": "1.0",
    "target_version": "2.0",
    "folder": "/opt/shop",
}
VERSIONS = {
    "releases": ["1.0", "1.1", "2.0"],
    "hops": [
        {"from": "1.0", "to": "1.1", "phases": ["first", "second"]},
        {"from": "1.1", "to": "2.0", "phases": ["first", "second"]},
    ],
}


def plan_for(**answers: Any) -> Plan:
    """The plan for these answers, the others as usual."""
    loaded = guide_of(phases=PHASES, versions=VERSIONS, works_on="${{ answers.folder }}")
    return build_plan(loaded, knowing(), answers_of(**{**ANSWERS, "current_version": "1.1", **answers}))


def changes(**answers: Any) -> list[tuple[str, str, str, str]]:
    """Kind, code, before and after of what these answers change."""
    found = difference(plan_for(), plan_for(**answers))
    return [(one.kind.value, one.code, one.before, one.after) for one in found]


def test_the_same_plan_has_no_differences() -> None:
    """Also after it was written and read back."""
    plan = plan_for()
    again = plan_from_json(json.loads(json.dumps(plan_to_json(plan))))
    assert difference(plan, again) == ()
    assert difference_text(()) == "Nothing is different in the plan.\n"


def test_commands_times_and_places_are_told_with_both_sides() -> None:
    """What was and what is."""
    assert changes(unit="shop-2") == [("commands", "1.1", "stop shop", "stop shop-2")]
    assert changes(pause="2m") == [("duration", "", "30 s", "2 min"), ("step-duration", "1.1", "30 s", "2 min")]
    assert changes(folder="/srv") == [("works-on", "", "/opt/shop", "/srv")]


def test_a_group_stands_for_what_is_in_it() -> None:
    """Out with the guide's reason, and in again: what the guide says of its absence is no reason for that."""
    out = difference(plan_for(), plan_for(cluster=False))
    assert out == (Change(ChangeKind.GOES_OUT, "1.2", "Group", "1/first/group", reason="There is one node only."),)
    back = difference(plan_for(cluster=False), plan_for())
    assert [(one.kind, one.code, one.reason) for one in back] == [(ChangeKind.COMES_IN, "1.2", "")]


def test_items_and_batches_are_told_once_by_their_loop() -> None:
    """An item that comes brings all its steps; one that moves to another batch changes nothing else."""
    assert changes(nodes=["a", "c", "d"]) == [("items", "1.3", "b", "d")]
    assert changes(many=2) == [("batches", "1.3", "3 (a; b; c)", "2 (a and b; c)")]
    assert changes(nodes=[]) == [("goes-out", "1.3", "", "")]


def test_another_path_is_told_first() -> None:
    """Hops, the point of no return, then the phases that are new; those of the last hop keep their keys or go."""
    before, after = plan_for(), plan_for(current_version="1.0")
    found = difference(before, after)
    assert (found[0].kind, found[0].before, found[0].after) == (ChangeKind.HOPS, "1.1 → 2.0", "1.0 → 1.1 → 2.0")
    assert {one.kind for one in found} == {
        ChangeKind.HOPS,
        ChangeKind.POINT_OF_NO_RETURN,
        ChangeKind.DURATION,
        ChangeKind.GOES_OUT,
        ChangeKind.COMES_IN,
    }
    shorter = difference(after, before)
    gone = [(one.title, one.code) for one in shorter if one.kind is ChangeKind.GOES_OUT]
    assert gone == [("First", "3"), ("Second", "4")]


def test_the_words_fit_a_terminal_and_name_both_sides() -> None:
    """Every kind has words; no line is wider than 80 columns where words can be broken."""
    both = difference(plan_for(), plan_for(unit="x", pause="2m", cluster=False, nodes=["a", "d"], folder="/srv"))
    assert difference_text(both) == (
        """\
What is different in the plan:
  It works on /srv (before: /opt/shop).
  All of it usually takes 2 min (before: 30 s).
  ~ 1.1 Stop runs something else
      was: stop shop
      is:  stop x
  ~ 1.1 Stop usually takes 2 min (before: 30 s)
  - 1.2 Group is not part of the run any more: There is one node only.
  ~ 1.3 Roll goes over other items
      comes in: d
      goes out: b and c
"""
    )
    for kind in ChangeKind:
        text = difference_text((Change(kind, "1.2.3", "title " * 30, "k", "before " * 30, "after " * 30, "why " * 30),))
        assert max(map(len, text.splitlines())) <= 80
        assert "\x1b" not in difference_text((Change(kind, "1", "\x1b[2J", "k", "\x1b", "\x1b", "\x1b"),))


def test_very_many_changes_are_counted() -> None:
    """The values have all of them; the text says how many it does not tell."""
    many = tuple(Change(ChangeKind.COMMANDS, str(number), "Step", "k", "a", "b") for number in range(100))
    assert difference_text(many).endswith("  and 60 changes more\n")


def what_is_done(plan: Plan) -> list[Any]:
    """The path, and every step that is in with its commands, in order."""
    steps = [one for one in iter_steps(plan) if one.included is not Included.NO]
    return [plan.hops, *((one.key, one.code, one.title, one.included, one.commands, one.takes) for one in steps)]


_ANSWERS = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(["x", "y"]),
        "cluster": st.booleans(),
        "nodes": st.lists(st.sampled_from("abcd"), unique=True),
        "many": st.integers(1, 3),
        "current_version": st.sampled_from(["1.0", "1.1"]),
    }
)


@settings(deadline=None, max_examples=60)
@given(one=_ANSWERS, other=_ANSWERS)
def test_plans_that_differ_have_differences_and_what_goes_one_way_comes_the_other(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """There is a difference exactly where other things are done; in and out are mirrored."""
    before, after = plan_for(**one), plan_for(**other)
    there, back = difference(before, after), difference(after, before)
    assert (there == ()) == (what_is_done(before) == what_is_done(after))
    for kind, mirror in ((ChangeKind.COMES_IN, ChangeKind.GOES_OUT), (ChangeKind.GOES_OUT, ChangeKind.COMES_IN)):
        assert {one.key for one in there if one.kind is kind} == {one.key for one in back if one.kind is mirror}
