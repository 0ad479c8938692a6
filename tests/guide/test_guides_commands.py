"""The commands about guides, as an author and an operator use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import swapped
from wizard.cli import main
from wizard.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of guides: one that is fine, one that cannot be read, one that lint refuses."""
    loop = swapped(
        (
            "      - id: tell-nodes\n",
            (
                "      - id: all\n        title: All of them\n        impact: reversible\n"
                "        for_each: {person: answers.people}\n"
                "        steps: [{id: one, title: One, run: 'mail \"${{ person.name }}\"', rerun: safe}]\n"
                "      - id: tell-nodes\n"
            ),
        )
    )
    refused = swapped(("run: ./migrate --to", "run: sudo ./migrate --to"))
    for name, text in (
        ("mini", loop),
        ("broken", "guide: 1\n"),
        ("refused", refused.replace("id: mini", "id: refused")),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "guide.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("WIZARD_GUIDES", str(tmp_path))
    return tmp_path


def test_the_list_shows_broken_guides_with_their_first_problem(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A guide that cannot be read, or that lint refuses, is there with the reason; the others with their versions."""
    assert main(["guides", "list"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["mini"].endswith("Upgrade Mini (1.0, 1.1, 2.0)")
    assert "cannot be used: " in lines["broken"]
    assert "the key `id` is missing" in lines["broken"]
    assert "does not call sudo itself" in lines["refused"]
    assert main(["guides", "list", "--format", "json"]) == 0
    entries = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert set(entries["mini"]) >= {"id", "product", "title", "versions", "source"}
    assert entries["mini"]["source"] == str(folder / "mini" / "guide.yaml")
    assert entries["refused"]["problem"]


def test_a_guide_is_shown_with_what_is_in_its_groups(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Phases, steps, groups, loops and procedures; with --commands every command and where it stands."""
    assert main(["guides", "show", "mini"]) == 0
    shown = capsys.readouterr().out
    assert "  steps    All of them (for each person)\n    run      One\n" in shown
    assert "include  Tell ${{ answers.nodes }} nodes (tell)" in shown
    assert main(["guides", "show", "mini", "--commands"]) == 0
    assert 'update / all / one:\n    mail "${{ person.name }}"\n' in capsys.readouterr().out


def test_questions_are_shown_and_written_as_a_template(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is asked with its type, and a file to fill in that says what is wanted."""
    assert main(["guides", "questions", "mini"]) == 0
    assert "  install_dir (path): Folder\n" in capsys.readouterr().out
    assert main(["guides", "questions", "mini", "--template"]) == 0
    assert "# install_dir: " in capsys.readouterr().out


def test_the_schema_is_the_published_one(capsys: pytest.CaptureFixture[str]) -> None:
    """What the command writes is what ships beside the guides."""
    from wizard.guide.catalog import guides_folder

    assert main(["guides", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((guides_folder() / "schema.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "nosuch"], ExitCode.USAGE),
        (["show", "broken"], ExitCode.GUIDE_INVALID),
        (["questions", "broken"], ExitCode.GUIDE_INVALID),
        (["lint", "."], ExitCode.GUIDE_INVALID),
        (["lint"], ExitCode.USAGE),
    ],
)
def test_what_cannot_be_shown_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], code: ExitCode
) -> None:
    """A guide that is not there or is broken: words and a documented exit."""
    monkeypatch.chdir(folder)
    assert main(["guides", *words]) == code
    shown = capsys.readouterr()
    assert shown.err + shown.out
