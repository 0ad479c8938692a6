"""One installation, one session: the lock on what a guide works on, and the search for an unfinished session on it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from wizard.errors import HostError, SessionBusyError, SessionError
from wizard.host import durable
from wizard.host.identity import Who
from wizard.host.locks import HeldLock, LockTakenError
from wizard.paths import own_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.run.session import Session
    from wizard.run.store import SessionStore

FOLDER: Final = "installations"

_CANNOT_LOCK: Final = frozenset({errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})


class InstallationLock:
    """That no other walk works on an installation, until `release()` or death.

    `folder_locked` says whether the installation's own folder is locked too, which keeps other users off. It is
    not where there is no such folder yet, it may not be read, or its file system has no locks for folders.
    """

    def __init__(self, installation: str, named: HeldLock, folder: HeldLock | None) -> None:
        """Use `hold_installation()`."""
        self.installation = installation
        self._named = named
        self._folder = folder

    @property
    def folder_locked(self) -> bool:
        """Whether the folder itself is locked."""
        return self._folder is not None and self._folder.held

    def release(self) -> None:
        """Let go; again does nothing."""
        if self._folder is not None:
            self._folder.release()
        self._named.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def installation_of(works_on: str) -> str:
    """Give what tells an installation from others: a path without links, or the words as they are (a cluster)."""
    text = works_on.strip()
    return os.path.realpath(text) if text.startswith("/") else text


def hold_installation(works_on: str, state: Path, session: str, who: Who) -> InstallationLock:
    """Lock the installation that `works_on` (rendered) names, for the driver `who` of `session`.

    Two locks: a file below the state folder named after the installation, which works before its folder exists
    and when a step replaces it; and the folder itself, which other users' wizards see too.
    SessionBusyError with who holds it, HostError where the lock cannot be made.
    """
    installation = installation_of(works_on)
    named = _lock_by_name(installation, state)
    try:
        folder = _lock_folder(installation)
        text = json.dumps({"installation": installation, "session": session, "who": who.as_json()}).encode("ascii")
        os.pwrite(named.fileno(), text, 0)
        os.ftruncate(named.fileno(), len(text))
    except OSError as error:
        named.release()
        raise HostError(f"the installation {installation} cannot be locked: {error.strerror}") from None
    except BaseException:
        named.release()
        raise
    return InstallationLock(installation, named, folder)


def unfinished_with(
    works_on: str, store: SessionStore, finished: Callable[[Session], bool], *, besides: str = ""
) -> Session | None:
    """Give the newest session with the same installation that was planned and is not finished; `besides` is no match.

    `finished` folds a session; one whose journal cannot be read (SessionError) counts as not finished, for
    nobody knows what it left behind. Sessions that cannot be driven here are passed over.
    """
    wanted = installation_of(works_on)
    for session in store.listing().sessions:
        if session.id == besides or session.read_only:
            continue
        if _works_on(session) == wanted and not _is_finished(session, finished):
            return session
    return None


def _works_on(session: Session) -> str | None:
    """What a session's plan works on; None where nothing is planned yet, or the plan is damaged."""
    try:
        plan = session.plan()
    except SessionError:
        # Taken for any installation it would keep all of them locked for good; a living walk on this one
        # is kept off by the lock.
        return None
    return installation_of(str(plan.get("works_on") or "")) if plan is not None else None


def _is_finished(session: Session, finished: Callable[[Session], bool]) -> bool:
    try:
        return finished(session)
    except SessionError:
        return False


def _lock_by_name(installation: str, state: Path) -> HeldLock:
    own_folder(state / FOLDER)
    name = hashlib.sha256(installation.encode("utf-8", "surrogateescape")).hexdigest()[:32] + ".lock"
    try:
        folder = durable.open_folder(state / FOLDER)
        try:
            with suppress(FileExistsError):
                durable.write_new(folder, name, b"")
            file = durable.open_file(folder, name, os.O_RDWR)
        finally:
            os.close(folder)
        said = _said(file)
        return HeldLock(file)
    except LockTakenError:
        raise SessionBusyError(
            f"{said} works on {installation} already",
            hint="Two sessions never change one installation at the same time. Resume that one, or wait for its end.",
        ) from None
    except OSError as error:
        raise HostError(f"the installation {installation} cannot be locked: {error.strerror}") from None


def _lock_folder(installation: str) -> HeldLock | None:
    """Lock the installation's own folder where there is one that can be locked. SessionBusyError where it is held."""
    if not installation.startswith("/"):
        return None
    try:
        return HeldLock(os.open(installation, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except LockTakenError:
        raise SessionBusyError(
            f"another user's session works on {installation} (its folder is locked)",
            hint=f"`fuser -v {installation}` as root names the process.",
        ) from None
    except OSError as error:
        if error.errno in _CANNOT_LOCK:
            return None
        raise


def _said(file: int) -> str:
    """Name the session and person a lock's text tells of; they may just be writing it."""
    try:
        data = json.loads(os.pread(file, 8192, 0))
        who = Who.from_json(data["who"])
        return f"session {data['session']}" + (f", driven by {who}," if who is not None else "")
    except (ValueError, KeyError, TypeError, RecursionError):
        return "another session"
