"""Replaces what a file holds, and nothing else of it: links, owner, mode and attributes stay.

The new contents go to a temporary file in the same folder that takes the old one's name, so that a
reader (and a crash) sees the old or the new whole. Where a rename would break something they are
written in place; the caller keeps a copy of the old ones on disk for that.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError
from wizard.host.mounts import mounted_by_itself
from wizard.host.supervisor.durable import fsync_folder, open_folder, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAFE: Final = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_KERNELS_OWN: Final = frozenset({"security.ima", "security.evm"})
"""Attributes over a file's contents, which the kernel computes by itself."""

_HINTS: Final = {
    errno.ENOSPC: "Free some space there and try again.",
    errno.EDQUOT: "The quota is used up: free some space and try again.",
    errno.EROFS: "The file system is mounted read-only.",
    errno.EACCES: "Start again as the owner of the file, or with `sudo wizard`.",
    errno.EPERM: "Start again as the owner of the file, or with `sudo wizard`; `lsattr` shows whether it is locked.",
    errno.ETXTBSY: "It is a program that runs now: stop it first.",
}


class Way(StrEnum):
    """How contents get into a file."""

    CREATE = "create"
    RENAME = "rename"
    IN_PLACE = "in_place"


@dataclass(frozen=True, slots=True)
class Replacement:
    """How a file will be replaced (or was): `target` is the file behind the links in `links`, `why` says why so."""

    path: str
    target: str
    links: tuple[str, ...]
    way: Way
    why: str = ""


WriteReport = Replacement
"""How a file was replaced; the way can differ from the planned one where attributes could not be kept."""


def how_to_replace(path: str, *, in_place: bool = False) -> Replacement:
    """Say how `replace_contents` would go about it; nothing is changed.

    HostError where `path` is no regular file, or its folder does not exist.
    """
    links = _links(path)
    target = os.path.realpath(path)
    with _folder_of(target) as folder:
        seen = _seen(folder, target)
        if seen is None:
            why = "it does not exist yet" + (", though a link leads to it" if links else "")
            return Replacement(path, target, links, Way.CREATE, why)
        why = "the guide wants it so" if in_place else _why_in_place(folder, target, seen)
    return Replacement(path, target, links, Way.IN_PLACE if why else Way.RENAME, why)


def replace_contents(path: str, data: bytes, *, in_place: bool = False, mode: int | None = None) -> WriteReport:
    """Make `data` the contents of `path` and flush them to the disk; gives the way it went.

    A file that does not exist is made with `mode` (where None: as the umask has it); one that exists
    keeps its mode. Nothing is left behind and the old contents stay where it fails, but for a write in
    place on a failing disk: HostError says so then.
    """
    plan = how_to_replace(path, in_place=in_place)
    with _folder_of(plan.target) as folder:
        name = Path(plan.target).name
        try:
            match plan.way:
                case Way.CREATE:
                    _create(folder, name, data, mode)
                case Way.IN_PLACE:
                    _write_in_place(folder, name, data)
                case Way.RENAME:
                    plan = _rename_or_write(folder, name, data, plan)
            fsync_folder(folder)
        except OSError as error:
            raise _unwritable(plan.target, error) from None
    return plan


def remove_leftover(path: str) -> bool:
    """Remove the temporary file that a crash within `replace_contents` left; True where there was one."""
    target = os.path.realpath(path)
    with _folder_of(target) as folder:
        try:
            os.unlink(_temporary(Path(target).name), dir_fd=folder)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unwritable(target, error) from None
        fsync_folder(folder)
        return True


def _links(path: str) -> tuple[str, ...]:
    """The links that are followed from `path` on, where its last part is one."""
    found: list[Path] = []
    place = Path(path)
    while place.is_symlink():
        if place in found:
            raise HostError(f"{path} is a link that leads back to itself")
        found.append(place)
        place = place.parent / place.readlink()
    return tuple(map(str, found))


@contextlib.contextmanager
def _folder_of(target: str) -> Iterator[int]:
    """A descriptor of the folder that `target` (absolute, without links) lies in, surely that one."""
    parent = Path(target).parent
    try:
        folder = open_folder(parent)
    except OSError as error:
        raise HostError(
            f"{target} cannot be written: the folder {parent}: {error.strerror}", hint=_HINTS.get(error.errno or 0, "")
        ) from None
    try:
        if Path(f"/proc/self/fd/{folder}").readlink() != parent:
            raise HostError(f"{target} was left as it is: somebody put a link into its path just now")
        yield folder
    finally:
        os.close(folder)


def _seen(folder: int, target: str) -> os.stat_result | None:
    """What is there, None where nothing is. HostError where it is no regular file."""
    try:
        seen = os.stat(Path(target).name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unwritable(target, error) from None
    if not stat.S_ISREG(seen.st_mode):
        kind = "a folder" if stat.S_ISDIR(seen.st_mode) else "a link, device, pipe or socket"
        raise HostError(f"{target} cannot be written: it is {kind}, not a file")
    return seen


def _why_in_place(folder: int, target: str, seen: os.stat_result) -> str:
    """Why a rename would break something, or is not possible; empty where it is fine."""
    if seen.st_nlink > 1:
        return f"it has {seen.st_nlink} names (hard links), and a rename would part them"
    if mount := mounted_by_itself(target):
        return f"{mount}, and a rename would not reach what is mounted"
    user = os.geteuid()
    if user == 0:
        return ""
    if seen.st_uid != user:
        return "it belongs to somebody else, and only root could give it back"
    above = os.fstat(folder)
    if not os.access(f"/proc/self/fd/{folder}", os.W_OK | os.X_OK, effective_ids=True):
        return "no file can be made in its folder"
    if above.st_mode & stat.S_ISVTX and user not in (above.st_uid, seen.st_uid):
        return "its folder lets only the owner rename it"
    return ""


def _rename_or_write(folder: int, name: str, data: bytes, plan: Replacement) -> WriteReport:
    """Replace by rename, or in place where the new file would not get the attributes of the old one."""
    with _new_file(folder, name, 0o600) as temporary:
        file, beside = temporary
        write_all(file, data)
        try:
            _keep_attributes(folder, name, file)
        except OSError as error:
            why = f"its attributes can be kept in no other way ({error.strerror})"
        else:
            os.fsync(file)
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
            return plan
    _write_in_place(folder, name, data)
    return Replacement(plan.path, plan.target, plan.links, Way.IN_PLACE, why)


def _create(folder: int, name: str, data: bytes, mode: int | None) -> None:
    """Make a file that was not there; one that came up meanwhile is left alone (FileExistsError)."""
    with _new_file(folder, name, 0o666 if mode is None else 0o600) as temporary:
        file, beside = temporary
        write_all(file, data)
        if mode is not None:
            os.fchmod(file, mode)
        os.fsync(file)
        try:
            os.link(beside, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
                raise
            # A file system without hard links has no other way to a whole file.
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)


@contextlib.contextmanager
def _new_file(folder: int, name: str, mode: int) -> Iterator[tuple[int, str]]:
    """A new file beside `name`: its descriptor and name. It is gone afterwards unless it was renamed."""
    temporary = _temporary(name)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, mode, dir_fd=folder)
    try:
        yield file, temporary
    finally:
        os.close(file)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)


def _temporary(name: str) -> str:
    """The one name the temporary file of `name` has, so that a later run finds what a crash left."""
    temporary = f".{name}.wizard"
    if len(os.fsencode(temporary)) <= 255:
        return temporary
    return f".{hashlib.sha256(os.fsencode(name)).hexdigest()[:32]}.wizard"


def _keep_attributes(folder: int, name: str, file: int) -> None:
    """Give `file` owner, mode, access list and attributes of `name`, in the order in which none undoes another."""
    seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
    made = os.fstat(file)
    if (made.st_uid, made.st_gid) != (seen.st_uid, seen.st_gid):
        os.fchown(file, seen.st_uid, seen.st_gid)
    os.fchmod(file, stat.S_IMODE(seen.st_mode))
    wanted, there = _attributes(f"/proc/self/fd/{folder}/{name}"), _attributes(file)
    for attribute in there.keys() - wanted.keys():
        os.removexattr(file, attribute)
    for attribute, value in wanted.items():
        if there.get(attribute) != value:
            os.setxattr(file, attribute, value)


def _attributes(file: str | int) -> dict[str, bytes]:
    """The extended attributes; none where the file system has none."""
    follow = {} if isinstance(file, int) else {"follow_symlinks": False}
    try:
        names = os.listxattr(file, **follow)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.ENOSYS):
            return {}
        raise
    return {name: os.getxattr(file, name, **follow) for name in names if name not in _KERNELS_OWN}


def _write_in_place(folder: int, name: str, data: bytes) -> None:
    """Write over what the file holds; room is taken first, and the old contents are put back where that fails."""
    file = os.open(name, os.O_RDWR | _SAFE, dir_fd=folder)
    try:
        mode = os.fstat(file).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no regular file any more")
        before = _whole(file)
        try:
            _fill(file, data, grow=len(data) > len(before))
            if os.fstat(file).st_mode != mode:
                # Writing takes the setuid and setgid bits away.
                os.fchmod(file, stat.S_IMODE(mode))
        except OSError as error:
            try:
                _fill(file, before, grow=False)
            except OSError as worse:
                raise OSError(
                    worse.errno, f"{error.strerror}; the old contents could not be put back either ({worse.strerror})"
                ) from None
            raise
    finally:
        os.close(file)


def _whole(file: int) -> bytes:
    parts = []
    while part := os.read(file, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _fill(file: int, data: bytes, *, grow: bool) -> None:
    if grow:
        try:
            os.posix_fallocate(file, 0, len(data))
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
                raise
    os.lseek(file, 0, os.SEEK_SET)
    write_all(file, data)
    os.ftruncate(file, len(data))
    os.fsync(file)


def _unwritable(target: str, error: OSError) -> HostError:
    if isinstance(error, FileExistsError):
        return HostError(f"{target} was left as it is: somebody made it just now", hint="Look at it, then try again.")
    reason = error.strerror or str(error)
    return HostError(f"{target} cannot be written: {reason}", hint=_HINTS.get(error.errno or 0, ""))
