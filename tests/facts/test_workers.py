"""Several looks at once."""

from __future__ import annotations

import threading

from wizard.facts.workers import AT_ONCE, Workers


def test_results_and_crashes_come_back_under_their_key() -> None:
    """A job that raises ends like any other, with what it raised."""
    workers: Workers[int] = Workers()
    workers.start("good", lambda: 1, 10)
    workers.start("bad", lambda: 1 // 0, 10)
    ended = {one.key: one for one in (workers.next(), workers.next())}
    assert ended["good"].result == 1
    assert isinstance(ended["bad"].crash, ZeroDivisionError)
    assert not workers.busy


def test_a_job_that_never_comes_back_is_late_and_gives_its_place_free() -> None:
    """A dead file system costs one time limit, and what comes of it later is not taken for another job's end."""
    never, workers = threading.Event(), Workers[int](at_once=1)
    workers.start("hangs", lambda: int(never.wait(60)), 0.05)
    room_before = workers.has_room
    late = workers.next()
    assert (late.key, late.late, late.result) == ("hangs", True, None)
    assert (room_before, workers.has_room) == (False, True)
    never.set()
    for thread in threading.enumerate():
        if thread.name == "look hangs":
            thread.join(30)
    workers.start("next", lambda: 2, 10)
    ended = workers.next()
    assert (ended.key, ended.result) == ("next", 2)


def test_so_many_run_at_the_same_time_and_not_more() -> None:
    """All places are taken before the first job ends."""
    workers: Workers[None] = Workers()
    together = threading.Barrier(AT_ONCE, timeout=30)
    for number in range(AT_ONCE):
        assert workers.has_room
        workers.start(str(number), lambda: void(together.wait()), 60)
    assert not workers.has_room
    assert {workers.next().key for _ in range(AT_ONCE)} == {str(number) for number in range(AT_ONCE)}


def void(_: object) -> None:
    return None
