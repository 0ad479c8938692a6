"""Commands beside the walk: begun, waited for, noticed when they end, stopped, and found again after a kill."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import GATE, Wheel, killed, marked, open_gate, pass_moment
from tests.waiting import until
from wizard.errors import ExitCode, Gone, SessionError
from wizard.run.events import Owed, Said, StepBegan, StepEnded
from wizard.run.operator import Wish
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.run.events import Event

pytestmark = pytest.mark.usefixtures("nothing_runs_on")

SERVES = 'trap "echo down >> effects; exit 0" INT TERM; echo up >> effects; touch ready; while :; do sleep 0.05; done'
"""A command text that is ready once the file `ready` is there, runs on, and leaves a line when it is stopped."""


def log(word: str) -> str:
    """A command text that leaves a line behind."""
    return f"echo {word} >> effects"


def server(place: Path, run: str = SERVES, **more: Any) -> dict[str, Any]:
    """A step that serves in the background."""
    ready = {"ready_when": [{"file": str(place / "ready")}], "until": "phase"}
    return step("serve", run, background=True, **{**ready, **more})


def at(place: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `place`."""
    return Journey(place, guide(phase(*steps, **more), defaults={"folder": str(place)}))


def words(operator: ScriptedOperator) -> str:
    """All that was said."""
    return "\n".join(event.text for event in operator.told(Said))


def test_the_walk_goes_on_beside_a_command_and_stops_it_when_the_phase_is_left(tmp_path: Path) -> None:
    """It is ready before the next step begins, is not done while it runs, and is done once it was stopped."""
    journey = at(tmp_path, server(tmp_path), step("use", log("use")))
    operator = ScriptedOperator()
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["up", "use", "down"]
    ended = [(event.step.id, event.status) for event in operator.told(StepEnded)]
    assert ended == [("serve", "in_background"), ("use", "done"), ("serve", "done")]
    assert journey.status("serve") == StepStatus.DONE
    assert marked(tmp_path) == []


def test_a_command_runs_on_over_phases_until_the_run_is_over(tmp_path: Path) -> None:
    """`until: run` is not bound to its phase."""
    second = {"id": "next", "title": "Next", "steps": [step("use", log("use"))]}
    parts = guide(phase(server(tmp_path, until="run")), second, defaults={"folder": str(tmp_path)})
    journey = Journey(tmp_path, parts)
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["up", "use", "down"]
    assert journey.status("serve") == StepStatus.DONE


def test_a_command_runs_until_a_step_is_done(tmp_path: Path) -> None:
    """It is stopped before the step behind the one it was needed for."""
    journey = at(tmp_path, server(tmp_path, until="use"), step("use", log("use")), step("after", log("after")))
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["up", "use", "down", "after"]


def test_until_a_step_of_this_hop(tmp_path: Path) -> None:
    """The same step of the hop before ends nothing."""
    parts = guide(
        phase(server(tmp_path, f"rm -f ready; {SERVES}", until="use"), step("use", log("use"))),
        defaults={"folder": str(tmp_path)},
        versions={
            "releases": ["1.0", "1.5", "2.0"],
            "one_at_a_time": "minor",
            "hops": [
                {"from": "1.0", "to": "1.5", "phases": ["work"]},
                {"from": "1.5", "to": "2.0", "phases": ["work"]},
            ],
        },
    )
    journey = Journey(tmp_path, parts)
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["up", "use", "down", "up", "use", "down"]


def test_a_command_that_ends_before_it_is_ready_has_failed(tmp_path: Path) -> None:
    """The failure shows its last lines, and what comes next is not begun."""
    operator = ScriptedOperator({"failed:serve": "stop"})
    journey = at(tmp_path, server(tmp_path, "echo address already in use; exit 4"), step("use", log("use")))
    assert journey.begin(operator) is ExitCode.STOPPED
    request = dict(operator.asked)["failed:serve"]
    assert "before it was ready" in request.text
    assert "exit 4" in request.text
    assert "address already in use" in request.lines
    assert journey.lines() == []


def test_a_command_that_is_not_ready_in_time_is_stopped(tmp_path: Path) -> None:
    """The time is that of the checks' `within`; what was missing is named, and nothing is left running."""
    late = server(tmp_path, "sleep 60", ready_when=[{"file": str(tmp_path / "ready"), "within": "1s"}])
    operator = ScriptedOperator({"failed:serve": "stop"})
    journey = at(tmp_path, late)
    assert journey.begin(operator) is ExitCode.STOPPED
    request = dict(operator.asked)["failed:serve"]
    assert "not ready within 1 s" in request.text
    assert any("ready" in line for line in request.lines)
    assert marked(tmp_path) == []


class StoodStill:
    """A clock of a machine that stands still for two minutes once it was looked; `then` is what happens meanwhile."""

    def __init__(self, then: Callable[[], object]) -> None:
        self._then = then
        self._looks, self._stood = 0, 0.0

    def monotonic(self) -> float:
        """Seconds; each look asks once, on a thread of its own."""
        if threading.current_thread() is not threading.main_thread():
            self._looks += 1
            if self._looks == 2:
                self.second_look()
        elif self._looks and not self._stood:
            self._then()
            self._stood = 120.0
        return time.monotonic() + self._stood

    def second_look(self) -> None:
        """The look that decides begins."""


def test_what_got_ready_while_everything_stood_still_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long after its time that is seen: a look decides, and not the clock."""
    monkeypatch.setattr("wizard.run.background.time", StoodStill((tmp_path / "ready").touch))
    late = server(tmp_path, "sleep 60", ready_when=[{"file": str(tmp_path / "ready"), "within": "60s"}])
    journey = at(tmp_path, late, step("use", log("use")))
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["use"]


def test_a_look_that_does_not_come_back_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is over, and nothing says that it is ready."""
    over = threading.Event()
    clock = StoodStill(lambda: None)
    monkeypatch.setattr(clock, "second_look", over.wait)
    monkeypatch.setattr("wizard.run.background.time", clock)
    monkeypatch.setattr("wizard.run.background.LAST_LOOK", 1.0)
    late = server(tmp_path, "sleep 60", ready_when=[{"file": str(tmp_path / "ready"), "within": "60s"}])
    operator = ScriptedOperator({"failed:serve": "stop"})
    try:
        assert at(tmp_path, late).begin(operator) is ExitCode.STOPPED
    finally:
        over.set()
    assert "not ready within 1 min" in dict(operator.asked)["failed:serve"].text


def test_the_timeout_of_a_command_in_the_background_is_that_until_it_is_ready(tmp_path: Path) -> None:
    """It bounds the waiting where the checks say nothing, and never ends a command that is ready."""
    operator = ScriptedOperator({"failed:serve": "stop"})
    (tmp_path / "a").mkdir()
    assert at(tmp_path / "a", server(tmp_path, "sleep 60", timeout="1s")).begin(operator) is ExitCode.STOPPED
    assert "not ready within 1 s" in dict(operator.asked)["failed:serve"].text
    ready = tmp_path / "ready-before"
    ready.touch()
    use = step("use", "until test -e ready; do sleep 0.05; done; sleep 1.5; echo use >> effects")
    journey = at(tmp_path, server(tmp_path, timeout="1s", ready_when=[{"file": str(ready)}]), use)
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["up", "use", "down"]


def test_an_end_nobody_asked_for_is_told_at_once_and_decided_before_the_next_step(tmp_path: Path) -> None:
    """While another command runs it is only told; started again on a word, the walk goes on."""
    dies_once = (
        f"if test -e died; then {SERVES}; fi; touch ready; until test -e go; do sleep 0.02; done; touch died; exit 7"
    )
    watched: list[str] = []

    def watch(event: Event) -> None:
        if isinstance(event, Said) and "not running any more" in event.text:
            watched.append(journey.status("use"))
            (tmp_path / "told").touch()

    operator = ScriptedOperator({"failed:serve": "again"}, watch=watch)
    use = step("use", "touch go; until test -e told; do sleep 0.05; done; echo use >> effects")
    journey = at(tmp_path, server(tmp_path, dies_once, rerun="safe"), use, step("after", log("after")))
    assert journey.begin(operator) is ExitCode.DONE
    assert watched == ["running"]
    request = dict(operator.asked)["failed:serve"]
    assert "exit 7" in request.text
    assert "although nothing asked it to" in request.text
    assert journey.lines() == ["use", "up", "after", "down"]
    assert len(journey.state.step("1/work/serve").attempts) == 2


def test_an_end_is_told_while_something_is_waited_for(tmp_path: Path) -> None:
    """A wait lets the news through; unattended the failure ends the run before the next step."""
    dies = "touch ready; until test -e go; do sleep 0.02; done; exit 7"
    seen: list[str] = []

    def watch(event: Event) -> None:
        if isinstance(event, StepBegan) and event.step.id == "rest":
            (tmp_path / "go").touch()
        if isinstance(event, Said) and "not running any more" in event.text:
            seen.append(journey.state.current)

    goes_on = {"pause:Rest": lambda _: Wish.GO_ON if seen else None}
    operator = ScriptedOperator({"failed:serve": "stop", **goes_on}, watch=watch)
    journey = at(tmp_path, server(tmp_path, dies), step("rest", wait={"until": "60s"}), step("after", log("after")))
    assert journey.begin(operator) is ExitCode.STOPPED
    assert seen == ["1/work/rest"]
    assert journey.lines() == []
    assert journey.state.word is SessionState.FAILED


def test_an_end_the_guide_knows_is_no_failure(tmp_path: Path) -> None:
    """A command that may come to its own end says so by its outcomes."""
    ends = server(
        tmp_path, "touch ready; sleep 0.2; echo all copied", outcomes=[{"output": "all copied", "means": "done"}]
    )
    journey = at(tmp_path, ends, step("use", f"sleep 0.5; {log('use')}"), step("after", log("after")))
    assert journey.begin() is ExitCode.DONE
    assert journey.status("serve") == StepStatus.DONE
    assert journey.lines() == ["use", "after"]


def test_what_it_printed_still_judges_a_command_that_was_stopped(tmp_path: Path) -> None:
    """Being stopped is its good end, but not for what must never appear."""
    prints = server(tmp_path, f"echo replication broke; {SERVES}", expect={"never": "broke"})
    operator = ScriptedOperator({"failed:serve": ("skip", "known")})
    assert at(tmp_path, prints).begin(operator) is ExitCode.DONE
    assert "what must never appear" in dict(operator.asked)["failed:serve"].text


def test_the_guides_own_way_to_stop_comes_first(tmp_path: Path) -> None:
    """`stop` is carried out before any signal, and the command that heeds it gets none."""
    heeds = "trap 'echo signalled >> effects' INT TERM; touch ready; until test -e halt; do sleep 0.02; done"
    heeds += "; echo halted >> effects"
    journey = at(tmp_path, server(tmp_path, heeds, stop={"run": "touch halt", "after": "20s"}))
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["halted"]


def test_leaving_stops_it_and_coming_back_starts_it_again(tmp_path: Path) -> None:
    """Like a temporary setting it never stays behind, and stands again when the walk goes on."""
    broken = tmp_path / "broken"
    broken.touch()
    work = step("work", f"test ! -e {broken}; {log('work')}", rerun="safe")
    journey = at(tmp_path, server(tmp_path, f"rm -f ready; {SERVES}"), work)
    assert journey.begin(ScriptedOperator({"failed:work": "stop"})) is ExitCode.STOPPED
    assert journey.lines() == ["up", "down"]
    assert journey.status("serve") == StepStatus.SET_BACK
    assert marked(tmp_path) == []
    broken.unlink()
    assert journey.resume(ScriptedOperator({"failed:work": "again"})) is ExitCode.DONE
    assert journey.lines() == ["up", "down", "up", "work", "down"]


def test_one_of_an_earlier_phase_is_started_again_too(tmp_path: Path) -> None:
    """Coming back does not go through the phase it was started in, and starts it all the same."""
    broken = tmp_path / "broken"
    broken.touch()
    second = {
        "id": "next",
        "title": "Next",
        "steps": [step("work", f"test ! -e {broken}; {log('work')}", rerun="safe")],
    }
    serve = server(tmp_path, f"rm -f ready; {SERVES}", until="run")
    journey = Journey(tmp_path, guide(phase(serve), second, defaults={"folder": str(tmp_path)}))
    assert journey.begin(ScriptedOperator({"failed:work": "stop"})) is ExitCode.STOPPED
    assert journey.lines() == ["up", "down"]
    broken.unlink()
    assert journey.resume(ScriptedOperator({"failed:work": "again"})) is ExitCode.DONE
    assert journey.lines() == ["up", "down", "up", "work", "down"]


def test_what_may_outlive_the_run_is_left_running_and_named(tmp_path: Path) -> None:
    """`keep` lets it run on when the walk is left; coming back finds it, and does not start another."""
    broken = tmp_path / "broken"
    broken.touch()
    serve = server(tmp_path, keep=True, until="run")
    journey = at(tmp_path, serve, step("work", f"test ! -e {broken}; {log('work')}", rerun="safe"))
    operator = ScriptedOperator({"failed:work": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "1.1 Serve runs on, as the guide says" in words(operator)
    assert journey.lines() == ["up"]
    broken.unlink()
    back = ScriptedOperator({"failed:work": "again"})
    assert journey.resume(back) is ExitCode.DONE
    assert back.told(Owed)[0].items[0] == ("1.1", "Serve runs in the background")
    assert journey.lines() == ["up", "work"]
    assert marked(tmp_path)
    assert journey.status("serve") == StepStatus.DONE
    assert journey.undo(ScriptedOperator({"undo-past": True})) is ExitCode.DONE
    assert journey.lines() == ["up", "work", "down"]
    assert marked(tmp_path) == []


def test_undo_stops_it(tmp_path: Path) -> None:
    """Taking the step back is stopping it; its own undo steps follow."""
    serve = server(tmp_path, undo=[step("tidy", log("tidy"))])
    operator = ScriptedOperator({"failed:work": Turns("undo-phase")})
    journey = at(tmp_path, serve, step("work", "false", undo=[step("un-work", log("un-work"))]))
    assert journey.begin(operator) is ExitCode.STOPPED
    assert journey.lines() == ["up", "un-work", "down", "tidy"]
    assert journey.status("serve") == StepStatus.UNDONE


def test_a_command_stopped_while_it_is_awaited_is_no_done_step(tmp_path: Path) -> None:
    """Stopping it before it is ready leaves a failed step, and nothing running."""
    operator = ScriptedOperator({"attend:serve": Turns(Wish.STOP, None), "failed:serve": "stop"})
    journey = at(tmp_path, server(tmp_path, "sleep 60"))
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "stopped before it was ready" in dict(operator.asked)["failed:serve"].text
    assert marked(tmp_path) == []


def test_a_rehearsal_starts_nothing(tmp_path: Path) -> None:
    """The command is shown, and everything behind it is walked."""
    journey = at(tmp_path, server(tmp_path), step("use", log("use")))
    assert journey.begin(rehearse=True) is ExitCode.DONE
    assert journey.lines() == []
    assert journey.status("serve") == StepStatus.DONE


# -- the plug ------------------------------------------------------------------------------------


def dies_in(name: str) -> Any:
    """Watch for a step to begin, and KILL this process there."""

    def watch(event: Event) -> None:
        if isinstance(event, StepBegan) and event.step.id == name:
            os.kill(os.getpid(), signal.SIGKILL)

    return watch


def test_after_a_kill_it_is_found_running_and_kept(tmp_path: Path) -> None:
    """The command survives its driver; resume names it first, does not start another, and stops it in the end."""
    journey = at(tmp_path, server(tmp_path), step("use", log("use")))
    killed(lambda: journey.begin(ScriptedOperator(watch=dies_in("use"))), tmp_path)
    assert journey.status("serve") == StepStatus.IN_BACKGROUND
    assert marked(tmp_path)
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.DONE
    assert operator.told(Owed)[0].items == (("1.1", "Serve runs in the background"),)
    assert journey.lines() == ["up", "use", "down"]
    assert len(journey.state.step("1/work/serve").attempts) == 1


def test_what_ended_while_the_wizard_was_away_is_decided_about_first(tmp_path: Path) -> None:
    """An end after the kill is found, told and asked about before anything else is done."""
    ends = "touch ready; until test -e go; do sleep 0.02; done; exit 9"
    journey = at(tmp_path, server(tmp_path, ends), step("use", log("use")))
    killed(lambda: journey.begin(ScriptedOperator(watch=dies_in("use"))), tmp_path)
    (tmp_path / "go").touch()
    until((journey.folder / "attempts" / "0001-01" / "exit.json").exists)
    operator = ScriptedOperator({"failed:serve": ("skip", "not needed any more")})
    assert journey.resume(operator) is ExitCode.DONE
    assert "exit 9" in dict(operator.asked)["failed:serve"].text
    assert [key for key, _ in operator.asked] == ["failed:serve", "attend:use"]
    assert journey.lines() == ["use"]


def test_a_kill_before_it_is_ready_goes_on_waiting(tmp_path: Path) -> None:
    """What was started and not yet ready is attached to, and waited for until it is."""
    from wizard.run.events import CommandStarted

    slow = "echo up >> effects; until test -e open; do sleep 0.02; done; touch ready; sleep 60"
    journey = at(tmp_path, server(tmp_path, slow), step("use", log("use")))

    def dies(event: Event) -> None:
        if isinstance(event, CommandStarted):
            until(lambda: journey.lines() == ["up"])
            os.kill(os.getpid(), signal.SIGKILL)

    killed(lambda: journey.begin(ScriptedOperator(watch=dies)), tmp_path)
    (tmp_path / "open").touch()
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["up", "use"]
    assert len(journey.state.step("1/work/serve").attempts) == 1


def test_a_kill_while_it_is_stopped_on_leaving_starts_it_again(tmp_path: Path) -> None:
    """A stop that was asked for because the walk was left does not count as the end of the step."""
    broken = tmp_path / "broken"
    broken.touch()
    work = step("work", f"test ! -e {broken}; {log('work')}", rerun="safe")

    def dies(event: Event) -> None:
        if isinstance(event, Said) and event.text.endswith("is stopped."):
            journey.place.joinpath("stopping").touch()
        if journey.place.joinpath("stopping").exists() and "down" in journey.lines():
            os.kill(os.getpid(), signal.SIGKILL)

    journey = at(tmp_path, server(tmp_path, f"rm -f ready; {SERVES}"), work)
    operator = ScriptedOperator({"failed:work": "stop"}, watch=dies)
    killed(lambda: journey.begin(operator), tmp_path)
    assert journey.state.step("1/work/serve").attempts[0].stop_asked
    broken.unlink()
    assert journey.resume(ScriptedOperator({"failed:work": "again"})) is ExitCode.DONE
    assert journey.lines() == ["up", "down", "up", "work", "down"]


def test_a_lost_front_end_leaves_it_running(tmp_path: Path) -> None:
    """Like a temporary setting it stands while nobody is there, and is named when somebody comes."""
    journey = at(tmp_path, server(tmp_path), step("sure", confirm="Really?"))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": Gone}))
    assert journey.lines() == ["up"]
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.DONE
    assert operator.told(Owed)[0].items == (("1.1", "Serve runs in the background"),)
    assert journey.lines() == ["up", "down"]


def test_a_dead_supervisor_is_not_taken_for_the_end(tmp_path: Path) -> None:
    """With its leader killed the command lives on unknown to anybody: its survivors are shown before it is doubled."""
    from tests.host.attempts import kill
    from wizard.host.attempt_files import AttemptFolder

    journey = at(tmp_path, server(tmp_path), step("use", log("use")))

    def cut(event: Event) -> None:
        if isinstance(event, StepBegan) and event.step.id == "use":
            folder = next((journey.folder / "attempts").iterdir())
            with AttemptFolder(folder) as attempt:
                kill(int(attempt.holder() or 0))

    operator = ScriptedOperator({"survivors:serve": "stop", "unknown:serve": ("skip", "it is gone")}, watch=cut)
    assert journey.begin(operator) is ExitCode.DONE
    assert "survivors:serve" in dict(operator.asked)
    assert marked(tmp_path) == []


@pytest.mark.timeout(120)
def test_wherever_the_driver_is_killed_it_is_begun_once_and_stopped_once(tmp_path: Path) -> None:
    """Killed at random moments until the walk is over, nobody is asked anything and nothing is doubled."""
    seed = int(os.environ.get("WIZARD_TEST_SEED", "0")) or random.Random().getrandbits(32)
    chance = random.Random(seed)
    tests = [step(name, f"sleep 0.15; {GATE}{log(name)}") for name in ("one", "two", "three")]
    journey = at(tmp_path, server(tmp_path, until="three"), *tests, step("four", log("four")))
    kills = 0

    def drive() -> int:
        try:
            journey.folder  # noqa: B018 - whether there is a session yet
        except SessionError:
            return journey.begin()
        return journey.resume() if journey.state.plan_sha256 else journey.begin()

    code: int | None = None
    while code is None or code < 0:
        with Wheel(drive, tmp_path / "crash") as wheel:
            if kills == 3:
                # So many came before the first step could end.
                open_gate(tmp_path)
            if kills < 8:
                pass_moment(chance.random() * (0.3 if kills < 3 else 0.7))
                kills += wheel.code() is None
                wheel.kill()
            code = wheel.end()
    crash = tmp_path / "crash"
    assert code == 0, f"WIZARD_TEST_SEED={seed}: {crash.read_text() if crash.exists() else code}"
    assert journey.lines() == ["up", "one", "two", "three", "down", "four"], f"WIZARD_TEST_SEED={seed}"
    assert kills >= 3
    assert marked(tmp_path) == []
