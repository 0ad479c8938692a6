"""Foreign text before it reaches a terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from wizard.plain.clean import clean, clean_command, clean_line


@given(st.text())
@settings(deadline=None)
@example("\x1b]0;title\x07text")
@example("\x1b[2J\x9b6n\x1bP$qm\x1b\\")
@example("a\x00b\u202ec\ud800")
def test_no_control_character_is_left(text: str) -> None:
    """Nothing but newlines is left of all control and direction characters, whatever the text."""
    cleaned = clean(text)
    assert all(mark == "\n" or unicodedata.category(mark) not in ("Cc", "Cs") for mark in cleaned)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(cleaned)
    assert "\n" not in clean_line(text)


def test_sequences_go_whole() -> None:
    """An escape sequence leaves no rest of itself in the words."""
    assert clean("one \x1b[1;31mtwo\x1b[0m \x1b]52;c;aGk=\x07three\r\nfour\rfive") == "one two three\nfour\nfive"


def test_an_unfinished_sequence_does_not_swallow_other_lines() -> None:
    """A string sequence without an end hides the rest of its own line at most."""
    assert clean("\x1b]0;lost\nkept") == "\nkept"


def test_a_command_shows_what_cannot_be_seen() -> None:
    """A command that is confirmed by its looks cannot look like another one."""
    assert clean_command("rm -rf /\x1b[2K\rls") == "rm -rf /\\x1b[2K\\rls"
    assert clean_command("echo a\u202eb") == "echo a\\u202eb"
    assert clean_command("a\n\tb") == "a\n    b"
