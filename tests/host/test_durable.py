"""Files that are whole after a crash."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from wizard.host import durable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    """An open folder, under a umask that would take rights away."""
    before = os.umask(0o777)
    descriptor = durable.open_folder(tmp_path)
    yield descriptor
    os.close(descriptor)
    os.umask(before)


def test_a_new_file_has_its_mode_and_never_replaces_one(folder: int, tmp_path: Path) -> None:
    """The umask does not count; a second one of that name is refused and the first is untouched."""
    durable.write_new(folder, "a", b"one", 0o640)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    with pytest.raises(FileExistsError):
        durable.write_new(folder, "a", b"two")
    assert durable.read_file(folder, "a") == b"one"


def test_replacing_is_whole_and_leaves_nothing_beside(folder: int, tmp_path: Path) -> None:
    """The new text stands in the place of the old one; no temporary file stays, also where it fails."""
    durable.replace_file(folder, "a", b"one")
    durable.replace_file(folder, "a", b"two" * 100_000)
    assert durable.read_file(folder, "a") == b"two" * 100_000
    made = durable.make_folder(folder, "b")
    os.close(made)
    with pytest.raises(IsADirectoryError):
        durable.replace_file(folder, "b", b"x")
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o700


def test_links_are_not_followed(folder: int, tmp_path: Path) -> None:
    """Neither for reading nor for writing, nor as the folder itself."""
    (tmp_path / "real").write_bytes(b"real")
    os.chmod(tmp_path / "real", 0o600)  # noqa: PTH101
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(OSError, match="symbolic links"):
        durable.read_file(folder, "link")
    with pytest.raises(FileExistsError):
        durable.write_new(folder, "link", b"x")
    durable.replace_file(folder, "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"real"
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(NotADirectoryError):
        durable.open_folder(tmp_path / "elsewhere")


def test_what_is_no_regular_file_is_refused_without_waiting(folder: int, tmp_path: Path) -> None:
    """A pipe planted in the place of a file neither blocks nor is read."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    os.chmod(tmp_path / "pipe", 0o600)  # noqa: PTH101
    with pytest.raises(OSError, match="not a regular file"):
        durable.read_file(folder, "pipe")


def test_too_large_a_file_is_refused(folder: int) -> None:
    """Reading is bounded."""
    durable.write_new(folder, "a", b"x" * 100)
    assert durable.read_file(folder, "a", 100) == b"x" * 100
    with pytest.raises(OSError, match="larger than 99 bytes"):
        durable.read_file(folder, "a", 99)


def test_one_of_many_wins_a_claim(folder: int, tmp_path: Path) -> None:
    """Twelve processes claim at once; exactly one is told that it won, and its words stay."""
    children = []
    for number in range(12):
        child = os.fork()
        if child == 0:
            os._exit(0 if durable.claim(folder, "claim", b"%d" % number) else 1)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(codes) == [0] + [1] * 11
    assert durable.read_file(folder, "claim") == b"%d" % codes.index(0)
    assert {path.name for path in tmp_path.iterdir()} == {"claim"}


def test_room_is_taken_beforehand(folder: int, tmp_path: Path) -> None:
    """The blocks belong to the file before anything is written."""
    file = durable.open_new(folder, "room")
    durable.allocate(file, 8192)
    assert os.fstat(file).st_size == 8192
    assert os.fstat(file).st_blocks * 512 >= 8192
    os.close(file)


def test_a_write_that_fails_leaves_nothing(folder: int, tmp_path: Path) -> None:
    """Where the disk refuses the bytes there is no half file."""
    import resource

    child = os.fork()
    if child == 0:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        try:
            durable.write_new(folder, "a", b"x" * 1000)
        except OSError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert list(tmp_path.iterdir()) == []
