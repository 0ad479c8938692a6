"""Words for what the engine tells whoever drives and does not journal: remarks, checks, differences, what is owed."""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

from screens.widgets.reading import Line
from screens.widgets.row_list import BOX_TONES
from wizard.plain.clean import clean, clean_command, clean_line
from wizard.run.events import CheckAsked, Difference, Owed, Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.checks.model import Finding
    from wizard.run.session_view import LogLine, ToldEvent, ToldSeen


def log_lines(log: Sequence[LogLine], told: Sequence[ToldSeen]) -> list[Line]:
    """What happened and what was told, in one course: what was told stands behind the event it came after."""
    lines: list[Line] = []
    waiting = deque(told)
    for event in log:
        while waiting and waiting[0].after < event.seq:
            lines += _with_time(waiting.popleft())
        lines.append(_journalled(event))
    return [*lines, *(line for one in waiting for line in _with_time(one))]


def _with_time(told: ToldSeen) -> Iterator[Line]:
    return (Line(f"{told.at[11:19]} {line.text}", line.tone, 9) for line in told_lines(told.event))


def _journalled(line: LogLine) -> Line:
    text = clean(line.text).replace("\n", " ")
    tone = "bad" if line.ends and (": failed" in text or ": unknown" in text) else ""
    return Line(f"{line.at[11:19]} {text}", "command" if text.startswith("  $ ") else tone, 9)


@lru_cache(maxsize=512)
def told_lines(event: ToldEvent) -> tuple[Line, ...]:
    """The lines of what was told."""
    match event:
        case Said():
            word = "" if event.kind == "note" else f"{event.kind.upper()}: "
            head, *rest = clean(event.text).split("\n")
            tone = BOX_TONES.get(event.kind, "")
            return (Line(f"{word}{head}", tone, 2), *(Line(line, tone, 2) for line in rest))
        case CheckAsked():
            return tuple(_check(event.finding, rehearsed=event.rehearsed))
        case Difference():
            return (Line(f"Change of {clean_line(event.file)}:"), *difference_lines(event.lines))
        case Owed():
            return tuple(Line(f"Still owed: {code} {clean_line(what)}", "warning", 4) for code, what in event.items)
        case _:
            assert_never(event)


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
