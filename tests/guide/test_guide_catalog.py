"""The list of guides, and how one is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import MINI, swapped
from wizard.errors import ExitCode, UsageError
from wizard.guide.catalog import called, find_guide, guides_folder, list_guides, versions_text
from wizard.guide.loader import load_guide

if TYPE_CHECKING:
    from pathlib import Path


def _folder(base: Path, name: str, text: str) -> Path:
    folder = base / name
    folder.mkdir(parents=True)
    (folder / "guide.yaml").write_text(text, encoding="utf-8")
    return folder / "guide.yaml"


def test_guides_of_the_operator_come_beside_those_that_ship(tmp_path: Path) -> None:
    """Folders of $WIZARD_GUIDES are listed too, sorted by id, each with product, title, versions and file."""
    file = _folder(tmp_path / "one", "mini", MINI)
    _folder(tmp_path / "two", "other", swapped(("id: mini\n", "id: other\n")))
    environment = {"WIZARD_GUIDES": f"{tmp_path / 'one'}:{tmp_path / 'two'}:/does/not/exist"}
    entries = {entry.id: entry for entry in list_guides(environment)}
    assert list(entries) == sorted(entries)
    assert {"mini", "other"} <= set(entries)
    mini = entries["mini"]
    assert (mini.product, mini.title, mini.versions) == ("Mini", "Upgrade Mini", "1.0, 1.1, 2.0")
    assert (mini.source, mini.problem) == (str(file), "")


def test_a_broken_guide_is_listed_with_its_first_problem(tmp_path: Path) -> None:
    """A guide that cannot be used is there by the name of its folder and says why."""
    _folder(tmp_path, "broken", "guide: 1\n\tid: x\n")
    (entry,) = [entry for entry in list_guides({"WIZARD_GUIDES": str(tmp_path)}) if entry.id == "broken"]
    assert "broken/guide.yaml:2:1: a tab stands where YAML counts blanks" in entry.problem


def test_a_guide_is_found_by_id_folder_or_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An id, the id inside the file, a folder and a file all lead to the YAML file."""
    file = _folder(tmp_path, "mini-2-0", MINI)
    environment = {"WIZARD_GUIDES": str(tmp_path)}
    assert find_guide("mini-2-0", environment) == file
    assert find_guide("mini", environment) == file
    assert find_guide(str(file), environment) == file
    assert find_guide(str(file.parent), environment) == file
    monkeypatch.chdir(tmp_path)
    assert find_guide("./mini-2-0", {}).resolve() == file


@pytest.mark.parametrize("name", ["minni", "x" * 5000, "a\0b", "~nobody-at-all/x"])
def test_a_guide_that_is_not_there_is_a_mistake_of_usage(tmp_path: Path, name: str) -> None:
    """An unknown id ends with exit code 2 and the nearest id, or all of them; no name raises anything else."""
    _folder(tmp_path, "mini", MINI)
    with pytest.raises(UsageError) as caught:
        find_guide(name, {"WIZARD_GUIDES": str(tmp_path)})
    assert caught.value.exit_code is ExitCode.USAGE
    assert "mini" in caught.value.hint


def test_a_folder_without_a_guide_says_so(tmp_path: Path) -> None:
    """A folder that is there but holds no guide is told as that."""
    with pytest.raises(UsageError, match=r"no guide\.yaml in"):
        find_guide(str(tmp_path), {})


def test_the_guides_that_ship_are_found() -> None:
    """The folder of the checkout (or of the wheel) holds the guides that ship."""
    assert guides_folder().is_dir()
    assert guides_folder().name in ("guides", "_guides")


def test_the_versions_of_a_guide_in_few_words(tmp_path: Path) -> None:
    """A list is written out; where releases are open the ends of the hops are named."""
    guide = load_guide(_folder(tmp_path, "a", MINI)).guide
    assert versions_text(guide.versions) == "1.0, 1.1, 2.0"
    text = swapped(('  releases: ["1.0", "1.1", "2.0"]\n', ""))
    assert versions_text(load_guide(_folder(tmp_path, "b", text)).guide.versions) == "to 2.0"


def test_a_guide_is_called_by_what_leads_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its id where that finds this very guide; else by its path, so that what a hint says can be typed."""
    file = _folder(tmp_path / "my guides", "mini", MINI)
    assert called(load_guide(file)) == f"'{file}'"
    monkeypatch.setenv("WIZARD_GUIDES", str(tmp_path / "my guides"))
    assert called(load_guide(file)) == "mini"
    other = _folder(tmp_path, "mini", swapped(("title: Upgrade Mini", "title: Another Mini")))
    assert called(load_guide(other)) == str(other)
