"""The plan as text for a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.guide.models.steps import NoteKind
from wizard.plan.excerpt import SHORTENED, TEXT, More, shown_of
from wizard.plan.model import Included
from wizard.plan.surroundings import where_words
from wizard.plan.words import (
    AT_ITS_END,
    CALLED_BESIDES,
    DRY_RUN,
    LEGEND,
    MADE_LATER,
    MARKS,
    POINT_OF_NO_RETURN,
    RESTORE_POINT,
    WIDTH,
    about,
    as_now_words,
    hop_words,
    left_out_of,
    marks_person,
    offer_words,
    overview,
    phase_impact,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.models.steps import Impact
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep

_LEFT_OUT_SHOWN: Final = 5
_LINES_OF_A_COMMAND: Final = 6


def plan_text(plan: Plan, *, guide_notes: bool = True) -> str:
    """The plan for a terminal: at most 80 columns, no colour; ends with a line end.

    Commands are broken at the margin like other words, and of long ones only the beginning is shown (Markdown
    has them whole). Of loops over many items only the first are shown in full, and how many more there are.
    Without `guide_notes` the guide's own boxes are left out.
    """
    return "\n".join([*_Text(plan).lines(guide_notes=guide_notes), ""])


class _Text:
    """One plan as lines."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._points = {key for _, key in plan.point_of_no_return}
        self._restore = {key for _, key in plan.restore_points}
        self._shortened = False

    def lines(self, *, guide_notes: bool) -> Iterator[str]:
        plan = self._plan
        yield from wrapped(f"{plan.title} ({plan.product})" if plan.product not in plan.title else plan.title)
        yield from wrapped(f"From {plan.current_version} to {plan.target_version}.")
        if plan.works_on:
            yield from wrapped(f"Works on {plan.works_on}.")
        yield ""
        for words in overview(plan):
            yield from wrapped(words)
        for lines in filter(None, map(_box, plan.notes if guide_notes else ())):
            yield from ("", *lines)
        yield from ("", LEGEND)
        for hop in plan.hops:
            if len(plan.hops) > 1 or hop.title:
                yield from ("", *wrapped(f"== {hop_words(hop)} =="))
            for phase in plan.phases:
                if phase.hop == hop.number:
                    yield ""
                    yield from self._phase(phase)
        if offers := list(offer_words(plan)):
            yield from ("", CALLED_BESIDES)
            for name, when in offers:
                yield from wrapped(f"{name} ({when})", indent="    ", first="  ")
        if self._shortened:
            yield from ("", *wrapped(SHORTENED))

    def _phase(self, phase: PlannedPhase) -> Iterator[str]:
        words = f"{MARKS[phase.included]} {phase.code} {phase.title}: {phase_impact(phase)}"
        yield from wrapped(words, indent="    ")
        if phase.reason:
            yield from wrapped(phase.reason, indent="      ", first="      ")
        if phase.included is Included.NO:
            return
        for box in phase.notes:
            yield from _box(box, "      ")
        for step in phase.steps:
            yield from self._step(step, "  ", phase.impact)
        if phase.finally_steps:
            yield f"  {AT_ITS_END}"
            for step in phase.finally_steps:
                yield from self._step(step, "  ", phase.impact)

    def _step(self, step: PlannedStep, indent: str, around: Impact, *, in_full: bool = True) -> Iterator[str]:
        if step.key in self._points:
            yield f"{indent}{'-' * 4} {POINT_OF_NO_RETURN} ".ljust(WIDTH, "-")
        elif step.key in self._restore:
            yield f"{indent}{'-' * 4} {RESTORE_POINT} ".ljust(WIDTH, "-")
        person = " *" if marks_person(step) else ""
        beside = ", ".join(about(step, around))
        words = f"{MARKS[step.included]} {step.code} {step.title}{person}" + (f" ({beside})" if beside else "")
        yield from wrapped(words, indent=f"{indent}    ", first=indent)
        below = f"{indent}      "
        for words in _below(step):
            yield from wrapped(words, indent=f"{below}  ", first=below)
        if step.included is Included.NO:
            return
        yield from _done_by(step, below)
        if not in_full:
            return
        for shown in shown_of(step, TEXT, self._points | self._restore):
            if isinstance(shown, More):
                self._shortened = True
                yield from wrapped(shown.words, indent=below, first=below)
            else:
                child, full = shown
                yield from self._step(child, f"{indent}  ", step.impact, in_full=full)


def _below(step: PlannedStep) -> Iterator[str]:
    """What is said of a step in lines of their own."""
    if step.reason and step.included is not Included.YES:
        yield step.reason
    yield from left_out_of(step, _LEFT_OUT_SHOWN)
    if step.included is Included.NO:
        return
    yield from step.remarks


def _done_by(step: PlannedStep, below: str) -> Iterator[str]:
    """The boxes of a step, its commands with where they run, and its way back."""
    for box in step.notes:
        yield from _box(box, below)
    if step.commands or step.dry_run or step.decided_later:
        yield from wrapped(where_words(step.folder, step.user, step.env), indent=f"{below}  ", first=below, blank=False)
    for command in step.dry_run:
        yield from wrapped(f"{DRY_RUN}: {command.rstrip()}", indent=f"{below}  ", first=below)
    for command in step.commands:
        yield from _command(command, below)
    if step.decided_later:
        yield from wrapped(MADE_LATER, indent=f"{below}  ", first=below)
    if step.facts_as_now:
        yield from wrapped(as_now_words(step.key), indent=f"{below}  ", first=below)
    yield from wrapped(step.way_back, indent=f"{below}  ", first=below, blank=False)


def _command(command: str, below: str) -> Iterator[str]:
    """A command, line by line; the beginning of a long one."""
    lines = command.rstrip().split("\n")
    shown = lines if len(lines) <= _LINES_OF_A_COMMAND + 1 else lines[:_LINES_OF_A_COMMAND]
    for number, line in enumerate(shown):
        inner = f"{below}{'  ' if number else '$ '}{' ' * (len(line) - len(line.lstrip(' ')))}"
        yield from wrapped(line.strip(), indent=f"{below}    ", first=inner[: WIDTH // 2])
    if more := len(lines) - len(shown):
        yield f"{below}  … and {counted(more, 'more line')}"


def _box(box: tuple[str, str, str], below: str = "") -> list[str]:
    """A warning or danger; what is only worth a note is shown when it is reached."""
    kind, title, text = box
    if kind == NoteKind.NOTE.value:
        return []
    head = f"{kind.upper()} — {title}: " if title else f"{kind.upper()}: "
    return wrapped(f"{head}{text}", indent=f"{below}  ", first=below)
