"""What became of a step that was begun and whose end is not recorded (DESIGN §5, "What a resume finds").

Never assumed done, never silently run again: what still runs is attended, what ended is judged, and
what nobody knows is asked of the machine and then of the operator.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final, assert_never

from wizard.checks.words import seen_lines
from wizard.errors import ExitCode
from wizard.host.clock import SystemClock
from wizard.host.protocols import Found, FoundState
from wizard.run.actions.command import conclude, exit_of, not_done, verdict_on
from wizard.run.actions.trying import reviewed
from wizard.run.actions.waiting import pause
from wizard.run.asking import ask_all
from wizard.run.background import until_ready
from wizard.run.context import Leave
from wizard.run.edits import EditVerdict
from wizard.run.edits import verdict_on as edit_verdict
from wizard.run.effects import Attention, Ended
from wizard.run.events import Said
from wizard.run.judge import VerdictKind
from wizard.run.operator import Choice, ChoiceRequest, Pausing, Wish
from wizard.run.records import Record
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus
from wizard.run.work import Outcome, Work

if TYPE_CHECKING:
    from wizard.run.context import Run
    from wizard.run.state import Attempt

_LOOK_EVERY: Final = 2.0
"""Seconds between two looks whether parts of a command still run."""


def reconcile(run: Run, work: Work) -> Outcome | None:
    """Find out how the step ended; None where nothing of it ever happened, so that it may be begun."""
    step = run.state.step(work.key)
    if step.edit is not None:
        return _edited(run, work)
    attempt = step.attempt
    if attempt is None:
        return None
    if attempt.exit is not None:
        return _judged(run, work, Ended(attempt.id, exit_of(attempt.exit)), attempt)
    found = run.effects.find(run, attempt.id)
    match found.state:
        case FoundState.ENDED:
            assert found.exit is not None  # noqa: S101 - ended says that there is one
            run.record(Record.ATTEMPT_ENDED, key=work.key, attempt=attempt.id, exit=asdict(found.exit))
            run.operator.tell(Said(f"{work.planned.code} ended while no wizard was there."))
            return _judged(run, work, Ended(attempt.id, found.exit, found), attempt)
        case FoundState.NEVER_RAN:
            run.record(Record.ATTEMPT_VOID, key=work.key, attempt=attempt.id)
            run.operator.tell(Said(f"{work.planned.code} was about to start and never did; nothing was run."))
            return None
        case FoundState.RUNNING:
            run.operator.tell(Said(f"{work.planned.code} still runs."))
            attention = Attention(work.planned, attempt.id, attempt.shown, work.step.stall)
            ended = until_ready(run, work, attention) if work.step.background else run.effects.attend(run, attention)
            return ended if isinstance(ended, Outcome) else _judged(run, work, ended, attempt)
        case FoundState.UNKNOWN:
            return _unknown(run, work, attempt, found)
        case _:
            assert_never(found.state)


def _edited(run: Run, work: Work) -> Outcome | None:
    """Ask the file what became of an edit, once what a crash within it left beside the file is gone."""
    from wizard.host.files import remove_leftover

    edit = run.state.step(work.key).edit
    assert edit is not None  # noqa: S101 - asked before
    remove_leftover(edit.target)
    match edit_verdict(edit):
        case EditVerdict.MADE:
            if not edit.made:
                run.record(Record.EDIT_MADE, key=work.key)
            if failing := not_done(run, work):
                why = "the file was changed, but the step is not done"
                return Outcome(StepStatus.FAILED, why, lines=tuple(failing))
            return Outcome(StepStatus.DONE, f"{edit.target} holds what this step wrote", "edited")
        case EditVerdict.NOT_MADE | EditVerdict.BEGUN:
            return None
        case EditVerdict.CHANGED:
            why = f"{edit.target} is neither as it was nor as this step writes it: somebody changed it"
            return Outcome(StepStatus.UNKNOWN, why)


def _judged(run: Run, work: Work, ended: Ended, attempt: Attempt) -> Outcome | None:
    """Judge what is on disk; judging again gives the same."""
    if ended.exit is None:
        found = ended.found or Found(FoundState.UNKNOWN, "its end is not recorded")
        return _unknown(run, work, attempt, found)
    verdict = verdict_on(run, work, ended)
    if verdict is not None and verdict.kind is VerdictKind.RETRY:
        return None
    return conclude(run, work, ended, verdict, baseline=attempt.baseline)


def _unknown(run: Run, work: Work, attempt: Attempt, found: Found) -> Outcome:
    """First whoever survived, then the machine, then a person."""
    found = _no_survivors(run, work, attempt, found)
    if found.state is FoundState.ENDED and found.exit is not None:
        run.record(Record.ATTEMPT_ENDED, key=work.key, attempt=attempt.id, exit=asdict(found.exit))
        judged = _judged(run, work, Ended(attempt.id, found.exit, found), attempt)
        return judged or Outcome(StepStatus.UNKNOWN, found.reason)
    if not work.step.done_when:
        return Outcome(StepStatus.UNKNOWN, f"{found.reason}; this step has no check that tells whether it was done")
    findings = ask_all(run, work.step.done_when, work.env, work.chain)
    lines = seen_lines(findings)
    if not run.effects.verdict(findings):
        why = f"{found.reason}; its check says that it is not finished"
        return Outcome(StepStatus.UNKNOWN, why, lines=lines)
    if attempt.baseline is not False:
        why = f"{found.reason}; its check held before the start too, so it says nothing"
        return Outcome(StepStatus.UNKNOWN, why, lines=lines)
    why = f"{found.reason}; its check did not hold before the start and holds now"
    if run.operator.attended and not _taken_as_done(run, work, why, lines):
        return Outcome(StepStatus.UNKNOWN, why, lines=lines)
    return reviewed(run, work, Outcome(StepStatus.DONE, why, "found done", lines=lines))


def _taken_as_done(run: Run, work: Work, why: str, lines: tuple[str, ...]) -> bool:
    chosen = run.operator.choose(
        ChoiceRequest(
            id=f"found-done:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title}: the machine says that it is done",
            text=why,
            choices=(Choice("done", "Take it as done"), Choice("other", "I do not believe it; decide otherwise")),
            lines=lines,
            default="done",
        )
    )
    return chosen.key == "done"


def _no_survivors(run: Run, work: Work, attempt: Attempt, found: Found) -> Found:
    """While anything of the attempt lives, it is shown, waited for or stopped; never doubled."""
    while found.survivors:
        names = _names(found)
        if not run.operator.attended:
            reason = f"{work.planned.code} {work.planned.title}: parts of it still run: {'; '.join(names)}"
            raise Leave(SessionState.UNKNOWN, reason, ExitCode.OUTCOME_UNKNOWN, sets_back=False)
        chosen = run.operator.choose(
            ChoiceRequest(
                id=f"survivors:{work.planned.id}",
                title=f"{work.planned.code} {work.planned.title}: parts of it still run",
                text="Its supervisor is gone, so its end will not be recorded. Nothing is started beside it.",
                choices=(
                    Choice("wait", "Wait for them"),
                    Choice("stop", "Stop them", danger=True),
                    Choice("leave", "Leave the wizard; they run on"),
                ),
                lines=names,
                default="wait",
            )
        )
        match chosen.key:
            case "wait":
                found = _wait_for_survivors(run, work, attempt, found)
            case "stop":
                run.record(Record.STOP_ASKED, key=work.key, attempt=attempt.id)
                run.effects.stop_survivors(run, attempt.id)
                found = run.effects.find(run, attempt.id)
            case _:
                raise _they_run_on(work)
    return found


def _wait_for_survivors(run: Run, work: Work, attempt: Attempt, found: Found) -> Found:
    """Wait until none of them is left, or the person does not want to wait any longer; whoever leaves, leaves."""
    clock, title = SystemClock(), f"{work.planned.title}: parts of it still run"
    began = clock.boottime()
    while found.survivors:
        pausing = Pausing(title, "; ".join(_names(found)), clock.boottime() - began)
        match pause(run, pausing, _LOOK_EVERY):
            case Wish.LEAVE | Wish.STOP:
                raise _they_run_on(work)
            case Wish.GO_ON:
                return found
        found = run.effects.find(run, attempt.id)
    return found


def _they_run_on(work: Work) -> Leave:
    """Leave while parts of a command run; what was set for a while is not taken back under them."""
    reason = f"{work.planned.code} {work.planned.title}: parts of it still run"
    return Leave(SessionState.UNKNOWN, reason, ExitCode.STOPPED, sets_back=False)


def _names(found: Found) -> tuple[str, ...]:
    return tuple(f"{one.pid} {one.name}: {one.command}" for one in found.survivors)
