"""Programs for end-to-end tests, each with a state folder of its own and ended with all it started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program; what it started and left running is ended, and no defect of its own may have been noted."""
    made = Program(tmp_path_factory.mktemp("p"))
    try:
        yield made
        made.no_crash()
    finally:
        made.end()
