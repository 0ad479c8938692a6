"""The plan in words: as text for a terminal of 80 columns, and as Markdown with every command."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.guide.models.steps import Impact
from wizard.plan.model import Included
from wizard.plan.steps import find_step, leaves, within
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.plan.model import Plan, PlannedHop, PlannedPhase, PlannedStep

WIDTH: Final = 80

IMPACT_WORDS: Final = {
    Impact.READ_ONLY: "changes nothing",
    Impact.VERIFYING: "only verifies",
    Impact.REVERSIBLE: "can be undone",
    Impact.RESTORING: "restores",
    Impact.NEEDS_RESTORE: "only the backup brings it back",
    Impact.IRREVERSIBLE: "cannot be undone",
}
"""What a phase or step does to the way back, in words."""

_LEGEND: Final = "[x] will be done   [?] decided when it is reached   [ ] left out"
_MARKS: Final = {Included.YES: "[x]", Included.LATER: "[?]", Included.NO: "[ ]"}


@dataclass(frozen=True, slots=True)
class Summary:
    """What an operator wants to know of a plan before reading it."""

    steps: int
    later: int
    people: int
    seconds: float
    unknown_times: int
    outages: tuple[tuple[str, str], ...]
    """Codes of the steps with which each outage starts and ends; the second is empty where no step ends it."""
    backups: tuple[str, ...]


def summary_of(plan: Plan) -> Summary:
    """Count steps and times, and find where outages and backups are, by the codes of their steps."""
    acting = [
        step
        for phase in plan.phases
        if phase.included is not Included.NO
        for step in leaves((*phase.steps, *phase.finally_steps))
    ]
    return Summary(
        steps=len(acting),
        later=sum(step.included is Included.LATER for step in acting),
        people=sum(step.needs_person for step in acting),
        seconds=sum(step.takes or 0.0 for step in acting),
        unknown_times=sum(step.takes is None and step.action.value in ("run", "wait") for step in acting),
        outages=tuple(_outages(plan)),
        backups=tuple(step.code for step in _walked(plan) if step.makes_backup),
    )


def _outages(plan: Plan) -> Iterator[tuple[str, str]]:
    """Where each outage starts and ends; a start inside an outage is no new one."""
    start = ""
    for step in _walked(plan):
        if step.outage == "starts" and not start:
            start = step.code
        elif step.outage == "ends" and start:
            yield start, step.code
            start = ""
    if start:
        yield start, ""


def plan_text(plan: Plan) -> str:
    """The plan for a terminal: at most 80 columns, no colour; ends with a line end."""
    title = f"{plan.title} ({plan.product})" if plan.product not in plan.title else plan.title
    lines = [*_wrapped(title), *_wrapped(f"From {plan.current_version} to {plan.target_version}.")]
    if plan.works_on:
        lines += _wrapped(f"Works on {plan.works_on}.")
    lines += ["", *(line for words in _overview(plan) for line in _wrapped(words)), "", _LEGEND]
    points = {key for _, key in plan.point_of_no_return}
    for hop in plan.hops:
        if len(plan.hops) > 1 or hop.title:
            lines += ["", *_wrapped(_hop_words(hop))]
        for phase in plan.phases:
            if phase.hop == hop.number:
                lines += ["", *_phase_lines(phase, points)]
    return "\n".join([*lines, ""])


def _overview(plan: Plan) -> Iterator[str]:
    """The lines an operator reads first: how much, how long, whether back, who is needed."""
    summary = summary_of(plan)
    steps = "1 step" if summary.steps == 1 else f"{summary.steps} steps"
    later = f", {summary.later} of them decided when reached" if summary.later else ""
    yield f"{steps} in {_included_phases(plan)}{later}."
    yield _duration_words(summary)
    yield _outage_words(summary)
    if summary.backups:
        yield f"A backup is made by step {' and by step '.join(summary.backups)}."
    yield from _way_back(plan)
    if summary.people:
        yield f"A person is needed for {summary.people} of the steps (marked with a *)."
    else:
        yield "No step needs a person."


def _included_phases(plan: Plan) -> str:
    count = sum(phase.included is not Included.NO for phase in plan.phases)
    return "1 phase" if count == 1 else f"{count} phases"


def _duration_words(summary: Summary) -> str:
    if not summary.seconds:
        return "The guide does not say how long it takes."
    words = f"Usually takes {show_duration(summary.seconds)}"
    if summary.unknown_times:
        return f"{words}, and {summary.unknown_times} steps whose time the guide does not say."
    return f"{words}, without the time you take."


def _outage_words(summary: Summary) -> str:
    if not summary.outages:
        return "No outage is announced by the guide."
    spans = [
        f"from {start} until {end}" if end else f"from {start} on, and the guide does not say until when"
        for start, end in summary.outages
    ]
    return f"Outage {' and '.join(spans)}."


def _way_back(plan: Plan) -> Iterator[str]:
    if not plan.point_of_no_return:
        yield "There is no point of no return: it can be undone at any time."
    for hop, key in plan.point_of_no_return:
        step = find_step(plan, key)
        if step is None:
            continue
        inside = f" of hop {hop}" if len(plan.hops) > 1 else ""
        maybe = " (if it comes to it)" if step.included is Included.LATER else ""
        yield f"Point of no return{inside}: before {step.code} {step.title}{maybe}."


def _hop_words(hop: PlannedHop) -> str:
    title = f" ({hop.title})" if hop.title else ""
    return f"== Hop {hop.number}: {hop.from_version} to {hop.to_version}{title} =="


def _phase_lines(phase: PlannedPhase, points: set[str]) -> Iterator[str]:
    mark = _MARKS[phase.included]
    yield from _wrapped(f"{mark} {phase.code} {phase.title}: {IMPACT_WORDS[phase.impact]}", indent="    ")
    if phase.reason:
        yield from _wrapped(phase.reason, indent="      ", first="      ")
    if phase.included is Included.NO:
        return
    for step in phase.steps:
        yield from _step_lines(step, "  ", phase.impact, points)
    if phase.finally_steps:
        yield "  At its end, however it ends:"
        for step in phase.finally_steps:
            yield from _step_lines(step, "  ", phase.impact, points)


def _step_lines(step: PlannedStep, indent: str, around: Impact, points: set[str]) -> Iterator[str]:
    if step.key in points:
        yield f"{indent}{'-' * 4} point of no return: no way back from here on ".ljust(WIDTH, "-")
    person = " *" if step.needs_person and not step.steps and step.included is not Included.NO else ""
    about = ", ".join(_about(step, around))
    words = f"{_MARKS[step.included]} {step.code} {step.title}{person}" + (f" ({about})" if about else "")
    yield from _wrapped(words, indent=f"{indent}    ", first=indent)
    if step.reason and step.included is not Included.YES:
        yield from _wrapped(step.reason, indent=f"{indent}      ", first=f"{indent}      ")
    if step.included is Included.NO:
        return
    for child in step.steps:
        yield from _step_lines(child, f"{indent}  ", step.impact, points)


def _about(step: PlannedStep, around: Impact) -> Iterator[str]:
    """What is worth a word beside a step."""
    if step.impact is not around and step.impact in (Impact.NEEDS_RESTORE, Impact.IRREVERSIBLE):
        yield IMPACT_WORDS[step.impact]
    if step.makes_backup:
        yield "makes a backup"
    if step.outage:
        yield f"outage {step.outage}"
    if step.temporary:
        yield "taken back at the end of the phase"
    if step.takes:
        yield show_duration(step.takes)


def _walked(plan: Plan) -> Iterator[PlannedStep]:
    """Every step that may be walked, groups included."""
    for phase in plan.phases:
        if phase.included is not Included.NO:
            steps = within((*phase.steps, *phase.finally_steps))
            yield from (step for step in steps if step.included is not Included.NO)


def _wrapped(words: str, *, indent: str = "", first: str = "") -> list[str]:
    """Break words at 80 columns; control characters of foreign text become blanks."""
    clean = _printable(words)
    return textwrap.wrap(clean, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _printable(words: str) -> str:
    return "".join(one if one.isprintable() else " " for one in words)


# -- Markdown ------------------------------------------------------------------------------------


def plan_markdown(plan: Plan) -> str:
    """The plan as Markdown, with every command in a fence; ends with a line end."""
    lines = [f"# {_escaped(plan.title)}", "", f"{_escaped(plan.product)}, from {_escaped(plan.current_version)}"]
    lines[-1] += f" to {_escaped(plan.target_version)}" + (f", on {_code(plan.works_on)}." if plan.works_on else ".")
    lines += ["", *(f"- {_escaped(words)}" for words in _overview(plan))]
    points = {key for _, key in plan.point_of_no_return}
    for hop in plan.hops:
        title = f": {_escaped(hop.title)}" if hop.title else ""
        lines += ["", f"## Hop {hop.number}, {_escaped(hop.from_version)} to {_escaped(hop.to_version)}{title}"]
        for phase in plan.phases:
            if phase.hop == hop.number:
                lines += ["", *_phase_markdown(phase, points)]
    return "\n".join([*lines, ""])


def _phase_markdown(phase: PlannedPhase, points: set[str]) -> Iterator[str]:
    left_out = " (left out)" if phase.included is Included.NO else ""
    yield f"### {phase.code} {_escaped(phase.title)}{left_out}"
    yield ""
    yield f"Impact: {IMPACT_WORDS[phase.impact]}."
    if phase.reason:
        yield ""
        yield f"{_escaped(_sentence(phase.reason))}"
    if phase.included is Included.NO:
        return
    yield from _steps_markdown(phase.steps, phase.impact, points)
    if phase.finally_steps:
        yield ""
        yield "At its end, however it ends:"
        yield from _steps_markdown(phase.finally_steps, phase.impact, points)


def _steps_markdown(steps: Iterable[PlannedStep], around: Impact, points: set[str]) -> Iterator[str]:
    for step in steps:
        yield ""
        if step.key in points:
            yield "**Point of no return: there is no way back from here on.**"
            yield ""
        wanted = step.needs_person and not step.steps and step.included is not Included.NO
        person = ["needs a person"] if wanted else []
        about = ", ".join([*person, *_about(step, around)])
        title = f"**{step.code} {_escaped(step.title)}**" + (f" ({_escaped(about)})" if about else "")
        yield f"~~{title}~~" if step.included is Included.NO else title
        if step.reason:
            yield ""
            yield _escaped(_sentence(step.reason))
        if step.included is Included.NO:
            continue
        for command in step.commands:
            yield ""
            yield from _fence(command)
        yield from _steps_markdown(step.steps, step.impact, points)


def _fence(command: str) -> list[str]:
    """A command between fences that are longer than any run of backticks in it."""
    longest, run = 0, 0
    for one in command:
        run = run + 1 if one == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    lines = [_printable(line) for line in command.rstrip("\n").split("\n")]
    return [f"{fence}sh", *lines, fence]


def _code(text: str) -> str:
    return f"`{_printable(text)}`" if "`" not in text else _escaped(text)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _escaped(words: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{one}" if one in "\\`*_[]<>#|~" else one for one in _printable(words))
