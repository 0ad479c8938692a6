"""What the walk tells of where it is: hops, places of commands, how far it is after a resume, loops without batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from wizard.errors import ExitCode, StoppedError
from wizard.looking import session_report, session_status
from wizard.overview import show_report
from wizard.plain.render import event_lines, progress_words, walked_steps
from wizard.plain.style import Style
from wizard.run.events import HopBegan, PhaseBegan, StepBegan, StepEnded, WalkBegan

if TYPE_CHECKING:
    from pathlib import Path

TWO_HOPS = {
    "releases": ["1.0", "1.5", "2.0"],
    "hops": [{"from": "1.0", "to": "1.5", "phases": ["work"]}, {"from": "1.5", "to": "2.0", "phases": ["work"]}],
}


def stopping_at(key: str) -> ScriptedOperator:
    """An operator who stops when the step at `key` begins."""

    def stop(event: Any) -> None:
        if isinstance(event, StepBegan) and event.step.key == key:
            raise StoppedError("enough")

    return ScriptedOperator(watch=stop)


def test_every_hop_has_a_heading_also_after_a_resume(tmp_path: Path) -> None:
    """It stands before the hop's first phase; who comes back is told in which hop the walk is."""
    journey = Journey(tmp_path, guide(phase(step("go", "true")), versions=TWO_HOPS))
    first = stopping_at("2/work/go")
    assert journey.begin(first) is ExitCode.STOPPED
    told = [type(event) for event in first.events if isinstance(event, HopBegan | PhaseBegan)]
    assert told == [HopBegan, PhaseBegan, HopBegan, PhaseBegan]
    again = ScriptedOperator()
    assert journey.resume(again) is ExitCode.DONE
    (hop,) = again.told(HopBegan)
    assert event_lines(hop, Style())[-1] == "Hop 2 of 2 — 1.5 to 2.0"


def test_one_hop_needs_no_heading(tmp_path: Path) -> None:
    """Where there is one hop only, nothing is said of hops."""
    operator = ScriptedOperator()
    assert Journey(tmp_path, guide(phase(step("go", "true")))).begin(operator) is ExitCode.DONE
    assert operator.told(HopBegan) == []


def test_the_place_in_the_plan_is_known_after_a_resume(tmp_path: Path) -> None:
    """Whoever goes on is given the plan that is walked, so that `step 2 of 2` can be said."""
    journey = Journey(tmp_path, guide(phase(step("one", "true"), step("two", "true"))))
    assert journey.begin(stopping_at("1/work/two")) is ExitCode.STOPPED
    again = ScriptedOperator()
    assert journey.resume(again) is ExitCode.DONE
    (walk,) = again.told(WalkBegan)
    assert progress_words(walked_steps(walk.plan), "1/work/two") == "step 2 of 2"


def test_a_command_is_told_with_where_it_runs(tmp_path: Path) -> None:
    """Before it runs and before a word is taken for it: the folder and what the guide sets, a secret masked."""
    asked = step(
        "go", "true", folder=str(tmp_path), env={"PYTHON": "python3", "PIN": "${{ answers.pin }}"}, ask_first="once"
    )
    pin = {"section": "Pin", "ask": [{"id": "pin", "label": "Pin", "type": "secret"}]}
    body = guide(phase(asked))
    operator = ScriptedOperator({"pin": "s3cret-pin"})
    journey = Journey(tmp_path, {**body, "questions": [*body["questions"], pin]})
    assert journey.begin(operator) is ExitCode.DONE
    where = f"in {tmp_path}, with PYTHON=python3 PIN=••••••"
    (began,) = operator.told(StepBegan)
    assert began.where == where
    assert dict(operator.asked)["go"].where == where
    assert f"Command, {where}:" in " ".join(" ".join(event_lines(began, Style(width=500))).split())


def test_a_loop_nobody_asked_batches_for_tells_of_none(tmp_path: Path) -> None:
    """Codes count the items, the walk says `item 2 of 3`, and status and report know no batch; keys stay."""
    loop = step("ping", "test ${{ n }} != b", for_each={"n": '["a", "b", "c"]'})
    operator = ScriptedOperator({"failed:ping": "stop"})
    journey = Journey(tmp_path, guide(phase(loop)))
    assert journey.begin(operator) is ExitCode.STOPPED
    began = operator.told(StepBegan)
    assert [(event.step.code, event.progress) for event in began] == [
        ("1.1.1", "item 1 of 3"),
        ("1.1.2", "item 2 of 3"),
    ]
    assert [event.step.key for event in began] == ["1/work/ping/#1/=a/ping", "1/work/ping/#2/=b/ping"]
    assert not any(event.step.batch for event in operator.told(StepEnded))
    now = session_status(None).step
    assert now is not None
    assert (now.code, now.progress) == ("1.1.2", "item 2 of 3")
    assert session_report(None).loops[0].one_by_one
    report = show_report(None, "markdown")
    assert "1.1 Ping: 1 of 3 done\n  - a\n  - b (not done)\n  - c (not done)\n" in report
    assert "batch" not in report
    assert journey.undo(ScriptedOperator(), step="1.1.1") is ExitCode.DONE


def test_the_end_of_a_group_names_it(tmp_path: Path) -> None:
    """Its heading lies far above, so its title stands at its end."""
    operator = ScriptedOperator()
    group = {"id": "both", "title": "Both of them", "steps": [step("one", "true"), step("two", "true")]}
    assert Journey(tmp_path, guide(phase(group))).begin(operator) is ExitCode.DONE
    assert event_lines(operator.told(StepEnded)[-1], Style()) == ["Step 1.1 Both of them: done"]
