"""What is installed works as the checkout does: the guides inside the wheel, completion in the shells."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.conftest import without_part
from tests.e2e.program import PROGRAM, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.program import Program


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout without any network."""
    if importlib.util.find_spec("hatchling") is None:
        without_part("hatchling is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    words = ["wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--isolated", *words, str(REPOSITORY)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_holds_engine_and_guides_and_nothing_else(wheel: Path) -> None:
    """The demo with its product and samples is inside; tests and benchmarks are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "wizard/_guides/demo/guide.yaml" in names
    assert "wizard/_guides/demo/samples/answers.yaml" in names
    assert "wizard/_guides/demo/product/bin/stockroomctl" in names
    assert "wizard/host/supervisor/__main__.py" in names
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops <= {"wizard", "screens"}
    assert not [name for name in names if "__pycache__" in name]


def test_an_installed_wheel_finds_its_guides_and_walks(wheel: Path, program: Program) -> None:
    """Installed apart, and started in another folder: `guides list` shows the demo, and the demo ends well."""
    target = program.place / "installed"
    words = ["install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--isolated", *words],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    listed = program.run("guides", "list", "--format", "json", PYTHONPATH=str(target)).data
    [entry] = [one for one in listed if one["id"] == "demo"]
    assert entry["source"] == str(target / "wizard" / "_guides" / "demo" / "guide.yaml")
    ended = program.run("demo", "--unattended", "--set", "target_version=1.1", PYTHONPATH=str(target))
    assert ended.code == 0, ended.err
    assert program.status()["state"] == "done"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell: str, program: Program) -> None:
    """A script for each shell, and nothing else on stdout."""
    ended = program.run("completion", shell)
    assert ended.code == 0
    assert "_WIZARD_COMPLETE" in ended.out
    assert ended.err == ""


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("wizard gui", "guides"),
        ("wizard guides li", "list"),
        ("wizard run de", "demo"),
        ("wizard run demo --unat", "--unattended"),
    ],
)
def test_bash_really_completes(line: str, offered: str, program: Program, need_part: Callable[[str], str]) -> None:
    """The script is loaded by a real bash, which then offers what fits."""
    words = line.split()
    bin_folder = program.place / "bin"
    bin_folder.mkdir()
    starter = bin_folder / "wizard"
    starter.write_text(f'#!/bin/sh\nexec {PROGRAM[0]} -m wizard "$@"\n')
    starter.chmod(0o755)
    script = (
        'eval "$(wizard completion bash)"; '
        f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
        "_wizard_completion wizard; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    done = subprocess.run(
        [need_part("bash"), "--norc", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        # What runs by its name takes its program name from there.
        env=program.environment(PATH=f"{bin_folder}:{os.environ['PATH']}"),
    )
    assert offered in done.stdout.split(), done.stdout + done.stderr


def test_a_session_id_completes_too(program: Program) -> None:
    """By the program's own answer to the shell, as click asks for it."""
    assert program.run("demo", "--unattended", "--set", "customised=yes").code == 20
    session = json.loads(program.run("status", "--format", "json").out)["session"]
    ended = program.run(_WIZARD_COMPLETE="bash_complete", COMP_WORDS="wizard status de", COMP_CWORD="2")
    assert session in ended.out
