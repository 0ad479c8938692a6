"""What a fresh interpreter loads: the engine without the full screen, the quick commands without anything heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import wizard

HEAVY = {
    "celpy", "cel", "common_expression_language", "docker", "prompt_toolkit", "psutil", "pydantic",
    "pydantic_core", "questionary", "requests", "textual", "tomlkit", "yaml",
}  # fmt: skip


def loaded_by(code: str) -> set[str]:
    """Top-level names in `sys.modules` of a new interpreter after `code`."""
    return {name.partition(".")[0] for name in modules_after(code)}


def modules_after(code: str) -> set[str]:
    """All names in `sys.modules` of a new interpreter after `code`; the last line printed is theirs."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint('\\n' + ' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(wizard.__file__).parent.parent,
    )
    return set(done.stdout.splitlines()[-1].split())


def modules() -> list[str]:
    """Every module of the engine, but for the programs' entries."""
    root = Path(wizard.__file__).parent
    names = []
    for file in sorted(root.rglob("*.py")):
        if file.name != "__main__.py" and "_guides" not in file.parts:
            parts = file.relative_to(root.parent).with_suffix("").parts
            names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def test_no_module_of_the_engine_loads_the_full_screen() -> None:
    """All of them, imported into one fresh interpreter, bring in neither `screens` nor `textual`."""
    names = modules()
    assert "wizard.run.walk" in names
    loaded = loaded_by("\n".join(f"import {name}" for name in names))
    assert "wizard" in loaded
    assert loaded & {"screens", "textual"} == set()


def test_the_engines_expressions_library_is_among_the_heavy_names() -> None:
    """The list above knows what the real evaluation loads; a library that changes its name would slip through."""
    loaded = loaded_by("from wizard.expressions import compile_expression, Environment\n"
                       "compile_expression('1 + 1').evaluate(Environment())")  # fmt: skip
    assert loaded & HEAVY


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["completion", "bash"], ["run", "--help"]])
def test_quick_commands_load_nothing_heavy(words: list[str]) -> None:
    """`--version`, `--help` and completion scripts answer before anything large could be read."""
    assert loaded_by(f"from wizard.cli import main\nassert main({words!r}) == 0") & HEAVY == set()


def test_home_is_drawn_before_what_a_run_needs_is_loaded() -> None:
    """Its first frame waits for no part of the engine with many models: these cost an eighth of it."""
    loaded = modules_after("import screens.start, screens.app, screens.home")
    assert "screens.home" in loaded
    assert {name.partition(".")[0] for name in loaded} & (HEAVY - {"textual"}) == set()
    many = ("wizard.guide", "wizard.checks", "wizard.plan", "wizard.questions", "wizard.host.protocols",
            "wizard.run.operator", "wizard.run.events", "wizard.run.state")  # fmt: skip
    assert {name for name in loaded if name.startswith(many)} == set()
