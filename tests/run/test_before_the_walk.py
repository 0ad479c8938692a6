"""Between the first question and the first step: what is asked again, what a fix sees, what is compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import SETS, VERSIONS, Journey, guide, phase, step
from wizard.errors import ExitCode, StoppedError
from wizard.looking import check_only, compared, preview, session_status
from wizard.run.changes import Changes
from wizard.run.events import Said

if TYPE_CHECKING:
    from pathlib import Path


def with_question(default: str) -> list[dict[str, Any]]:
    """The versions, and a text."""
    word = {"id": "word", "label": "Word", "type": "text", "default": default}
    return [{**VERSIONS, "ask": [*VERSIONS["ask"], word]}]


def test_what_a_person_said_yes_to_is_not_asked_again_after_a_fix(tmp_path: Path) -> None:
    """A no is asked again, a yes holds through fixes and bypasses, and is asked anew with a new look or a new text."""
    checks = [
        {"id": "read", "title": "Notes", "acknowledge": "I have read ${{ answers.word }}."},
        {"id": "told", "title": "Told", "ask": {"say": "People know.", "record": "Since when"}},
        {
            "id": "there",
            "title": "It is there",
            "file": str(tmp_path / "there"),
            "fix": {"title": "Make it", "run": ["touch", str(tmp_path / "there")]},
        },
    ]
    journey = Journey(tmp_path, guide(phase(step("go", "true")), checks=checks, questions=with_question("one")))
    operator = ScriptedOperator(
        {
            "word": Turns("one", "two"),
            "proceed": Turns("fix:there", "answers", "again", "start"),
            "state:read": Turns(False, True, True, True),
            "answers": "answer:word",
        }
    )
    assert journey.begin(operator) is ExitCode.DONE
    asked = [key for key, _ in operator.asked]
    assert asked.count("state:read") == 4, "refused; then yes; another text; another look"
    assert asked.count("state:told") == 2, "once, and once for the new look"


def test_a_decision_comes_with_what_is_different_since_the_one_before(tmp_path: Path) -> None:
    """The engine compares findings and plan, once for all front ends; the first decision has nothing before it."""
    there = {"id": "there", "title": "It is there", "file": str(tmp_path / "there"), "blocks": "bypassable"}
    fix = {"title": "Make it", "run": ["touch", str(tmp_path / "there")]}
    steps = (step("go", "true"), step("more", "true", title="More", when='answers.word == "two"'))
    parts = guide(phase(*steps), checks=[{**there, "fix": fix}], questions=with_question("one"))
    replies = Turns("bypass:there", "fix:there", "answers", "start")
    operator = ScriptedOperator({"word": Turns("one", "two"), "answers": "answer:word", "proceed": replies})
    assert Journey(tmp_path, parts).begin(operator) is ExitCode.DONE
    changes = [asked.changes for key, asked in operator.asked if key == "proceed"]
    assert changes[:3] == [Changes(), Changes(), Changes(("It is there: was fail, is ok now",))]
    assert changes[3].findings == ()
    assert "More" in changes[3].plan


def test_a_fix_for_a_hop_sees_that_hop(tmp_path: Path) -> None:
    """A check `per: hop` is mended for the hop it failed for, and is asked again for that one."""
    versions = {
        "releases": ["1.0", "1.1", "2.0"],
        "hops": [{"from": "1.0", "to": "1.1", "phases": ["work"]}, {"from": "1.1", "to": "2.0", "phases": ["work"]}],
    }
    check = {
        "id": "room",
        "title": "Folder of ${{ hop.to }}",
        "per": "hop",
        "file": f"{tmp_path}/${{{{ hop.to }}}}",
        "fix": {"title": "Make ${{ hop.to }}", "run": ["mkdir", f"{tmp_path}/${{{{ hop.to }}}}"]},
    }
    journey = Journey(tmp_path, guide(phase(step("go", "true")), checks=[check], versions=versions))
    operator = ScriptedOperator({"proceed": Turns("fix:room@2.0", "fix:room@1.1", "start")})
    assert journey.begin(operator) is ExitCode.DONE
    assert (tmp_path / "1.1").is_dir()
    assert (tmp_path / "2.0").is_dir()


def test_stopping_after_a_fix_does_not_say_that_nothing_was_changed(tmp_path: Path) -> None:
    """A fix has changed the machine; what is certain is that no step was begun, and the status says so too."""
    check = {
        "id": "there",
        "title": "It is there",
        "file": str(tmp_path / "there"),
        "fix": {"title": "Make it", "run": ["touch", str(tmp_path / "there")]},
    }
    journey = Journey(tmp_path, guide(phase(step("go", "true")), checks=[check]))
    with pytest.raises(StoppedError, match="before the first step"):
        journey.begin(ScriptedOperator({"proceed": Turns("fix:there", "stop")}))
    assert session_status(journey.folder.name).reversible == "no step was begun; what a fix changed stays"


def test_a_session_is_compared_by_what_really_differs(tmp_path: Path) -> None:
    """The id of the session, its folder and that of its pinned guide stand in its commands, and are no difference."""
    use = 'echo "${{ session.id }} ${{ session.folder }} ${{ guide.folder }} ${{ answers.word }}"'
    journey = Journey(tmp_path, guide(phase(step("use", use)), questions=with_question("one")))
    assert journey.begin(ScriptedOperator({"word": "one"})) is ExitCode.DONE
    guide_file = str(journey.file)
    same = compared(guide_file, None, (*SETS, "word=one"), journey.folder.name, "json")
    assert [change for change in json.loads(same) if not change["kind"].endswith("duration")] == []
    other = json.loads(compared(guide_file, None, (*SETS, "word=two"), journey.folder.name, "json"))
    changed = [change for change in other if change["kind"] == "commands"]
    assert len(changed) == 1
    assert changed[0]["before"].replace(" one", " two") == changed[0]["after"]


def test_a_plan_written_to_a_file_is_compared_as_it_is(tmp_path: Path) -> None:
    """What `wizard plan --format json` wrote needs no session."""
    journey = Journey(tmp_path, guide(phase(step("use", "echo ${{ answers.word }}")), questions=with_question("one")))
    before = tmp_path / "before.json"
    before.write_text(preview(str(journey.file), None, (*SETS, "word=one"), "json"))
    assert json.loads(compared(str(journey.file), None, (*SETS, "word=one"), str(before), "json")) == []
    changes = json.loads(compared(str(journey.file), None, (*SETS, "word=two"), str(before), "json"))
    assert [change["kind"] for change in changes] == ["commands"]


def test_looking_says_what_keeps_a_run_from_starting(tmp_path: Path) -> None:
    """Each finding says whether it blocks, what would mend it, and the last line counts."""
    checks = [
        {"id": "there", "title": "There", "file": f"{tmp_path}/no", "fix": {"title": "Make it", "run": ["true"]}},
        {"id": "less", "title": "Less", "expr": "false", "blocks": "bypassable", "say": "It is slow."},
        {"id": "hint", "title": "Hint", "expr": "false", "blocks": "never"},
        {"id": "well", "title": "Well", "expr": "true"},
    ]
    journey = Journey(tmp_path, guide(phase(step("go", "true")), checks=checks))
    text, blocked = check_only(str(journey.file), None, SETS, "text")
    assert blocked
    lines = text.splitlines()
    assert "fail     There (blocks)" in lines
    assert "         fix: Make it (`wizard run` offers it)" in lines
    assert "fail     Less (may be bypassed): It is slow." in lines
    assert {"risk     Hint", "ok       Well"} <= set(lines)
    assert lines[-1] == "2 of 4 findings keep a run from starting."


def test_an_answer_that_the_machine_contradicts_is_told(tmp_path: Path) -> None:
    """What was given counts, and what the machine says instead is shown beside it, with its source."""
    (tmp_path / "version").write_text("1.1\n")
    now = {"id": "current_version", "label": "Now", "type": "version", "found_in": "facts.deployed"}
    then = {"id": "target_version", "label": "Then", "type": "version"}
    journey = Journey(
        tmp_path,
        guide(
            phase(step("go", "true")),
            facts={"deployed": {"command": ["cat", f"{tmp_path}/version"]}},
            questions=[{"section": "All", "ask": [now, then]}],
        ),
    )
    operator = ScriptedOperator()
    assert journey.begin(operator) is ExitCode.DONE
    warned = [one.text for one in operator.told(Said) if one.kind == "warning"]
    assert warned == ['Now: the machine says "1.1" (facts.deployed)']


def test_the_newest_release_is_a_default_that_can_be_taken(tmp_path: Path) -> None:
    """What a person is shown as the default an answers file can ask for by that word."""
    journey = Journey(tmp_path, guide(phase(step("go", "true"))), sets=("current_version=1.0",))
    shown = preview(str(journey.file), None, (*journey.sets, "target_version={take: default}"), "json")
    assert [hop["to_version"] for hop in json.loads(shown)["hops"]] == ["2.0"]
