"""The words a plan is told in, and what is summed up of it before it is read."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.guide.models.steps import Impact
from wizard.plan.addresses import hop_of
from wizard.plan.model import Included
from wizard.plan.steps import find_step, leaves, within
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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

HARD: Final = frozenset({Impact.NEEDS_RESTORE, Impact.IRREVERSIBLE})
"""Impacts that an undo does not take back."""

LEGEND: Final = "[x] will be done   [?] decided when it is reached   [ ] left out"
MARKS: Final = {Included.YES: "[x]", Included.LATER: "[?]", Included.NO: "[ ]"}
"""Whether a phase or step is part of the run, in three signs."""

POINT_OF_NO_RETURN: Final = "point of no return: no way back from here on"
RESTORE_POINT: Final = "from here on only the backup brings it back"
AT_ITS_END: Final = "At its end, however it ends:"
CALLED_BESIDES: Final = "Can be called besides, with `wizard call`:"
DRY_RUN: Final = "first, changing nothing"
MADE_LATER: Final = "its command is made when it is reached"

_OUTAGES_NAMED: Final = 4
_BACKUPS_NAMED: Final = 6
_NO_UNDO_NAMED: Final = 8
_ACTING: Final = ("run", "wait", "monitor")
"""Actions that take a time of their own."""


@dataclass(frozen=True, slots=True)
class Outage:
    """From which step to which the service is away, by their codes; `end` is empty where no step ends it.

    `seconds` is how long the steps from the one to the other usually take, those whose time is known, and
    `unknown_times` how many there are whose time is not.
    """

    start: str
    end: str
    seconds: float
    unknown_times: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What an operator wants to know of a plan before reading it."""

    steps: int
    later: int
    people: int
    seconds: float
    unknown_times: int
    measured: int
    """How many of the times are from an earlier session."""
    outages: tuple[Outage, ...]
    backups: tuple[str, ...]
    others: tuple[str, ...]
    """Who else does some of it."""


def summary_of(plan: Plan) -> Summary:
    """Count steps and times, and find where outages and backups are, by the codes of their steps."""
    acting = list(_acting(plan.phases))
    walked = list(_walked(plan))
    outages = (_outage(start, end, during) for start, end, during in _spans(walked))
    return Summary(
        steps=len(acting),
        later=sum(step.included is Included.LATER for step in acting),
        people=sum(step.needs_person for step in acting),
        seconds=_seconds(acting),
        unknown_times=sum(map(_time_unknown, acting)),
        measured=sum(step.took_before is not None for step in acting),
        outages=tuple(outages),
        backups=tuple(step.code for step in walked if step.makes_backup),
        others=tuple(dict.fromkeys(step.who for step in walked if step.who)),
    )


def seconds_of(plan: Plan) -> float:
    """How long the steps whose time is known take one after the other."""
    return _seconds(_acting(plan.phases))


def times_of(phases: Iterable[PlannedPhase]) -> tuple[float, int]:
    """Seconds that the steps of these phases usually take, and how many there are whose time is not known."""
    return times_of_steps(_acting(phases))


def times_of_steps(steps: Iterable[PlannedStep]) -> tuple[float, int]:
    """The same of steps that act."""
    acting = list(steps)
    return _seconds(acting), sum(map(_time_unknown, acting))


def time_words(seconds: float, unknown_times: int) -> str:
    """How long something takes: `usually`, or `at least` where not all times are known; empty where none is."""
    return f"{'at least' if unknown_times else 'usually'} {show_duration(seconds)}" if seconds else ""


def _seconds(steps: Iterable[PlannedStep]) -> float:
    return sum(step.takes or 0.0 for step in steps)


def _time_unknown(step: PlannedStep) -> bool:
    later_loop = step.included is Included.LATER and step.action.value == "steps"
    return step.takes is None and (step.action.value in _ACTING or later_loop)


def _acting(phases: Iterable[PlannedPhase]) -> Iterator[PlannedStep]:
    """The steps that act and may be walked, without the groups they stand in."""
    for phase in phases:
        if phase.included is not Included.NO:
            yield from leaves((*phase.steps, *phase.finally_steps))


def _walked(plan: Plan) -> Iterator[PlannedStep]:
    """Every step that may be walked, groups included."""
    for phase in plan.phases:
        if phase.included is not Included.NO:
            steps = within((*phase.steps, *phase.finally_steps))
            yield from (step for step in steps if step.included is not Included.NO)


def outage_bounds(plan: Plan) -> Iterator[tuple[PlannedStep, PlannedStep | None]]:
    """The steps that each outage starts and ends with; None where no step ends it."""
    yield from ((start, end) for start, end, _ in _spans(_walked(plan)))


def _spans(walked: Iterable[PlannedStep]) -> Iterator[tuple[PlannedStep, PlannedStep | None, Sequence[PlannedStep]]]:
    """Where each outage starts and ends, and the acting steps from there to there; a start inside of one is no new one.

    Where steps of a loop start and end it, it lasts until it has ended for every item it was started for.
    """
    start: PlannedStep | None = None
    away: set[str] = set()
    during: list[PlannedStep] = []
    for step in walked:
        if step.outage == "starts":
            if start is None:
                start, during = step, []
            away.add(step.item)
        if start is not None and not step.steps:
            during.append(step)
        if step.outage == "ends" and start is not None:
            away.discard(step.item)
            if not away or not step.item:
                yield start, step, during
                start, away = None, set()
    if start is not None:
        yield start, None, during


def _outage(start: PlannedStep, end: PlannedStep | None, during: Sequence[PlannedStep]) -> Outage:
    unknown = sum(map(_time_unknown, during))
    return Outage(start.code, end.code if end is not None else "", _seconds(during), unknown)


# -- words ---------------------------------------------------------------------------------------


def overview(plan: Plan) -> Iterator[str]:
    """The lines an operator reads first: how much, how long, whether back, who is needed."""
    summary = summary_of(plan)
    steps = counted(summary.steps, "step")
    later = f", {summary.later:,} of them decided when reached" if summary.later else ""
    yield f"{steps} in {_included_phases(plan)}{later}."
    yield _duration_words(summary)
    yield _outage_words(summary)
    if summary.backups:
        yield f"A backup is made by step {some(summary.backups, ' and by step ', _BACKUPS_NAMED)}."
    yield from _way_back(plan)
    if summary.people:
        yield f"A person is needed for {summary.people:,} of the steps (marked with a *)."
    else:
        yield "No step needs a person."
    if summary.others:
        yield f"Somebody else does a part of it: {some(summary.others, ', ', _BACKUPS_NAMED)}."


def some(words: Sequence[str], between: str, at_most: int) -> str:
    """Words with `between` between them, and how many more there are than are said."""
    more = f" and {len(words) - at_most:,} more" if len(words) > at_most else ""
    return f"{between.join(words[:at_most])}{more}"


def _included_phases(plan: Plan) -> str:
    return counted(sum(phase.included is not Included.NO for phase in plan.phases), "phase")


def _duration_words(summary: Summary) -> str:
    if not summary.seconds:
        return "The guide does not say how long it takes."
    words = f"Usually takes {show_duration(summary.seconds)}"
    if summary.measured:
        are = "is" if summary.measured == 1 else "are"
        words += f" ({counted(summary.measured, 'time')} {are} taken from an earlier session here)"
    if summary.unknown_times:
        return f"{words}, without {counted(summary.unknown_times, 'step')} whose time the guide does not say."
    return f"{words}, without the time you take."


def _outage_words(summary: Summary) -> str:
    if not summary.outages:
        return "No outage is announced by the guide."
    return f"Outage {some([_span(one) for one in summary.outages], ' and ', _OUTAGES_NAMED)}."


def _span(outage: Outage) -> str:
    if not outage.end:
        return f"from {outage.start} on, and the guide does not say until when"
    long = time_words(outage.seconds, outage.unknown_times)
    return f"from {outage.start} until {outage.end}" + (f" ({long})" if long else "")


def _way_back(plan: Plan) -> Iterator[str]:
    stays = [step.code for step in _walked(plan) if step.no_undo and step.impact not in HARD]
    if not plan.restore_points and not plan.point_of_no_return:
        at_any_time = "" if stays else ": it can be undone at any time"
        yield f"There is no point of no return{at_any_time}."
    for hop, step, maybe in _points(plan, plan.restore_points):
        inside = f" in {hop}" if hop else ""
        yield f"Only the backup brings it back{inside}: from {step.code} ({step.title}) on{maybe}."
    for hop, step, maybe in _points(plan, plan.point_of_no_return):
        inside = f" of {hop}" if hop else ""
        yield f"Point of no return{inside}: before {step.code} {step.title}{maybe}."
    if len(stays) == 1:
        yield f"Step {stays[0]} has no undo: what it does stays."
    elif stays:
        yield f"{len(stays):,} steps have no undo, and what they do stays: {some(stays, ', ', _NO_UNDO_NAMED)}."


def _points(plan: Plan, points: Iterable[tuple[int, str]]) -> Iterator[tuple[str, PlannedStep, str]]:
    """Of each point its hop where there are several, its step, and whether it may not come to it, in words."""
    for hop, key in points:
        step = find_step(plan, key)
        if step is not None:
            yield (
                f"hop {hop}" if len(plan.hops) > 1 else "",
                step,
                " (if it comes to it)" if step.included is Included.LATER else "",
            )


def as_now_words(key: str) -> str:
    """What is said of a command that is shown with facts its hop reads again; `key` is that of its step."""
    return f"with what the machine says now; read again when hop {hop_of(key)} begins"


def offer_words(plan: Plan) -> Iterator[tuple[str, str]]:
    """The procedures that can be called: id and title, and from which step on and until which, by their codes."""
    codes: dict[str, list[str]] = {}
    for step in _walked(plan):
        codes.setdefault(step.id, []).append(step.code)
    for offer in plan.procedures:
        after, until = (some(codes.get(one, ()), " or ", _BACKUPS_NAMED) for one in (offer.after, offer.until))
        if after:
            yield f"{offer.id}: {offer.title}", f"once {after} is done" + (f", until {until} is done" if until else "")


def hop_words(hop: PlannedHop) -> str:
    """A hop: its number, its versions, its title."""
    title = f" ({hop.title})" if hop.title else ""
    return f"Hop {hop.number}: {hop.from_version} to {hop.to_version}{title}"


def phase_impact(phase: PlannedPhase) -> str:
    """What a phase does to the way back; where a step in it does more than the phase says, until which one."""
    words = IMPACT_WORDS[phase.impact]
    for step in leaves((*phase.steps, *phase.finally_steps)):
        if step.impact in HARD and phase.impact not in (step.impact, Impact.IRREVERSIBLE):
            return f"{words} until {step.code}"
    return words


def about(step: PlannedStep, around: Impact) -> Iterator[str]:
    """What is worth a word beside a step in something of the impact `around`."""
    if step.impact is not around and step.impact in HARD:
        yield IMPACT_WORDS[step.impact]
    if step.makes_backup:
        yield "makes a backup"
    if step.outage:
        yield f"outage {step.outage}"
    if step.temporary:
        yield "taken back at the end of the phase"
    elif step.no_undo and step.impact is not Impact.IRREVERSIBLE:
        yield "no undo"
    if step.who:
        yield f"done by {step.who}"
    if step.loop is not None and step.loop.batches:
        yield _count_of(step)
    if step.took_before is not None:
        yield f"took {show_duration(step.took_before)} last time"
    elif step.takes:
        yield show_duration(step.takes)


def _count_of(step: PlannedStep) -> str:
    assert step.loop is not None  # noqa: S101 - asked for loops
    items, batches = sum(map(len, step.loop.batches)), len(step.loop.batches)
    if all(batch.alone for batch in step.steps):
        return counted(items, "item")
    return f"{items:,} in {batches:,} batches" if batches > 1 else f"{items:,} in one batch"


def marks_person(step: PlannedStep) -> bool:
    """Whether a step is marked as one that needs a person: not a group, whose parts are."""
    return step.needs_person and not step.steps and step.included is not Included.NO


def left_out_of(step: PlannedStep, at_most: int) -> Iterator[str]:
    """The items a loop leaves out, with their reasons."""
    left_out = step.loop.left_out if step.loop is not None else ()
    for key, reason in left_out[:at_most]:
        yield f"{key} is left out: {reason}"
    if len(left_out) > at_most:
        yield f"and {len(left_out) - at_most:,} more are left out"


def wrapped(words: str, *, indent: str = "", first: str = "", blank: bool = True) -> list[str]:
    """Break words at 80 columns; control characters of foreign text become blanks.

    Of no words comes an empty line, without `blank` none.
    """
    clean = printable(words)
    if not clean.strip() and not blank:
        return []
    return textwrap.wrap(clean, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False) or [""]


def printable(words: str) -> str:
    """Text without control characters, a blank in the place of each."""
    return words if words.isprintable() else "".join(one if one.isprintable() else " " for one in words)
