"""Who this process is and where: read from the kernel and the login, and safe to compare."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wizard.host import identity
from wizard.host.clock import SystemClock, utc_text
from wizard.host.identity import Who, machine_id, mounted_type, process_started, ssh_origin, who_am_i

MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:20 / /run rw,nosuid shared:2 - tmpfs tmpfs rw
23 21 0:40 / /home rw,relatime shared:3 - nfs4 server:/home rw,vers=4.2
24 23 8:2 / /home/ada/local rw,relatime - xfs /dev/sda2 rw
25 21 0:50 / /mnt/with\\040blank rw - fuse.sshfs ada@host:/ rw
26 21 0:51 / /mnt/twice rw - ext4 /dev/sda3 rw
27 21 0:52 / /mnt/twice rw - cifs //server/share rw
28 21 0:53 / /mnt/ntfs rw - fuseblk /dev/sdb1 rw
rubbish
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/opt/x", "ext4"),
        ("/home", "nfs4"),
        ("/home/ada", "nfs4"),
        ("/homes", "ext4"),
        ("/home/ada/local/share", "xfs"),
        ("/mnt/with blank/x", "fuse.sshfs"),
        ("/mnt/twice", "cifs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(path: str, kind: str) -> None:
    """Deeper and later mounts win, names with blanks are understood, likeness of names is not enough."""
    assert mounted_type(path, MOUNTS) == kind


@pytest.mark.parametrize(
    ("kind", "is_network"),
    [("nfs", True), ("cifs", True), ("fuse.sshfs", True), ("fuse.glusterfs", True), ("9p", True), ("fuse.s3fs", True),
     ("ext4", False), ("fuseblk", False), ("fuse.ntfs-3g", False), ("overlay", False), ("fuse.gocryptfs", False)],
)  # fmt: skip
def test_file_systems_on_other_machines_are_told_from_local_ones(kind: str, is_network: bool) -> None:
    """Also those that are programs, which the kernel's number alone does not tell apart."""
    found = kind in identity.NETWORK_FILE_SYSTEMS or identity.NETWORK_FUSE.fullmatch(kind) is not None
    assert found is is_network


def test_this_machines_own_disk_is_no_network(tmp_path: Path) -> None:
    """A real path on this machine is looked at, also where it does not exist yet."""
    assert identity.network_file_system(tmp_path / "not" / "there") == ""


def test_a_process_is_told_by_its_start(tmp_path: Path) -> None:
    """The start time stays while a process lives, and a zombie or an unknown pid has none."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        started = process_started(child.pid)
        assert started is not None
        assert started == process_started(child.pid)
        assert started >= (process_started(os.getpid()) or 0)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process_started(child.pid) is None
    assert process_started(1 << 30) is None


def test_a_process_with_brackets_in_its_name_is_read_right(tmp_path: Path) -> None:
    """The name of a program may hold blanks and brackets."""
    program = tmp_path / "a) R 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "60"]) as child:
        try:
            started = process_started(child.pid)
            assert started is not None
            assert started >= (process_started(os.getpid()) or 0)
        finally:
            child.kill()


def test_who_comes_back_from_what_is_written() -> None:
    """What stands in the journal gives the same person and process; anything else gives nobody."""
    who = who_am_i(SystemClock(), {"SSH_CONNECTION": "10.0.0.5 50000 10.0.0.1 22"})
    assert (who.pid, who.uid, who.origin) == (os.getpid(), os.geteuid(), "10.0.0.5")
    assert "from 10.0.0.5" in str(who)
    assert Who.from_json(who.as_json()) == who
    for changed in ({"pid": "1"}, {"uid": True}, {"user": None}):
        assert Who.from_json({**who.as_json(), **changed}) is None
    assert Who.from_json(None) is Who.from_json([]) is Who.from_json({}) is None


def test_the_origin_of_a_login() -> None:
    """The address of the SSH client, and nothing where there is none."""
    assert ssh_origin({"SSH_CONNECTION": "fe80::1%eth0 1 fe80::2 22"}) == "fe80::1%eth0"
    assert ssh_origin({"SSH_CLIENT": "10.0.0.9 1 22"}) == "10.0.0.9"
    assert ssh_origin({"SSH_CONNECTION": ""}) == ""
    assert ssh_origin({}) == ""


@pytest.mark.parametrize(
    ("text", "told"), [("0123456789abcdef0123456789abcdef\n", True), ("uninitialized\n", False), ("", False)]
)
def test_a_machine_without_an_id_is_told_by_its_name(tmp_path: Path, text: str, told: bool) -> None:
    """An empty or unfinished machine-id (images, containers) tells nothing; the name then does."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text(text)
    assert machine_id(tmp_path) == (text.strip() if told else f"name:{os.uname().nodename}")


def test_times_are_utc_to_the_millisecond() -> None:
    """The written form sorts by time and is the same in every time zone."""
    from datetime import UTC, datetime, timedelta, timezone

    moment = datetime(2026, 3, 1, 23, 4, 5, 999999, tzinfo=timezone(timedelta(hours=1)))
    assert utc_text(moment) == utc_text(moment.astimezone(UTC)) == "2026-03-01T22:04:05.999Z"
    clock = SystemClock()
    first = clock.boottime()
    assert first <= clock.boottime()
    assert clock.boot() == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@pytest.mark.usefixtures("root_only")
def test_root_becomes_a_user_for_good() -> None:
    """After it the process has that user's ids, groups and no way back."""
    script = (
        "import os; from wizard.host.identity import become; import pwd; uid = pwd.getpwnam('nobody').pw_uid\n"
        "become(uid); assert os.getresuid() == (uid, uid, uid); assert 0 not in os.getgroups()\n"
        "try: os.setuid(0)\nexcept PermissionError: print('no way back')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60)
    assert done.stdout == "no way back\n", done.stderr
