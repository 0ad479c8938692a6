"""The summary of a run in lines: what was done and what was not, what is left, the times, and what can be done next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from screens.home_entries import offer_of
from screens.widgets.reading import Line
from wizard.counting import counted
from wizard.errors import ProblemsError, WizardError
from wizard.plain.clean import clean, clean_line
from wizard.run.session_state import SessionState
from wizard.run.state import WORTH_TELLING
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.report.model import Report, StepLine
    from wizard.run.status import SessionStatus

_HEADS: Final[dict[str, tuple[str, str]]] = {
    SessionState.DONE: ("✓ Done", "good"),
    SessionState.UNDONE: ("↶ Undone", "warning"),
    SessionState.FAILED: ("✗ Failed", "bad"),
    SessionState.UNKNOWN: ("? Outcome unknown", "bad"),
    SessionState.STOPPED: ("■ Stopped", "warning"),
    SessionState.RUNNING: ("▶ Left while a command runs on", "warning"),
    SessionState.WAITING: ("■ Left while it waited", "warning"),
    SessionState.ASKING: ("■ Left while questions were asked", "warning"),
    SessionState.CHECKING: ("■ Left while checks were asked", "warning"),
    SessionState.PLANNED: ("■ Planned, not begun", "warning"),
}

_SIGNS: Final[dict[str, tuple[str, str]]] = {
    "done": ("✓", ""),
    "already done": ("✓", ""),
    "rehearsed": ("✓", ""),
    "skipped": ("»", "warning"),
    "failed": ("✗", "bad"),
    "unknown": ("?", "bad"),
    "undone": ("↶", "warning"),
    "set back": ("↶", ""),
    "running": ("▶", "good"),
    "in background": ("▶", "good"),
    "begun, not ended": ("?", "warning"),
    "its undo was begun, not ended": ("?", "warning"),
    "undoing": ("?", "warning"),
}

_NOT_BEGUN: Final = frozenset({"not begun", "not needed", "waiting"})

_LIST_KEY: Final = "o"
"""The key of the summary that opens the list of all that can be done, for what has none of its own."""


def head_of(status: SessionStatus) -> tuple[str, str]:
    """How a run ended in two or three words, with a sign, and the tone they are said in."""
    if status.closed:
        return f"■ Closed: {clean_line(status.closed)}", "warning"
    words, tone = _HEADS[status.state]
    if not status.rehearsal:
        return words, tone
    return (
        ("✓ Rehearsed: nothing was changed", "good")
        if status.state is SessionState.DONE
        else (f"{words} (rehearsal)", tone)
    )


def summary_lines(status: SessionStatus, report: Report) -> Iterator[Line]:
    """The summary of a session that is in order, most urgent first."""
    yield from _outcome(status, report)
    yield from _part("Still owed", (f"{code} {what}" for code, what in status.owed), "bad")
    yield from _part("Left for you to do by hand", (f"{code} {what}" for code, what in status.by_hand), "warning")
    yield from _part(
        "Handed over", (f"{code} to {to}; the text for them is in {file}" for code, to, file in status.away)
    )
    yield from _part("Decided by hand", report.by_hand)
    yield from _next(status)
    yield from _steps(report)


def _outcome(status: SessionStatus, report: Report) -> Iterator[Line]:
    versions = f" from {report.current_version} to {report.target_version}" if report.target_version else ""
    yield Line(clean_line(f"{report.title}{versions}"), "heading")
    yield from (Line(line, hang=2) for line in clean(status.detail).splitlines())
    counts: dict[str, int] = {}
    for phase in report.phases:
        for step in phase.steps:
            counts[step.status] = counts.get(step.status, 0) + 1
    if counts:
        yield Line("Steps: " + ", ".join(f"{number} {name}" for name, number in counts.items()), hang=7)
    yield Line(f"Time: {_times(report)}", hang=6)
    yield Line(f"Way back: {clean_line(report.reversible)}", hang=10)
    if status.damaged:
        yield Line(f"Its journal is damaged: {clean_line(status.damaged)}", "bad", 2)


def _times(report: Report) -> str:
    parts = [f"{show_duration(report.seconds)} in all"]
    if report.expected:
        parts.append(f"the steps took {show_duration(report.took)} ({show_duration(report.expected)} were expected)")
    if report.asked >= WORTH_TELLING:
        parts.append(f"steps waited {show_duration(report.asked)} for a word")
    if report.outage_seconds >= 1:
        still = ", and is away still" if report.outage_on else ""
        parts.append(f"the service was interrupted for {show_duration(report.outage_seconds)}{still}")
    return "; ".join(parts)


def _next(status: SessionStatus) -> Iterator[Line]:
    titles = dict(status.procedures)
    offers = [(word, offer) for word in status.next if (offer := offer_of(word, titles)) is not None]
    if not offers:
        return
    yield from (Line(""), Line("What can be done next", "heading"))
    commands = [f"wizard {word} {shlex.quote(status.session)}" for word, _ in offers]
    width = min(48, max(map(cell_len, commands)))
    for command, (_, offer) in zip(commands, offers, strict=True):
        yield Line(f"  {offer.key or _LIST_KEY:<2} {command:<{width}}  {offer.words}", "", width + 7)


def _steps(report: Report) -> Iterator[Line]:
    """Every step that was begun, and how many of each phase were not."""
    for phase in report.phases:
        begun = [step for step in phase.steps if step.status not in _NOT_BEGUN]
        rest = len(phase.steps) - len(begun)
        yield from (Line(""), Line(clean_line(f"{phase.code} {phase.title}"), "heading"))
        yield from map(_step, begun)
        if rest:
            needed = all(step.status == "not needed" for step in phase.steps if step not in begun)
            yield Line(f"    {counted(rest, 'step')} {'not needed' if needed else 'not begun or not needed'}", "quiet")


def _step(step: StepLine) -> Line:
    sign, tone = _SIGNS.get(step.status, ("·", ""))
    took = show_duration(step.seconds) if step.seconds >= 1 else ""
    expected = f"expected {show_duration(step.expected)}" if took and step.expected else ""
    asked = f"waited {show_duration(step.asked)} for a word" if step.asked >= WORTH_TELLING else ""
    times = f" ({words})" if (words := ", ".join(filter(None, (took, expected, asked)))) else ""
    detail = f": {clean_line(step.detail)}" if step.detail and tone else ""
    word = "" if step.status == "done" else f" — {step.status}"
    return Line(clean_line(f"{sign} {step.code} {step.title}{word}{times}{detail}"), tone, 6)


def _part(heading: str, lines: Iterator[str] | tuple[str, ...], tone: str = "") -> Iterator[Line]:
    lines = tuple(lines)
    if lines:
        yield from (Line(""), Line(heading, "heading"), *(Line(f"  {clean_line(line)}", tone, 4) for line in lines))


def error_lines(error: WizardError) -> Iterator[Line]:
    """What went wrong, every problem of it, and the way out."""
    yield from (Line(line, "bad") for line in clean(error.message).splitlines())
    if isinstance(error, ProblemsError):
        yield from (Line(line, hang=4) for problem in error.problems for line in clean(str(problem)).splitlines())
    if error.hint:
        yield from (Line(""), *(Line(line) for line in clean(error.hint).splitlines()))
