"""Saying that what a running command prints is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.live import FakeLive
from wizard.run.events import Said
from wizard.run.unkept import Unkept

if TYPE_CHECKING:
    from wizard.run.events import Event


@pytest.mark.parametrize(("cap", "why"), [(4, "as much as is kept of one command"), (1 << 20, "no room for it")])
def test_it_is_told_once_and_why(cap: int, why: str) -> None:
    """Nothing while all is kept; then one warning that names the step and the reason, however much more is lost."""
    live = FakeLive(b"1234")
    told: list[Event] = []
    unkept = Unkept(live, cap)
    unkept.tell_news("1.2", told.append)
    assert (unkept.has_news(), told) == (False, [])
    live.unkept = 7
    assert unkept.has_news()
    unkept.tell_news("1.2", told.append)
    live.unkept = 9
    unkept.tell_news("1.2", told.append)
    [said] = told
    assert isinstance(said, Said)
    assert said.kind == "warning"
    assert said.text.startswith("1.2: not all it prints is kept, because")
    assert why in said.text
    assert not unkept.has_news()
