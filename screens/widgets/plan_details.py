"""What is told of the selected part of a plan: why it is in or out, what it does to the way back, what will run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screens.widgets.plan_tree import IMPACT_TONES, OUTAGE_ENDS, OUTAGE_STARTS, OVERVIEW, Node
from screens.widgets.reading import Line, plain_lines
from screens.widgets.row_list import BOX_TONES, Tone
from wizard.counting import counted
from wizard.plain.clean import clean, clean_command, clean_line
from wizard.plan.difference import Change, change_words
from wizard.plan.model import Included, PlannedHop, PlannedPhase, PlannedStep
from wizard.plan.surroundings import where_words
from wizard.plan.words import (
    DRY_RUN,
    IMPACT_WORDS,
    MADE_LATER,
    about,
    as_now_words,
    hop_words,
    left_out_of,
    marks_person,
    overview,
    phase_impact,
    time_words,
    times_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wizard.plan.model import Plan

LEFT_OUT_SHOWN: Final = 50
ITEMS_SHOWN: Final = 200
CHANGES_SHOWN: Final = 300
"""Changes that are told at once; of more it is said how many."""

_STANDING: Final = {
    Included.YES: "Part of the run",
    Included.LATER: "Decided when it is reached",
    Included.NO: "Left out",
}
_RULES: Final = {
    OUTAGE_STARTS: "From this step on the service is away.",
    OUTAGE_ENDS: "Once this step is done, the service is back.",
}


def details_of(node: Node, plan: Plan, changes: Mapping[str, Sequence[Change]]) -> list[Line]:
    """What is told of a node; `changes` are those of each part, by its key."""
    if node.rule:
        return list(_rule(node))
    match node.part:
        case PlannedStep() as step:
            told = [*_step(step), *_changes(changes.get(step.key, ()))]
        case PlannedPhase() as phase:
            told = [*_phase(phase), *_changes(changes.get(phase.key, ()))]
        case PlannedHop() as hop:
            told = list(_hop(hop, plan))
        case None:
            told = list(_plan(plan, changes)) if node.key == OVERVIEW else list(_line(node))
    return told


def changes_told(changes: Sequence[Change], *, compared: bool) -> list[Line]:
    """All changes; `compared` says whether there is a plan before this one at all."""
    if not compared:
        return [Line("There is no plan before this one to compare it with.", "quiet")]
    if not changes:
        return [Line("Nothing is different from the plan before.", "quiet")]
    lines = [Line("What is different from the plan before:", "heading")]
    for change in changes[:CHANGES_SHOWN]:
        first, *more = change_words(change)
        lines.append(Line(clean_line(first), "", 4))
        lines += [Line(f"    {clean_command(words)}", "command", 6) for words in more]
    if len(changes) > CHANGES_SHOWN:
        lines.append(Line(f"and {counted(len(changes) - CHANGES_SHOWN, 'change')} more", "quiet"))
    return lines


def commands_of(node: Node) -> str:
    """Every command of a node as it will run, to be copied; empty where it has none."""
    step = node.part
    return "\n".join((*step.dry_run, *step.commands)) if isinstance(step, PlannedStep) and not node.rule else ""


def _plan(plan: Plan, changes: Mapping[str, Sequence[Change]]) -> Iterator[Line]:
    yield Line(clean_line(plan.title), "heading")
    yield Line(clean_line(f"{plan.product}, from {plan.current_version} to {plan.target_version}."))
    if plan.works_on:
        yield Line(clean_line(f"Works on {plan.works_on}."))
    for words in overview(plan):
        yield Line(clean_line(words), "", 2)
    if count := sum(map(len, changes.values())):
        yield Line(f"{counted(count, 'change')} since the plan before (d shows all).", "command")
    yield from _boxes(plan.notes)


def _hop(hop: PlannedHop, plan: Plan) -> Iterator[Line]:
    yield Line(clean_line(hop_words(hop)), "heading")
    phases = [phase for phase in plan.phases if phase.hop == hop.number]
    yield from _time(*times_of(phases))
    for phase in phases:
        if phase.included is not Included.NO:
            yield Line(clean_line(f"{phase.code} {phase.title}: {phase_impact(phase)}"), "", 4)


def _phase(phase: PlannedPhase) -> Iterator[Line]:
    yield Line(clean_line(f"{phase.code} {phase.title}"), "heading")
    yield _standing(phase)
    yield Line(f"Impact: {phase_impact(phase)}.", _tone(phase))
    yield from _time(*times_of([phase]))
    yield from _boxes(phase.notes)


def _step(step: PlannedStep) -> Iterator[Line]:
    yield Line(clean_line(f"{step.code} {step.title}"), "heading")
    yield _standing(step)
    yield Line(f"Impact: {IMPACT_WORDS[step.impact]}.", _tone(step))
    if beside := ", ".join(about(step, step.impact)):
        yield Line(clean_line(f"{beside[:1].upper()}{beside[1:]}."))
    if marks_person(step):
        yield Line("Needs a person (*).")
    if step.loop is not None:
        yield from (Line(clean_line(words), "", 2) for words in left_out_of(step, LEFT_OUT_SHOWN))
    if step.included is Included.NO:
        return
    yield from (Line(clean_line(words), "", 2) for words in step.remarks)
    yield from _items(step)
    yield from _boxes(step.notes)
    yield from _done_by(step)


def _items(step: PlannedStep) -> Iterator[Line]:
    """The items of a loop or batch."""
    if step.loop is not None:
        keys = [key for batch in step.loop.batches for key in batch]
    elif step.batch:
        keys = list(dict.fromkeys(child.item for child in step.steps if child.item))
    else:
        return
    shown = ", ".join(map(clean_line, keys[:ITEMS_SHOWN]))
    more = f" and {len(keys) - ITEMS_SHOWN:,} more" if len(keys) > ITEMS_SHOWN else ""
    yield Line(f"{counted(len(keys), 'item')}: {shown}{more}" if keys else "No items.", "", 2)


def _done_by(step: PlannedStep) -> Iterator[Line]:
    """Its commands whole, with where they run, and its way back."""
    if step.commands or step.dry_run or step.decided_later:
        where = where_words(step.folder, step.user, step.env)
        yield Line(clean_line(f"Runs {where}:") if where else "Runs:", "", 2)
    for command in step.dry_run:
        yield Line(f"  {DRY_RUN}:", "quiet")
        yield from _command(command)
    for command in step.commands:
        yield from _command(command)
    if step.decided_later:
        yield Line(f"  {MADE_LATER}", "quiet")
    if step.facts_as_now:
        yield Line(f"  ({as_now_words(step.key)})", "quiet", 3)
    if step.way_back:
        yield Line(clean_line(f"Way back: {step.way_back}"), "", 2)
    elif step.no_undo:
        yield Line("Way back: none; what it does stays.", "warning")


def _command(command: str) -> Iterator[Line]:
    for number, line in enumerate(clean_command(command).rstrip("\n").split("\n")):
        yield Line(f"  {'  ' if number else '$ '}{line}", "command", 6)


def _boxes(boxes: Iterable[tuple[str, str, str]]) -> Iterator[Line]:
    for kind, title, text in boxes:
        head = f"{kind.upper()} — {title}" if title else kind.upper()
        yield Line(clean_line(head), BOX_TONES.get(kind, Tone.HEADING))
        yield from plain_lines("\n".join(f"  {line}" for line in clean(text).splitlines()))


def _standing(part: PlannedPhase | PlannedStep) -> Line:
    because = f": {clean_line(part.reason)}" if part.reason else ""
    return Line(f"{_STANDING[part.included]}{because}.".replace("..", "."), "", 2)


def _tone(part: PlannedPhase | PlannedStep) -> str:
    return "" if (tone := IMPACT_TONES[part.impact].value) == "plain" else tone


def _time(seconds: float, unknown: int) -> Iterator[Line]:
    if words := time_words(seconds, unknown):
        whose = f", and {counted(unknown, 'step')} whose time is not known" if unknown else ""
        yield Line(f"Time: {words}{whose}.")
    elif unknown:
        yield Line(f"{counted(unknown, 'step')} whose time is not known.")


def _changes(changes: Sequence[Change]) -> Iterator[Line]:
    if changes:
        yield Line("Different from the plan before:", "heading")
        for change in changes:
            first, *more = change_words(change)
            yield Line(clean_line(first), "", 4)
            yield from (Line(f"    {clean_command(words)}", "command", 6) for words in more)


def _rule(node: Node) -> Iterator[Line]:
    """What a line between steps says, and of which step."""
    yield from _line(node)
    if node.rule in _RULES:
        yield Line(_RULES[node.rule])
    if isinstance(step := node.part, PlannedStep):
        yield Line(clean_line(f"{step.code} {step.title}"))
        yield Line(f"Impact: {IMPACT_WORDS[step.impact]}.", _tone(step))


def _line(node: Node) -> Iterator[Line]:
    yield Line("".join(words for words, _ in node.words).strip(" -"), "heading")
