"""Lists that are only known late, in an undo and in `finally`; and secrets in the rows of a loop on the way back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from tests.run.test_loops import say
from tests.run.test_walking import at
from wizard.assemble import session_status
from wizard.errors import ExitCode, Gone
from wizard.run.chain import Entry
from wizard.run.folding import fold

if TYPE_CHECKING:
    from pathlib import Path

LOOK = step("look", ["cat", "list"], capture={"names": {"match": r"node (\S+)", "all": True}}, rerun="safe")
SERVERS = {
    "section": "Servers",
    "ask": [
        {
            "id": "servers",
            "label": "Servers",
            "type": "table",
            "columns": [{"id": "name", "label": "Name"}, {"id": "pin", "label": "Pin", "type": "secret"}],
        }
    ],
}


def alone() -> ScriptedOperator:
    """Nobody."""
    return ScriptedOperator(attended=False)


def names(place: Path, *given: str) -> None:
    """What the list of nodes holds from now on."""
    (place / "list").write_text("".join(f"node {name}\n" for name in given), encoding="utf-8")


def test_an_undo_goes_through_what_was_captured_and_through_rounds(tmp_path: Path) -> None:
    """Its list and its later rounds are only known when it is reached; cut off between them it goes on there."""
    rounds = {"until": [{"file": {"path": str(tmp_path / "effects"), "contains": "round 3"}}], "at_most": 3}
    undo = [
        step("each", say("each", "${{ one }}"), for_each={"one": "captured.names"}, rerun="safe"),
        step(
            "again",
            repeat=rounds,
            steps=[step("round", 'echo "round $(grep -c . effects)" >> effects'), step("sure", confirm="Go on?")],
        ),
    ]
    journey = at(tmp_path, {**LOOK, "undo": undo})
    names(tmp_path, "x", "y")
    assert journey.begin() is ExitCode.DONE
    with pytest.raises(Gone):
        journey.undo(ScriptedOperator({"sure": Gone}))
    assert session_status(None).state == "waiting"
    assert journey.undo() is ExitCode.DONE
    assert journey.lines() == ["each x", "each y", "round 2", "round 3"]
    assert journey.status("look") == "undone"


def test_a_finally_goes_through_its_list_as_it_is_on_coming_back(tmp_path: Path) -> None:
    """What is owed at the end is owed to the items there are then, not to those of the time before."""
    tidy = step("tidy", say("tidy", "${{ one }}"), for_each={"one": "captured.names"}, rerun="safe")
    bad = step("bad", ["test", "-e", "mended"], rerun="safe")
    journey = at(tmp_path, LOOK, bad, **{"finally": [tidy]})
    names(tmp_path, "x", "y")
    assert journey.begin(alone()) is ExitCode.STEP_FAILED
    assert journey.lines() == ["tidy x", "tidy y"]
    names(tmp_path, "z")
    (tmp_path / "mended").touch()
    assert journey.undo(ScriptedOperator({"undo-past": True}), step="look") is ExitCode.DONE
    assert journey.resume(alone()) is ExitCode.DONE
    assert journey.lines()[2:] == ["tidy z"]
    assert session_status(None).state == "done"


def test_a_finally_that_was_cut_off_before_its_first_item_is_forgotten_too() -> None:
    """Its list is in the journal and nothing else of it; a phase that begins again begins with another list."""
    owed = {"key": "1/work", "finally": True}
    loop = {"key": "1/work/finally/tidy", "name": "one", "keys": ["x"], "items": ["x"], "batches": [["x"]]}
    rounds = {"key": "1/work/finally/settle", "number": 2}
    events: list[tuple[str, dict[str, Any]]] = [
        ("phase-began", owed),
        ("loop-unrolled", loop),
        ("round-began", rounds),
        ("phase-began", owed),
    ]
    entries = [Entry(seq, "", "boot", 0.0, kind, data, 0) for seq, (kind, data) in enumerate(events, 1)]
    assert set(fold(entries[:3]).loops) == {"1/work/finally/tidy"}
    assert not fold(entries).loops
    assert not fold(entries).rounds


@pytest.mark.parametrize("undoing", [True, False], ids=["undo", "the end of the phase"])
def test_a_finally_sees_what_was_captured_by_steps_that_were_taken_back(tmp_path: Path, *, undoing: bool) -> None:
    """It has to release what they got, whether they are undone or only set back; then it is forgotten."""
    lock = step("lock", ["echo", "lock 7"], capture={"lock": r"lock (\d)"})
    hold = step("hold", ["echo", "hold 8"], capture={"hold": r"hold (\d)"}, temporary=True, undo=[step("free", "true")])
    free = step("release", say("release", "${{ captured.lock }}", "${{ captured.hold }}"))
    bad = step("bad", "false" if undoing else "true")
    journey = at(tmp_path, lock, hold, bad, **{"finally": [free]})
    operator = ScriptedOperator({"failed:bad": "undo-phase", "undo-past": True})
    assert journey.begin(operator) is (ExitCode.STOPPED if undoing else ExitCode.DONE)
    assert journey.lines() == ["release 7 8"]
    assert ("lock" in journey.state.captured) is not undoing


def with_servers(place: Path, *steps: dict[str, Any]) -> Journey:
    """A journey over a table in which each row has a secret."""
    rows = [{"name": name, "pin": f"file:{place}/pin-{name}"} for name in ("a", "b")]
    for name in ("a", "b"):
        pin = place / f"pin-{name}"
        pin.write_text(f"pin-of-{name}\n", encoding="utf-8")
        pin.chmod(0o600)
    (place / "answers.yaml").write_text(json.dumps({"answers": {"servers": rows}}), encoding="utf-8")
    roll = step("roll", for_each={"server": "answers.servers"}, steps=list(steps))
    parts = {"questions": [VERSIONS, SERVERS], "defaults": {"folder": str(place)}}
    return Journey(place, guide(phase(roll), **parts))


def test_an_undo_has_the_secrets_of_its_row_again(tmp_path: Path) -> None:
    """The journal has only their masks; given again they reach the undo, and a file that others changed since."""
    pin = "${{ server.pin }}"
    name = "${{ server.name }}"
    every = {"for_each": {"one": "answers.servers"}, "env": {"PIN": "${{ one.pin }}"}}
    journey = with_servers(
        tmp_path,
        step("work", "true", undo=[step("back", f'echo "{name} $PIN" >> effects', env={"PIN": pin})]),
        step("each", "true", undo=[step("all", 'echo "all $PIN" >> effects', **every)]),
        step("set", edit={"file": "pins.env", "set": {"PIN_" + name: pin}}),
    )  # fmt: skip
    answers = str(tmp_path / "answers.yaml")
    assert journey.begin(alone(), answers=answers) is ExitCode.DONE
    pins = tmp_path / "pins.env"
    assert pins.read_text("utf-8") == "PIN_a=pin-of-a\nPIN_b=pin-of-b\n"
    pins.write_text(f"{pins.read_text('utf-8')}OTHER=1\n", encoding="utf-8")
    given = ScriptedOperator({f"servers[{row}].pin": f"pin-of-{name}" for row, name in enumerate("ab")})
    assert journey.undo(given, step="set@a") is ExitCode.DONE
    assert pins.read_text("utf-8") == "PIN_b=pin-of-b\nOTHER=1\n"
    assert journey.undo(given) is ExitCode.DONE
    assert pins.read_text("utf-8") == "OTHER=1\n"
    assert journey.lines() == [
        "all pin-of-a", "all pin-of-b", "b pin-of-b", "all pin-of-a", "all pin-of-b", "a pin-of-a",
    ]  # fmt: skip
    assert "pin-of" not in (journey.folder / "journal.jsonl").read_text("utf-8")
