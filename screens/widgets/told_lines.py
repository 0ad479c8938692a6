"""Words for what the engine tells whoever drives and does not journal: remarks, checks, differences, what is owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from screens.widgets.reading import Line
from wizard.plain.clean import clean, clean_command, clean_line
from wizard.run.events import CheckAsked, Difference, Owed, Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.checks.model import Finding
    from wizard.run.events import Event
    from wizard.run.session_view import LogLine

_TONES = {"note": "", "warning": "warning", "danger": "bad"}


_MOMENT: Final = 2
"""Seconds by which what was told may seem older than the end of its step: it goes another way to the screen."""


@dataclass(frozen=True, slots=True)
class Told:
    """A line that was told, when (UTC), while which step was done."""

    at: str
    key: str
    line: Line


def log_lines(log: Sequence[LogLine], told: Iterable[Told]) -> list[Line]:
    """What happened and what was told, in one course: what was told for a step stands before that step's end."""
    before: dict[int, list[Told]] = {}
    for one in told:
        before.setdefault(_place(log, one), []).append(one)
    lines: list[Line] = []
    for number in range(len(log) + 1):
        lines += [Line(f"{one.at[11:19]} {one.line.text}", one.line.tone, 9) for one in before.get(number, ())]
        if number < len(log):
            lines.append(_journalled(log[number]))
    return lines


def _place(log: Sequence[LogLine], told: Told) -> int:
    """Before which line of the log something stands: the first end of its step that came with it or later."""
    moment = _second(told.at) - _MOMENT
    after = 0
    for number, line in enumerate(log):
        if told.key and line.key == told.key:
            if line.ends and _second(line.at) >= moment:
                return number
            after = number + 1
        elif not told.key and line.at[:19] <= told.at:
            after = number + 1
    return after or len(log)


def _second(at: str) -> float:
    return datetime.fromisoformat(f"{at[:19]}+00:00").timestamp()


def _journalled(line: LogLine) -> Line:
    text = clean(line.text).replace("\n", " ")
    tone = "bad" if line.ends and (": failed" in text or ": unknown" in text) else ""
    return Line(f"{line.at[11:19]} {text}", "command" if text.startswith("  $ ") else tone, 9)


def told_lines(event: Event) -> list[Line]:
    """The lines of an event; none for one that is seen elsewhere (in the journal, the plan, the header)."""
    match event:
        case Said():
            word = "" if event.kind == "note" else f"{event.kind.upper()}: "
            head, *rest = clean(event.text).split("\n")
            tone = _TONES.get(event.kind, "")
            return [Line(f"{word}{head}", tone, 2), *(Line(line, tone, 2) for line in rest)]
        case CheckAsked():
            return _check(event.finding, rehearsed=event.rehearsed)
        case Difference():
            return [Line(f"Change of {clean_line(event.file)}:"), *difference_lines(event.lines)]
        case Owed():
            return [Line(f"Still owed: {code} {clean_line(what)}", "warning", 4) for code, what in event.items]
        case _:
            return []


def difference_lines(lines: tuple[str, ...]) -> list[Line]:
    """A unified difference; what goes and what comes is told by the sign in front, and by colour besides."""
    return [Line(f"  {shown}", _side(shown), 4) for shown in (clean_command(line).rstrip("\n") for line in lines)]


def _side(line: str) -> str:
    if line.startswith(("+++", "---", "@@")):
        return "quiet"
    return "good" if line.startswith("+") else "bad" if line.startswith("-") else ""


def _check(finding: Finding, *, rehearsed: bool) -> list[Line]:
    seen = clean_line(finding.evidence[0].seen) if finding.evidence else clean_line(finding.say)
    if rehearsed:
        return [Line(f"CHECK {clean_line(finding.title)}: now {seen or finding.status.value}", "quiet", 6)]
    tone = "good" if finding.passed else "bad"
    lines = [Line(f"{finding.status.value.upper()} {clean_line(finding.title)}{f': {seen}' if seen else ''}", tone, 4)]
    if not finding.passed and finding.remedy:
        lines.append(Line(f"  What to do: {clean_line(finding.remedy)}", "", 4))
    return lines
