"""Machines as they are at night: no terminal, no room, no permission, no bash, too much output, or binary output."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.e2e.program import PROGRAM, REPOSITORY, Program
from tests.run.journey import SETS, guide, phase, step

GIVEN = [word for one in SETS for word in ("--set", one)]


def test_without_a_terminal_and_without_words_a_run_stops_and_can_be_resumed(program: Program) -> None:
    """Plain lines at the end of an empty pipe: nobody is there, so nothing is run and the exit code says stopped."""
    file = program.guide(guide(phase(step("only", f"touch {program.place}/effects"))))
    ended = program.run("run", str(file))
    assert ended.code == 10
    assert ended.out == ""
    assert not (program.place / "effects").exists()
    assert program.status()["state"] == "asking"


def test_plain_lines_can_be_answered_through_a_pipe(program: Program) -> None:
    """Without a terminal the prompts are numbered lines, and replies by stdin walk to the end."""
    file = program.guide(
        guide(phase(step("only", f"touch {program.place}/effects"), step("agree", confirm={"say": "So?"})))
    )
    ended = program.run("run", str(file), *GIVEN, keys="1\nyes\n")
    assert ended.code == 0, ended.err
    assert (program.place / "effects").exists()
    assert ended.out == ""


def test_a_state_folder_that_cannot_be_made_is_named(program: Program) -> None:
    """A file in its place, a file system that takes nothing: the folder and the way out are named."""
    (program.place / "file").touch()
    file = program.guide(guide(phase(step("only", f"touch {program.place}/effects"))))
    for place in (f"{program.place}/file/state", "/proc/wizard"):
        ended = program.run("run", str(file), "--unattended", *GIVEN, WIZARD_STATE_DIR=place)
        assert ended.code == 10, ended.err
        assert place in ended.err
        assert "WIZARD_STATE_DIR" in ended.err
    relative = program.run("sessions", WIZARD_STATE_DIR="here")
    assert relative.code == 2
    assert "whole path" in relative.err
    assert not (program.place / "effects").exists()


def test_a_state_folder_of_somebody_else_is_refused(program: Program, root_only: None) -> None:
    """Root does not use another user's sessions either: both users are named, and nothing is run."""
    file = program.guide(guide(phase(step("only", f"touch {program.place}/effects"))))
    folder = program.state / "sessions"
    folder.mkdir(parents=True)
    os.chown(folder, 65534, 65534)
    ended = program.run("run", str(file), "--unattended", *GIVEN)
    assert ended.code == 10, ended.err
    assert f"{folder} belongs to nobody, and you are root" in ended.err
    assert not (program.place / "effects").exists()


def test_without_bash_a_step_that_needs_it_says_so(program: Program) -> None:
    """The program is named; nothing else has happened."""
    tools = program.place / "tools"
    tools.mkdir()
    for name in ("cat", "sh"):
        (tools / name).symlink_to(str(shutil.which(name)))
    file = program.guide(guide(phase(step("only", "echo hello"))))
    ended = program.run("run", str(file), "--unattended", *GIVEN, PATH=str(tools))
    assert ended.code in (20, 30), ended.err
    assert "bash" in ended.err
    assert "defect" not in ended.err


def test_a_flood_of_output_is_capped_and_said_so(program: Program) -> None:
    """200 MB through a cap of 1 MiB: the command ends as if all had been kept, and the gap is told."""
    code = "import os\nfor _ in range(200): os.write(1, (b'y' * 99 + b'\\n') * 10486)"
    file = program.guide(guide(phase(step("flood", [sys.executable, "-c", code]))))
    ended = program.run("run", str(file), "--unattended", *GIVEN, WIZARD_SPOOL_CAP="1 MiB", timeout=100)
    assert ended.code == 0, ended.err[-2000:]
    spool = program.session / "attempts" / "0001-01" / "output"
    assert spool.stat().st_size <= 2 << 20
    assert len(ended.err) < 4 << 20


def test_binary_output_harms_nobody(program: Program) -> None:
    """Every byte there is, kept as it came on the disk and shown without control characters."""
    code = "import os; os.write(1, bytes(range(256)) * 500)"
    file = program.guide(guide(phase(step("noise", [sys.executable, "-c", code]))))
    ended = program.run("run", str(file), "--unattended", *GIVEN)
    assert ended.code == 0
    assert not [mark for mark in ended.err if (ord(mark) < 32 and mark not in "\n\t") or 127 <= ord(mark) < 160]
    assert program.run("report").code == 0


def test_a_locale_without_signs_gets_ascii(program: Program) -> None:
    """LANG=C and a guide with foreign letters: words are spelled in ASCII and nothing fails."""
    file = program.guide(guide(phase(step("only", "echo Grüße", why="Größer — “schöner”."))))
    ended = program.run(
        "run", str(file), "--unattended", *GIVEN, LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert ended.code == 0, ended.err
    assert "Step 1.1: done" in ended.err


def test_looking_needs_no_home_and_no_locale(program: Program) -> None:
    """Looking commands answer from a bare environment, as cron gives it."""
    done = subprocess.run(
        [*PROGRAM, "guides", "list"],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "WIZARD_STATE_DIR": str(program.state)},
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Upgrade Stockroom" in done.stdout
