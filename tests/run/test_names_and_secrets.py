"""What was masked is never taken for the real value; secrets reach what needs them, and nothing else."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from wizard.assemble import Begin, begin
from wizard.errors import ExitCode, StoppedError
from wizard.expressions import ABSENT
from wizard.questions.model import AnswersFile
from wizard.run.events import ChecksEnded, CommandStarted, Difference, Said
from wizard.run.records import unmasked, veiled
from wizard.run.state import StepStatus
from wizard.secrets import MASK, Secret, masked
from wizard.unattended import UnattendedOperator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.run.operator import Operator

TOKEN = "tok-5f2a9c"
ASK = {"section": "Secrets", "ask": [{"id": "password", "label": "Password", "type": "secret"}]}


def journey_with(tmp_path: Path, *steps: dict[str, Any], **parts: Any) -> Journey:
    """A journey whose commands work in `tmp_path`."""
    defaults = {"folder": str(tmp_path), **parts.pop("defaults", {})}
    return Journey(tmp_path, guide(phase(*steps), defaults=defaults, **parts))


def left_behind(journey: Journey, value: str) -> list[Path]:
    """Files of the session that hold a value; copies of edited files hold what the files held."""
    files = (path for path in journey.folder.rglob("*") if path.is_file() and path.parent.name != "copies")
    return [path for path in files if value.encode() in path.read_bytes()]


def with_settings(tmp_path: Path, *steps: dict[str, Any]) -> Journey:
    """A journey with a fact that reads a token."""
    (tmp_path / "app.env").write_text(f"API_TOKEN={TOKEN}\nPORT=80\n", encoding="utf-8")
    return journey_with(tmp_path, *steps, facts={"s": {"dotenv": str(tmp_path / "app.env")}})


def copying(tmp_path: Path) -> dict[str, Any]:
    """A step that writes the token of the fact into a file."""
    (tmp_path / "new.env").write_text("OLD=\n", encoding="utf-8")
    return step("copy", edit={"file": str(tmp_path / "new.env"), "set": {"OLD": "${{ facts.s.API_TOKEN }}"}})


def test_an_edit_writes_the_value_and_not_its_mask(tmp_path: Path) -> None:
    """A fact that the journal masks is written as it was read, and is nowhere in the session."""
    journey = with_settings(tmp_path, copying(tmp_path))
    assert journey.begin() is ExitCode.DONE
    assert journey.lines("new.env") == [f"OLD={TOKEN}"]
    assert left_behind(journey, TOKEN) == []


def test_a_masked_fact_is_read_again_after_a_resume(tmp_path: Path) -> None:
    """Another process has only the journal's mask: it reads the fact again where a step needs it."""
    journey = with_settings(tmp_path, step("sure", confirm="Sure?"), copying(tmp_path))
    journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"}))
    assert journey.state.facts["s"]["value"]["API_TOKEN"] == MASK
    assert journey.resume() is ExitCode.DONE
    assert journey.lines("new.env") == [f"OLD={TOKEN}"]
    assert left_behind(journey, TOKEN) == []


def test_what_cannot_be_read_again_is_absent(tmp_path: Path) -> None:
    """Where the real value is gone the step fails in words, and goes on once it is back; no mask is written."""
    journey = with_settings(tmp_path, step("sure", confirm="Sure?"), copying(tmp_path))
    journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"}))
    (tmp_path / "app.env").write_text("PORT=80\n", encoding="utf-8")
    operator = ScriptedOperator({"failed:copy": "stop"})
    assert journey.resume(operator) is ExitCode.STOPPED
    assert "API_TOKEN of “s”: it was not in" in dict(operator.asked)["failed:copy"].text
    assert journey.lines("new.env") == ["OLD="]
    (tmp_path / "app.env").write_text(f"API_TOKEN={TOKEN}\nPORT=81\n", encoding="utf-8")
    assert journey.resume() is ExitCode.DONE
    assert journey.lines("new.env") == [f"OLD={TOKEN}"]
    assert journey.state.facts["s"]["value"] == {"API_TOKEN": MASK, "PORT": "80"}
    assert left_behind(journey, TOKEN) == []


def test_a_captured_token_reaches_the_next_command(tmp_path: Path) -> None:
    """By the environment, as what it is; the journal has the mask alone."""
    make = step("make", f"echo reset: {TOKEN}", capture={"reset_token": "^reset: (.+)$"})
    use = step("use", 'printf %s "$RESET" > got', env={"RESET": "${{ captured.reset_token }}"})
    journey = journey_with(tmp_path, make, use)
    assert journey.begin() is ExitCode.DONE
    assert journey.lines("got") == [TOKEN]
    assert journey.state.captured["reset_token"] == MASK


def test_a_captured_token_is_absent_after_a_resume(tmp_path: Path) -> None:
    """What a command said cannot be had again, and its mask is not used in its place."""
    make = step("make", f"echo reset: {TOKEN}", capture={"reset_token": "^reset: (.+)$"})
    use = step("use", 'printf %s "$RESET" > got', env={"RESET": "${{ captured.reset_token }}"})
    journey = journey_with(tmp_path, make, step("sure", confirm="Sure?"), use)
    journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"}))
    operator = ScriptedOperator({"failed:use": "stop"})
    assert journey.resume(operator) is ExitCode.STOPPED
    assert "captured.reset_token is absent" in dict(operator.asked)["failed:use"].text
    assert not (tmp_path / "got").exists()


@pytest.mark.parametrize(
    ("real", "opened"),
    [
        ({"a": {"token": "x-y-z", "n": 1}}, {"a": {"token": Secret("x-y-z"), "n": 1}}),
        ({"list": ["a", {"secret": "s"}]}, {"list": ["a", {"secret": Secret("s")}]}),
    ],
)
def test_masked_values_are_opened_again(real: Any, opened: Any) -> None:
    """What the journal masks comes back as a Secret; without a counterpart it is absent, never the mask."""
    kept = masked(veiled(real))
    assert unmasked(kept, veiled(real)) == opened
    assert MASK not in str(unmasked(kept, None))
    assert unmasked(MASK, Secret(MASK)) is ABSENT


def test_an_answer_that_looks_like_a_password_stays_whole(tmp_path: Path) -> None:
    """A password that is also a word of paths and names must not change by what a resume finds its way."""
    section = {"section": "Where", "ask": [*ASK["ask"], {"id": "name", "label": "Name", "type": "text"}]}
    journey = journey_with(
        tmp_path,
        step("zammad-one", "true", env={"PW": "${{ answers.password }}"}),
        step("sure", confirm="Sure?"),
        step("use", ["sh", "-c", 'echo "$0" >> effects', "${{ answers.name }}"]),
        questions=[VERSIONS, section],
    )
    replies = {"password": Secret("zammad"), "name": "zammad-one"}
    journey.begin(ScriptedOperator({**replies, "sure": False, "failed:sure": "stop"}))
    assert journey.resume(ScriptedOperator(replies)) is ExitCode.DONE
    assert journey.lines() == ["zammad-one"]
    assert journey.state.step("1/work/zammad-one").status is StepStatus.DONE


@pytest.mark.parametrize("by", ["defaults", "values"])
def test_secrets_of_the_surroundings_are_asked_again(tmp_path: Path, by: str) -> None:
    """A secret that a step uses only through `defaults` or `values` is known again before the step."""
    parts: dict[str, Any] = {"questions": [VERSIONS, ASK]}
    use = step("use", 'test "$PW" = "open sesame" && echo right >> effects')
    if by == "defaults":
        parts["defaults"] = {"env": {"PW": "${{ answers.password }}"}}
    else:
        parts["values"] = {"inner": "answers.password", "outer": "values.inner"}
        use["env"] = {"PW": "${{ values.outer }}"}
    journey = journey_with(tmp_path, step("sure", confirm="Sure?"), use, **parts)
    answers = {"password": Secret("open sesame")}
    journey.begin(ScriptedOperator({**answers, "sure": False, "failed:sure": "stop"}))
    operator = ScriptedOperator(answers)
    assert journey.resume(operator) is ExitCode.DONE
    assert operator.keys().count("password") == 1
    assert journey.lines() == ["right"]


def unrelated(tmp_path: Path) -> Journey:
    """A journey that is left before an edit of a file which holds a secret that the edit does not use."""
    (tmp_path / "db.conf").write_text("url: db://open-sesame@host\nport: 1\n", encoding="utf-8")
    lines = [{"find": "^port: 1$", "put": "port: 2"}]
    journey = journey_with(
        tmp_path,
        step("use", "true", env={"PW": "${{ answers.password }}"}),
        step("sure", confirm="Sure?"),
        step("port", edit={"file": str(tmp_path / "db.conf"), "lines": lines}),
        questions=[VERSIONS, ASK],
    )
    journey.begin(ScriptedOperator({"password": Secret("open-sesame"), "sure": False, "failed:sure": "stop"}))
    return journey


def test_a_person_gives_every_secret_before_a_resumed_walk_goes_on(tmp_path: Path) -> None:
    """What is not known cannot be hidden: it is asked for once, first, and then masked."""
    journey = unrelated(tmp_path)
    operator = ScriptedOperator({"password": Secret("open-sesame")})
    assert journey.resume(operator) is ExitCode.DONE
    assert operator.keys()[0] == "password"
    shown = operator.told(Difference)[0].lines
    assert "+port: 2" in shown
    assert "open-sesame" not in str(shown)


def test_alone_a_difference_shows_names_while_a_secret_is_not_known(tmp_path: Path) -> None:
    """Nobody is asked for what no step needs, and no value of the file is shown."""
    journey = unrelated(tmp_path)
    operator = ScriptedOperator({"sure": True}, attended=False)
    assert journey.resume(operator) is ExitCode.DONE
    assert {"password"}.isdisjoint(operator.keys())
    shown = operator.told(Difference)[0].lines
    assert f"+port: {MASK}" in shown
    assert "open-sesame" not in str(shown)
    assert journey.lines("db.conf")[1] == "port: 2"


def test_passed_variables_are_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pass_env` reaches the command; neither the spec nor the output nor the journal has its value."""
    monkeypatch.setenv("DEPLOY_TOKEN", TOKEN)
    journey = journey_with(
        tmp_path, step("use", 'printf %s "$DEPLOY_TOKEN" > got; echo "$DEPLOY_TOKEN"', pass_env=["DEPLOY_TOKEN"])
    )
    assert journey.begin() is ExitCode.DONE
    assert journey.lines("got") == [TOKEN]
    assert left_behind(journey, TOKEN) == []


def test_checks_get_passed_variables_and_do_not_show_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check runs in the guide's surroundings; what it prints of them is masked in its finding."""
    monkeypatch.setenv("DEPLOY_TOKEN", TOKEN)
    check = {"id": "look", "title": "Look", "command": {"run": 'echo "$DEPLOY_TOKEN"; exit 1'}, "blocks": "never"}
    journey = journey_with(tmp_path, step("a", "true"), defaults={"pass_env": ["DEPLOY_TOKEN"]}, checks=[check])
    operator = ScriptedOperator()
    assert journey.begin(operator) is ExitCode.DONE
    finding = operator.told(ChecksEnded)[0].findings[-1]
    assert not finding.passed
    assert TOKEN not in str(finding)
    assert left_behind(journey, TOKEN) == []


def test_a_user_who_does_not_exist_is_a_finding(tmp_path: Path) -> None:
    """The preparation ends with a finding that blocks, whatever else is found, and with no crash."""
    check = {"id": "look", "title": "Look", "command": {"run": "true"}}
    section = {"section": "Who", "ask": [{"id": "who", "label": "Who", "type": "text"}]}
    journey = journey_with(
        tmp_path,
        step("a", "true"),
        defaults={"user": "${{ answers.who }}"},
        checks=[check],
        questions=[VERSIONS, section],
    )
    operator = ScriptedOperator({"who": "nobody-of-that-name", "proceed": "stop"})
    with pytest.raises(StoppedError, match="stopped before the first step"):
        journey.begin(operator)
    found = {one.key: one for one in operator.told(ChecksEnded)[0].findings}
    assert found["wizard-users"].blocking
    assert "nobody-of-that-name" in found["wizard-users"].title
    assert not found["look"].passed


def test_a_rehearsal_has_stand_ins_of_the_declared_types(tmp_path: Path) -> None:
    """Captures that are numbers, versions or sizes can be reckoned with, though nothing ran."""
    captures = {
        "count": {"match": r"(\d+)", "as": "number"},
        "free": {"match": "free (.+)", "as": "size"},
        "version": {"match": "v(.+)", "as": "version"},
        "names": {"match": "name (.+)", "all": True},
        "word": "word (.+)",
    }
    uses = (
        "echo ${{ int(captured.count) + 1 }} ${{ int(captured.free) * 2 }} ${{ captured.version }} ${{ captured.word }}"
    )
    journey = journey_with(
        tmp_path,
        step("ask", "true", capture=captures),
        step("use", uses, when='in_range(captured.version, ">=1.0") && size(captured.names) == 1'),
    )
    operator = ScriptedOperator()
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    assert operator.told(CommandStarted)[-1].shown == "echo 2 2 1.0.0 '<word>'"


@pytest.mark.parametrize("there", [None, "without it\n"], ids=["no file", "no such line"])
def test_a_rehearsal_goes_past_a_file_that_a_step_would_make(tmp_path: Path, there: str | None) -> None:
    """It is said that the file is not as the edit needs it, and the rehearsal goes on; for real it is a failure."""
    if there is not None:
        (tmp_path / "later.conf").write_text(there, encoding="utf-8")
    lines = [{"find": "^a$", "put": "b"}]
    steps = (step("edit", edit={"file": str(tmp_path / "later.conf"), "lines": lines}), step("after", "true"))
    operator = ScriptedOperator()
    journey = journey_with(tmp_path, *steps)
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    assert any("later.conf cannot be shown in a rehearsal" in said.text for said in operator.told(Said))
    assert journey.status("after") == "done"
    real = ScriptedOperator({"failed:edit": "stop"})
    assert journey_with(tmp_path, *steps).begin(real) is ExitCode.STOPPED


def two_hops(tmp_path: Path, bypasses: dict[str, str]) -> ExitCode:
    """Walk two hops with nobody there; the first one's step makes a check fail that the second one begins with."""
    absent = {"path": str(tmp_path / "broken"), "is": "absent"}
    check = {"id": "whole", "title": "Whole", "file": absent, "blocks": "bypassable"}
    parts = guide(phase(step("work", "touch broken", rerun="safe")), defaults={"folder": str(tmp_path)}, checks=[check])
    hops = [{"from": "1.0", "to": "2.0", "phases": ["work"]}, {"from": "2.0", "to": "3.0", "phases": ["work"]}]
    parts["versions"] = {"releases": ["1.0", "2.0", "3.0"], "hops": hops}
    journey = Journey(tmp_path, parts, sets=("current_version=1.0", "target_version=3.0"))

    @contextmanager
    def nobody(_: AnswersFile) -> Iterator[Operator]:
        with UnattendedOperator(AnswersFile(bypasses=bypasses), {}, out=io.StringIO()) as operator:
            yield operator

    return begin(Begin(str(journey.file), sets=journey.sets), nobody)


def test_a_bypass_of_the_answers_file_counts_for_later_hops(tmp_path: Path) -> None:
    """Alone a later hop is kept from beginning by what blocks it, unless the answers file bypasses that."""
    assert two_hops(tmp_path, {}) is ExitCode.BLOCKED
    (tmp_path / "broken").unlink()
    assert two_hops(tmp_path, {"whole": "we know"}) is ExitCode.DONE


def test_an_undo_asks_only_for_the_secrets_of_the_steps_it_goes_over(tmp_path: Path) -> None:
    """Once each and before anything is done; where none of these steps uses one, nobody is asked."""
    used = {"env": {"PW": "${{ answers.password }}"}}
    journey = journey_with(
        tmp_path,
        step("first", "true", undo=[step("un-first", 'test "$PW" = open-sesame && echo back >> effects', **used)]),
        step("second", "true", undo=[step("un-second", "echo plain >> effects")]),
        step("set", edit={"file": str(tmp_path / "a.env"), "set": {"A": "1"}}),
        questions=[VERSIONS, ASK],
    )
    journey.begin(ScriptedOperator({"password": Secret("open-sesame")}))
    for name in ("set", "second"):
        nobody = ScriptedOperator()
        assert journey.undo(nobody, step=name) is ExitCode.DONE
        assert not [key for key, _ in nobody.asked if key == "password"]

    def ask(_: object) -> Secret:
        assert (tmp_path / "effects").read_text("utf-8") == "plain\n"
        return Secret("open-sesame")

    person = ScriptedOperator({"password": ask})
    assert journey.undo(person) is ExitCode.DONE
    assert person.keys().count("password") == 1
    assert (tmp_path / "effects").read_text("utf-8") == "plain\nback\n"
