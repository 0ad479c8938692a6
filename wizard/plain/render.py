"""Words for what the engine tells: pure functions from an event to lines of text.

Every line is clean (see `clean`), at most as wide as the style says (but for commands, paths and
differences, which stay whole so that they can be copied), and says the same without colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, assert_never

from wizard.checks.model import Finding, Status
from wizard.checks.words import findings_summary, sorted_findings, told_of
from wizard.counting import counted
from wizard.facts.model import FactReading, FactStatus
from wizard.guide.models.steps import Impact
from wizard.plain.clean import clean, clean_command, clean_line
from wizard.plain.style import Style, Tone, cells, tone_of
from wizard.plan.model import Included
from wizard.plan.steps import leaves
from wizard.plan.words import IMPACT_WORDS, as_now_words, phase_impact
from wizard.run.events import (
    AnswerTaken,
    CheckAsked,
    CheckBegan,
    ChecksBegan,
    ChecksEnded,
    CommandEnded,
    CommandStarted,
    Difference,
    Event,
    FactRead,
    FindingCame,
    HopBegan,
    Monitored,
    Noted,
    Owed,
    PhaseBegan,
    PlanGrew,
    PlanMade,
    RunEnded,
    Said,
    SessionOpened,
    StepBegan,
    StepEnded,
    WalkBegan,
)
from wizard.secrets import Secret
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wizard.plan.model import Plan
    from wizard.run.events import LogNews

Box = tuple[str, str, str]
"""Kind (note, warning, danger), title, text."""

_NOW: Final = {
    Status.UNKNOWN: "cannot be told", Status.ERROR: "cannot be told", Status.SKIPPED: "not needed",
}  # fmt: skip
"""What a rehearsal says of a check that is neither so nor not so."""

_FACT_LINES: Final = 3
"""Lines that a fact may take; the whole value is in the session."""


def event_lines(  # noqa: C901, PLR0912 - a case for each
    event: Event, style: Style, progress: str = "", shown: Collection[str] = ()
) -> list[str]:
    """Put an event into words.

    `progress` stands behind a step's title (`step 4 of 17`); commands that were `shown` a moment ago are
    not shown again when they start.
    """
    match event:
        case SessionOpened():
            return opened_lines(event, style)
        case FactRead():
            return fact_lines(event.reading, style)
        case AnswerTaken():
            answer = f"{clean_line(event.label)}: {show_value(event.answer.value)} ({event.answer.source})"
            return style.wrap(answer, indent="    ", first="  ")
        case ChecksBegan() | CheckBegan() | FindingCame() | PlanGrew():
            return []  # told all at once when they ended; the plan is not shown again while it is walked
        case ChecksEnded():
            return checks_ended_lines(event, style)
        case PlanMade():
            return boxes_lines(event.boxes, style)
        case WalkBegan():
            return []
        case HopBegan():
            return hop_lines(event, style)
        case PhaseBegan():
            return phase_lines(event, style)
        case StepBegan():
            return step_lines(event, style, progress)
        case StepEnded():
            return step_ended_lines(event, style)
        case CommandStarted():
            return started_lines(event, style, shown)
        case CommandEnded():
            return style.wrap(f"Command ended after {show_duration(event.seconds)}: {clean_line(event.detail)}")
        case Said():
            if event.kind == "note":
                return style.wrap(clean(event.text))
            return box_lines(event.kind, "", event.text, style)
        case Noted():
            return noted_lines(event, style)
        case Difference():
            return difference_lines(event, style)
        case CheckAsked():
            return (rehearsed_check_lines if event.rehearsed else finding_lines)(event.finding, style)
        case Monitored():
            return monitored_lines(event, style)
        case Owed():
            return owed_lines(event, style)
        case RunEnded():
            return run_ended_lines(event, style)
        case _:
            assert_never(event)


def show_value(value: Any) -> str:
    """Write an answer's or fact's value for a person, on one line; a secret is masked."""
    match value:
        case Secret():
            return str(value)
        case bool():
            return "yes" if value else "no"
        case None | "":
            return "(empty)"
        case dict():
            return (
                ", ".join(f"{clean_line(str(name))}: {show_value(part)}" for name, part in value.items()) or "(empty)"
            )
        case list() | tuple():
            parts = [f"({show_value(part)})" if isinstance(part, (dict, list)) else show_value(part) for part in value]
            return ", ".join(parts) or "(none)"
        case _:
            return clean_line(str(value))


def box_lines(kind: str, title: str, text: str, style: Style) -> list[str]:
    """Draw a note, warning or danger; the kind is always a word."""
    tone = tone_of(kind)
    bar = style.paint(style.fit("│"), tone) + " "
    narrow = Style(style.width - 2, style.unicode)
    word = clean_line(kind).upper()
    name = clean_line(title)
    head = narrow.wrap(f"{word} — {name}" if name else word)
    head[0] = head[0].replace(word, style.paint(word, tone), 1)
    return [f"{bar}{line}".rstrip() for line in (*head, *narrow.wrap(clean(text)))]


def boxes_lines(boxes: Iterable[Box], style: Style) -> list[str]:
    """Draw several boxes, an empty line before each."""
    return [line for kind, title, text in boxes for line in ("", *box_lines(kind, title, text, style))]


def command_lines(commands: Sequence[str], style: Style) -> list[str]:
    """Show commands, whole and never wrapped; lines after the first are set in."""
    lines: list[str] = []
    for command in commands:
        first, *rest = style.fit(clean_command(command)).rstrip("\n").split("\n")
        lines += [style.paint(f"    $ {first}", Tone.NEW), *(style.paint(f"      {line}", Tone.NEW) for line in rest)]
    return lines


def fact_lines(reading: FactReading, style: Style) -> list[str]:
    """Say what was found on the machine, or why it was not."""
    name = clean_line(reading.id)
    match reading.status:
        case FactStatus.KNOWN:
            source = f" ({clean_line(reading.source)})" if reading.source else ""
            lines = style.wrap(f"found {name}: {show_value(reading.value)}{source}", indent="    ", first="  ")
            return lines if len(lines) <= _FACT_LINES else [*lines[:_FACT_LINES], style.fit("    …")]
        case FactStatus.ABSENT:
            return style.wrap(f"not there: {name}{_reason(reading.reason)}", indent="    ", first="  ")
        case FactStatus.UNKNOWN:
            return style.wrap(f"not known: {name}{_reason(reading.reason)}", indent="    ", first="  ")
        case _:
            assert_never(reading.status)


def finding_lines(finding: Finding, style: Style, bypassed: str | None = None) -> list[str]:
    """Show a finding: a line where it passed, else with evidence, remedy, fix and links."""
    word = finding.status.value.upper()
    blocks = ""
    if finding.blocking:
        blocks = " (blocks)" if bypassed is None else " (bypassed)"
    lead = f"{word:<8}"
    lines = style.wrap(f"{clean_line(finding.title)}{blocks}", indent=" " * 8, first=lead)
    lines[0] = lines[0].replace(lead, style.paint(word, tone_of(word)) + " " * (8 - len(word)), 1)
    if finding.passed and not finding.say:
        return lines
    for words in told_of(finding, bypassed):
        lines += style.wrap(clean(words), indent=" " * 8)
    return lines


def findings_lines(findings: Sequence[Finding], style: Style, bypassed: Mapping[str, str]) -> list[str]:
    """Show all findings, what matters most first, with a summary in front."""
    lines = ["", *style.wrap(findings_summary(findings, bypassed))]
    for finding in sorted_findings(findings, bypassed):
        lines += finding_lines(finding, style, bypassed.get(finding.key))
    return lines


def checks_ended_lines(event: ChecksEnded, style: Style) -> list[str]:
    """Sum up the checks and name the bypasses."""
    lines = style.wrap(findings_summary(event.findings, dict(event.bypassed)))
    for key, reason in event.bypassed:
        lines += style.wrap(f"bypassed {clean_line(key)}: {clean_line(reason)}", indent="    ", first="  ")
    return lines


def opened_lines(event: SessionOpened, style: Style) -> list[str]:
    """Say which session it is; of a rehearsal that it is one."""
    word = "is resumed" if event.resumed else "begins"
    kind = "rehearsal, session" if event.rehearsal else "session"
    lines = ["", *style.wrap(f"{clean_line(event.guide_title)} — {kind} {clean_line(event.session)} {word}.")]
    if event.rehearsal:
        lines += style.wrap("Every step is shown with its commands, and nothing is changed.")
    return lines


def started_lines(event: CommandStarted, style: Style, shown: Collection[str]) -> list[str]:
    """Say that a command runs, or in a rehearsal that it does not; with its words where they were not `shown`."""
    lines = command_lines([event.shown] if event.shown not in shown else [], style)
    if event.rehearsed:
        return [*lines, *style.wrap("Not run: this is a rehearsal.")]
    word = "Attached again to the running command" if event.attached else "Running"
    return [*style.wrap(f"{word} (attempt {clean_line(event.attempt)}){':' if lines else '.'}"), *lines]


def rehearsed_check_lines(finding: Finding, style: Style) -> list[str]:
    """Say what a check says of the machine as it is, where nothing was done: that is no alarm."""
    word = "so" if finding.passed else _NOW.get(finding.status, "not so")
    seen = finding.evidence[0].seen if finding.evidence else ""
    because = f" — {clean_line(seen)}" if seen and not finding.passed else ""
    return [
        *style.wrap(clean_line(finding.title), indent=" " * 8, first="CHECK   "),
        *style.wrap(f"now: {word}{because}", indent=" " * 10, first=" " * 8),
    ]


def hop_lines(event: HopBegan, style: Style) -> list[str]:
    """Announce a hop with its versions."""
    hop = event.hop
    versions = f"{clean_line(hop.from_version)} to {clean_line(hop.to_version)}"
    title = f" ({clean_line(hop.title)})" if hop.title else ""
    words = f"Hop {hop.number} of {event.hops} — {versions}{title}{', rehearsed' if event.rehearsed else ''}"
    rule = style.fit("═" if style.unicode else "=") * min(style.width, max(20, cells(style.fit(words))))
    return ["", rule, *(style.paint(line, Tone.STRONG) for line in style.wrap(words))]


def phase_lines(event: PhaseBegan, style: Style) -> list[str]:
    """Announce a phase with its impact and the way back."""
    title = f"Phase {event.phase.code} — {clean_line(event.phase.title)}"
    rule = style.fit("─" if style.unicode else "-") * min(style.width, max(20, cells(style.fit(title))))
    lines = ["", rule, *(style.paint(line, Tone.STRONG) for line in style.wrap(title))]
    lines += style.wrap(f"Impact: {phase_impact(event.phase)}.")
    if event.can_go_back:
        lines += style.wrap(f"Way back: {clean(event.can_go_back)}")
    return [*lines, *boxes_lines(event.boxes, style)]


def step_lines(event: StepBegan, style: Style, progress: str) -> list[str]:
    """Announce a step with its code, why, boxes and commands."""
    head = "Undo of step" if event.undoing else "Step"
    title = f"{head} {event.step.code} — {clean_line(event.title)}"
    if progress and not event.undoing:
        title += f"  ({progress})"
    lines = ["", *(style.paint(line, Tone.STRONG) for line in style.wrap(title, indent="    ", first=""))]
    if event.progress:
        lines += style.wrap(f"{event.progress[:1].upper()}{clean_line(event.progress[1:])}.")
    if event.why:
        lines += style.wrap(clean(event.why))
    if event.step.impact in (Impact.IRREVERSIBLE, Impact.NEEDS_RESTORE) and not event.undoing:
        lines += style.wrap(f"Impact: {IMPACT_WORDS[event.step.impact]}.")
    if event.step.who:
        lines += style.wrap(f"Done by: {clean_line(event.step.who)}")
    if event.step.takes:
        lines += style.wrap(f"Usually takes {show_duration(event.step.takes)}.")
    lines += boxes_lines(event.boxes, style)
    if event.commands:
        head = "Command" if len(event.commands) == 1 else "Commands"
        where = f", {clean_line(event.where)}" if event.where else ""
        lines += [*style.wrap(f"{head}{where}:", indent="  ", first=""), *command_lines(event.commands, style)]
        if event.rehearsed and event.step.facts_as_now:
            lines += style.wrap(f"({as_now_words(event.step.key)})")
    return lines


def step_ended_lines(event: StepEnded, style: Style) -> list[str]:
    """Say how a step was left."""
    head = "Undo of step" if event.undoing else "Step"
    word = clean_line(event.status).replace("_", " ")
    if event.rehearsed and event.status in ("done", "already_done"):
        word = "rehearsed"
    # A loop or group has no heading of its own right before its end.
    name = f" {clean_line(event.step.title)}" if event.step.steps else ""
    detail = f" — {clean_line(event.detail)}" if event.detail and event.detail != word else ""
    lines = style.wrap(f"{head} {event.step.code}{name}: {word}{detail}", indent="    ", first="")
    lines[0] = lines[0].replace(word, style.paint(word, tone_of(event.status)), 1)
    return lines


def noted_lines(event: Noted, style: Style) -> list[str]:
    """Show a watcher's note, with who sent it and when (UTC)."""
    sent = f", {clean_line(event.sent)[11:19]}" if event.sent else ""
    head = f"A note of {clean_line(event.who) or 'a watcher'}{sent}: "
    return [style.paint(line, Tone.WARN) for line in style.wrap(clean(f"{head}{event.text}"), indent="  ", first="! ")]


def difference_lines(event: Difference, style: Style) -> list[str]:
    """Show a change of a file line by line, never wrapped."""
    lines = style.wrap(f"Change of {clean_line(event.file)}:")
    for line in event.lines:
        shown = style.fit(clean_command(line).rstrip("\n"))
        tone = Tone.GOOD if shown.startswith("+") else Tone.BAD if shown.startswith("-") else None
        lines.append(style.paint(f"    {shown}", tone))
    return lines


def monitored_lines(event: Monitored, style: Style) -> list[str]:
    """The new lines of the logs that are watched; what the limits show is said by the wait, and at the end."""
    return [line for log in event.logs for told in log_lines(log) for line in style.wrap(clean(told))]


def log_lines(log: LogNews) -> list[str]:
    """The new lines of one log, each with its path, and how many there were before them."""
    left_out = log.count - len(log.lines)
    before = [f"({counted(left_out, 'line')} before these)"] if left_out > 0 else []
    return [f"{log.path}: {line}" for line in (*before, *log.lines)]


def owed_lines(event: Owed, style: Style) -> list[str]:
    """List what is still owed."""
    if not event.items:
        return []
    lines = ["", *style.wrap("Still owed (set for a while, not yet taken back):")]
    for code, title in event.items:
        lines += style.wrap(f"{clean_line(code)} {clean_line(title)}", indent="    ", first="  ")
    return lines


def run_ended_lines(event: RunEnded, style: Style) -> list[str]:
    """Say how the walk was left and what comes next."""
    word = clean_line(event.state)
    detail = f" — {clean(event.detail)}" if event.detail else ""
    what = "rehearsal" if event.rehearsed else "run"
    nothing = " Nothing was changed." if event.rehearsed else ""
    lines = ["", *style.wrap(f"The {what} is {word}{detail}{'.' if nothing and not detail else ''}{nothing}")]
    lines[1] = lines[1].replace(word, style.paint(word, tone_of(word)), 1)
    if event.by_hand:
        lines.append("Left to do by hand:")
    for code, what in event.by_hand:
        lines += style.wrap(f"{clean_line(code)} {clean_line(what)}", indent="    ", first="  ")
    for code, to, file in event.away:
        lines += style.wrap(f"{clean_line(code)} was handed to {clean_line(to)}; the text for them lies in:")
        lines.append(f"    {style.fit(clean_line(file))}")
    if event.next:
        lines.append("What you can do now:")
    titles = {f"call {name}": title for name, title in event.procedures}
    for way in event.next:
        what = f"  ({clean_line(titles[way])})" if way in titles else ""
        lines += style.wrap(f"wizard {clean(way)}{what}", indent="    ", first="  ")
    return lines


def walked_steps(plan: Plan) -> list[str]:
    """Keys of the steps that are part of the run, in order, with those at the end of a phase; of a group its parts."""
    return [
        step.key
        for phase in plan.phases
        if phase.included is not Included.NO
        for step in leaves((*phase.steps, *phase.finally_steps))
        if step.included is not Included.NO
    ]


def progress_words(steps: Sequence[str], key: str) -> str:
    """Say how far a step is along the plan; empty for one that the plan does not hold."""
    return f"step {steps.index(key) + 1} of {len(steps)}" if key in steps else ""


def _reason(reason: str) -> str:
    return f" — {clean_line(reason)}" if reason else ""
