"""Keys and pasted text become what xterm would send."""

from __future__ import annotations

import pytest
from textual import events

from screens.terminal.keys import encode, paste
from screens.terminal.modes import Modes

NORMAL = Modes()
APPLICATION = Modes(application_cursor=True)


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"),
        ("A", "A", b"A"),
        ("é", "é", "é".encode()),
        ("日", "日", "日".encode()),
        ("space", " ", b" "),
        ("slash", "/", b"/"),
        ("full_stop", ".", b"."),
        ("enter", "\r", b"\r"),
        ("tab", "\t", b"\t"),
        ("shift+tab", None, b"\x1b[Z"),
        ("escape", "\x1b", b"\x1b"),
        ("backspace", "\x7f", b"\x7f"),
        ("backspace", "\x08", b"\x7f"),
        ("alt+backspace", None, b"\x1b\x7f"),
        ("ctrl+c", "\x03", b"\x03"),
        ("ctrl+d", "\x04", b"\x04"),
        ("ctrl+j", "\n", b"\n"),
        ("ctrl+z", "\x1a", b"\x1a"),
        ("ctrl+@", "\x00", b"\x00"),
        ("ctrl+space", None, b"\x00"),
        ("ctrl+backslash", "\x1c", b"\x1c"),
        ("ctrl+right_square_bracket", "\x1d", b"\x1d"),
        ("ctrl+circumflex_accent", "\x1e", b"\x1e"),
        ("ctrl+underscore", "\x1f", b"\x1f"),
        ("alt+a", "a", b"\x1ba"),
        ("alt+A", "A", b"\x1bA"),
        ("alt+é", None, "\x1bé".encode()),
        ("alt+full_stop", None, b"\x1b."),
        ("alt+enter", None, b"\x1b\r"),
        ("alt+ctrl+x", None, b"\x1b\x18"),
        ("shift+enter", None, b"\r"),
        ("up", None, b"\x1b[A"),
        ("left", None, b"\x1b[D"),
        ("home", None, b"\x1b[H"),
        ("end", None, b"\x1b[F"),
        ("ctrl+left", None, b"\x1b[1;5D"),
        ("shift+up", None, b"\x1b[1;2A"),
        ("alt+down", None, b"\x1b[1;3B"),
        ("ctrl+shift+right", None, b"\x1b[1;6C"),
        ("alt+ctrl+shift+end", None, b"\x1b[1;8F"),
        ("insert", None, b"\x1b[2~"),
        ("delete", None, b"\x1b[3~"),
        ("pageup", None, b"\x1b[5~"),
        ("pagedown", None, b"\x1b[6~"),
        ("ctrl+delete", None, b"\x1b[3;5~"),
        ("shift+pageup", None, b"\x1b[5;2~"),
        ("f1", None, b"\x1bOP"),
        ("f4", None, b"\x1bOS"),
        ("f5", None, b"\x1b[15~"),
        ("f12", None, b"\x1b[24~"),
        ("shift+f1", None, b"\x1b[1;2P"),
        ("f13", None, b"\x1b[1;2P"),
        ("f24", None, b"\x1b[24;2~"),
        ("ctrl+f5", None, b"\x1b[15;5~"),
        ("caps_lock", None, b""),
        ("<ignore>", None, b""),
    ],
)
def test_a_key(key: str, character: str | None, sent: bytes) -> None:
    """By the names and characters Textual gives it."""
    assert encode(events.Key(key, character), NORMAL) == sent


@pytest.mark.parametrize(
    ("key", "sent"),
    [("up", b"\x1bOA"), ("home", b"\x1bOH"), ("ctrl+up", b"\x1b[1;5A"), ("delete", b"\x1b[3~"), ("f1", b"\x1bOP")],
)
def test_cursor_keys_of_an_application(key: str, sent: bytes) -> None:
    """The application mode changes the cursor keys alone, and not with modifiers."""
    assert encode(events.Key(key, None), APPLICATION) == sent


def test_every_key_of_textuals_table_sends_something_or_is_no_key() -> None:
    """No name that Textual's parser gives raises; all but its inner ones send bytes."""
    from textual.keys import Keys

    silent = {key.value for key in Keys if not encode(events.Key(key.value, None), NORMAL)}
    assert silent == {
        Keys.Any.value, Keys.ScrollUp.value, Keys.ScrollDown.value, Keys.Ignore.value, Keys.ControlSpace.value,
        "ctrl+0", "ctrl+1", "ctrl+9", "ctrl+shift+0", "ctrl+shift+1", "ctrl+shift+9",
    }  # fmt: skip


def test_pasted_text_is_as_typed() -> None:
    """Line ends become the key; with bracketed paste the text stands in brackets."""
    assert paste("a\r\nb\nc\td", NORMAL) == b"a\rb\rc\td"
    assert paste("é", Modes(bracketed_paste=True)) == "\x1b[200~é\x1b[201~".encode()
    assert paste("", Modes(bracketed_paste=True)) == b""


def test_pasted_text_cannot_break_out() -> None:
    """Nothing in it ends the brackets or acts as a control key."""
    hostile = "a\x1b[201~rm -rf\x03\x04\x9b201~\x7fb"
    assert paste(hostile, Modes(bracketed_paste=True)) == b"\x1b[200~a[201~rm -rf201~b\x1b[201~"
    assert paste("a\ud800b", NORMAL) == b"a?b"
