"""The report as Markdown, for people and tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.guide.models.steps import Impact
from wizard.plan.render import IMPACT_WORDS
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.report.model import Report, StepLine

_QUIET: Final = frozenset({"ran", "checked", "held"})


def to_markdown(report: Report) -> str:
    """Render the whole report; text from outside is escaped, commands stand in fences."""
    return "\n".join(_lines(report)) + "\n"


def escape(text: str) -> str:
    """Keep text from being read as Markdown."""
    flat = " ".join(text.split())
    return "".join(f"\\{char}" if char in r"\`*_{}[]<>()#+!|~" else char for char in flat)


def _lines(report: Report) -> Iterator[str]:
    versions = f" from {report.current_version} to {report.target_version}" if report.target_version else ""
    yield f"# {escape(report.title + versions)}"
    yield ""
    yield f"- Session: `{report.session}`"
    yield f"- State: **{report.state}**{f' — {escape(report.detail)}' if report.detail else ''}"
    yield f"- Way back: {escape(report.reversible)}"
    yield f"- Began {report.began}, last event {report.ended} ({show_duration(report.seconds)})"
    if report.outage_seconds:
        yield f"- Outage: {show_duration(report.outage_seconds)}"
    yield from (f"- Driven by {escape(who)} from {at}" for at, who in report.drivers)
    if report.owed:
        yield from ("", "## Still owed", "")
        yield from (f"- {code} {escape(title)}" for code, title in report.owed)
    if report.by_hand:
        yield from ("", "## Decided by hand", "")
        yield from (f"- {escape(line)}" for line in report.by_hand)
    yield from _steps(report)
    yield from _beside(report)
    yield from _table("Findings", ("Check", "Status", "Seen"), report.findings)
    yield from _table("Answers", ("Question", "Answer", "From"), report.answers)


def _steps(report: Report) -> Iterator[str]:
    for phase in report.phases:
        yield from ("", f"## {phase.code} {escape(phase.title)} ({IMPACT_WORDS[Impact(phase.impact)]})", "")
        if phase.reason:
            yield from (escape(phase.reason), "")
        for step in phase.steps:
            yield f"- **{step.code} {escape(step.title)}**: {step.status}{_detail(step)}"
            yield from (f"  - {escape(name)}: {escape(value)}" for name, value in step.noted)
            for command in step.commands:
                yield from _fenced(command)


def _beside(report: Report) -> Iterator[str]:
    if not report.beside:
        return
    yield from ("", "## Beside the plan", "")
    for line in report.beside:
        detail = f" — {escape(line.detail)}" if line.detail else ""
        yield f"- {line.at} {line.kind} of {escape(line.of)}, **{escape(line.title)}**: {line.status}{detail}"
        for command in line.commands:
            yield from _fenced(command)


def _detail(step: StepLine) -> str:
    took = f" in {show_duration(step.seconds)}" if step.seconds >= 1 else ""
    expected = f" (expected {show_duration(step.expected)})" if took and step.expected else ""
    tries = f", {len(step.attempts)} attempts" if len(step.attempts) > 1 else ""
    # How a step that simply worked ended says nothing more than that it is done.
    detail = "" if step.how in _QUIET and step.status == "done" else step.detail
    return f"{took}{expected}{tries}{f' — {escape(detail)}' if detail else ''}"


def _fenced(command: str) -> Iterator[str]:
    """A command in a fence longer than any in it."""
    fence = "```"
    while fence in command:
        fence += "`"
    yield ""
    yield f"  {fence}sh"
    yield from (f"  {line}" for line in command.splitlines())
    yield f"  {fence}"
    yield ""


def _table(title: str, head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"## {title}", "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}")
    yield from (f"| {' | '.join(escape(cell) for cell in row)} |" for row in rows)
