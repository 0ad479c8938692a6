"""All sessions of one user: made whole or not at all, listed, and found by what a person says."""

from __future__ import annotations

import difflib
import errno
import fcntl
import os
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard import __version__
from wizard.errors import HostError, SessionError
from wizard.host import durable
from wizard.host.clock import utc_text
from wizard.host.identity import machine_id, user_name
from wizard.paths import sessions_folder
from wizard.run.journal import JOURNAL, LOCK, make_reserve
from wizard.run.session import FOLDERS, GUIDE, RECORDED, SESSION, Session, about_session, stays_inside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from wizard.guide.loader import LoadedGuide
    from wizard.host.clock import Clock

UNBORN: Final = ".new-"
"""Beginning of the name a session's folder has until it is whole."""

_CONSONANTS: Final = "bcdfghjkmnprstvwz"
_VOWELS: Final = "aeou"


@dataclass(frozen=True, slots=True)
class Listing:
    """Sessions, the newest first, and for each folder that cannot be read its error."""

    sessions: tuple[Session, ...]
    unreadable: tuple[tuple[Path, SessionError], ...]


class SessionStore:
    """The sessions below one state folder."""

    def __init__(self, state: Path) -> None:
        """Use `state` (see `wizard.paths.state_folder`); nothing is made before the first session."""
        self.state = state
        self._folder = sessions_folder(state)

    def create(
        self,
        loaded: LoadedGuide,
        *,
        clock: Clock,
        environ: Mapping[str, str],
        name: str = "",
        pass_env: Collection[str] = (),
    ) -> Session:
        """Make a session for a guide: its files pinned, everything flushed, visible only when whole.

        HostError where the disk or a permission is in the way; nothing is left behind then, and after a
        crash what was left is cleared away by the next one made.
        """
        sessions_folder(self.state, make=True)
        now = clock.now()
        about = Session(
            id="",
            folder=self._folder,
            guide=loaded.guide.id,
            guide_sha256=loaded.sha256,
            guide_name=loaded.path.name,
            tool=__version__,
            machine=machine_id(),
            owner=os.geteuid(),
            owner_name=user_name(os.geteuid()),
            created=utc_text(now),
            name=name,
            environment={one: environ[one] for one in RECORDED if one in environ},
            pass_env=tuple(sorted(pass_env)),
        )
        try:
            with self._making() as sessions:
                unborn = f"{UNBORN}{os.getpid()}-{secrets.token_hex(4)}"
                holding = durable.make_folder(sessions, unborn)
                try:
                    _fill(holding, loaded)
                    chosen = _bring_in(sessions, unborn, holding, about, now)
                except BaseException:
                    shutil.rmtree(unborn, ignore_errors=True, dir_fd=sessions)
                    raise
                finally:
                    os.close(holding)
        except OSError as error:
            raise HostError(
                f"a session could not be made in {self._folder}: {error.strerror}"
                + (f" ({error.filename})" if error.filename else ""),
                hint="Nothing was begun. Look at the disk and at the permissions of that folder.",
            ) from None
        return replace(about, id=chosen, folder=self._folder / chosen)

    def listing(self) -> Listing:
        """Read all sessions; one that cannot be read hides no other."""
        sessions, unreadable = [], []
        for folder in self._folders():
            try:
                sessions.append(Session.open(folder))
            except SessionError as error:
                unreadable.append((folder, error))
        sessions.sort(key=lambda session: (session.created, session.id), reverse=True)
        return Listing(tuple(sessions), tuple(unreadable))

    def mark(self) -> tuple[tuple[str, int, int], ...]:
        """What is different whenever a session came, went on or went: name, and time and size of its journal."""
        marks = []
        for folder in self._folders():
            try:
                journal = (folder / JOURNAL).stat()
            except OSError:
                marks.append((folder.name, 0, 0))
            else:
                marks.append((folder.name, journal.st_mtime_ns, journal.st_size))
        return tuple(marks)

    def open(self, wanted: str = "") -> Session:
        """Find the session a person means: the newest, or by id, beginning of an id, name, or path of its folder.

        SessionError where there is none, or several, with those it could be.
        """
        if "/" in wanted:
            return Session.open(Path(wanted).absolute())
        if wanted and any(folder.name == wanted for folder in self._folders()):
            return Session.open(self._folder / wanted)
        listing = self.listing()
        if not wanted:
            if listing.sessions:
                return listing.sessions[0]
            broken = f" ({len(listing.unreadable)} cannot be read)" if listing.unreadable else ""
            raise SessionError(f"there is no session in {self._folder}{broken}", hint="`wizard run GUIDE` begins one.")
        named = [session for session in listing.sessions if session.name == wanted]
        begun = [session for session in listing.sessions if session.id.startswith(wanted)]
        found = named or begun
        match found:
            case [session]:
                return session
            case []:
                raise self._unknown(wanted, listing)
            case _:
                several = "\n".join(f"  {session.id}" for session in found)
                raise SessionError(f"{wanted!r} can be each of these sessions:\n{several}", hint="Say more of the id.")

    def named(self, session: Session) -> str:
        """What `open` finds a session by: its id, or its folder where that is kept elsewhere."""
        return session.id if session.folder.parent == self._folder.absolute() else str(session.folder)

    def _unknown(self, wanted: str, listing: Listing) -> SessionError:
        known = [session.id for session in listing.sessions] + [one.name for one in listing.sessions if one.name]
        broken = [(folder, error) for folder, error in listing.unreadable if folder.name.startswith(wanted)]
        if broken:
            return broken[0][1]
        near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`wizard sessions` lists them all."
        return SessionError(f"there is no session {wanted!r} in {self._folder}", hint=hint)

    def _folders(self) -> list[Path]:
        try:
            with os.scandir(self._folder) as found:
                names = [
                    entry.name
                    for entry in found
                    if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
                ]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SessionError(
                f"the sessions in {self._folder} cannot be listed: {error.strerror}",
                hint="Name a state folder you can read and write, for example: export WIZARD_STATE_DIR=/srv/wizard",
            ) from None
        return [self._folder / name for name in sorted(names)]

    @contextmanager
    def _making(self) -> Iterator[int]:
        """Open the folder of sessions, clear away what crashed makers left, and hold off others' clearing."""
        sessions = durable.open_folder(self._folder)
        try:
            # Makers share the lock and clearing needs it alone, so what is seen then has no living maker.
            # A file system that cannot lock a folder only keeps its leftovers, which nobody lists.
            try:
                fcntl.flock(sessions, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with os.scandir(sessions) as found:
                    unborn = [entry.name for entry in found if entry.name.startswith(UNBORN)]
                for name in unborn:
                    shutil.rmtree(name, ignore_errors=True, dir_fd=sessions)
                fcntl.flock(sessions, fcntl.LOCK_SH)
            except BlockingIOError:
                fcntl.flock(sessions, fcntl.LOCK_SH)
            except OSError as error:
                if error.errno not in (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
                    raise
            yield sessions
        finally:
            os.close(sessions)


def _bring_in(sessions: int, unborn: str, holding: int, about: Session, now: datetime) -> str:
    """Give the filled folder an id nobody has, and make it visible under it. OSError where that does not work."""
    while True:
        chosen = _make_id(about.guide, now)
        durable.replace_file(holding, SESSION, about_session(replace(about, id=chosen)))
        try:
            os.rename(unborn, chosen, src_dir_fd=sessions, dst_dir_fd=sessions)
        except OSError as error:
            # A folder is never put over one that holds something, so the id is taken.
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise
            continue
        durable.fsync_folder(sessions)
        return chosen


def _make_id(guide: str, now: datetime) -> str:
    """Make an id that can be said aloud: `cawemo-20260301-2204-mav` (UTC)."""
    word = secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) + secrets.choice(_CONSONANTS)
    return f"{guide}-{now:%Y%m%d-%H%M}-{word}"


def _fill(holding: int, loaded: LoadedGuide) -> None:
    """Put everything but `session.json` into a new session's folder, flushed."""
    for name in FOLDERS:
        os.close(durable.make_folder(holding, name))
    guide = durable.open_folder(GUIDE, at=holding)
    try:
        for name in sorted({loaded.path.name, *loaded.files}):
            _pin(guide, loaded.folder, name)
    finally:
        os.close(guide)
    make_reserve(holding)
    durable.write_new(holding, LOCK, b"")
    durable.write_new(holding, JOURNAL, b"")
    durable.fsync_folder(holding)


def _pin(guide: int, source: Path, name: str) -> None:
    """Copy file `name` of the guide's folder, its folders made on the way; runnable for us where it was."""
    if not stays_inside(name):
        raise HostError(f"the guide's file {name} lies outside of {source} and cannot be pinned")
    *folders, last = Path(name).parts
    at = os.dup(guide)
    try:
        for folder in folders:
            try:
                below = durable.make_folder(at, folder)
            except FileExistsError:
                below = durable.open_folder(folder, at=at)
            os.close(at)
            at = below
        original = source / name
        mode = 0o700 if original.stat().st_mode & 0o100 else 0o600
        durable.write_new(at, last, original.read_bytes(), mode)
        durable.fsync_folder(at)
    finally:
        os.close(at)
