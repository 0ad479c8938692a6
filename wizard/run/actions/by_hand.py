"""Edits that the operator makes by hand: a copy first, an editor or another terminal, and the difference behind it."""

from __future__ import annotations

import os
import shlex
import shutil
from typing import TYPE_CHECKING, Final

from wizard.run.actions.command import not_done
from wizard.run.actions.parts import part_of
from wizard.run.differences import difference
from wizard.run.edits import OPEN_HASH, announce, copy_of, hash_of, read_or_none
from wizard.run.events import Difference, Said
from wizard.run.operator import Choice, ChoiceRequest, ConfirmRequest
from wizard.run.records import Record
from wizard.run.state import StepStatus
from wizard.run.work import Outcome

if TYPE_CHECKING:
    from wizard.run.context import Run
    from wizard.run.edits import Change
    from wizard.run.state import EditRecord
    from wizard.run.work import Work

EDITORS: Final = ("sensible-editor", "nano", "vi")
"""What is taken where neither VISUAL nor EDITOR names an editor."""


def edit_by_hand(run: Run, work: Work, change: Change) -> Outcome:
    """Let the operator change the file until the step's check holds; gone on with after a crash, on the same copy."""
    if run.effects.rehearsed:
        run.operator.tell(Said(f"{change.target} would be changed by hand."))
        return Outcome(StepStatus.DONE, f"{change.target} is left as it is", "rehearsed")
    edit = _begun(run, work, change)
    while True:
        refused = _let_edit(run, work, change)
        if refused is not None:
            return refused
        after = read_or_none(change.target)
        changed = hash_of(after) != edit.before
        if changed:
            before = copy_of(run, edit)
            run.operator.tell(Difference(change.target, difference(change.file, before, after or b"", run)))
        else:
            run.operator.tell(Said(f"{change.target} is as it was before."))
        failing = not_done(run, work)
        if not failing:
            run.record(Record.EDIT_MADE, key=work.key, after=hash_of(after))
            run.record(Record.CONFIRMED, key=work.key, yes=True, by_hand=changed)
            return Outcome(
                StepStatus.DONE, f"{change.target} {'changed' if changed else 'left as it is'} by hand", "edited"
            )
        for line in failing:
            run.operator.tell(Said(f"Not so yet: {line}", "warning"))
        if not run.operator.attended:
            return Outcome(StepStatus.FAILED, f"{change.target} is not as it has to be", lines=tuple(failing))


def _begun(run: Run, work: Work, change: Change) -> EditRecord:
    """The edit as it is journalled: the one that was begun and not finished, else a new one with a new copy."""
    state = run.state.step(work.key)
    last = state.edits[-1] if state.edits else None
    if last is None or last.after != OPEN_HASH or last.target != change.target:
        announce(run, work.key, change, OPEN_HASH)
    return state.edits[-1]


def _let_edit(run: Run, work: Work, change: Change) -> Outcome | None:
    """Wait until the operator has edited the file; an Outcome where they do not want to."""
    title = f"{work.planned.code} {work.planned.title}"
    refused = Outcome(StepStatus.FAILED, f"{change.target} was not changed by hand", not_begun=True)
    if not run.operator.attended:
        say = f"{change.target} is changed by hand."
        return None if run.operator.confirm(ConfirmRequest(work.planned.id, title, say)).yes else refused
    editor = _editor()
    while True:
        chosen = run.operator.choose(
            ChoiceRequest(
                id=f"edit:{work.planned.id}",
                title=title,
                text=f"Change this file by hand; what it holds now is kept:\n{change.target}",
                choices=(
                    *([Choice("editor", f"Open it here, in {editor[0]}")] if editor else []),
                    Choice("done", "I have changed it in another terminal"),
                    Choice("stop", "Leave it for now"),
                ),
            )
        )
        match chosen.key:
            case "done":
                return None
            case "editor":
                if _edited(run, work, [*editor, change.target]):
                    return None
            case _:
                return refused


def _editor() -> list[str]:
    """The words of the operator's editor; none where there is none."""
    for named in (os.environ.get("VISUAL", ""), os.environ.get("EDITOR", ""), *EDITORS):
        words = shlex.split(named) if named.count('"') % 2 == 0 and named.count("'") % 2 == 0 else []
        if words and shutil.which(words[0]):
            return words
    return []


def _edited(run: Run, work: Work, words: list[str]) -> bool:
    """Run the editor in the terminal, as an attempt of its own; whether it ended well."""
    from wizard.run.aside import do_aside

    names = {f"word{number}": word for number, word in enumerate(words)}
    env = work.env.with_names(editor=names)
    texts = [f"${{{{ editor.{name} }}}}" for name in names]
    part = part_of(work, f"editor/{work.key}", f"Editor for {work.planned.title}", texts, env=env, terminal=True)
    outcome = do_aside(run, part, "", ask=False)
    if outcome.status is StepStatus.DONE:
        return True
    run.operator.tell(Said(f"The editor did not end well: {outcome.why}", "warning"))
    return False
