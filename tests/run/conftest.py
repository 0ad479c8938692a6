"""What tests of runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.run.plug import nothing_left

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def nothing_runs_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep sessions in the folder of the test, and end what still runs of them once it is over."""
    monkeypatch.setenv("WIZARD_STATE_DIR", str(tmp_path / "state"))
    with nothing_left(tmp_path):
        yield
