"""Take-over between real processes: granted when nobody is there, refused by a key, forced where nobody answers."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.sessions import driving_process, make_session, me
from tests.waiting import until
from wizard.errors import DrivenError, HostError, SessionBusyError
from wizard.host.clock import SystemClock
from wizard.host.driver_socket import Line, call, kill_driver
from wizard.host.identity import process_started
from wizard.run.driver import Driver, driving
from wizard.run.journal import read_journal
from wizard.run.takeover import Patience, TakeoverDesk, take_over

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.session import Session

CLOCK = SystemClock()
SHORT = Patience(silence=1.5, socket=0.3)


def kinds(session: Session) -> list[str]:
    return [entry.kind for entry in read_journal(session.folder).entries]


def test_a_free_session_is_simply_taken(tmp_path: Path) -> None:
    """Where nobody drives there is nobody to ask."""
    session = make_session(tmp_path)
    with take_over(session, me(), CLOCK) as driver:
        assert driver.epoch == 1
    assert kinds(session) == ["driver-took"]


def test_an_idle_driver_hands_over_at_once(tmp_path: Path) -> None:
    """Without a key for long enough the newcomer gets it at once; the journal names the heir."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "attended", "0", "60") as other:
        assert other.hear() == "driving 1"
        began = time.monotonic()
        with take_over(session, me(), CLOCK) as driver:
            assert driver.epoch == 2
            assert time.monotonic() - began < 30
            assert other.hear() == f"asking {os.getpid()}"
            assert other.hear() == f"granted {os.getpid()} False"
    entries = read_journal(session.folder).entries
    assert [entry.kind for entry in entries] == ["driver-took", "handed-over", "driver-took"]
    assert entries[1].data["heir"]["pid"] == os.getpid()
    assert entries[2].data["how"] == "asked"


def test_an_unattended_driver_hands_over_at_once(tmp_path: Path) -> None:
    """Where no person drives, nobody has to be waited for."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "alone", "30", "60") as other:
        assert other.hear() == "driving 1"
        with take_over(session, me(), CLOCK) as driver:
            assert driver.epoch == 2


def test_a_key_refuses(tmp_path: Path) -> None:
    """A key pressed after the question keeps the driver; the newcomer is told so, and may look on at the session."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "attended", "30", "60") as other:
        assert other.hear() == "driving 1"
        told: list[str] = []

        def press(words: str) -> None:
            told.append(words)
            if words.startswith("it is granted"):
                other.say("key")

        with pytest.raises(DrivenError, match="pressed a key") as refused:
            take_over(session, me(), CLOCK, tell=press)
        assert refused.value.session == str(session.folder)
        heard: set[str] = set()
        while not {"key", "nobody asks"} <= heard:
            heard.add(other.hear())
        assert heard <= {"key", "nobody asks", f"asking {os.getpid()}"}
        assert "asking to take over" in told[0]
        assert driving(session) is not None
    assert kinds(session) == ["driver-took"]


def test_no_key_in_time_grants(tmp_path: Path) -> None:
    """A driver who was there a moment ago and does not refuse in time hands over."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "attended", "30", "0.5") as other:
        assert other.hear() == "driving 1"
        with take_over(session, me(), CLOCK) as driver:
            assert driver.epoch == 2
        assert other.hear() == f"asking {os.getpid()}"
    assert kinds(session) == ["driver-took", "handed-over", "driver-took"]


def test_a_key_before_the_question_does_not_refuse(tmp_path: Path) -> None:
    """Only a key pressed after somebody asked refuses; an earlier one makes them wait."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "attended", "30", "0.5") as other:
        assert other.hear() == "driving 1"
        other.say("key")
        assert other.hear() == "key"
        with take_over(session, me(), CLOCK) as driver:
            assert driver.epoch == 2


def test_a_newcomer_who_hangs_up_is_forgotten(tmp_path: Path) -> None:
    """Who asked and went away gets nothing, and the next one is heard."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "attended", "30", "60") as other:
        assert other.hear() == "driving 1"
        line = call(session.folder)
        assert line is not None
        line.send({"ask": "take-over", "who": me(pid=4711).as_json()})
        assert line.receive(30) == {"reply": "asked", "seconds": 60.0}
        assert other.hear() == "asking 4711"
        line.close()
        assert other.hear() == "nobody asks"
        second = call(session.folder)
        assert second is not None
        with second:
            second.send({"ask": "take-over", "who": me().as_json()})
            assert second.receive(30) == {"reply": "asked", "seconds": 60.0}
            assert other.hear() == f"asking {os.getpid()}"
    assert kinds(session) == ["driver-took"]


def test_the_second_who_asks_is_sent_away(tmp_path: Path) -> None:
    """While one asks, another is told who does."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "attended", "30", "60") as other:
        assert other.hear() == "driving 1"
        line = call(session.folder)
        assert line is not None
        with line:
            line.send({"ask": "take-over", "who": me(user="grace").as_json()})
            assert other.hear() == f"asking {os.getpid()}"
            with pytest.raises(SessionBusyError, match=r"grace .* asks for it already"):
                take_over(session, me(), CLOCK)


@pytest.mark.parametrize("words", [b"", b"\xff\xfe\n", b"[1]\n", b'{"ask": "everything"}\n', b"x" * 20_000])
def test_rubbish_on_the_socket_changes_nothing(tmp_path: Path, words: bytes) -> None:
    """A caller who says what is no question is sent away, and the desk goes on."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "alone", "30", "60") as other:
        assert other.hear() == "driving 1"
        line = call(session.folder)
        assert line is not None
        with line:
            try:
                line._connection.sendall(words)
            except OSError:
                assert len(words) > 8192
        with take_over(session, me(), CLOCK) as driver:
            assert driver.epoch == 2


@pytest.mark.parametrize("mode", ["mute", "stopped"])
def test_a_driver_that_does_not_answer_is_killed(tmp_path: Path, mode: str) -> None:
    """Whether its socket is silent or its walk never comes to grant: it is ended, and that is journalled."""
    session = make_session(tmp_path)
    with driving_process(mode, session) as other:
        assert other.hear().startswith("driving 1")
        with take_over(session, me(), CLOCK, patience=SHORT) as driver:
            assert driver.epoch == 2
        assert other.process.wait(30) == -signal.SIGKILL
    last = read_journal(session.folder).entries[-1]
    assert (last.data["how"], last.data["killed"]["pid"]) == ("killed", other.pid)


def test_a_driver_without_a_socket_is_killed(tmp_path: Path) -> None:
    """A driver that cannot be called, for a little longer than it takes to open a socket, is ended."""
    session = make_session(tmp_path)
    with driving_process("hold", session) as other:
        assert other.hear() == "driving 1"
        with take_over(session, me(), CLOCK, patience=SHORT) as driver:
            assert driver.epoch == 2
        assert other.process.wait(30) == -signal.SIGKILL


def test_a_driver_that_is_stopped_is_killed_too(tmp_path: Path) -> None:
    """A driver held by SIGSTOP answers nothing, and KILL ends it all the same."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "attended", "0", "0") as other:
        assert other.hear() == "driving 1"
        os.kill(other.pid, signal.SIGSTOP)
        with take_over(session, me(), CLOCK, patience=SHORT) as driver:
            assert driver.epoch == 2


def test_a_dead_drivers_socket_is_in_nobodys_way(tmp_path: Path) -> None:
    """After kill -9 the socket file stays; the session is taken without asking and a desk opens in its place."""
    session = make_session(tmp_path)
    with driving_process("mute", session) as other:
        assert other.hear().startswith("driving 1")
        other.kill()
    assert (session.folder / "driver.sock").exists()
    assert call(session.folder) is None
    with take_over(session, me(), CLOCK) as driver, TakeoverDesk(driver, CLOCK, attended=True):
        assert driver.epoch == 2
        line = call(session.folder)
        assert line is not None
        line.close()
    assert not (session.folder / "driver.sock").exists()


def test_only_the_process_that_the_lock_describes_is_killed(tmp_path: Path) -> None:
    """A pid that was given away, another boot, another user, another namespace, ourselves: none of them is hit."""
    session = make_session(tmp_path)
    with driving_process("hold", session) as other:
        assert other.hear() == "driving 1"
        seen = driving(session)
        assert seen is not None
        who = seen.who
        assert who is not None
        assert not kill_driver(me(pid=who.pid, started=who.started - 1), CLOCK)
        assert not kill_driver(me(pid=who.pid, started=who.started, boot="another"), CLOCK)
        for strange in (
            me(pid=who.pid, started=who.started, uid=who.uid + 1),
            me(pid=who.pid, started=who.started, namespace="pid:[1]"),
            me(),
        ):
            with pytest.raises(HostError):
                kill_driver(strange, CLOCK)
        assert process_started(other.pid) == who.started
        assert kill_driver(who, CLOCK)
        assert other.process.wait(30) == -signal.SIGKILL
        assert not kill_driver(who, CLOCK)


def test_a_lock_that_says_nothing_is_not_taken_by_force(tmp_path: Path) -> None:
    """Where the holder of the lock cannot be told, nobody is killed and the operator gets a way to find out."""
    session = make_session(tmp_path)
    with driving_process("hold", session) as other:
        assert other.hear() == "driving 1"
        (session.folder / "driver.lock").write_text("")
        with pytest.raises(SessionBusyError, match="cannot be told"):
            take_over(session, me(), CLOCK, patience=SHORT)
        assert process_started(other.pid) is not None


def test_a_driver_that_leaves_tells_who_asks(tmp_path: Path) -> None:
    """When the driver ends while somebody asks, they get the session at once instead of waiting in vain."""
    session = make_session(tmp_path)
    with driving_process("desk", session, "attended", "30", "60") as other:
        assert other.hear() == "driving 1"

        def end_it(words: str) -> None:
            if words.startswith("it is granted"):
                other.process.kill()

        with take_over(session, me(), CLOCK, tell=end_it) as driver:
            assert driver.epoch == 2
    with Driver.take(session, me(), CLOCK) as driver:
        desk = TakeoverDesk(driver, CLOCK, attended=True)
        line = call(session.folder)
        assert line is not None
        with line:
            line.send({"ask": "take-over", "who": me().as_json()})
            assert line.receive(30) == {"reply": "asked", "seconds": 10.0}
            desk.close()
            assert line.receive(30) == {"reply": "leaving"}


def test_a_caller_who_says_nothing_does_not_keep_a_driver_from_leaving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever drives leaves at once, however long a caller would be heard out."""
    monkeypatch.setattr("wizard.run.takeover._QUESTION_WITHIN", 600.0)
    hears: list[float] = []
    receive = Line.receive

    def heard(line: Line, seconds: float) -> dict[str, Any] | None:
        hears.append(seconds)
        return receive(line, seconds)

    monkeypatch.setattr(Line, "receive", heard)
    session = make_session(tmp_path)
    with Driver.take(session, me(), CLOCK) as driver:
        desk = TakeoverDesk(driver, CLOCK, attended=True)
        line = call(session.folder)
        assert line is not None
        with line:
            until(lambda: hears)
            desk.close()
            assert line.receive(30) == {"reply": "leaving"}


def test_a_grant_with_nobody_left_to_take_it_keeps_the_driver(tmp_path: Path) -> None:
    """Where the newcomer hung up before the walk came to grant, the session is still driven, and heard again."""
    session = make_session(tmp_path)
    with Driver.take(session, me(), CLOCK) as driver, TakeoverDesk(driver, CLOCK, attended=False) as desk:
        assert desk.grant() is None
        line = call(session.folder)
        assert line is not None
        line.send({"ask": "take-over", "who": me().as_json()})
        until(lambda: desk.wish() is not None)
        line.close()
        assert desk.grant() is None
        assert driver.held
        driver.journal.append("still here", {})


def test_a_long_path_does_not_hinder_the_socket(tmp_path: Path) -> None:
    """The session's folder may be deeper than an address of a socket can say."""
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    deep.mkdir(parents=True)
    session = make_session(deep)
    with Driver.take(session, me(), CLOCK) as driver, TakeoverDesk(driver, CLOCK, attended=True):
        line = call(session.folder)
        assert line is not None
        with line:
            assert (line.uid, line.pid) == (os.geteuid(), os.getpid())
        assert (session.folder / "driver.sock").stat().st_mode & 0o777 == 0o600
