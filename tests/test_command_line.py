"""The command line by itself: what it answers at once, and what it says of wrong words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wizard.cli import COMMANDS, main, wizard


def test_version_is_answered_in_the_same_words_by_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """The short way past click and click's own option say the same."""
    assert main(["--version"]) == 0
    short = subprocess.run([sys.executable, "-m", "wizard", "--version"], check=True, capture_output=True, text=True)
    assert capsys.readouterr().out == short.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The names that are listed without importing anything lead to commands with a help text."""
    assert main([name, "--help"]) == 0
    assert f"Usage: wizard {name}" in capsys.readouterr().out


def test_no_command_is_left_out_of_the_list() -> None:
    """Every command of the module is among the names."""
    import click

    from wizard import commands

    found = [one.name for one in vars(commands).values() if isinstance(one, click.Command) and one is not wizard]
    top = {name for name in found if name not in ("list", "show", "lint", "schema", "questions")}
    assert top == set(COMMANDS)


@pytest.mark.parametrize("words", [["nosuch"], ["run"], ["status", "--format", "xml"], ["run", "demo", "--detach"]])
def test_wrong_words_end_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage says so on stderr, and nothing is on stdout."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


def test_a_variable_that_only_looks_like_a_setting_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped name would otherwise put the sessions into another folder without a word."""
    monkeypatch.setenv("WIZARD_STATE_DI", "/srv/wizard")
    assert main(["guides", "schema"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "warning: WIZARD_STATE_DI is not a setting; did you mean WIZARD_STATE_DIR?\n"
    assert captured.out.startswith("{")


def test_a_full_disk_below_stdout_is_no_defect_of_the_program() -> None:
    """What could not be written is told on stderr, with an exit code that is not that of success or of a crash."""
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "wizard", "guides", "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 10
    assert ended.stderr == (
        "what this command says could not be written: No space left on device\nMake room, or write it elsewhere.\n"
    )
