"""Setting values in files: what is asked for changes, everything else stays."""

from __future__ import annotations

import json

import pytest

from wizard.errors import StepFailedError
from wizard.run.edited_text import set_ini, set_values, with_block, with_line


def test_json_keeps_order_and_indent() -> None:
    """A value deep inside is set; keys keep their order."""
    text = '{\n    "b": 1,\n    "a": {"x": true}\n}\n'
    after = set_values("json", text, {"a.y": "new", "c.d": False}, ["b"], "f.json")
    assert json.loads(after) == {"a": {"x": True, "y": "new"}, "c": {"d": False}}
    assert after.startswith("{\n    ")


def test_toml_keeps_comments() -> None:
    """Comments of the administrator survive."""
    after = set_values("toml", "# mine\n[server]\nport = 1 # why\n", {"server.host": "db"}, [], "f.toml")
    assert "# mine" in after
    assert "# why" in after
    assert 'host = "db"' in after


@pytest.mark.parametrize(
    ("text", "name", "value", "after"),
    [
        ("[a]\nx = 1\n[b]\nx = 2\n", "b.x", "3", "[a]\nx = 1\n[b]\nx = 3\n"),
        ("[a]\nx = 1\n\n[b]\n", "a.y", "2", "[a]\nx = 1\ny = 2\n\n[b]\n"),
        ("[a]\nx = 1", "c.z", "9", "[a]\nx = 1\n\n[c]\nz = 9\n"),
        ("; top\nk=1\n", "k", "2", "; top\nk=2\n"),
        ("[a]\nx = 1\ny = 2\n", "a.x", None, "[a]\ny = 2\n"),
    ],
)
def test_ini_changes_one_line(text: str, name: str, value: str | None, after: str) -> None:
    """Only the line of the key changes, in its own section; a new section comes last."""
    assert set_ini(text, name, value) == after


def test_a_block_is_added_once() -> None:
    """Doing it again changes nothing."""
    once = with_block("first", "second\nthird")
    assert once == "first\nsecond\nthird\n"
    assert with_block(once, "second\nthird") == once


def test_a_line_must_be_found_exactly_once() -> None:
    """None or several is a failure that names the file; groups can be used."""
    assert with_line("a=1\nb=2\n", r"^b=(\d)$", [r"b=\g<1>0"], "f") == "a=1\nb=20\n"
    for text in ("", "b=1\nb=2\n"):
        with pytest.raises(StepFailedError, match="f: "):
            with_line(text, r"^b=", ["c="], "f")


def test_broken_files_are_refused_in_words() -> None:
    """A file that is not what it should be is left alone, and named."""
    for kind in ("json", "toml"):
        with pytest.raises(StepFailedError, match=r"cfg\.x is not"):
            set_values(kind, "{{{", {"a": "b"}, [], "cfg.x")
    with pytest.raises(StepFailedError, match="is a value"):
        set_values("json", '{"a": 1}', {"a.b": "c"}, [], "cfg.x")


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [("dotenv", "not a name", "1"), ("dotenv", "A", "\0"), ("properties", "", "1"), ("ini", "a.x", "1\n[b]\nx = 2")],
)
def test_what_a_format_cannot_hold_is_refused_in_words(kind: str, name: str, value: str) -> None:
    """A key or value that would spoil the file fails the step and names the file; it is no crash."""
    with pytest.raises(StepFailedError, match=r"^the-file: "):
        set_values(kind, "", {name: value}, [], "the-file")
