"""What kind of machine this is: system, family, package manager, size, and whether it is a container."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError
from wizard.host.protocols import MachineFacts, Memory

if TYPE_CHECKING:
    from collections.abc import Mapping

_FAMILIES: Final = {
    "alpine": "alpine", "arch": "arch", "debian": "debian", "ubuntu": "debian", "fedora": "rhel", "rhel": "rhel",
    "centos": "rhel", "suse": "suse", "opensuse": "suse", "sles": "suse", "gentoo": "gentoo",
}  # fmt: skip
"""Family by the ids that /etc/os-release gives in ID and ID_LIKE."""

_MANAGERS: Final = {
    "alpine": ("apk",), "arch": ("pacman",), "debian": ("apt-get",), "rhel": ("dnf", "yum"),
    "suse": ("zypper",), "gentoo": ("emerge",),
}  # fmt: skip
"""Programs of the package manager by family, the preferred one first."""

_CONTAINER_MARKS: Final = (".dockerenv", "run/.containerenv", "run/systemd/container")
_CONTAINER_GROUPS: Final = ("docker", "kubepods", "containerd", "libpod", "lxc")


def describe(root: Path = Path("/")) -> MachineFacts:
    """Describe the machine whose files are under `root`; processors, memory and name are this one's."""
    release = os_release(root)
    ids = [release.get("ID", "linux"), *release.get("ID_LIKE", "").split()]
    family = next((_FAMILIES[name] for name in ids if name in _FAMILIES), ids[0])
    return MachineFacts(
        os=ids[0],
        os_version=release.get("VERSION_ID", ""),
        family=family,
        package_manager=package_manager(family),
        arch=os.uname().machine,
        cpus=os.cpu_count() or 1,
        memory=memory().total,
        hostname=os.uname().nodename,
        container=in_container(root),
    )


def os_release(root: Path = Path("/")) -> Mapping[str, str]:
    """The settings of /etc/os-release (or /usr/lib/os-release); empty where there is neither."""
    for place in ("etc/os-release", "usr/lib/os-release"):
        try:
            text = (root / place).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        return dict(_setting(line) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {}


def package_manager(family: str, path: str | None = None) -> str:
    """Name of the package manager (`apt`, `dnf`, …) that is installed, the family's own first; else empty."""
    others = [program for programs in _MANAGERS.values() for program in programs]
    for program in (*_MANAGERS.get(family, ()), *others):
        if shutil.which(program, path=path):
            return "apt" if program == "apt-get" else program
    return ""


def in_container(root: Path = Path("/")) -> bool:
    """Whether this is a container, by the marks that Docker, Podman, LXC and Kubernetes leave."""
    if any((root / mark).exists() for mark in _CONTAINER_MARKS):
        return True
    if any(entry.startswith(b"container=") for entry in _bytes(root / "proc/1/environ").split(b"\0")):
        return True
    groups = _bytes(root / "proc/1/cgroup").decode("utf-8", "replace")
    return any(name in groups for name in _CONTAINER_GROUPS)


def memory() -> Memory:
    """Memory of the machine, and what programs could still get. HostError where it cannot be told."""
    import psutil

    try:
        seen = psutil.virtual_memory()
    except (OSError, psutil.Error) as error:
        raise HostError(f"the memory of the machine cannot be told: {error}") from None
    return Memory(total=seen.total, available=seen.available)


def _setting(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    try:
        return name.strip(), "".join(shlex.split(value))
    except ValueError:
        return name.strip(), value.strip()


def _bytes(path: Path) -> bytes:
    """Bytes of a file of the kernel; nothing where it is not there or not for this user."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
