"""Plans of loops in words: what is told of each step, and what is not told of very many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.guides import guide_of
from tests.plan.writing import answers_of
from tests.questions.writing import knowing
from wizard.plan.build import build_plan
from wizard.plan.markdown import plan_markdown
from wizard.plan.steps import iter_steps
from wizard.plan.store import plan_to_json
from wizard.plan.text import plan_text
from wizard.plan.words import Outage, summary_of

if TYPE_CHECKING:
    from wizard.plan.model import Plan

ROLL: dict[str, Any] = {
    "id": "roll",
    "title": "Roll",
    "for_each": {"node": "answers.nodes", "batch": "34%", "keep_available": 1},
    "when": 'node != "n7"',
    "not_needed": "${{ node }} is new already.",
    "steps": [
        {"id": "drain", "title": "Drain", "run": "drain ${{ node }}", "takes": "30s", "outage": "starts"},
        {"id": "back", "title": "Back", "run": "back ${{ node }}", "outage": "ends"},
    ],
}


def planned(*steps: dict[str, Any], nodes: int = 3, took: dict[str, float] | None = None, **parts: Any) -> Plan:
    """The plan of a guide with these steps and so many nodes (`n0`, `n1`, …)."""
    loaded = guide_of(phases=[{"id": "only", "title": "Only", "steps": list(steps)}], **parts)
    answers = answers_of(nodes=[f"n{number}" for number in range(nodes)])
    return build_plan(loaded, knowing(), answers, took_before=took)


def test_a_small_loop_is_told_whole() -> None:
    """Batches with their items, times summed over them, the outage until the last of a batch is back."""
    assert plan_text(planned(ROLL, nodes=6)).split("[x] 1 Only", 1)[1] == (
        """\
: can be undone
  [x] 1.1 Roll (6 in 3 batches, 3 min)
        for each node of answers.nodes, 34% of them at a time, at least 1 stay
          untouched
    [x] 1.1.1 Batch 1 of 3: n0 and n1 (1 min)
      [x] 1.1.1.1 n0: Drain (outage starts, no undo, 30 s)
            $ drain n0
      [x] 1.1.1.2 n1: Drain (outage starts, no undo, 30 s)
            $ drain n1
      [x] 1.1.1.3 n0: Back (outage ends, no undo)
            $ back n0
      [x] 1.1.1.4 n1: Back (outage ends, no undo)
            $ back n1
    [x] 1.1.2 Batch 2 of 3: n2 and n3 (1 min)
      [x] 1.1.2.1 n2: Drain (outage starts, no undo, 30 s)
            $ drain n2
      [x] 1.1.2.2 n3: Drain (outage starts, no undo, 30 s)
            $ drain n3
      [x] 1.1.2.3 n2: Back (outage ends, no undo)
            $ back n2
      [x] 1.1.2.4 n3: Back (outage ends, no undo)
            $ back n3
    [x] 1.1.3 Batch 3 of 3: n4 and n5 (1 min)
      [x] 1.1.3.1 n4: Drain (outage starts, no undo, 30 s)
            $ drain n4
      [x] 1.1.3.2 n5: Drain (outage starts, no undo, 30 s)
            $ drain n5
      [x] 1.1.3.3 n4: Back (outage ends, no undo)
            $ back n4
      [x] 1.1.3.4 n5: Back (outage ends, no undo)
            $ back n5
"""
    )
    assert summary_of(planned(ROLL, nodes=2)).outages == (
        Outage("1.1.1.1", "1.1.1.2", 30.0, 1),
        Outage("1.1.2.1", "1.1.2.2", 30.0, 1),
    )
    assert summary_of(planned(ROLL, nodes=6)).outages[0] == Outage("1.1.1.1", "1.1.1.4", 60.0, 2)


def test_a_long_loop_is_told_by_its_first_items() -> None:
    """How many more there are is said, and where all of it is; what is left out keeps its reason."""
    plan = planned(ROLL, nodes=3000)
    text, markdown = plan_text(plan), plan_markdown(plan)
    assert len(text.splitlines()) < 50
    assert len(markdown.splitlines()) < 700
    for shown in (text, markdown):
        assert "n7 is left out: n7 is new already." in shown.replace("\n", " ")
        assert "wizard plan GUIDE --format json" in shown
        assert "more of the same, up to 1.1.1." in shown
    assert "and 1,017 more of the same, up to 1.1.1.1020" in text
    assert "drain n0" in markdown
    assert str(plan_to_json(plan)).count("drain n") == 2999


def test_many_small_batches_are_counted_too() -> None:
    """The first with their steps, some more by name, the others by their number."""
    each = {**ROLL, "for_each": {"node": "answers.nodes", "batch": 2}, "when": "true"}
    text = plan_text(planned(each, nodes=1000))
    assert "1.1.3.4 n5: Back" in text
    assert "[x] 1.1.4.1" not in text
    assert "[x] 1.1.9 Batch 9 of 500: n16 and n17" in text
    assert "Batch 10 of 500" not in text
    assert "and 491 more batches with 982 items, up to 1.1.500" in text


def test_a_loop_without_batches_shows_none() -> None:
    """Where the guide asks for no batches the steps of the items stand in the loop itself, the first in full."""
    each = {**ROLL, "for_each": {"node": "answers.nodes"}, "when": "true"}
    text = plan_text(planned(each, nodes=500))
    assert "atch" not in text
    assert "[x] 1.1 Roll (500 items, 4 h 10 min)" in text
    assert "    [x] 1.1.6 n2: Back (outage ends, no undo)\n          $ back n2\n" in text
    assert "[x] 1.1.7" not in text
    assert "and 497 more items, through the same steps, up to 1.1.1000" in text
    alone = {"id": "ping", "title": "Ping", "for_each": {"node": "answers.nodes"}, "run": "ping ${{ node }}"}
    assert "and 7 more of the same, up to 1.1.10" in plan_text(planned(alone, nodes=10))


def test_who_keeps_items_available_sees_batches() -> None:
    """A loop that says anything of batches keeps them in sight, also where each holds one item."""
    for more in ({"keep_available": 1}, {"available_when": [{"expr": "1 == 1"}]}, {"batch": "34%"}):
        each = {**ROLL, "for_each": {"node": "answers.nodes", **more}, "when": "true"}
        assert "[x] 1.1.2 Batch 2 of 3: n1" in plan_text(planned(each, nodes=3))


def test_the_point_of_no_return_is_shown_wherever_it_is() -> None:
    """It is never among what is not shown."""
    drop = {"id": "drop", "title": "Drop", "run": "drop", "when": 'node == "n400"', "impact": "irreversible"}
    for batch in (1, "33%"):
        loop = {**ROLL, "for_each": {"node": "answers.nodes", "batch": batch}, "steps": [drop], "when": "true"}
        plan = planned(loop, nodes=500)
        (point,) = [one for one in iter_steps(plan) if one.key == plan.point_of_no_return[0][1]]
        assert point.item == "n400"
        for shown in (plan_text(plan), plan_markdown(plan)):
            lines = shown.splitlines()
            line = next(at for at, words in enumerate(lines) if "no way back from here" in words)
            assert any(point.code in words for words in lines[line : line + 3])


STEPS: tuple[dict[str, Any], ...] = (
    {"id": "dry", "title": "Dry", "run": "go", "dry_run": "go --dry-run ${{ answers.nodes[0] }}", "preview": "must"},
    {"id": "bg", "title": "Background", "run": "serve", "background": True, "until": "phase"},
    {"id": "beside", "title": "Beside", "run": "serve", "background": True, "until": "look"},
    {"id": "look", "title": "Look", "monitor": {"for": "10m", "every": "5s"}},
    {"id": "wait", "title": "Wait", "wait": {"until": [{"expr": "1 == 1"}], "usually": "2m", "at_most": "1h"}},
    {
        "id": "ask",
        "title": "Ask",
        "manual": ["Do it"],
        "hand_over": {"to": "the DBA", "text": "Please"},
        "who": "the DBA",
    },
    {"id": "say-so", "title": "Say so", "run": "x", "review": "It looks well", "defer": "after the weekend"},
    {"id": "hand", "title": "By hand", "edit": {"file": "/etc/shop.conf", "by_hand": True}},
)


def test_what_is_special_about_a_step_is_said() -> None:
    """Background, monitor, dry run, hand-over, who, review, what may be left for later."""
    text = plan_text(planned(*STEPS))
    for words in (
        "its dry run is read before it begins",
        "first, changing nothing: go --dry-run n0",
        "runs in the background until the phase ends",
        "runs in the background until step look ends",
        "looks every 5 s for 10 min",
        "waits at most 1 h",
        "is handed over to the DBA",
        "done by the DBA",
        "somebody states afterwards: It looks well",
        "may be left for later: after the weekend",
        "changes /etc/shop.conf, by hand",
        "Somebody else does a part of it: the DBA.",
        "Usually takes 12 min",
    ):
        assert words in text, words
    markdown = plan_markdown(planned(*STEPS))
    assert "First, changing nothing:\n\n```sh\ngo --dry-run n0\n```" in markdown
    assert "- Looks every 5 s for 10 min" in markdown


def test_times_of_earlier_sessions_are_said_as_such() -> None:
    """They count before what the guide guesses, but not before what it fixes, and a person sees whose they are."""
    run = {"id": "run", "title": "Run", "run": "x", "takes": "5m"}
    path = "phases.only.steps"
    took = {f"{path}.run": 90.0, f"{path}.look": 5.0, f"{path}.roll": 3.0, f"{path}.roll.steps.back": 7.0}
    plan = planned(run, STEPS[3], ROLL, took=took)
    text = plan_text(plan)
    assert "1.1 Run (no undo, took 1 min 30 s last time)" in text
    assert "1.2 Look (10 min)" in text
    assert "Back (outage ends, no undo, took 7 s last time)" in text
    assert "(4 times are taken from an earlier session here)" in text.replace("\n", " ")
    assert summary_of(plan).seconds == 90.0 + 600.0 + 3 * 37.0
    assert planned(run, took=None) != planned(run, took=took)
