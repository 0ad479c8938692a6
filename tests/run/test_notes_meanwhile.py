"""Notes of watchers that come while the driver is asked, time passes, or a command runs: they are taken in at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.clocks import StandingClock
from tests.fakes.operators import ScriptedOperator, Turns
from tests.fakes.sessions import make_session, me
from tests.run.journey import step
from tests.run.plug import GATE, nothing_left, open_gate
from tests.run.test_walking import at
from tests.waiting import until
from wizard.assemble import leave_note
from wizard.errors import Gone
from wizard.paths import state_folder
from wizard.run.driver import Driver
from wizard.run.events import Noted
from wizard.run.folding import fold
from wizard.run.journal import read_journal
from wizard.run.operator import NOTHING_LEFT
from wizard.run.records import FOLDED, HEARD, IGNORED, INBOX_EVENTS, Record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.run.journey import Journey

ASKS = step("sure", confirm="Really?"), step("end", "true")


def noting(operator: ScriptedOperator, *, then: Any = True) -> ScriptedOperator:
    """An operator to whom a note comes while they think about `sure`."""

    def think(_: object) -> Any:
        leave_note(None, "do not press undo")
        operator.glance()
        operator.glance()
        assert [note.text for note in operator.told(Noted)] == ["do not press undo"]
        if isinstance(then, Exception):
            raise then
        return then

    operator.replies["sure"] = think
    return operator


def kinds(journey: Journey) -> list[str]:
    """The kinds of all events, but for notes."""
    return [entry.kind for entry in journey.entries if entry.kind not in INBOX_EVENTS]


def test_a_note_is_journalled_and_shown_before_the_reply_that_it_is_about(tmp_path: Path) -> None:
    """Once, with who sent it; beside it the journal is the same as without a note."""
    (without := at(tmp_path / "without", *ASKS)).begin()
    events = kinds(without)
    journey = at(tmp_path / "with", *ASKS)
    operator = noting(ScriptedOperator())
    journey.begin(operator)
    found = [entry.kind for entry in journey.entries]
    assert found.count(FOLDED) == 1
    assert found.index(Record.STEP_BEGAN) < found.index(FOLDED) < found.index(Record.CONFIRMED)
    assert operator.told(Noted)[0].who
    assert kinds(journey) == events


def test_a_note_whose_driver_was_gone_before_a_reply_is_told_to_whoever_goes_on(tmp_path: Path) -> None:
    """It may have been seen by nobody; it is journalled once, and who sent it and when is told with it."""
    journey = at(tmp_path, *ASKS)
    first, operator = ScriptedOperator(), ScriptedOperator()
    with pytest.raises(Gone):
        journey.begin(noting(first, then=Gone("gone")))
    journey.resume(operator)
    assert operator.told(Noted) == first.told(Noted)
    assert [entry.kind for entry in journey.entries].count(FOLDED) == 1
    assert journey.status("sure") == journey.status("end") == "done"


@pytest.mark.parametrize(("heard_after", "told_again"), [(0.0, []), (3600.0, ["do not press undo"])])
def test_a_note_is_told_again_until_somebody_replied_who_had_it_before_their_eyes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard_after: float, told_again: list[str]
) -> None:
    """A reply that came with it is none; what was heard is journalled before the reply, and never told again."""
    monkeypatch.setattr("wizard.run.unheard.HEARD_AFTER", heard_after)
    journey = at(tmp_path, *ASKS, step("last", confirm="Over?"))
    operator = noting(ScriptedOperator({"last": Gone}))
    with pytest.raises(Gone):
        journey.begin(operator)
    found = [entry.kind for entry in journey.entries]
    assert found.count(HEARD) == (0 if told_again else 1)
    if not told_again:
        assert found.index(FOLDED) < found.index(HEARD) < found.index(Record.CONFIRMED)
    for _ in range(2):
        back = ScriptedOperator({"last": Gone})
        with pytest.raises(Gone):
            journey.resume(back)
        assert [note.text for note in back.told(Noted)] == told_again


def test_what_nobody_was_there_to_hear_is_told_to_the_first_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply from an answers file is nobody's: a note that came while the walk was unattended is told once more."""
    monkeypatch.setattr("wizard.run.unheard.HEARD_AFTER", 0.0)
    journey = at(tmp_path, *ASKS, step("last", confirm="Over?"))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": Gone}))
    with pytest.raises(Gone):
        journey.resume(noting(ScriptedOperator({"last": Gone}, attended=False)))
    assert HEARD not in [entry.kind for entry in journey.entries]
    person = ScriptedOperator()
    journey.resume(person)
    assert [note.text for note in person.told(Noted)] == ["do not press undo"]
    assert HEARD in [entry.kind for entry in journey.entries]


def test_a_question_that_was_taken_back_is_no_reply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody said anything where nothing was left to decide."""
    monkeypatch.setattr("wizard.run.unheard.HEARD_AFTER", 0.0)
    journey = at(tmp_path, step("slow", GATE, stall={"silence": "100ms"}), step("last", confirm="Over?"))
    operator = ScriptedOperator({"last": Gone})

    def think(request: Any) -> Any:
        leave_note(None, "it is nearly through")
        operator.glance()
        open_gate(tmp_path)
        until(request.over)
        return NOTHING_LEFT

    operator.replies["stalled:slow"] = Turns(think)
    with pytest.raises(Gone):
        journey.begin(operator)
    assert FOLDED in [entry.kind for entry in journey.entries]
    assert HEARD not in [entry.kind for entry in journey.entries]


def test_an_inbox_that_cannot_be_read_disturbs_nobody_who_thinks(tmp_path: Path) -> None:
    """What is wrong with it is no reason to take a question away."""
    journey = at(tmp_path, ASKS[0])
    operator = ScriptedOperator()

    def think(_: object) -> bool:
        (journey.folder / "inbox").rmdir()
        operator.glance()
        return True

    operator.replies["sure"] = think
    journey.begin(operator)
    assert journey.status("sure") == "done"


def test_a_note_comes_in_while_time_passes_and_while_a_command_runs(tmp_path: Path) -> None:
    """Nobody has to wait for the end of a step to be heard."""
    wait = {"until": {"title": "There", "file": str(tmp_path / "go")}, "every": "100ms"}
    runs = f"until test -e {tmp_path}/on; do sleep 0.02; done"
    journey = at(tmp_path, step("wait", wait=wait), step("run", runs))
    operator = ScriptedOperator()
    told: list[int] = []

    def pass_time(_: object) -> None:
        told.append(len(operator.told(Noted)))
        if len(told) == 1:
            leave_note(None, "while it waits")
        else:
            (tmp_path / "go").touch()

    def heard(event: object) -> None:
        if isinstance(event, Noted) and event.text == "while it runs":
            (tmp_path / "on").touch()

    def attend(watching: Any) -> None:
        if not (tmp_path / "on").exists() and not operator.told(Noted)[1:]:
            leave_note(None, "while it runs")
            assert watching.stalled() == "news"

    operator.replies.update({"pause:Wait": pass_time, "attend:run": attend})
    operator.watch = heard
    with nothing_left(state_folder()):
        journey.begin(operator)
    assert told == [0, 1]
    assert [note.text for note in operator.told(Noted)] == ["while it waits", "while it runs"]
    found = [(entry.kind, entry.data.get("text")) for entry in journey.entries]
    ended = next(place for place, (kind, _) in enumerate(found) if kind == Record.ATTEMPT_ENDED)
    assert found.index((FOLDED, "while it runs")) < ended


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (FOLDED, {"name": "n", "message": "note", "text": "wait", "who": {}, "sent": ""}),
        (IGNORED, {"name": "n", "why": "it is not JSON"}),
        (HEARD, {"seqs": [1]}),
    ],
)
def test_the_time_a_person_was_asked_is_the_same_whatever_is_left_meanwhile(
    tmp_path: Path, kind: str, data: dict[str, Any]
) -> None:
    """How long a step took does not count what its operator thought, whoever says something meanwhile."""
    clock, session = StandingClock(), make_session(tmp_path)
    with Driver.take(session, me(clock), clock) as driver:
        clock.go_on(1)
        driver.journal.append("asked", {})
        clock.go_on(50)
        driver.journal.append(kind, data)
        clock.go_on(10)
        driver.journal.append("replied", {})
    assert fold(read_journal(session.folder).entries).last_pause == 60.0


def test_whoever_leaves_a_note_knows_whether_somebody_is_there_to_read_it(tmp_path: Path) -> None:
    """Nobody is promised a driver where there is none."""
    journey, said = at(tmp_path, ASKS[0]), list[str]()
    operator = ScriptedOperator()

    def think(_: object) -> bool:
        said.append(leave_note(None, "are you there?"))
        return True

    operator.replies["sure"] = think
    journey.begin(operator)
    assert "waits for the driver" in said[0]
    assert "nobody drives" in leave_note(None, "and now?")
