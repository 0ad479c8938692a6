"""Handing work to other people: a text of its own for them, and going on when it is back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.errors import ExitCode, StepFailedError
from wizard.redaction import redact_text
from wizard.run.context import Leave
from wizard.run.edits import hash_of, read_or_none
from wizard.run.events import Said
from wizard.run.operator import Choice, ChoiceRequest
from wizard.run.records import Record
from wizard.run.session_state import SessionState
from wizard.run.work import surroundings

if TYPE_CHECKING:
    from wizard.guide.models.steps import HandOver
    from wizard.run.context import Run
    from wizard.run.work import Work

FOLDER: Final = "handed"
"""The folder of a session in which texts for others lie that the guide names no file for."""

_MARKS: Final = frozenset("\\`*_{}[]<>#|~")


def hand_over(run: Run, work: Work, rule: HandOver) -> None:
    """Write the text for whoever the work goes to, once, and wait for the operator to say that it is back.

    Leaves the walk where the operator does not wait for it; a resume asks again and writes nothing new.
    """
    from wizard.templates import render_text

    to, text = render_text(rule.to, work.env), _text(run, work, rule)
    if run.effects.rehearsed:
        run.operator.tell(Said(f"This would be handed to {to}:\n{text}"))
        return
    path = _path(run, work, rule)
    _written(run, work, to, path, text.encode())
    while True:
        chosen = run.operator.choose(
            ChoiceRequest(
                id=f"handed:{work.planned.id}",
                title=f"{work.planned.code} {work.planned.title}: handed to {to}",
                text=f"What is to be done stands in this file, to be given to {to}:\n{path}",
                choices=(
                    Choice("back", f"It is back from {to}: go on"),
                    Choice("show", "Show the text"),
                    Choice("leave", "Leave the wizard; `wizard resume` goes on when it is back"),
                ),
            )
        )
        match chosen.key:
            case "back":
                return
            case "show":
                run.operator.tell(Said(text))
            case _:
                reason = f"{work.planned.code} {work.planned.title} was handed to {to}"
                raise Leave(SessionState.WAITING, reason, ExitCode.STOPPED, sets_back=False)


def _text(run: Run, work: Work, rule: HandOver) -> str:
    """The text as Markdown: values mean nothing in it, and no secret is in it."""
    from wizard.templates.text import replaced

    text = replaced(rule.text, work.env, lambda value, _: _plain(value))
    known = [secret.reveal() for secret in run.secrets.all()]
    return redact_text(text if text.endswith("\n") else f"{text}\n", known)


def _plain(value: str) -> str:
    return "".join(f"\\{one}" if one in _MARKS else one for one in value)


def _path(run: Run, work: Work, rule: HandOver) -> str:
    from wizard.templates import render_text

    if rule.file is not None:
        return str(Path(surroundings(run, work).folder) / render_text(rule.file, work.env))
    folder = run.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return str(folder / f"{work.planned.code}-{work.planned.id}.md")


def _written(run: Run, work: Work, to: str, path: str, data: bytes) -> None:
    """Make sure that the text lies there; a file that this session did not write is left alone."""
    from wizard.host.files import remove_leftover, replace_contents

    ours = {step.handed.sha256 for step in run.state.steps.values() if step.handed and step.handed.file == path}
    linked = Path(path).is_symlink()
    there = None if linked else read_or_none(path)
    if linked or (there is not None and hash_of(there) not in ours):
        message = f"{path} is there already and is not of this session, so nothing was written into it"
        raise StepFailedError(message, hint="Move it away, then try again.")
    if there == data:
        return
    if there is not None:
        # A text made anew for the same people; what was written before is known to be this session's.
        Path(path).unlink()
    run.record(
        Record.HANDED_TO,
        key=work.key,
        code=work.planned.code,
        title=work.planned.title,
        to=to,
        file=path,
        sha256=hash_of(data),
    )
    if Path(path).parent.is_dir():
        remove_leftover(path)
    replace_contents(path, data, mode=0o600)
