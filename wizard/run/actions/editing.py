"""The action `edit`: show the difference, ask where asked for, change the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wizard.errors import StepFailedError
from wizard.run.actions.by_hand import edit_by_hand
from wizard.run.actions.command import not_done
from wizard.run.edits import change_of, read_or_none
from wizard.run.events import Difference, Said
from wizard.run.needs import ask_for_all_secrets
from wizard.run.state import StepStatus
from wizard.run.work import Outcome, Work, surroundings

if TYPE_CHECKING:
    from wizard.run.context import Run
    from wizard.run.edits import Change


def prepare_edit(run: Run, work: Work) -> Change:
    """Compute and show what becomes of the file."""
    from wizard.templates import render_text

    assert work.step.edit is not None  # noqa: S101 - the walk dispatches on the action
    ask_for_all_secrets(run)
    where = surroundings(run, work)
    try:
        change = change_of(work.step.edit, work.env, folder=where.folder, guide_folder=run.loaded.folder, run=run)
    except StepFailedError as error:
        return run.effects.without_change(
            run, str(Path(where.folder) / render_text(work.step.edit.file, work.env)), error
        )
    if not change.by_hand:
        run.operator.tell(Difference(change.target, change.shown))
    return change


def changed_meanwhile(run: Run, work: Work, change: Change) -> Change | None:
    """The change anew, where the file is not any more what the operator was shown; says so. None where it still is.

    A word may be waited for during hours: what somebody else wrote meanwhile must not be lost.
    """
    if change.by_hand or change.unseen or read_or_none(change.target) == change.before:
        return None
    words = f"{change.target} was changed while this waited. What is shown now is made of the file as it is now."
    run.operator.tell(Said(words, "warning"))
    return prepare_edit(run, work)


def edit(run: Run, work: Work, change: Change) -> Outcome:
    """Change the file; a file that is as it should be is left alone."""
    if change.by_hand:
        return edit_by_hand(run, work, change)
    if change.nothing:
        return Outcome(StepStatus.ALREADY_DONE, f"{change.target} is already so", "already_done")
    run.effects.edit(run, work.planned, change)
    if failing := not_done(run, work):
        return Outcome(StepStatus.FAILED, "the file was changed, but the step is not done", lines=tuple(failing))
    return Outcome(StepStatus.DONE, f"{change.target} changed", "edited")
