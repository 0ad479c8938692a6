"""Work of people: part by part, left for later, from a list that is read again, handed to others."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import Gone, ScriptedOperator, Turns
from tests.run.journey import SETS, VERSIONS, Journey, guide, phase, step
from tests.run.plug import GATE, open_gate
from tests.run.test_walking import at, log
from wizard.assemble import session_report, session_status
from wizard.errors import ExitCode
from wizard.report.data import to_data
from wizard.report.markdown import to_markdown
from wizard.run.events import CheckAsked, RunEnded, Said
from wizard.run.operator import Confirmed
from wizard.run.records import Record
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from pathlib import Path

LIST = {"list": {"run": "cat todo", "as": "file"}, "do": "Mend ${{ file }}."}


def waiting_for(tmp_path: Path, *items: str) -> Path:
    """A list of things to do, as a command prints it."""
    todo = tmp_path / "todo"
    todo.write_text("".join(f"{item}\n" for item in items), encoding="utf-8")
    return todo


def test_a_part_left_for_later_is_listed_wherever_one_looks(tmp_path: Path) -> None:
    """The step is done in part; the end of the run, the status and the report name what is left, and why."""
    items = [{"do": "Tell the users.", "defer": "Nobody is there at night."}, "Lock the door."]
    operator = ScriptedOperator({"hands": Turns(Confirmed(yes=False, deferred="tomorrow"), True)})
    journey = at(tmp_path, step("hands", manual=items), step("next", log("x")))
    assert journey.begin(operator) is ExitCode.DONE
    assert [request.defer for key, request in operator.asked if key == "hands"] == ["Nobody is there at night.", ""]
    assert journey.state.step("1/work/hands").how == "deferred in part"
    left = (("1.1", "Hands: Tell the users. — tomorrow"),)
    assert operator.told(RunEnded)[-1].by_hand == left
    assert session_status(None).by_hand == left
    report = session_report(None)
    assert report.left_to_do == left
    assert "Left to do by hand" in to_markdown(report)
    assert to_data(report)["left_to_do"] == [{"code": "1.1", "what": left[0][1]}]


def test_a_whole_step_is_left_for_later(tmp_path: Path) -> None:
    """It is skipped, listed, and does not count as done."""
    operator = ScriptedOperator({"defer:mail": ("defer", "no mail server at night")})
    late = step("mail", log("mail"), defer="The users can be told tomorrow.")
    journey = at(tmp_path, late, step("look", log("${{ outcome('mail') }}")))
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["skipped"]
    assert operator.told(RunEnded)[-1].by_hand == (("1.1", "Mail — no mail server at night"),)


def test_a_failed_step_may_be_left_for_later(tmp_path: Path) -> None:
    """The failure card has the choice where the guide allows it."""
    operator = ScriptedOperator({"defer:mail": "now", "failed:mail": ("defer", "broken today")})
    journey = at(tmp_path, step("mail", "false", defer="Tomorrow will do."))
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.state.step("1/work/mail").deferred[0].reason == "broken today"


def test_a_resume_goes_on_where_the_parts_were(tmp_path: Path) -> None:
    """What was done or left for later is not asked again."""
    items: list[Any] = ["One.", {"do": "Two.", "defer": "May wait."}, "Three.", "Four."]
    first = ScriptedOperator({"hands": Turns(True, Confirmed(yes=False, deferred="later"), Gone)})
    journey = at(tmp_path, step("hands", manual=items))
    with pytest.raises(Gone):
        journey.begin(first)
    second = ScriptedOperator()
    assert journey.resume(second) is ExitCode.DONE
    assert [request.say for key, request in second.asked if key == "hands"] == ["Three.", "Four."]
    assert len(journey.state.step("1/work/hands").deferred) == 1


def test_a_part_whose_check_fell_again_is_asked_again(tmp_path: Path) -> None:
    """A word from before does not outweigh what the machine says now."""
    proof = tmp_path / "proof"

    def makes(_: Any) -> bool:
        proof.touch()
        return True

    items = [{"do": "Make it.", "check": {"file": str(proof)}}, "Then rest."]
    journey = at(tmp_path, step("hands", manual=items))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"hands": Turns(makes, Gone)}))
    proof.unlink()
    second = ScriptedOperator({"hands": Turns(makes, True)})
    assert journey.resume(second) is ExitCode.DONE
    assert [request.say for key, request in second.asked if key == "hands"] == ["Make it.", "Then rest."]


def test_an_address_is_shown_and_not_opened(tmp_path: Path) -> None:
    """It comes apart from the words, so that it can be copied whole."""
    operator = ScriptedOperator()
    items = [{"do": "Look there.", "open": "http://x/${{ answers.target_version }}"}]
    at(tmp_path, step("hands", manual=items)).begin(operator)
    assert dict(operator.asked)["hands"].opens == "http://x/2.0"
    assert dict(operator.asked)["hands"].say == "Look there."


def test_manual_work_is_held_against_its_check(tmp_path: Path) -> None:
    """All parts done, and the machine says that it is not: the step has failed."""
    operator = ScriptedOperator({"failed:hands": "stop"})
    journey = at(tmp_path, step("hands", manual=["Do it."], done_when=[{"file": str(tmp_path / "never")}]))
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "its check says" in dict(operator.asked)["failed:hands"].text


# -- lists ---------------------------------------------------------------------------------------


def test_a_list_is_worked_off_item_by_item(tmp_path: Path) -> None:
    """The next one first, or another; what follows each is run as an attempt of its own; an empty list is done."""
    waiting_for(tmp_path, "a b", "c'd", "e/f")
    follow = ["sh", "-c", 'echo "$0" >> effects; grep -vxF -- "$0" todo > left; mv left todo', "${{ file }}"]
    operator = ScriptedOperator({"item:mend": Turns("other", "done", "done", "again", "done"), "which:mend": "2"})
    journey = at(tmp_path, step("mend", manual={**LIST, "after_each": follow}))
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["c'd", "a b", "e/f"]
    assert journey.state.step("1/work/mend").items == ["c'd", "a b", "e/f"]
    assert "after/1/work/mend/=e%2Ff" in journey.state.steps
    asked = [request for key, request in operator.asked if key == "item:mend"]
    assert [request.text for request in asked] == ["Mend a b.", "Mend c'd.", "Mend a b.", "Mend e/f.", "Mend e/f."]
    assert "other" not in [choice.key for choice in asked[-1].choices]


def test_what_vanishes_from_a_list_is_done(tmp_path: Path) -> None:
    """Whoever did it: the list is read again."""
    todo = waiting_for(tmp_path, "a", "b")

    def both(_: Any) -> str:
        todo.write_text("", encoding="utf-8")
        return "again"

    journey = at(tmp_path, step("mend", manual=LIST))
    assert journey.begin(ScriptedOperator({"item:mend": both})) is ExitCode.DONE
    assert journey.state.step("1/work/mend").items == ["a", "b"]


def test_an_item_is_held_against_its_check(tmp_path: Path) -> None:
    """The check knows the item; while it does not hold the item stays."""
    todo = waiting_for(tmp_path, "a")

    def makes(_: Any) -> str:
        (tmp_path / "a.ok").touch()
        todo.write_text("", encoding="utf-8")
        return "done"

    manual = {**LIST, "check": {"file": f"{tmp_path}/${{{{ file }}}}.ok"}}
    operator = ScriptedOperator({"item:mend": Turns("done", makes)})
    assert at(tmp_path, step("mend", manual=manual)).begin(operator) is ExitCode.DONE
    assert not operator.told(CheckAsked)[0].finding.passed


def test_a_list_that_cannot_be_read_fails_the_step(tmp_path: Path) -> None:
    """The command, its exit and its last words are named; an empty list is not made of a failure."""
    operator = ScriptedOperator({"failed:mend": "stop"})
    manual = {"list": {"run": "echo no such branch >&2; exit 3"}, "do": "x"}
    assert at(tmp_path, step("mend", manual=manual)).begin(operator) is ExitCode.STOPPED
    text = dict(operator.asked)["failed:mend"].text
    assert "exit 3" in text
    assert "no such branch" in text


def test_what_follows_an_item_and_fails_stops_there(tmp_path: Path) -> None:
    """The item is not counted as done; trying again goes on with it."""
    waiting_for(tmp_path, "a")
    follow = "[ -e ready ] || { echo not ready; exit 1; }; : > todo"

    def mend(_: Any) -> str:
        (tmp_path / "ready").touch()
        return "again"

    operator = ScriptedOperator({"item:mend": "done", "failed:mend": mend})
    journey = at(tmp_path, step("mend", manual={**LIST, "after_each": follow}))
    assert journey.begin(operator) is ExitCode.DONE
    assert "after a: " in dict(operator.asked)["failed:mend"].text
    assert journey.state.step("1/work/mend").items == ["a"]


def test_what_follows_an_item_is_never_run_twice_by_itself(tmp_path: Path) -> None:
    """The front end was lost while it ran: the next driver waits for its end, and reads the list then."""
    waiting_for(tmp_path, "a")
    follow = f"{GATE}echo a >> effects; : > todo"
    journey = at(tmp_path, step("mend", manual={**LIST, "after_each": follow}))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"item:mend": "done", "attend:mend": Gone}))
    open_gate(tmp_path)
    second = ScriptedOperator()
    assert journey.resume(second) is ExitCode.DONE
    assert journey.lines() == ["a"]
    assert not [key for key, _ in second.asked if key == "item:mend"]


def test_what_follows_an_item_and_failed_while_nobody_was_there_is_not_passed_over(tmp_path: Path) -> None:
    """The item is not on the list any more, and what followed it failed all the same: somebody has to know."""
    waiting_for(tmp_path, "a")
    follow = f": > todo\n{GATE}echo no room; exit 3"
    journey = at(tmp_path, step("mend", manual={**LIST, "after_each": follow}))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"item:mend": "done", "attend:mend": Gone}))
    open_gate(tmp_path)
    second = ScriptedOperator({"failed:mend": "again"})
    assert journey.resume(second) is ExitCode.DONE
    [card] = [asked for key, asked in second.asked if key == "failed:mend"]
    assert "after a: ended with exit 3" in card.text


def test_a_list_is_resumed_with_what_is_left(tmp_path: Path) -> None:
    """Stopped after one item, the next driver finds the rest."""
    todo = waiting_for(tmp_path, "a", "b")
    follow = ["sh", "-c", 'grep -vxF -- "$0" todo > left; mv left todo; true', "${{ file }}"]
    journey = at(tmp_path, step("mend", manual={**LIST, "after_each": follow}))
    first = ScriptedOperator({"item:mend": Turns("done", "stop"), "failed:mend": "stop"})
    assert journey.begin(first) is ExitCode.STOPPED
    assert todo.read_text(encoding="utf-8") == "b\n"
    second = ScriptedOperator({"item:mend": "done", "failed:mend": "again"})
    assert journey.resume(second) is ExitCode.DONE
    assert journey.state.step("1/work/mend").items == ["a", "b"]


def test_a_rehearsal_reads_no_list(tmp_path: Path) -> None:
    """Earlier steps did nothing, so the list would say nothing; what would be listed is shown."""
    operator = ScriptedOperator()
    journey = at(tmp_path, step("mend", manual={"list": {"run": "exit 9"}, "do": "x"}))
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    assert any("exit 9" in event.text for event in operator.told(Said))


# -- handing over --------------------------------------------------------------------------------

HAND = {"to": "the database team", "text": "# Grant\n\nGrant it to ${{ answers.name }}.\n"}
NAME = [{"section": "Name", "ask": [{"id": "name", "label": "Name", "type": "text"}]}]


def handing(tmp_path: Path, **more: Any) -> Journey:
    """A step that is handed to others, and comes back with a note."""
    over = step("grant", manual=[{"do": "Note who did it.", "record": "by"}], hand_over={**HAND, **more}, who="DBA")
    parts = guide(phase(over, step("next", log("${{ captured.by }}")), folder=str(tmp_path)))
    parts["questions"] = [VERSIONS, *NAME]
    return Journey(tmp_path, parts, sets=(*SETS, "name=x_*y"))


def test_work_is_handed_over_and_comes_back(tmp_path: Path) -> None:
    """A private file holds the text with its values safe in Markdown; leaving meanwhile is fine."""
    journey = handing(tmp_path)
    first = ScriptedOperator({"handed:grant": Turns("show", "leave")})
    assert journey.begin(first) is ExitCode.STOPPED
    assert journey.state.word is SessionState.WAITING
    file = next((journey.folder / "handed").iterdir())
    assert file.read_text(encoding="utf-8") == "# Grant\n\nGrant it to x\\_\\*y.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    away = (("1.1", "the database team", str(file)),)
    assert first.told(RunEnded)[-1].away == away
    assert session_status(None).away == away
    before = file.stat()
    second = ScriptedOperator({"handed:grant": "back", "grant": {"by": "Ann"}})
    assert journey.resume(second) is ExitCode.DONE
    assert file.stat() == before
    assert journey.lines() == ["Ann"]
    assert sum(entry.kind == Record.HANDED_TO for entry in journey.entries) == 1
    report = session_report(None)
    assert report.handed_over[0][:2] == ("1.1", "the database team")
    assert "DBA" in to_markdown(report)


def test_a_file_of_somebody_else_is_not_written_over(tmp_path: Path) -> None:
    """A file or link that is there already is left alone, and named."""
    other = tmp_path / "note.md"
    other.write_text("mine\n", encoding="utf-8")
    operator = ScriptedOperator({"failed:grant": "stop"})
    assert handing(tmp_path, file="note.md").begin(operator) is ExitCode.STOPPED
    assert str(other) in dict(operator.asked)["failed:grant"].text
    assert other.read_text(encoding="utf-8") == "mine\n"
    other.unlink()
    other.symlink_to(tmp_path / "elsewhere")
    again = ScriptedOperator({"failed:grant": "stop"})
    handing(tmp_path, file="note.md").begin(again)
    assert str(other) in dict(again.asked)["failed:grant"].text
    assert not (tmp_path / "elsewhere").exists()


def test_a_rehearsal_writes_nothing_for_others(tmp_path: Path) -> None:
    """The text is shown, and no file is made."""
    operator = ScriptedOperator()
    journey = handing(tmp_path, file="note.md")
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    assert not (tmp_path / "note.md").exists()
    assert any("Grant it to" in event.text for event in operator.told(Said))
