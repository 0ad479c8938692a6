"""The report as Markdown, for people and tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.guide.models.steps import Impact
from wizard.plan.words import IMPACT_WORDS
from wizard.run.state import WORTH_TELLING
from wizard.run.status import state_words
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.report.model import Report, StepLine
    from wizard.report.parts import GateLine

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
    if report.rehearsal:
        yield from ("**A rehearsal: nothing was changed, and no step of it was really done.**", "")
    yield f"- Session: `{report.session}`"
    state = state_words(report.state, rehearsal=report.rehearsal)
    yield f"- State: **{state}**{f' — {escape(report.detail)}' if report.detail else ''}"
    yield f"- Way back: {escape(report.reversible)}"
    yield f"- Began {report.began}, last event {report.ended} ({show_duration(report.seconds)})"
    if report.outage_seconds:
        still = ", and it was away still" if report.outage_on else ""
        yield f"- Outage: {show_duration(report.outage_seconds)}{still}"
    if report.expected:
        took, usual = show_duration(report.took), show_duration(report.expected)
        yield f"- The steps whose usual time the guide says took {took}; it says {usual}"
    if report.asked >= WORTH_TELLING:
        yield f"- Steps waited {show_duration(report.asked)} for the word of a person"
    yield from (f"- Driven by {escape(who)} from {at}" for at, who in report.drivers)
    if report.left_to_do:
        yield from ("", "## Left to do by hand", "")
        yield from (f"- {code} {escape(what)}" for code, what in report.left_to_do)
    if report.handed_over:
        yield from ("", "## Handed to other people", "")
        yield from (f"- {code} to {escape(to)}, {at}: {escape(file)}" for code, to, file, at in report.handed_over)
    if report.owed:
        yield from ("", "## Still owed", "")
        yield from (f"- {code} {escape(title)}" for code, title in report.owed)
    if report.by_hand:
        yield from ("", "## Decided by hand", "")
        yield from (f"- {escape(line)}" for line in report.by_hand)
    yield from _steps(report)
    yield from _loops(report)
    yield from _kept_checking(report)
    yield from _beside(report)
    yield from _table("Evidence", ("Name", "Session", "State", "sha256"), report.evidence)
    if report.gates:
        yield from ("", "## Gates", "")
        yield from (f"- {_gate(gate)}" for gate in report.gates)
    yield from _table("Findings", ("Check", "Status", "Seen"), report.findings)
    yield from _table("Answers", ("Question", "Answer", "From"), report.answers)
    yield from _support(report)


def _support(report: Report) -> Iterator[str]:
    """Whom to ask, and the form they want filled in: ready to be sent."""
    if report.support is None:
        return
    yield from ("", "## Support", "", escape(report.support.text))
    if report.support.contact:
        yield from ("", f"Contact: {escape(report.support.contact)}")
    section = ""
    for line in report.support.form:
        if line.section != section:
            section = line.section
            yield from ("", f"### {escape(section)}", "")
        hop = f" (to {escape(line.hop)})" if line.hop else ""
        yield f"- {escape(line.question)}{hop}: {escape(line.answer)}"


def _steps(report: Report) -> Iterator[str]:
    for phase in report.phases:
        yield from ("", f"## {phase.code} {escape(phase.title)} ({IMPACT_WORDS[Impact(phase.impact)]})", "")
        if phase.reason:
            yield from (escape(phase.reason), "")
        for step in phase.steps:
            who = f" (done by {escape(step.who)})" if step.who else ""
            yield f"- **{step.code} {escape(step.title)}**{who}: {step.status}{_detail(step)}"
            yield from (f"  - {escape(name)}: {escape(value)}" for name, value in step.noted)
            for command in step.commands:
                yield from _fenced(command)


def _loops(report: Report) -> Iterator[str]:
    if report.loops or report.rounds:
        yield from ("", "## Loops", "")
    for loop in report.loops:
        items = sum(map(len, loop.batches))
        batches = "" if loop.one_by_one else f", {counted(len(loop.batches), 'batch')}"
        yield f"- {loop.code} {escape(loop.title)}: {len(loop.done)} of {items} done{batches}"
        for number, batch in enumerate(loop.batches, 1):
            names = ", ".join(f"{escape(key)}{'' if key in loop.done else ' (not done)'}" for key in batch)
            yield f"  - {names}" if loop.one_by_one else f"  - batch {number}: {names}"
        yield from (f"  - left out: {escape(key)} — {escape(why)}" for key, why in loop.left_out)
    yield from (f"- {code} {escape(title)}: {counted(int(count), 'round')}" for code, title, count in report.rounds)


def _kept_checking(report: Report) -> Iterator[str]:
    if not report.kept_checking:
        return
    yield from ("", "## Checked beside the work", "")
    for line in report.kept_checking:
        failed = f", failed {counted(line.failed, 'time')}, at most {show_duration(line.longest)} on end"
        failed = failed if line.failed else ""
        away = f", not asked for {show_duration(line.unwatched)}" if line.unwatched else ""
        yield f"- {escape(line.phase)}, **{escape(line.check)}**: asked {counted(line.asked, 'time')}{failed}{away}"
        if line.first:
            yield f"  - first failure {escape(line.first)}"
        if line.last and line.last != line.first:
            yield f"  - last failure {escape(line.last)}"


def _gate(gate: GateLine) -> str:
    proved = f", by the evidence {escape(gate.evidence)} ({gate.sha256[:12]})" if gate.evidence else ""
    return f"{gate.at} {escape(gate.gate)}: {'holds' if gate.holds else 'does not hold'}{proved}"


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
    asked = f", {show_duration(step.asked)} of waiting for a word" if step.asked >= WORTH_TELLING else ""
    tries = f", {len(step.attempts)} attempts" if len(step.attempts) > 1 else ""
    # How a step that simply worked ended says nothing more than that it is done.
    detail = "" if step.how in _QUIET and step.status in ("done", "rehearsed") else step.detail
    return f"{took}{expected}{asked}{tries}{f' — {escape(detail)}' if detail else ''}"


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
