"""Reads what is in the file system: what a path is, its bytes, its hash, and which paths match."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.errors import HostError
from wizard.host.identity import user_name
from wizard.host.protocols import FileFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def facts_of(path: str) -> FileFacts:
    """What a path is, links followed; a link that leads nowhere does not exist and is of kind `link`.

    HostError where that cannot be told (a folder above may not be entered).
    """
    try:
        seen = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return FileFacts(exists=False, kind="link" if Path(path).is_symlink() else "")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    return FileFacts(
        exists=True,
        kind=_kind(seen.st_mode),
        size=seen.st_size,
        mode=stat.S_IMODE(seen.st_mode),
        owner=user_name(seen.st_uid),
        group=_group_name(seen.st_gid),
        modified=seen.st_mtime,
        readable=os.access(path, os.R_OK, effective_ids=True),
        writable=os.access(path, os.W_OK, effective_ids=True),
        device=seen.st_dev,
    )


def read(path: str, limit: int) -> bytes:
    """The first `limit` bytes of a regular file. HostError where it cannot be read, or is something else."""
    with _opened(path) as file:
        parts = []
        while limit > 0 and (part := os.read(file, min(limit, 1 << 20))):
            parts.append(part)
            limit -= len(part)
        return b"".join(parts)


def sha256(path: str) -> str:
    """Hash of a regular file, in hex. HostError where it cannot be read, or is something else."""
    import hashlib

    with _opened(path) as file, open(file, "rb", closefd=False) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find(pattern: str) -> Sequence[str]:
    """Paths that match, sorted; `*` does not take hidden names, `**` goes down any number of folders."""
    import glob

    return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - pathlib follows other rules than a shell


def nearest_existing(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists. HostError where that cannot be told."""
    place = Path.cwd() / path
    try:
        while not place.exists():
            place = place.parent
    except OSError as error:
        raise _unreadable(str(path), error) from None
    return place


@contextlib.contextmanager
def _opened(path: str) -> Iterator[int]:
    """A descriptor of a regular file; never waits, as opening a pipe or a terminal would."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        kind = _kind(os.fstat(file).st_mode)
        if kind != "file":
            raise HostError(f"{path} is {'a folder' if kind == 'folder' else 'a device, pipe or socket'}, not a file")
        yield file
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(file)


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    return "folder" if stat.S_ISDIR(mode) else "other"


def _group_name(gid: int) -> str:
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _unreadable(path: str, error: OSError | ValueError) -> HostError:
    match error:
        case PermissionError():
            return HostError(
                f"{path} cannot be read: permission denied", hint="Start again as its owner, or with `sudo wizard`."
            )
        case OSError():
            return HostError(f"{path} cannot be read: {error.strerror}")
        case _:
            return HostError(f"{path!r} cannot be read: {error}")
