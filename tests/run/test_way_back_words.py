"""The words that say whether one can still go back, and those that going back alone will want."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.run.test_taken_back import call
from wizard.assemble import session_status
from wizard.errors import AnswersError, ExitCode
from wizard.run.events import PhaseBegan
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from pathlib import Path


def undo(name: str, **more: Any) -> list[dict[str, Any]]:
    """A way back."""
    return [step(f"un-{name}", f"echo un-{name} >> effects", rerun="safe", **more)]


def at(place: Path, *phases: dict[str, Any], **parts: Any) -> Journey:
    """A guide of these phases that works in `place`."""
    return Journey(place, guide(*phases, defaults={"folder": str(place)}, **parts))


def told(journey: Journey, operator: ScriptedOperator) -> list[str]:
    """What the heads of the phases say, and the status at the end."""
    return [*(one.can_go_back for one in operator.told(PhaseBegan)), session_status(None).reversible]


def test_only_what_can_all_be_undone_can_be_at_any_time(tmp_path: Path) -> None:
    """With an undo for each step nothing else is said, before and after."""
    journey = at(tmp_path, phase(step("a", "true", undo=undo("a")), step("look", say="Hi.")))
    journey.begin(operator := ScriptedOperator())
    assert told(journey, operator) == ["you can go back at any time"] * 2


def test_the_words_name_from_where_on_only_the_backup_helps(tmp_path: Path) -> None:
    """Before such a step it is announced, after it the backup is named by the step that made it."""
    first = phase(step("save", "true", makes="backup"), step("set", "true", undo=undo("set")))
    hard = {**phase(step("move", "true", rerun="safe"), step("end", "false")), "id": "hard", "impact": "needs_restore"}
    journey = at(tmp_path, first, hard)
    journey.begin(operator := ScriptedOperator({"failed:end": "stop"}))
    before = "you can still go back; from 2.1 (Move) on only the backup brings it back"
    assert told(journey, operator) == [before, before, "you can go back only by the backup (made in 1.1)"]


def test_without_a_backup_that_is_said_too(tmp_path: Path) -> None:
    """A step that needs one does not make one."""
    journey = at(tmp_path, phase(step("move", "true", impact="needs_restore")))
    journey.begin()
    assert session_status(None).reversible == "you can go back only by a backup, and this run has made none"


def test_a_step_that_failed_and_has_no_undo_is_named(tmp_path: Path) -> None:
    """What it may have changed stays, so that going back is not all."""
    journey = at(tmp_path, phase(step("half", "touch x; exit 1"), step("more", "true")))
    journey.begin(operator := ScriptedOperator({"failed:half": "stop"}))
    assert told(journey, operator) == [
        "you can still go back; 2 steps to come have no undo",
        "you can still go back; what 1.1 (Half) did has no undo; 1 step to come has no undo",
    ]


def test_the_point_of_no_return_is_said_besides(tmp_path: Path) -> None:
    """Until it, and by what means; behind it there is nothing to go back to."""
    steps = (
        step("save", "true", makes="backup"),
        step("move", "true", impact="needs_restore"),
        step("stay", "test -e on", rerun="safe", undo=undo("stay")),
        step("burn", "true", impact="irreversible", rerun="safe"),
    )
    journey = at(tmp_path, phase(*steps))
    journey.begin(operator := ScriptedOperator({"failed:stay": "stop"}))
    assert told(journey, operator) == [
        "you can go back until 1.4 (Burn); from 1.2 (Move) on only the backup brings it back",
        "you can go back only by the backup (made in 1.1) until 1.4 (Burn)",
    ]
    (tmp_path / "on").touch()
    journey.resume(ScriptedOperator({"failed:stay": "again"}))
    assert session_status(None).reversible == "the point of no return has been passed"


def test_alone_an_undo_lists_every_missing_word_at_once(tmp_path: Path) -> None:
    """Steps without undo and all words of the undo steps that are reached are listed together; nothing is begun."""
    journey = at(
        tmp_path,
        phase(
            step("plain", "true"),
            step("a", "true", undo=[step("sure-a", confirm="Sure?"), *undo("a")]),
            step("b", "true", undo=undo("b", ask_first="once")),
            step("c", "true", undo=[step("by-hand", manual=["Do it."], when="outcome('plain') != 'done'"), *undo("c")]),
        ),
    )
    journey.begin()
    with pytest.raises(AnswersError) as lacking:
        journey.undo(ScriptedOperator(attended=False))
    keys = [one.key for one in lacking.value.problems]
    assert keys == ["confirmations.undo-past", "confirmations.un-b", "confirmations.sure-a"]
    assert lacking.value.exit_code is ExitCode.ANSWERS_INVALID
    assert journey.state.word is SessionState.DONE
    assert journey.lines() == []


def test_alone_a_procedure_lists_every_missing_word_at_once(tmp_path: Path) -> None:
    """The words of all its steps are listed together, and it is not begun."""
    steps = [step("one", confirm="One?"), step("two", confirm="Two?"), step("three", "true")]
    procedures = {"back": {"title": "Back", "offer": {"after": "a"}, "steps": steps}}
    journey = at(tmp_path, phase(step("a", "true")), procedures=procedures)
    journey.begin()
    with pytest.raises(AnswersError) as lacking:
        call(journey, "back", ScriptedOperator(attended=False))
    assert [one.key for one in lacking.value.problems] == ["confirmations.one", "confirmations.two"]
    assert journey.state.procedures == {}


def test_what_a_finally_did_stays_as_well(tmp_path: Path) -> None:
    """It is counted as long as it comes, and named once it was done, as the plan names it before the start."""
    first = {**phase(step("a", "true", undo=undo("a"))), "finally": [step("tidy", "true", rerun="safe")]}
    journey = at(tmp_path, first, {**phase(step("end", "false", undo=undo("end"))), "id": "last"})
    journey.begin(operator := ScriptedOperator({"failed:end": "stop"}))
    stays = "you can still go back; what 1.2 (Tidy) did has no undo"
    assert told(journey, operator) == ["you can still go back; 1 step to come has no undo", stays, stays]
    journey.undo(ScriptedOperator())
    assert session_status(None).reversible == "all that could be taken back was taken back"
