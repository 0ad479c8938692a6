"""A run uses the guide as it was when it began: pinned, wherever it was named from, and readable for whom it names."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import SETS, Journey, guide, phase, step
from wizard.assemble import Begin, begin
from wizard.errors import ExitCode, StepFailedError
from wizard.run.surroundings import given_whole

if TYPE_CHECKING:
    from pathlib import Path


def test_a_guide_named_by_a_relative_path_runs_its_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands without a folder, scripts beside the guide and `guide.folder` do not depend on the own folder."""
    journey = Journey(
        tmp_path,
        guide(
            phase(
                step("bare", f"pwd > '{tmp_path}/effects'"),
                step("script", {"script": "beside.sh"}),
                step("named", f"""cat "${{{{ guide.folder }}}}/beside.sh" > '{tmp_path}/copied'"""),
            )
        ),
    )
    (journey.file.parent / "beside.sh").write_text(f"#!/bin/sh\npwd >> '{tmp_path}/effects'\n")
    monkeypatch.chdir(tmp_path)
    operator = ScriptedOperator()
    assert begin(Begin("guide", sets=SETS), journey.front_end(operator)) is ExitCode.DONE
    assert journey.lines() == [str(journey.folder / "guide")] * 2
    assert journey.lines("copied") == journey.file.with_name("beside.sh").read_text().splitlines()


def test_a_guide_that_is_changed_during_the_run_changes_nothing(tmp_path: Path) -> None:
    """A script is run as it was when the session began, not as it is when its step is reached."""
    script = tmp_path / "guide" / "beside.sh"
    journey = Journey(
        tmp_path,
        guide(
            phase(
                step("change", f"echo 'echo changed >> {tmp_path}/effects' > '{script}'"),
                step("script", {"script": "beside.sh"}),
            )
        ),
    )
    assert journey.file.exists()
    script.write_text(f"echo pinned >> '{tmp_path}/effects'\n")
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["pinned"]


@pytest.mark.usefixtures("root_only")
def test_another_user_can_run_what_is_pinned(tmp_path: Path) -> None:
    """Nobody but its owner can enter a session: the script's text is handed over, and the command begins at home."""
    out = tmp_path / "out"
    out.touch()
    out.chmod(0o666)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder.name and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)
    script = {"script": "beside.sh", "args": ["a b"]}
    journey = Journey(
        tmp_path,
        guide(
            phase(
                step("bare", f"echo $(id -un) $PWD >> '{out}'", user="nobody"),
                step("script", script, user="nobody"),
            )
        ),
    )
    journey.file.with_name("beside.sh").write_text(f"#!/bin/sh -e\necho $0 $1 $(id -un) >> '{out}'\n")
    assert journey.begin() is ExitCode.DONE
    home = pwd.getpwnam("nobody").pw_dir
    assert journey.lines("out") == [f"nobody {home if os.path.isdir(home) else '/'}", "beside.sh a b nobody"]  # noqa: PTH112


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("#!/bin/sh -e", ("/bin/sh", "-e", "-c", "{text}", "it")),
        ("#!/usr/bin/env bash", ("/usr/bin/env", "bash", "-c", "{text}", "it")),
        ("#!/usr/bin/python3", ("/usr/bin/python3", "-c", "{text}")),
        ("#!/usr/bin/perl", ("/usr/bin/perl", "-e", "{text}")),
        ("echo no first line", ("bash", "-c", "{text}", "it")),
    ],
)
def test_a_script_is_handed_over_as_its_interpreter_takes_it(
    tmp_path: Path, first: str, words: tuple[str, ...]
) -> None:
    """Shells get a name for `$0`; options of the first line stay."""
    path = tmp_path / "it"
    path.write_text(f"{first}\n")
    assert given_whole(path) == tuple(word.replace("{text}", f"{first}\n") for word in words)


@pytest.mark.parametrize("text", ["#!/usr/bin/awk -f\n", "#!/bin/sh\n" + "#" * (130 << 10)], ids=["awk", "too-long"])
def test_a_script_that_cannot_be_handed_over_is_refused_with_the_way_out(tmp_path: Path, text: str) -> None:
    """It fails before anything is started, and says where to put it."""
    path = tmp_path / "it"
    path.write_text(text)
    with pytest.raises(StepFailedError, match="cannot be run as another user") as caught:
        given_whole(path)
    assert "where that user can read it" in caught.value.hint
