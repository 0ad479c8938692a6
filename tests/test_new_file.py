"""A file for the operator: there whole or not at all, never over something, for its owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from wizard.errors import UsageError
from wizard.new_file import appearing, place_of, write_new

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["nameless", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the file is written: without a name, or as where the kernel does not know files without one."""
    if request.param == "named":
        # What a kernel that does not know the flag makes of it.
        monkeypatch.setattr(os, "O_TMPFILE", os.O_DIRECTORY)
    return str(request.param)


def test_nothing_is_seen_of_a_file_before_it_is_whole(tmp_path: Path, way: str) -> None:
    """A kill in the middle leaves nothing behind where files need no name, and one with a dot in front elsewhere."""
    with appearing(tmp_path, ("a.txt",)) as new:
        new.file.write(b"whole")
        new.file.flush()
        seen = [one.name for one in tmp_path.iterdir()]
        assert seen == [] if way == "nameless" else seen[0].startswith(".wizard-")
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]
    assert new.path == tmp_path / "a.txt"
    assert new.path.read_bytes() == b"whole"
    assert new.path.stat().st_mode & 0o777 == 0o600


def test_a_block_that_fails_leaves_nothing(tmp_path: Path, way: str) -> None:
    """Whatever it raises, no file is there afterwards."""
    assert way

    def fail() -> None:
        with appearing(tmp_path, ("a.txt",)) as new:
            new.file.write(b"x")
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_meanwhile_is_left_alone(tmp_path: Path, way: str) -> None:
    """The next free name is taken; where there is none nothing is written, and a link is not followed."""
    assert way
    (tmp_path / "a.txt").write_text("mine")
    with appearing(tmp_path, ("a.txt", "b.txt")) as new:
        new.file.write(b"whole")
    assert new.path == tmp_path / "b.txt"
    with pytest.raises(UsageError, match="is there already"), appearing(tmp_path, ("b.txt",)):
        pytest.fail("it was begun although no name is free")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is there already"):
        write_new(str(tmp_path / "link"), "x")

    def late() -> None:
        with appearing(tmp_path, ("c.txt",)) as new:
            new.file.write(b"whole")
            (tmp_path / "c.txt").write_text("somebody was faster")

    with pytest.raises(UsageError, match="is there already"):
        late()
    assert (tmp_path / "c.txt").read_text() == "somebody was faster"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.txt", "b.txt", "c.txt", "link"]


def test_a_text_needs_a_name_and_a_folder(tmp_path: Path) -> None:
    """A folder in the place of a file, or one that is not there, is told."""
    for file in (f"{tmp_path}/", str(tmp_path / "none" / "x")):
        with pytest.raises(UsageError, match="No such file"):
            write_new(file, "x")
    assert list(tmp_path.iterdir()) == []


def test_a_place_is_whole_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home folder, the current one, and blanks around a name."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert place_of("~/a") == place_of(" a ") == tmp_path / "a"
    with pytest.raises(UsageError, match="nobody here"):
        place_of("~no-such-user-here/a")
