"""A plan for a rolling upgrade of 100, 1,000 and 10,000 nodes: built, written, read back, shown.

The guide has one loop of six steps with commands over the nodes, in batches of a third. Each round plans all
sizes, one after the other in this process, so that ratios are taken within a round. Reach: linear (ten
times the nodes take about ten times as long), and single seconds for 10,000.

    python benchmarks/plan.py [rounds] [nodes …]
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.expressions import Environment
from wizard.guide.document import Document
from wizard.guide.loader import LoadedGuide
from wizard.guide.models import Guide
from wizard.guide.walk import model_at
from wizard.plan.build import build_plan
from wizard.plan.growth import grown, loop_to_data, make_loop
from wizard.plan.steps import iter_steps
from wizard.plan.store import plan_from_json, plan_to_json
from wizard.plan.text import plan_text
from wizard.questions.model import Answer, AnswerSource

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES: Final = (100, 1_000, 10_000)

STEPS: Final[list[dict[str, Any]]] = [
    {"id": "drain", "title": "Drain ${{ node.host }}", "run": "balancer drain ${{ node.host }}", "takes": "20s"},
    {"id": "stop", "title": "Stop", "run": ["ssh", "${{ node.host }}", "systemctl", "stop", "shop"], "takes": "10s"},
    {
        "id": "install",
        "title": "Install ${{ answers.target_version }}",
        "run": 'scp "/srv/shop-${{ answers.target_version }}.tgz" ${{ node.host }}:\nshop unpack "${{ node.host }}"',
        "takes": "2m",
    },
    {
        "id": "migrate",
        "title": "Migrate",
        "when": 'node.role == "main"',
        "not_needed": "Only main nodes have data.",
        "run": "shop migrate --host ${{ node.host }} --zone ${{ node.zone }}",
        "takes": "1m",
    },
    {"id": "tell", "title": "Tell the channel", "once": "batch", "run": "tell batch of ${{ size(batch) }}"},
    {"id": "return", "title": "Return", "run": "balancer return ${{ node.host }}", "takes": "20s"},
]


def guide_of(items: str) -> LoadedGuide:
    """A guide whose one phase is a loop over `items`."""
    data: dict[str, Any] = {
        "guide": 1,
        "id": "shop",
        "product": "Shop",
        "title": "Upgrade Shop",
        "summary": "Node by node.",
        "versions": {"hops": [{"phases": ["roll"]}]},
        "phases": [
            {
                "id": "roll",
                "title": "Roll",
                "for_each": {"node": items, "batch": "33%", "keep_available": 1},
                "steps": STEPS,
            }
        ],
    }
    return LoadedGuide(Guide.model_validate(data), Path("guide.yaml"), Path(), "0" * 64, (), Document("", "", data, ()))


def answers_for(nodes: int) -> dict[str, Answer]:
    """The answers of an operator with so many nodes."""
    rows = [
        {
            "host": f"node-{number:05}.example.org",
            "zone": f"zone-{number % 3}",
            "role": "main" if number % 10 else "spare",
        }
        for number in range(nodes)
    ]
    given: dict[str, Any] = {"current_version": "1.0", "target_version": "2.0", "nodes": rows}
    return {name: Answer(name, value, AnswerSource.OPERATOR) for name, value in given.items()}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor for some work, and what it gave: nothing here waits for anything."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def one_round(nodes: int) -> dict[str, float]:
    """Plan, write, read back and show for so many nodes; then grow a plan whose list came late."""
    answers = answers_for(nodes)
    known = Environment(names={"captured": {"nodes": answers["nodes"].value}})
    loaded, later = guide_of("answers.nodes"), guide_of("captured.nodes")
    built, plan = timed(lambda: build_plan(loaded, Environment(), answers))
    assert sum(1 for _ in iter_steps(plan)) > nodes * 5
    written, text = timed(lambda: json.dumps(plan_to_json(plan)))
    read, again = timed(lambda: plan_from_json(json.loads(text)))
    assert again == plan
    shown, words = timed(lambda: plan_text(plan))
    assert len(words.splitlines()) < 150
    early = build_plan(later, Environment(), answers)
    phase = later.guide.phases[0]
    loop = make_loop(model_at(later.guide, f"phases.{phase.id}"), known)
    grew, large = timed(lambda: grown(later, early, {"1/roll/roll": loop_to_data(loop)}, {}))
    assert [step.key for step in iter_steps(large)] == [step.key for step in iter_steps(plan)]
    return {"build": built, "to JSON": written, "from JSON": read, "as text": shown, "grow later": grew}


def main() -> None:
    """Run the rounds, print a table."""
    words = [int(word) for word in sys.argv[1:]]
    rounds, sizes = (words[0] if words else 5), tuple(words[1:]) or SIZES
    one_round(10)  # what is compiled once is compiled
    times: dict[int, dict[str, list[float]]] = {nodes: {} for nodes in sizes}
    for _ in range(rounds):
        for nodes in sizes:
            for what, seconds in one_round(nodes).items():
                times[nodes].setdefault(what, []).append(seconds)
    for nodes, found in times.items():
        print(f"{nodes:,} nodes")
        for what, seen in found.items():
            print(f"  {what:12} median {statistics.median(seen):.3f} s  ({min(seen):.3f} to {max(seen):.3f})")
    for few, many in itertools.pairwise(sizes):
        ratios = [b / a for a, b in zip(times[few]["build"], times[many]["build"], strict=True)]
        print(
            f"build, {many:,} / {few:,} nodes: {statistics.median(ratios):.1f} times as long (linear: {many / few:.0f})"
        )


if __name__ == "__main__":
    main()
