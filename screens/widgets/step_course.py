"""The way through the steps: which there are, in their order, and where one is among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.widgets.reading import Line
from screens.widgets.run_header import way_back_words
from screens.widgets.step_list import SIGNS
from screens.widgets.step_reading import box_lines
from wizard.plain.clean import clean_line
from wizard.plan.steps import leaves, within
from wizard.plan.words import phase_impact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.session_view import AttemptSeen, SessionView


class Course:
    """The steps of one plan that act, in the order of the walk; what was done beside it stands behind its step."""

    def __init__(self, plan: Plan | None, aside: tuple[PlannedStep, ...] = ()) -> None:
        """Go through `plan`, with the steps of an undo behind what they take back, and procedures last."""
        phases = plan.phases if plan is not None else ()
        planned = [step for phase in phases for step in leaves((*phase.steps, *phase.finally_steps))]
        self._numbers = {step.key: number for number, step in enumerate(planned, 1)}
        behind: dict[str, list[PlannedStep]] = {}
        last_of = _last_inside(planned)
        for step in aside:
            behind.setdefault(_undone_by(step.key, last_of), []).append(step)
        self.steps: list[PlannedStep] = [one for step in planned for one in (step, *behind.pop(step.key, []))]
        self.steps += [step for rest in behind.values() for step in rest]
        self.phases = {phase.key: phase for phase in phases}
        self._at = {step.key: number for number, step in enumerate(self.steps)}
        self._planned = {step.key: step for phase in phases for step in within((*phase.steps, *phase.finally_steps))}
        self._planned |= {step.key: step for step in aside}

    def find(self, key: str) -> PlannedStep | None:
        """The step at an address, groups too."""
        return self._planned.get(key)

    def around(self, key: str) -> tuple[Sequence[PlannedStep | PlannedPhase], int] | None:
        """The steps, and where `key` is among them; a group or a phase stands before the first that is in it."""
        if (at := self._at.get(key)) is not None:
            return self.steps, at
        group = self.find(key) or self.phases.get(key)
        at = self._first_in(key)
        return ([*self.steps[:at], group, *self.steps[at:]], at) if group is not None and at is not None else None

    def count(self, key: str) -> str:
        """Which of the steps of the plan it is, or which are in it; what was done beside them has no number."""
        within_it = [self._numbers[key]] if key in self._numbers else self._numbers_in(key)
        if not within_it:
            return "beside the plan"
        first, last = within_it[0], within_it[-1]
        numbers = f"step {first:,}" if first == last else f"steps {first:,} to {last:,}"
        return f"{numbers} of {len(self._numbers):,}"

    def _first_in(self, key: str) -> int | None:
        """Where the first step inside of a group or phase is."""
        return next((number for number, step in enumerate(self.steps) if step.key.startswith(f"{key}/")), None)

    def _numbers_in(self, key: str) -> list[int]:
        return [number for one, number in self._numbers.items() if one.startswith(f"{key}/")]

    def beside(self, key: str, by: int) -> str:
        """The address of the step so many further on; the ends hold."""
        if not self.steps:
            return key
        at = self._at.get(key)
        if at is None:
            at = (self._first_in(key) or 0) - (by > 0)
        return self.steps[max(0, min(len(self.steps) - 1, at + by))].key


def _last_inside(steps: Iterable[PlannedStep]) -> dict[str, str]:
    """The last of these steps in each thing they stand in, and each by itself, by address."""
    last: dict[str, str] = {}
    for step in steps:
        above = step.key
        while above:
            last[above] = step.key
            above = above.rpartition("/")[0]
    return last


def _undone_by(key: str, last_of: Mapping[str, str]) -> str:
    """The last step of the plan that the undo at `key` takes back; empty for what belongs to none."""
    above = key.removeprefix("undo/") if key.startswith("undo/") else ""
    while above and above not in last_of:
        above = above.rpartition("/")[0]
    return last_of.get(above, "")


def strip_words(view: SessionView, course: Course, key: str, width: int) -> str:
    """The steps around one, in one line: each by its sign and code, the one that is shown in brackets."""
    if (found := course.around(key)) is None:
        return ""
    steps, place = found
    tail = course.count(key)
    room = width - len(tail) - 2
    first = last = place
    parts = {first: f"[{_named(view, steps[first])}]"}
    used = len(parts[first])
    grown = True
    while grown:
        grown = False
        for at in (last + 1, first - 1):
            if 0 <= at < len(steps) and at not in parts:
                words = _named(view, steps[at])
                if used + len(words) + 1 > room:
                    continue
                parts[at], grown = words, True
                used += len(words) + 1
                first, last = min(first, at), max(last, at)
    line = " ".join(parts[at] for at in sorted(parts))
    return f"{line}{' ' * max(2, width - len(line) - len(tail))}{tail}"


def _named(view: SessionView, step: PlannedStep | PlannedPhase) -> str:
    sign = SIGNS[view.status(step.key)][0].strip()
    return f"{sign}{step.code}"


def phase_lines(phase: PlannedPhase, view: SessionView) -> list[Line]:
    """What is to be read about a phase."""
    lines = [
        Line(f"Phase {phase.code} {clean_line(phase.title)}", "heading", 4),
        Line(f"Impact: {phase_impact(phase)}."),
    ]
    if phase.reason:
        lines.append(Line(clean_line(phase.reason), "quiet"))
    if view.phase is not None and view.phase.key == phase.key:
        lines.append(Line(way_back_words(view), hang=2))
    for box in phase.notes:
        lines += box_lines(box)
    return lines


def attempt_for(view: SessionView, key: str, *, group: bool) -> AttemptSeen | None:
    """The last command that was started for a step, or of a `group` for anything in it; None where none was."""
    name = view.last_attempts.get(key)
    if name is None and group:
        below = f"{key}/"
        inside = [name for of, name in view.last_attempts.items() if of.startswith(below)]
        name = inside[-1] if inside else None
    return view.attempts.get(name) if name is not None else None
