"""The action `run`: start, attend, judge, capture, ask `done_when`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.counting import counted
from wizard.host.protocols import Exit, ProcessFacts
from wizard.run.actions.trying import reviewed
from wizard.run.asking import ask_all
from wizard.run.background import begin_beside, judge_beside
from wizard.run.effects import Request
from wizard.run.events import Said
from wizard.run.judge import Verdict, VerdictKind, ends_of, judge
from wizard.run.records import Record, veiled
from wizard.run.spool import Spool
from wizard.run.state import StepStatus
from wizard.run.surroundings import command_of, words_of
from wizard.run.work import Outcome, Work, surroundings

if TYPE_CHECKING:
    from typing import Any

    from wizard.run.context import Run
    from wizard.run.effects import Ended


def run_command(run: Run, work: Work, *, baseline: bool | None) -> Outcome:
    """Do a `run` step from the start; repeats it only where the guide names an end that asks for it."""
    where = surroundings(run, work)
    command = command_of(work.step, work.env, where, guide_folder=run.loaded.folder)
    if command is None:
        return Outcome(StepStatus.SKIPPED, "nothing to do on this machine")
    _not_forbidden(run, work, command.shown)
    request = Request(work.planned, command, baseline, work.step.stall)
    if command.beside and run.effects.goes_beside():
        begun = begin_beside(run, work, request)
        if isinstance(begun, Outcome):
            return begun
        return conclude(run, work, begun, verdict_on(run, work, begun), baseline=baseline)
    tries = 0
    while True:
        tries += 1
        ended = run.effects.command(run, request)
        verdict = verdict_on(run, work, ended)
        if verdict is None or verdict.kind is not VerdictKind.RETRY:
            return conclude(run, work, ended, verdict, baseline=baseline)
        if tries > verdict.times:
            return Outcome(StepStatus.FAILED, f"{verdict.why} ({counted(tries, 'try')})", lines=_lines(run, ended))
        _pause(run, work, verdict)


def _not_forbidden(run: Run, work: Work, shown: str) -> None:
    """Refuse a command that the guide forbids, and one whose `stop` would run such a command. StepFailedError."""
    from wizard.errors import StepFailedError
    from wizard.plan.forbidden import why_forbidden

    stop = work.step.stop
    stopping = words_of(stop.run, work.env, guide_folder=run.loaded.folder)[1] if stop is not None else ""
    for text, what in ((shown, "this command"), (stopping, "the command that would stop it")):
        if text and (why := why_forbidden(run.loaded.guide, text, work.env)):
            raise StepFailedError(
                f"{what} is forbidden by the guide: {why}", hint="Change the answer it was made from."
            )


def _pause(run: Run, work: Work, verdict: Verdict) -> None:
    from wizard.run.actions.waiting import pass_time

    pass_time(run, f"{work.planned.code} is tried again", verdict.why, verdict.after)


def verdict_on(run: Run, work: Work, ended: Ended) -> Verdict | None:
    """Judge an attempt by what it left on disk; None where its end is not known."""
    if ended.exit is None:
        return None
    if (kind := run.effects.judged()) is not None:
        return Verdict(kind, "rehearsed")
    spool, ends = Spool(run.effects.spool(run, ended.attempt)), ends_of(work.step, work.env)
    if work.step.background:
        return judge_beside(run, work, ended.exit, spool, ends)
    return judge(ended.exit, spool, ends)


def conclude(run: Run, work: Work, ended: Ended, verdict: Verdict | None, *, baseline: bool | None) -> Outcome:
    """From the verdict on the attempt to the outcome of the step: `done_when` judges the machine."""
    if verdict is None or ended.exit is None:
        return Outcome(StepStatus.UNKNOWN, ended.found.reason if ended.found else "its end is not recorded")
    _left_running(run, work, ended.exit)
    if ended.exit.stopped_by == "operator" and not work.step.background:
        return _stopped(run, work, ended, baseline=baseline)
    if verdict.kind is VerdictKind.FAILED:
        return Outcome(StepStatus.FAILED, verdict.why, lines=_lines(run, ended), advice=verdict.advice)
    if verdict.captured:
        run.record(Record.CAPTURED, key=work.key, values=veiled(verdict.captured))
    failing = not_done(run, work)
    if failing:
        why = "it ended well, but is not done"
        return Outcome(StepStatus.FAILED, why, lines=tuple(failing) + _lines(run, ended))
    how = "already_done" if verdict.kind is VerdictKind.ALREADY_DONE else "ran"
    status = StepStatus.ALREADY_DONE if how == "already_done" else StepStatus.DONE
    return reviewed(run, work, Outcome(status, verdict.why, how))


def _left_running(run: Run, work: Work, end: Exit) -> None:
    """Say what outlives the command, louder where the guide does not say that something may (`keep`)."""
    if not end.left_running:
        return
    names = ", ".join(f"{one.name} ({one.pid})" for one in end.left_running)
    if work.step.keep:
        run.operator.tell(Said(f"Left running, as it should be: {names}"))
    else:
        run.operator.tell(Said(f"Left running, although the guide does not say that it may: {names}", "warning"))


def _stopped(run: Run, work: Work, ended: Ended, *, baseline: bool | None) -> Outcome:
    """A command the operator stopped is unknown until `done_when` was asked."""
    if not work.step.done_when:
        return Outcome(
            StepStatus.UNKNOWN, "it was stopped; whether it was done cannot be asked", lines=_lines(run, ended)
        )
    failing = not_done(run, work)
    if failing:
        return Outcome(StepStatus.FAILED, "it was stopped and is not finished", lines=tuple(failing))
    if baseline:
        return Outcome(StepStatus.UNKNOWN, "it was stopped; its check held before the start too, so it says nothing")
    return Outcome(StepStatus.UNKNOWN, "it was stopped, and its check says that it is done")


def not_done(run: Run, work: Work) -> list[str]:
    """The findings of `done_when` that do not pass; empty where all hold or there are none."""
    if not work.step.done_when or run.effects.rehearsed:
        return []
    findings = ask_all(run, work.step.done_when, work.env, work.chain)
    return [f"{finding.title}: {finding.say or finding.status}" for finding in findings if not finding.passed]


def _lines(run: Run, ended: Ended) -> tuple[str, ...]:
    return tuple(Spool(run.effects.spool(run, ended.attempt)).errors(8))


def exit_of(data: dict[str, Any]) -> Exit:
    """The end of a command as the journal holds it."""
    known = {name: data[name] for name in Exit.__dataclass_fields__ if name in data}
    left = tuple(ProcessFacts(**one) for one in known.pop("left_running", ()))
    seen = tuple(known.pop("seen", ()))
    return Exit(**known, left_running=left, seen=seen)
