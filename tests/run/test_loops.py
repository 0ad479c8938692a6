"""Loops as they are walked: order, names, what fails, what is skipped, and where a resume goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from wizard.errors import ExitCode
from wizard.run.events import StepBegan

if TYPE_CHECKING:
    from pathlib import Path

NODES = {
    "section": "Nodes",
    "ask": [
        {
            "id": "nodes",
            "label": "Nodes",
            "type": "table",
            "columns": [{"id": "name", "label": "Name"}, {"id": "rack", "label": "Rack"}],
        }
    ],
}
ROWS = [("a", "1"), ("b", "1"), ("c", "2"), ("d", "2")]


def say(*words: str) -> list[str]:
    """A command that leaves a line behind, made of words."""
    return ["sh", "-c", 'echo "$*" >> effects', "sh", *words]


def with_nodes(place: Path, *steps: dict[str, Any], rows: list[tuple[str, str]] | None = None, **parts: Any) -> Journey:
    """A journey over a table of nodes; `finally` and the like of the phase go into `work`."""
    work = parts.pop("work", {})
    given = [{"name": name, "rack": rack} for name, rack in (ROWS if rows is None else rows)]
    (place / "answers.yaml").write_text(json.dumps({"answers": {"nodes": given}}), encoding="utf-8")
    parts = {"questions": [VERSIONS, NODES], "defaults": {"folder": str(place)}, **parts}
    return Journey(place, guide(phase(*steps, **work), **parts))


def roll(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A loop over the nodes."""
    loop = {"node": "answers.nodes", **more.pop("loop", {})}
    return step("roll", for_each=loop, steps=list(steps), **more)


def begin(journey: Journey, operator: ScriptedOperator | None = None, **more: Any) -> ExitCode:
    """Begin with the table given."""
    return journey.begin(operator, answers=str(journey.place / "answers.yaml"), **more)


NODE = "${{ node.name }}"


def test_a_batch_goes_step_by_step_over_its_items(tmp_path: Path) -> None:
    """Drain a, drain b, work a, work b; then the next batch; what is done once a batch sees all of it."""
    journey = with_nodes(
        tmp_path,
        roll(
            step("drain", say("drain", NODE)),
            step("work", say("work", NODE)),
            step("tell", say("tell", "${{ join(batch.map(n, n.name), '+') }}"), once="batch"),
            loop={"batch": 2},
        ),
    )
    operator = ScriptedOperator()
    assert begin(journey, operator) is ExitCode.DONE
    assert journey.lines() == [
        "drain a", "drain b", "work a", "work b", "tell a+b", "drain c", "drain d", "work c", "work d", "tell c+d",
    ]  # fmt: skip
    begun = operator.told(StepBegan)
    assert begun[0].title == "a: Drain"
    assert begun[0].progress == "item 1 of 4, batch 1 of 2"
    assert begun[4].progress == "batch 1 of 2"
    assert begun[-2].title == "d: Work"


def test_a_loop_over_one_step_needs_no_group(tmp_path: Path) -> None:
    """The step itself is done for each item, and its id means all of them from outside."""
    journey = with_nodes(
        tmp_path,
        step("ping", say("ping", NODE), for_each={"node": "answers.nodes"}),
        step("sum", say("sum", "${{ outcome('ping') }}")),
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.lines() == ["ping a", "ping b", "ping c", "ping d", "sum done"]


def test_a_phase_is_walked_for_each_item(tmp_path: Path) -> None:
    """The steps of the phase are those of its loop; `finally` runs once, when all is over."""
    journey = with_nodes(
        tmp_path,
        step("one", say("one", NODE)),
        step("two", say("two", NODE)),
        work={
            "for_each": {"node": "answers.nodes", "batch": "by rack"},
            "finally": [step("tidy", say("tidy", "${{ outcome('two') }}"))],
        },
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.lines() == [
        "one a", "one b", "two a", "two b", "one c", "one d", "two c", "two d", "tidy done",
    ]  # fmt: skip


def test_inside_names_mean_this_item_and_outside_all(tmp_path: Path) -> None:
    """`captured`, `outcome` and `took` are those of the same item in a loop; outside a list, the worst, the sum."""
    journey = with_nodes(
        tmp_path,
        roll(
            step("look", ["sh", "-c", 'echo "is $1-v"', "sh", NODE], capture={"v": r"is (\S+)"}),
            step("use", say("use", "${{ captured.v }}", "${{ outcome('look') }}"), when="outcome('look') == 'done'"),
            loop={"batch": 4},
        ),
        step(
            "sum",
            say(
                "sum",
                "${{ join(captured.v, ' ') }}",
                "${{ outcome('look') }}",
                "${{ string(took('look', 0.0) < 60.0) }}",
            ),
        ),
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.lines() == [
        "use a-v done", "use b-v done", "use c-v done", "use d-v done", "sum a-v b-v c-v d-v done true",
    ]  # fmt: skip


def test_loops_in_loops(tmp_path: Path) -> None:
    """The inner loop sees both names; from the outer item a capture of the inner loop is a list, in its order."""
    inner = step(
        "each-port",
        for_each={"port": "['80', '443']"},
        steps=[step("look", ["sh", "-c", 'echo "is $1:$2"', "sh", NODE, "${{ port }}"], capture={"at": r"is (\S+)"})],
    )
    journey = with_nodes(
        tmp_path,
        roll(inner, step("both", say("both", "${{ join(captured.at, ' ') }}"))),
        step("all", say("all", "${{ join(captured.at, ' ') }}")),
        rows=ROWS[:2],
    )
    operator = ScriptedOperator()
    assert begin(journey, operator) is ExitCode.DONE
    assert journey.lines() == ["both a:80 a:443", "both b:80 b:443", "all a:80 a:443 b:80 b:443"]
    assert operator.told(StepBegan)[1].progress == "item 1 of 2; item 2 of 2"
    assert operator.told(StepBegan)[1].title == "a, 443: Look"


def test_a_list_that_is_captured_is_unrolled_when_it_is_reached_and_never_again(tmp_path: Path) -> None:
    """The journal has the items before anything is done; a resume takes them although the list would be another now."""
    look = step("look", ["cat", "list"], capture={"names": {"match": r"node (\S+)", "all": True}})
    journey = with_nodes(
        tmp_path,
        look,
        step(
            "roll", for_each={"node": "captured.names"}, steps=[step("work", "echo ${{ node }} >> effects; test -e go")]
        ),
    )
    (tmp_path / "list").write_text("node x\nnode y/z\nnode 50%\n", encoding="utf-8")
    assert begin(journey, ScriptedOperator({"failed:work": "stop"})) is ExitCode.STOPPED
    kinds = [entry.kind for entry in journey.entries]
    unrolled = kinds.index("loop-unrolled")
    assert [entry.data["keys"] for entry in journey.entries if entry.kind == "loop-unrolled"] == [["x", "y/z", "50%"]]
    assert unrolled < min(place for place, kind in enumerate(kinds) if place > unrolled and kind == "attempt-intended")
    (tmp_path / "list").write_text("node other\n", encoding="utf-8")
    (tmp_path / "go").touch()
    assert journey.resume(ScriptedOperator({"failed:work": ("again", "it is there now")})) is ExitCode.DONE
    assert journey.lines() == ["x", "x", "y/z", "50%"]
    assert "1/work/roll/#2/=y%2Fz/work" in journey.state.steps


def test_an_empty_list_is_not_needed(tmp_path: Path) -> None:
    """Nothing is done, and that is what the journal and `outcome` say."""
    look = step("look", "true", capture={"names": {"match": r"node (\S+)", "all": True, "optional": True}})
    journey = with_nodes(
        tmp_path,
        look,
        step("roll", for_each={"node": "default(captured.names, [])"}, steps=[step("work", say("never"))]),
        step("after", say("after", "${{ outcome('roll') }}", "${{ outcome('work') }}")),
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.lines() == ["after not_needed not_run"]


def test_a_list_that_cannot_be_gone_through_is_a_failure_like_others(tmp_path: Path) -> None:
    """The card comes; what is mended outside is seen when it is tried again."""
    look = step("look", "true", capture={"names": {"match": r"node (\S+)", "all": True, "optional": True}})
    journey = with_nodes(
        tmp_path,
        look,
        step("roll", for_each={"node": "captured.names"}, steps=[step("work", say("never"))]),
        step("end", say("end")),
    )
    operator = ScriptedOperator({"failed:roll": ("skip", "there are none")})
    assert begin(journey, operator) is ExitCode.DONE
    assert "captured.names" in dict(operator.asked)["failed:roll"].text
    assert journey.lines() == ["end"]
    assert journey.status("roll") == "skipped"


def test_a_failed_item_stops_the_loop_and_a_resume_enters_there(tmp_path: Path) -> None:
    """Nothing after the failure is touched; the resume does not come by what is done."""
    bad = 'echo "work $1" >> effects; test "$1" != b || test -e mended'
    journey = with_nodes(tmp_path, roll(step("drain", say("drain", NODE)), step("work", ["sh", "-c", bad, "sh", NODE])))
    assert begin(journey, ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.lines() == ["drain a", "work a", "drain b", "work b"]
    (tmp_path / "mended").touch()
    operator = ScriptedOperator({"failed:work": ("again", "mended")})
    assert journey.resume(operator) is ExitCode.DONE
    assert journey.lines()[4:] == ["work b", "drain c", "work c", "drain d", "work d"]
    assert dict(operator.asked)["failed:work"].title.endswith("b: Work failed")


def test_a_skip_is_of_one_step_of_one_item_and_the_next_batch_takes_a_word(tmp_path: Path) -> None:
    """The other items go on; behind a batch that was not done as planned nothing begins by itself."""
    bad = 'echo "work $1" >> effects; test "$1" != b'
    journey = with_nodes(
        tmp_path,
        roll(step("work", ["sh", "-c", bad, "sh", NODE]), step("after", say("after", NODE)), loop={"batch": 2}),
        step("sum", say("sum", "${{ outcome('work') }}")),
    )
    skips = {"failed:work": ("skip", "b is broken")}
    operator = ScriptedOperator({**skips, "after-skip:roll": "stop"})
    assert begin(journey, operator) is ExitCode.STOPPED
    assert journey.lines() == ["work a", "work b", "after a", "after b"]
    assert "b is broken" in "".join(dict(operator.asked)["after-skip:roll"].lines)
    assert journey.resume(ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.lines() == ["work a", "work b", "after a", "after b"]
    assert journey.resume(ScriptedOperator({"after-skip:roll": "go-on"})) is ExitCode.DONE
    assert journey.lines()[4:] == ["work c", "work d", "after c", "after d", "sum skipped"]


def test_before_every_batch_all_others_must_be_available(tmp_path: Path) -> None:
    """It is asked of each item outside of the batch; a failing one stops the walk, and `again` asks again."""
    for name in "abd":
        (tmp_path / f"up-{name}").touch()
    checked = [{"file": str(tmp_path / "up-${{ node.name }}")}]
    journey = with_nodes(tmp_path, roll(step("work", say("work", NODE)), loop={"batch": 2, "available_when": checked}))

    def mend(request: Any) -> str:
        assert any("c" in line for line in request.lines), request.lines
        assert [choice.key for choice in request.choices] == ["again", "stop"]
        (tmp_path / "up-c").touch()
        return "again"

    assert begin(journey, ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.lines() == []
    assert journey.resume(ScriptedOperator({"available:roll": "stop"})) is ExitCode.STOPPED
    assert journey.lines() == []
    assert journey.resume(ScriptedOperator({"available:roll": mend})) is ExitCode.DONE
    assert journey.lines() == ["work a", "work b", "work c", "work d"]


def test_an_item_that_went_away_stops_the_next_batch(tmp_path: Path) -> None:
    """The work on the first batch took another one down: that is seen before the second begins."""
    for name in "abcd":
        (tmp_path / f"up-{name}").touch()
    checked = [{"file": str(tmp_path / "up-${{ node.name }}"), "blocks": "bypassable"}]
    breaks = 'echo "work $1" >> effects; test "$1" != a || rm up-b'
    journey = with_nodes(
        tmp_path, roll(step("work", ["sh", "-c", breaks, "sh", NODE]), loop={"batch": 2, "available_when": checked})
    )
    assert begin(journey, ScriptedOperator(attended=False)) is ExitCode.STEP_FAILED
    assert journey.lines() == ["work a", "work b"]
    assert journey.resume(ScriptedOperator({"available:roll": ("go-on", "b is known to be down")})) is ExitCode.DONE
    assert journey.lines() == ["work a", "work b", "work c", "work d"]
    assert "b is known to be down" in journey.state.bypassed.values()


def test_a_rehearsal_walks_every_item(tmp_path: Path) -> None:
    """Each item is shown; nothing is run, and nothing that is not available keeps it from going on."""
    checked = [{"file": str(tmp_path / "up-${{ node.name }}")}]
    journey = with_nodes(tmp_path, roll(step("work", say("work", NODE)), loop={"batch": 2, "available_when": checked}))
    operator = ScriptedOperator()
    assert begin(journey, operator, rehearse=True) is ExitCode.DONE
    assert [event.title for event in operator.told(StepBegan)] == ["a: Work", "b: Work", "c: Work", "d: Work"]
    assert journey.lines() == []


def test_a_condition_that_names_the_item_is_decided_for_each(tmp_path: Path) -> None:
    """Of items that are left out nothing is done; a step inside may have a condition of its own."""
    journey = with_nodes(
        tmp_path,
        roll(
            step("look", ["sh", "-c", 'echo "is $1"', "sh", NODE], capture={"v": r"is (\S+)"}),
            step("only", say("only", NODE), when="captured.v == 'b'"),
            when="node.name != 'c'",
        ),
        step("sum", say("sum", "${{ outcome('only') }}")),
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.lines() == ["only b", "sum not_needed"]


def test_what_an_include_gives_may_be_made_of_the_item(tmp_path: Path) -> None:
    """A procedure is walked for each item, with that item's names."""
    procedure = {"title": "Restart", "needs": ["unit"], "steps": [step("restart", say("restart", "${{ unit }}"))]}
    journey = with_nodes(
        tmp_path,
        step(
            "each", include="restart", **{"with": {"unit": "app-${{ node.name }}"}}, for_each={"node": "answers.nodes"}
        ),
        rows=ROWS[:2],
        procedures={"restart": procedure},
    )
    assert begin(journey) is ExitCode.DONE
    assert journey.lines() == ["restart app-a", "restart app-b"]


@pytest.mark.parametrize("turns", [("undo-phase",), ("undo-run",)])
def test_the_way_back_is_offered_where_a_batch_cannot_begin(tmp_path: Path, turns: tuple[str, ...]) -> None:
    """What was done of the loop is undone from the card, item by item backwards."""
    for name in "abcd":
        (tmp_path / f"up-{name}").touch()
    checked = [{"file": str(tmp_path / "up-${{ node.name }}")}]
    breaks = 'echo "work $1" >> effects; rm -f up-b'
    undo = [step("un-work", say("un-work", NODE))]
    journey = with_nodes(
        tmp_path,
        roll(step("work", ["sh", "-c", breaks, "sh", NODE], undo=undo), loop={"available_when": checked, "batch": 2}),
    )
    assert begin(journey, ScriptedOperator({"available:roll": Turns(*turns)})) is ExitCode.STOPPED
    assert journey.lines() == ["work a", "work b", "un-work b", "un-work a"]


def bytes_of_journal(place: Path, monkeypatch: pytest.MonkeyPatch, items: int) -> int:
    """The size of the journal after a rehearsal over so many items."""
    place.mkdir()
    monkeypatch.setenv("WIZARD_STATE_DIR", str(place / "state"))
    journey = with_nodes(
        place,
        roll(
            step("look", ["echo", NODE], capture={"v": "(.*)"}),
            step("use", ["echo", "${{ captured.v }}"], when="outcome('look') == 'done'"),
            loop={"batch": "33%"},
        ),
        step("again", ["echo", NODE, "${{ string(size(captured.v)) }}"], for_each={"node": "answers.nodes"}),
        rows=[(f"node-{number:05d}", str(number % 4)) for number in range(items)],
    )
    assert begin(journey, rehearse=True) is ExitCode.DONE
    return (journey.folder / "journal.jsonl").stat().st_size


def test_the_journal_grows_with_the_items_and_no_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table, the batches and what was captured of all items are kept once, and not with every step."""
    few, many = (bytes_of_journal(tmp_path / str(items), monkeypatch, items) for items in (40, 240))
    assert (many - few) / 200 < few / 40 * 1.1


def test_a_secret_in_an_item_is_put_back_and_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan and the journal hold a mask; the step gets the real one, also after a resume that asks for it again."""
    monkeypatch.setenv("TOKEN", "s3cret-token-value")
    ask = {"section": "Token", "ask": [{"id": "token", "label": "Token", "type": "secret"}]}
    loop = {"one": "[{'name': 'a', 'pin': answers.token}, {'name': 'b', 'pin': answers.token}]", "key": "one.name"}
    bad = 'echo "$NAME ${#PIN}" >> effects; test "$NAME" != b || test -e mended'
    work = step("work", bad, env={"PIN": "${{ one.pin }}", "NAME": "${{ one.name }}"})
    journey = with_nodes(
        tmp_path, step("roll", for_each=loop, steps=[work]), questions=[VERSIONS, ask], rows=[]
    )  # fmt: skip
    (tmp_path / "answers.yaml").write_text("answers: {token: env:TOKEN}\n", encoding="utf-8")
    assert begin(journey, ScriptedOperator({"failed:work": "stop"})) is ExitCode.STOPPED
    (tmp_path / "mended").touch()
    again = ScriptedOperator({"failed:work": ("again", "mended"), "token": "s3cret-token-value"})
    assert journey.resume(again) is ExitCode.DONE
    assert journey.lines() == ["a 18", "b 18", "b 18"]
    for file in (one for one in journey.folder.rglob("*") if one.is_file()):
        assert b"s3cret-token-value" not in file.read_bytes(), file
