"""Sessions that are gone on with: alone, detached, beside a command that runs, and beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import GATE, nothing_left, open_gate
from tests.run.test_survives_others import lose_front_end, nobody_drives
from tests.run.test_walking import log
from tests.waiting import until
from wizard.assemble import Resume, call_procedure, close_session, go_on, session_status, store, undo_session
from wizard.errors import ExitCode, SessionBusyError, SessionError, StoppedError, UsageError
from wizard.paths import state_folder
from wizard.questions.model import AnswersFile
from wizard.run.events import RunEnded, Said, StepBegan
from wizard.run.operator import Wish
from wizard.run.session_state import SessionState
from wizard.unattended import UnattendedOperator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LEAVE = {"attend:long": Wish.LEAVE}
PROCEDURES = {
    "again": {"title": "Again", "offer": {"after": "one"}, "steps": [step("call-one", log("called"))]},
    "slow": {"title": "Slow", "offer": {"after": "one"}, "steps": [step("long", GATE + log("slow"))]},
}


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    """What a test leaves running is ended."""
    with nothing_left(tmp_path), nothing_left(state_folder()):
        yield


def at(tmp_path: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `tmp_path`."""
    return Journey(tmp_path, guide(phase(*steps), defaults={"folder": str(tmp_path)}, **more))


def half_way(tmp_path: Path) -> Journey:
    """A session that was left while its second step runs."""
    undo = [step("un-one", log("un-one"), rerun="safe")]
    steps = (step("one", log("one"), undo=undo), step("long", GATE + log("long")), step("last", log("last")))
    journey = at(tmp_path, *steps, procedures=PROCEDURES)
    assert journey.begin(ScriptedOperator(LEAVE)) is ExitCode.STOPPED
    return journey


def call(journey: Journey, name: str, operator: ScriptedOperator | None = None) -> ExitCode:
    """Call a procedure of the newest session."""
    return call_procedure(Resume(None), journey.front_end(operator or ScriptedOperator()), procedure=name)


def alone(tmp_path: Path, *, second: bool) -> Journey:
    """Two phases; the first goes on alone, the second where the test says so."""
    first = phase(step("long", GATE + log("long")), step("more", log("more")), goes_on_alone=True)
    other = {"id": "other", "title": "Other", "steps": [step("after", log("after"))], "goes_on_alone": second}
    return Journey(tmp_path, guide(first, other, defaults={"folder": str(tmp_path)}))


@pytest.mark.parametrize("second", [True, False])
def test_only_phases_that_go_on_alone_are_gone_on_with(tmp_path: Path, second: bool) -> None:
    """The driver in the background ends before a phase nobody said it of, and a person goes on from there."""
    journey = alone(tmp_path, second=second)
    lose_front_end(journey, "attend:long")
    open_gate(tmp_path)
    until(lambda: nobody_drives(journey), 30)
    assert journey.lines() == (["long", "more", "after"] if second else ["long", "more"])
    assert journey.state.word is (SessionState.DONE if second else SessionState.WAITING)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["long", "more", "after"]


def test_alone_only_what_was_read_is_gone_on_with(tmp_path: Path) -> None:
    """A phase whose box a person has read goes on alone; before one that nobody has read a person is waited for."""
    notes = [{"text": "Read this first.", "read": "must"}]
    first = phase(step("long", GATE + log("long")), goes_on_alone=True, notes=notes)
    other = {"id": "other", "title": "Other", "steps": [step("after", log("after"))], "goes_on_alone": True}
    other["notes"] = [{"text": "Read this then.", "read": "must"}]
    journey = Journey(tmp_path, guide(first, other, defaults={"folder": str(tmp_path)}))
    assert journey.begin(ScriptedOperator(LEAVE)) is ExitCode.STOPPED
    open_gate(tmp_path)
    request = Resume(None, only_alone=True)
    assert go_on(request, journey.front_end(UnattendedOperator(AnswersFile(), {}))) is ExitCode.STOPPED
    assert journey.lines() == ["long"]
    assert "somebody must read" in journey.state.detail
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["long", "after"]


def test_alone_a_temporary_setting_stays_while_somebody_is_waited_for(tmp_path: Path) -> None:
    """A word that only a person can give is no failure: nothing is set back, and coming back goes on."""
    hold = step("hold", log("on"), temporary=True, rerun="safe", undo=[step("release", log("off"), rerun="safe")])
    work = step("work", log("work"), ask_first="once")
    one = phase(hold, step("long", GATE + log("long")), work, goes_on_alone=True)
    journey = Journey(tmp_path, guide(one, defaults={"folder": str(tmp_path)}))
    assert journey.begin(ScriptedOperator(LEAVE)) is ExitCode.STOPPED
    open_gate(tmp_path)
    request = Resume(None, only_alone=True)
    assert go_on(request, journey.front_end(UnattendedOperator(AnswersFile(), {}))) is ExitCode.STOPPED
    assert journey.lines() == ["on", "long"]
    assert journey.state.word is SessionState.WAITING
    assert "1.3 Work" in journey.state.detail
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["on", "long", "work", "off"]


# -- beside a command that runs ------------------------------------------------------------------


def test_undo_attends_what_runs_before_it_takes_anything_back(tmp_path: Path) -> None:
    """Another step's command is brought to an end first, and its end is in the journal."""
    journey = half_way(tmp_path)
    operator = ScriptedOperator({"attend:long": lambda _: open_gate(tmp_path)})
    assert journey.undo(operator, step="one") is ExitCode.DONE
    assert journey.lines() == ["one", "long", "un-one"]
    assert journey.status("long") == "done"


@pytest.mark.parametrize("what", ["undo", "call"])
def test_with_nobody_there_nothing_is_done_beside_what_runs(tmp_path: Path, what: str) -> None:
    """It ends 31 and names the step; the command runs on, and a resume finishes it."""
    journey = half_way(tmp_path)
    operator = ScriptedOperator(attended=False)
    code = journey.undo(operator, step="one") if what == "undo" else call(journey, "again", operator)
    assert code is ExitCode.OUTCOME_UNKNOWN
    assert "1.2 Long still runs" in operator.told(RunEnded)[0].detail
    assert session_status(None).state is SessionState.RUNNING
    open_gate(tmp_path)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["one", "long", "last"]


def test_leaving_it_running_once_more_leaves_everything_as_it_is(tmp_path: Path) -> None:
    """The operator may still leave; nothing was undone or called then."""
    journey = half_way(tmp_path)
    assert journey.undo(ScriptedOperator(LEAVE), step="one") is ExitCode.STOPPED
    assert call(journey, "again", ScriptedOperator(LEAVE)) is ExitCode.STOPPED
    assert journey.lines() == ["one"]


def test_closing_is_refused_while_something_runs(tmp_path: Path) -> None:
    """It says what runs and what to do; afterwards it closes, with its reason in status, and stays closed."""
    journey = half_way(tmp_path)
    with pytest.raises(SessionBusyError, match=r"1\.2 Long still runs") as refused:
        close_session(None, "enough")
    assert "wizard resume" in str(refused.value)
    open_gate(tmp_path)
    journey.resume()
    assert "is closed" in close_session(None, "enough")
    assert session_status(None).closed == "enough"
    assert "closed before: enough" in close_session(None, "again")
    again: tuple[Callable[[], ExitCode], ...] = (journey.resume, journey.undo, lambda: call(journey, "again"))
    for act in again:
        with pytest.raises(SessionError, match="is closed: enough") as closed:
            act()
        assert closed.value.exit_code is ExitCode.SESSION_UNREADABLE
    assert journey.lines() == ["one", "long", "last"]


# -- two sessions on one installation ------------------------------------------------------------


def test_a_session_is_not_gone_on_with_while_another_is_half_way(tmp_path: Path) -> None:
    """Undoing and calling are refused too, and name the other one; once that is closed, they work."""
    product = tmp_path / "product"
    product.mkdir()
    steps = (step("one", log("one"), undo=[step("un-one", log("un-one"))]), step("two", "test -e whole", rerun="safe"))
    journey = at(tmp_path, *steps, works_on=str(product), procedures=PROCEDURES)
    (tmp_path / "whole").touch()
    assert journey.begin() is ExitCode.DONE
    first = journey.folder.name
    (tmp_path / "whole").unlink()
    assert journey.begin(ScriptedOperator({"failed:two": "stop"})) is ExitCode.STOPPED
    second = next(one.id for one in store().listing().sessions if one.id != first)
    request, front_end = Resume(first), journey.front_end(ScriptedOperator())
    lines = journey.lines()
    with pytest.raises(SessionBusyError, match=second):
        undo_session(request, front_end, step=None, phase=None)
    with pytest.raises(SessionBusyError, match=second):
        call_procedure(request, front_end, procedure="again")
    assert journey.lines() == lines
    close_session(second, "enough")
    assert undo_session(request, front_end, step="one", phase=None) is ExitCode.DONE
    assert journey.lines() == [*lines, "un-one"]


# -- before the plan -----------------------------------------------------------------------------


def test_leaving_while_a_fix_runs_is_a_stop_and_no_crash(tmp_path: Path) -> None:
    """The state and the reason are in the journal; coming back, the fix is not run twice."""
    fix = {"title": "Make it", "run": GATE + "touch made; " + log("fix")}
    check = {"id": "made", "title": "It is made", "file": str(tmp_path / "made"), "fix": fix}
    journey = at(tmp_path, step("one", log("one")), checks=[check])
    operator = ScriptedOperator({"proceed": "fix:made", "attend:fix-made": Wish.LEAVE})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert journey.state.word is SessionState.WAITING
    assert "runs on" in journey.state.detail
    open_gate(tmp_path)
    assert journey.resume(ScriptedOperator({"proceed": Turns("fix:made", "start")})) is ExitCode.DONE
    assert journey.lines() == ["fix", "one"]


def test_resume_detached_goes_on_in_the_background(tmp_path: Path) -> None:
    """Before the plan it plans first, with a plan it leaves at once; both say so, and the run is finished."""
    journey = at(tmp_path, step("one", log("one")), step("long", GATE + log("long")))
    assert journey.begin(ScriptedOperator(LEAVE)) is ExitCode.STOPPED
    operator = ScriptedOperator(attended=False)
    assert journey.resume(operator, detach=True) is ExitCode.DONE
    assert "background" in operator.told(Said)[-1].text
    assert not operator.told(StepBegan)
    assert journey.lines() == ["one"]
    open_gate(tmp_path)
    until(lambda: journey.state.word is SessionState.DONE, 30)
    until(lambda: nobody_drives(journey), 30)
    assert journey.lines() == ["one", "long"]


def test_resume_detached_plans_first_where_nothing_is_planned(tmp_path: Path) -> None:
    """A session that was stopped before the start is planned here and walked in the background."""
    journey = at(tmp_path, step("one", log("one")))
    with pytest.raises(StoppedError):
        journey.begin(ScriptedOperator({"proceed": "stop"}))
    operator = ScriptedOperator(attended=False)
    assert journey.resume(operator, detach=True) is ExitCode.DONE
    assert "background" in operator.told(Said)[-1].text
    until(lambda: journey.state.word is SessionState.DONE, 30)
    assert journey.lines() == ["one"]


# -- procedures that were cut off ----------------------------------------------------------------


def test_after_a_procedure_that_was_cut_off_the_run_goes_on(tmp_path: Path) -> None:
    """Resume finishes the procedure, and then the run that was not done."""
    steps = (step("one", log("one")), step("two", "test -e whole", rerun="safe"))
    journey = at(tmp_path, *steps, procedures=PROCEDURES)
    journey.begin(ScriptedOperator({"failed:two": "stop"}))
    assert call(journey, "slow", ScriptedOperator(LEAVE)) is ExitCode.STOPPED
    with pytest.raises(UsageError, match="'slow' was begun"):
        call(journey, "again")
    open_gate(tmp_path)
    (tmp_path / "whole").touch()
    assert journey.resume(ScriptedOperator({"failed:two": "again"})) is ExitCode.DONE
    assert journey.lines() == ["one", "slow"]
    assert journey.status("two") == "done"
    assert journey.state.word is SessionState.DONE


def test_a_procedure_that_was_cut_off_after_the_run_is_all_that_is_left(tmp_path: Path) -> None:
    """Resume finishes it and says that the run is done, with what can be done still."""
    journey = at(tmp_path, step("one", log("one")), procedures=PROCEDURES)
    assert journey.begin() is ExitCode.DONE
    assert call(journey, "slow", ScriptedOperator(LEAVE)) is ExitCode.STOPPED
    open_gate(tmp_path)
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.DONE
    [ended] = operator.told(RunEnded)
    assert (ended.state, ended.detail) == (SessionState.DONE, "the procedure slow (Slow) is done")
    assert ended.next == ("report", "call again", "call slow", "undo", "bundle")
    assert (journey.state.word, journey.state.detail) == (SessionState.DONE, "")
    assert journey.lines() == ["one", "slow"]
