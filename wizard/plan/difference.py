"""What is different between two plans: after an answer was changed, or since an earlier session."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.plan.loops import named
from wizard.plan.model import Included
from wizard.plan.steps import find_step
from wizard.plan.words import IMPACT_WORDS, WIDTH, printable, seconds_of
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.plan.model import Plan, PlannedLoop, PlannedPhase, PlannedStep

_SHOWN_AT_MOST: Final = 40
"""Changes that the text tells; of more it says how many."""

_BATCH_OF_ITEM: Final = re.compile(r"/#[0-9]+(?=/=)")
"""The part of a key that says in which batch an item is: the same step of the same item may move to another."""


class ChangeKind(StrEnum):
    """What is different."""

    HOPS = "hops"
    WORKS_ON = "works-on"
    POINT_OF_NO_RETURN = "point-of-no-return"
    DURATION = "duration"
    """How long all of it takes; of one step `STEP_DURATION`."""
    COMES_IN = "comes-in"
    GOES_OUT = "goes-out"
    DECIDED_LATER = "decided-later"
    ITEMS = "items"
    BATCHES = "batches"
    TITLE = "title"
    IMPACT = "impact"
    COMMANDS = "commands"
    STEP_DURATION = "step-duration"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    `code` and `title` name the phase or step as the later plan calls it, where it has it; both are empty where
    it is one of the plan as a whole. `before` and `after` are words, empty where one side has nothing to say.
    """

    kind: ChangeKind
    code: str = ""
    title: str = ""
    key: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""

    @property
    def sign(self) -> str:
        """`+` what comes in, `-` what goes out, `~` what is there before and after."""
        match self.kind:
            case ChangeKind.COMES_IN:
                return "+"
            case ChangeKind.GOES_OUT:
                return "-"
            case _:
                return "~"


def difference(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Every difference: those of the plan as a whole first, then phase by phase and step by step.

    A phase or group that comes in or goes out stands for all that is in it, an item of a loop for its steps.
    """
    return (*_of_plan(before, after), *_of_parts(before, after))


def _of_plan(before: Plan, after: Plan) -> Iterator[Change]:
    if (was := _path(before)) != (now := _path(after)):
        yield Change(ChangeKind.HOPS, before=was, after=now)
    if before.works_on != after.works_on:
        yield Change(ChangeKind.WORKS_ON, before=before.works_on, after=after.works_on)
    if (was := _points(before)) != (now := _points(after)):
        yield Change(ChangeKind.POINT_OF_NO_RETURN, before=was, after=now)
    if (long := seconds_of(before)) != (long_now := seconds_of(after)):
        yield Change(ChangeKind.DURATION, before=_time(long), after=_time(long_now))


def _path(plan: Plan) -> str:
    return " → ".join([plan.current_version, *(hop.to_version for hop in plan.hops)])


def _points(plan: Plan) -> str:
    steps = (find_step(plan, key) for _, key in plan.point_of_no_return)
    return ", ".join(f"{step.code} {step.title}" for step in steps if step is not None) or "none"


def _time(seconds: float | None) -> str:
    return show_duration(seconds) if seconds else ""


# -- phases and steps ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Placed:
    part: PlannedPhase | PlannedStep
    around: str
    """Where what it stands in is filed; empty for a phase."""


def _parts(plan: Plan) -> dict[str, _Placed]:
    """Every phase and step by its key, without the batch in which an item happens to be; no batches."""
    found: dict[str, _Placed] = {}

    def add(steps: tuple[PlannedStep, ...], around: str) -> None:
        for step in steps:
            if step.batch:
                add(step.steps, around)
                continue
            key = _BATCH_OF_ITEM.sub("", step.key)
            found[key] = _Placed(step, around)
            add(step.steps, key)

    for phase in plan.phases:
        found[phase.key] = _Placed(phase, "")
        add((*phase.steps, *phase.finally_steps), phase.key)
    return found


def _of_parts(before: Plan, after: Plan) -> Iterator[Change]:
    old, new = _parts(before), _parts(after)
    told: set[str] = set()
    """Keys of what a change above it stands for."""
    for key, placed in new.items():
        was = old[key].part if key in old else None
        if placed.around in told or _moved_with_item(placed, key, old, new):
            told.add(key)
        elif was is None or (was.included is Included.NO) != (placed.part.included is Included.NO):
            told.add(key)
            if (change := _in_or_out(was, placed.part)) is not None:
                yield change
        elif placed.part.included is Included.NO:
            told.add(key)
        else:
            yield from _changes(was, placed.part)
    told.clear()
    for key, placed in old.items():
        if placed.around in told or _moved_with_item(placed, key, new, old):
            told.add(key)
        elif key not in new:
            told.add(key)
            if placed.part.included is not Included.NO:
                yield _change(ChangeKind.GOES_OUT, placed.part, reason="the plan does not have it any more")


def _moved_with_item(placed: _Placed, key: str, other: dict[str, _Placed], own: dict[str, _Placed]) -> bool:
    """Whether it belongs to an item that only one of the plans has: the loop's own change tells that."""
    return key not in other and placed.around in other and _loop(own.get(placed.around)) is not None


def _loop(placed: _Placed | None) -> PlannedLoop | None:
    return getattr(placed.part, "loop", None) if placed is not None else None


def _in_or_out(was: PlannedPhase | PlannedStep | None, now: PlannedPhase | PlannedStep) -> Change | None:
    if now.included is not Included.NO:
        return _change(ChangeKind.COMES_IN, now, reason=now.reason)
    return _change(ChangeKind.GOES_OUT, now, reason=now.reason) if was is not None else None


def _changes(was: PlannedPhase | PlannedStep, now: PlannedPhase | PlannedStep) -> Iterator[Change]:
    if was.included is not now.included:
        later = now.included is Included.LATER
        yield _change(
            ChangeKind.DECIDED_LATER,
            now,
            before="decided" if later else "decided when it is reached",
            after="decided when it is reached" if later else "decided",
            reason=now.reason,
        )
    if was.title != now.title:
        yield _change(ChangeKind.TITLE, now, was.title, now.title)
    if was.impact is not now.impact:
        yield _change(ChangeKind.IMPACT, now, IMPACT_WORDS[was.impact], IMPACT_WORDS[now.impact])
    old, new = getattr(was, "loop", None), getattr(now, "loop", None)
    if old is not None and new is not None:
        yield from _of_loop(now, old, new)
    if (commands := _commands(was)) != (commands_now := _commands(now)):
        yield _change(ChangeKind.COMMANDS, now, commands, commands_now)
    if not getattr(now, "steps", ()) and (took := getattr(was, "takes", None)) != (
        takes := getattr(now, "takes", None)
    ):
        yield _change(ChangeKind.STEP_DURATION, now, _time(took), _time(takes))


def _commands(part: PlannedPhase | PlannedStep) -> str:
    return "\n".join((*getattr(part, "dry_run", ()), *getattr(part, "commands", ())))


def _of_loop(now: PlannedPhase | PlannedStep, old: PlannedLoop, new: PlannedLoop) -> Iterator[Change]:
    """Items that came or went, and batches that are others although the items are the same."""
    before, after = _worked_on(old), _worked_on(new)
    gone, came = [key for key in before if key not in after], [key for key in after if key not in before]
    if gone or came:
        yield _change(ChangeKind.ITEMS, now, named(gone, 8), named(came, 8))
    elif old.batches != new.batches:
        yield _change(ChangeKind.BATCHES, now, _batches(old), _batches(new))


def _worked_on(loop: PlannedLoop) -> dict[str, None]:
    return {key: None for batch in loop.batches for key in batch}


def _batches(loop: PlannedLoop) -> str:
    """Batches for people: how many, and the first ones with their items."""
    shown = "; ".join(named(batch, 4) for batch in loop.batches[:4])
    return f"{len(loop.batches):,} ({shown}{'; …' if len(loop.batches) > 4 else ''})"


def _change(
    kind: ChangeKind, part: PlannedPhase | PlannedStep, before: str = "", after: str = "", reason: str = ""
) -> Change:
    return Change(kind, part.code, part.title, part.key, before, after, reason)


# -- in words ------------------------------------------------------------------------------------


def difference_text(changes: tuple[Change, ...]) -> str:
    """The changes for a terminal of 80 columns; ends with a line end."""
    if not changes:
        return "Nothing is different in the plan.\n"
    lines = ["What is different in the plan:"]
    for change in changes[:_SHOWN_AT_MOST]:
        lines += _lines(change)
    if len(changes) > _SHOWN_AT_MOST:
        lines.append(f"  and {counted(len(changes) - _SHOWN_AT_MOST, 'change')} more")
    return "\n".join([*lines, ""])


def _lines(change: Change) -> Iterator[str]:
    first, *more = change_words(change)
    yield from _wrapped(first, "  ", "    ")
    for line in more:
        yield from _wrapped(line, "      ", "        ")


_SAID: Final = {
    ChangeKind.HOPS: "The way goes {now} (before: {was}).",
    ChangeKind.WORKS_ON: "It works on {now} (before: {was}).",
    ChangeKind.POINT_OF_NO_RETURN: "Point of no return: {now} (before: {was}).",
    ChangeKind.DURATION: "All of it usually takes {now} (before: {was}).",
    ChangeKind.COMES_IN: "+ {what} is part of the run now{reason}",
    ChangeKind.GOES_OUT: "- {what} is not part of the run any more{reason}",
    ChangeKind.DECIDED_LATER: "~ {what} is {now} (before: {was})",
    ChangeKind.ITEMS: "~ {what} goes over other items",
    ChangeKind.BATCHES: "~ {what} has other batches",
    ChangeKind.TITLE: "~ {code} is called {now} (before: {was})",
    ChangeKind.IMPACT: "~ {what}: {now} (before: {was})",
    ChangeKind.COMMANDS: "~ {what} runs something else",
    ChangeKind.STEP_DURATION: "~ {what} usually takes {now} (before: {was})",
}


def change_words(change: Change) -> list[str]:
    """A change in words: a line, and what it was and is in lines of their own where that is more than a few words."""
    was, now = change.before or "not known", change.after or "not known"
    what = f"{change.code} {change.title}".strip()
    reason = f": {change.reason}" if change.reason else ""
    said = _SAID[change.kind].format(what=what, code=change.code, was=was, now=now, reason=reason)
    match change.kind:
        case ChangeKind.ITEMS:
            came = [f"comes in: {change.after}"] if change.after else []
            return [said, *came, *([f"goes out: {change.before}"] if change.before else [])]
        case ChangeKind.BATCHES:
            return [said, f"was: {was}", f"is:  {now}"]
        case ChangeKind.COMMANDS:
            return [said, *_side("was", was), *_side("is", now)]
        case _:
            return [said]


def _side(word: str, commands: str) -> list[str]:
    first, *more = commands.splitlines() or [""]
    return [f"{word + ':':<5}{first}", *(f"     {line}" for line in more)]


def _wrapped(words: str, first: str, indent: str) -> list[str]:
    return textwrap.wrap(
        printable(words), WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    ) or [first.rstrip()]
