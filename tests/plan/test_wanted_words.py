"""The operator's words a run will want, held against an answers file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.guides import guide_of
from tests.plan.writing import answers_of, guide_with
from tests.questions.writing import knowing
from wizard.guide.models import Impact, Step
from wizard.plan.build import build_plan
from wizard.plan.confirmations import confirmation_of, missing_confirmations
from wizard.questions.model import AnswersFile

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.guide.loader import LoadedGuide

CLUSTER = "  - {section: How, ask: [{id: cluster, label: Cluster, type: yes_no}]}\n"

CHECKS = """\
checks:
  - {id: agreed, title: Everybody agrees, ask: Do they}
  - {id: maybe, title: Maybe, ask: Do they, when: answers.cluster}
  - {id: nice, title: Nice to have, ask: Is it, blocks: never}
procedures:
  part:
    title: Part
    steps: [{id: in-part, title: In part, run: [x], ask_first: once}]
"""

PHASES = """\
  - id: work
    title: Work
    steps:
      - id: sure
        title: Be sure
        confirm:
          say: Are you
          typed: yes I am
          tick: [Read it]
          record: [{id: ticket, label: Ticket}, {id: note, label: Note, optional: true}]
      - {id: simple, title: Simple, confirm: Go on}
      - {id: by-hand, title: By hand, manual: [Plug it in, {do: Note it, record: serial}]}
      - {id: drop, title: Drop, impact: irreversible, run: [drop]}
      - {id: loud, title: Loud, run: [a], notes: [{kind: danger, text: Loud, when: answers.cluster}]}
      - {id: only-cluster, title: Only cluster, when: answers.cluster, confirm: Go on}
      - {id: look, title: Look, check: [{id: seen, ask: {say: Seen, record: Who}}]}
      - {id: quiet, title: Quiet, run: [b]}
      - {id: call, title: Call, include: part}
    finally:
      - {id: last-word, title: Last word, confirm: Done}
"""

GIVEN: dict[str, Any] = {
    "sure": {"typed": "yes I am", "tick": "all", "record": {"ticket": "X-1"}},
    "simple": True,
    "by-hand": {"record": {"serial": "42"}},
    "drop": "drop",
    "in-part": True,
    "last-word": True,
}


def guide(folder: Path) -> LoadedGuide:
    """A guide that wants every kind of word."""
    return guide_with(folder, PHASES, questions=CLUSTER, more=CHECKS)


def missing(loaded: LoadedGuide, given: AnswersFile, *, cluster: bool = False) -> list[str]:
    """Keys of what is missing for a plan."""
    plan = build_plan(loaded, knowing(), answers_of(cluster=cluster))
    return [problem.key for problem in missing_confirmations(plan, loaded, given)]


def test_every_word_of_the_plan_is_listed(tmp_path: Path) -> None:
    """Confirmations, typed words, work by hand, statements; only of steps that are part of the run."""
    loaded = guide(tmp_path)
    wanted = [
        "confirmations.sure",
        "confirmations.simple",
        "confirmations.by-hand",
        "confirmations.drop",
        "states.seen",
        "confirmations.in-part",
        "confirmations.last-word",
        "states.agreed",
    ]
    assert missing(loaded, AnswersFile()) == wanted
    with_cluster = missing(loaded, AnswersFile(), cluster=True)
    assert set(with_cluster) - set(wanted) == {"confirmations.loud", "confirmations.only-cluster"}


def test_without_a_plan_the_words_of_every_run_are_listed(tmp_path: Path) -> None:
    """Where answers are missing too, both can be said at once; what depends on answers cannot."""
    keys = [problem.key for problem in missing_confirmations(None, guide(tmp_path), AnswersFile())]
    assert "confirmations.drop" in keys
    assert "confirmations.in-part" in keys
    assert "confirmations.only-cluster" not in keys


def test_a_file_with_all_words_lacks_nothing(tmp_path: Path) -> None:
    """What the hints ask for is enough."""
    given = AnswersFile(confirmations=GIVEN, states={"agreed": True, "seen": "Ada"})
    assert missing(guide(tmp_path), given) == []


@pytest.mark.parametrize(
    ("step", "entry", "why"),
    [
        ("sure", True, "must be exactly 'yes I am'"),
        ("sure", {"typed": "yes I am", "record": {"ticket": "X"}}, "`tick: all`"),
        ("sure", {"typed": "yes I am", "tick": "all"}, "`record` must hold ticket"),
        ("sure", {"typed": "yes I am", "tick": "all", "record": {"ticket": " "}}, "`record` must hold ticket"),
        ("simple", "yes", "nothing is typed here: write true"),
        ("by-hand", True, "`record` must hold serial"),
        ("drop", True, "must be exactly 'drop'"),
        ("drop", "Drop", "must be exactly 'drop'"),
        ("simple", ["x"], "write true"),
        ("simple", {"tipped": "x"}, "tipped is not known here"),
    ],
)
def test_half_a_word_is_no_word(tmp_path: Path, step: str, entry: Any, why: str) -> None:
    """Each entry is held against all that its step wants, and named with its line."""
    loaded = guide(tmp_path)
    given = AnswersFile(
        path="a.yaml",
        confirmations={**GIVEN, step: entry},
        states={"agreed": True, "seen": True},
        lines={f"confirmations.{step}": 7},
        columns={f"confirmations.{step}": 3},
    )
    plan = build_plan(loaded, knowing(), answers_of(cluster=False))
    (problem,) = missing_confirmations(plan, loaded, given)
    assert why in problem.message
    assert (problem.key, problem.file, problem.line, problem.column) == (f"confirmations.{step}", "a.yaml", 7, 3)


def test_the_hint_is_the_line_to_add(tmp_path: Path) -> None:
    """It can be copied into the file as it stands, but for what is noted down."""
    loaded = guide(tmp_path)
    plan = build_plan(loaded, knowing(), answers_of(cluster=False))
    hints = {problem.key: problem.hint for problem in missing_confirmations(plan, loaded, AnswersFile())}
    assert hints["confirmations.sure"] == (
        'under `confirmations:` add `sure: {typed: "yes I am", tick: all, record: {ticket: "…"}}`'
    )
    assert hints["confirmations.drop"] == "under `confirmations:` add `drop: drop`"
    assert hints["confirmations.simple"] == "under `confirmations:` add `simple: true`"


def test_a_no_is_a_word_too(tmp_path: Path) -> None:
    """An entry `false` is the operator's wish that the run ends there."""
    given = AnswersFile(confirmations={**GIVEN, "drop": False}, states={"agreed": True, "seen": True})
    assert missing(guide(tmp_path), given) == []


@pytest.mark.parametrize(
    ("step", "impact", "danger", "word"),
    [
        ({"run": ["x"]}, Impact.REVERSIBLE, False, "never"),
        ({"run": ["x"]}, Impact.NEEDS_RESTORE, True, "once"),
        ({"run": ["x"]}, Impact.IRREVERSIBLE, False, "typed"),
        ({"run": ["x"], "ask_first": "never"}, Impact.IRREVERSIBLE, True, "never"),
        ({"run": ["x"], "ask_first": "typed"}, Impact.READ_ONLY, False, "typed"),
        ({"edit": {"file": "x", "block": "y"}}, Impact.IRREVERSIBLE, False, "typed"),
        ({"say": "x"}, Impact.IRREVERSIBLE, True, "never"),
        ({"confirm": "x"}, Impact.IRREVERSIBLE, True, "never"),
    ],
)
def test_one_rule_says_which_word_a_step_wants(step: dict[str, Any], impact: Impact, danger: bool, word: str) -> None:
    """What the guide says itself, else typed where it cannot be undone, once beside a danger; only where it acts."""
    model = Step.model_validate({"id": "x", "title": "X", **step})
    assert confirmation_of(model, impact, danger=danger) == word


def loop_guide(items: str, each: str = "host") -> LoadedGuide:
    """A guide whose loop over `items` wants words: one for all, one for each item, one that is typed once."""
    return guide_of(
        phases=[
            {
                "id": "only",
                "title": "Only",
                "steps": [
                    {
                        "id": "roll",
                        "title": "Roll",
                        "for_each": {"node": items},
                        "steps": [
                            {"id": "sure", "title": "Sure", "confirm": "Go on"},
                            {
                                "id": "name-it",
                                "title": "Name it",
                                "confirm": {"say": "Which", "typed": f"${{{{ node.{each} }}}}"},
                            },
                            {"id": "drop", "title": "Drop", "run": "drop", "impact": "irreversible"},
                        ],
                    }
                ],
            }
        ]
    )


NODES = [{"host": "node-a"}, {"host": "node-b"}]


def test_a_step_of_a_loop_wants_its_word_once() -> None:
    """One entry for all items; where the exact words name the item, the list of all of them."""
    loaded = loop_guide("answers.nodes")
    plan = build_plan(loaded, knowing(), answers_of(nodes=NODES))
    problems = missing_confirmations(plan, loaded, AnswersFile())
    assert [problem.key for problem in problems] == [
        "confirmations.sure",
        "confirmations.name-it",
        "confirmations.drop",
    ]
    assert problems[1].message.endswith("type 'node-a' and 'node-b'")
    assert problems[1].hint == "under `confirmations:` add `name-it: {typed: [node-a, node-b]}`"
    enough: dict[str, Any] = {"sure": True, "name-it": {"typed": ["node-b", "node-a"]}, "drop": "drop"}
    assert missing_confirmations(plan, loaded, AnswersFile(confirmations=enough)) == []
    for half in ({"typed": ["node-a"]}, {"typed": "node-a"}, "node-a"):
        (problem,) = missing_confirmations(plan, loaded, AnswersFile(confirmations={**enough, "name-it": half}))
        assert "lacks 'node-b'" in problem.message
    (problem,) = missing_confirmations(
        plan, loaded, AnswersFile(confirmations={**enough, "name-it": {"typed": {"a": 1}}})
    )
    assert "`typed` is the words that are typed" in problem.message


def test_words_of_a_loop_that_is_unrolled_later_are_listed_too() -> None:
    """Its items are not known, but that each wants a word is."""
    loaded = loop_guide("captured.nodes")
    plan = build_plan(loaded, knowing(), answers_of())
    problems = missing_confirmations(plan, loaded, AnswersFile())
    assert [problem.key for problem in problems] == [
        "confirmations.sure",
        "confirmations.name-it",
        "confirmations.drop",
    ]
    empty = loop_guide("answers.nodes")
    without = build_plan(empty, knowing(), answers_of(nodes=[]))
    assert missing_confirmations(without, empty, AnswersFile()) == []
    assert missing_confirmations(None, empty, AnswersFile()) == []


def test_exact_words_made_of_an_answer_are_wanted_as_they_will_be(tmp_path: Path) -> None:
    """Answers are known by then, so the words are too; those made of what a step captures are not."""
    phases = """\
  - id: work
    title: Work
    steps:
      - {id: name, title: Name, run: [hostname], capture: {host: '(.*)'}}
      - {id: sure, title: Sure, confirm: {say: Sure, typed: 'drop ${{ answers.role }}'}}
      - {id: late, title: Late, confirm: {say: Sure, typed: 'drop ${{ captured.host }}'}}
"""
    loaded = guide_with(tmp_path, phases, questions="  - {section: How, ask: [{id: role, label: R, type: text}]}\n")
    env = knowing(answers={"role": "main"})
    plan = build_plan(loaded, env, answers_of(role="main"))
    given = AnswersFile(confirmations={"sure": "drop spare", "late": "drop host"})
    (problem,) = missing_confirmations(plan, loaded, given, env)
    assert problem.key == "confirmations.sure"
    assert "must be exactly 'drop main'" in problem.message
