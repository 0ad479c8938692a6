"""What belongs to a step and is a command of its own: its dry run, the editor, what follows an item of a list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models import ActionKind, Impact, Step
from wizard.plan.model import Included, PlannedStep

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.run.work import Work


_MARKS: Final = {"preview": "d", "editor": "e", "after": "a"}
"""What stands behind the code of a step in that of its parts (`3.2d` its dry run), by the beginning of their keys."""


def part_of(work: Work, key: str, title: str, body: Any, *, env: Environment | None = None, **more: Any) -> Work:
    """A command of a step as something that can be done aside: in its surroundings, with a key of its own.

    It counts as safe to repeat, unless `more` says otherwise.
    """
    model = Step.model_validate({"id": work.step.id, "title": title, "run": body, "rerun": "safe", **more})
    planned = PlannedStep(
        key=key,
        code=f"{work.planned.code}{_MARKS[key.partition('/')[0]]}",
        id=work.planned.id,
        title=title,
        path=work.planned.path,
        action=ActionKind.RUN,
        impact=Impact.READ_ONLY,
        included=Included.YES,
    )
    return replace(work, planned=planned, step=model, env=env or work.env, chain=(*work.chain, model))
