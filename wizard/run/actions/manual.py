"""The action `manual`: what only a person can do, part by part; checks tick parts by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.guide.models.steps import ManualItem, ManualList
from wizard.guide.models.steps import Record as RecordModel
from wizard.run.actions.command import not_done
from wizard.run.actions.handing import hand_over
from wizard.run.actions.listing import work_off
from wizard.run.asking import ask_all, evidence_lines
from wizard.run.events import CheckAsked, Said
from wizard.run.left_for_later import defer
from wizard.run.looking_along import look_along
from wizard.run.operator import ConfirmRequest, RecordField
from wizard.run.records import Record
from wizard.run.state import StepStatus
from wizard.run.work import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.model import Finding
    from wizard.guide.models import StepCheck
    from wizard.run.context import Run
    from wizard.run.work import Work


def manual(run: Run, work: Work) -> Outcome:
    """Walk a person through the parts; gone on with, from the first one that is not done or left for later."""
    items = work.step.manual
    assert items is not None  # noqa: S101 - the walk dispatches on the action
    if work.step.hand_over is not None:
        hand_over(run, work, work.step.hand_over)
    if isinstance(items, ManualList):
        outcome = work_off(run, work, items)
    else:
        parts = [_part(work, item, number, len(items)) for number, item in enumerate(items, 1)]
        outcome = next((bad for part in parts if (bad := _one(run, work, part)) is not None), None)
    if outcome is not None:
        return outcome
    if left := run.state.step(work.key).deferred:
        return Outcome(StepStatus.DONE, f"{len(left)} left to do by hand", "deferred in part")
    if failing := not_done(run, work):
        why = "all of it was done by hand, but its check says that it is not done"
        return Outcome(StepStatus.FAILED, why, lines=tuple(failing))
    return Outcome(StepStatus.DONE, how="by hand")


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing to do, rendered."""

    number: int
    place: str
    text: str
    checks: tuple[StepCheck, ...]
    record: RecordField | None
    opens: str
    defer: str


def _part(work: Work, item: ManualItem | str, number: int, count: int) -> _Part:
    from wizard.templates import render_text

    model = ManualItem(do=item) if isinstance(item, str) else item
    check, record = model.check, model.record
    field = (
        RecordField(record.id, render_text(record.label, work.env), record.optional)
        if isinstance(record, RecordModel)
        else RecordField(record, record.replace("_", " "))
        if record
        else None
    )
    return _Part(
        number=number,
        place=f"{number} of {count}",
        text=render_text(model.do, work.env),
        checks=() if check is None else tuple(check) if isinstance(check, list) else (check,),
        record=field,
        opens=render_text(model.open, work.env) if model.open else "",
        defer=render_text(model.defer, work.env) if model.defer else "",
    )


def _one(run: Run, work: Work, part: _Part) -> Outcome | None:
    """Do one part; None where it is done or left for later."""
    state = run.state.step(work.key)
    if part.number in state.deferred or (str(part.number) in state.items and not part.checks):
        return None
    if part.checks and not run.effects.rehearsed and _holds(run, work, part.checks):
        run.operator.tell(Said(f"{part.place}: already so — {part.text}"))
        return None
    look = look_along(run, work, part.checks)
    while True:
        reply = run.operator.confirm(
            ConfirmRequest(
                work.planned.id,
                f"{work.planned.code} {work.planned.title} ({part.place})",
                part.text,
                records=(part.record,) if part.record else (),
                opens=part.opens,
                item=part.number,
                defer=part.defer,
                look=look,
            )
        )
        if reply.deferred:
            defer(run, work, part.text, reply.deferred, item=part.number)
            return None
        if not reply.yes:
            return Outcome(StepStatus.FAILED, f"not done by hand: {part.text}", not_begun=not state.items)
        run.record(Record.CONFIRMED, key=work.key, yes=True, by_hand=True)
        if reply.records:
            run.record(Record.NOTED, key=work.key, records=reply.records)
            run.record(Record.CAPTURED, key=work.key, values=reply.records)
        bad = _not_so(run, work, part.checks)
        if not bad:
            run.record(Record.ITEM_DONE, key=work.key, item=str(part.number))
            return None
        if not run.operator.attended:
            return Outcome(StepStatus.FAILED, f"not so yet: {part.text}", lines=evidence_lines(bad))
        run.operator.tell(Said("Its check does not hold yet, so it is asked again.", "warning"))


def _holds(run: Run, work: Work, checks: Sequence[StepCheck]) -> bool:
    return run.effects.verdict(ask_all(run, checks, work.env, work.chain))


def _not_so(run: Run, work: Work, checks: Sequence[StepCheck]) -> tuple[Finding, ...]:
    """The findings that say it is not done, shown; none where it is, or cannot be told."""
    if not checks or run.effects.rehearsed:
        return ()
    findings = ask_all(run, checks, work.env, work.chain)
    if run.effects.verdict(findings):
        return ()
    bad = tuple(finding for finding in findings if not finding.passed)
    for finding in bad:
        run.operator.tell(CheckAsked(finding))
    return bad
