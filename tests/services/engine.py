"""A Docker engine of the tests' own: a private dockerd on its own socket, and small images made without a registry.

Containers are real and so are their networks: every engine has a bridge of its own, whose address `host` is this
machine as containers see it. No packet filter is touched; published ports go through Docker's own proxy.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import subprocess
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.conftest import without_part
from tests.services.daemons import own_folder, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from docker import DockerClient

NETWORKS: Final = range(64, 128)
"""Second numbers of the 100.N networks an engine chooses from; no other network of a machine is made of these."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running dockerd: `url` is its DOCKER_HOST, `host` this machine as containers see it, `folder` has its log."""

    url: str
    host: str
    folder: Path
    client: DockerClient

    @property
    def environment(self) -> dict[str, str]:
        """What docker and docker-compose need to reach it."""
        return {"DOCKER_HOST": self.url}

    def docker(self, *words: str, check: bool = True) -> str:
        """Run the docker client; what it printed, errors included. Fails where it does, unless told not to check."""
        done = subprocess.run(
            ["docker", *words],
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout
        return done.stdout

    def import_image(self, name: str, files: Mapping[str, bytes | str], changes: Sequence[str] = ()) -> None:
        """Make an image of busybox and `files` (path to contents; a text is an executable script).

        `changes` are lines of a Dockerfile that `docker import` takes: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL.
        """
        self.client.api.import_image_from_data(_packed(files), *_name_and_tag(name), changes=list(changes))

    def derive_image(self, name: str, base: str, changes: Sequence[str] = ()) -> None:
        """Make an image that differs from `base` only in `changes`; its files are stored once."""
        container = self.client.containers.create(base, command=["true"])
        try:
            repository, tag = _name_and_tag(name)
            container.commit(repository, tag, changes="\n".join(changes) or None)
        finally:
            container.remove(force=True)

    def clear(self) -> None:
        """Remove all containers and the networks that were made for them; images stay."""
        for container in self.client.containers.list(all=True):
            with contextlib.suppress(_not_found()):
                container.remove(force=True, v=True)
        self.client.networks.prune()
        self.client.volumes.prune()


def programs_with_libraries(*programs: Path) -> dict[str, bytes]:
    """The programs under /usr/bin and every shared library they load, as files for an image."""
    files: dict[str, bytes] = {}
    for program in programs:
        files[f"usr/bin/{program.name}"] = program.read_bytes()
        listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines():
            words = line.split()
            path = words[2] if "=>" in words else words[0]
            if path.startswith("/"):
                files[path.lstrip("/")] = Path(path).read_bytes()
    return files


def _packed(files: Mapping[str, bytes | str]) -> bytes:
    """A tar of a root file system: busybox under all its names, and the files."""
    busybox = _busybox()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder, mode in (("tmp", 0o1777), ("etc", 0o755), ("bin", 0o755), ("run", 0o755), ("root", 0o700)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        everything: dict[str, bytes | str] = {
            "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\n",
            "bin/busybox": busybox.read_bytes(),
            **files,
        }
        for name, contents in everything.items():
            data = contents.encode() if isinstance(contents, str) else contents
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644 if name.startswith("etc/") else 0o755
            tar.addfile(entry, io.BytesIO(data))
        for applet in subprocess.run(
            [str(busybox), "--list"], capture_output=True, text=True, check=True
        ).stdout.split():
            if applet != "busybox" and f"bin/{applet}" not in everything:
                entry = tarfile.TarInfo(f"bin/{applet}")
                entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(entry)
    return buffer.getvalue()


def _busybox() -> Path:
    """The busybox that needs no library."""
    for path in ("/usr/bin/busybox", "/bin/busybox"):
        if Path(path).exists() and b"/lib64/ld-linux" not in Path(path).read_bytes():
            return Path(path)
    without_part("busybox-static is not installed (make services)")
    raise AssertionError


def _name_and_tag(name: str) -> tuple[str, str]:
    repository, _, tag = name.rpartition(":")
    return repository, tag


def _not_found() -> type[Exception]:
    from docker.errors import NotFound

    return NotFound


@contextmanager
def running_engine() -> Iterator[Engine]:
    """A fresh engine without images; ended by its own process id, its containers and networks gone."""
    if os.geteuid() != 0:
        without_part("dockerd needs root")
    dockerd = _program("dockerd", "docker.io")
    _program("docker", "docker.io")
    from docker import DockerClient

    with own_folder("engine", None) as folder, _bridge() as (bridge, address, pool):
        url = f"unix://{folder}/engine.sock"
        words = [
            dockerd, "--host", url, "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec"),
            "--pidfile", str(folder / "dockerd.pid"), "--bridge", bridge, "--default-address-pool",
            f"base={pool},size=24", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
            "--storage-driver", "overlay2", "--log-level", "warn", "--shutdown-timeout", "2",
        ]  # fmt: skip
        try:
            with running(words, user=None, folder=folder, ready=partial(_answers, folder / "engine.sock")):
                client = DockerClient(base_url=url, version="auto", timeout=60)
                engine = Engine(url, address, folder, client)
                try:
                    yield engine
                finally:
                    engine.clear()
                    client.close()
        finally:
            _unmount_below(folder)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One engine for all tests of a process. A test that makes containers clears it when it is done."""
    with running_engine() as running_now:
        yield running_now


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        without_part(f"{package} is not installed (make services)")
    return str(found)


@contextmanager
def _bridge() -> Iterator[tuple[str, str, str]]:
    """A bridge for one engine: its name, its address, and the network from which its other networks are taken."""
    ip = _program("ip", "iproute2")
    taken = subprocess.run([ip, "-4", "-o", "address"], capture_output=True, text=True, check=True).stdout
    for number in (number for number in NETWORKS if f" 100.{number}." not in taken):
        # Its name says the number, so that of several processes that saw it free only one gets it.
        name, address = f"wz-tests-{number}", f"100.{number}.255.1"
        made = subprocess.run([ip, "link", "add", name, "type", "bridge"], check=False, capture_output=True)
        if made.returncode == 0:
            break
    else:
        pytest.fail("no bridge can be made, or every network is taken")
    try:
        subprocess.run([ip, "address", "add", f"{address}/24", "dev", name], check=True)
        subprocess.run([ip, "link", "set", name, "up"], check=True)
        yield name, address, f"100.{number}.0.0/17"
    finally:
        subprocess.run([ip, "link", "delete", name], check=False)


def _answers(path: Path) -> bool:
    """Whether an engine answers there; asked by hand, because the SDK leaves a socket open where nobody does."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(5)
        try:
            asking.connect(str(path))
            asking.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 OK" in asking.recv(64)
        except OSError:
            return False


def _unmount_below(folder: Path) -> None:
    """Let go of what a container that ended badly left mounted, so that the folder can be removed."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((one for one in mounts if one.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False)
