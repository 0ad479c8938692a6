"""The guides that ship are without any problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wizard.guide.catalog import guide_files
from wizard.guide.lint import lint_path
from wizard.guide.loader import load_guide

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("file", guide_files({}).values(), ids=guide_files({}))
def test_a_guide_that_ships_is_clean(file: Path) -> None:
    """It loads, and lint has not even a warning."""
    assert [str(problem) for problem in lint_path(file)] == []
    assert load_guide(file).guide.id == file.parent.name
