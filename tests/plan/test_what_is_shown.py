"""What a plan shows of its steps beside their titles: commands and where they run, boxes, the way back, reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.guides import guide_of
from tests.plan.writing import answers_of
from tests.questions.writing import knowing
from wizard.errors import ExpressionError
from wizard.plan.build import build_plan
from wizard.plan.conditions import condition_words
from wizard.plan.markdown import plan_markdown
from wizard.plan.steps import iter_steps
from wizard.plan.store import plan_from_json, plan_to_json
from wizard.plan.text import plan_text
from wizard.secrets import Secret

if TYPE_CHECKING:
    from wizard.plan.model import Plan, PlannedStep

TWO_HOPS: dict[str, Any] = {
    "releases": ["1.0", "1.5", "2.0"],
    "hops": [{"from": "1.0", "to": "1.5", "phases": ["only"]}, {"from": "1.5", "to": "2.0", "phases": ["only"]}],
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "section": "How",
        "ask": [
            {
                "id": "method",
                "label": "How it was installed",
                "type": "choice",
                "choices": [{"value": "git", "label": "From git"}, "package"],
            },
            {"id": "cluster", "label": "Is it a cluster", "type": "yes_no"},
            {"id": "rolled", "label": "Rolled in ${{ hop.to }}", "type": "yes_no"},
        ],
    }
]


def planned(*steps: dict[str, Any], facts: dict[str, Any] | None = None, answers: Any = None, **parts: Any) -> Plan:
    """The plan of a guide with these steps in its one phase."""
    loaded = guide_of(phases=[{"id": "only", "title": "Only", "steps": list(steps), **parts.pop("phase", {})}], **parts)
    return build_plan(loaded, knowing(facts=facts or {}), answers_of(**(answers or {})))


def one(plan: Plan, name: str, hop: int = 1) -> PlannedStep:
    """A step by its id."""
    return next(step for step in iter_steps(plan) if step.id == name and step.key.startswith(f"{hop}/"))


def test_a_command_is_shown_with_where_it_runs() -> None:
    """Folder, somebody else who runs it, and variables with their values; a secret only as a mask."""
    step = {
        "id": "go",
        "title": "Go",
        "run": "./go.sh",
        "folder": "/opt/${{ hop.to }}",
        "env": {"PYTHON": "/usr/bin/python 3", "PIN": "${{ answers.pin }}", "SEEN": "${{ captured.x }}"},
    }
    plan = planned(
        {"id": "first", "title": "First", "run": "x", "capture": {"x": "(.*)"}},
        step,
        defaults={"user": "nobody", "env": {"LANG": "C"}},
        answers={"pin": Secret("s3cret")},
    )
    went = one(plan, "go")
    assert (went.folder, went.user) == ("/opt/2.0", "nobody")
    assert went.env == (("LANG", "C"), ("PYTHON", "/usr/bin/python 3"), ("PIN", "••••••"), ("SEEN", "…"))
    assert plan_from_json(plan_to_json(plan)) == plan
    text = " ".join(plan_text(plan).split())
    assert "in /opt/2.0, as nobody, with LANG=C PYTHON='/usr/bin/python 3' PIN=•••••• SEEN=… $ ./go.sh" in text
    assert "In /opt/2.0, as nobody, with LANG=C PYTHON='/usr/bin/python 3'" in plan_markdown(plan)
    assert "s3cret" not in text + plan_markdown(plan)


def test_the_one_who_runs_the_wizard_is_not_named() -> None:
    """A user is worth a word only where it is another one."""
    import os

    from wizard.host.identity import user_name

    plan = planned({"id": "go", "title": "Go", "run": "./go.sh", "user": user_name(os.geteuid())})
    assert f"as {user_name(os.geteuid())}" not in plan_text(plan)
    assert one(plan, "go").user == user_name(os.geteuid())


def test_only_a_later_hop_says_that_the_machine_is_read_again() -> None:
    """A command, or its folder, that is made of a fact is marked in hop 2, also behind a value; others are not."""
    steps = (
        {"id": "fact", "title": "A", "run": ["cp", "${{ values.old }}"]},
        {"id": "folder", "title": "B", "run": "make", "folder": "${{ facts.place }}"},
        {"id": "answer", "title": "C", "run": ["echo", "${{ hop.to }}"]},
    )
    plan = planned(
        *steps,
        facts={"place": "/opt/1.0"},
        versions=TWO_HOPS,
        values={"old": "facts.place"},
    )
    marked = {(step.id, step.key[0]) for step in iter_steps(plan) if step.facts_as_now}
    assert marked == {("fact", "2"), ("folder", "2")}
    note = "ith what the machine says now; read again when hop 2 begins"
    assert plan_text(plan).count(note) == plan_markdown(plan).count(note) == 2
    assert plan_from_json(plan_to_json(plan)) == plan


def test_dangers_warnings_and_the_way_back_stand_with_the_step() -> None:
    """Of guide, phase and step; what is only a note is left to the walk, and each step says how it is undone."""
    notes = [
        {"kind": "danger", "title": "Careful", "text": "It drops tables."},
        {"kind": "warning", "text": "It is slow.", "when": "1 == 1"},
        {"kind": "note", "text": "Just so."},
        {"kind": "danger", "text": "Never here.", "when": "1 == 2"},
    ]
    plan = planned(
        {
            "id": "a",
            "title": "A",
            "run": "a",
            "notes": notes,
            "undo": [{"id": "back", "title": "Put back", "run": "b"}],
        },
        {"id": "b", "title": "B", "run": "b"},
        {"id": "c", "title": "C", "edit": {"file": "/etc/c", "by_hand": True}},
        {"id": "d", "title": "D", "run": "serve", "background": True, "until": "phase"},
        {"id": "e", "title": "E", "say": "e"},
        notes=[{"kind": "warning", "title": "Away", "text": "It is away."}],
        phase={"notes": [{"kind": "danger", "text": "A phase of danger."}]},
    )
    text = plan_text(plan)
    for words in (
        "\nWARNING — Away: It is away.\n",
        "\n      DANGER: A phase of danger.\n",
        "\n        DANGER — Careful: It drops tables.\n        WARNING: It is slow.\n",
        "\n        can be undone: Put back\n",
        "  [x] 1.2 B (no undo)\n",
        "\n        can be undone: the file is put back\n",
        "\n        can be undone: it is stopped\n",
    ):
        assert words in text
    assert "Just so" not in text
    assert "Never here" not in text
    assert "Away" not in plan_text(plan, guide_notes=False)
    markdown = plan_markdown(plan)
    assert "> **Danger: Careful**\n> It drops tables." in markdown
    assert "Can be undone: Put back." in markdown
    assert plan_from_json(plan_to_json(plan)) == plan


def test_procedures_that_can_be_called_are_named() -> None:
    """With the steps they can be called after and until, by their codes in every hop."""
    offer = {
        "title": "Go back",
        "offer": {"after": "dump", "until": "last"},
        "steps": [{"id": "x", "title": "X", "say": "x"}],
    }
    hidden = {"title": "Part", "steps": [{"id": "y", "title": "Y", "say": "y"}]}
    plan = planned(
        {"id": "dump", "title": "Dump", "run": "dump"},
        {"id": "last", "title": "Last", "say": "over"},
        versions=TWO_HOPS,
        procedures={"go-back": offer, "part": hidden},
    )
    assert "  go-back: Go back (once 1.1 or 2.1 is done, until 1.2 or 2.2 is done)\n" in plan_text(plan)
    assert "part" not in plan_text(plan)
    assert "- go-back: Go back (once 1.1 or 2.1 is done" in plan_markdown(plan)
    assert plan_from_json(plan_to_json(plan)) == plan


def test_long_commands_are_cut_and_stay_in_the_margin() -> None:
    """The text shows their beginning in 80 columns; Markdown has them whole."""
    lines = [f"echo {'word ' * 20}line-{number}" for number in range(12)]
    plan = planned({"id": "long", "title": "Long", "run": "\n".join(lines)})
    text = plan_text(plan)
    assert max(map(len, text.splitlines())) <= 80
    assert "line-5" in text
    assert "line-6" not in text
    assert "… and 6 more lines" in text
    assert all(line in plan_markdown(plan) for line in lines)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ('answers.method == "git"', "“How it was installed” is “From git”"),
        ("answers.method != 'package'", "“How it was installed” is not “package”"),
        ("!values.from_git", "“How it was installed” is not “From git”"),
        ("values.again", "“How it was installed” is “From git”"),
        ("answers.cluster", "“Is it a cluster” is yes"),
        ("!answers.cluster", "“Is it a cluster” is no"),
        ("answers.rolled", ""),
        ('answers.method == "git" && answers.cluster', ""),
        ("values.round", ""),
        ("values.table", ""),
        ("size(answers.method) > 1", ""),
    ],
)
def test_simple_conditions_are_told_in_the_words_of_the_questions(when: str, words: str) -> None:
    """An answer that is compared or is a switch, also behind values; of everything else nothing is made up."""
    values = {
        "from_git": 'answers.method == "git"',
        "again": "values.from_git",
        "round": "values.round",
        "table": {"a": 1},
    }
    guide = guide_of(questions=QUESTIONS, values=values).guide
    assert condition_words(when, guide) == words


def test_reasons_are_the_guides_words_where_it_has_some() -> None:
    """An expression stands in the plan only where neither an answer's label nor `not_needed` says it."""
    raw, simple = 'size(answers.method) == 3 && answers.method == "git"', 'answers.method == "git"'
    text = "It comes as a package."
    cases = [
        (raw, None, "git", f"because {raw}"),
        (raw, text, "git", ""),
        (raw, text, "package", text),
        (raw, None, "package", f"only when {raw}"),
        (simple, text, "git", "because “How it was installed” is “From git”"),
        (simple, None, "package", "only when “How it was installed” is “From git”"),
        ('captured.x == "1"', text, "git", f"decided when it is reached (if it is left out: {text})"),
        ('captured.x == "1"', None, "git", 'decided when it is reached: only when captured.x == "1"'),
    ]
    for when, not_needed, method, reason in cases:
        step = {
            "id": "go",
            "title": "Go",
            "when": when,
            "say": "x",
            **({"not_needed": not_needed} if not_needed else {}),
        }
        plan = planned(step, questions=QUESTIONS, answers={"method": method})
        assert one(plan, "go").reason == reason


def test_optional_words_of_an_empty_list_are_left_out() -> None:
    """In the list form the other words remain, and the plan shows them."""
    step = {"id": "go", "title": "Go", "run": ["./upgrade.sh", "${{ words(values.options) }}", "--last"]}
    values = {"options": 'answers.fast ? ["--fast", "-x"] : []'}
    for fast, shown in ((True, "./upgrade.sh --fast -x --last"), (False, "./upgrade.sh --last")):
        plan = planned(step, values=values, answers={"fast": fast})
        assert one(plan, "go").commands == (shown,)


def test_an_empty_command_is_an_error_of_the_plan_where_it_can_be_known() -> None:
    """What only answers decide is said before anything is touched, also behind a value and in a text."""
    for run in (
        ["${{ words(values.options) }}"],
        ["${{ words(values.options) }}", "x"],
        "go ${{ words(values.options) }}",
    ):
        with pytest.raises(ExpressionError, match=r"step 1\.1 go, `run`: .* gives no words"):
            planned({"id": "go", "title": "Go", "run": run}, values={"options": "answers.given"}, answers={"given": []})


def test_a_command_that_comes_later_says_so() -> None:
    """What a fact or a captured value decides is told as made when it is reached, and is no empty command."""
    later = (
        {"id": "fact", "title": "Fact", "run": ["${{ words(facts.list) }}"]},
        {"id": "seen", "title": "Seen", "run": ["echo", "${{ captured.x }}"]},
        {"id": "case", "title": "Case", "run": [{"when": 'captured.x == "1"', "do": "a"}, {"otherwise": "b"}]},
    )
    none = {"id": "none", "title": "None", "run": [{"when": "1 == 2", "do": "a"}, {"otherwise": "nothing"}]}
    plan = planned(*later, none, facts={"list": []})
    assert {step.id for step in iter_steps(plan) if step.decided_later} == {"fact", "seen", "case"}
    assert plan_text(plan).count("its command is made when it is reached") == 3
    assert plan_markdown(plan).count("Its command is made when it is reached.") == 3
    assert plan_to_json(plan)["phases"][0]["steps"][0]["decided_later"] is True
