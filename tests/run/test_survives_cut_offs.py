"""Drivers killed at chosen places: while something is set back, undone or left, and leaders under a living driver."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.host.attempts import kill
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import GATE, Wheel, dies_at, killed, nothing_left, open_gate, supervisors
from tests.waiting import until
from wizard.errors import ExitCode
from wizard.looking import session_status
from wizard.paths import state_folder
from wizard.run.events import CommandStarted, Said
from wizard.run.following import Follower
from wizard.run.operator import Wish
from wizard.run.session import Session
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.run.events import Event
    from wizard.run.operator import ChoiceRequest, Pausing


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    """What a test leaves running is ended."""
    with nothing_left(tmp_path), nothing_left(state_folder()):
        yield


def log(word: str) -> str:
    """A command text that leaves a line behind."""
    return f"echo {word} >> effects"


def slow(word: str) -> str:
    """A command text that waits for the gate, then leaves a line behind."""
    return GATE + log(word)


def at(tmp_path: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `tmp_path`."""
    return Journey(tmp_path, guide(phase(*steps, **more), defaults={"folder": str(tmp_path)}))


def begin_killed_at(journey: Journey, name: str, **replies: Any) -> None:
    """Begin in a process that dies as soon as the command of a step runs; the command goes on."""
    script = {key.replace("__", ":"): reply for key, reply in replies.items()}
    killed(lambda: journey.begin(ScriptedOperator(script, watch=dies_at(name))), journey.place)


def test_what_ended_without_a_driver_is_not_shown_as_running(tmp_path: Path) -> None:
    """Whoever looks on sees a command run on after its driver was killed, and sees that it has ended when it has."""
    journey = at(tmp_path, step("work", slow("work"), takes="1s"))
    begin_killed_at(journey, "work")
    with closing(Follower(Session.open(journey.folder))) as follower:
        follower.poll()
        view = follower.view()
        assert view.running is not None
        assert (view.running.key, view.word, view.ended_untold) == ("1/work/work", SessionState.RUNNING, frozenset())
        open_gate(tmp_path)
    until(lambda: session_status(None).state is SessionState.STOPPED)
    with closing(Follower(Session.open(journey.folder))) as follower:
        follower.poll()
        view = follower.view()
    assert (view.running, view.word, view.ended_untold) == (None, SessionState.STOPPED, frozenset({"1/work/work"}))


def test_a_finally_step_in_flight_is_attended_and_not_doubled(tmp_path: Path) -> None:
    """It ends once, and the phase after it."""
    journey = at(tmp_path, step("work", log("work")), **{"finally": [step("tidy", slow("tidy"))]})
    begin_killed_at(journey, "tidy")
    open_gate(tmp_path)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["work", "tidy"]


def test_a_finally_step_cut_off_on_leaving_ends_before_the_walk_goes_on(tmp_path: Path) -> None:
    """It is brought to its end first; then the failed step is asked about, and what is tidied is tidied again later."""
    journey = at(tmp_path, step("work", "false"), **{"finally": [step("tidy", slow("tidy"))]})
    begin_killed_at(journey, "tidy", failed__work="stop")
    open_gate(tmp_path)
    seen: list[str] = []

    def skip(_: ChoiceRequest) -> tuple[str, str]:
        seen.extend(journey.lines())
        return ("skip", "not needed")

    assert journey.resume(ScriptedOperator({"failed:work": skip})) is ExitCode.DONE
    assert seen == ["tidy"]
    assert journey.lines() == ["tidy", "tidy"]


def temporary(tmp_path: Path, *steps: dict[str, Any]) -> Journey:
    """A journey that begins with a temporary setting whose undo waits for the gate."""
    hold = step("hold", log("hold"), temporary=True, undo=[step("release", slow("release"))])
    return at(tmp_path, hold, *steps)


def test_a_temporary_setting_that_was_being_taken_back_is_not_set_again(tmp_path: Path) -> None:
    """With all its phase's steps done there is nothing left to set it for."""
    journey = temporary(tmp_path, step("work", log("work")))
    begin_killed_at(journey, "release")
    open_gate(tmp_path)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["hold", "work", "release"]


def test_a_temporary_setting_cut_off_on_leaving_is_taken_back_before_it_is_set_again(tmp_path: Path) -> None:
    """Setting and taking back never run beside each other."""
    journey = temporary(tmp_path, step("work", "test -e mended && echo work >> effects", rerun="safe"))
    begin_killed_at(journey, "release", failed__work="stop")
    open_gate(tmp_path)
    (tmp_path / "mended").touch()
    assert journey.resume(ScriptedOperator({"failed:work": "again"})) is ExitCode.DONE
    assert journey.lines() == ["hold", "release", "hold", "work", "release"]


def test_an_undo_of_one_step_that_was_cut_off_is_finished_and_the_step_asked_about(tmp_path: Path) -> None:
    """The step is not walked again over a half-done undo, and not without a word."""
    journey = at(tmp_path, step("work", log("work") + "; false", undo=[step("un-work", slow("un-work"))]))
    begin_killed_at(journey, "un-work", failed__work="undo")
    open_gate(tmp_path)
    operator = ScriptedOperator({"failed:work": "stop"})
    assert journey.resume(operator) is ExitCode.STOPPED
    assert journey.lines() == ["work", "un-work"]
    assert "was being undone" in dict(operator.asked)["failed:work"].text
    assert journey.status("work") == StepStatus.UNDONE


def test_an_undo_of_the_run_that_was_cut_off_is_finished_by_undo(tmp_path: Path) -> None:
    """It goes on where it stood, says that everything is undone, and ends as an undo does."""
    journey = at(
        tmp_path,
        step("one", log("one"), undo=[step("un-one", log("un-one"))]),
        step("two", log("two"), undo=[step("un-two", slow("un-two"))]),
    )
    assert journey.begin() is ExitCode.DONE
    killed(lambda: journey.undo(ScriptedOperator(watch=dies_at("un-two"))), tmp_path)
    open_gate(tmp_path)
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["one", "two", "un-two", "un-one"]
    assert journey.state.word is SessionState.UNDONE


def test_an_undo_of_the_run_that_was_cut_off_is_finished_by_resume(tmp_path: Path) -> None:
    """Resume does not walk on over a half-done undo: it finishes that, and leaves."""
    journey = at(tmp_path, step("one", log("one"), undo=[step("un-one", slow("un-one"))]), step("two", log("two")))
    assert journey.begin() is ExitCode.DONE
    killed(lambda: journey.undo(ScriptedOperator({"undo-past": True}, watch=dies_at("un-one"))), tmp_path)
    open_gate(tmp_path)
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.STOPPED
    assert operator.told(Said)[0].text == "An undo was interrupted; it goes on first."
    assert journey.lines() == ["one", "two", "un-one"]
    assert journey.state.word is SessionState.UNDONE


def kills_leader(journey: Journey, name: str) -> ScriptedOperator:
    """An operator under whose eyes the leader of a step's command is killed."""

    def watch(event: Event) -> None:
        if isinstance(event, CommandStarted) and event.step.id == name:
            until((journey.folder / "attempts" / event.attempt / "started.json").exists)
            until((journey.place / "ready").exists)
            leader = supervisors(journey.folder).leader
            assert leader
            kill(leader)

    return ScriptedOperator(watch=watch)


def test_a_command_whose_leader_dies_under_a_living_driver_is_waited_for(tmp_path: Path) -> None:
    """What survives the leader is shown before anything is asked, and nothing is started beside it."""
    stubborn = "trap '' HUP\ntouch ready\n" + slow("work")
    journey = at(tmp_path, step("work", stubborn))
    operator = kills_leader(journey, "work")

    def wait(request: ChoiceRequest) -> str:
        assert any("bash" in line for line in request.lines)
        open_gate(tmp_path)
        until(lambda: journey.lines() == ["work"])
        return "wait"

    operator.replies.update({"survivors:work": wait, "unknown:work": ("done", "its line is there")})
    assert journey.begin(operator) is ExitCode.DONE
    assert operator.keys().index("survivors:work") < operator.keys().index("unknown:work")
    assert journey.lines() == ["work"]


def test_survivors_are_waited_for_until_they_end_or_the_person_wants_something_else(tmp_path: Path) -> None:
    """Who waits is not asked again every other second; going on brings the choices back, and leaving leaves."""
    journey = at(tmp_path, step("work", "trap '' HUP\ntouch ready\n" + slow("work"), title="Work"))
    operator = kills_leader(journey, "work")
    waits: list[Pausing] = []

    def wait(pausing: Pausing) -> Wish | None:
        waits.append(pausing)
        if len(waits) == 4:
            open_gate(tmp_path)
        return {1: Wish.GO_ON, 3: Wish.LEAVE}.get(len(waits))

    waiting = "pause:Work: parts of it still run"
    replies = {"survivors:work": Turns("wait", "wait"), waiting: wait}
    operator.replies.update(replies)
    assert journey.begin(operator) is ExitCode.STOPPED
    assert operator.keys().count("survivors:work") == 2
    assert waits[-1].waited > 0
    told = {"survivors:work": "wait", waiting: wait, "unknown:work": ("done", "its line is there")}
    assert journey.resume(ScriptedOperator(told)) is ExitCode.DONE
    assert "bash" in waits[-1].seen


def test_a_check_tells_what_became_of_a_command_whose_leader_died(tmp_path: Path) -> None:
    """False before and true now: it is offered as done, under a living driver as on a resume."""
    stubborn = "trap '' HUP\ntouch ready\n" + slow("work")
    done_when = [{"file": str(tmp_path / "effects")}]
    journey = at(tmp_path, step("work", stubborn, done_when=done_when))
    operator = kills_leader(journey, "work")

    def wait(_: ChoiceRequest) -> str:
        open_gate(tmp_path)
        until(lambda: journey.lines() == ["work"])
        return "wait"

    operator.replies.update({"survivors:work": wait, "found-done:work": Turns("done")})
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.state.step("1/work/work").how == "found done"


def test_a_product_left_running_outlives_the_step_the_wizard_and_is_listed(tmp_path: Path) -> None:
    """It is named when its step ends, it is in the journal, and nobody ends it."""
    start = "setsid sleep 600 > /dev/null 2>&1 < /dev/null & echo $! > pid"
    begun = "until grep -qx sleep /proc/$!/comm; do :; done"  # else it is still the shell when it is named
    journey = at(tmp_path, step("start", f"{start}\n{begun}"), step("after", log("after")))

    def drive() -> int:
        operator = ScriptedOperator()
        code = journey.begin(operator)
        (tmp_path / "said").write_text("\n".join(one.text for one in operator.told(Said)), encoding="utf-8")
        return code

    with Wheel(drive, tmp_path / "crash") as wheel:
        assert wheel.end() == ExitCode.DONE
    pid = int((tmp_path / "pid").read_text())
    os.kill(pid, 0)
    listed = journey.state.step("1/work/start").attempts[0].exit
    assert listed is not None
    assert [one["pid"] for one in listed["left_running"]] == [pid]
    assert f"sleep ({pid})" in (tmp_path / "said").read_text(encoding="utf-8")


def killed_at_rename(journey: Journey, *, after: bool) -> None:
    """Begin in a process that dies just before, or just after, its edit puts the new file into place."""

    def drive() -> int:
        rename = os.rename

        def dying(*names: Any, **more: Any) -> None:
            if "app.env" in names:
                if after:
                    rename(*names, **more)
                os.kill(os.getpid(), signal.SIGKILL)
            rename(*names, **more)

        os.rename = dying
        return journey.begin()

    killed(drive, journey.place)


def editing(tmp_path: Path) -> Journey:
    """A journey of one edit."""
    (tmp_path / "app.env").write_text("A=1\n", encoding="utf-8")
    return at(tmp_path, step("edit", edit={"file": "app.env", "set": {"A": "one"}}))


def test_an_edit_cut_off_before_it_was_made_is_begun_again(tmp_path: Path) -> None:
    """The file is as it was, so nothing happened: the edit is made now, and nothing is left beside the file."""
    journey = editing(tmp_path)
    killed_at_rename(journey, after=False)
    assert (tmp_path / ".app.env.wizard").exists()
    assert (tmp_path / "app.env").read_text(encoding="utf-8") == "A=1\n"
    assert journey.resume() is ExitCode.DONE
    assert not (tmp_path / ".app.env.wizard").exists()
    assert (tmp_path / "app.env").read_text(encoding="utf-8") == "A=one\n"
    assert journey.undo() is ExitCode.DONE
    assert (tmp_path / "app.env").read_text(encoding="utf-8") == "A=1\n"


def test_an_edit_cut_off_after_it_was_made_is_seen_as_made(tmp_path: Path) -> None:
    """The file says so itself; nobody is asked, and the undo knows of it."""
    journey = editing(tmp_path)
    killed_at_rename(journey, after=True)
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.DONE
    assert operator.asked == []
    assert journey.undo() is ExitCode.DONE
    assert (tmp_path / "app.env").read_text(encoding="utf-8") == "A=1\n"


def test_a_captured_value_the_journal_must_not_hold_is_never_replaced_by_its_mask(tmp_path: Path) -> None:
    """A name that says secret is masked in the journal; a command made of it does not run, and says why."""
    journey = at(
        tmp_path,
        step("look", "echo 'token: abc'", capture={"token": r"token: (\S+)"}),
        step("use", ["sh", "-c", 'echo "$0" >> effects', "${{ captured.token }}"]),
    )
    operator = ScriptedOperator({"failed:use": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "captured.token" in dict(operator.asked)["failed:use"].text
    assert journey.lines() == []
