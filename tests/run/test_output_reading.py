"""Reading the folder of an attempt, while it runs and afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.host.attempts import Attempts, attempts_in, kill
from tests.waiting import until
from wizard.run.output_reading import AttemptOutput, SizeChange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


def test_output_and_end_of_a_command_are_seen_from_its_folder(attempts: Attempts) -> None:
    """From before it began to after it ended, without touching anything."""
    output = AttemptOutput(attempts.base / "0001-01")
    assert (output.read(0), output.size(), output.running(), output.sizes()) == (b"", 0, True, ())
    attempt = attempts.bash("echo one; read; echo two", terminal=True)
    attempt.prints(b"one\r\n")
    assert output.read(0) == b"one\r\n"
    assert output.read(2, 1) == b"e"
    assert output.running()
    attempt.live.send(b"\n")
    attempt.end()
    assert output.read(0).endswith(b"two\r\n")
    assert output.size() == len(attempt.output())
    assert not output.running()


def test_a_folder_that_was_taken_away_is_no_command_that_is_about_to_begin(attempts: Attempts) -> None:
    """Where the journal tells of an attempt, its folder was there; what was opened before can still be read."""
    attempt = attempts.bash("echo one")
    attempt.end()
    early = AttemptOutput(attempt.folder, announced=True)
    assert early.read(0) == b"one\r\n"
    late = AttemptOutput(attempt.folder, announced=True)
    assert (early.running(), early.gone, late.gone) == (False, False, False)
    attempt.folder.rename(attempt.folder.with_name("elsewhere"))
    assert (late.running(), late.gone, late.read(0)) == (False, True, b"")
    assert (early.running(), early.gone, early.read(0)) == (False, False, b"one\r\n")
    assert AttemptOutput(attempt.folder).running()


def test_each_size_is_told_with_the_byte_from_which_on_it_held(attempts: Attempts) -> None:
    """The first is that of the spec; what was printed before a change is before it, to the byte."""
    attempt = attempts.bash("echo one; read; echo two", terminal=True)
    output = AttemptOutput(attempt.folder)
    attempt.prints(b"one\r\n")
    attempt.live.resize(51, 133)
    until(lambda: len(output.sizes()) == 2)
    assert output.sizes() == (SizeChange(0, 80, 24), SizeChange(5, 133, 51))
    attempt.live.send(b"\n")
    attempt.end()
    assert len(output.sizes()) == 2


def test_a_leader_that_was_killed_is_an_end(attempts: Attempts) -> None:
    """Nothing more comes from a command nobody holds, although no end is written down."""
    attempt = attempts.begin("sleep", "300")
    attempt.started()
    output = AttemptOutput(attempt.folder)
    assert output.running()
    kill(attempt.leader())
    until(lambda: not output.running())


def test_damage_on_the_disk_is_passed_over(tmp_path: Path) -> None:
    """Half a line, garbage and links lead to nothing; what is whole is taken."""
    (tmp_path / "timing").write_bytes(b'[1,"output",10]\n{}\nx\n[2,"gap",3]\n[3,"size",10,20]\n[4,"size",1')
    (tmp_path / "spec.json").write_text(json.dumps({"rows": "?"}))
    (tmp_path / "output").symlink_to("/etc/passwd")
    output = AttemptOutput(tmp_path)
    assert output.sizes() == (SizeChange(7, 20, 10),)
    assert output.read(0) == b""
    assert output.running()
    with (tmp_path / "timing").open("ab") as file:
        file.write(b"1,21]\n")
    assert output.sizes()[1:] == (SizeChange(7, 21, 11),)
