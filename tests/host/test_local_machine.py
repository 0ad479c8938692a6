"""The machine the tests run on, and how it is read where it is another one."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.staged import StagedMachine
from wizard.errors import HostError
from wizard.host import about
from wizard.host.local import LocalMachine
from wizard.host.protocols import FileFacts, Machine
from wizard.host.units import unit

if TYPE_CHECKING:
    from collections.abc import Iterator


def tree(root: Path, **files: str) -> Path:
    """Files under `root`, by their paths with `__` for slashes."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_both_machines_keep_the_contract() -> None:
    """The real and the staged machine are what the engine takes for a machine."""
    machines: list[Machine] = [LocalMachine(), StagedMachine()]
    assert all(machine.about().cpus >= 1 for machine in machines)


def test_this_machine_is_described() -> None:
    """What is said of this machine is what the kernel says."""
    seen = LocalMachine().about()
    assert (seen.arch, seen.hostname, seen.cpus) == (os.uname().machine, os.uname().nodename, os.cpu_count())
    assert seen.memory == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert seen.os != ""


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ('ID=debian\nVERSION_ID="12"\n', ("debian", "12", "debian")),
        ("# by hand\nID=ubuntu\nID_LIKE=debian\nVERSION_ID='24.04'\n", ("ubuntu", "24.04", "debian")),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n', ("rocky", "9.4", "rhel")),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"\n', ("opensuse-leap", "15.6", "suse")),
        ("ID=arch\n", ("arch", "", "arch")),
        ('ID=odd\nVERSION_ID="un closed\n', ("odd", '"un closed', "odd")),
        ("", ("linux", "", "linux")),
    ],
)
def test_the_family_is_read_from_the_release(tmp_path: Path, release: str, expected: tuple[str, str, str]) -> None:
    """Systems that descend from another are of its family."""
    seen = about.describe(tree(tmp_path, **{"etc__os-release": release}))
    assert (seen.os, seen.os_version, seen.family) == expected


def test_the_package_manager_is_the_familys_own_where_there_are_several(tmp_path: Path) -> None:
    """What is installed counts, the family's own first, and apt is called by its name."""
    for program in ("apt-get", "dnf", "yum"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    path = str(tmp_path)
    assert about.package_manager("debian", path) == "apt"
    assert about.package_manager("rhel", path) == "dnf"
    (tmp_path / "dnf").unlink()
    assert about.package_manager("rhel", path) == "yum"
    assert about.package_manager("odd", path) == "apt"
    assert about.package_manager("odd", str(tmp_path / "none")) == ""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".dockerenv": ""}, True),
        ({"run__.containerenv": ""}, True),
        ({"proc__1__environ": "PATH=/bin\0container=lxc\0"}, True),
        ({"proc__1__cgroup": "12:pids:/kubepods/besteffort/pod7\n"}, True),
        ({"proc__1__cgroup": "0::/init.scope\n", "proc__1__environ": "PATH=/bin\0notcontainer=1\0"}, False),
        ({}, False),
    ],
)
def test_a_container_is_known_by_its_marks(tmp_path: Path, files: dict[str, str], expected: bool) -> None:
    """Docker, Podman, LXC and Kubernetes are seen; a plain machine is none."""
    assert about.in_container(tree(tmp_path, **files)) is expected


def test_room_is_that_of_the_nearest_existing_folder(tmp_path: Path) -> None:
    """A folder that is still to be made has the room of the one above it."""
    machine = LocalMachine()
    seen = machine.disk(str(tmp_path / "not" / "yet"))
    assert seen.device == tmp_path.stat().st_dev
    assert seen.total == shutil.disk_usage(tmp_path).total
    assert 0 < seen.free <= seen.total
    assert machine.disk("relative/path").device == Path.cwd().stat().st_dev


def test_memory_and_load_are_the_kernels() -> None:
    """Memory is within what there is, the load is that of /proc."""
    machine = LocalMachine()
    assert 0 < machine.memory().available <= machine.memory().total
    assert all(load >= 0 for load in machine.load())


def test_a_path_is_described(tmp_path: Path) -> None:
    """Files, folders, links, pipes and nothing are told apart."""
    file = tmp_path / "a file"
    file.write_text("hello")
    file.chmod(0o640)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    (tmp_path / "link").symlink_to(file)
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    machine = LocalMachine()
    seen = machine.stat(str(tmp_path / "link"))
    assert (seen.exists, seen.kind, seen.size, seen.mode, seen.modified) == (True, "file", 5, 0o640, 1e9)
    assert (seen.owner, seen.readable, seen.writable) == (file.owner(), True, True)
    assert machine.stat(str(tmp_path)).kind == "folder"
    assert machine.stat(str(tmp_path / "pipe")).kind == "other"
    assert machine.stat(str(tmp_path / "dangling")) == FileFacts(exists=False, kind="link")
    assert machine.stat(str(tmp_path / "none")) == FileFacts(exists=False)
    assert machine.stat(str(file / "below a file")) == FileFacts(exists=False)
    with pytest.raises(HostError, match="embedded null byte"):
        machine.stat("a\0b")


@pytest.mark.usefixtures("root_only")
def test_an_owner_without_a_name_is_a_number(tmp_path: Path) -> None:
    """A user that is gone is still told apart."""
    file = tmp_path / "x"
    file.write_text("")
    os.chown(file, 54_321, 54_322)
    seen = LocalMachine().stat(str(file))
    assert (seen.owner, seen.group) == ("54321", "54322")


@pytest.mark.usefixtures("root_only")
def test_what_may_not_be_looked_at_is_no_absence() -> None:
    """A folder that may not be entered gives a reason, never `does not exist`."""
    folder = Path(tempfile.mkdtemp())
    (folder / "x").write_text("secret")
    machine = LocalMachine()
    os.seteuid(65534)
    try:
        for ask in (machine.stat, machine.read, machine.sha256, machine.disk):
            with pytest.raises(HostError, match=r"[Pp]ermission denied"):
                ask(str(folder / "x"))
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


def test_files_are_read_up_to_the_limit(tmp_path: Path) -> None:
    """The first bytes are given, a whole small file too, and one of the kernel whose size is not known."""
    file = tmp_path / "x"
    data = bytes(range(256)) * 8000
    file.write_bytes(data)
    machine = LocalMachine()
    assert machine.read(str(file)) == data
    assert machine.read(str(file), 300) == data[:300]
    assert machine.read(str(file), 0) == b""
    assert machine.read("/proc/self/cmdline")
    assert machine.sha256(str(file)) == hashlib.sha256(data).hexdigest()


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    """Folders and pipes are refused at once, a missing file says so."""
    os.mkfifo(tmp_path / "pipe")
    machine = LocalMachine()
    for path, reason in ((tmp_path, "is a folder"), (tmp_path / "pipe", "pipe"), (tmp_path / "none", "No such file")):
        for ask in (machine.read, machine.sha256):
            with pytest.raises(HostError, match=reason):
                ask(str(path))


def test_patterns_find_paths_in_order(tmp_path: Path) -> None:
    """Stars stay within a name, two stars go down, hidden names are asked for by their dot."""
    tree(tmp_path, **{"b.sql": "", "a.sql": "", "deep__er__c.sql": "", ".hidden.sql": ""})
    machine = LocalMachine()
    assert machine.glob(f"{tmp_path}/*.sql") == [f"{tmp_path}/a.sql", f"{tmp_path}/b.sql"]
    assert machine.glob(f"{tmp_path}/**/*.sql") == [
        f"{tmp_path}/a.sql",
        f"{tmp_path}/b.sql",
        f"{tmp_path}/deep/er/c.sql",
    ]
    assert machine.glob(f"{tmp_path}/.*.sql") == [f"{tmp_path}/.hidden.sql"]
    assert machine.glob(f"{tmp_path}/none*") == []


def test_processes_are_listed_with_their_start() -> None:
    """A process is found by its command line, with the kernel's start time, and not after its end."""
    words = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()", "look-for-me"]
    machine = LocalMachine()
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (found,) = [one for one in machine.processes() if "look-for-me" in one.command]
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
        assert (found.pid, found.started, found.command) == (process.pid, int(fields[19]), " ".join(words))
        process.communicate()
    assert not [one for one in machine.processes() if "look-for-me" in one.command]


@pytest.fixture(name="port")
def port_fixture() -> Iterator[int]:
    """A port on which this process listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


def test_who_listens_is_named(port: int) -> None:
    """The process behind a port is named; connections that only went through it are not."""
    machine = LocalMachine()
    name = Path("/proc/self/comm").read_text().strip()
    (seen,) = machine.listeners(port)
    assert seen.startswith(name)
    with socket.create_connection(("127.0.0.1", port)) as client:
        assert machine.listeners(client.getsockname()[1]) == []
    assert machine.connects("127.0.0.1", port, 5) == ""


@pytest.mark.usefixtures("root_only")
def test_a_listener_that_cannot_be_seen_is_a_question_mark() -> None:
    """Without rights the port is still known to be taken."""
    code = (
        "import socket, sys; s = socket.create_server(('127.0.0.1', 0));"
        "print(s.getsockname()[1], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        os.seteuid(65534)
        try:
            assert LocalMachine().listeners(port) == ["?"]
        finally:
            os.seteuid(0)
        assert LocalMachine().listeners(port) != ["?"]
        process.communicate()


def test_without_systemd_no_unit_is_guessed(tmp_path: Path) -> None:
    """A machine that systemd did not start says so, instead of `inactive`."""
    with pytest.raises(HostError, match="does not run systemd"):
        unit("nginx", booted=tmp_path / "none")


SYSTEMCTL = """#!/bin/sh
# Stand-in for systemctl: replies as version 252 does.
echo "$*" >>"{folder}/asked"
for last; do :; done
case $last in
nginx) printf 'Id=nginx.service\\nLoadState=loaded\\nActiveState=active\\nDescription=a=b\\n' ;;
broken) echo 'Failed to connect to bus: No such file or directory' >&2; exit 1 ;;
*) printf 'LoadState=not-found\\nActiveState=inactive\\n' ;;
esac
"""


def test_units_are_asked_of_systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Properties are given by name; a name that looks like an option stays a name; a failure has its reason."""
    program = tmp_path / "systemctl"
    program.write_text(SYSTEMCTL.format(folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert unit("nginx", booted=tmp_path) == {
        "Id": "nginx.service",
        "LoadState": "loaded",
        "ActiveState": "active",
        "Description": "a=b",
    }
    assert unit("--now", booted=tmp_path)["LoadState"] == "not-found"
    assert (tmp_path / "asked").read_text().splitlines()[-1].endswith(" -- --now")
    with pytest.raises(HostError, match="Failed to connect to bus"):
        unit("broken", booted=tmp_path)


def test_looking_imports_nothing_heavy() -> None:
    """Having a machine costs no psutil, no TLS, no SQLite until they are asked for."""
    code = (
        "import sys; from wizard.host.local import LocalMachine; LocalMachine().stat('/');"
        "print(sorted({'psutil', 'ssl', 'sqlite3', 'urllib.request', 'http.client', 'subprocess', 'hashlib'}"
        " & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
