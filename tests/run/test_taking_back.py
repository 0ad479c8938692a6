"""Undo of edits in files that somebody changed since: only what this run wrote, where it still stands."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.operators import Gone, ScriptedOperator, Turns
from tests.run.journey import SETS, VERSIONS, Journey, guide, phase, step
from wizard.errors import ExitCode
from wizard.facts.documents import read_document
from wizard.run.edited_text import set_values, with_block
from wizard.run.events import Difference, Said
from wizard.run.records import Record
from wizard.run.taking_back import taken_back

BEFORE = {
    "dotenv": "# mine\nexport A='1' # one\nB=2\n",
    "properties": "# mine\nA = 1\nB=2\n",
    "ini": "; mine\n[s]\nA = 1\nB=2\n[t]\nx=1\n",
    "json": '{\n  "s": {"A": "1", "B": "2"}\n}\n',
    "toml": '# mine\n[s]\nA = "1" # one\nB = "2"\n',
    "yaml": "# mine\ns:\n  A: '1' # one\n  B: '2'\n",
}
FLAT = ("dotenv", "properties")


def named(kind: str, key: str) -> str:
    """A key as its format has it."""
    return key if kind in FLAT else f"s.{key}"


@pytest.mark.parametrize("kind", BEFORE)
def test_foreign_changes_survive(kind: str) -> None:
    """What this run set, added and removed is taken back; what somebody added and changed elsewhere stays."""
    a, b, new, theirs = (named(kind, key) for key in ("A", "B", "N", "F"))
    before = BEFORE[kind]
    after = set_values(kind, before, {a: "10", new: "n"}, [b], "f")
    now = set_values(kind, after, {theirs: "f"}, [], "f")
    back = taken_back(kind, [a, new, b], before, after, now, file="f")
    assert (set(back.done), back.left) == ({a, new, b}, ())
    data, old = read_document(kind, back.text.encode()), read_document(kind, before.encode())
    wanted = {**old, "F": "f"} if kind in FLAT else {**old, "s": {**old["s"], "F": "f"}}
    assert data == wanted
    if kind != "json":
        assert "mine" in back.text


@pytest.mark.parametrize("kind", BEFORE)
def test_what_somebody_changed_is_named_and_left(kind: str) -> None:
    """Only the key that still holds this run's value is put back."""
    a, b = named(kind, "A"), named(kind, "B")
    before = BEFORE[kind]
    after = set_values(kind, before, {a: "10", b: "20"}, [], "f")
    now = set_values(kind, after, {b: "99"}, [], "f")
    back = taken_back(kind, [a, b], before, after, now, file="f")
    assert (back.done, back.left) == ((a,), (b,))
    found = read_document(kind, back.text.encode())
    assert (found if kind in FLAT else found["s"]) == {"A": "1", "B": "99"}


@pytest.mark.parametrize("kind", [kind for kind in BEFORE if kind != "json"])
def test_nobody_touched_it_and_it_is_what_it_was(kind: str) -> None:
    """Key by key the same bytes come out, comments and quotes included."""
    names = [named(kind, key) for key in ("A", "N")]
    after = set_values(kind, BEFORE[kind], dict.fromkeys(names, "10"), [], "f")
    assert taken_back(kind, names, BEFORE[kind], after, after, file="f").text == BEFORE[kind]


def test_groups_that_were_made_go_with_the_key() -> None:
    """A section, table or map that only came with a key is taken out with it."""
    for kind, name in (("ini", "n.k"), ("toml", "n.k"), ("json", "n.m.k"), ("yaml", "n.m.k")):
        after = set_values(kind, BEFORE[kind], {name: "1"}, [], "f")
        back = taken_back(kind, [name], BEFORE[kind], after, after, file="f")
        assert read_document(kind, back.text.encode()) == read_document(kind, BEFORE[kind].encode())


LINES = st.lists(st.sampled_from([*(f"line {number}" for number in range(9)), "", "same", "same"]), max_size=12)


@given(LINES, LINES.filter(bool), LINES)
def test_a_block_comes_out_and_the_rest_stays(before: list[str], block: list[str], foreign: list[str]) -> None:
    """What stood before the block and what others wrote behind it is there, in its order."""
    text = "".join(f"{line}\n" for line in before)
    after = with_block(text, "\n".join(["# begin", *block, "# end"]))
    now = after + "".join(f"{line}\n" for line in foreign)
    back = taken_back("", [], text, after, now, file="f")
    assert back.left == ()
    assert back.text == text + "".join(f"{line}\n" for line in foreign)


VALUES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)


@given(st.sampled_from(["dotenv", "properties"]), st.dictionaries(st.sampled_from("ABCD"), VALUES), VALUES, VALUES)
def test_line_by_line_the_original_comes_back(kind: str, data: dict[str, str], value: str, foreign: str) -> None:
    """Whatever the values are: the same bytes where nobody touched it, and foreign keys survive."""
    before = set_values(kind, "# top\n", data, [], "f")
    after = set_values(kind, before, {"A": value, "N": value}, ["B"], "f")
    names = ["A", "N", "B"]
    again = taken_back(kind, names, before, after, after, file="f").text
    assert read_document(kind, again.encode()) == read_document(kind, before.encode())
    now = set_values(kind, after, {"Z": foreign}, [], "f")
    back = taken_back(kind, names, before, after, now, file="f")
    assert read_document(kind, back.text.encode()) == {**read_document(kind, before.encode()), "Z": foreign}


# -- in a run ------------------------------------------------------------------------------------

VALUE = {
    "section": "Value",
    "ask": [{"id": "value", "label": "Value", "type": "text"}, {"id": "pin", "label": "Pin", "type": "secret"}],
}


def edits(tmp_path: Path, *rules: dict[str, Any]) -> Journey:
    """A guide whose steps edit files."""
    steps = [step(f"edit-{number}", edit=rule) for number, rule in enumerate(rules, 1)]
    parts = guide(phase(*steps, folder=str(tmp_path)), questions=[VERSIONS, VALUE])
    return Journey(tmp_path, parts, sets=(*SETS, "value=x"))


def test_an_undo_leaves_what_others_wrote(tmp_path: Path) -> None:
    """A secret is asked for again, put back is what this run wrote, and what was there is kept."""
    file = tmp_path / ".env"
    file.write_text("PIN=old # why\nA=1\n", encoding="utf-8")
    file.chmod(0o640)
    journey = edits(tmp_path, {"file": ".env", "set": {"PIN": "${{ answers.pin }}"}})
    journey.begin(ScriptedOperator({"pin": "s3cret-pin"}))
    now = file.read_text(encoding="utf-8").replace("A=1", "A=7") + "THEIRS=1\n"
    file.write_text(now, encoding="utf-8")
    operator = ScriptedOperator({"pin": "s3cret-pin"})
    assert journey.undo(operator) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "PIN=old # why\nA=7\nTHEIRS=1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    put = next(entry for entry in journey.entries if entry.kind == Record.EDIT_PUT_BACK)
    assert (journey.folder / "copies" / put.data["copy"]).read_text(encoding="utf-8") == now
    assert "s3cret" not in (journey.folder / "journal.jsonl").read_text(encoding="utf-8")


def test_the_operator_decides_about_what_others_changed(tmp_path: Path) -> None:
    """The key is named; what is still this run's can be put back alone, and the undo says what it left."""
    file = tmp_path / "app.yaml"
    file.write_text("a: 1\nb: 2\n", encoding="utf-8")
    journey = edits(tmp_path, {"file": "app.yaml", "set": {"a": "${{ 10 }}", "b": "${{ 20 }}"}})
    journey.begin(ScriptedOperator({"pin": "s3cret-pin"}))
    file.write_text("a: 10\nb: 99\n", encoding="utf-8")
    operator = ScriptedOperator({"pin": "s3cret-pin", "undo:edit-1": "ours"})
    assert journey.undo(operator) is ExitCode.DONE
    assert "b changed again" in dict(operator.asked)["undo:edit-1"].text
    assert file.read_text(encoding="utf-8") == "a: 1\nb: 99\n"
    assert "b in" in journey.state.detail


def test_nothing_of_it_is_left_and_the_whole_file_can_be_put_back(tmp_path: Path) -> None:
    """What it holds until then is kept, and said where."""
    file = tmp_path / "app.yaml"
    file.write_text("a: 1\n", encoding="utf-8")
    journey = edits(tmp_path, {"file": "app.yaml", "set": {"a": "${{ 10 }}"}})
    journey.begin(ScriptedOperator({"pin": "s3cret-pin"}))
    file.write_text("a: 99\nc: 1\n", encoding="utf-8")
    operator = ScriptedOperator({"pin": "s3cret-pin", "undo:edit-1": "whole"})
    assert journey.undo(operator) is ExitCode.DONE
    assert "ours" not in [choice.key for choice in dict(operator.asked)["undo:edit-1"].choices]
    assert file.read_text(encoding="utf-8") == "a: 1\n"
    place = next(event.text for event in operator.told(Said) if "until now lies in" in event.text)
    assert Path(place.rpartition(" ")[2].rstrip(".")).read_text(encoding="utf-8") == "a: 99\nc: 1\n"


def test_two_edits_of_one_file_are_undone_in_order(tmp_path: Path) -> None:
    """Of both, or of the first one alone: the other's work stays."""
    file = tmp_path / "app.properties"
    file.write_text("a=1\nb=1\n", encoding="utf-8")
    rules: list[dict[str, Any]] = [{"file": "app.properties", "set": {name: "2"}} for name in "ab"]
    journey = edits(tmp_path, *rules)
    journey.begin(ScriptedOperator({"pin": "s3cret-pin"}))
    assert journey.undo(ScriptedOperator({"pin": "s3cret-pin"}), step="edit-1") is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "a=1\nb=2\n"
    assert journey.undo(ScriptedOperator({"pin": "s3cret-pin"})) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "a=1\nb=1\n"


def test_lines_and_blocks_are_taken_out_of_a_changed_file(tmp_path: Path) -> None:
    """Where they stand once; a hard link and its inode stay."""
    file = tmp_path / "app.conf"
    file.write_text("listen 80\nname x\n", encoding="utf-8")
    os.link(file, tmp_path / "other-name")
    inode = file.stat().st_ino
    rules: list[dict[str, Any]] = [
        {"file": "app.conf", "lines": [{"find": r"^listen \d+$", "put": "listen 8080"}]},
        {"file": "app.conf", "block": "extra 1\nextra 2"},
    ]
    journey = edits(tmp_path, *rules)
    journey.begin(ScriptedOperator({"pin": "s3cret-pin"}))
    file.write_text("# theirs\n" + file.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
    assert journey.undo(ScriptedOperator({"pin": "s3cret-pin"})) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "# theirs\nlisten 80\nname x\nmore\n"
    assert file.stat().st_ino == inode == (tmp_path / "other-name").stat().st_ino


def test_a_yaml_file_is_set_in_a_run(tmp_path: Path) -> None:
    """Types of values are kept, comments stay, and the difference shows only the lines."""
    file = tmp_path / "app.yaml"
    file.write_text("# mine\nport: 80 # why\nname: old\n", encoding="utf-8")
    journey = edits(tmp_path, {"file": "app.yaml", "set": {"port": "${{ 8080 }}", "name": "${{ answers.value }}"}})
    operator = ScriptedOperator({"pin": "s3cret-pin"})
    assert journey.begin(operator) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "# mine\nport: 8080 # why\nname: x\n"
    shown = [line for line in operator.told(Difference)[0].lines[2:] if line[0] in "+-"]
    assert shown == ["-port: 80 # why", "-name: old", "+port: 8080 # why", "+name: x"]
    journey.undo(ScriptedOperator({"pin": "s3cret-pin"}))
    assert file.read_text(encoding="utf-8") == "# mine\nport: 80 # why\nname: old\n"


# -- by hand -------------------------------------------------------------------------------------


def by_hand(tmp_path: Path, **more: Any) -> tuple[Journey, Path]:
    """A guide of one edit by hand."""
    file = tmp_path / "app.conf"
    file.write_text("old\n", encoding="utf-8")
    edit = step("hand", edit={"file": "app.conf", "by_hand": True}, **more)
    return Journey(tmp_path, guide(phase(edit, folder=str(tmp_path)))), file


def test_an_edit_by_hand_is_copied_shown_judged_and_undone(tmp_path: Path) -> None:
    """The check decides when it is done; the copy brings back what was there."""
    journey, file = by_hand(tmp_path, done_when=[{"file": {"path": str(tmp_path / "app.conf"), "contains": "right"}}])

    def writes(text: str) -> Any:
        def write(_: Any) -> str:
            file.write_text(text, encoding="utf-8")
            return "done"

        return write

    class Writing(Turns):
        def next(self, asked: str) -> Any:
            return super().next(asked)(asked)

    operator = ScriptedOperator({"edit:hand": Writing(writes("wrong\n"), writes("right\n"))})
    assert journey.begin(operator) is ExitCode.DONE
    shown = operator.told(Difference)
    assert [event.lines[-1] for event in shown] == ["+wrong", "+right"]
    assert journey.undo(ScriptedOperator()) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "old\n"


def test_an_edit_by_hand_goes_on_after_a_loss_on_the_same_copy(tmp_path: Path) -> None:
    """Half of it was written when the front end was lost: an undo brings back what was there before all of it."""
    journey, file = by_hand(tmp_path)

    def half(_: Any) -> Any:
        file.write_text("half\n", encoding="utf-8")
        raise Gone

    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"edit:hand": half}))

    def rest(_: Any) -> str:
        file.write_text("whole\n", encoding="utf-8")
        return "done"

    assert journey.resume(ScriptedOperator({"edit:hand": rest})) is ExitCode.DONE
    assert sum(entry.kind == Record.EDIT_INTENDED for entry in journey.entries) == 1
    assert journey.undo(ScriptedOperator()) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "old\n"


def test_half_of_an_edit_by_hand_can_be_undone(tmp_path: Path) -> None:
    """What was written so far is kept among the copies."""
    journey, file = by_hand(tmp_path)

    def half(_: Any) -> Any:
        file.write_text("half\n", encoding="utf-8")
        return "stop"

    assert journey.begin(ScriptedOperator({"edit:hand": half, "failed:hand": "stop"})) is ExitCode.STOPPED
    assert journey.undo(ScriptedOperator()) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "old\n"
    kept = {copy.read_text(encoding="utf-8") for copy in (journey.folder / "copies").iterdir()}
    assert kept == {"old\n", "half\n"}


def test_the_editor_is_an_attempt_in_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the one the operator named, runs on the file, and moves the step not forward by itself."""
    editor = tmp_path / "my editor"
    editor.write_text('#!/bin/sh\necho edited > "$2"\n', encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", f"'{editor}' -w")
    journey, file = by_hand(tmp_path)
    operator = ScriptedOperator({"edit:hand": "editor"})
    assert journey.begin(operator) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "edited\n"
    assert list(journey.state.step("editor/1/work/hand").attempts)
