"""The thread that follows a session for the screen: looks ten times a second, and tells only what is new.

It tells nothing before the screen has taken in what was told before, and leaves most of the time to others: where
hundreds of steps go by in a second, the screen shows where the run stands by then, and its keys are heard meanwhile.
"""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.run.following import Follower
    from wizard.run.session_view import LookSeen, LoopSeen, SessionView
    from wizard.run.step_text import StepText

LOOK_EVERY: Final = 0.1
"""Seconds between two looks into the folder."""
AT_LEAST: Final = 0.03
"""Seconds between two looks where somebody asks for one."""
_REST: Final = 2
"""For so many times as long as the last look took, until it was on the screen, nothing is looked for again …"""
_REST_AT_MOST: Final = 0.5
"""… but no more seconds than that, whatever kept the screen busy."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a look found: the session, and the words, the loop and a monitor's looks of the step shown (`key`)."""

    folder: Path
    view: SessionView
    key: str
    text: StepText | None
    loop: LoopSeen | None
    looks: tuple[LookSeen, ...]
    now: Callable[[], float]
    """The clock the view's times are told by."""


class Following:
    """Follows one session in whatever thread `run` is called; the rest may be called from any other."""

    def __init__(self, session: str, tell: Callable[[Followed], bool], lost: Callable[[str], object]) -> None:
        """Follow the session with that id; `tell` what is new, `lost` why it cannot be followed (any more).

        What `tell` has taken on is told of by `taken` once it is shown; where it takes nothing on any more it is False.
        """
        self._session = session
        self._tell = tell
        self._lost = lost
        self._wake = threading.Event()
        self._taken = threading.Event()
        self._hurry = threading.Event()
        """Set where somebody waits for another step, or for the end."""
        self._ended = False
        self._wanted = ""
        self._then: list[Callable[[], object]] = []

    def look_at(self, key: str) -> None:
        """Give the words of the step at an address from now on; empty: of the one the run stands at."""
        if key != self._wanted:
            self._wanted = key
            self._hurry.set()
            self._wake.set()

    def look(self) -> None:
        """Look at once."""
        self._wake.set()

    def look_now(self, then: Callable[[], object]) -> None:
        """Look without any rest, and call `then` once what stands in the folder by now is on the screen."""
        self._then.append(then)
        self._hurry.set()
        self._wake.set()

    def taken(self) -> None:
        """What was told last is on the screen; the next may be told."""
        self._taken.set()

    def end(self) -> None:
        """Follow no more."""
        self._ended = True
        for waited_for in (self._hurry, self._wake, self._taken):
            waited_for.set()

    def run(self) -> None:
        """Follow until `end`."""
        from wizard.looking import store
        from wizard.run.following import Follower

        try:
            session = store().open(self._session)
            with closing(Follower(session)) as follower:
                self._follow(follower)
        except WizardError as error:
            if not self._ended:
                self._lost(str(error))

    def _follow(self, follower: Follower) -> None:
        shown: str | None = None
        while not self._ended:
            self._hurry.clear()
            began, wanted = time.monotonic(), self._wanted
            waiting, self._then = self._then, []
            if follower.poll() or wanted != shown:
                shown = wanted
                view = follower.view()
                key = wanted or view.now or _last(view)
                text, loop = (follower.text(key), follower.loop(key)) if key else (None, None)
                looks, now = follower.looks(key), follower.now
                self._show(Followed(follower.session.folder, view, key, text, loop, looks, now))
            for then in waiting:
                then()
            took = time.monotonic() - began
            self._hurry.wait(max(AT_LEAST, min(_REST * took, _REST_AT_MOST)))
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def _show(self, found: Followed) -> None:
        """Tell what was found, and wait until it is taken in."""
        self._taken.clear()
        if not self._ended and self._tell(found):
            self._taken.wait()


def _last(view: SessionView) -> str:
    """The last step something is known about; before the first one the first of the plan."""
    from wizard.plan.steps import leaves

    if view.plan is None:
        return ""
    steps = [step for phase in view.plan.phases for step in leaves((*phase.steps, *phase.finally_steps))]
    begun = [step.key for step in steps if step.key in view.statuses]
    return begun[-1] if begun else steps[0].key if steps else ""
