"""Who and where this process is: user, terminal, origin of the login, machine, process; and whose is a pid."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.host.clock import Clock

NETWORK_FILE_SYSTEMS: Final = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
        "orangefs", "panfs", "pvfs2", "smb3", "smbfs",
    }
)  # fmt: skip
"""Names the kernel gives file systems whose files lie on another machine."""

NETWORK_FUSE: Final = re.compile(
    r"fuse\.(.*sshfs|.*glusterfs|.*ceph.*|.*rclone.*|.*s3.*|.*davfs.*|.*gcsfuse.*|.*blobfuse.*|curlftpfs|.*smb.*|juicefs|moosefs|mfs.*)"
)
"""The same for those that are programs; the kernel's number is one for all of these, only the name tells."""


@dataclass(frozen=True, slots=True)
class Who:
    """A process that drives or wants to, and the person behind it.

    `origin` is the address an SSH login came from (empty on the machine itself); `started` (clock ticks
    after boot), `boot` and `namespace` (of pids) make `pid` unmistakable.
    """

    uid: int
    user: str
    origin: str
    terminal: str
    pid: int
    started: int
    boot: str
    namespace: str

    def __str__(self) -> str:
        """Name the person and the place: `ada from 10.0.0.5 on pts/3 (pid 4711)`."""
        origin = f" from {self.origin}" if self.origin else ""
        terminal = f" on {self.terminal.removeprefix('/dev/')}" if self.terminal else ""
        return f"{self.user}{origin}{terminal} (pid {self.pid})"

    def as_json(self) -> dict[str, Any]:
        """Give it as it stands in the journal and in driver.lock."""
        return {
            "uid": self.uid,
            "user": self.user,
            "from": self.origin,
            "terminal": self.terminal,
            "pid": self.pid,
            "started": self.started,
            "boot": self.boot,
            "namespace": self.namespace,
        }

    @classmethod
    def from_json(cls, data: Any) -> Who | None:
        """Take it back; None where `data` is not what `as_json` gives."""
        texts, numbers = ("user", "from", "terminal", "boot", "namespace"), ("uid", "pid", "started")
        if not isinstance(data, dict):
            return None
        if not all(isinstance(data.get(name), str) for name in texts):
            return None
        if not all(type(data.get(name)) is int for name in numbers):
            return None
        return cls(
            uid=data["uid"],
            user=data["user"],
            origin=data["from"],
            terminal=data["terminal"],
            pid=data["pid"],
            started=data["started"],
            boot=data["boot"],
            namespace=data["namespace"],
        )


def who_am_i(clock: Clock, environ: Mapping[str, str] | None = None) -> Who:
    """Describe this process and its login."""
    uid, pid = os.geteuid(), os.getpid()
    return Who(
        uid=uid,
        user=user_name(uid),
        origin=ssh_origin(os.environ if environ is None else environ),
        terminal=terminal_name(),
        pid=pid,
        started=process_started(pid) or 0,
        boot=clock.boot(),
        namespace=pid_namespace(),
    )


def user_name(uid: int) -> str:
    """Name of a user, or the number as text where nobody has it."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def ssh_origin(environ: Mapping[str, str]) -> str:
    """Address the SSH login came from; empty where it is none."""
    words = (environ.get("SSH_CONNECTION") or environ.get("SSH_CLIENT") or "").split()
    return words[0] if words else ""


def terminal_name() -> str:
    """The terminal of this process (`/dev/pts/3`); empty where it has none."""
    for descriptor in (0, 1, 2):
        try:
            return os.ttyname(descriptor)
        except OSError:
            continue
    return ""


def machine_id(root: Path = Path("/")) -> str:
    """What tells this machine from others, across reboots: its machine-id, else its name as `name:HOST`."""
    for name in ("etc/machine-id", "var/lib/dbus/machine-id"):
        try:
            text = (root / name).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue
        if re.fullmatch(r"[0-9a-f]{32}", text):
            return text
    return f"name:{os.uname().nodename}"


def process_started(pid: int) -> int | None:
    """Kernel's start time of a process in clock ticks after boot; None where there is no such live process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name in brackets may itself hold blanks and brackets; the fields after the last one are plain.
    fields = text[text.rindex(b")") + 2 :].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def pid_namespace() -> str:
    """The namespace in which this process's pids mean something (`pid:[4026531836]`)."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def network_file_system(path: Path) -> str:
    """Type of the network file system `path` (its nearest existing parent) lies on; empty where it is local."""
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise HostError(f"the mounted file systems cannot be read: {error.strerror}") from None
    kind = mounted_type(os.path.realpath(path), table)
    return kind if kind in NETWORK_FILE_SYSTEMS or NETWORK_FUSE.fullmatch(kind) else ""


def mounted_type(path: str, mountinfo: str) -> str:
    """Type of the file system `path` (absolute, without links) lies on, by the text of /proc/self/mountinfo."""
    best, found = "", ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        inside = point in ("/", path) or path.startswith(f"{point}/")
        # Of two mounts on one point the later one covers the other.
        if inside and len(point) >= len(best):
            best, found = point, right.split(" ")[0]
    return found


def become(uid: int) -> None:
    """Turn this process (root's) into one of user `uid`, for good. HostError where that is refused."""
    import pwd

    try:
        entry = pwd.getpwuid(uid)
        os.initgroups(entry.pw_name, entry.pw_gid)
        os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
        os.setresuid(uid, uid, uid)
    except (OSError, KeyError) as error:
        raise HostError(
            f"cannot go on as user {uid}: {error}", hint="Log in as that user and start `wizard watch` there."
        ) from None
