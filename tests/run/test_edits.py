"""Edits of files: values arrive byte for byte, what cannot be edited is said, and the way back is the way there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from wizard.errors import ExitCode, StepFailedError
from wizard.run.differences import _masked_line
from wizard.run.edited_text import set_values, with_block
from wizard.run.edits import read_or_none
from wizard.run.events import Difference, Said
from wizard.secrets import MASK

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.operator import ConfirmRequest

VALUE = {"section": "Value", "ask": [{"id": "value", "label": "Value", "type": "text"}]}


def edited(tmp_path: Path, edit: dict[str, Any], value: str = "x") -> tuple[Journey, ScriptedOperator, ExitCode]:
    """Walk a guide of one edit; a failure is stopped at."""
    journey = Journey(tmp_path, guide(phase(step("edit", edit=edit)), questions=[VERSIONS, VALUE]))
    operator = ScriptedOperator({"value": value, "failed:edit": "stop"})
    return journey, operator, journey.begin(operator)


def why_failed(tmp_path: Path, edit: dict[str, Any]) -> str:
    """The words with which an edit fails, as an operator reads them."""
    _, operator, code = edited(tmp_path, edit)
    assert code is ExitCode.STOPPED
    return str(dict(operator.asked)["failed:edit"].text)


def test_what_somebody_writes_while_the_word_is_waited_for_is_not_lost(tmp_path: Path) -> None:
    """The change is made and shown anew of the file as it is by then, and asked about again."""
    file, link = tmp_path / "real.conf", tmp_path / "app.conf"
    file.write_text("port=1\n", encoding="utf-8")
    link.symlink_to(file)
    edit = step("edit", edit={"file": "app.conf", "block": "last=1\n"}, ask_first="once")
    journey = Journey(tmp_path, guide(phase(edit, folder=str(tmp_path))))
    asked: list[tuple[str, ...]] = []

    def reply(request: ConfirmRequest) -> bool:
        asked.append(request.difference)
        if len(asked) == 1:
            file.write_text("port=1\nmine=2\n", encoding="utf-8")
        return True

    operator = ScriptedOperator({"edit": reply})
    assert journey.begin(operator) is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == "port=1\nmine=2\nlast=1\n"
    assert [lines[-2:] for lines in asked] == [(" port=1", "+last=1"), (" mine=2", "+last=1")]
    assert asked[0][0] == f"--- {link} (a link to {file})"
    assert [one.text for one in operator.told(Said) if one.kind == "warning"] == [
        f"{file} was changed while this waited. What is shown now is made of the file as it is now."
    ]


@pytest.mark.parametrize("value", [r"C:\perl", r"C:\new", r"\1\g<0>", "back\\"])
def test_a_value_is_put_byte_for_byte(tmp_path: Path, value: str) -> None:
    """Backslashes of a value mean nothing; group references of the guide's author work beside them."""
    file = tmp_path / "app.conf"
    file.write_text("a: 1\ndir: old # why\n", encoding="utf-8")
    line = {"find": "^(dir): old (?P<rest># .*)$", "put": r"\1: ${{ answers.value }} \g<rest>"}
    _, _, code = edited(tmp_path, {"file": str(file), "lines": [line]}, value)
    assert code is ExitCode.DONE
    assert file.read_text(encoding="utf-8") == f"a: 1\ndir: {value} # why\n"


def test_a_digit_after_a_group_reference_belongs_to_the_value(tmp_path: Path) -> None:
    """A group reference before a value that begins with a digit is group 1, not group 18."""
    file = tmp_path / "app.conf"
    file.write_text("port=1\n", encoding="utf-8")
    line = {"find": "^(port=)1$", "put": r"\1${{ answers.value }}"}
    edited(tmp_path, {"file": str(file), "lines": [line]}, "8080")
    assert file.read_text(encoding="utf-8") == "port=8080\n"


def test_a_reference_to_no_group_is_said(tmp_path: Path) -> None:
    """The guide is wrong then; the file stays as it is."""
    file = tmp_path / "app.conf"
    file.write_text("port=1\n", encoding="utf-8")
    assert "group" in why_failed(tmp_path, {"file": str(file), "lines": [{"find": "^port=1$", "put": r"\7"}]})
    assert file.read_text(encoding="utf-8") == "port=1\n"


def test_what_cannot_be_edited_is_said_in_words(tmp_path: Path) -> None:
    """A folder, a file as parent, a device and a file that is no text fail the step, and crash nothing."""
    (tmp_path / "plain").write_text("x\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\n")
    for name in ("one", "two", "three", "four"):
        (tmp_path / name).mkdir()
    block = {"block": "A=1"}
    assert "is a folder" in why_failed(tmp_path / "one", {"file": str(tmp_path), **block})
    assert "not a folder" in why_failed(tmp_path / "two", {"file": str(tmp_path / "plain" / "conf"), **block})
    assert "device" in why_failed(tmp_path / "three", {"file": "/dev/null", **block})
    assert "not UTF-8" in why_failed(tmp_path / "four", {"file": str(tmp_path / "binary"), **block})


def test_a_file_that_cannot_be_read_is_said() -> None:
    """Whatever the system has against reading it comes in words."""
    with pytest.raises(StepFailedError, match="/proc/self/mem cannot be read: "):
        read_or_none("/proc/self/mem")


def test_a_link_that_leads_to_itself_is_said(tmp_path: Path) -> None:
    """Neither reading nor resolving it crashes."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be read" in why_failed(tmp_path, {"file": str(tmp_path / "loop"), "block": "A=1"})


@pytest.mark.parametrize(("text", "name"), [("[1]", "a"), ('{"a": [1]}', "a.b"), ('"x"', "a")])
def test_json_that_has_no_place_for_a_name_is_said(text: str, name: str) -> None:
    """A list or a value where a group of values is needed is named."""
    with pytest.raises(StepFailedError, match=r"cfg\.json.* a (list|value)"):
        set_values("json", text, {name: "c"}, [], "cfg.json")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("DATA=1\n", "DATA=1\nA=1\n"),
        ("A=12\n", "A=12\nA=1\n"),
        ("A=1\nB=2\n", "A=1\nB=2\n"),
        ("B=2\nA=1", "B=2\nA=1"),
        ("", "A=1\n"),
    ],
)
def test_a_block_is_there_only_as_whole_lines(text: str, after: str) -> None:
    """Part of another line does not count as the block."""
    assert with_block(text, "A=1") == after


@pytest.mark.parametrize("in_place", [True, False])
def test_the_way_back_is_the_way_there(tmp_path: Path, *, in_place: bool) -> None:
    """A file that was written in place is set back in place: who holds it open still has it."""
    file = tmp_path / "app.env"
    file.write_text("PORT=1\n", encoding="utf-8")
    inode = file.stat().st_ino
    journey, _, code = edited(tmp_path, {"file": str(file), "set": {"PORT": "2"}, "in_place": in_place})
    assert code is ExitCode.DONE
    assert (file.stat().st_ino == inode) is in_place
    between = file.stat().st_ino
    journey.undo(ScriptedOperator())
    assert file.read_text(encoding="utf-8") == "PORT=1\n"
    assert (file.stat().st_ino == between) is in_place


def test_a_damaged_copy_is_not_put_back(tmp_path: Path) -> None:
    """What lies in the session is held against its hash before it replaces anything."""
    file = tmp_path / "app.env"
    file.write_text("PORT=1\n", encoding="utf-8")
    journey, _, _ = edited(tmp_path, {"file": str(file), "set": {"PORT": "2"}})
    next((journey.folder / "copies").iterdir()).write_text("PO", encoding="utf-8")
    operator = ScriptedOperator({"undo:edit": "stop"})
    assert journey.undo(operator) is not ExitCode.DONE
    assert "is not what was kept there" in dict(operator.asked)["undo:edit"].text
    assert file.read_text(encoding="utf-8") == "PORT=2\n"


def test_the_format_is_what_lint_says(tmp_path: Path) -> None:
    """A rendered name decides as a written one does; where it tells nothing, that is said."""
    (tmp_path / "app.cfg").write_text("[a]\nx = 1\n", encoding="utf-8")
    edit = {"file": str(tmp_path / "${{ answers.value }}"), "set": {"a.x": "2"}}
    _, _, code = edited(tmp_path, edit, "app.cfg")
    assert code is ExitCode.DONE
    assert (tmp_path / "app.cfg").read_text(encoding="utf-8") == "[a]\nx = 2\n"


def test_telling_names_are_masked_wherever_they_stand(tmp_path: Path) -> None:
    """A difference shows which setting changes; the value of one that sounds secret is not shown."""
    file = tmp_path / "app.json"
    file.write_text('{"port": 1, "api_token": "abc def"}\n', encoding="utf-8")
    _, operator, _ = edited(tmp_path, {"file": str(file), "set": {"port": "2"}})
    shown = "\n".join(operator.told(Difference)[0].lines)
    assert "abc" not in shown
    assert f'"api_token": {MASK}' in shown
    assert _masked_line("export DB_PASSWORD=x y") == f"export DB_PASSWORD={MASK}"
    assert _masked_line("port: 80") == "port: 80"
