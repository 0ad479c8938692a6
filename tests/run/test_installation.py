"""Two sessions never change one installation at the same time, and an unfinished one is found."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.clocks import StandingClock
from tests.fakes.sessions import PROGRAM, make_session, me
from wizard.errors import SessionBusyError, SessionError
from wizard.run.installation import hold_installation, installation_of, unfinished_with
from wizard.run.store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.run.session import Session


@contextmanager
def another_holds(place: Path, state: Path, *, uid: int | None = None) -> Iterator[str]:
    """Let a second process try to hold an installation; gives what it says."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), "lock", str(place), str(state), "demo-other", str(uid or os.geteuid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()
        process.stdin.close()


def test_a_second_session_is_kept_off_and_told_by_whom(tmp_path: Path) -> None:
    """While another process holds the installation it cannot be held here, by any spelling of its path."""
    place, state = tmp_path / "opt" / "product", tmp_path / "state"
    place.mkdir(parents=True)
    (tmp_path / "link").symlink_to(place)
    with another_holds(place, state) as said:
        assert said == "locked True"
        for spelling in (str(place), f"{place}/", f"{place}/../product", str(tmp_path / "link")):
            with pytest.raises(SessionBusyError, match="session demo-other, driven by"):
                hold_installation(spelling, state, "demo-mine", me())
    with hold_installation(str(place), state, "demo-mine", me()) as lock:
        assert lock.folder_locked


def test_it_is_free_again_when_let_go(tmp_path: Path) -> None:
    """A released lock keeps nobody off, and releasing again does nothing."""
    lock = hold_installation(str(tmp_path), tmp_path / "state", "a", me())
    with pytest.raises(SessionBusyError, match="session a"):
        hold_installation(str(tmp_path), tmp_path / "state", "b", me())
    lock.release()
    lock.release()
    hold_installation(str(tmp_path), tmp_path / "state", "b", me()).release()


def test_an_installation_that_is_not_there_yet_is_held_too(tmp_path: Path) -> None:
    """Where the folder is made by a step, its name is locked from the start and its parent is not."""
    place, state = tmp_path / "opt" / "new", tmp_path / "state"
    with hold_installation(str(place), state, "a", me()) as lock:
        assert not lock.folder_locked
        with another_holds(place, state) as said:
            assert said.startswith("SessionBusyError: session a, driven by")
        hold_installation(str(place.parent), state, "b", me()).release()
    assert not place.exists()


def test_an_installation_that_a_step_replaces_stays_held(tmp_path: Path) -> None:
    """When the folder is renamed away and made anew, the name still keeps other sessions off."""
    place, state = tmp_path / "product", tmp_path / "state"
    place.mkdir()
    with hold_installation(str(place), state, "a", me()):
        place.rename(tmp_path / "product.old")
        place.mkdir()
        with another_holds(place, state) as said:
            assert said.startswith("SessionBusyError")


def test_what_is_no_folder_is_held_by_its_words(tmp_path: Path) -> None:
    """A cluster or an address names an installation as well."""
    with hold_installation("cluster blue", tmp_path / "state", "a", me()) as lock:
        assert not lock.folder_locked
        with pytest.raises(SessionBusyError):
            hold_installation(" cluster blue", tmp_path / "state", "b", me())
        hold_installation("cluster green", tmp_path / "state", "b", me()).release()


@pytest.mark.usefixtures("root_only")
def test_sessions_of_two_users_meet_on_the_folder(tmp_path: Path) -> None:
    """With state folders apart, the lock on the installation's own folder keeps the other user off."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as shared:
        root = Path(shared)
        root.chmod(0o755)
        place, theirs = root / "product", root / "theirs"
        place.mkdir()
        theirs.mkdir()
        os.chown(theirs, 12345, 12345)
        with another_holds(place, theirs, uid=12345) as said:
            assert said == "locked True"
            with pytest.raises(SessionBusyError, match="another user's session"):
                hold_installation(str(place), tmp_path / "state", "mine", me())
        hold_installation(str(place), tmp_path / "state", "mine", me()).release()


def test_the_lock_is_freed_by_death(tmp_path: Path) -> None:
    """When the holder is killed, the installation is free at once, whatever its text says."""
    with another_holds(tmp_path, tmp_path / "state") as said:
        assert said == "locked True"
    with hold_installation(str(tmp_path), tmp_path / "state", "a", me()) as lock:
        assert lock.installation == installation_of(str(tmp_path))


def planned(tmp_path: Path, clock: StandingClock, works_on: str) -> Session:
    """A session whose plan works on something, a minute after the one before."""
    clock.go_on(60)
    session = make_session(tmp_path, clock)
    session.freeze_plan({"works_on": works_on})
    return session


def test_an_unfinished_session_on_the_same_installation_is_found(tmp_path: Path) -> None:
    """The newest that was planned, is not finished and works on the same place, however that is spelled."""
    clock, place = StandingClock(), tmp_path / "product"
    place.mkdir()
    first = planned(tmp_path, clock, str(place))
    done = planned(tmp_path, clock, str(place))
    planned(tmp_path, clock, str(tmp_path / "another"))
    make_session(tmp_path, clock)
    store = SessionStore(tmp_path / "state")

    def finished(session: Session) -> bool:
        return session.id == done.id

    assert unfinished_with(f"{place}/.", store, finished) == first
    assert unfinished_with(str(place), store, finished, besides=first.id) is None
    assert unfinished_with(str(tmp_path / "nothing"), store, finished) is None


def test_a_session_nobody_can_read_counts_as_unfinished(tmp_path: Path) -> None:
    """Where the journal is damaged nobody knows what was left behind; a damaged plan names no installation."""
    clock = StandingClock()
    session = planned(tmp_path, clock, "/opt/x")
    broken = planned(tmp_path, clock, "/opt/x")
    (broken.folder / "plan.json").write_text("{")

    def unreadable(session: Session) -> bool:
        raise SessionError("damaged")

    assert unfinished_with("/opt/x", SessionStore(tmp_path / "state"), unreadable) == session
