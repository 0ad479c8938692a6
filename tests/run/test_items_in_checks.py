"""Facts and checks for each item, and facts read again, in a whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from wizard.errors import ExitCode
from wizard.run.records import Record

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fix_is_run_for_the_items_that_do_not_pass(tmp_path: Path) -> None:
    """Of three folders two are missing: the fix makes these, one after the other, and leaves the third alone."""
    (tmp_path / "b").mkdir()
    check = {
        "id": "folders",
        "title": "Folders",
        "for_each": {"name": "['a', 'b', 'c']"},
        "file": f"{tmp_path}/${{{{ name }}}}",
        "fix": {"title": "Make it", "run": ["mkdir", "-v", f"{tmp_path}/${{{{ name }}}}"]},
    }
    journey = Journey(tmp_path, guide(phase(step("go", "true")), checks=[check]))
    operator = ScriptedOperator({"proceed": Turns("fix:folders", "start")})
    assert journey.begin(operator) is ExitCode.DONE
    assert all((tmp_path / name).is_dir() for name in "abc")
    ran = [entry.data["shown"] for entry in journey.entries if entry.kind == Record.ATTEMPT_INTENDED]
    assert ran == [f"mkdir -v {tmp_path}/a", f"mkdir -v {tmp_path}/c", "true"]


def test_a_check_of_a_step_sees_the_fact_as_it_is_now(tmp_path: Path) -> None:
    """What a step has changed is read again before the check, journalled, and seen by what comes after."""
    (tmp_path / "version").write_text("1\n")
    parts = guide(
        phase(
            step("write", f"echo 2 > {tmp_path}/version"),
            step("look", check=[{"expr": "facts.deployed == '2'", "read_again": ["deployed"]}]),
            step("say-it", "echo ${{ facts.deployed }} > said", folder=str(tmp_path)),
        ),
        facts={"deployed": {"command": ["cat", f"{tmp_path}/version"]}},
    )
    journey = Journey(tmp_path, parts)
    assert journey.begin(ScriptedOperator({"proceed": "start"})) is ExitCode.DONE
    assert (tmp_path / "said").read_text() == "2\n"
    read = [entry.data["value"] for entry in journey.entries if entry.kind == Record.FACT_READ]
    assert read == ["1", "2"]
