"""What hangs on an answer: facts, questions, findings and plan after it was changed; hops, stops and secret rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import Gone, ScriptedOperator, Turns
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from wizard.assemble import store
from wizard.errors import ExitCode, StoppedError, UsageError, VersionPathError
from wizard.run.events import AnswerTaken, ChecksEnded, CommandStarted, FactRead, Said
from wizard.run.operator import Back
from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from pathlib import Path

PIN = "hush-hush-hush"


def said(operator: ScriptedOperator) -> str:
    """Everything that was said in words."""
    return "\n".join(one.text for one in operator.told(Said))


def facts_read(operator: ScriptedOperator) -> list[str]:
    """Ids of the facts that were read, in order."""
    return [one.reading.id for one in operator.told(FactRead)]


def left_behind(journey: Journey, value: str) -> list[Path]:
    """Files of the session that hold a value."""
    return [path for path in journey.folder.rglob("*") if path.is_file() and value.encode() in path.read_bytes()]


# -- versions ------------------------------------------------------------------------------------


def test_a_mistyped_version_is_asked_again(tmp_path: Path) -> None:
    """A path that leads nowhere is told with the way out, and either version can be answered again."""
    journey = Journey(tmp_path, guide(phase(step("one", "true"))), ("current_version=2.0",))
    operator = ScriptedOperator(
        {
            "target_version": Turns("1.0", "2.0"),
            "current_version": "1.0",
            "version-path": Turns("target_version", "current_version"),
        }
    )
    assert journey.begin(operator) is ExitCode.DONE
    asked = [request for key, request in operator.asked if key == "version-path"]
    assert "would be a downgrade" in asked[0].text
    assert "restore the backup" in asked[0].text
    assert "2.0 runs already" in asked[1].text
    again = [request for key, request in operator.asked if key == "target_version"][1]
    assert (again.previous, "downgrade" in again.problem) == ("1.0", True)


def test_nobody_there_an_impossible_path_ends_before_missing_answers_are_told(tmp_path: Path) -> None:
    """The path comes first: exit 21, although answers are missing too, and no session is left behind."""
    more = {"section": "More", "ask": [{"id": "name", "label": "Name", "type": "text"}]}
    sets = ("current_version=2.0", "target_version=1.0")
    journey = Journey(tmp_path, guide(phase(step("one", "true")), questions=[VERSIONS, more]), sets)
    with pytest.raises(VersionPathError):
        journey.begin(ScriptedOperator(attended=False))
    assert store().listing().sessions == ()


# -- facts, questions, findings and plan ---------------------------------------------------------


def wide(tmp_path: Path, *steps: dict[str, Any]) -> Journey:
    """A guide whose facts, questions, checks and steps hang on a folder."""
    for name, size in (("a", "5"), ("b", "50")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "size").write_text(size, encoding="utf-8")
    (tmp_path / "a" / "ready").touch()
    questions = {
        "section": "Place",
        "ask": [
            {"id": "place", "label": "Place", "type": "path"},
            {"id": "backup", "label": "Backup", "type": "path", "default": "${{ answers.place }}/backup"},
            {"id": "many", "label": "Many", "type": "yes_no", "when": "facts.size.n > 10"},
        ],
    }
    facts = {
        "size": {"command": "cat ${{ answers.place }}/size", "match": r"(?P<n>\d+)", "as": {"n": "number"}},
        "other": {"command": "echo 1", "match": r"(?P<n>\d+)"},
    }
    checks = [{"id": "ready", "title": "Ready", "file": "${{ answers.place }}/ready", "blocks": "never"}]
    steps = steps or (
        step("copy", ["echo", "${{ answers.place }}", "${{ answers.backup }}", "${{ facts.other.n }}"]),
        step("more", "true", when="answers.many"),
    )
    return Journey(tmp_path, guide(phase(*steps), questions=[VERSIONS, questions], facts=facts, checks=checks))


def test_changing_an_answer_after_the_plan_says_what_changed(tmp_path: Path) -> None:
    """The fact made of it is read again and no other; default, question, finding and plan follow, each told."""
    journey = wide(tmp_path)
    place, other = str(tmp_path / "a"), str(tmp_path / "b")
    operator = ScriptedOperator(
        {
            "place": Turns(place, other),
            "many": True,
            "answers": "answer:place",
            "proceed": Turns("answers", "start"),
        }
    )
    assert journey.begin(operator) is ExitCode.DONE
    assert facts_read(operator) == ["other", "size", "size"]
    _, again = [request for key, request in operator.asked if key == "proceed"]
    words = f"{said(operator)}\n{again.changes.text()}"
    for expected in (
        "The fact size was",
        "Open again: Backup: '",
        "was taken from the default, and now '",
        "Ready: was ok, is risk now",
        "What is different in the plan:",
        "More is part of the run now",
        f"is:  echo {other}",
    ):
        # Lines are broken where the folder of the test happens to be long.
        assert "".join(expected.split()) in "".join(words.split()), words
    assert [key for key, _ in operator.asked if key in ("place", "backup", "many")] == [
        "place", "backup", "place", "backup", "many",
    ]  # fmt: skip
    (choice,) = [request for key, request in operator.asked if key == "answers"]
    labels = {one.key: one.label for one in choice.choices}
    assert labels["answer:place"].startswith("Place: /")
    assert labels["answer:place"].endswith("(operator)")
    assert labels["answer:backup"].endswith("(default)")
    (shown,) = [event.shown for event in operator.told(CommandStarted) if "echo" in event.shown]
    assert shown == f"echo {other} {other}/backup 1"


def test_a_question_that_goes_takes_its_answer_along(tmp_path: Path) -> None:
    """Going back before the plan reads the fact again too, and what is not asked any more is said."""
    journey = wide(tmp_path)
    operator = ScriptedOperator(
        {
            "place": Turns(str(tmp_path / "b"), str(tmp_path / "a")),
            "backup": Turns("/b", Back, "/b"),
            "many": Turns(Back, True),
        }
    )
    # b: many is asked; back to backup, back to place; a: many is not asked any more.
    assert journey.begin(operator) is ExitCode.DONE
    assert facts_read(operator) == ["other", "size", "size"]
    assert "many" not in journey.state.answers
    assert len(operator.told(CommandStarted)) == 1


def test_what_was_read_for_a_gone_answer_is_not_known_after_a_kill(tmp_path: Path) -> None:
    """The front end dies right behind a dropped answer: the resumed driver reads everything again, with the new one."""
    journey = wide(tmp_path)
    gone = ScriptedOperator({"place": Turns(str(tmp_path / "b"), Gone), "backup": Turns(Back)})
    with pytest.raises(Gone):
        journey.begin(gone)
    assert journey.state.facts["size"]["value"] == {"n": 50}
    later = ScriptedOperator({"place": str(tmp_path / "a")})
    assert journey.resume(later) is ExitCode.DONE
    assert all(key != "many" for key, _ in later.asked)
    assert sorted(facts_read(later)) == ["other", "size"]
    assert journey.state.facts["size"]["value"] == {"n": 5}


def test_two_sources_that_differ_are_both_put_before_a_person(tmp_path: Path) -> None:
    """Each with where it comes from; the one taken keeps its source in the journal."""
    (tmp_path / "one").write_text("PORT=80\n", encoding="utf-8")
    (tmp_path / "two").write_text("PORT=90\n", encoding="utf-8")
    ask = {"section": "P", "ask": [
        {"id": "port", "label": "Port", "type": "number", "found_in": ["facts.one.PORT", "facts.two.PORT"]},
    ]}  # fmt: skip
    facts = {name: {"dotenv": str(tmp_path / name)} for name in ("one", "two")}
    parts = guide(phase(step("use", ["echo", "${{ string(answers.port) }}"])), questions=[VERSIONS, ask], facts=facts)
    journey = Journey(tmp_path, parts)
    operator = ScriptedOperator({"port": 90})
    assert journey.begin(operator) is ExitCode.DONE
    (asked,) = [request for key, request in operator.asked if key == "port"]
    assert [(one.value, one.evidence) for one in asked.proposals] == [(80, "facts.one.PORT"), (90, "facts.two.PORT")]
    assert journey.state.answers["port"]["source"] == "machine"


def test_an_answer_the_plan_was_made_of_is_settled(tmp_path: Path) -> None:
    """`--set` of a resume is refused where it says something else, and goes through where it says the same."""
    ask = {"section": "W", "ask": [{"id": "wide", "label": "Wide", "type": "yes_no"}]}
    steps = (step("break", "test -e mended", rerun="safe"), step("use", "true", when="answers.wide"))
    parts = guide(phase(*steps), questions=[VERSIONS, ask], defaults={"folder": str(tmp_path)})
    journey = Journey(tmp_path, parts)
    assert journey.begin(ScriptedOperator({"wide": True, "failed:break": "stop"})) is not ExitCode.DONE
    (tmp_path / "mended").touch()
    with pytest.raises(UsageError, match="--set wide: the plan of this session was made with true"):
        journey.resume(ScriptedOperator(), sets=("wide=no",))
    operator = ScriptedOperator({"failed:break": "again"})
    assert journey.resume(operator, sets=("wide=yes", "target_version=v2.0")) is ExitCode.DONE


# -- hops ----------------------------------------------------------------------------------------


def hops(tmp_path: Path, *steps: dict[str, Any], **parts: Any) -> Journey:
    """A guide of two hops, from 1.3 over 1.4 to 1.5, with a backup folder, a fact and a check for each."""
    ask = {"section": "B", "ask": [{"id": "backup", "label": "Backup", "type": "path", "per": "hop"}]}
    made = guide(phase(*steps), **{"questions": [VERSIONS, ask], "defaults": {"folder": str(tmp_path)}, **parts})
    made["versions"] = {
        "releases": ["1.3", "1.4", "1.5"],
        "one_at_a_time": "minor",
        "hops": [{"phases": ["work"]}],
        **parts.get("versions", {}),
    }
    return Journey(tmp_path, made, ("current_version=1.3", "target_version=1.5"))


def test_inside_a_hop_an_answer_is_that_of_the_hop(tmp_path: Path) -> None:
    """In plan, commands, facts and checks; the journal keeps each under its own key."""
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"made for {name}\n", encoding="utf-8")
    journey = hops(
        tmp_path,
        step("log", 'echo "${{ hop.to }} ${{ answers.backup }} ${{ facts.made.of }}" >> effects'),
        facts={"made": {"command": "cat ${{ answers.backup }}", "match": "for (?P<of>.*)", "per": "hop"}},
        checks=[{"id": "there", "title": "There", "file": "${{ answers.backup }}", "per": "hop"}],
    )
    operator = ScriptedOperator({"backup@1.4": str(tmp_path / "one"), "backup@1.5": str(tmp_path / "two")})
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == [f"1.4 {tmp_path}/one one", f"1.5 {tmp_path}/two two"]
    assert sorted(journey.state.answers) == ["backup@1.4", "backup@1.5", "current_version", "target_version"]
    first, second = operator.told(ChecksEnded)[:2]
    assert [(one.key, one.title) for one in first.findings if one.key.startswith("there")] == [
        ("there@1.4", "There (1.3 -> 1.4)"),
        ("there@1.5", "There (1.4 -> 1.5)"),
    ]
    assert [one.key for one in second.findings] == ["there@1.5"]
    assert facts_read(operator) == ["made@1.4", "made@1.5"]


def test_a_check_of_a_hop_blocks_where_the_hop_begins(tmp_path: Path) -> None:
    """What was fine before the start is looked at again, and the first hop stays done."""
    (tmp_path / "one").touch()
    (tmp_path / "two").touch()
    journey = hops(
        tmp_path,
        step("spoil", "rm -f two && echo ${{ hop.to }} >> effects"),
        checks=[{"id": "there", "title": "There", "file": "${{ answers.backup }}", "per": "hop"}],
    )
    answers = {"backup@1.4": str(tmp_path / "one"), "backup@1.5": str(tmp_path / "two")}
    operator = ScriptedOperator({**answers, "hop:2": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert journey.lines() == ["1.4"]
    (tmp_path / "two").touch()
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["1.4", "1.5"]


def test_another_target_asks_and_drops_hops(tmp_path: Path) -> None:
    """After the plan was shown: the answers of hops that go are dropped, those of new ones asked."""
    journey = hops(tmp_path, step("log", "echo ${{ answers.backup }} >> effects"))
    journey.sets = ("current_version=1.3",)
    operator = ScriptedOperator(
        {
            "target_version": Turns("1.5", "1.4", "1.4.2"),
            "backup@1.4": "/four", "backup@1.5": "/five", "backup@1.4.2": "/patch",
            "answers": Turns("answer:target_version", "answer:target_version"),
            "proceed": Turns("answers", "answers", "start"),
        }
    )  # fmt: skip
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["/patch"]
    assert "Not asked any more: Backup (1.5)" in said(operator)
    assert sorted(journey.state.answers) == ["backup@1.4.2", "current_version", "target_version"]


def test_the_release_of_a_stop_is_asked_and_walked(tmp_path: Path) -> None:
    """The chosen release is the end of its hop; a resumed session still knows it."""
    journey = hops(
        tmp_path, step("log", "echo ${{ hop.from }} ${{ hop.to }} >> effects"),
        questions=[VERSIONS], versions={"stop_release": "ask"},
    )  # fmt: skip
    operator = ScriptedOperator({"stop_release@1.4": "1.4.7", "proceed": "stop"})
    with pytest.raises(StoppedError):
        journey.begin(operator)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["1.3 1.4.7", "1.4.7 1.5"]


def test_unattended_each_hop_must_be_answered(tmp_path: Path) -> None:
    """One value serves all hops; what is missing is listed hop by hop."""
    journey = hops(tmp_path, step("log", "echo ${{ hop.to }} ${{ answers.backup }} >> effects"))
    base = journey.sets
    journey.sets = (*base, "backup@1.4=/four")
    with pytest.raises(Exception, match=r"no answer: Backup \(1\.4 -> 1\.5\)"):
        journey.begin(ScriptedOperator(attended=False))
    journey.sets = (*base, "backup=/all", "backup@1.5=/five")
    operator = ScriptedOperator(attended=False)
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["1.4 /all", "1.5 /five"]
    labels = [(one.label, one.answer.value) for one in operator.told(AnswerTaken)]
    assert ("Backup (1.5)", "/five") in labels


# -- secrets in rows -----------------------------------------------------------------------------

USERS = {
    "section": "U",
    "ask": [
        {
            "id": "users", "label": "Users", "type": "table",
            "columns": [{"id": "name", "label": "Name"}, {"id": "pin", "label": "PIN", "type": "secret"}],
        }
    ],
}  # fmt: skip
ROWS = [{"name": "ann", "pin": Secret(PIN)}, {"name": "bob", "pin": Secret(PIN + "-2")}]


def with_users(tmp_path: Path, *steps: dict[str, Any]) -> Journey:
    """A guide that gives the PIN of the second user to a command."""
    use = step("use", 'printf %s "$PIN" | wc -c >> effects; echo "$PIN"', env={"PIN": "${{ answers.users[1].pin }}"})
    parts = guide(phase(*steps, use), questions=[VERSIONS, USERS], defaults={"folder": str(tmp_path)})
    return Journey(tmp_path, parts)


def test_a_secret_in_a_row_reaches_its_command_and_nothing_else(tmp_path: Path) -> None:
    """The journal keeps the row with a mask, and no file of the session holds the secret."""
    journey = with_users(tmp_path)
    assert journey.begin(ScriptedOperator({"users": ROWS})) is ExitCode.DONE
    assert journey.lines() == [str(len(PIN) + 2)]
    kept = journey.state.answers["users"]
    assert kept["value"] == [{"name": "ann", "pin": MASK}, {"name": "bob", "pin": MASK}]
    assert left_behind(journey, PIN) == []


def test_a_loop_over_rows_gives_each_item_its_secret(tmp_path: Path) -> None:
    """The plan masks the items; each command gets the secret of its own row."""
    use = step("use", 'printf %s "$PIN" | wc -c >> effects', for_each={"user": "answers.users"})
    use["env"] = {"PIN": "${{ user.pin }}"}
    parts = guide(phase(use), questions=[VERSIONS, USERS], defaults={"folder": str(tmp_path)})
    journey = Journey(tmp_path, parts)
    assert journey.begin(ScriptedOperator({"users": ROWS})) is ExitCode.DONE
    assert journey.lines() == [str(len(PIN)), str(len(PIN) + 2)]
    assert left_behind(journey, PIN) == []


def test_secrets_in_rows_are_asked_again_on_resume(tmp_path: Path) -> None:
    """Each by its row; a mask is never taken for the secret."""
    journey = with_users(tmp_path, step("break", "test -e mended", rerun="safe"))
    assert journey.begin(ScriptedOperator({"users": ROWS, "failed:break": "stop"})) is not ExitCode.DONE
    (tmp_path / "mended").touch()
    operator = ScriptedOperator({"users[0].pin": PIN, "users[1].pin": PIN + "-2", "failed:break": "again"})
    assert journey.resume(operator) is ExitCode.DONE
    asked = [request.label for key, request in operator.asked if key.startswith("users[")]
    assert asked == ["Users: PIN of 'ann'", "Users: PIN of 'bob'"]
    assert journey.lines() == [str(len(PIN) + 2)]
    assert left_behind(journey, PIN) == []


def test_rows_given_again_by_a_file_are_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all other cells are as they were; a table that differs is not taken for it."""
    monkeypatch.setenv("A", PIN)
    monkeypatch.setenv("B", PIN + "-2")
    journey = with_users(tmp_path, step("break", "test -e mended", rerun="safe"))
    file = tmp_path / "answers.yaml"
    rows = "answers: {users: [{name: ann, pin: env:A}, {name: %s, pin: env:B}]}\n"
    file.write_text(rows % "bob", encoding="utf-8")
    operator = ScriptedOperator({"failed:break": "stop"})
    assert journey.begin(operator, answers=str(file)) is not ExitCode.DONE
    (tmp_path / "mended").touch()
    other = tmp_path / "other.yaml"
    other.write_text(rows % "eve", encoding="utf-8")
    asking = ScriptedOperator({"users[0].pin": StoppedError("asked")})
    with pytest.raises(StoppedError, match="asked"):
        journey.resume(asking, answers=str(other))
    assert journey.resume(ScriptedOperator({"failed:break": "again"}), answers=str(file)) is ExitCode.DONE
    assert journey.lines() == [str(len(PIN) + 2)]


def test_a_table_with_secrets_is_filled_in_again_before_the_plan(tmp_path: Path) -> None:
    """A session that is resumed while it asks shows the rows it had, without their secrets."""
    journey = with_users(tmp_path)
    with pytest.raises(StoppedError):
        journey.begin(ScriptedOperator({"users": ROWS, "proceed": "stop"}))
    operator = ScriptedOperator({"users": ROWS})
    assert journey.resume(operator) is ExitCode.DONE
    (asked,) = [request for key, request in operator.asked if key == "users"]
    assert asked.previous == [{"name": "ann"}, {"name": "bob"}]
