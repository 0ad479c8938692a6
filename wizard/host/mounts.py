"""What is mounted; and which files are mounted one by one, here or in a container: a rename would leave the old one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.errors import HostError
from wizard.host.protocols import MountFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of a mountinfo: `root` is the path inside the file system `device` that is seen at `point`."""

    device: str
    root: str
    point: str


def read_mounts(text: str) -> list[Mount]:
    """The mounts in the text of a mountinfo, in its order."""
    fields = (line.split(" ") for line in text.splitlines())
    return [Mount(line[2], _plain(line[3]), _plain(line[4])) for line in fields if len(line) > 4]


def all_mounts() -> Sequence[MountFacts]:
    """All mounts this process sees, in the order in which they were made. HostError where they cannot be told."""
    try:
        text = (_PROC / "self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise HostError(f"what is mounted cannot be told: {error.strerror}") from None
    return [mount for line in text.splitlines() if (mount := _as_facts(line)) is not None]


def _as_facts(line: str) -> MountFacts | None:
    """One line of a mountinfo; options of the mount and of its file system together, each once."""
    own, _, rest = line.partition(" - ")
    fields, behind = own.split(" "), rest.split(" ")
    if len(fields) < 6 or len(behind) < 3:
        return None
    options = dict.fromkeys(_plain(one) for one in [*fields[5].split(","), *behind[2].split(",")])
    if "ro" in options:
        options.pop("rw", None)  # the file system may be writable, and this mount of it not
    return MountFacts(_plain(fields[4]), behind[0], _plain(behind[1]), tuple(options))


def mounted_by_itself(target: str) -> str:
    """Why a rename over the file `target` (absolute, without links) would break a mount; empty where it would not."""
    mine = read_mounts(_read(_PROC / "self/mountinfo"))
    if any(mount.point == target for mount in mine):
        return "it is a mount point"
    around = _around(target, mine)
    if around is None:
        return ""
    inside = f"{around.root.rstrip('/')}/{target[len(around.point) :].lstrip('/')}"
    for process, mounts in _other_namespaces():
        if any(mount.device == around.device and mount.root == inside for mount in mounts):
            return f"it is mounted into a container (process {process})"
    return ""


def _around(target: str, mounts: list[Mount]) -> Mount | None:
    """The mount that `target` lies on; of two on one point the later one covers the other."""
    best = None
    for mount in mounts:
        inside = mount.point == "/" or target.startswith(f"{mount.point}/")
        if inside and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best


def _other_namespaces() -> Iterator[tuple[int, list[Mount]]]:
    """The mounts of processes in other mount namespaces, as far as this user may see them."""
    seen = {_namespace("self")}
    for entry in sorted((entry.name for entry in _PROC.iterdir() if entry.name.isdigit()), key=int):
        namespace = _namespace(entry)
        if namespace is not None and namespace not in seen:
            seen.add(namespace)
            yield int(entry), read_mounts(_read(_PROC / entry / "mountinfo"))


def _namespace(process: str) -> int | None:
    try:
        return (_PROC / process / "ns/mnt").stat().st_ino
    except OSError:
        return None


def _read(path: Path) -> str:
    """Text of a file of the kernel; nothing where the process has ended or is somebody else's."""
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _plain(field: str) -> str:
    """A path as it is; mountinfo writes blanks in octal."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)
