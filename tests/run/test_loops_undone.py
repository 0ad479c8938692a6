"""The way back over loops: item by item, with each item's own names, and groups that have a way back of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import step
from tests.run.test_loops import NODE, ROWS, begin, roll, say, with_nodes
from tests.run.test_walking import at
from wizard.assemble import session_status
from wizard.errors import ExitCode, Gone, UsageError
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from pathlib import Path


def undone(name: str, *words: str) -> list[dict[str, Any]]:
    """An undo that leaves a line with the item's name."""
    return [step(f"un-{name}", say(f"un-{name}", NODE, *words), rerun="safe")]


def test_items_are_undone_backwards_with_their_own_names(tmp_path: Path) -> None:
    """Last done, first undone; each with what it captured itself."""
    journey = with_nodes(
        tmp_path,
        roll(
            step(
                "save",
                ["sh", "-c", 'echo "to $1.bak"', "sh", NODE],
                capture={"to": r"to (\S+)"},
                undo=undone("save", "${{ captured.to }}"),
            ),
            step("work", say("work", NODE), undo=undone("work")),
            loop={"batch": 2},
        ),
        rows=ROWS[:3],
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.undo() is ExitCode.DONE
    assert journey.lines()[3:] == [
        "un-work c", "un-save c c.bak", "un-work b", "un-work a", "un-save b b.bak", "un-save a a.bak",
    ]  # fmt: skip
    assert journey.state.word is SessionState.UNDONE
    assert journey.resume() is ExitCode.DONE
    assert journey.lines()[9:] == ["work a", "work b", "work c"]


def test_an_undo_in_the_middle_of_a_loop_takes_back_what_was_done(tmp_path: Path) -> None:
    """Items that were not begun are not touched."""
    bad = 'echo "work $1" >> effects; test "$1" != b'
    journey = with_nodes(tmp_path, roll(step("work", ["sh", "-c", bad, "sh", NODE], undo=undone("work"))))
    assert begin(journey, ScriptedOperator({"failed:work": "undo-run"})) is ExitCode.STOPPED
    assert journey.lines() == ["work a", "work b", "un-work b", "un-work a"]


def test_a_group_with_an_undo_of_its_own_is_undone_by_it(tmp_path: Path) -> None:
    """Its steps' own ways back are not walked; what they captured can be used, and coming back does them again."""
    group = step(
        "both",
        steps=[
            step(
                "one",
                'echo one >> effects; echo "is 1"',
                capture={"v": r"is (\d)"},
                undo=[step("un-one", say("never"))],
            ),
            step("two", say("two")),
        ],
        undo=[step("un-both", say("un-both", "${{ captured.v }}"), rerun="safe")],
    )
    journey = at(tmp_path, group, step("last", say("last"), undo=[step("un-last", say("un-last"), rerun="safe")]))
    assert journey.begin() is ExitCode.DONE
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["one", "two", "last", "un-last", "un-both 1"]
    assert journey.status("one") == journey.status("two") == "undone"
    assert session_status(None).state == "undone"
    assert journey.resume() is ExitCode.DONE
    assert journey.lines()[5:] == ["one", "two", "last"]


def test_a_loop_with_an_undo_of_its_own_is_undone_item_by_item(tmp_path: Path) -> None:
    """It stands for all steps of one item, and sees that item."""
    journey = with_nodes(
        tmp_path,
        roll(
            step("one", say("one", NODE), undo=[step("un-one", say("never"))]),
            step("two", say("two", NODE)),
            loop={"batch": 2},
            undo=undone("all"),
        ),
        rows=ROWS[:3],
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.undo(step="roll@c") is ExitCode.DONE
    assert journey.lines()[6:] == ["un-all c"]
    assert journey.undo() is ExitCode.DONE
    assert journey.lines()[6:] == ["un-all c", "un-all b", "un-all a"]
    assert journey.resume() is ExitCode.DONE
    assert journey.lines()[9:] == ["one a", "one b", "two a", "two b", "one c", "two c"]


def test_an_undo_of_a_group_that_is_cut_off_goes_on(tmp_path: Path) -> None:
    """Neither of its undo steps is done twice, and what went with it is marked in the end."""
    group = step(
        "both",
        steps=[step("one", say("one"))],
        undo=[step("un-one", say("un-one")), step("sure", confirm="Really?"), step("un-two", say("un-two"))],
    )
    journey = at(tmp_path, group)
    assert journey.begin() is ExitCode.DONE
    with pytest.raises(Gone):
        journey.undo(ScriptedOperator({"sure": Gone}))
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["one", "un-one", "un-two"]
    assert journey.status("one") == "undone"


def test_an_undo_may_have_groups_loops_and_procedures(tmp_path: Path) -> None:
    """The way back is made of the same steps as the way there."""
    procedure = {"title": "Back", "needs": ["what"], "steps": [step("put", say("put", "${{ what }}"), rerun="safe")]}
    undo = [
        step("each", say("each", "${{ port }}"), for_each={"port": "['80', '443']"}, rerun="safe"),
        step("group", steps=[step("inner", say("inner", NODE), rerun="safe")]),
        step("back", include="back", **{"with": {"what": NODE}}),
    ]
    journey = with_nodes(
        tmp_path, roll(step("work", say("work", NODE), undo=undo)), rows=ROWS[:1], procedures={"back": procedure}
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["work a", "each 80", "each 443", "inner a", "put a"]


def test_one_step_of_one_item_is_named_by_both(tmp_path: Path) -> None:
    """An id alone names the step of every item, which is said with what tells them apart."""
    journey = with_nodes(tmp_path, roll(step("work", say("work", NODE), undo=undone("work"))), rows=ROWS[:3])
    assert begin(journey) is ExitCode.DONE
    with pytest.raises(UsageError, match="names 3 steps") as caught:
        journey.undo(step="work")
    assert "work@b" in str(caught.value.hint)
    assert journey.undo(step="work@b") is ExitCode.DONE
    assert journey.lines()[3:] == ["un-work b"]
    assert journey.undo(step="roll@a") is ExitCode.DONE
    assert journey.lines()[4:] == ["un-work a"]
    with pytest.raises(UsageError, match="names nothing"):
        journey.undo(step="work@x")
    assert journey.resume() is ExitCode.DONE
    assert journey.lines()[5:] == ["work a", "work b"]
    assert journey.undo(step="roll") is ExitCode.DONE
    assert journey.lines()[7:] == ["un-work c", "un-work b", "un-work a"]


def test_temporary_settings_of_items_are_set_back_when_the_phase_is_left(tmp_path: Path) -> None:
    """For whatever reason, the last one first; coming back sets them again."""
    bad = 'echo "work $1" >> effects; test "$1" != b || test -e mended'
    hold = step("hold", say("hold", NODE), temporary=True, rerun="safe", undo=undone("hold"))
    journey = with_nodes(
        tmp_path, roll(hold, step("work", ["sh", "-c", bad, "sh", NODE])), rows=ROWS[:2],
        work={"finally": [step("tidy", say("tidy", "${{ node }}"), for_each={"node": "['x', 'y']"}, rerun="safe")]},
    )  # fmt: skip
    assert begin(journey, ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.lines() == ["hold a", "work a", "hold b", "work b", "un-hold b", "un-hold a", "tidy x", "tidy y"]
    (tmp_path / "mended").touch()
    assert journey.resume(ScriptedOperator({"failed:work": ("again", "mended")})) is ExitCode.DONE
    assert journey.lines()[8:] == ["hold a", "hold b", "work b", "un-hold b", "un-hold a", "tidy x", "tidy y"]


def test_a_temporary_group_is_set_back_by_its_own_undo(tmp_path: Path) -> None:
    """Once when the phase ends, and its steps are not walked again on the way out."""
    group = step(
        "hold", temporary=True, steps=[step("one", say("one")), step("two", say("two"))],
        undo=[step("release", say("release"), rerun="safe")],
    )  # fmt: skip
    journey = at(tmp_path, group, step("sure", confirm="Go on?"), step("end", say("end")))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": Gone}))
    assert session_status(None).owed == (("1.1", "set back: Hold"),)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["one", "two", "end", "release"]


def test_a_list_is_asked_for_again_after_everything_was_undone(tmp_path: Path) -> None:
    """What is walked anew is walked over the list as it is then; half undone it stays as it was."""
    look = step("look", ["cat", "list"], capture={"names": {"match": r"node (\S+)", "all": True}}, rerun="safe")
    work = step("work", say("work", "${{ node }}"), undo=[step("un-work", say("un-work", "${{ node }}"), rerun="safe")])
    journey = at(
        tmp_path, look, step("roll", for_each={"node": "captured.names"}, steps=[work]), step("end", say("end"))
    )
    (tmp_path / "list").write_text("node x\nnode y\n", encoding="utf-8")
    assert journey.begin() is ExitCode.DONE
    (tmp_path / "list").write_text("node z\n", encoding="utf-8")
    assert journey.undo(step="work@x") is ExitCode.DONE
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["work x", "work y", "end", "un-work x", "work x"]
    assert journey.undo(ScriptedOperator({"undo-past": True})) is ExitCode.DONE
    assert journey.lines()[5:] == ["un-work y", "un-work x"]
    assert journey.resume() is ExitCode.DONE
    assert journey.lines()[7:] == ["work z", "end"]


def test_status_says_where_in_a_loop_a_session_stands(tmp_path: Path) -> None:
    """The item is in the title, and its place in the loop beside it."""
    journey = with_nodes(
        tmp_path, roll(step("sure", confirm="Go on?"), step("work", say("work", NODE)), loop={"batch": 2})
    )
    with pytest.raises(Gone):
        begin(journey, ScriptedOperator({"sure": Turns(True, True, True, Gone)}))
    status = session_status(None)
    assert status.step is not None
    assert (status.step.title, status.step.progress) == ("d: Sure", "item 4 of 4, batch 2 of 2")
