"""`wizard demo`: a playground set up by the demo guide's own script, and then an ordinary run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wizard.errors import HostError, SessionBusyError

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.assemble import FrontEnd
    from wizard.errors import ExitCode

PASSWORD = "STOCKROOM_ADMIN_PASSWORD"  # noqa: S105 - the name of a variable
"""Where the sample answers take the new password from; a throw-away one is made where it is not set."""


def play(sets: tuple[str, ...], operator: FrontEnd, *, alone: bool, again: bool) -> ExitCode:
    """Set the playground up and walk through the demo guide on it."""
    from wizard.assemble import Begin, begin, close_session
    from wizard.guide.catalog import find_guide
    from wizard.looking import unfinished_on
    from wizard.paths import state_folder

    guide = find_guide("demo")
    home = state_folder() / "demo" / "stockroom"
    if (session := unfinished_on(home)) is not None:
        if not again:
            hint = f"`wizard resume {session}` goes on with it; `wizard demo --again` sets everything up anew."
            raise SessionBusyError(f"A demo is under way: {session}.", hint=hint)
        close_session(session, "the demo was set up anew")
    _prepare(guide.parent, home)
    answers = None
    if alone:
        import secrets

        answers = str(guide.parent / "samples" / "answers.yaml")
        os.environ.setdefault(PASSWORD, secrets.token_urlsafe(18))
    return begin(Begin(str(guide), answers, (f"install_dir={home}", *sets)), operator)


def _prepare(folder: Path, home: Path) -> None:
    """Run the guide's own script; it knows the product, this program does not."""
    import sys

    from wizard.host.looks import look
    from wizard.host.protocols import Look
    from wizard.paths import own_folder

    own_folder(home.parent)
    words = (sys.executable, str(folder / "prepare.py"), str(home))
    # The service lives on, and keeps for as long what it is given here.
    environment = {name: value for name, value in os.environ.items() if name != PASSWORD}
    seen = look(Look(words, str(folder), environment=environment, timeout=60))
    if seen.exit != 0:
        raise HostError(f"The playground could not be set up: {seen.errors.strip() or seen.output.strip()}")
