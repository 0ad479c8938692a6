"""The line grammar of .env files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.facts.dotenv import dotenv_values, parse_dotenv, remove_dotenv, set_dotenv
from wizard.facts.errors import DocumentError

FILE = """\
# Cawemo
export PORT=8080 # inside
NAME = "a b\\n\\"c\\" \\$HOME"  # quoted
EMPTY=
BLANK=   # nothing but a comment
HASH=a#b
SINGLE='it is $HOME \\n'
ESCAPED='Let\\'s go'
FOLDER='C:\\data\\'
LINES="one
two"
ODD="a"b

just words
PORT=9090
"""

texts = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=30)
keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
values = st.one_of(texts, st.text("ab \"'\\$#\n\r\t=", max_size=12))
lines = st.one_of(
    texts.map(lambda text: "# " + text.replace("\n", " ")),
    st.just(""),
    st.sampled_from(FILE.replace('one\ntwo"', 'one two"').splitlines()),
    st.builds(lambda key, value: set_dotenv("", key, value).rstrip("\n"), keys, values),
    texts.map(lambda text: text.replace("\n", " ")),
)
files = st.builds(
    lambda parts, end, last: end.join(parts) + (end if last else ""),
    st.lists(lines, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)


def mapped(text: str) -> dict[str, str]:
    return dotenv_values(parse_dotenv(text))


def test_values_are_read_with_quotes_comments_and_escapes() -> None:
    """Each way of writing a value gives what a shell or compose would take it for, and the last key counts."""
    assert mapped(FILE) == {
        "PORT": "9090",
        "NAME": 'a b\n"c" $HOME',
        "EMPTY": "",
        "BLANK": "",
        "HASH": "a#b",
        "SINGLE": "it is $HOME \\n",
        "ESCAPED": "Let's go",
        "FOLDER": "C:\\data\\",
        "LINES": "one\ntwo",
        "ODD": '"a"b',
    }


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_values() -> None:
    """Files saved on Windows read the same."""
    assert mapped('\ufeffA=1\r\nB="2"\r\nC=3') == {"A": "1", "B": "2", "C": "3"}


def test_an_unclosed_quote_is_an_error_with_its_line() -> None:
    """A file no program reads alike is not guessed at."""
    with pytest.raises(DocumentError, match=r"line 2: .* of B is never closed"):
        parse_dotenv("A=1\nB='two\nC=3\n")


def test_setting_keeps_export_comment_quotes_and_the_other_entry() -> None:
    """Only the value of the entry that counts changes."""
    text = "export A=1 # one\nB = 'x' # two\nA=2 # last\n"
    assert set_dotenv(text, "A", "3") == "export A=1 # one\nB = 'x' # two\nA=3 # last\n"
    assert set_dotenv(text, "B", "y") == "export A=1 # one\nB = 'y' # two\nA=2 # last\n"
    assert set_dotenv(text, "B", "it's") == text.replace("'x'", '"it\'s"')


def test_a_new_key_is_added_with_the_file_s_line_end() -> None:
    """A file without a last line end gets one first, and Windows files stay Windows files."""
    assert set_dotenv("A=1", "B", "2") == "A=1\nB=2\n"
    assert set_dotenv("A=1\r\n", "B", "two words") == "A=1\r\nB='two words'\r\n"


def test_setting_what_is_already_so_changes_nothing() -> None:
    """Not even the way it is quoted."""
    assert set_dotenv('A="1" # x\r\n', "A", "1") == 'A="1" # x\r\n'


def test_removing_takes_every_entry_of_the_key() -> None:
    """No earlier entry comes back into force."""
    assert remove_dotenv("A=1\nB=2\nexport A='3\n4'\n", "A") == "B=2\n"


@pytest.mark.parametrize(("key", "value"), [("1A", "x"), ("A B", "x"), ("", "x"), ("A", "x\0y")])
def test_what_no_file_can_hold_is_refused(key: str, value: str) -> None:
    """A key or value that would be read back as something else is never written."""
    with pytest.raises(ValueError, match=r"cannot be a key|holds a NUL"):
        set_dotenv("", key, value)


@settings(deadline=None, max_examples=300)
@given(files, keys, values)
def test_setting_changes_one_value_and_no_other_byte(text: str, key: str, value: str) -> None:
    """Round trip: lines join to the file, the value reads back, and every other line stays as it was."""
    try:
        before = parse_dotenv(text)
    except DocumentError:
        return
    assert "".join(line.text for line in before) == text
    changed = set_dotenv(text, key, value)
    after = parse_dotenv(changed)
    assert dotenv_values(after) == {**dotenv_values(before), key: value}
    last = max((index for index, line in enumerate(before) if line.key == key), default=None)
    if last is None:
        assert changed.startswith(text)
    else:
        assert len(after) == len(before)
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            if index != last:
                assert old == new
        old, new = before[last], after[last]
        assert old.text[: old.start] == new.text[: new.start]
        assert old.text[old.end :] == new.text[new.end :]
    assert dotenv_values(parse_dotenv(remove_dotenv(changed, key))) == {
        name: item for name, item in dotenv_values(before).items() if name != key
    }
