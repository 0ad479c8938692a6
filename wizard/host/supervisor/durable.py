"""Files that are whole after a crash: written, flushed to the disk, then made visible by one rename or link.

Everything is opened from a folder's descriptor and never through a symbolic link. Modes are set on
each file, so the umask stays the operator's for the commands that are run. All of it raises OSError.
Standard library only: the leader and the pump use it too.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_SAFE: Final = os.O_NOFOLLOW | os.O_CLOEXEC


def open_folder(path: str | Path, *, at: int | None = None) -> int:
    """Open a folder (below the folder descriptor `at`, where given) and give its descriptor."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | _SAFE, dir_fd=at)


def make_folder(at: int, name: str, mode: int = 0o700) -> int:
    """Make folder `name` in folder `at` with exactly `mode`, flush `at`, and give the new folder's descriptor."""
    os.mkdir(name, mode, dir_fd=at)
    folder = open_folder(name, at=at)
    try:
        os.fchmod(folder, mode)
        fsync_folder(at)
    except OSError:
        os.close(folder)
        raise
    return folder


def fsync_folder(folder: int) -> None:
    """Flush the names in a folder; file systems that cannot (EINVAL) are left to their own order."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def write_all(file: int, data: bytes) -> None:
    """Write every byte of `data`, however many calls it takes."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def allocate(file: int, size: int) -> None:
    """Take `size` bytes of the disk for `file`, so that writing them later cannot meet a full disk."""
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
            raise
        write_all(file, bytes(size))
        os.lseek(file, 0, os.SEEK_SET)


def open_new(folder: int, name: str, mode: int = 0o600, flags: int = 0) -> int:
    """Make file `name` with exactly `mode` and open it for writing; FileExistsError where there is one."""
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE | flags, mode, dir_fd=folder)
    try:
        os.fchmod(file, mode)
    except OSError:
        os.close(file)
        raise
    return file


def write_new(folder: int, name: str, data: bytes, mode: int = 0o600) -> None:
    """Make file `name` holding `data`, flushed to the disk; FileExistsError where there is one.

    Nothing is left behind where it fails. The caller flushes the folder (once for several files).
    """
    file = open_new(folder, name, mode)
    try:
        try:
            write_all(file, data)
            os.fsync(file)
        finally:
            os.close(file)
    except OSError:
        os.unlink(name, dir_fd=folder)
        raise


def replace_file(folder: int, name: str, data: bytes, mode: int = 0o600) -> None:
    """Put `data` in the place of file `name` (or make it): always the old or the new whole, also after a crash."""
    temporary = f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
    write_new(folder, temporary, data, mode)
    try:
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(temporary, dir_fd=folder)
        raise
    fsync_folder(folder)


def open_file(folder: int, name: str, flags: int = os.O_RDONLY) -> int:
    """Open an existing regular file; OSError (EINVAL) where `name` is something else."""
    file = os.open(name, flags | os.O_NONBLOCK | _SAFE, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "not a regular file", name)
    return file


def read_file(folder: int, name: str, limit: int = 64 << 20) -> bytes:
    """Give the bytes of a regular file; OSError (EFBIG) where it holds more than `limit`."""
    file = open_file(folder, name)
    try:
        parts: list[bytes] = []
        held = 0
        while part := os.read(file, 1 << 20):
            held += len(part)
            if held > limit:
                raise OSError(errno.EFBIG, f"larger than {limit} bytes", name)
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(file)


def claim(folder: int, name: str, data: bytes) -> bool:
    """Make file `name` holding `data` unless it is there; True where it was made: one of many wins, for good.

    link(2) neither replaces nor shows half a file. Flushed, so that the winner is the same after a crash.
    """
    temporary = f".{name}.{os.getpid()}.{os.urandom(4).hex()}"
    write_new(folder, temporary, data)
    try:
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        made = True
    except FileExistsError:
        made = False
    finally:
        os.unlink(temporary, dir_fd=folder)
    fsync_folder(folder)
    return made
