"""The thread that follows a session: how it keeps step with the screen."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from queue import Empty, Queue
from typing import TYPE_CHECKING

import pytest

from screens.widgets.walk_follow import Followed, Following
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def followed(place: Path) -> Iterator[tuple[Following, Queue[Followed]]]:
    """A session of two steps that is followed in a thread, and what is told of it."""
    journey = Journey(place, guide(phase(step("one", "true"), step("two", "true")), defaults={"folder": str(place)}))
    journey.begin(ScriptedOperator())
    told: Queue[Followed] = Queue()

    def tell(found: Followed) -> bool:
        told.put(found)
        return True

    following = Following(journey.folder.name, tell, pytest.fail)
    thread = threading.Thread(target=following.run)
    thread.start()
    try:
        yield following, told
    finally:
        following.end()
        thread.join(30)
        assert not thread.is_alive(), "it goes on although nobody follows any more"


def test_nothing_is_told_before_what_was_told_is_on_the_screen(tmp_path: Path) -> None:
    """A screen that takes its time has one view to take in, not a queue of them; then the newest."""
    with followed(tmp_path) as (following, told):
        assert told.get(timeout=30).key == "1/work/two"
        following.look_at("1/work/one")
        with pytest.raises(Empty):
            told.get(timeout=0.3)
        following.taken()
        assert told.get(timeout=30).key == "1/work/one"


def test_it_ends_while_the_screen_has_not_taken_in_what_was_told(tmp_path: Path) -> None:
    """A view that is gone before it has shown what came leaves no thread behind."""
    with followed(tmp_path) as (_, told):
        told.get(timeout=30)
