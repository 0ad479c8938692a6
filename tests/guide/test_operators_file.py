"""A file of the operator may take another's place: one whose path was answered, not one of the guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.guides import guide_of
from wizard.guide.files import named_files

if TYPE_CHECKING:
    from pathlib import Path


def _problems(replace_with: str, folder: Path) -> list[str]:
    edit = {"file": "app.conf", "replace_with": replace_with}
    steps = [{"id": "put", "title": "Put it there", "edit": edit}]
    loaded = guide_of(phases=[{"id": "update", "title": "Update", "steps": steps}])
    return [problem.message for problem, _ in named_files(loaded.guide, folder, loaded.document).problems]


def test_an_answered_path_is_the_operators_own_file(tmp_path: Path) -> None:
    """It need not stand beside the guide; what only begins or ends with an answer, or is a fact, has to."""
    assert _problems("${{ answers.new_conf }}", tmp_path) == []
    for other in ("${{ answers.name }}.conf", "conf/${{ answers.name }}", "${{ facts.file }}"):
        assert _problems(other, tmp_path) == ["a file of the guide is named as it is, without ${{ }}"]
    assert _problems("new.conf", tmp_path) == ["there is no file new.conf beside the guide"]
