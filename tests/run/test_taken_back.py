"""Procedures that are called: the hop they work in, when they are offered, and a run they have taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from wizard.assemble import Resume, call_procedure, session_status
from wizard.errors import ExitCode, Gone, OutcomeUnknownError, StoppedError, UsageError
from wizard.run.events import RunEnded, Said
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from pathlib import Path

HOPS = {
    "releases": ["1.0", "1.5", "2.0"],
    "hops": [
        {"from": "<1.5", "to": "1.5", "phases": ["work"]},
        {"from": "1.5", "to": "2.0", "phases": ["work"]},
    ],
}


def call(journey: Journey, name: str, operator: ScriptedOperator | None = None, **more: Any) -> ExitCode:
    """Call a procedure of the newest session."""
    operator = operator or ScriptedOperator()
    journey.operators.append(operator)
    return call_procedure(Resume(None, **more), journey.front_end(operator), procedure=name)


def wrote(word: str) -> list[str]:
    """A command that leaves a word behind."""
    return ["sh", "-c", 'echo "$0" >> effects', word]


def file(name: str, *, absent: bool = False) -> list[dict[str, Any]]:
    """A check that a file is there."""
    return [{"file": {"path": name, "is": "absent" if absent else "present"}}]


def two_hops(place: Path, *steps: dict[str, Any], offer: dict[str, str], **parts: Any) -> Journey:
    """Two hops through the same steps, and a procedure that tells its hop."""
    tell = step("tell", wrote("back to ${{ values.dump }}, was ${{ captured.name }}"), rerun="safe")
    procedures = {"go-back": {"title": "Go back", "impact": "restoring", "offer": offer, "steps": [tell]}}
    made = guide(
        phase(*steps),
        versions=HOPS,
        values={"dump": '"dump-" + string(hop.from)'},
        procedures=procedures,
        defaults={"folder": str(place)},
        **parts,
    )
    return Journey(place, made)


def save() -> dict[str, Any]:
    """A step that captures something."""
    return step(
        "save", ["sh", "-c", 'echo "name: s$0"', "${{ hop.from }}"], capture={"name": "name: (.*)"}, rerun="safe"
    )


def test_a_called_procedure_works_in_the_hop_it_was_offered_in(tmp_path: Path) -> None:
    """Its names are those of the hop whose step was done last, through values too; so are the captured ones."""
    fails = step("script", ["sh", "-c", 'test "$0" != 2.0', "${{ hop.to }}"])
    journey = two_hops(tmp_path, save(), fails, offer={"after": "save"})
    journey.begin(ScriptedOperator({"failed:script": "stop"}))
    assert call(journey, "go-back") is ExitCode.DONE
    assert journey.lines() == ["back to dump-1.5, was s1.5"]
    assert journey.state.called_in == {"procedure/go-back/1": 2}


def test_a_call_that_was_cut_off_keeps_its_hop(tmp_path: Path) -> None:
    """The hop is journalled with the call, so the rest of the procedure works in it whoever goes on."""
    fails = step("script", ["sh", "-c", 'test "$0" != 1.5', "${{ hop.to }}"])
    journey = two_hops(tmp_path, save(), fails, offer={"after": "save"})
    journey.parts["procedures"]["go-back"]["steps"].insert(0, {**step("sure", confirm="Sure?"), "ask_first": "never"})
    journey.parts["procedures"]["go-back"]["steps"][0].pop("ask_first")
    journey.begin(ScriptedOperator({"failed:script": "stop"}))
    with pytest.raises(Gone):
        call(journey, "go-back", ScriptedOperator({"sure": Gone}))
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["back to dump-1.0, was s1.0"]


def test_an_offer_opens_again_in_the_next_hop(tmp_path: Path) -> None:
    """The step that ended it in the first hop does not end it for the second one."""
    fails = step("script", ["sh", "-c", 'test "$0" != 2.0', "${{ hop.to }}"])
    journey = two_hops(tmp_path, save(), fails, step("look", say="Good."), offer={"after": "save", "until": "look"})
    journey.begin(ScriptedOperator({"failed:script": "stop"}))
    assert session_status(None).procedures == (("go-back", "Go back"),)
    journey.resume(ScriptedOperator({"failed:script": ("done", "by hand")}))
    assert session_status(None).procedures == ()
    with pytest.raises(UsageError, match="not offered"):
        call(journey, "go-back")


def taken_back(place: Path, **last: Any) -> Journey:
    """A run of three steps that ended (or failed at the last one), taken back by a procedure."""
    first = step("unpack", "touch new", done_when=file(str(place / "new")), rerun="safe")
    stop = step("stop", "touch stopped; echo stop >> effects", done_when=file(str(place / "stopped")), rerun="safe")
    script = step("script", "echo script >> effects; test -e good", rerun="safe", **last)
    back = step("start-old", "rm -f stopped; echo back >> effects", rerun="safe")
    procedures = {
        "go-back": {"title": "Go back", "impact": "restoring", "offer": {"after": "stop"}, "steps": [back]},
        "nudge": {"title": "Nudge it", "offer": {"after": "stop"}, "steps": [step("push", "true", rerun="safe")]},
    }
    return Journey(place, guide(phase(first, stop, script), procedures=procedures, defaults={"folder": str(place)}))


def test_a_run_that_was_taken_back_is_not_silently_gone_on_with(tmp_path: Path) -> None:
    """The end of the call says that it is undone; resume asks, and stops where nothing is to be done."""
    journey = taken_back(tmp_path)
    journey.begin(ScriptedOperator({"failed:script": "stop"}))
    operator = ScriptedOperator()
    assert call(journey, "go-back", operator) is ExitCode.DONE
    [ended] = operator.told(RunEnded)
    assert (ended.state, ended.detail) == ("undone", "the procedure go-back (Go back) took it back")
    assert "took it back" in session_status(None).reversible
    with pytest.raises(StoppedError):
        journey.resume(ScriptedOperator({"taken-back:go-back": "stop"}))
    assert journey.state.word is SessionState.UNDONE
    assert journey.lines() == ["stop", "script", "back"]


def test_the_checks_tell_from_where_a_taken_back_run_goes_on(tmp_path: Path) -> None:
    """The first step that is not done any more and all behind it are walked again, those before it are not."""
    journey = taken_back(tmp_path)
    journey.begin(ScriptedOperator({"failed:script": "stop"}))
    call(journey, "go-back")
    (tmp_path / "good").touch()
    (tmp_path / "new").write_text("old one", encoding="utf-8")
    operator = ScriptedOperator({"taken-back:go-back": "ask", "taken-up": "go-on"})
    assert journey.resume(operator) is ExitCode.DONE
    assert "1.2 Stop" in dict(operator.asked)["taken-up"].title
    assert journey.lines() == ["stop", "script", "back", "stop", "script"]
    assert journey.status("unpack") == StepStatus.DONE
    assert journey.state.word is SessionState.DONE


def test_a_taken_back_run_goes_on_from_a_step_that_is_named(tmp_path: Path) -> None:
    """Whoever knows better says from which step; the reason is journalled."""
    journey = taken_back(tmp_path)
    journey.begin(ScriptedOperator({"failed:script": "stop"}))
    call(journey, "go-back")
    (tmp_path / "good").touch()
    replies = {
        "taken-back:go-back": ("from", "it is stopped"),
        "taken-up-phase": "1/work",
        "taken-up-step": "1/work/script",
    }
    assert journey.resume(ScriptedOperator(replies)) is ExitCode.DONE
    assert journey.lines() == ["stop", "script", "back", "script"]
    [entry] = [one for one in journey.entries if one.kind == "taken-up"]
    assert (entry.data["start"], entry.data["reason"]) == ("1/work/script", "it is stopped")


def test_alone_a_taken_back_run_goes_on_only_where_the_checks_tell(tmp_path: Path) -> None:
    """With a check for each step that changed something it goes on; without, it ends with 31 and does nothing."""
    journey = taken_back(tmp_path)
    journey.begin(ScriptedOperator(attended=False))
    call(journey, "go-back")
    (tmp_path / "good").touch()
    assert journey.resume(ScriptedOperator(attended=False)) is ExitCode.DONE
    assert journey.lines() == ["stop", "script", "back", "stop", "script"]
    unsure = taken_back(tmp_path / "unsure")
    (tmp_path / "unsure").mkdir()
    del unsure.parts["phases"][0]["steps"][0]["done_when"]
    unsure.begin(ScriptedOperator(attended=False))
    call(unsure, "go-back")
    with pytest.raises(OutcomeUnknownError, match=r"1\.1 Unpack: it has no check"):
        unsure.resume(ScriptedOperator(attended=False))
    assert unsure.state.word is SessionState.UNDONE
    assert unsure.lines() == ["stop", "script", "back"]


def test_a_side_door_that_takes_the_run_back_leaves_the_walk(tmp_path: Path) -> None:
    """Nothing of the walk around it is gone on with: what stood there is not known any more."""
    journey = taken_back(tmp_path, offers=[{"title": "Go back", "include": "go-back"}])
    operator = ScriptedOperator({"failed:script": "offer:0"})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert journey.state.word is SessionState.UNDONE
    assert operator.told(RunEnded)[-1].detail == "the procedure go-back (Go back) took it back"
    assert journey.lines() == ["stop", "script", "back"]


def test_a_failure_and_the_status_name_what_can_be_called(tmp_path: Path) -> None:
    """Names and titles of the procedures stand beside the other ways on."""
    journey = taken_back(tmp_path)
    operator = ScriptedOperator({"failed:script": "stop"})
    journey.begin(operator)
    [ended] = operator.told(RunEnded)
    assert ended.procedures == (("go-back", "Go back"), ("nudge", "Nudge it"))
    assert ended.next == ("resume", "undo", "call go-back", "call nudge", "report", "bundle")
    assert "call go-back" in session_status(None).next


def test_a_procedure_that_takes_nothing_back_leaves_the_run_where_it_stood(tmp_path: Path) -> None:
    """Its end says that it is done, and how the run stood before it."""
    journey = taken_back(tmp_path)
    journey.begin(ScriptedOperator({"failed:script": "stop"}))
    operator = ScriptedOperator()
    assert call(journey, "nudge", operator) is ExitCode.DONE
    assert "The procedure nudge (Nudge it) is done." in [one.text for one in operator.told(Said)]
    [ended] = operator.told(RunEnded)
    assert ended.state == "failed"
    assert ended.detail.startswith("1.3 Script: ")


def test_a_run_that_failed_before_its_step_was_begun_stands_at_that_step(tmp_path: Path) -> None:
    """What could not even be rendered is where it failed, not the step before it."""
    look = step("look", "true", capture={"x": {"match": "nothing (.*)", "optional": True}})
    journey = Journey(tmp_path, guide(phase(look, step("use", ["echo", "${{ captured.x }}"]))))
    journey.begin(ScriptedOperator({"failed:use": "stop"}))
    now = session_status(None).step
    assert now is not None
    assert (now.code, now.id) == ("1.2", "use")
