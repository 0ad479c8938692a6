"""How long steps took in earlier sessions of a guide on this machine."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import WizardError
from wizard.guide.models import ActionKind
from wizard.run.folding import fold
from wizard.run.journal import read_journal
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wizard.run.session import Session
    from wizard.run.state import State, StepState

_SESSIONS_LOOKED_AT: Final = 8
_SESSIONS_TAKEN: Final = 2
_LONGEST_JOURNAL: Final = 32 << 20
"""Bytes; reading a longer one would take longer than its times are worth."""
_WORTH_A_WORD: Final = 1.0
"""Seconds; what took less is over before anybody has read it."""


def took_before(guide: str, sessions: Iterable[Session]) -> dict[str, float]:
    """Seconds that steps took, by the address of their model (`PlannedStep.path`).

    Taken from the newest of `sessions` (newest first) that did the same guide to its end, for real; of a
    step that was done for several items or hops it is the median. Of a command only its own time counts, not
    that of the person who was asked first. A session that cannot be read says nothing.
    """
    found: dict[str, float] = {}
    taken = 0
    same = [session for session in sessions if session.guide == guide]
    for session in same[:_SESSIONS_LOOKED_AT]:
        times = _times_of(session)
        if times is None:
            continue
        for path, seconds in times.items():
            found.setdefault(path, statistics.median(seconds))
        taken += 1
        if taken == _SESSIONS_TAKEN:
            break
    return found


def _times_of(session: Session) -> dict[str, list[float]] | None:
    """Times by address; None where the session was not done, or cannot be read."""
    try:
        journal = session.folder / "journal.jsonl"
        if journal.stat().st_size > _LONGEST_JOURNAL:
            return None
        state = fold(read_journal(session.folder).entries)
        if state.rehearsal or state.word is not SessionState.DONE:
            return None
        plan = session.plan(state.plan_sha256)
    except (OSError, WizardError):
        return None
    times: dict[str, list[float]] = {}
    for step in _steps(plan or {}):
        seconds = _seconds(state, str(step.get("key")), str(step.get("action")))
        if seconds is not None and seconds >= _WORTH_A_WORD:
            times.setdefault(str(step.get("path")), []).append(seconds)
    return times


def _steps(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The steps of a plan as its file has them, those that act; read as data, for that is all that is needed."""
    for phase in plan.get("phases", ()):
        for part in ("steps", "finally_steps"):
            yield from _acting(phase.get(part, ()))


def _acting(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        if inner := step.get("steps"):
            yield from _acting(inner)
        else:
            yield step


def _seconds(state: State, key: str, action: str) -> float | None:
    """What a step took that was really done: a command its own time, a wait all of it."""
    step = state.steps.get(key)
    if step is None or step.status is not StepStatus.DONE:
        return None
    match action:
        case ActionKind.RUN:
            return _command_seconds(step)
        case ActionKind.WAIT:
            return step.seconds
        case _:
            return None


def _command_seconds(step: StepState) -> float | None:
    attempt = step.attempt
    if attempt is None or attempt.exit is None:
        return None
    seconds = attempt.exit.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) else None
