"""What an operator can decide about a step that is not settled, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.errors import ExitCode, WizardError
from wizard.plan.addresses import phase_of
from wizard.run.asking import ask_all
from wizard.run.context import Leave
from wizard.run.events import CheckAsked, Said
from wizard.run.judge import advice_on, ends_of
from wizard.run.left_for_later import deferred
from wizard.run.operator import Choice, ChoiceRequest, Chosen
from wizard.run.session_state import SessionState
from wizard.run.spool import Spool
from wizard.run.state import StepStatus
from wizard.run.work import Outcome, Work

if TYPE_CHECKING:
    from wizard.run.context import Run
    from wizard.run.walk import Walk


BY_WORD: Final = "by word"
"""How a step was skipped that the operator skipped with a reason."""
UNDO_CUT_OFF: Final = "it was being undone when the wizard was cut off; the undo is finished now"


def do_all_the_same(run: Run, work: Work) -> bool:
    """A step whose check holds before it began is already done; a person may want it all the same."""
    if not run.operator.attended or run.effects.rehearsed or work.undoing:
        return False
    chosen = run.operator.choose(
        ChoiceRequest(
            id=f"already:{work.planned.id}",
            title=f"{work.planned.code} {work.planned.title} is already done",
            text="The check that tells whether this step is done holds before it was begun.",
            choices=(Choice("already", "Take it as already done"), Choice("again", "Do it all the same", danger=True)),
            default="already",
        )
    )
    return chosen.key == "again"


def failed_before(run: Run, work: Work) -> Outcome:
    """How a step failed before this driver came, by the journal and the spool, and what the guide knows of it."""
    step = run.state.step(work.key)
    failed = Outcome(StepStatus.FAILED, f"it failed before: {step.detail}", from_before=True)
    if step.attempt is None:
        return failed
    spool = Spool(run.effects.spool(run, step.attempt.id))
    try:
        advice = advice_on(spool, ends_of(work.step, work.env))
    except WizardError as error:
        # The choices matter more than words about the failure that cannot be made any more.
        run.operator.tell(Said(f"What the guide says of this failure cannot be shown: {error}", "warning"))
        advice = ()
    return replace(failed, lines=tuple(spool.errors(8)), advice=advice)


def after(walk: Walk, work: Work, outcome: Outcome) -> bool:
    """Let the operator decide; True: settled, False: do the step again. Leaves where nobody decides.

    Before it is done again, the facts are read that it needs and that are not known.
    """
    from wizard.run.missing_facts import read_missing

    run = walk.run
    settled = _decided(walk, work, outcome) if run.operator.attended else _alone(run, work, outcome)
    if not settled:
        read_missing(run, work.planned, work.bindings)
    return settled


def _decided(walk: Walk, work: Work, outcome: Outcome) -> bool:
    """Take what a person decides."""
    run = walk.run
    wanted = ""
    while True:
        status = run.state.status(work.key)
        request = _request(walk, work, outcome, status)
        # What was asked for stands on the card itself, which may cover everything else that is told.
        chosen = choose(run, replace(request, text=f"{wanted}\n{request.text}") if wanted else request)
        wanted = ""
        match chosen.key:
            case "again":
                return False
            case "done":
                if _marked(walk, work, chosen.reason):
                    return True
            case "skip" | "defer":
                settled = Outcome(StepStatus.SKIPPED, chosen.reason, BY_WORD)
                return walk.ended(work, settled if chosen.key == "skip" else deferred(run, work, chosen.reason))
            case "undo-then-again":
                if _undone(walk, work):
                    return False
            case "undo":
                _undone(walk, work)
            case "undo-phase" | "undo-run":
                undo_scope(walk, work.key, chosen.key.removeprefix("undo-"))
            case key if key.startswith("offer:"):
                wanted = _offer(walk, work, int(key.removeprefix("offer:")))
            case _:
                raise _stop(work, status, outcome)


def _alone(run: Run, work: Work, outcome: Outcome) -> bool:
    """Nobody is there: an unknown step that is safe to repeat is repeated, everything else ends the walk."""
    from wizard.run.missing_facts import told

    failed = outcome.status is not StepStatus.UNKNOWN
    repeatable = work.step.rerun == "safe" and work.key not in run.repeated
    if (not failed or outcome.from_before) and repeatable:
        # Once for each driver: what dies again and again needs a person.
        run.repeated.add(work.key)
        run.operator.tell(Said(f"{work.planned.code}: {outcome.why}; it is safe to repeat, so it is run again"))
        return False
    for line in outcome.lines:
        run.operator.tell(Said(line, "warning"))
    for say, fix in outcome.advice:
        run.operator.tell(Said(f"{say} {fix}".strip()))
    for line in told(run, work.planned, work.bindings):
        run.operator.tell(Said(line, "warning"))
    reason = f"{work.planned.code} {work.planned.title}: {outcome.why}"
    if failed:
        raise Leave(SessionState.FAILED, reason, ExitCode.STEP_FAILED)
    raise Leave(SessionState.UNKNOWN, reason, ExitCode.OUTCOME_UNKNOWN, sets_back=False)


def _stop(work: Work, status: StepStatus, outcome: Outcome) -> Leave:
    reason = f"{work.planned.code} {work.planned.title}: {outcome.why}"
    if status is StepStatus.UNKNOWN:
        return Leave(SessionState.UNKNOWN, reason, ExitCode.STOPPED, sets_back=False)
    state = SessionState.FAILED if status is StepStatus.FAILED and not outcome.not_begun else SessionState.STOPPED
    return Leave(state, reason, ExitCode.STOPPED)


def _request(walk: Walk, work: Work, outcome: Outcome, status: StepStatus) -> ChoiceRequest:
    """The card: what happened, the last lines, and the choices."""
    from wizard.run.missing_facts import told

    word = {
        StepStatus.FAILED: "was not begun" if _left_alone(walk, work, outcome) else "failed",
        StepStatus.UNKNOWN: "has an unknown outcome",
        StepStatus.UNDONE: "was undone",
    }.get(status, "is not done")
    if status is StepStatus.UNDONE:
        # What the guide says of the failure, and to undo it, is over.
        words = [f"What it did was taken back. Before, it had failed: {outcome.why}"]
    else:
        missing = told(walk.run, work.planned, work.bindings) if status is StepStatus.FAILED else ()
        words = [outcome.why, *missing, *(f"{say}\n{fix}".strip() for say, fix in outcome.advice)]
    kind = "unknown" if status is StepStatus.UNKNOWN else "failed"
    return ChoiceRequest(
        id=f"{kind}:{work.planned.id}",
        title=f"{work.planned.code} {work.planned.title} {word}",
        text="\n".join(words),
        choices=_choices(walk, work, outcome, status),
        lines=outcome.lines,
    )


def _choices(walk: Walk, work: Work, outcome: Outcome, status: StepStatus) -> tuple[Choice, ...]:
    from wizard.run.undo import can_undo
    from wizard.run.undo_words import words_of_step

    run, step = walk.run, work.step
    harmless = outcome.not_begun or step.rerun == "safe" or status is StepStatus.UNDONE
    harmless = harmless or step.action.value not in ("run", "edit")
    choices = [
        Choice("again", "Ask again, and do one more round where it is still not so")
        if step.repeat is not None
        else Choice("again", "Try again")
        if harmless
        else Choice("again", "Run it again, although it is not known to be safe to repeat", reason=True, danger=True)
    ]
    has_undo = not work.undoing and can_undo(step, run.state.step(work.key)) and status is not StepStatus.UNDONE
    has_undo = has_undo and not _left_alone(walk, work, outcome)
    back = words_of_step(walk, work.planned) if has_undo else ()
    if has_undo and step.rerun == "after_undo":
        choices.insert(0, Choice("undo-then-again", "Undo it, then run it again", says=back))
    if not (outcome.not_begun and step.action.value == "gate"):
        marks = "Mark it done; its check is asked first" if step.done_when else "Mark it done"
        choices.append(Choice("done", marks, reason=True))
    if has_undo:
        choices.append(Choice("undo", "Undo this step", says=back))
    if not work.undoing:
        choices += undo_choices(walk, work.key)
    if step.defer is not None and not work.undoing:
        choices.append(Choice("defer", "Leave it for after the run", reason=True))
    if step.skip == "with_reason":
        choices.append(Choice("skip", "Skip it", reason=True, danger=True))
    choices += _offers(walk, work)
    return (*choices, *last_choices(run))


def last_choices(run: Run) -> tuple[Choice, ...]:
    """What can be chosen wherever the walk cannot go on: stopping, and a bundle for support."""
    bundle = (Choice("bundle", "Make a bundle for support, and come back here"),)
    return (Choice("stop", "Stop here; it can be resumed"), *(bundle if run.make_bundle is not None else ()))


def _left_alone(walk: Walk, work: Work, outcome: Outcome) -> bool:
    """Whether nothing of it was begun, and nothing that an earlier try did still stands."""
    from wizard.run.units import is_touched

    return outcome.not_begun and not is_touched(walk.run.state, work.planned)


def undo_choices(walk: Walk, key: str) -> list[Choice]:
    """Undoing more than the step at `key`, as far as there is anything to undo."""
    from wizard.run.undo_words import words_of_scope
    from wizard.run.units import undoable

    choices: list[Choice] = []
    phase = f"phase:{phase_of(key)}"
    if undoable(walk.plan, walk.run.state, phase):
        choices.append(Choice("undo-phase", "Undo the whole phase", danger=True, says=words_of_scope(walk, phase)))
    if undoable(walk.plan, walk.run.state, "run"):
        passed = any(walk.run.state.is_passed(point) for _, point in walk.plan.point_of_no_return)
        label = "Undo the run, back to the point of no return" if passed else "Undo the whole run"
        choices.append(Choice("undo-run", label, danger=True, says=words_of_scope(walk, "run")))
    return choices


def _marked(walk: Walk, work: Work, reason: str) -> bool:
    """Mark a step done by the operator's word; not against what its own check says."""
    run = walk.run
    if work.step.done_when:
        findings = ask_all(run, work.step.done_when, work.env, work.chain)
        from wizard.checks.model import Status

        if any(finding.status is Status.FAIL for finding in findings):
            for finding in findings:
                run.operator.tell(CheckAsked(finding))
            run.operator.tell(Said("Its own check says that it is not done, so it cannot be marked done.", "warning"))
            return False
    return walk.ended(work, Outcome(StepStatus.DONE, reason, "marked"))


def _undone(walk: Walk, work: Work) -> bool:
    from wizard.run.undo import Undo

    try:
        Undo(walk).one(work.planned)
    except Leave as leave:
        walk.run.operator.tell(Said(f"It could not be undone: {leave.reason}", "danger"))
        return False
    return True


def undo_scope(walk: Walk, key: str, scope: str) -> None:
    """Undo the `phase` the step at `key` stands in, or the `run`, and leave; comes back where it is not wanted."""
    from wizard.run.undo import Undo

    if not Undo(walk).scope("run" if scope == "run" else f"phase:{phase_of(key)}"):
        return
    reason = "the whole run was undone" if scope == "run" else "the phase was undone"
    state = SessionState.UNDONE if scope == "run" else SessionState.STOPPED
    raise Leave(state, reason, ExitCode.STOPPED)


def choose(run: Run, request: ChoiceRequest) -> Chosen:
    """Take the decision; after a bundle was made it is asked again, and says first where that is.

    Nothing of it is journalled: the session is only read.
    """
    chosen = run.operator.choose(request)
    while chosen.key == "bundle" and run.make_bundle is not None:
        run.operator.tell(Said("The bundle for support is being made …"))
        try:
            said = run.make_bundle()
        except WizardError as error:
            said = f"There is no bundle: {error}"
        chosen = run.operator.choose(replace(request, text=f"{said}\n{request.text}"))
    return chosen


def _offers(walk: Walk, work: Work) -> list[Choice]:
    """Side doors that are open now; one that takes the run back says what that will do.

    One whose condition cannot be worked out is not open, and keeps nobody from deciding.
    """
    from wizard.expressions import holds_or
    from wizard.run.undo_words import words_of_call
    from wizard.templates.readable import readable

    return [
        Choice(
            f"offer:{number}",
            readable(offer.title, work.env),
            says=words_of_call(walk.run, offer.include, work.hop) if offer.include is not None else (),
        )
        for number, offer in enumerate(work.step.offers)
        if offer.when is None or holds_or(offer.when, work.env, otherwise=False)
    ]


def _offer(walk: Walk, work: Work, number: int) -> str:
    from wizard.run.offers import take_offer

    return take_offer(walk, work, number)
