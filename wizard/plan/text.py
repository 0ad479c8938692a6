"""The plan as text for a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.plan.excerpt import SHORTENED, TEXT, More, shown_of
from wizard.plan.model import Included
from wizard.plan.words import IMPACT_WORDS, WIDTH, about, hop_words, left_out_of, marks_person, overview, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.models.steps import Impact
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep

_LEGEND: Final = "[x] will be done   [?] decided when it is reached   [ ] left out"
_MARKS: Final = {Included.YES: "[x]", Included.LATER: "[?]", Included.NO: "[ ]"}
_LEFT_OUT_SHOWN: Final = 5


def plan_text(plan: Plan) -> str:
    """The plan for a terminal: at most 80 columns, no colour; ends with a line end.

    Of loops over many items only the first are shown in full, and how many more there are.
    """
    return "\n".join([*_Text(plan).lines(), ""])


class _Text:
    """One plan as lines."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._points = {key for _, key in plan.point_of_no_return}
        self._shortened = False

    def lines(self) -> Iterator[str]:
        plan = self._plan
        yield from wrapped(f"{plan.title} ({plan.product})" if plan.product not in plan.title else plan.title)
        yield from wrapped(f"From {plan.current_version} to {plan.target_version}.")
        if plan.works_on:
            yield from wrapped(f"Works on {plan.works_on}.")
        yield ""
        for words in overview(plan):
            yield from wrapped(words)
        yield from ("", _LEGEND)
        for hop in plan.hops:
            if len(plan.hops) > 1 or hop.title:
                yield from ("", *wrapped(f"== {hop_words(hop)} =="))
            for phase in plan.phases:
                if phase.hop == hop.number:
                    yield ""
                    yield from self._phase(phase)
        if self._shortened:
            yield from ("", *wrapped(SHORTENED))

    def _phase(self, phase: PlannedPhase) -> Iterator[str]:
        words = f"{_MARKS[phase.included]} {phase.code} {phase.title}: {IMPACT_WORDS[phase.impact]}"
        yield from wrapped(words, indent="    ")
        if phase.reason:
            yield from wrapped(phase.reason, indent="      ", first="      ")
        if phase.included is Included.NO:
            return
        for step in phase.steps:
            yield from self._step(step, "  ", phase.impact)
        if phase.finally_steps:
            yield "  At its end, however it ends:"
            for step in phase.finally_steps:
                yield from self._step(step, "  ", phase.impact)

    def _step(self, step: PlannedStep, indent: str, around: Impact, *, in_full: bool = True) -> Iterator[str]:
        if step.key in self._points:
            yield f"{indent}{'-' * 4} point of no return: no way back from here on ".ljust(WIDTH, "-")
        person = " *" if marks_person(step) else ""
        beside = ", ".join(about(step, around))
        words = f"{_MARKS[step.included]} {step.code} {step.title}{person}" + (f" ({beside})" if beside else "")
        yield from wrapped(words, indent=f"{indent}    ", first=indent)
        below = f"{indent}      "
        for words in _below(step):
            yield from wrapped(words, indent=f"{below}  ", first=below)
        if step.included is Included.NO or not in_full:
            return
        for shown in shown_of(step, TEXT, self._points):
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
    for command in step.dry_run:
        yield f"first, changing nothing: {command.rstrip()}"
