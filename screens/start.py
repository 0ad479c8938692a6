"""The way in: runs the full screen around one job of the engine, or around home, and gives the exit code."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from screens.pauses import shorten_pauses
from wizard.errors import ExitCode, Gone, WizardError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screens.app import WizardApp
    from screens.engine import Job


def full_screen(job: Job | None, environ: Mapping[str, str]) -> ExitCode:
    """Take the terminal for `job`, or for home where there is none.

    Raises what went wrong in a screen, once the terminal is as it was, and `Gone` where the terminal was lost.
    """
    from screens.app import WizardApp

    return _run(WizardApp(job, environ))


def watching(session: str | None, environ: Mapping[str, str]) -> ExitCode:
    """Show a session (the newest where none is named) without driving it."""
    from screens.app import WizardApp
    from wizard.looking import store

    sessions = store()
    return _run(WizardApp(None, environ, watched=sessions.named(sessions.open(session or ""))))


def _run(app: WizardApp) -> ExitCode:
    shorten_pauses()
    code = app.run()
    if app.failure is not None:
        raise app.failure
    if app.left_busy:
        _say(f"{app.session}: left at once. `wizard resume {app.session}`" if app.session else "left at once")
    elif app.parting:
        _say(app.parting)
    elif app.session:
        _say_where_it_stands(app.session)
    if code is None or app.lost:
        raise Gone("the terminal was lost")
    return code


def _say_where_it_stands(session: str) -> None:
    """Leave the one line behind that whoever comes back to this terminal needs."""
    from wizard.overview import one_line

    try:
        words = one_line(session)
    except WizardError as error:
        words = str(error)
    _say(words)


def _say(words: str) -> None:
    # The terminal may be gone: then nobody reads it, and the session says the same.
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
