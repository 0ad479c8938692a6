"""Recorded programs look in our emulator as in other terminals, after every piece of their output."""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from screens.terminal.charsets import DRAWING
from screens.terminal.emulator import Emulator
from tests.screens.terminal.terminal_referees import (
    COLUMNS,
    NAMES,
    ROWS,
    Avt,
    Ghostty,
    differences,
    look,
    pyte_text,
    recording,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PIECE = 701
DRAWN = re.compile("\x0e([^\x0f]*)(?:\x0f|\\Z)")
STYLED = re.compile(r"\x1b\[[0-9;:]*m")
WRONG_IN_PYTE = {
    "styles": "it knows no colours with colons and prints their parameters",
    "dialog": "it has no alternate screen",
    "dialog_gauge": "it has no alternate screen",
    "less": "it has no alternate screen",
    "whiptail": "it has no alternate screen",
    "vim": "it raises TypeError on the sequence that sets modifyOtherKeys",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_looks_as_in_avt_after_every_piece(name: str) -> None:
    """Characters, colours, attributes and cursor are equal, whatever state the program is in."""
    data = recording(name)
    emulator, avt = Emulator(COLUMNS, ROWS), Avt(COLUMNS, ROWS)
    for at in range(0, len(data), PIECE):
        emulator.feed(data[at : at + PIECE])
        avt.feed(data[at : at + PIECE])
        assert differences(look(emulator), avt.look()) == [], f"after byte {at + PIECE}"


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_looks_as_in_ghostty(name: str) -> None:
    """Text and cursor are equal after every piece, and at a dozen places the style of every character."""
    terminal = pytest.importorskip("pyghostty").Terminal
    data = recording(name)
    emulator, ghostty = Emulator(COLUMNS, ROWS), Ghostty(terminal, COLUMNS, ROWS)
    pieces = range(0, len(data), PIECE)
    for number, at in enumerate(pieces):
        emulator.feed(data[at : at + PIECE])
        ghostty.feed(data[at : at + PIECE])
        seen = look(emulator)
        assert (emulator.text(), seen.cursor) == (ghostty.text(), ghostty.cursor), f"after byte {at + PIECE}"
        if number % (len(pieces) // 12 + 1) == 0:
            for y, row in enumerate(seen.cells):
                for x, cell in enumerate(row):
                    if cell.character.strip():
                        style = cell._replace(character="", underline=cell.underline is not False)
                        assert style == ghostty.style(x, y), f"({x}, {y}) after byte {at + PIECE}"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WRONG_IN_PYTE])
def test_a_recording_reads_as_in_pyte(name: str) -> None:
    """The text at the end is the same as in a third terminal, where that one does not fail."""
    data = recording(name)
    emulator = Emulator(COLUMNS, ROWS)
    emulator.feed(data)
    assert emulator.text() == pyte_text(data, COLUMNS, ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_where_a_recording_is_cut_makes_no_difference(name: str) -> None:
    """Byte by byte or at once: the same cells, cursor, modes, title and answers."""
    data = recording(name)
    whole, bytewise = Emulator(COLUMNS, ROWS), Emulator(COLUMNS, ROWS)
    whole.feed(data)
    for at in range(len(data)):
        bytewise.feed(data[at : at + 1])
    assert look(bytewise) == look(whole)
    assert bytewise.modes == whole.modes
    assert bytewise.title == whole.title
    assert bytewise.take_replies() == whole.take_replies()


class Tmux:
    """A tmux server of its own that shows files of bytes."""

    def __init__(self, program: str, place: Path) -> None:
        """Start it; `stop` ends it."""
        self._words = [program, "-u", "-S", str(place / "socket"), "-f", "/dev/null"]
        self._place = place
        self._call("new-session", "-d", "-s", "t", "-x", str(COLUMNS), "-y", str(ROWS), "sleep 600")
        self._call("set-option", "-g", "status", "off")
        self._call("resize-window", "-t", "t", "-x", str(COLUMNS), "-y", str(ROWS))

    def _call(self, *words: str) -> str:
        done = subprocess.run([*self._words, *words], capture_output=True, check=True, encoding="utf-8")
        return done.stdout

    def shown(self, data: bytes, expected: list[str]) -> list[str]:
        """What a window shows after `data`; waits while it is not what is expected."""
        file = self._place / "bytes"
        file.write_bytes(data)
        window = self._call(
            "new-window", "-d", "-P", "-F", "#{window_id}", "-t", "t:", f"stty -opost -echo; cat {file}; sleep 600"
        ).strip()
        end = time.monotonic() + 10
        while (rows := self._rows(window)) != expected and time.monotonic() < end:
            time.sleep(0.02)
        self._call("kill-window", "-t", window)
        return rows

    def _rows(self, window: str) -> list[str]:
        captured = self._call("capture-pane", "-p", "-e", "-t", window)  # without -e, lines and corners are letters
        captured = DRAWN.sub(lambda found: found[1].translate(DRAWING), STYLED.sub("", captured))
        rows = [row.rstrip() for row in captured.split("\n")]
        return (rows + [""] * ROWS)[:ROWS]

    def stop(self) -> None:
        """End the server and all in it."""
        self._call("kill-server")


@pytest.fixture
def tmux(need_part: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tmux]:
    """A tmux server."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    server = Tmux(need_part("tmux"), tmp_path)
    yield server
    server.stop()


@pytest.mark.service
@pytest.mark.parametrize("name", NAMES)
def test_a_recording_reads_as_in_tmux(name: str, tmux: Tmux) -> None:
    """The text is the same in tmux, in the middle of the recording and at its end."""
    data = recording(name)
    for end in (len(data) // 3, len(data) * 2 // 3, len(data)):
        emulator = Emulator(COLUMNS, ROWS)
        emulator.feed(data[:end])
        expected = emulator.text()
        assert tmux.shown(data[:end], expected) == expected, f"after byte {end}"
