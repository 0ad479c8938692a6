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
    """Write `text` into a file that is not there yet, mode 0600.

    UsageError where that cannot be, HostError where there is no room; it is not left behind then.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _refusal(file, error) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(file).unlink()
        raise _refusal(file, error) from None


@dataclass(slots=True)
class NewFile:
    """A file while it is written; `path` says where it is once the block has ended, and where it is to be before."""

    file: IO[bytes]
    path: Path


@contextlib.contextmanager
def appearing(folder: Path, names: Sequence[str]) -> Iterator[NewFile]:
    """Write a file (mode 0600) that is there whole once the block has ended, or not at all.

    It gets the first of `names` that nothing in `folder` has yet. Until then it has a name with a dot in front, which
    is removed where the block raises. An OSError of the block is taken as one of writing: UsageError where the folder
    cannot be written or no name is free, HostError where there is no room.
    """
    goal = folder / names[0]
    try:
        holding = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _refusal(str(goal), error) from None
    unfinished = f".wizard-{os.getpid()}-{os.urandom(4).hex()}.part"
    try:
        descriptor = durable.open_new(holding, unfinished)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                new = NewFile(opened, goal)
                yield new
                opened.flush()
                os.fsync(descriptor)
            new.path = folder / _name_it(holding, unfinished, names)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(unfinished, dir_fd=holding)
        durable.fsync_folder(holding)
    except OSError as error:
        raise _refusal(str(goal), error) from None
    finally:
        os.close(holding)


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
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), names[-1])


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
    return UsageError(f"{file} cannot be written: {error.strerror}", hint="Name a file that is not there.")
