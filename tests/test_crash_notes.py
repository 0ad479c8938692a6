"""What a defect of the program itself leaves behind: where it happened, and no value of anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wizard.crash import keep_crash
from wizard.paths import state_folder
from wizard.secrets import Secret

if TYPE_CHECKING:
    import pytest

SECRET = "s3cret-in-a-crash"


def crash() -> BaseException:
    """An error chained to another, with the secret in both messages and in a local variable."""
    known = Secret(SECRET)
    try:
        try:
            raise KeyError(known.reveal())
        except KeyError as error:
            message = f"cannot use {known.reveal()}"
            raise RuntimeError(message) from error
    except RuntimeError as error:
        return error


def test_a_crash_is_noted_by_type_and_place_alone() -> None:
    """The file, readable by its owner only, names both errors and this file's lines; the secret is in neither."""
    words = keep_crash(crash())
    [file] = (state_folder() / "crashes").iterdir()
    text = file.read_text()
    assert SECRET not in words + text
    assert str(file) in words
    assert "RuntimeError" in text
    assert "KeyError" in text
    assert Path(__file__).name in text
    assert file.stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_written_the_words_must_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A state folder that cannot be made: the places are said instead, still without any value."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("WIZARD_STATE_DIR", str(tmp_path / "file" / "state"))
    words = keep_crash(crash())
    assert SECRET not in words
    assert Path(__file__).name in words
    assert "wizard resume" in words
