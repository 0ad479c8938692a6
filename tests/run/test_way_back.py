"""The way back in the corners: what is taken back is what this run made, neither more nor less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from tests.run.test_walking import at, log
from wizard.assemble import Resume, call_procedure, session_status
from wizard.errors import ExitCode, Gone
from wizard.run.operator import Wish
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from pathlib import Path


def undone_by(name: str) -> list[dict[str, Any]]:
    """An undo that leaves a line behind."""
    return [step(f"un-{name}", log(f"un-{name}"), rerun="safe")]


def test_a_failed_try_is_taken_back_although_the_next_found_it_done(tmp_path: Path) -> None:
    """What the first try made counts, whatever the last one is called."""
    proof = tmp_path / "proof"
    work = step(
        "work", f"touch {proof}; exit 1", rerun="safe", done_when=[{"file": str(proof)}], undo=undone_by("work")
    )
    journey = at(tmp_path, work)
    assert journey.begin(ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.resume(ScriptedOperator(attended=False)) is ExitCode.DONE
    assert journey.status("work") == StepStatus.ALREADY_DONE
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["un-work"]


def test_a_skipped_step_that_did_something_is_taken_back(tmp_path: Path) -> None:
    """A skip is no undo: what it left behind is still this run's."""
    journey = at(tmp_path, step("work", "exit 1", undo=undone_by("work")))
    journey.begin(ScriptedOperator({"failed:work": ("skip", "enough")}))
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["un-work"]


def test_a_temporary_setting_that_failed_and_was_skipped_is_set_back(tmp_path: Path) -> None:
    """It may stand half, so it is taken back where its phase ends."""
    hold = step("hold", "exit 1", temporary=True, rerun="safe", undo=undone_by("hold"))
    journey = at(tmp_path, hold, step("work", log("work")))
    assert journey.begin(ScriptedOperator({"failed:hold": ("skip", "enough")})) is ExitCode.DONE
    assert journey.lines() == ["work", "un-hold"]


def test_what_was_taken_back_is_not_taken_back_twice(tmp_path: Path) -> None:
    """After an undo a step that is only begun again has nothing to undo."""
    notes = [{"kind": "danger", "text": "Careful."}]
    journey = at(tmp_path, step("work", log("work"), notes=notes, undo=undone_by("work")))
    journey.begin()
    journey.undo()
    with pytest.raises(Gone):
        journey.resume(ScriptedOperator({"work": Gone}))
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["work", "un-work"]


def test_refusing_the_point_of_no_return_keeps_the_way_back(tmp_path: Path) -> None:
    """An irreversible step that was not begun has not been passed."""
    journey = at(
        tmp_path,
        step("save", log("save"), makes="backup", rerun="safe", undo=undone_by("save")),
        step("burn", log("burn"), impact="irreversible", rerun="safe"),
    )
    operator = ScriptedOperator({"burn": False, "failed:burn": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "undo-run" in [choice.key for choice in dict(operator.asked)["failed:burn"].choices]
    assert session_status(None).reversible == "you can go back until 1.2 (Burn)"
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["save", "un-save"]


def test_a_group_is_walked_again_after_an_undo(tmp_path: Path) -> None:
    """A group is done only while its steps are."""
    inner = [step("one", log("one"), undo=undone_by("one")), step("two", log("two"), undo=undone_by("two"))]
    journey = at(tmp_path, step("both", steps=inner))
    assert journey.begin() is ExitCode.DONE
    assert journey.undo() is ExitCode.DONE
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["one", "two", "un-two", "un-one", "one", "two"]


def test_an_undo_uses_what_its_own_hop_captured(tmp_path: Path) -> None:
    """Two hops capture the same name; each way back gets its own value."""
    save = step(
        "save",
        ["sh", "-c", 'echo "name: backup-$0"', "${{ hop.from }}"],
        capture={"name": "name: (.*)"},
        undo=[step("restore", ["sh", "-c", 'echo "restore $0" >> effects', "${{ captured.name }}"], rerun="safe")],
    )
    parts = guide(phase(save), defaults={"folder": str(tmp_path)})
    hops = [{"from": "<1.5", "to": "1.5", "phases": ["work"]}, {"from": "1.5", "to": "2.0", "phases": ["work"]}]
    parts["versions"] = {"releases": ["1.0", "1.5", "2.0"], "hops": hops}
    journey = Journey(tmp_path, parts)
    assert journey.begin() is ExitCode.DONE
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["restore backup-1.5", "restore backup-1.0"]


def test_a_text_that_cannot_be_rendered_is_a_failure_like_others(tmp_path: Path) -> None:
    """The card comes, and what is owed is done on leaving."""
    hold = step("hold", log("on"), temporary=True, rerun="safe", undo=[step("release", log("off"), rerun="safe")])
    look = step("look", "true", capture={"x": {"match": "nothing (.*)", "optional": True}})
    journey = at(tmp_path, hold, look, step("use", ["echo", "${{ captured.x }}"]))
    operator = ScriptedOperator({"failed:use": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "captured.x" in dict(operator.asked)["failed:use"].text
    assert journey.lines() == ["on", "off"]


def test_a_condition_that_cannot_be_decided_is_asked_about(tmp_path: Path) -> None:
    """Nothing is run on a guess."""
    look = step("look", "true", capture={"x": {"match": "nothing (.*)", "optional": True}})
    journey = at(tmp_path, look, step("use", log("x"), when="int(captured.x) + 1 > 2"), step("end", log("end")))
    assert journey.begin(ScriptedOperator({"failed:use": ("skip", "cannot be told")})) is ExitCode.DONE
    assert journey.lines() == ["end"]


def test_a_fix_that_was_left_running_is_not_started_twice(tmp_path: Path) -> None:
    """Coming back to the fix attends the one that runs."""
    place = tmp_path / "made"
    fix = {
        "title": "Make it",
        "run": f"echo fix >> {tmp_path}/effects; until test -e {tmp_path}/go; do sleep 0.05; done; mkdir {place}",
    }
    check = {"id": "place", "title": "The place", "file": {"path": str(place), "is": "folder"}, "fix": fix}
    journey = Journey(tmp_path, guide(phase(step("say", say="Hello.")), checks=[check]))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"proceed": "fix:place", "attend:fix-place": Gone}))

    def let_go(_: Any) -> None:
        (tmp_path / "go").touch()

    operator = ScriptedOperator({"proceed": Turns("fix:place", "start"), "attend:fix-place": let_go})
    assert journey.resume(operator) is ExitCode.DONE
    assert journey.lines() == ["fix"]


def test_an_interrupted_undo_still_runs_finally(tmp_path: Path) -> None:
    """What is owed at the end of a phase is done also where the undo was cut off before it."""
    tidy = [step("tidy", log("tidy"), rerun="safe", notes=[{"kind": "danger", "text": "x"}], ask_first="once")]
    hold = step("one", log("one"), undo=undone_by("one"))
    journey = at(tmp_path, hold, step("two", "false", rerun="safe"), **{"finally": tidy})
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"failed:two": Gone}))
    with pytest.raises(Gone):
        journey.undo(ScriptedOperator({"tidy": Gone}))
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["one", "un-one", "tidy"]
    assert journey.state.word is SessionState.UNDONE


def test_what_was_decided_from_an_outcome_is_decided_anew_after_an_undo(tmp_path: Path) -> None:
    """The step that was left out because of a skip is done when the skip is gone."""
    ready = tmp_path / "ready"
    journey = at(
        tmp_path,
        step("first", log("first"), undo=undone_by("first")),
        step("maybe", f"test -e {ready}", rerun="safe"),
        step("after", log("after"), when="outcome('maybe') == 'done'", not_needed="maybe was skipped"),
    )
    assert journey.begin(ScriptedOperator({"failed:maybe": ("skip", "not yet")})) is ExitCode.DONE
    assert journey.undo(ScriptedOperator({"undo-past": True})) is ExitCode.DONE
    ready.touch()
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["first", "un-first", "first", "after"]


def test_an_undo_of_the_run_takes_back_what_a_called_procedure_did(tmp_path: Path) -> None:
    """What was done last is undone first."""
    procedure = {
        "title": "More",
        "offer": {"after": "one"},
        "steps": [step("more", log("more"), undo=undone_by("more"))],
    }
    parts = guide(phase(step("one", log("one"), undo=undone_by("one"))), procedures={"more": procedure})
    journey = Journey(tmp_path, {**parts, "defaults": {"folder": str(tmp_path)}})
    journey.begin()
    call_procedure(Resume(None), journey.front_end(ScriptedOperator()), procedure="more")
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["one", "more", "un-more", "un-one"]


def test_alone_a_step_whose_supervisor_dies_is_repeated_once(tmp_path: Path) -> None:
    """What dies each time ends the run as unknown, instead of being repeated for ever."""
    kill = "echo try >> effects; kill -9 $(ps -o ppid= -p $$); sleep 30"
    journey = at(tmp_path, step("dies", kill, rerun="safe"))
    operator = ScriptedOperator(attended=False)
    assert journey.begin(operator) is ExitCode.OUTCOME_UNKNOWN
    assert len(journey.lines()) <= 2


def test_leaving_and_undoing_keep_the_answers(tmp_path: Path) -> None:
    """A run that was left while a command ran is judged before anything else is done."""
    journey = at(tmp_path, step("long", "until test -e go; do sleep 0.05; done; " + log("end"), undo=undone_by("long")))
    assert journey.begin(ScriptedOperator({"attend:long": Wish.LEAVE})) is ExitCode.STOPPED
    (tmp_path / "go").touch()
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["end", "un-long"]


@pytest.mark.parametrize("what", ["finally", "temporary"])
def test_who_stops_at_what_cannot_be_tidied_up_is_not_asked_again_on_leaving(tmp_path: Path, what: str) -> None:
    """An undo that ends at a `finally`, or a setting that cannot be taken back, is left by one word; it stays owed."""
    tidy = step("tidy", "false", rerun="safe")
    hold = step("hold", "true", temporary=True, rerun="safe", undo=[tidy])
    work = step("work", "false", rerun="safe", undo=[step("unwork", "true", rerun="safe")])
    journey = at(tmp_path, work, **{"finally": [tidy]}) if what == "finally" else at(tmp_path, hold, work)
    operator = ScriptedOperator({"failed:work": "undo-phase", "failed:tidy": "stop"})
    journey.begin(operator)
    assert [key for key, _ in operator.asked if key == "failed:tidy"] == ["failed:tidy"]
    assert len(session_status(None).owed) == 1
