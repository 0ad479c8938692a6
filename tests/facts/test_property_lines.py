"""The line grammar of .properties files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.facts.properties import parse_properties, property_values, remove_property, set_property

FILE = """\
# comment \\
! another
server.port=8080
path : /opt/\\
    data
spaced\\ key value words
empty
letter=\\u00e4\\n
astral=\\ud83d\\ude00
=no key
"""

texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
values = st.one_of(texts, st.text("ab =:\\#!\n\r\t\f", max_size=10))
keys = st.one_of(st.text("ab =:\\#!.\n", min_size=1, max_size=6), st.sampled_from(["server.port", "empty", "path"]))
files = st.lists(st.one_of(st.sampled_from(FILE.splitlines()), texts), max_size=8).map("\n".join)


def mapped(text: str) -> dict[str, str]:
    return property_values(parse_properties(text))


def test_entries_are_read_as_java_reads_them() -> None:
    """Separators, continuation lines, escapes and pairs of surrogates."""
    assert mapped(FILE) == {
        "server.port": "8080",
        "path": "/opt/data",
        "spaced key": "value words",
        "empty": "",
        "letter": "ä\n",
        "astral": "😀",
    }


def test_setting_keeps_separator_and_comments() -> None:
    """Only the value changes, continuation lines of the old one go with it."""
    assert set_property(FILE, "path", "/srv") == FILE.replace("/opt/\\\n    data", "/srv")
    assert set_property("a\n", "a", "1") == "a=1\n"
    assert set_property("a", "b", "ä ") == "a\nb=\\u00e4 \n"


@pytest.mark.parametrize("text", ["a=1\\", "a=1\\\n", "a=1\\\\"])
def test_a_new_key_is_never_swallowed_by_a_line_that_goes_on(text: str) -> None:
    """A last line that ends with a backslash is ended before another key is added."""
    assert mapped(set_property(text, "b", "2")) == {**mapped(text), "b": "2"}


def test_an_empty_key_is_refused() -> None:
    """It could not be read back."""
    with pytest.raises(ValueError, match="needs a key"):
        set_property("", "", "x")


@settings(deadline=None, max_examples=300)
@given(files, keys, values)
def test_setting_a_property_changes_nothing_else(text: str, key: str, value: str) -> None:
    """Round trip: lines join to the file, the value reads back, all other entries stay."""
    before = parse_properties(text)
    assert "".join(line.text for line in before) == text
    changed = set_property(text, key, value)
    assert mapped(changed) == {**property_values(before), key: value}
    assert mapped(remove_property(changed, key)) == {
        name: item for name, item in property_values(before).items() if name != key
    }
