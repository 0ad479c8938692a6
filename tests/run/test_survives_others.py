"""Two wizards on one session, two sessions on one installation, and drivers nobody sits at: real programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.host.attempts import kill
from tests.run.journey import SETS, Journey, guide, phase, step
from tests.run.plug import GATE, Wheel, dies_at, killed, nothing_left, open_gate
from tests.waiting import until
from wizard.assemble import Resume, go_on, session_status, store
from wizard.errors import ExitCode, Gone, SessionBusyError, SessionError, StoppedError
from wizard.paths import state_folder
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.run.operator import ProceedRequest


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    """What a test leaves running is ended, drivers in the background too."""
    state = state_folder()
    with nothing_left(tmp_path), nothing_left(state):
        try:
            yield
        finally:
            for session in (state / "sessions").glob("*"):
                _end_driver(session.name)


def _end_driver(session: str) -> None:
    driver = session_status(session).driver
    if driver and driver["pid"] != os.getpid():
        kill(driver["pid"])


def log(word: str) -> str:
    """A command text that leaves a line behind."""
    return f"echo {word} >> effects"


def at(tmp_path: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `tmp_path`."""
    return Journey(tmp_path, guide(phase(*steps), defaults={"folder": str(tmp_path)}, **more))


@contextmanager
def wizard(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The program, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wizard", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run_words(journey: Journey) -> list[str]:
    """The words that begin a journey without anybody."""
    return ["run", str(journey.file), "--unattended", *(word for one in SETS for word in ("--set", one))]


def runs(journey: Journey, name: str) -> bool:
    """Whether the command of a step runs."""
    try:
        folder = journey.folder
    except SessionError:
        return False
    return journey.status(name) == "running" and any((folder / "attempts").glob("*/started.json"))


def test_a_second_wizard_is_told_who_drives_and_may_take_over(tmp_path: Path) -> None:
    """Busy names the first; taken over, the first leaves, its command runs on, and the second attends it."""
    journey = at(tmp_path, step("long", GATE + log("long")), step("after", log("after")))
    with wizard(*run_words(journey)) as first:
        until(lambda: runs(journey, "long"))
        with wizard("resume", "--unattended") as second:
            _, words = second.communicate(timeout=30)
            assert second.returncode == ExitCode.SESSION_UNREADABLE
            assert f"process {first.pid}" in words or str(first.pid) in words
        with wizard("resume", "--unattended", "--take-over") as heir:
            _, words = first.communicate(timeout=30)
            assert first.returncode == ExitCode.STOPPED
            assert "The session was handed over to" in " ".join(words.split())
            until(lambda: journey.state.epoch == 2)
            assert journey.lines() == []
            open_gate(tmp_path)
            _, words = heir.communicate(timeout=30)
            assert heir.returncode == ExitCode.DONE, words
    assert journey.lines() == ["long", "after"]
    assert [one.number for one in journey.state.step("1/work/long").attempts] == [1]
    took = [(entry.data["epoch"], entry.data["how"]) for entry in journey.entries if entry.kind == "driver-took"]
    assert took == [(1, "free"), (2, "asked")]
    assert [entry.data["heir"]["pid"] for entry in journey.entries if entry.kind == "handed-over"] == [heir.pid]


@pytest.mark.slow
def test_a_stopped_driver_that_does_not_answer_is_ended_by_a_take_over(tmp_path: Path) -> None:
    """A driver that was suspended cannot hand over; it is killed, and its command runs on all the same."""
    journey = at(tmp_path, step("long", GATE + log("long")))
    with Wheel(journey.begin, tmp_path / "crash") as first:
        until(lambda: runs(journey, "long"))
        os.kill(first.pid, signal.SIGSTOP)
        with wizard("resume", "--unattended", "--take-over") as heir:
            until(lambda: first.code() is not None, 60)
            assert first.code() == -signal.SIGKILL
            open_gate(tmp_path)
            assert heir.wait(30) == ExitCode.DONE
    assert journey.lines() == ["long"]
    assert [entry.data["how"] for entry in journey.entries if entry.kind == "driver-took"] == ["free", "killed"]


def test_a_second_session_on_an_installation_is_blocked_until_the_first_is_finished(tmp_path: Path) -> None:
    """Beside a living walk and behind a dead one the finding names the session; a finished one blocks nobody."""
    steps = (step("long", GATE + log("long")),)
    journey = at(tmp_path, *steps, works_on=str(tmp_path))
    killed(lambda: journey.begin(ScriptedOperator(watch=dies_at("long"))), tmp_path)
    name = store().open().id

    def blocked(asked: ProceedRequest) -> str:
        found = next(one for one in asked.findings if one.key == "wizard-installation")
        assert found.blocking
        assert name in found.say
        return "stop"

    assert _ends(lambda: journey.begin(ScriptedOperator({"proceed": blocked}))) is ExitCode.STOPPED
    open_gate(tmp_path)
    assert go_on(Resume(name), journey.front_end(ScriptedOperator())) is ExitCode.DONE
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["long", "long"]


def _ends(work: Callable[[], int]) -> ExitCode:
    try:
        return ExitCode(work())
    except StoppedError as error:
        return error.exit_code


def test_a_session_of_another_state_folder_is_kept_off_by_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot see the other session, and still does not touch the installation while that one walks."""
    place = tmp_path / "product"
    place.mkdir()
    journey = Journey(
        place,
        guide(phase(step("long", GATE + log("long"))), defaults={"folder": str(place)}, works_on=str(place)),
    )
    with Wheel(journey.begin, tmp_path / "crash") as first:
        until(lambda: runs(journey, "long"))
        with monkeypatch.context() as other:
            other.setenv("WIZARD_STATE_DIR", str(tmp_path / "other"))
            with pytest.raises(SessionBusyError, match="works on"):
                journey.begin()
        open_gate(place)
        assert first.end() == ExitCode.DONE
    assert journey.lines() == ["long"]


def alone(tmp_path: Path, *steps: dict[str, Any]) -> Journey:
    """A journey whose phase goes on alone."""
    parts = guide(phase(*steps, goes_on_alone=True), defaults={"folder": str(tmp_path)})
    return Journey(tmp_path, parts)


def lose_front_end(journey: Journey, at: str) -> None:
    """Begin, and lose the person at a decision or command."""

    def work() -> int:
        with pytest.raises(Gone):
            journey.begin(ScriptedOperator({at: Gone}))
        return ExitCode.DONE

    with Wheel(work, journey.place / "crash") as wheel:
        code = wheel.end()
    assert code == ExitCode.DONE, (journey.place / "crash").read_text(encoding="utf-8")


def nobody_drives(journey: Journey) -> bool:
    """Whether the driver in the background came and is gone."""
    return journey.state.epoch > 1 and session_status(None).driver is None


def test_a_phase_that_goes_on_alone_is_walked_to_its_end_when_the_front_end_is_lost(tmp_path: Path) -> None:
    """A driver without a terminal attends what runs and goes on through steps that need nobody."""
    journey = alone(tmp_path, step("long", GATE + log("long")), step("after", log("after")))
    lose_front_end(journey, "attend:long")
    open_gate(tmp_path)
    until(lambda: nobody_drives(journey), 30)
    assert journey.lines() == ["long", "after"]
    assert journey.state.word is SessionState.DONE
    assert [one.number for one in journey.state.step("1/work/long").attempts] == [1]


def test_going_on_alone_ends_where_somebody_is_needed(tmp_path: Path) -> None:
    """At a step that wants a word it stops and says so; nothing behind it is done."""
    steps = (step("one", GATE + log("one")), step("sure", confirm="Really?"), step("after", log("after")))
    journey = alone(tmp_path, *steps)
    lose_front_end(journey, "attend:one")
    open_gate(tmp_path)
    until(lambda: nobody_drives(journey), 30)
    assert journey.lines() == ["one"]
    assert journey.state.word is SessionState.WAITING
    assert "1.2 Sure" in journey.state.detail
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["one", "after"]


def test_without_goes_on_alone_nothing_is_begun_after_the_front_end_is_lost(tmp_path: Path) -> None:
    """The command that runs goes on; nobody begins the next."""
    journey = at(tmp_path, step("long", GATE + log("long")), step("after", log("after")))
    lose_front_end(journey, "attend:long")
    open_gate(tmp_path)
    until(lambda: journey.lines() == ["long"])
    assert journey.state.epoch == 1
    assert journey.state.word is SessionState.WAITING


def test_a_detached_run_goes_on_without_any_terminal(tmp_path: Path) -> None:
    """The program returns once the plan is frozen; everything is done by a driver in the background."""
    journey = at(tmp_path, step("long", GATE + log("long")), step("after", log("after")))
    with wizard(*run_words(journey), "--detach") as first:
        _, words = first.communicate(timeout=30)
        assert first.returncode == ExitCode.DONE, words
        assert "background" in words
    assert journey.lines() == []
    until(lambda: runs(journey, "long"), 30)
    driver = session_status(None).driver
    assert driver is not None
    assert driver["pid"] != first.pid
    assert Path(f"/proc/{driver['pid']}/fd/0").readlink() == Path("/dev/null")
    open_gate(tmp_path)
    until(lambda: nobody_drives(journey), 30)
    assert journey.lines() == ["long", "after"]
    assert journey.state.word is SessionState.DONE
