"""A rehearsal says that it is one, wherever anybody sees it, and never that something was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from wizard.errors import ExitCode, UsageError
from wizard.looking import session_report, session_status
from wizard.overview import show_report, show_sessions, show_status
from wizard.plain.render import event_lines
from wizard.plain.style import Style
from wizard.run.events import (
    CheckAsked,
    CommandEnded,
    CommandStarted,
    HopBegan,
    RunEnded,
    Said,
    SessionOpened,
    StepBegan,
    StepEnded,
)
from wizard.run.operator import Chosen, ConfirmRequest

if TYPE_CHECKING:
    from pathlib import Path


def rehearsed(tmp_path: Path, *steps: dict[str, Any], **parts: Any) -> tuple[Journey, ScriptedOperator]:
    """A rehearsal of these steps, walked to its end."""
    operator = ScriptedOperator()
    journey = Journey(tmp_path, guide(phase(*steps), **parts))
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    return journey, operator


def words_of(operator: ScriptedOperator) -> str:
    """Everything that was told, as lines."""
    return "\n".join(line for event in operator.events for line in event_lines(event, Style()))


def test_status_sessions_and_report_say_that_nothing_was_done(tmp_path: Path) -> None:
    """The state reads `rehearsed`, a script finds `rehearsal`, no undo or call is offered, and no step is done."""
    undo = [{"id": "back", "title": "Back", "run": "true"}]
    offers = {"restore": {"title": "Restore", "offer": {"after": "change"}, "steps": [step("back-again", "true")]}}
    rehearsed(tmp_path, step("change", f"touch {tmp_path}/changed", undo=undo), procedures=offers)
    status = session_status(None)
    assert (status.state, status.words, status.rehearsal) == ("done", "rehearsed", True)
    assert (status.next, status.procedures) == (("report", "bundle"), ())
    assert status.reversible == "nothing is changed: this is a rehearsal"
    assert "state       rehearsed\n" in show_status(None, "text")
    assert '"rehearsal": true' in show_status(None, "json")
    assert ": rehearsed." in show_sessions("text")
    report = session_report(None)
    assert (report.rehearsal, report.phases[0].steps[0].status) == (True, "rehearsed")
    text = show_report(None, "markdown")
    assert "**A rehearsal: nothing was changed" in text
    assert "- State: **rehearsed**" in text
    assert '"rehearsal": true' in show_report(None, "json")
    assert not (tmp_path / "changed").exists()


def test_the_walk_says_at_every_turn_that_it_is_a_rehearsal(tmp_path: Path) -> None:
    """At its beginning, at each command, at the end of each step, and at its end; nothing is offered as done."""
    _, operator = rehearsed(tmp_path, step("change", "touch changed"))
    assert [event.rehearsal for event in operator.told(SessionOpened)] == [True]
    assert [event.rehearsed for event in operator.told(CommandStarted)] == [True]
    assert operator.told(CommandEnded) == []
    assert all(event.rehearsed for event in (*operator.told(StepEnded), *operator.told(RunEnded)))
    assert operator.told(RunEnded)[0].next == ("report", "bundle")
    words = words_of(operator)
    assert "Journey — rehearsal, session" in words
    assert "Not run: this is a rehearsal." in words
    assert "Step 1.1: rehearsed\n" in words
    assert "The rehearsal is done. Nothing was changed." in words
    assert "Running" not in words


def test_a_rehearsal_cannot_be_undone(tmp_path: Path) -> None:
    """Asked to undo it, the wizard says that nothing was done."""
    journey, _ = rehearsed(tmp_path, step("change", "true", undo=[{"id": "back", "title": "Back", "run": "true"}]))
    with pytest.raises(UsageError, match="nothing was done, so there is nothing to undo"):
        journey.undo()


def test_a_rehearsal_that_was_left_can_only_be_gone_on_with(tmp_path: Path) -> None:
    """What is offered then is to go on with the rehearsal, not to undo what it did not do."""
    journey = Journey(tmp_path, guide(phase(step("one", "true"), step("two", "true"))))
    operator = ScriptedOperator(watch=_stop_at("two"))
    assert journey.begin(operator, rehearse=True) is ExitCode.STOPPED
    status = session_status(None)
    assert status.words == "rehearsal, stopped"
    assert status.next == ("resume", "report", "bundle", "close")
    assert operator.told(RunEnded)[0].next == ("resume", "report", "bundle")
    again = ScriptedOperator()
    assert journey.resume(again) is ExitCode.DONE
    assert again.told(SessionOpened)[0].rehearsal


def _stop_at(name: str) -> Any:
    from wizard.errors import StoppedError

    def stop(event: Any) -> None:
        if isinstance(event, StepBegan) and event.step.id == name:
            raise StoppedError("enough")

    return stop


def test_checks_are_asked_once_and_alarm_nobody(tmp_path: Path) -> None:
    """A check with `within` is not waited for; what it says of the unchanged machine is told as that."""
    missing = {"title": "It is there", "file": str(tmp_path / "made-by-nobody"), "within": "10m"}
    _, operator = rehearsed(tmp_path, step("look", check=[missing, {"title": "So it is", "expr": "1 == 1"}]))
    asked = operator.told(CheckAsked)
    assert [event.rehearsed for event in asked] == [True, True]
    assert "asked" not in asked[0].finding.evidence[0].seen
    words = words_of(operator)
    assert "CHECK   It is there\n        now: not so — " in words
    assert "CHECK   So it is\n        now: so" in words
    assert "FAIL" not in words
    assert "(blocks)" not in words
    assert "rehearsed — 2 checks asked now, and again when the step is done for real" in words.replace("\n    ", " ")


@pytest.mark.parametrize("blocks", ["always", "bypassable"])
def test_it_goes_past_what_blocks_and_says_so(tmp_path: Path, blocks: str) -> None:
    """A machine that is not ready is walked all the same; the rehearsal ends as the run itself would."""
    missing = {"id": "there", "title": "It is there", "file": str(tmp_path / "there"), "blocks": blocks}
    operator = ScriptedOperator()
    journey = Journey(tmp_path, guide(phase(step("look", f"touch {tmp_path}/changed")), checks=[missing]))
    assert journey.begin(operator, rehearse=True) is ExitCode.BLOCKED
    held = "1 finding keeps the run itself from starting: It is there."
    assert [said.text for said in operator.told(Said) if said.kind == "warning"] == [held]
    assert len(operator.told(StepEnded)) == 1
    (end,) = operator.told(RunEnded)
    assert (end.state, end.detail) == ("done", held)
    assert session_status(None).detail == session_report(None).detail == held
    assert not (tmp_path / "changed").exists()


def test_what_was_bypassed_holds_no_rehearsal_to_account(tmp_path: Path) -> None:
    """With a reason the run itself would go on, so the rehearsal ends well."""
    missing = {"id": "there", "title": "It is there", "file": str(tmp_path / "there"), "blocks": "bypassable"}
    operator = ScriptedOperator({"proceed": Turns(Chosen("bypass:there", "made by hand"), "start")})
    journey = Journey(tmp_path, guide(phase(step("look", "true")), checks=[missing]))
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE


def test_a_fix_is_shown_and_not_said_to_be_done(tmp_path: Path) -> None:
    """Its word says that it is only shown, and the finding after it is no outcome of the fix."""
    missing = {
        "id": "there",
        "title": "It is there",
        "file": str(tmp_path / "there"),
        "blocks": "never",
        "fix": {"title": "Make it", "run": ["touch", str(tmp_path / "there")]},
    }
    operator = ScriptedOperator({"proceed": Turns("fix:there", "start")})
    journey = Journey(tmp_path, guide(phase(step("look", "true")), checks=[missing]))
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    (asked,) = [request for _, request in operator.asked if isinstance(request, ConfirmRequest)]
    assert asked.say == "This is a rehearsal: it is shown, and not done."
    assert "It is there: not fixed: a rehearsal changes nothing" in words_of(operator)
    assert not (tmp_path / "there").exists()


def test_a_check_of_the_guide_is_not_waited_for_in_a_step(tmp_path: Path) -> None:
    """The time that a check of the guide gives itself counts before the start, and not in a rehearsed step."""
    there = tmp_path / "there"
    there.touch()
    slow = {"id": "slow", "title": "Slow", "file": str(there), "within": "10m"}

    def remove(event: Any) -> None:
        if isinstance(event, StepBegan):
            there.unlink()

    operator = ScriptedOperator(watch=remove)
    journey = Journey(tmp_path, guide(phase(step("look", check=[{"check": "slow"}])), checks=[slow]))
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    (asked,) = operator.told(CheckAsked)
    assert (asked.finding.status, "asked" in asked.finding.evidence[0].seen) == ("fail", False)


def test_hop_two_is_headed_and_says_which_values_are_of_now(tmp_path: Path) -> None:
    """Each hop has a heading; a command made of a fact says in the second that the machine is read again there."""
    (tmp_path / "release").write_text("1.0", encoding="utf-8")
    facts = {"release": {"file": str(tmp_path / "release"), "match": r"^(?P<v>\S+)", "as": {"v": "text"}}}
    body = guide(
        phase(step("copy", ["echo", "${{ facts.release.v }}"]), step("plain", ["echo", "${{ hop.to }}"])),
        facts=facts,
        versions={
            "releases": ["1.0", "1.5", "2.0"],
            "hops": [
                {"from": "1.0", "to": "1.5", "phases": ["work"]},
                {"from": "1.5", "to": "2.0", "phases": ["work"]},
            ],
        },
    )
    operator = ScriptedOperator()
    assert Journey(tmp_path, body).begin(operator, rehearse=True) is ExitCode.DONE
    assert [(event.hop.number, event.hops) for event in operator.told(HopBegan)] == [(1, 2), (2, 2)]
    words = words_of(operator)
    assert "Hop 2 of 2 — 1.5 to 2.0, rehearsed" in words
    first, second = words.split("Hop 2 of 2")
    note = "(with what the machine says now; read again when hop 2 begins)"
    assert (first.count(note), second.count(note)) == (0, 1)
    assert note in second.split("plain", 1)[0]
