"""Replacing what files hold: everything else of them stays, and a failure leaves the old contents and no rubbish."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wizard.errors import HostError
from wizard.host import files
from wizard.host.files import Way, how_to_replace, remove_leftover, replace_contents
from wizard.host.mounts import mounted_by_itself, read_mounts

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


def names(folder: Path) -> list[str]:
    """What a folder holds, hidden names too."""
    return sorted(entry.name for entry in folder.iterdir())


@contextmanager
def as_nobody() -> Iterator[None]:
    """Do this as a user without any rights of its own."""
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture(name="open_folder")
def open_folder_fixture() -> Iterator[Path]:
    """A folder that every user may enter (pytest's own are closed to others)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(name="mounted")
def mounted_fixture(tmp_path: Path) -> Iterator[Path]:
    """A file that is mounted over another one."""
    source, point = tmp_path / "source", tmp_path / "point"
    source.write_text("old")
    point.write_text("covered")
    if os.geteuid() != 0 or subprocess.run(["mount", "--bind", source, point], check=False).returncode != 0:
        pytest.skip("bind mounts are not allowed here")
    yield point
    subprocess.run(["umount", point], check=True)


def test_contents_are_replaced_by_rename(tmp_path: Path) -> None:
    """The ordinary way: a new file takes the name, whoever holds the old one open keeps it whole."""
    file = tmp_path / "settings"
    file.write_text("old")
    before = file.stat().st_ino
    with file.open() as reader:
        report = replace_contents(str(file), b"new")
        assert reader.read() == "old"
    assert (report.way, report.target, report.links, report.why) == (Way.RENAME, str(file), (), "")
    assert file.read_text() == "new"
    assert file.stat().st_ino != before
    assert names(tmp_path) == ["settings"]


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755, 0o4755, 0o444])
def test_the_mode_stays(tmp_path: Path, mode: int, in_place: bool) -> None:
    """Also one that the umask would not give, one that forbids writing, and bits that the kernel takes on writing."""
    if in_place and os.geteuid() != 0 and not mode & 0o200:
        pytest.skip("only root writes over a file that forbids it")
    file = tmp_path / "settings"
    file.write_text("old")
    file.chmod(mode)
    replace_contents(str(file), b"new", in_place=in_place)
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert file.read_text() == "new"


@pytest.mark.usefixtures("root_only")
def test_owner_and_group_stay(tmp_path: Path) -> None:
    """A file of the product's user stays its own when root changes it."""
    file = tmp_path / "settings"
    file.write_text("old")
    os.chown(file, 1234, 4321)
    file.chmod(0o640)
    assert replace_contents(str(file), b"new").way is Way.RENAME
    seen = file.stat()
    assert (seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)) == (1234, 4321, 0o640)


def test_extended_attributes_stay(tmp_path: Path) -> None:
    """Attributes of the old file are on the new one, and none that the folder gave it."""
    file = tmp_path / "settings"
    file.write_text("old")
    try:
        os.setxattr(file, "user.origin", b"vendor\0x")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    assert replace_contents(str(file), b"new").way is Way.RENAME
    assert {name: os.getxattr(file, name) for name in os.listxattr(file)} == {"user.origin": b"vendor\0x"}


@pytest.mark.parametrize("listed", [True, False])
def test_access_lists_stay(tmp_path: Path, listed: bool) -> None:
    """A file's list is kept; where it has none, it does not get the default of its folder."""

    def acl(*entries: tuple[int, int, int]) -> bytes:
        return (2).to_bytes(4, "little") + b"".join(
            tag.to_bytes(2, "little") + allowed.to_bytes(2, "little") + (who & 0xFFFFFFFF).to_bytes(4, "little")
            for tag, allowed, who in entries
        )

    wanted = acl((1, 6, -1), (2, 4, 1234), (4, 4, -1), (16, 4, -1), (32, 0, -1))
    folders = acl((1, 7, -1), (2, 7, 4321), (4, 0, -1), (16, 7, -1), (32, 0, -1))
    file = tmp_path / "settings"
    file.write_text("old")
    file.chmod(0o640)
    try:
        if listed:
            os.setxattr(file, "system.posix_acl_access", wanted)
        os.setxattr(tmp_path, "system.posix_acl_default", folders)
    except OSError:
        pytest.skip("this file system has no access lists")
    before = {name: os.getxattr(file, name) for name in os.listxattr(file)}
    assert replace_contents(str(file), b"new").way is Way.RENAME
    assert {name: os.getxattr(file, name) for name in os.listxattr(file)} == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_attributes_that_cannot_be_kept_make_it_a_write_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the new file would lose something the old one is written, and the report says why."""
    file = tmp_path / "settings"
    file.write_text("old")
    before = file.stat().st_ino

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(files, "_keep_attributes", refuse)
    report = replace_contents(str(file), b"new")
    assert report.way is Way.IN_PLACE
    assert "attributes" in report.why
    assert (file.stat().st_ino, file.read_text(), names(tmp_path)) == (before, "new", ["settings"])


def test_links_are_followed_told_and_kept(tmp_path: Path) -> None:
    """The file behind a chain of links changes, the links stay links."""
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "settings"
    target.write_text("old")
    (tmp_path / "current").symlink_to("real")
    (tmp_path / "middle").symlink_to("current/settings")
    (tmp_path / "link").symlink_to(tmp_path / "middle")
    report = replace_contents(str(tmp_path / "link"), b"new")
    assert report.target == str(target)
    assert report.links == (str(tmp_path / "link"), str(tmp_path / "middle"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "middle").is_symlink()
    assert target.read_text() == "new"


def test_a_hard_link_is_written_in_place(tmp_path: Path) -> None:
    """Both names go on to hold the same."""
    file, other = tmp_path / "settings", tmp_path / "other"
    file.write_text("a longer old text")
    other.hardlink_to(file)
    report = replace_contents(str(file), b"new")
    assert report.way is Way.IN_PLACE
    assert "2 names" in report.why
    assert (file.read_text(), other.read_text()) == ("new", "new")


def test_a_mount_point_is_written_in_place(mounted: Path) -> None:
    """A file that is mounted by itself keeps being the mounted one."""
    report = replace_contents(str(mounted), b"new")
    assert (report.way, report.why) == (
        Way.IN_PLACE,
        "it is a mount point, and a rename would not reach what is mounted",
    )
    assert mounted.read_text() == "new"
    assert (mounted.parent / "source").read_text() == "new"


def test_a_file_mounted_into_a_container_is_written_in_place(tmp_path: Path) -> None:
    """What a program in another mount namespace has mounted gets the new contents too."""
    source, point = tmp_path / "so urce", tmp_path / "point"
    source.write_text("old")
    point.write_text("covered")
    script = 'mount --bind "$1" "$2" && echo ready && read _ && cat "$2"'
    words = ["unshare", "--mount", "sh", "-c", script, "sh", str(source), str(point)]
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as container:
        assert container.stdout is not None
        if container.stdout.readline() != "ready\n":
            pytest.skip("mount namespaces are not allowed here")
        report = replace_contents(str(source), b"new")
        seen, _ = container.communicate("go\n", timeout=20)
    assert report.way is Way.IN_PLACE
    assert f"mounted into a container (process {container.pid})" in report.why
    assert seen == "new"
    assert replace_contents(str(source), b"newer").way is Way.RENAME


def test_the_guide_may_ask_for_a_write_in_place(tmp_path: Path) -> None:
    """`in_place` keeps the file itself."""
    file = tmp_path / "settings"
    file.write_text("old")
    before = file.stat().st_ino
    assert replace_contents(str(file), b"new and longer", in_place=True).why == "the guide wants it so"
    assert (file.stat().st_ino, file.read_text()) == (before, "new and longer")


@pytest.mark.usefixtures("root_only")
def test_without_rights_on_the_folder_it_is_written_in_place(open_folder: Path) -> None:
    """A user who may write the file but make none beside it can still change it."""
    file = open_folder / "settings"
    file.write_text("old")
    os.chown(file, NOBODY, NOBODY)
    with as_nobody():
        report = replace_contents(str(file), b"new")
    assert (report.way, file.read_text()) == (Way.IN_PLACE, "new")
    assert "no file can be made in its folder" in report.why


@pytest.mark.usefixtures("root_only")
def test_a_file_of_somebody_else_stays_theirs(open_folder: Path) -> None:
    """Who may write but not give away a file does not become its owner."""
    open_folder.chmod(0o777)
    file = open_folder / "settings"
    file.write_text("old")
    file.chmod(0o666)
    with as_nobody():
        report = replace_contents(str(file), b"new")
    assert (report.way, file.stat().st_uid, file.read_text()) == (Way.IN_PLACE, 0, "new")
    assert "only root could give it back" in report.why


@pytest.mark.usefixtures("root_only")
def test_no_permission_changes_nothing_and_says_the_way_out(open_folder: Path) -> None:
    """A file that may not be written is left, with `sudo wizard` as the hint."""
    file = open_folder / "settings"
    file.write_text("old")
    file.chmod(0o644)
    with as_nobody(), pytest.raises(HostError, match="cannot be written: Permission denied") as failed:
        replace_contents(str(file), b"new")
    assert "sudo wizard" in failed.value.hint
    assert (file.read_text(), names(open_folder)) == ("old", ["settings"])


def test_a_new_file_has_the_mode_given_or_that_of_the_umask(tmp_path: Path) -> None:
    """A file with secrets is closed from its first byte; another one is as any program would make it."""
    before = os.umask(0o027)
    try:
        assert replace_contents(str(tmp_path / "secret"), b"x", mode=0o600).way is Way.CREATE
        assert replace_contents(str(tmp_path / "shared"), b"x", mode=0o666).way is Way.CREATE
        assert replace_contents(str(tmp_path / "plain"), b"x").way is Way.CREATE
    finally:
        os.umask(before)
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in tmp_path.iterdir()}
    assert modes == {"secret": 0o600, "shared": 0o666, "plain": 0o640}


def test_a_new_file_is_made_where_a_link_leads(tmp_path: Path) -> None:
    """A link to a file that does not exist yet stays a link."""
    (tmp_path / "link").symlink_to("target")
    report = replace_contents(str(tmp_path / "link"), b"x")
    assert (report.way, (tmp_path / "target").read_text()) == (Way.CREATE, "x")
    assert (tmp_path / "link").is_symlink()


def test_a_file_that_came_up_meanwhile_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a file never replaces one that somebody else made in between."""
    file = tmp_path / "settings"
    link = os.link

    def somebody_is_faster(*args: object, **keys: object) -> None:
        file.write_text("theirs")
        link(*args, **keys)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "link", somebody_is_faster)
    with pytest.raises(HostError, match="somebody made it just now"):
        replace_contents(str(file), b"mine")
    assert (file.read_text(), names(tmp_path)) == ("theirs", ["settings"])


def test_a_file_system_without_hard_links_still_gets_new_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where link(2) is not there, the rename makes the file."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    replace_contents(str(tmp_path / "settings"), b"x")
    assert ((tmp_path / "settings").read_bytes(), names(tmp_path)) == (b"x", ["settings"])


@pytest.mark.parametrize(("call", "in_place"), [("fsync", False), ("rename", False), ("write", False)])
def test_a_failure_leaves_the_old_contents_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, in_place: bool
) -> None:
    """A full disk at any point of a rename changes nothing."""
    file = tmp_path / "settings"
    file.write_text("old")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, call, full)
        with pytest.raises(HostError, match="No space left on device") as failed:
            replace_contents(str(file), b"new", in_place=in_place)
    assert "Free some space" in failed.value.hint
    assert (file.read_text(), names(tmp_path)) == ("old", ["settings"])


@pytest.fixture(name="small")
def small_fixture(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte."""
    point = tmp_path / "small"
    point.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(point)]
    if os.geteuid() != 0 or subprocess.run(words, check=False).returncode != 0:
        pytest.skip("a file system of its own is not allowed here")
    yield point
    subprocess.run(["umount", point], check=True)


@pytest.mark.parametrize("in_place", [False, True])
def test_a_full_disk_changes_nothing(small: Path, in_place: bool) -> None:
    """On a disk that is really full the old contents stay whole, in place too."""
    file = small / "settings"
    file.write_bytes(b"old " * 1000)
    (small / "filler").write_bytes(b"x" * 900_000)
    with pytest.raises(HostError, match="No space left on device"):
        replace_contents(str(file), b"new " * 100_000, in_place=in_place)
    assert file.read_bytes() == b"old " * 1000
    assert names(small) == ["filler", "settings"]


def test_a_write_in_place_that_breaks_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contents half written are put back as they were."""
    file = tmp_path / "settings"
    file.write_text("the old contents")
    fsync, failures = os.fsync, iter([True])

    def break_once(descriptor: int) -> None:
        if next(failures, False):
            raise OSError(errno.EIO, "Input/output error")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", break_once)
    with pytest.raises(HostError, match="Input/output error"):
        replace_contents(str(file), b"new", in_place=True)
    assert file.read_text() == "the old contents"


def test_a_write_in_place_that_cannot_be_taken_back_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk that breaks for good nobody is told that the old contents are safe there."""
    file = tmp_path / "settings"
    file.write_text("the old contents")

    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(HostError, match="the old contents could not be put back"):
        replace_contents(str(file), b"new", in_place=True)


def test_a_link_put_into_the_path_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking and writing somebody turns the folder, then the file, into a link: nothing is written there."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "settings").write_text("precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "settings").write_text("old")
    plan = how_to_replace(str(folder / "settings"), in_place=True)
    monkeypatch.setattr(files, "how_to_replace", lambda *_, **__: plan)
    (folder / "settings").unlink()
    (folder / "settings").symlink_to(victim / "settings")
    with pytest.raises(HostError, match="cannot be written"):
        replace_contents(str(folder / "settings"), b"new")
    shutil.rmtree(folder)
    folder.symlink_to(victim)
    with pytest.raises(HostError, match=r"cannot be written|was left as it is"):
        replace_contents(str(folder / "settings"), b"new")
    assert (victim / "settings").read_text() == "precious"


def test_a_link_put_above_the_folder_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link two folders up is seen as well."""
    (tmp_path / "victim" / "inner").mkdir(parents=True)
    (tmp_path / "victim" / "inner" / "settings").write_text("precious")
    (tmp_path / "top" / "inner").mkdir(parents=True)
    (tmp_path / "top" / "inner" / "settings").write_text("old")
    plan = how_to_replace(str(tmp_path / "top" / "inner" / "settings"))
    monkeypatch.setattr(files, "how_to_replace", lambda *_, **__: plan)
    shutil.rmtree(tmp_path / "top")
    (tmp_path / "top").symlink_to("victim")
    with pytest.raises(HostError, match="somebody put a link into its path"):
        replace_contents("ignored", b"new")
    assert (tmp_path / "victim" / "inner" / "settings").read_text() == "precious"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Folders, pipes, circles of links and missing folders are named."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    for path, reason in (
        (tmp_path, "it is a folder"),
        (tmp_path / "pipe", "device, pipe or socket"),
        (tmp_path / "circle", "leads back to itself"),
        (tmp_path / "none" / "settings", "No such file or directory"),
    ):
        with pytest.raises(HostError, match=reason):
            replace_contents(str(path), b"x")


def test_the_plan_changes_nothing(tmp_path: Path) -> None:
    """Asking for the way neither writes nor leaves anything."""
    file = tmp_path / "settings"
    file.write_text("old")
    before = file.stat()
    assert how_to_replace(str(file)).way is Way.RENAME
    assert how_to_replace(str(tmp_path / "none")).way is Way.CREATE
    assert (file.stat(), names(tmp_path)) == (before, ["settings"])


def test_what_a_crash_leaves_is_found_again(tmp_path: Path) -> None:
    """Killed before the rename, the old contents are whole; the rubbish is removed by name or by the next try."""
    file = tmp_path / "settings"
    file.write_text("old")
    code = (
        "import os, signal, sys; from wizard.host import files;"
        "os.rename = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL);"
        "files.replace_contents(sys.argv[1], b'new')"
    )
    for clean_up in (lambda: remove_leftover(str(file)), lambda: replace_contents(str(file), b"old")):
        done = subprocess.run([sys.executable, "-c", code, str(file)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert file.read_text() == "old"
        assert len(names(tmp_path)) == 2
        assert clean_up()
        assert names(tmp_path) == ["settings"]
    assert not remove_leftover(str(file))


def test_the_longest_name_has_room_for_its_temporary_file(tmp_path: Path) -> None:
    """A name of 255 bytes can be replaced."""
    file = tmp_path / ("é" * 127 + "x")
    file.write_text("old")
    assert replace_contents(str(file), b"new").way is Way.RENAME
    assert (file.read_text(), len(names(tmp_path))) == ("new", 1)


def test_a_reader_sees_the_old_or_the_new_whole(tmp_path: Path) -> None:
    """While a file is replaced many times, no reading is of half of it."""
    file = tmp_path / "settings"
    versions = [bytes([65 + number]) * 50_000 for number in range(4)]
    file.write_bytes(versions[0])
    done = threading.Event()
    torn: list[int] = []

    def read() -> None:
        while not done.is_set():
            data = file.read_bytes()
            if data not in versions:
                torn.append(len(data))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        replace_contents(str(file), versions[number % 4])
    done.set()
    reader.join()
    assert torn == []


def test_mounts_are_read_with_blanks_in_their_names() -> None:
    """Octal in the kernel's table is undone; half a line is left out."""
    text = "36 35 98:0 /mnt1/my\\040file /opt/a\\134b rw,noatime master:1 - ext3 /dev/root rw\n1 2 3\n"
    assert [(mount.device, mount.root, mount.point) for mount in read_mounts(text)] == [
        ("98:0", "/mnt1/my file", "/opt/a\\b")
    ]


def test_an_ordinary_file_is_no_mount(tmp_path: Path) -> None:
    """A file that only lies on a mounted file system can be renamed."""
    (tmp_path / "x").write_text("")
    assert mounted_by_itself(str(tmp_path / "x")) == ""
