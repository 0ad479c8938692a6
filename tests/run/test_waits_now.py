"""What the driver waits for, as whoever looks on reads it: written where it changes, counted on, and never stale."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.fakes.clocks import StandingClock
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import step
from tests.run.test_following import followed
from tests.run.test_walking import at
from wizard.run.events import StepEnded
from wizard.run.operator import Pausing
from wizard.run.waits_now import WAITING, WRITE_EVERY, WaitHint, WaitWatch, waits_now
from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from pathlib import Path

JOIN = Pausing("Join", "1 of 3 nodes", 5.0, 60.0, 600.0)


def hint_in(folder: Path, clock: StandingClock, secret: str = "") -> WaitHint:
    """What the driver of epoch 1 writes with."""
    known = (Secret(secret),) if secret else ()
    return WaitHint(folder, epoch=1, clock=clock, secrets=lambda: known)


def test_it_is_written_where_something_is_different_and_not_for_each_second(tmp_path: Path) -> None:
    """The same look writes nothing, another one does, and many quick ones at most one a second."""
    clock = StandingClock()
    hint, path = hint_in(tmp_path, clock), tmp_path / WAITING
    hint.waits(JOIN)
    first = path.stat().st_ino
    for second in range(1, 30):
        clock.go_on(1)
        hint.waits(Pausing("Join", "1 of 3 nodes", 5.0 + second, 60.0, 600.0))
    assert path.stat().st_ino == first
    writes = set()
    for look in range(30):
        clock.go_on(0.1)
        hint.waits(Pausing("Join", f"look {look}", 34.0 + look / 10, 60.0, 600.0))
        writes.add(path.read_bytes())
    assert len(writes) <= 3 / WRITE_EVERY + 1
    assert path.stat().st_mode & 0o777 == 0o600
    hint.ended()
    assert not list(tmp_path.iterdir())


def test_whoever_looks_on_counts_the_time_on_by_their_own_clock(tmp_path: Path) -> None:
    """Who comes late knows how long ago it was written; who was there takes the moment they saw it."""
    driver = StandingClock()
    hint_in(tmp_path, driver).waits(JOIN)
    late = StandingClock(up=driver.up + 30)
    watch = WaitWatch(tmp_path, late)
    assert watch.poll()
    assert not watch.poll()
    seen = watch.seen(1)
    assert seen is not None
    assert (seen.title, seen.seen, seen.usually, seen.at_most) == ("Join", "1 of 3 nodes", 60.0, 600.0)
    assert late.up - seen.since == 35.0


@pytest.mark.parametrize("ahead", [-5000.0, 5000.0])
def test_a_clock_that_is_not_the_drivers_spoils_no_wait_that_begins_in_sight(tmp_path: Path, ahead: float) -> None:
    """In a container the machine may seem to have been started at another time."""
    driver = StandingClock(up=90_000.0)
    own = StandingClock(up=driver.up + ahead)
    watch = WaitWatch(tmp_path, own)
    assert not watch.poll()
    hint_in(tmp_path, driver).waits(JOIN)
    own.go_on(0.1)
    assert watch.poll()
    seen = watch.seen(1)
    assert seen is not None
    assert own.up - seen.since == pytest.approx(JOIN.waited, abs=0.2)


def test_what_another_driver_or_another_boot_left_says_nothing(tmp_path: Path) -> None:
    """It counts only while the driver who wrote it holds the session."""
    clock = StandingClock()
    hint_in(tmp_path, clock).waits(JOIN)
    watch = WaitWatch(tmp_path, clock)
    watch.poll()
    assert watch.seen(1) is not None
    assert watch.seen(2) is None
    assert watch.seen(None) is None
    clock.reboot()
    assert watch.seen(1) is None


def test_no_secret_is_in_it_and_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    """Whatever lies there in its place, whoever looks on is not stopped by it."""
    hint_in(tmp_path, StandingClock(), "hunter2hunter2").waits(Pausing("hunter2hunter2", "is hunter2hunter2", 1.0))
    said = waits_now(tmp_path)
    assert said is not None
    assert (said.title, said.seen) == (MASK, f"is {MASK}")
    for content in (b"", b"[]", b"\xff", b'{"title": "x"}', b"[" * 4000):
        (tmp_path / WAITING).write_bytes(content)
        assert waits_now(tmp_path) is None
    (tmp_path / WAITING).unlink()
    (tmp_path / WAITING).symlink_to("/etc/passwd")
    assert waits_now(tmp_path) is None


def test_a_wait_is_seen_while_it_lasts_and_nothing_of_it_afterwards(tmp_path: Path) -> None:
    """While the driver waits the follower sees it; the end of the step, and a driver that was killed, leave none."""
    go = tmp_path / "go"
    wait = {"until": {"title": "There", "file": str(go)}, "every": "100ms", "usually": "1m", "at_most": "10m"}
    journey = at(tmp_path, step("join", wait=wait))
    waits, goes_on = threading.Event(), threading.Event()

    def pass_time(_: object) -> None:
        waits.set()
        assert goes_on.wait(20)
        go.touch()

    left: list[bool] = []

    def ended(event: object) -> None:
        if isinstance(event, StepEnded):
            left.append((journey.folder / WAITING).exists())

    operator = ScriptedOperator({"pause:Join": pass_time}, watch=ended)
    driver = threading.Thread(target=lambda: journey.begin(operator))
    driver.start()
    assert waits.wait(20)
    view, hint = followed(journey), (journey.folder / WAITING).read_bytes()
    goes_on.set()
    driver.join(20)
    assert view.waiting is not None
    assert (view.waiting.title, view.waiting.usually, view.waiting.at_most) == ("Join", 60.0, 600.0)
    assert view.waiting.seen == "There: not yet, nothing is there"
    assert (journey.status("join"), left) == ("done", [False])
    (journey.folder / WAITING).write_bytes(hint)
    assert followed(journey).waiting is None


def test_nothing_is_waited_for_while_it_is_asked_about(tmp_path: Path) -> None:
    """Whoever looks on sees the question in the place of the wait."""
    go = tmp_path / "go"
    wait = {"until": {"title": "There", "file": str(go)}, "every": "50ms", "at_most": "100ms"}
    journey = at(tmp_path, step("join", wait=wait))
    seen: list[bool] = []

    def asked(_: object) -> str:
        seen.append((journey.folder / WAITING).exists())
        go.touch()
        return "wait"

    journey.begin(ScriptedOperator({"waited:join": asked, "pause:Join": lambda _: None}))
    assert seen == [False]
