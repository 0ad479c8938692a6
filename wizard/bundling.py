"""Making the bundle of a session: its folder, its report, and the secrets that are known now, put together.

Nothing here takes a session or writes into one, so it works beside a driver, for a session of another machine, for
one whose journal is damaged, and for one that cannot be read any more.
"""

from __future__ import annotations

import json
import os
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.errors import SessionError, UsageError
from wizard.new_file import place_of
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wizard.report.bundle import BundleMade, Told, Wanted, Written
    from wizard.run.session import Session
    from wizard.run.status import SessionStatus

_DRIVEN: Final = (
    "Somebody drove it while this was made: the journal ends with the last whole line of that moment, and what runs "
    "goes on."
)
_DAMAGED: Final = "It is in the bundle as it is; report and status go by what stands before the damage."

_MOST: Final = 99
"""How many bundles of one session in one folder find a name by themselves."""


def session_bundle(
    session: str | None,
    output: str = "",
    *,
    known: Iterable[Secret] = (),
    going_on: Callable[[int, int], bool] | None = None,
) -> BundleMade:
    """Make the bundle of a session (the newest where none is named).

    `output` is a file that is not there yet, or a folder, in which it is called `wizard-SESSION.tar.gz` (with a number
    where that is taken); empty is the current folder, and `~` the home folder. `known` are secrets that are taken out
    once more. `going_on` is told bytes done and bytes in all, and ends it by False.

    SessionError where there is no such session, UsageError and HostError where the file cannot be written,
    StoppedError where it was ended; nothing is left behind then.
    """
    from wizard.report.bundle import make_bundle

    wanted = _wanted(session or "", frozenset(known))
    folder, names = _place(wanted.session, output)
    if folder.resolve().is_relative_to(wanted.folder.resolve()):
        raise UsageError(f"{folder} belongs to the session, and nothing is written there", hint="Name another folder.")
    try:
        return make_bundle(wanted, folder, names, **({"going_on": going_on} if going_on is not None else {}))
    except OSError as error:
        # Writing has errors of its own: this is the session's folder.
        raise SessionError(f"the session in {wanted.folder} cannot be read: {error.strerror}") from None


def own_name(session: str) -> str:
    """What the bundle of a session is called where nobody says otherwise."""
    return f"wizard-{session}.tar.gz"


def current_folder() -> Path:
    """The folder a bundle goes into where none is named. UsageError where it is gone."""
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError(f"the current folder cannot be used: {error.strerror}", hint="Name another.") from None


def _place(session: str, output: str) -> tuple[Path, Sequence[str]]:
    """The folder, and the names that may be taken there, the first one first. UsageError where there is none."""
    names = (own_name(session), *(f"wizard-{session}-{number}.tar.gz" for number in range(2, _MOST + 1)))
    if not output.strip():
        return current_folder(), names
    path = place_of(output)
    if path.is_dir():
        return path, names
    if output.strip().endswith("/") or not path.parent.is_dir():
        missing = path if output.strip().endswith("/") else path.parent
        raise UsageError(f"there is no folder {missing}", hint="Make it first, or name another.")
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already", hint="Nothing is overwritten; name another file.")
    return path.parent, (path.name,)


def _wanted(session: str, known: frozenset[Secret]) -> Wanted:
    """What goes into the bundle besides the files of the session's folder."""
    from wizard.host.clock import SystemClock, utc_text
    from wizard.looking import status_of_session, store
    from wizard.report.bundle import Wanted

    made = utc_text(SystemClock().now())
    try:
        opened = store().open(session)
    except SessionError as error:
        folder = _damaged(session)
        if folder is None:
            raise
        told = _of_a_damaged_one(folder, error)
        return Wanted(folder.name, folder, made, driven=False, texts=(), told=told, known=known)
    status = cache(partial(status_of_session, opened))
    told, driven = _told(opened, status)
    texts, known = _texts(opened, status), known | _passed_on(opened)
    return Wanted(opened.id, opened.folder, made, driven=driven, texts=texts, told=told, known=known)


def _damaged(session: str) -> Path | None:
    """The folder of a session that is named and cannot be read as one; None where there is none, or several."""
    from wizard.looking import store
    from wizard.run.journal import JOURNAL

    if "/" in session:
        found = [Path(session).absolute()]
    else:
        broken = [folder for folder, _ in store().listing().unreadable]
        found = [folder for folder in broken if folder.name == session] or [
            folder for folder in broken if session and folder.name.startswith(session)
        ]
    return found[0] if len(found) == 1 and os.access(found[0] / JOURNAL, os.R_OK) else None


def _of_a_damaged_one(folder: Path, error: SessionError) -> Told:
    from wizard.report.bundle import Told

    words = f"This session cannot be read as one, so there is no report of it: {error.message}."
    return Told((("Folder", str(folder)),), (words,))


def _passed_on(session: Session) -> frozenset[Secret]:
    """The values, as they are here and now, of the variables that commands of this session are passed."""
    return frozenset(Secret(os.environ[name]) for name in session.pass_env if os.environ.get(name))


def _texts(session: Session, status: Callable[[], SessionStatus]) -> tuple[Written, ...]:
    """What is written for the bundle."""
    from wizard.looking import report_of
    from wizard.report.bundle import Written
    from wizard.report.markdown import to_markdown

    def standing() -> str:
        return json.dumps(status().as_data(), indent=1, ensure_ascii=False, default=str) + "\n"

    def report() -> str:
        return to_markdown(report_of(session))

    return (
        Written("report.md", "the report: what was done, answered, found and left to do", report),
        Written("status.json", "where it stands, as `wizard status --format json` gives it", standing),
    )


def _told(session: Session, status: Callable[[], SessionStatus]) -> tuple[Told, bool]:
    """What the bundle says of the session, and whether somebody may be writing in its folder."""
    from wizard.host.identity import machine_id, user_name
    from wizard.report.bundle import Told, said_or_why

    driven = _is_driven(session)
    state, why = said_or_why(lambda: _state(status()))
    journal, remark = _of_the_journal(session, driven=driven)
    about = [
        ("Session", f"{session.id}{f' ({session.name})' if session.name else ''}, begun {session.created}"),
        ("Guide", f"{session.guide}, sha256 {session.guide_sha256}"),
        ("State", state or "not known"),
        ("Journal", journal),
        ("Wizard it was begun with", session.tool),
        ("Owner", session.owner_name),
        ("Machine", session.machine),
    ]
    if session.machine != machine_id() or session.owner != os.geteuid():
        about.append(("Bundled", f"on machine {machine_id()} by {user_name(os.geteuid())}"))
    remarks = [
        f"Where it stands cannot be said: {why}." if why else "",
        remark,
        _DRIVEN if driven else "",
        f"It is read only here: {session.read_only}." if session.read_only else "",
    ]
    return Told(tuple(about), tuple(filter(None, remarks)), _support(session)), driven


def _is_driven(session: Session) -> bool:
    from wizard.run.driver import driving

    try:
        return driving(session) is not None
    except SessionError:
        return False


def _state(status: SessionStatus) -> str:
    """Where it stands, in a line."""
    at = f" at {status.step.code} {status.step.title}" if status.step else ""
    return f"{status.words}{at}{f' — {status.detail}' if status.detail else ''}"


def _of_the_journal(session: Session, *, driven: bool) -> tuple[str, str]:
    """The journal in a line, and what is to be minded of it."""
    from wizard.run.journal import read_journal

    try:
        reading = read_journal(session.folder)
    except SessionError as error:
        return "not known", f"The journal cannot be read: {error.message}."
    last = f", the last at {reading.entries[-1].at}" if reading.entries else ""
    words = f"{counted(len(reading.entries), 'event')}{last}"
    if reading.broken:
        return words, f"The journal is damaged ({reading.broken[0]}). {_DAMAGED}"
    if reading.rest and not driven:
        return (
            words,
            f"The last {counted(reading.rest, 'byte')} of the journal are half a line, and are in it as they are.",
        )
    return words, ""


def _support(session: Session) -> str:
    """Who helps, by the words of the guide; empty where it says nothing, or cannot be read."""
    from wizard.report.support import support_of

    try:
        support = support_of(session.load_guide().guide, {})
    except SessionError:
        return ""
    return (support.contact or support.text) if support is not None else ""
