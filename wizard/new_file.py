"""Writing a file for the operator that must not be there yet: never over something, and for its owner alone."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from wizard.errors import HostError, UsageError
from wizard.host import durable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
"""What file systems say that know one name for a file only."""

_NO_NAMELESS: Final = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS, errno.ENOENT})
"""What is said where a file cannot be opened without a name: by the file system, or by an old kernel."""

_OF_THE_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def place_of(name: str) -> Path:
    """Give the whole path of a file as a person names it, where `~` stands for the home folder; UsageError for none."""
    if not name.strip():
        raise UsageError("no file is named", hint="Name one that is not there.")
    try:
        return Path(name.strip()).expanduser().absolute()
    except RuntimeError:
        raise UsageError(f"{name} names the home folder of nobody here", hint="Give the whole path.") from None
    except FileNotFoundError:
        raise UsageError("the current folder is gone", hint="Give the whole path.") from None


def write_new(file: str, text: str) -> None:
    """Write `text` into a file that is not there yet, mode 0600; it is there whole or not at all.

    UsageError where that cannot be, HostError where there is no room.
    """
    folder, name = os.path.split(file)
    with appearing(Path(folder), (name,)) as new:
        new.file.write(text.encode("utf-8"))


@dataclass(slots=True)
class NewFile:
    """A file while it is written; `path` says where it is once the block has ended, and where it is to be before."""

    file: IO[bytes]
    path: Path


@contextlib.contextmanager
def appearing(folder: Path, names: Sequence[str]) -> Iterator[NewFile]:
    """Write a file (mode 0600) that is there whole once the block has ended, or not at all.

    It gets the first of `names` that nothing in `folder` has yet. Until then it has no name at all, so that not even a
    kill leaves anything; where the file system cannot do that it has one with a dot in front, which is removed where
    the block raises. An OSError of the block is taken as one of writing: UsageError where the folder cannot be written
    or no name is free, HostError where there is no room.
    """
    goal = folder / names[0]
    try:
        holding = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _refusal(str(goal), error) from None
    unfinished = f".wizard-{os.getpid()}-{os.urandom(4).hex()}.part"
    try:
        if all(_is_taken(holding, name) for name in names):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        nameless = _open_nameless(holding)
        descriptor = durable.open_new(holding, unfinished) if nameless is None else nameless
        try:
            with os.fdopen(descriptor, "wb") as opened:
                new = NewFile(opened, goal)
                yield new
                opened.flush()
                os.fsync(descriptor)
                name = _name_nameless(holding, nameless, names) if nameless is not None else None
                if name is None and nameless is not None:
                    _copy_to(holding, unfinished, nameless)
            new.path = folder / (name or _name_it(holding, unfinished, names))
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(unfinished, dir_fd=holding)
        durable.fsync_folder(holding)
    except OSError as error:
        raise _refusal(str(goal), error) from None
    finally:
        os.close(holding)


def _is_taken(holding: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=holding, follow_symlinks=False)
    except OSError:
        return False
    return True


def _open_nameless(holding: int) -> int | None:
    """Open a new file (mode 0600) that has no name and can be given one; None where that is not possible here."""
    try:
        descriptor = os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600, dir_fd=holding)
    except OSError as error:
        if error.errno not in _NO_NAMELESS:
            raise
        return None
    if not os.path.exists(_open_as(descriptor)):  # noqa: PTH110 - it is no path of a file, but the way to an open one
        os.close(descriptor)
        return None
    os.fchmod(descriptor, 0o600)
    return descriptor


def _open_as(descriptor: int) -> str:
    """Where the system shows a file that is open here; there is no such place where /proc is not mounted."""
    return f"/proc/self/fd/{descriptor}"


def _name_nameless(holding: int, descriptor: int, names: Sequence[str]) -> str | None:
    """Give a nameless file the first name that is free; None where the file system refuses links."""
    for name in names:
        try:
            os.link(_open_as(descriptor), name, dst_dir_fd=holding, follow_symlinks=True)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            return None
        return name
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _copy_to(holding: int, name: str, descriptor: int) -> None:
    """Write all of an open file into a new one with that name."""
    copy = durable.open_new(holding, name)
    try:
        at, size = 0, os.fstat(descriptor).st_size
        while at < size:
            at += os.sendfile(copy, descriptor, at, size - at)
        os.fsync(copy)
    finally:
        os.close(copy)


def _name_it(holding: int, unfinished: str, names: Sequence[str]) -> str:
    """Give a file the first name that is free; FileExistsError where none is."""
    for name in names:
        try:
            # A link never takes the place of anything, where a rename would.
            os.link(unfinished, name, src_dir_fd=holding, dst_dir_fd=holding, follow_symlinks=False)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if not _rename_it(holding, unfinished, name):
                continue
        return name
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _rename_it(holding: int, unfinished: str, name: str) -> bool:
    """Take a free name with an empty file, and put the whole one in its place; False where it is not free."""
    try:
        os.close(durable.open_new(holding, name))
    except FileExistsError:
        return False
    try:
        os.rename(unfinished, name, src_dir_fd=holding, dst_dir_fd=holding)
    except OSError:
        os.unlink(name, dir_fd=holding)
        raise
    return True


def _refusal(file: str, error: OSError) -> UsageError | HostError:
    if error.errno in _OF_THE_DISK:
        return HostError(
            f"{file} could not be written: {error.strerror}",
            hint="Nothing of it is left behind. Make room, or name another place.",
        )
    if error.errno == errno.EEXIST:
        return UsageError(f"{file} is there already", hint="Nothing is overwritten; name another file.")
    return UsageError(
        f"{file} cannot be written: {error.strerror}", hint="Name a folder that is there and that you may write in."
    )
