"""The words around a step: title, why, boxes, commands; rendered from the step's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.models import ActionKind
from wizard.plan.surroundings import where, where_words
from wizard.plan.titles import titled
from wizard.questions.must_read import to_read
from wizard.run.seen import item_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Note, Step
    from wizard.plan.model import PlannedPhase
    from wizard.run.context import Run
    from wizard.run.work import Work

Box = tuple[str, str, str]
"""Kind, title, text."""


def boxes_of(notes: Sequence[Note], env: Environment) -> tuple[Box, ...]:
    """The notes that apply now, rendered."""
    from wizard.expressions import compile_expression
    from wizard.templates import render_text

    return tuple(
        (note.kind.value, render_text(note.title, env) if note.title else "", render_text(note.text, env))
        for note in notes
        if note.when is None or compile_expression(note.when).holds(env)
    )


def of_guide(run: Run, *, to_be_read: bool = False) -> tuple[Box, ...]:
    """The guide's own boxes; `to_be_read` gives only those that must be."""
    from wizard.run.names import environment

    notes = run.loaded.guide.notes
    return boxes_of(to_read(notes) if to_be_read else notes, environment(run))


def of_phase(run: Run, phase: PlannedPhase, *, to_be_read: bool = False) -> tuple[Box, ...]:
    """The boxes of a phase; `to_be_read` gives only those that must be."""
    from wizard.run.names import environment

    notes = next(one for one in run.loaded.guide.phases if one.id == phase.id).notes
    return boxes_of(to_read(notes) if to_be_read else notes, environment(run, hop=phase.hop))


def of_step(run: Run, work: Work, *, to_be_read: bool = False) -> tuple[Box, ...]:
    """The boxes of a step; `to_be_read` gives only those that must be."""
    del run
    return boxes_of(to_read(work.step.notes) if to_be_read else work.step.notes, work.env)


def of_group(step: Step, env: Environment, *, to_be_read: bool = False) -> tuple[Box, ...]:
    """The boxes of a group as it is entered; what only its items have is not known there and left open."""
    from wizard.expressions import compile_expression
    from wizard.templates.readable import readable

    return tuple(
        (note.kind.value, readable(note.title, env) if note.title else "", readable(note.text, env))
        for note in (to_read(step.notes) if to_be_read else step.notes)
        if note.when is None or compile_expression(note.when).holds(env)
    )


def words_of(work: Work) -> tuple[str, str]:
    """Title and why; the title has the items the step stands in in front, as far as it does not name them."""
    from wizard.templates import render_text

    why = render_text(work.step.why, work.env) if work.step.why else ""
    return titled(render_text(work.step.title, work.env), item_keys(work.key)), why


def where_of(work: Work) -> str:
    """Where the commands of a step run, as far as its guide says so."""
    found = where(work.chain, work.env)
    return where_words(found.folder, found.user, found.env)


def commands_of(run: Run, work: Work) -> tuple[str, ...]:
    """What a `run` step is about to do, as it is shown."""
    from wizard.run.surroundings import chosen, words_of

    if work.planned.action is not ActionKind.RUN:
        return ()
    body = chosen(work.step.run, work.env)
    if body is None:
        return ()
    return (words_of(body, work.env, guide_folder=run.loaded.folder)[1],)
