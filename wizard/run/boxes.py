"""The words around a step: title, why, boxes, commands; rendered from the step's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.models import ActionKind
from wizard.plan.titles import titled
from wizard.run.seen import item_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Note
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


def of_guide(run: Run) -> tuple[Box, ...]:
    """The guide's own boxes."""
    from wizard.run.names import environment

    return boxes_of(run.loaded.guide.notes, environment(run))


def of_phase(run: Run, phase: PlannedPhase) -> tuple[Box, ...]:
    """The boxes of a phase."""
    from wizard.run.names import environment

    model = next(one for one in run.loaded.guide.phases if one.id == phase.id)
    return boxes_of(model.notes, environment(run, hop=phase.hop))


def of_step(run: Run, work: Work) -> tuple[Box, ...]:
    """The boxes of a step."""
    del run
    return boxes_of(work.step.notes, work.env)


def words_of(work: Work) -> tuple[str, str]:
    """Title and why; the title has the items the step stands in in front, as far as it does not name them."""
    from wizard.templates import render_text

    why = render_text(work.step.why, work.env) if work.step.why else ""
    return titled(render_text(work.step.title, work.env), item_keys(work.key)), why


def commands_of(run: Run, work: Work) -> tuple[str, ...]:
    """What a `run` step is about to do, as it is shown."""
    from wizard.run.surroundings import chosen, words_of

    if work.planned.action is not ActionKind.RUN:
        return ()
    body = chosen(work.step.run, work.env)
    if body is None:
        return ()
    return (words_of(body, work.env, guide_folder=run.loaded.folder)[1],)
