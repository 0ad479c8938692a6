"""The plan as Markdown, with every command as it would run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.plan.excerpt import MARKDOWN, SHORTENED, More, shown_of
from wizard.plan.model import Included
from wizard.plan.surroundings import where_words
from wizard.plan.words import (
    AT_ITS_END,
    DRY_RUN,
    MADE_LATER,
    RESTORE_POINT,
    about,
    as_now_words,
    left_out_of,
    marks_person,
    offer_words,
    overview,
    phase_impact,
    printable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.guide.models.steps import Impact
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep

_LEFT_OUT_SHOWN: Final = 50


def plan_markdown(plan: Plan) -> str:
    """The plan as Markdown, with every command in a fence; ends with a line end.

    Of loops over very many items only the first are shown in full, and how many more there are.
    """
    return "\n".join([*_Markdown(plan).lines(), ""])


class _Markdown:
    """One plan as lines of Markdown."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._points = {key for _, key in plan.point_of_no_return}
        self._restore = {key for _, key in plan.restore_points}
        self._shortened = False

    def lines(self) -> Iterator[str]:
        plan = self._plan
        yield from (f"# {_escaped(plan.title)}", "")
        where = f", on {_code(plan.works_on)}" if plan.works_on else ""
        versions = f"from {_escaped(plan.current_version)} to {_escaped(plan.target_version)}"
        yield f"{_escaped(plan.product)}, {versions}{where}."
        yield from ("", *(f"- {_escaped(words)}" for words in overview(plan)))
        yield from _boxes(plan.notes)
        for hop in plan.hops:
            title = f": {_escaped(hop.title)}" if hop.title else ""
            yield ""
            yield f"## Hop {hop.number}, {_escaped(hop.from_version)} to {_escaped(hop.to_version)}{title}"
            for phase in plan.phases:
                if phase.hop == hop.number:
                    yield ""
                    yield from self._phase(phase)
        if offers := list(offer_words(plan)):
            yield from ("", "## Can be called besides", "")
            yield from (f"- {_escaped(name)} ({_escaped(when)})" for name, when in offers)
        if self._shortened:
            yield from ("", SHORTENED)

    def _phase(self, phase: PlannedPhase) -> Iterator[str]:
        left_out = " (left out)" if phase.included is Included.NO else ""
        yield f"### {phase.code} {_escaped(phase.title)}{left_out}"
        yield from ("", f"Impact: {phase_impact(phase)}.")
        if phase.reason:
            yield from ("", _escaped(_sentence(phase.reason)))
        if phase.included is Included.NO:
            return
        yield from _boxes(phase.notes)
        for step in phase.steps:
            yield from self._step(step, phase.impact)
        if phase.finally_steps:
            yield from ("", AT_ITS_END)
            for step in phase.finally_steps:
                yield from self._step(step, phase.impact)

    def _step(self, step: PlannedStep, around: Impact, *, in_full: bool = True) -> Iterator[str]:
        yield ""
        if step.key in self._points:
            yield from ("**Point of no return: there is no way back from here on.**", "")
        elif step.key in self._restore:
            yield from (f"**{_sentence(RESTORE_POINT)}.**", "")
        beside = ", ".join([*(["needs a person"] if marks_person(step) else []), *about(step, around)])
        title = f"**{step.code} {_escaped(step.title)}**" + (f" ({_escaped(beside)})" if beside else "")
        yield f"~~{title}~~" if step.included is Included.NO else title
        if step.reason:
            yield from ("", _escaped(_sentence(step.reason)))
        remarks = () if step.included is Included.NO else step.remarks
        if listed := [*map(_sentence, remarks), *left_out_of(step, _LEFT_OUT_SHOWN)]:
            yield from ("", *(f"- {_escaped(words)}" for words in listed))
        if step.included is Included.NO:
            return
        yield from _done_by(step)
        if not in_full:
            return
        for shown in shown_of(step, MARKDOWN, self._points | self._restore):
            if isinstance(shown, More):
                self._shortened = True
                yield from ("", _escaped(_sentence(shown.words)))
            else:
                child, full = shown
                yield from self._step(child, step.impact, in_full=full)


def _done_by(step: PlannedStep) -> Iterator[str]:
    """The boxes of a step, its commands with where they run, and its way back."""
    yield from _boxes(step.notes)
    where = where_words(step.folder, step.user, step.env)
    if where and (step.commands or step.dry_run or step.decided_later):
        yield from ("", f"{_escaped(_sentence(where))}:")
    for command in step.dry_run:
        yield from ("", f"{_sentence(DRY_RUN)}:", "", *_fence(command))
    for command in step.commands:
        yield from ("", *_fence(command))
    if step.decided_later:
        yield from ("", f"{_sentence(MADE_LATER)}.")
    if step.facts_as_now:
        yield from ("", f"{_escaped(_sentence(as_now_words(step.key)))}.")
    if step.way_back:
        yield from ("", f"{_escaped(_sentence(step.way_back))}.")


def _boxes(boxes: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    for kind, title, text in boxes:
        head = f"**{kind.capitalize()}: {_escaped(title)}**" if title else f"**{kind.capitalize()}**"
        yield from ("", f"> {head}", *(f"> {_escaped(line)}" for line in text.splitlines()))


def _fence(command: str) -> list[str]:
    """A command between fences that are longer than any run of backticks in it."""
    longest, run = 0, 0
    for one in command:
        run = run + 1 if one == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    lines = [printable(line) for line in command.rstrip("\n").split("\n")]
    return [f"{fence}sh", *lines, fence]


def _code(text: str) -> str:
    return f"`{printable(text)}`" if "`" not in text else _escaped(text)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _escaped(words: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{one}" if one in "\\`*_[]<>#|~" else one for one in printable(words))
