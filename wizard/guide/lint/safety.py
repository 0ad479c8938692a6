"""What keeps an operator from harm: ways to know that a step is done, backups before, words before danger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.guide.models.steps import ActionKind, Impact, NoteKind
from wizard.guide.references import lacks_a_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page
    from wizard.guide.models import Phase, Step

_DEPTH = 20
"""How deep includes are followed; a circle of them is reported elsewhere."""


@dataclass(frozen=True, slots=True)
class Walked:
    """A step as a walk comes by it, with the impact it has there."""

    step: Step
    place: DataPath
    impact: Impact


def look(page: Page) -> None:
    """Check steps that cannot be taken back, and steps with a danger."""
    unsafe: dict[DataPath, Walked] = {}
    without_backup: dict[DataPath, Walked] = {}
    unsure = lacks_a_step(page.loaded) or page.loaded.has_damage(("versions",))
    for phases in orders(page):
        backed_up = False
        for number, phase in phases:
            steps = as_walked(page, phase.steps, ("phases", number, "steps"), phase.impact)
            for one in steps:
                if one.impact is Impact.IRREVERSIBLE and one.step.action in (ActionKind.RUN, ActionKind.EDIT):
                    unsafe[one.place] = one
                    if not (backed_up or unsure) and one.step.makes != "backup":
                        without_backup[one.place] = one
                backed_up = backed_up or one.step.makes == "backup"
    for name, procedure in page.guide.procedures.items():
        impact = procedure.impact or Impact.REVERSIBLE
        for one in as_walked(page, procedure.steps, ("procedures", name, "steps"), impact):
            if one.impact is Impact.IRREVERSIBLE and one.step.action in (ActionKind.RUN, ActionKind.EDIT):
                unsafe[one.place] = one
    for one in unsafe.values():
        _known_end(page, one)
    for one in without_backup.values():
        page.add(
            one.place,
            f"`{one.step.id}` cannot be taken back, and no backup is made before it",
            hint="mark the step that makes one with `makes: backup`, in every hop that leads here",
            rule="no-backup",
        )
    for placed in page.steps:
        _danger(page, placed.step, placed.place)


def orders(page: Page) -> Iterator[list[tuple[int, Phase]]]:
    """The phases of each hop in their order, and each phase that is in no hop by itself."""
    by_id = {phase.id: (number, phase) for number, phase in enumerate(page.guide.phases)}
    used: set[str] = set()
    for hop in page.guide.versions.hops:
        used.update(hop.phases)
        yield [by_id[name] for name in hop.phases if name in by_id]
    for name, phase in by_id.items():
        if name not in used:
            yield [phase]


def as_walked(page: Page, steps: Sequence[Step], place: DataPath, impact: Impact, depth: int = 0) -> Iterator[Walked]:
    """The steps in the order of a walk, groups opened and procedures put in."""
    for number, step in enumerate(steps):
        here = (*place, number)
        own = step.impact or impact
        yield Walked(step, here, own)
        if step.steps:
            yield from as_walked(page, step.steps, (*here, "steps"), own, depth)
        procedure = page.guide.procedures.get(step.include or "")
        if procedure is not None and depth < _DEPTH:
            inner = step.impact or procedure.impact or impact
            place_inside: DataPath = ("procedures", step.include or "", "steps")
            yield from as_walked(page, procedure.steps, place_inside, inner, depth + 1)


def _known_end(page: Page, walked: Walked) -> None:
    step = walked.step
    if step.done_when or step.rerun == "safe":
        return
    page.add(
        walked.place,
        f"`{step.id}` cannot be taken back, and after a crash nobody could say whether it is done",
        hint="give it `done_when`, or `rerun: safe` where a second run does no harm",
        rule="unknown-end",
    )


def _danger(page: Page, step: Step, place: DataPath) -> None:
    grouped = step.action in (ActionKind.STEPS, ActionKind.INCLUDE)
    for number, note in enumerate(step.notes):
        if grouped and note.kind is NoteKind.DANGER and note.read is None:
            page.add(
                (*place, "notes", number),
                "nobody is asked before a group of steps begins, so its danger may be overlooked",
                hint="add `read: must`, or say it of the step that is dangerous",
                rule="danger-asks",
            )
        if note.kind is NoteKind.DANGER and step.ask_first == "never":
            page.add(
                (*place, "ask_first"),
                "a step with a danger is never started without a word of the operator",
                hint="take `ask_first: never` away, or make the note a warning",
                rule="danger-asks",
                at_key=True,
            )
            return
        if note.kind is NoteKind.DANGER and not note.text.strip():
            page.add((*place, "notes", number, "text"), "a danger says what the danger is", rule="empty")
