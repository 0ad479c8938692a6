"""Exit codes, answers and what is data: each by a real command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.program import PROGRAM, Program, gone
from tests.run.journey import SETS, guide, phase, step
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = [word for one in SETS for word in ("--set", one)]


def one_step(run: Any, **more: Any) -> dict[str, Any]:
    """A guide of one command."""
    return guide(phase(step("only", run, **more)))


def unattended(program: Program, file: Path, *words: str) -> int:
    """Run a guide without anybody; gives the exit code."""
    return program.run("run", str(file), "--unattended", *GIVEN, *words).code


def test_a_run_that_ends_well_ends_0(program: Program) -> None:
    """The plainest case, and its command ran once."""
    file = program.guide(one_step(f"echo x >>{program.place}/effects"))
    assert unattended(program, file) == 0
    assert program.lines("effects") == ["x"]


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "demo", "--no-such-option"],
        ["run", "demo", "--detach"],
        ["undo", "--step", "1.1", "--phase", "1"],
        ["no-such-command"],
        ["status", "--format", "yaml"],
    ],
)
def test_wrong_usage_ends_2_with_words_on_stderr(program: Program, words: list[str]) -> None:
    """Click's mistakes and our own end alike, and leave no session."""
    ended = program.run(*words)
    assert ended.code == 2
    assert ended.err.strip()
    assert ended.out == ""
    assert program.sessions == []


def test_a_stopped_run_ends_10_and_can_be_resumed(program: Program) -> None:
    """TERM during a command: exit 10, the command runs on, and `resume` finds its end without a second run."""
    go = program.place / "go"
    os.mkfifo(go)
    file = program.guide(
        one_step(f"echo began >>{program.place}/effects; cat {go}; echo ended >>{program.place}/effects")
    )
    process = program.start("run", str(file), "--unattended", *GIVEN)
    until(lambda: program.lines("effects"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 10
    assert program.status()["state"] == "running", "the command needs no wizard to go on"
    go.write_text("")
    until(lambda: len(program.lines("effects")) == 2)

    resumed = program.run("resume", "--unattended")

    assert resumed.code == 0, resumed.err
    assert program.lines("effects") == ["began", "ended"]


def test_a_blocker_ends_20_and_nothing_has_run(program: Program) -> None:
    """A check that fails blocks, is named with what was seen, and the session says how to go on."""
    checks = [{"id": "there", "title": "It is there", "file": str(program.place / "nothing"), "remedy": "Make it."}]
    file = program.guide(guide(phase(step("only", f"touch {program.place}/effects")), checks=checks))
    ended = program.run("run", str(file), "--unattended", *GIVEN)
    assert ended.code == 20, ended.err
    assert "It is there" in ended.err
    assert "Make it." in ended.err
    assert not (program.place / "effects").exists()


def test_a_step_back_in_version_ends_21(program: Program) -> None:
    """There is no path from 2.0 to 1.0, and nothing else is said or done."""
    file = program.guide(one_step(f"touch {program.place}/effects"))
    sets = ["--set", "current_version=2.0", "--set", "target_version=1.0"]
    ended = program.run("run", str(file), "--unattended", *sets)
    assert ended.code == 21, ended.err
    assert "2.0" in ended.err
    assert "1.0" in ended.err
    assert not (program.place / "effects").exists()


def test_a_failed_step_ends_30(program: Program) -> None:
    """The command's last line is repeated."""
    file = program.guide(one_step("echo it broke here; exit 3"))
    ended = program.run("run", str(file), "--unattended", *GIVEN)
    assert ended.code == 30, ended.err
    assert "ended with exit 3" in ended.err
    assert program.status()["state"] == "failed"


def test_an_unknown_outcome_ends_31_and_is_not_repeated(program: Program) -> None:
    """Wizard, leader and command are killed half-way; nobody is there to decide, so nothing is run again."""
    command = f"echo began >>{program.place}/effects; exec sleep 600"
    file = program.guide(one_step(command))
    process = program.start("run", str(file), "--unattended", *GIVEN)
    until(lambda: program.lines("effects"))
    attempt = program.session / "attempts" / "0001-01"
    command_pid = int(json.loads(until(lambda: _text(attempt / "started.json")))["pid"])
    leader = int(until(lambda: _text(attempt / "alive")).split()[0])
    for pid in (process.pid, leader, command_pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    until(lambda: gone(leader) and gone(command_pid))
    assert program.status()["state"] == "unknown"

    ended = program.run("resume", "--unattended")

    assert ended.code == 31, ended.err
    assert program.lines("effects") == ["began"]
    assert program.status()["state"] == "unknown"


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def test_an_invalid_guide_ends_40_with_every_problem_at_once(program: Program) -> None:
    """`lint` and `run` name the same lines."""
    parts = one_step("echo fine")
    parts["phases"][0]["steps"][0]["titel"] = parts["phases"][0]["steps"][0].pop("title")
    parts["phases"][0]["steps"].append(step("second", when="facts.nothing == 1", run="true"))
    file = program.guide(parts)
    linted = program.run("guides", "lint", str(file))
    ran = program.run("run", str(file), "--unattended", *GIVEN)
    assert (linted.code, ran.code) == (40, 40)
    assert "did you mean `title`" in linted.out
    assert "nothing" in linted.out
    assert "titel" in ran.err
    assert "nothing" in ran.err
    assert program.sessions == []


def test_a_session_that_is_not_there_ends_42(program: Program) -> None:
    """It says that there is none, whichever command asks."""
    for command in ("status", "report", "bundle", "resume", "undo", "close"):
        ended = program.run(command, "no-such-session")
        assert ended.code == 42, (command, ended.err)
        assert "no-such-session" in ended.err
        assert ended.out == ""


def test_a_session_of_another_machine_ends_42_to_drive_and_0_to_read(program: Program) -> None:
    """A copied session folder is read and never driven."""
    file = program.guide(one_step("exit 1"))
    assert unattended(program, file) == 30
    about = program.session / "session.json"
    data = json.loads(about.read_text())
    assert "machine" in data
    about.write_text(json.dumps({**data, "machine": "0" * 32}))
    assert program.run("report").code == 0
    ended = program.run("resume", "--unattended")
    assert ended.code == 42, ended.err
    assert "machine" in ended.err


# -- answers -------------------------------------------------------------------------------------

QUESTIONS = [
    {
        "section": "Versions",
        "ask": [
            {"id": "current_version", "label": "Now", "type": "version"},
            {"id": "target_version", "label": "Then", "type": "version"},
            {"id": "nodes", "label": "Number of nodes", "type": "number"},
            {"id": "careful", "label": "Careful?", "type": "yes_no"},
        ],
    }
]


def asking(program: Program) -> Path:
    """A guide with four questions and two confirmations."""
    steps = [
        step(
            "first", f"touch {program.place}/effects-${{{{ answers.nodes }}}}", ask_first="once", when="answers.careful"
        ),
        step("agree", confirm={"say": "Is it so?", "typed": "so-it-is"}),
    ]
    return program.guide(guide(phase(*steps), questions=QUESTIONS))


def test_unattended_without_answers_everything_missing_is_listed_at_once(program: Program) -> None:
    """Exit 41; each question and confirmation by name, nothing run and no session left."""
    ended = program.run("run", str(asking(program)), "--unattended")
    assert ended.code == 41
    for name in ("current_version", "target_version", "nodes", "careful", "agree"):
        assert name in ended.err, f"{name} is not listed:\n{ended.err}"
    assert program.sessions == []
    assert not list(program.place.glob("effects*"))


def test_the_demo_without_answers_lists_everything_that_is_missing(program: Program) -> None:
    """The bundled guide: its questions, and its confirmations as soon as it is known which steps there will be."""
    ended = program.run("run", "demo", "--unattended")
    assert ended.code == 41
    for name in ("install_dir", "current_version", "target_version", "customised", "backup_dir", "people"):
        assert f"answers.{name}" in ended.err, f"{name} is not listed:\n{ended.err}"
    (program.place / "stockroom.env").touch()
    (program.place / "current").mkdir()
    (program.place / "current" / "VERSION").write_text("1.0\n")
    given = {"install_dir": str(program.place), "current_version": "1.0", "target_version": "2.0", "mishap": False}
    given |= {"customised": False, "backup_dir": "/srv", "people": [{"name": "Ada"}], "password_by": "typed"}
    ended = program.run("run", "demo", "--unattended", "--answers", program.answers(answers=given))
    assert ended.code == 41
    for name in ("agree-window", "migrate-1-1", "migrate-2-0", "look-yourself", "drop-old"):
        assert f"confirmations.{name}" in ended.err, f"{name} is not listed:\n{ended.err}"
    assert program.sessions == []


def test_mistakes_in_an_answers_file_are_listed_with_their_lines(program: Program) -> None:
    """An unknown key, a wrong value and a missing confirmation: all at once, each at its line and column."""
    file = asking(program)
    answers = program.place / "answers.yaml"
    answers.write_text(
        "answers:\n  current_version: '1.0'\n  target_version: '2.0'\n  nodes: many\n  careful: true\n  extra: 1\n"
        "confirmations:\n  first: true\n  third: true\n"
    )
    ended = program.run("run", str(file), "--unattended", "--answers", str(answers))
    assert ended.code == 41
    assert f"{answers}:4:" in ended.err, ended.err
    assert f"{answers}:6:" in ended.err, ended.err
    assert f"{answers}:9:" in ended.err, ended.err
    assert "agree" in ended.err
    assert program.sessions == []


def test_the_template_of_an_answers_file_names_every_question(program: Program) -> None:
    """What is missing can be filled in from what the program writes itself."""
    ended = program.run("guides", "questions", str(asking(program)), "--template")
    assert ended.code == 0
    for name in ("current_version", "nodes", "careful", "agree", "first"):
        assert name in ended.out
    assert ended.err == ""


def test_the_same_answers_walk_without_anybody(program: Program) -> None:
    """With everything given the run ends 0, and the values went where they belong."""
    answers = program.answers(
        answers={"current_version": "1.0", "target_version": "2.0", "nodes": 3, "careful": True},
        confirmations={"first": True, "agree": "so-it-is"},
    )
    ended = program.run("run", str(asking(program)), "--unattended", "--answers", answers)
    assert ended.code == 0, ended.err
    assert (program.place / "effects-3").exists()


# -- data ----------------------------------------------------------------------------------------


def test_what_is_asked_for_as_json_is_json_and_alone(program: Program) -> None:
    """Every command with `--format json`, with sessions and without."""
    file = program.guide(one_step("exit 1"))
    assert program.run("sessions", "--format", "json").data == []
    assert unattended(program, file) == 30
    for words in (
        ["sessions"],
        ["status"],
        ["report"],
        ["guides", "list"],
        ["plan", str(file), *GIVEN],
        ["check", str(file), *GIVEN],
    ):
        ended = program.run(*words, "--format", "json")
        assert ended.code == 0, (words, ended.err)
        assert ended.err == "", words
        assert ended.data is not None
    schema = program.run("guides", "schema")
    assert schema.data["type"] == "object"


def test_status_has_its_documented_keys(program: Program) -> None:
    """What scripts rely on."""
    file = program.guide(one_step("exit 1"))
    assert unattended(program, file, "--name", "tuesday") == 30
    status = program.status()
    assert {"session", "guide", "state", "step", "driver", "reversible", "next"} <= set(status)
    assert status["state"] == "failed"
    assert status["name"] == "tuesday"
    assert {"code", "id", "title"} <= set(status["step"])
    assert status["step"]["id"] == "only"
    assert "resume" in status["next"]
    [entry] = [one for one in program.run("guides", "list", "--format", "json").data if one["id"] == "demo"]
    assert {"id", "product", "title", "versions", "source"} <= set(entry)


def test_a_reader_that_leaves_early_ends_it_quietly(program: Program) -> None:
    """`wizard guides schema | head -1` is no error."""
    process = subprocess.Popen(
        [*PROGRAM, "guides", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=program.environment(),
        cwd=program.place,
    )
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    words = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0
    assert words == b""
