"""The place of every value, and of every character inside a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.guide.document import dotted
from wizard.guide.yaml import read_yaml

TEXT = """\
id: demo
steps:
  - id: one
    run: |
      first line
        indented X here
      last Y
    title: 'it''s a Z here'
    why: "tab\\tQ \\u00e9 W\\
      joined V"
  - id: two
    say: >-
      folded lines
      with a K inside

      and M
  - {id: three, say: flow N}
plain: one two
  three P
"""


def test_values_and_keys_have_their_places() -> None:
    """A value's place is where it begins, its key's where the key begins."""
    document = read_yaml(TEXT, "f")
    assert document.problems == ()
    assert document.place(("id",)) == (1, 5)
    assert document.key_place(("id",)) == (1, 1)
    assert document.place(("steps", 0, "id")) == (3, 9)
    assert document.key_place(("steps", 0, "id")) == (3, 5)
    assert document.place(("steps", 1)) == (11, 5)
    assert document.place(("steps", 2, "id")) == (17, 10)
    assert document.key_place(("steps", 2, "say")) == (17, 17)


def test_what_is_not_there_has_the_place_around_it() -> None:
    """A missing key is placed at the mapping it is missing from."""
    document = read_yaml(TEXT, "f")
    assert document.place(("steps", 0, "missing", "deeper")) == document.place(("steps", 0))
    assert read_yaml("", "f").place(("a",)) == (0, 0)


@pytest.mark.parametrize(
    ("path", "letter"),
    [
        (("steps", 0, "run"), "X"),
        (("steps", 0, "run"), "Y"),
        (("steps", 0, "title"), "Z"),
        (("steps", 0, "why"), "Q"),
        (("steps", 0, "why"), "W"),
        (("steps", 0, "why"), "V"),
        (("steps", 1, "say"), "K"),
        (("steps", 1, "say"), "M"),
        (("steps", 2, "say"), "N"),
        (("plain",), "P"),
    ],
)
def test_a_character_is_found_through_quotes_folds_and_indents(path: tuple[str | int, ...], letter: str) -> None:
    """The place of a character of a text is where it stands in the file, however the text is written."""
    document = read_yaml(TEXT, "f")
    value = document.data
    for part in path:
        value = value[part]
    line = next(number for number, text in enumerate(TEXT.splitlines(), start=1) if letter in text)
    column = TEXT.splitlines()[line - 1].index(letter) + 1
    assert document.text_place(path, value.index(letter)) == (line, column)


def test_an_offset_that_is_not_in_the_text_has_a_place_all_the_same() -> None:
    """Past the end is the end of the text, and no text at all is the value's own place."""
    document = read_yaml("a: text\nb: [1]\n", "f")
    assert document.text_place(("a",), 99)[0] == 1
    assert document.text_place(("b",), 3) == document.place(("b",))
    assert document.text_place(("a",), -1) == document.place(("a",))


_WORDS = st.lists(
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=6), min_size=1, max_size=8
)


@given(words=_WORDS, style=st.sampled_from(["|", "|-", "'", '"', ">"]), data=st.data())
@settings(deadline=None, max_examples=150)
def test_every_visible_character_is_found_again(words: list[str], style: str, data: st.DataObject) -> None:
    """In each way of writing a text, the place of a visible character holds that character."""
    if style in ("|", "|-", ">"):
        lines = "".join(f"    {word}\n" for word in words)
        source = f"key:\n  text: {style}\n{lines}"
    elif style == "'":
        source = "key:\n  text: '{}'\n".format("\n    ".join(word.replace("'", "''") for word in words))
    else:
        escaped = [word.replace("\\", "\\\\").replace('"', '\\"') for word in words]
        source = 'key:\n  text: "{}"\n'.format("\n    ".join(escaped))
    document = read_yaml(source, "f")
    value = document.data["key"]["text"]
    assert value.split() == words
    offset = data.draw(st.sampled_from([at for at, one in enumerate(value) if not one.isspace()]))
    line, column = document.text_place(("key", "text"), offset)
    found = source.split("\n")[line - 1][column - 1 :]
    assert found[0] == value[offset] or found[:2] == f"\\{value[offset]}"


def test_paths_are_written_as_people_do() -> None:
    """A path reads like the access to it."""
    assert dotted(("phases", 0, "steps", 2, "run")) == "phases[0].steps[2].run"
    assert dotted(()) == ""
