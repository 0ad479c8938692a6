"""A command beside the walk: started, waited for until it is ready, judged once it has ended.

Its time (`timeout`) is that until it is ready. Its end is well where it was asked for (`until`), or where the
guide knows it by one of its `outcomes`; every other end is a failure of the step, whatever its exit.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.checks.words import seen_lines
from wizard.errors import WizardError
from wizard.host.protocols import FoundState
from wizard.run.asking import context_of, redacted
from wizard.run.effects import Attention
from wizard.run.events import Said
from wizard.run.judge import Verdict, VerdictKind, advice_on, ending, judge_asked_for, judge_known
from wizard.run.repeatedly import Repeatedly
from wizard.run.spool import Spool
from wizard.run.state import StepStatus
from wizard.run.surroundings import seconds_of
from wizard.run.work import Outcome, Work
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.model import Finding
    from wizard.guide.models import StepCheck
    from wizard.host.protocols import Exit
    from wizard.run.context import Run
    from wizard.run.effects import Ended, Request
    from wizard.run.judge import Ends

EVERY: Final = 0.5
"""Seconds between two looks whether it is ready."""

PATIENCE: Final = 60.0
"""Seconds it has to get ready where neither its checks (`within`) nor its `timeout` say so."""

LAST_LOOK: Final = 5.0
"""Seconds for which the look that decides is waited for, from when it is seen that the time is over."""

LINES: Final = 8
"""Last lines of its output that are shown with a failure."""


def begin_beside(run: Run, work: Work, request: Request) -> Outcome | Ended:
    """Start the command of a step beside the walk, and wait until it is ready; see `until_ready`."""
    attempt = run.effects.begin(run, request)
    return until_ready(run, work, Attention(work.planned, attempt, request.command.shown, again=False))


def until_ready(run: Run, work: Work, attention: Attention) -> Outcome | Ended:
    """Attend a command that was started until its `ready_when` holds; one that is not ready in time is stopped.

    Gives how the attempt ended where it did so before, which is for the caller to judge.
    """
    if not work.step.ready_when:
        return _in_background("it runs")
    readiness = _Readiness(run, work)
    with Repeatedly(readiness.look, EVERY, f"ready {work.planned.id}"):
        ended = run.effects.attend(run, replace(attention, enough=readiness.said))
    if ended.exit is not None or ended.found is None or ended.found.state is not FoundState.RUNNING:
        return ended
    if readiness.holds:
        return _in_background(f"ready after {show_duration(readiness.seconds)}")
    lines = tuple(Spool(run.effects.spool(run, attention.attempt)).errors(LINES))
    run.operator.tell(
        Said(f"{work.planned.code} {work.planned.title}: {ended.found.reason}; it is stopped.", "warning")
    )
    run.effects.stop(run, work.planned, attention.attempt)
    return Outcome(StepStatus.FAILED, ended.found.reason, lines=(*readiness.lacking(), *lines))


def _in_background(why: str) -> Outcome:
    return Outcome(StepStatus.IN_BACKGROUND, why)


class _Readiness:
    """Whether a command is ready, looked at on a thread of its own while its output is shown."""

    def __init__(self, run: Run, work: Work) -> None:
        """Ask the checks of `ready_when`, each once a look: how long is waited is decided here."""
        self._run = run
        checks = [_resolved(run, check) for check in work.step.ready_when]
        self._limit = _patience(work, checks)
        self._checks = [one.model_copy(update={"within": None}) for one in checks]
        # Nobody is asked anything from a thread.
        self._context = replace(context_of(run, work.env, work.chain), state=lambda _: None)
        self._began = self._looked = time.monotonic()
        self._findings: tuple[Finding, ...] = ()
        self._given_up_at = math.inf
        """Seconds after the beginning when no look is waited for any more; known once the time is over."""
        self.seconds = 0.0

    def look(self) -> None:
        """Ask all checks once."""
        from wizard.checks.ask import ask_checks

        began = time.monotonic()
        self._findings = tuple(ask_checks(self._checks, self._context))
        self._looked = began

    @property
    def holds(self) -> bool:
        """Whether the last look found it ready."""
        return bool(self._findings) and self._run.effects.verdict(self._findings)

    def said(self) -> str:
        """Why the waiting is over; empty while it is not."""
        self.seconds = time.monotonic() - self._began
        # Where this machine stood still, it may have got ready unseen: a look that began after the time decides.
        looked = self._looked - self._began
        if self.holds:
            return "it is ready"
        if self.seconds >= self._limit:
            self._given_up_at = min(self._given_up_at, self.seconds + LAST_LOOK)
        over = looked >= self._limit or self.seconds >= self._given_up_at
        return f"it was not ready within {show_duration(self._limit)}" if over else ""

    def lacking(self) -> tuple[str, ...]:
        """What was last seen not to hold."""
        return seen_lines(redacted(self._run, one) for one in self._findings if not one.passed)


def _resolved(run: Run, check: StepCheck) -> StepCheck:
    """The check itself where it only names one of the guide's; what is wrong with it is said when it is asked."""
    from wizard.checks.resolving import resolve

    try:
        return resolve(check, run.loaded.guide)
    except WizardError:
        return check


def _patience(work: Work, checks: Sequence[StepCheck]) -> float:
    """Seconds it has to get ready: the longest `within` of its checks, else its `timeout`."""
    times = [seconds_of(one.within, work.env) for one in checks if one.within is not None]
    if times:
        return max(times)
    return seconds_of(work.step.timeout, work.env) if work.step.timeout is not None else PATIENCE


def judge_beside(run: Run, work: Work, end: Exit, spool: Spool, ends: Ends) -> Verdict:
    """Judge the end of a command beside the walk, from the journal: judging again gives the same."""
    step = run.state.step(work.key)
    asked = step.attempt is not None and step.attempt.stop_asked
    in_background = step.status is StepStatus.IN_BACKGROUND
    if asked and in_background:
        return judge_asked_for(end, spool, ends)
    if asked:
        return Verdict(VerdictKind.FAILED, "it was stopped before it was ready")
    if (known := judge_known(end, spool, ends)) is not None and known.kind is not VerdictKind.RETRY:
        return known
    when = "although nothing asked it to" if in_background else "before it was ready"
    return Verdict(VerdictKind.FAILED, f"{ending(end)}, {when}", advice_on(spool, ends))
