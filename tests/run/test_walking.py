"""Walking a guide on this machine: order, ends, decisions, undo, what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import FormOperator, ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from tests.waiting import until
from wizard.assemble import store
from wizard.errors import AnswersError, ExitCode, StoppedError, VersionPathError
from wizard.host.commands import LocalCommands
from wizard.host.protocols import FoundState
from wizard.looking import session_status
from wizard.run.events import CommandStarted, Owed, StepEnded
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.events import Event


def log(word: str) -> str:
    """A command text that leaves a line behind."""
    return f"echo {word} >> effects"


def at(tmp_path: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `tmp_path`."""
    return Journey(tmp_path, guide(phase(*steps, **more), defaults={"folder": str(tmp_path)}))


def test_steps_are_done_in_order_and_once(tmp_path: Path) -> None:
    """A walk does each step, says so in the journal, and a resume of it does nothing again."""
    journey = at(tmp_path, step("first", log("one")), step("second", log("two")))
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["one", "two"]
    assert journey.state.word is SessionState.DONE
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["one", "two"]


def test_a_failed_step_can_be_tried_again(tmp_path: Path) -> None:
    """A step that is safe to repeat is repeated on a word, and the walk goes on."""
    journey = at(tmp_path, step("shaky", "echo try >> effects; [ $(wc -l < effects) -ge 2 ]", rerun="safe"))
    assert journey.begin(ScriptedOperator({"failed:shaky": "again"})) is ExitCode.DONE
    assert journey.lines() == ["try", "try"]
    assert [attempt.number for attempt in journey.state.step("1/work/shaky").attempts] == [1, 2]


def test_repeating_what_is_not_known_to_be_safe_needs_a_reason(tmp_path: Path) -> None:
    """The choice is there, marked as dangerous, and asks for a reason."""
    operator = ScriptedOperator({"failed:once": "stop"})
    journey = at(tmp_path, step("once", "exit 3"))
    assert journey.begin(operator) is ExitCode.STOPPED
    request = dict(operator.asked)["failed:once"]
    again = next(choice for choice in request.choices if choice.key == "again")
    assert again.danger
    assert again.reason
    assert journey.state.word is SessionState.FAILED


def test_skipping_needs_a_reason_and_may_be_forbidden(tmp_path: Path) -> None:
    """A skipped step is settled with its reason; `skip: never` takes the choice away."""
    operator = ScriptedOperator({"failed:one": ("skip", "not on this machine"), "failed:two": "stop"})
    journey = at(tmp_path, step("one", "false"), step("two", "false", skip="never"))
    journey.begin(operator)
    assert journey.status("one") == StepStatus.SKIPPED
    assert "skip" not in [choice.key for choice in dict(operator.asked)["failed:two"].choices]


def test_marking_done_asks_the_check_first(tmp_path: Path) -> None:
    """Nobody can mark a step done against its own check."""
    done_when = [{"file": str(tmp_path / "proof")}]

    def by_hand(_: Any) -> tuple[str, str]:
        (tmp_path / "proof").touch()
        return ("done", "did it by hand")

    replies = Turns(("done", "I say so"), by_hand)
    journey = at(tmp_path, step("work", "false", done_when=done_when))
    assert journey.begin(ScriptedOperator({"failed:work": replies})) is ExitCode.DONE
    assert journey.state.step("1/work/work").how == "marked"


def test_ended_well_but_not_done_is_a_failure(tmp_path: Path) -> None:
    """Exit 0 is not enough where `done_when` says otherwise."""
    operator = ScriptedOperator({"failed:work": "stop"})
    journey = at(tmp_path, step("work", "true", done_when=[{"file": str(tmp_path / "proof")}]))
    journey.begin(operator)
    assert "is not done" in dict(operator.asked)["failed:work"].text


def test_what_is_done_already_is_not_done_again(tmp_path: Path) -> None:
    """A `done_when` that holds before the start makes the step already done, on a word of the operator."""
    (tmp_path / "proof").touch()
    journey = at(tmp_path, step("work", log("ran"), done_when=[{"file": str(tmp_path / "proof")}]))
    assert journey.begin(ScriptedOperator({"already:work": "already"})) is ExitCode.DONE
    assert journey.lines() == []
    assert journey.status("work") == StepStatus.ALREADY_DONE


def test_captured_values_reach_later_steps(tmp_path: Path) -> None:
    """A value read from one command's output is a value of the next."""
    journey = at(
        tmp_path,
        step("look", "echo 'count: 42'", capture={"count": {"match": r"count: (\d+)", "as": "number"}}),
        step("use", ["sh", "-c", 'echo "$0" >> effects', "${{ int(captured.count) + 1 }}"]),
    )
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["43"]


def test_a_when_that_needs_an_outcome_is_decided_when_reached(tmp_path: Path) -> None:
    """It is journalled once, with its reason."""
    journey = at(
        tmp_path,
        step("maybe", "exit 1"),
        step("after", log("after"), when="outcome('maybe') == 'done'", not_needed="maybe was skipped"),
    )
    assert journey.begin(ScriptedOperator({"failed:maybe": ("skip", "why not")})) is ExitCode.DONE
    assert journey.lines() == []
    assert [entry.data["included"] for entry in journey.entries if entry.kind == "step-decided"] == [False]


def test_undo_of_the_run_goes_backwards_and_only_over_what_was_done(tmp_path: Path) -> None:
    """Each undo runs once, last step first; a step that was never begun is left alone."""
    journey = at(
        tmp_path,
        step("one", log("one"), undo=[step("un-one", log("un-one"))]),
        step("two", log("two"), undo=[step("un-two", log("un-two"))]),
        step("three", "false", undo=[step("un-three", log("un-three"))]),
        step("four", log("four"), undo=[step("un-four", log("un-four"))]),
    )
    journey.begin(ScriptedOperator({"failed:three": "stop"}))
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["one", "two", "un-three", "un-two", "un-one"]
    assert journey.state.word is SessionState.UNDONE
    assert journey.undo() is ExitCode.DONE
    assert journey.lines()[-1] == "un-one"


def test_undo_stops_at_the_point_of_no_return(tmp_path: Path) -> None:
    """What lies before an irreversible step that was done is not touched any more."""
    journey = at(
        tmp_path,
        step("save", log("save"), makes="backup", rerun="safe", undo=[step("un-save", log("un-save"))]),
        step("burn", log("burn"), impact="irreversible", rerun="safe"),
        step("after", log("after"), undo=[step("un-after", log("un-after"))]),
    )
    assert journey.begin() is ExitCode.DONE
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["save", "burn", "after", "un-after"]


def test_coming_back_after_an_undo_does_everything_again(tmp_path: Path) -> None:
    """An undone run can be walked again from the start of what was undone."""
    journey = at(tmp_path, step("one", log("one"), undo=[step("un-one", log("un-one"))]), step("say", say="Hello."))
    journey.begin()
    journey.undo()
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["one", "un-one", "one"]


def test_a_step_without_an_undo_is_named_before_anything_is_undone(tmp_path: Path) -> None:
    """Going past it needs a word; without it nothing is touched."""
    journey = at(tmp_path, step("one", log("one"), undo=[step("un-one", log("un-one"))]), step("two", log("two")))
    journey.begin()
    operator = ScriptedOperator({"undo-past": False})
    assert journey.undo(operator) is ExitCode.STOPPED
    assert "1.2 Two" in dict(operator.asked)["undo-past"].say
    assert journey.lines() == ["one", "two"]


def test_a_temporary_setting_is_taken_back_on_failure_and_set_again(tmp_path: Path) -> None:
    """It never stays behind when the walk is left, and stands again when it goes on."""
    broken = tmp_path / "broken"
    broken.touch()
    journey = at(
        tmp_path,
        step("hold", log("on"), temporary=True, rerun="safe", undo=[step("release", log("off"), rerun="safe")]),
        step("work", f"test ! -e {broken}; echo work >> effects", rerun="safe"),
    )
    assert journey.begin(ScriptedOperator({"failed:work": "stop"})) is ExitCode.STOPPED
    assert journey.lines() == ["on", "off"]
    broken.unlink()
    assert journey.resume(ScriptedOperator({"failed:work": "again"})) is ExitCode.DONE
    assert journey.lines() == ["on", "off", "on", "work", "off"]


def test_finally_runs_at_the_end_and_on_failure(tmp_path: Path) -> None:
    """What must be tidied up is tidied up, whatever happened."""
    tidy = {"finally": [step("tidy", log("tidy"), rerun="safe")]}
    journey = at(tmp_path, step("one", log("one")), step("two", "false", rerun="safe"), **tidy)
    journey.begin(ScriptedOperator({"failed:two": "stop"}))
    assert journey.lines() == ["one", "tidy"]
    assert journey.resume(ScriptedOperator({"failed:two": ("skip", "enough")})) is ExitCode.DONE
    assert journey.lines() == ["one", "tidy", "tidy"]


def test_of_a_finally_only_what_has_not_run_is_owed(tmp_path: Path) -> None:
    """What was tidied up already, or is not needed, is owed no more; the run stands at the part that failed."""
    parts = [
        step("first", log("first"), rerun="safe"),
        step("never", "true", when='in_range(answers.target_version, ">=9.9")'),
        step("second", "test -e fixed", rerun="safe"),
    ]
    hold = step("hold", "true", temporary=True, rerun="safe", undo=[step("release", "true", rerun="safe")])
    journey = at(tmp_path, step("one", "true"), hold, **{"finally": parts})
    journey.begin(ScriptedOperator({"failed:second": "stop"}))
    status = session_status(None)
    assert status.owed == (("1.5", "Second"),)
    assert status.step is not None
    assert status.step.code == "1.5"


def test_a_run_stands_where_it_was_left_whatever_is_tidied_up(tmp_path: Path) -> None:
    """The `finally` of a phase that failed half-way does not hide the step that failed."""
    tidy = {"finally": [step("tidy", log("tidy"), rerun="safe")]}
    journey = at(tmp_path, step("one", "false", rerun="safe"), step("two", "true"), **tidy)
    journey.begin(ScriptedOperator({"failed:one": "stop"}))
    assert journey.lines() == ["tidy"]
    status = session_status(None)
    assert status.step is not None
    assert (status.step.code, status.owed) == ("1.1", ())


def test_an_edit_is_taken_back_from_its_copy(tmp_path: Path) -> None:
    """Undo puts the file back as it was; a file somebody changed since is left alone and named."""
    env = tmp_path / "app.env"
    env.write_text("A=1\nB=2\n", encoding="utf-8")
    journey = at(tmp_path, step("edit", edit={"file": "app.env", "set": {"A": "one", "C": "3"}}))
    assert journey.begin() is ExitCode.DONE
    assert env.read_text(encoding="utf-8") == "A=one\nB=2\nC=3\n"
    assert journey.undo() is ExitCode.DONE
    assert env.read_text(encoding="utf-8") == "A=1\nB=2\n"


def test_an_edit_that_somebody_changed_since_is_left_alone(tmp_path: Path) -> None:
    """Undo touches only what this run made."""
    env = tmp_path / "app.env"
    env.write_text("A=1\n", encoding="utf-8")
    journey = at(tmp_path, step("edit", edit={"file": "app.env", "set": {"A": "one"}}))
    journey.begin()
    env.write_text("A=mine\n", encoding="utf-8")
    assert journey.undo(ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.undo(ScriptedOperator({"undo:edit": "stop"})) is ExitCode.STOPPED
    assert env.read_text(encoding="utf-8") == "A=mine\n"
    assert journey.undo(ScriptedOperator({"undo:edit": ("leave", "it is mine")})) is ExitCode.DONE
    assert env.read_text(encoding="utf-8") == "A=mine\n"
    assert journey.state.word is SessionState.UNDONE
    assert "it is mine" in [entry.data["reason"] for entry in journey.entries if entry.kind == "undo-ended"][-1]


def test_a_rehearsal_runs_nothing_that_changes_the_machine(tmp_path: Path) -> None:
    """Every command and difference is shown; the files are as they were."""
    env = tmp_path / "app.env"
    env.write_text("A=1\n", encoding="utf-8")
    journey = at(
        tmp_path,
        step("run", log("ran"), capture={"x": "(.*)"}),
        step("use", ["echo", "${{ captured.x }}"]),
        step("edit", edit={"file": "app.env", "set": {"A": "2"}}),
        step("wait", wait={"until": [{"file": str(tmp_path / "never")}], "at_most": "1h"}),
    )
    operator = ScriptedOperator()
    assert journey.begin(operator, rehearse=True) is ExitCode.DONE
    assert journey.lines() == []
    assert env.read_text(encoding="utf-8") == "A=1\n"
    assert [event.step.id for event in operator.told(StepEnded)] == ["run", "use", "edit", "wait"]
    assert not list((journey.folder / "attempts").iterdir())


def test_an_impossible_path_ends_before_anything_else(tmp_path: Path) -> None:
    """Downgrading is no path: exit 21, and nothing has run."""
    journey = Journey(tmp_path, guide(phase(step("one", log("x")))), ("current_version=2.0", "target_version=1.0"))
    with pytest.raises(VersionPathError):
        journey.begin(ScriptedOperator(attended=False))
    assert store().listing().sessions == ()
    with pytest.raises(VersionPathError):
        journey.begin(ScriptedOperator({"version-path": "stop"}))
    assert journey.lines() == []
    assert (journey.state.word, journey.state.closed) == (SessionState.STOPPED, "")


def test_who_leaves_where_no_path_leads_is_told_so_and_may_answer_again(tmp_path: Path) -> None:
    """Leaving in any way ends 21 there, in every front end alike, and a resume asks for the versions again."""
    parts = guide(phase(step("one", log("x"))), defaults={"folder": str(tmp_path)})
    journey = Journey(tmp_path, parts, ("current_version=2.0", "target_version=1.0"))
    left = FormOperator({"path": StoppedError("left by the operator")})
    with pytest.raises(VersionPathError, match="downgrade"):
        journey.begin(left)
    assert journey.state.word is SessionState.STOPPED
    mended = FormOperator({"path": Turns(("current_version", "1.0"), ("target_version", "2.0"))})
    assert journey.resume(mended) is ExitCode.DONE
    assert journey.lines() == ["x"]


def test_unattended_lists_everything_that_is_missing_at_once(tmp_path: Path) -> None:
    """Missing answers and missing confirmations are told together, and there is not even a session."""
    parts = guide(phase(step("sure", confirm="Really?"), step("work", log("x"))))
    journey = Journey(tmp_path, parts, ())
    with pytest.raises(AnswersError) as caught:
        journey.begin(ScriptedOperator(attended=False))
    text = str(caught.value)
    assert "current_version" in text
    assert "target_version" in text
    assert "sure" in text
    assert journey.lines() == []
    with pytest.raises(Exception, match="no session"):
        _ = journey.folder


def test_what_is_owed_is_named_first_on_resume(tmp_path: Path) -> None:
    """After a loss of the front end a temporary setting still stands, and resume says so before it goes on."""
    from wizard.errors import Gone

    journey = at(
        tmp_path,
        step("hold", log("on"), temporary=True, rerun="safe", undo=[step("release", log("off"), rerun="safe")]),
        step("sure", confirm="Really?"),
    )
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": Gone}))
    assert journey.lines() == ["on"]
    operator = ScriptedOperator()
    assert journey.resume(operator) is ExitCode.DONE
    assert operator.told(Owed)[0].items == (("1.1", "set back: Hold"),)
    assert journey.lines() == ["on", "off"]


def test_a_stopped_command_is_judged_by_its_check(tmp_path: Path) -> None:
    """Stopping leaves the outcome to the machine: not finished, so it failed."""
    from wizard.run.operator import Wish

    journey = at(tmp_path, step("long", "sleep 60; touch proof", done_when=[{"file": str(tmp_path / "proof")}]))
    operator = ScriptedOperator({"attend:long": Turns(Wish.STOP, None), "failed:long": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "not finished" in dict(operator.asked)["failed:long"].text


def test_what_ended_before_anybody_looked_is_shown_too(tmp_path: Path) -> None:
    """A command that was over before the front end came to it is attended all the same: its output is new."""
    shown: list[bytes] = []

    class Late(ScriptedOperator):
        """Comes to the command when it is over."""

        def tell(self, event: Event) -> None:
            super().tell(event)
            if isinstance(event, CommandStarted):
                attempt = journey.folder / "attempts" / event.attempt
                until(lambda: LocalCommands().find(attempt, void=False).state is FoundState.ENDED)

    journey = at(tmp_path, step("quick", "echo said"))
    assert journey.begin(Late({"attend:quick": lambda watching: shown.append(watching.live.read(0))})) is ExitCode.DONE
    assert b"".join(shown).split() == [b"said"]


def test_leaving_keeps_the_command_running_and_resume_attaches(tmp_path: Path) -> None:
    """The command ends while nobody is there; resume judges what it left."""
    from wizard.run.operator import Wish

    journey = at(tmp_path, step("long", "until test -e go; do sleep 0.05; done; echo end >> effects"))
    assert journey.begin(ScriptedOperator({"attend:long": Wish.LEAVE})) is ExitCode.STOPPED
    assert journey.state.word is SessionState.WAITING
    (tmp_path / "go").touch()
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["end"]
    assert len(journey.state.step("1/work/long").attempts) == 1


def test_a_card_says_how_a_step_stands_by_now(tmp_path: Path) -> None:
    """After an undo only the reason of the failure is told; what nobody wanted was not begun, and has no undo."""
    known = [{"match": "no room", "say": "It stopped half-way.", "fix": "Undo it."}]
    undo = [step("back", "true")]
    journey = at(
        tmp_path,
        step("half", "echo no room; exit 1", rerun="after_undo", known_errors=known, undo=undo, ask_first="once"),
    )
    operator = ScriptedOperator({"failed:half": Turns("undo", "again", "stop"), "half": Turns(True, False)})
    journey.begin(operator)
    failed, undone, unwanted = [request for key, request in operator.asked if key == "failed:half"]
    assert failed.title == "1.1 Half failed"
    assert "It stopped half-way." in failed.text
    assert undone.title == "1.1 Half was undone"
    assert undone.text == "What it did was taken back. Before, it had failed: ended with exit 1; expected was exit 0"
    assert unwanted.title == "1.1 Half was not begun"
    assert not {"undo", "undo-then-again"} & {choice.key for choice in unwanted.choices}
    assert {"undo", "undo-then-again"} <= {choice.key for choice in failed.choices}


def test_who_comes_back_is_told_what_the_guide_knows_of_a_failure(tmp_path: Path) -> None:
    """Whoever resumes reads the same advice as who saw it fail, be it somebody else or hours later."""
    known = [{"match": "no room", "say": "It stopped half-way.", "fix": "Restore ${{ answers.current_version }}."}]
    journey = at(tmp_path, step("half", "echo no room; exit 1", known_errors=known))
    journey.begin(ScriptedOperator({"failed:half": "stop"}))
    operator = ScriptedOperator({"failed:half": "stop"})
    journey.resume(operator)
    [card] = [request for key, request in operator.asked if key == "failed:half"]
    assert card.text.splitlines() == [
        "it failed before: ended with exit 1; expected was exit 0",
        "It stopped half-way.",
        "Restore 1.0.",
    ]
