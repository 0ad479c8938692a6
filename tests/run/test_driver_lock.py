"""One driver: the lock, what it says, its epochs, and that the kernel frees it when the driver dies."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.fakes.clocks import StandingClock
from tests.fakes.sessions import driving_process, make_session, me
from wizard.errors import JournalError, SessionBusyError, SessionError
from wizard.host.clock import SystemClock
from wizard.host.identity import Who, process_started
from wizard.host.locks import HeldLock
from wizard.run.driver import Driver, driving
from wizard.run.journal import read_journal

CLOCK = SystemClock()


def test_taking_the_session_is_an_event_with_the_next_epoch(tmp_path: Path) -> None:
    """Every driver counts one up, by the journal and not by what the lock says."""
    session = make_session(tmp_path)
    for epoch in (1, 2, 3):
        (session.folder / "driver.lock").write_text('{"epoch": 77}')
        with Driver.take(session, me(origin="10.0.0.5"), CLOCK) as driver:
            assert driver.epoch == epoch
            assert driver.journal.entries[-1].kind == "driver-took"
    entries = read_journal(session.folder).entries
    assert [(entry.kind, entry.data["epoch"]) for entry in entries] == [("driver-took", n) for n in (1, 2, 3)]
    assert entries[0].data["from"] == "10.0.0.5"
    assert entries[0].data["how"] == "free"


def test_a_second_driver_is_told_who_drives(tmp_path: Path) -> None:
    """Another process that drives is named with its pid, and nothing is journalled by the one who is refused."""
    session = make_session(tmp_path)
    with driving_process("hold", session) as other:
        assert other.hear() == "driving 1"
        with pytest.raises(SessionBusyError, match=f"pid {other.pid}") as caught:
            Driver.take(session, me(), CLOCK)
        assert "wizard watch" in caught.value.hint
        assert len(read_journal(session.folder).entries) == 1
        seen = driving(session)
        assert seen is not None
        assert seen.who is not None
        assert (seen.who.pid, seen.who.started, seen.epoch) == (other.pid, process_started(other.pid), 1)


def test_this_process_cannot_drive_twice_either(tmp_path: Path) -> None:
    """The lock belongs to the driver, not to the process."""
    session = make_session(tmp_path)
    with Driver.take(session, me(), CLOCK), pytest.raises(SessionBusyError):
        Driver.take(session, me(), CLOCK)


def test_kill_9_frees_the_lock(tmp_path: Path) -> None:
    """When the driver is killed, the next one drives at once, with the next epoch."""
    session = make_session(tmp_path)
    with driving_process("hold", session) as other:
        assert other.hear() == "driving 1"
        other.kill()
        assert driving(session) is None
        with Driver.take(session, me(), CLOCK) as driver:
            assert driver.epoch == 2


def test_a_child_that_only_forked_keeps_no_lock(tmp_path: Path) -> None:
    """A child of the driver that lives on after it does not hold the session."""
    session = make_session(tmp_path)
    with driving_process("forking", session) as other:
        word, epoch, child = other.hear().split()
        assert (word, epoch) == ("driving", "1")
        other.kill()
        try:
            assert process_started(int(child)) is not None
            with Driver.take(session, me(), CLOCK) as driver:
                assert driver.epoch == 2
        finally:
            os.kill(int(child), signal.SIGKILL)


def test_the_lock_is_not_given_to_programs_that_are_started(tmp_path: Path) -> None:
    """No descriptor of a driver is inheritable, so that no command can keep the session."""
    session = make_session(tmp_path)
    with Driver.take(session, me(), CLOCK):
        inheritable = []
        ours = 0
        for name in [path.name for path in Path("/proc/self/fd").iterdir()]:
            try:
                target = str(Path("/proc/self/fd", name).readlink())
                if str(session.folder) in target:
                    ours += 1
                    inheritable += [target] if os.get_inheritable(int(name)) else []
            except OSError:
                continue
        assert inheritable == []
        assert ours >= 3


def test_the_lock_file_stays_and_says_nothing_once_it_is_free(tmp_path: Path) -> None:
    """`driver.lock` is the same file before, during and after, and nobody drives when it is let go."""
    session = make_session(tmp_path)
    before = (session.folder / "driver.lock").stat().st_ino
    with Driver.take(session, me(), CLOCK):
        text = json.loads((session.folder / "driver.lock").read_text())
        assert (text["pid"], text["epoch"], text["boot"]) == (os.getpid(), 1, CLOCK.boot())
    assert (session.folder / "driver.lock").stat().st_ino == before
    assert driving(session) is None


def test_somebody_who_only_asks_does_not_keep_a_driver_off(tmp_path: Path) -> None:
    """Asking who drives, again and again, never makes taking fail."""
    import threading

    session = make_session(tmp_path)
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            driving(session)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(20):
            Driver.take(session, me(), CLOCK).release()
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert len(read_journal(session.folder).entries) == 20


def test_half_a_text_in_the_lock_is_no_driver_made_up(tmp_path: Path) -> None:
    """A lock that is held and says nothing readable is `somebody`."""
    session = make_session(tmp_path)
    (session.folder / "driver.lock").write_text('{"user": "ad')
    lock = HeldLock(os.open(session.folder / "driver.lock", os.O_RDWR))
    seen = driving(session)
    assert seen is not None
    assert (seen.who, str(seen)) == (None, "somebody")
    with pytest.raises(SessionBusyError, match="somebody"):
        Driver.take(session, me(), CLOCK)
    lock.release()


def test_a_missing_lock_is_not_made_up(tmp_path: Path) -> None:
    """Somebody may hold the file that was removed, so taking is refused with the way out."""
    session = make_session(tmp_path)
    (session.folder / "driver.lock").unlink()
    with pytest.raises(SessionError, match="empty file"):
        Driver.take(session, me(), CLOCK)
    assert not (session.folder / "driver.lock").exists()


def test_a_damaged_journal_lets_the_lock_go_again(tmp_path: Path) -> None:
    """Where the journal does not open, nobody drives afterwards; with a reason it is taken."""
    session = make_session(tmp_path)
    (session.folder / "journal.jsonl").write_text("rubbish\nmore\n")
    with pytest.raises(JournalError):
        Driver.take(session, me(), CLOCK)
    assert driving(session) is None
    with Driver.take(session, me(), CLOCK, accept_broken="known") as driver:
        assert [entry.kind for entry in driver.journal.entries] == ["chain-accepted", "driver-took"]


def test_a_session_handed_over_waits_for_its_heir_alone(tmp_path: Path) -> None:
    """For ten seconds of boot time only the heir may take it; then anybody, and after a reboot at once."""
    session, clock = make_session(tmp_path), StandingClock()
    heir = me(clock, pid=4711, started=1, user="grace")
    Driver.take(session, me(clock), clock).hand_over(heir)
    last = read_journal(session.folder).entries[-1]
    assert (last.kind, Who.from_json(last.data["heir"]), last.data["epoch"]) == ("handed-over", heir, 1)

    with pytest.raises(SessionBusyError, match="handed over to grace"):
        Driver.take(session, me(clock), clock)
    assert len(read_journal(session.folder).entries) == 2
    clock.go_on(10.5)
    Driver.take(session, me(clock), clock).hand_over(heir)
    with Driver.take(session, heir, clock) as driver:
        assert driver.epoch == 3
        driver.hand_over(heir)
    clock.reboot()
    Driver.take(session, me(clock), clock).release()
