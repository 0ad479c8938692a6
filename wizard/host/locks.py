"""Locks that the kernel lets go of when their holder dies, and that no child of the holder keeps alive."""

from __future__ import annotations

import errno
import fcntl
import os
import weakref
from typing import Final


class LockTakenError(Exception):
    """Somebody else holds the lock."""


class HeldLock:
    """A flock that is held on an open file or folder until `release()` or the death of this process.

    The descriptor is closed on exec, and in a child that only forks: a lock belongs to the open file,
    so one forgotten copy of the descriptor would keep it when its holder is long dead.
    """

    def __init__(self, descriptor: int) -> None:
        """Take the lock on `descriptor`, which is owned from now on. LockTakenError, or OSError where it cannot be."""
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - the system's own call
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise LockTakenError from None
            raise
        self._descriptor: int | None = descriptor
        _HELD.add(self)

    @property
    def held(self) -> bool:
        """Whether this process still holds it."""
        return self._descriptor is not None

    def fileno(self) -> int:
        """The locked descriptor. ValueError where it was let go."""
        if self._descriptor is None:
            raise ValueError("the lock was let go")
        return self._descriptor

    def release(self) -> None:
        """Let go of it; again does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            # The lock itself goes, not only our descriptor: a child that is just being forked may have a copy.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def close_copy(self) -> None:
        """Close the copy a forked child got, which leaves the lock with its parent."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


_HELD: Final[weakref.WeakSet[HeldLock]] = weakref.WeakSet()


def _close_copies() -> None:
    for lock in list(_HELD):
        lock.close_copy()


os.register_at_fork(after_in_child=_close_copies)


def is_held(descriptor: int) -> bool:
    """Whether anybody holds the lock on an open file; asks for it and lets go within microseconds.

    Takers allow for such an asker (see `wizard.run.driver`).
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False
