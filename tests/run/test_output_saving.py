"""Output in a file of the operator's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wizard.errors import HostError
from wizard.run.output_saving import as_text, save_output

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def reading(data: bytes) -> Callable[[int, int], bytes]:
    """Read from memory."""
    return lambda at, count: data[at : at + count]


def test_what_is_saved_is_text_wherever_the_blocks_of_reading_end(tmp_path: Path) -> None:
    """Neither colour codes nor characters that lie across two blocks are seen; orders to the terminal are gone."""
    for before in range(262_136, 262_145):
        data = b"x" * before + "\x1b[1;31m漢字\x1b[0m\x1b]52;c;ZXZpbA==\x07\r\nend\n".encode() * 3
        path = tmp_path / str(before)
        written = save_output(reading(data), 0, len(data), path)
        assert path.read_text() == "x" * before + "漢字\nend\n" * 3
        assert written == path.stat().st_size
        assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_overwritten_and_no_link_followed(tmp_path: Path) -> None:
    """A name that is taken is refused with the reason, and so is a folder that is not there."""
    there = tmp_path / "there"
    there.write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path, words in ((there, "there already"), (tmp_path / "link", "there already"), (tmp_path / "no/x", "No such")):
        with pytest.raises(HostError, match=words):
            save_output(lambda at, count: b"", 0, 0, path)
    assert there.read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_what_was_given_up_or_failed_leaves_no_file(tmp_path: Path) -> None:
    """Half a file would be taken for a whole one."""
    data = b"line\n" * 100_000

    def read(at: int, count: int) -> bytes:
        return data[at : at + count]

    assert save_output(read, 0, len(data), tmp_path / "a", going_on=lambda _: False) == 0
    assert list(tmp_path.iterdir()) == []

    def refuse(at: int, count: int) -> bytes:
        raise OSError(5, "Input/output error")

    with pytest.raises(HostError, match="Input/output error"):
        save_output(refuse, 0, 10, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_text_is_harmless() -> None:
    """No escape sequence and no control character is left."""
    assert as_text(b"a\x1b[31mb\x1b[0m\x07\x1b]0;t\x07c\x00\r\nd") == "abc\nd"
