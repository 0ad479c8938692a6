"""Puts the parts together: a machine, commands, a session and a front end make a run.

The engine's modules take each other's protocols; which implementation serves is decided here, in
`wizard.driving` and in `wizard.looking`, and nowhere else. Everything a front end or the command line
starts comes through this module and `wizard.looking`.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.driving import driving
from wizard.errors import (
    BlockedError,
    ExitCode,
    Gone,
    HandedOver,
    SessionBusyError,
    SessionError,
    StoppedError,
    UsageError,
    VersionPathError,
    WizardError,
)
from wizard.looking import (
    earlier_times,
    folded,
    given_answers,
    nothing_missing,
    questionnaire_of,
    session_report,
    session_status,
    standing_findings,
    store,
    unfinished_on,
    usable_guide,
    watch_session,
)
from wizard.run.context import Leave, left_by
from wizard.run.evidence import read_evidence, take_evidence
from wizard.run.records import Record
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Check
    from wizard.plan.model import Plan
    from wizard.questions.model import AnswersFile
    from wizard.run.context import Run
    from wizard.run.events import SessionOpened
    from wizard.run.operator import Operator
    from wizard.run.session import Session
    from wizard.run.walk import Walk

    FrontEnd = Callable[[AnswersFile], AbstractContextManager[Operator]]
    Driven = Callable[[Run, AnswersFile, dict[str, Any]], ExitCode | None]
    """What is done while a session is driven; None: it is to go on in the background."""

__all__ = [
    "Begin",
    "FrontEnd",
    "Resume",
    "begin",
    "call_procedure",
    "close_session",
    "go_on",
    "leave_note",
    "session_report",
    "session_status",
    "store",
    "undo_session",
    "unfinished_on",
    "watch_session",
]


@dataclass(frozen=True, slots=True)
class Begin:
    """What `wizard run` was asked for."""

    guide: str
    answers: str | None = None
    sets: tuple[str, ...] = ()
    name: str = ""
    rehearse: bool = False
    detach: bool = False
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resume:
    """What `wizard resume` and its like were asked for."""

    session: str | None
    answers: str | None = None
    sets: tuple[str, ...] = ()
    take_over: bool = False
    detach: bool = False
    accept_broken: str = ""
    only_alone: bool = False
    """Only through phases that go on alone, and steps that need nobody."""
    evidence: tuple[str, ...] = ()


# -- beginning -----------------------------------------------------------------------------------


def begin(request: Begin, front_end: FrontEnd) -> ExitCode:
    """Begin a session and walk it."""
    from wizard.host.clock import SystemClock

    loaded = usable_guide(request.guide)
    given, sets = given_answers(loaded, request.answers, request.sets)
    evidence = read_evidence(request.evidence, loaded.guide.id)
    with front_end(given) as operator:
        if not operator.attended:
            nothing_missing(loaded, given, sets)
        session = store().create(
            loaded, clock=SystemClock(), environ=os.environ, name=request.name, pass_env=_pass_env(loaded)
        )
        # From here on only what is pinned counts, as in every resume: the guide may be changed or moved meanwhile.
        loaded = session.load_guide()
        with _alone_when_gone(session), driving(session, loaded, operator, rehearsal=request.rehearse) as run:
            run.record(
                Record.SESSION_CREATED,
                guide=loaded.guide.id,
                guide_sha256=loaded.sha256,
                name=request.name,
                rehearsal=request.rehearse,
            )
            operator.tell(_opened(run, resumed=False))
            take_evidence(run, evidence)
            code = _prepare_and_walk(run, given, sets, detach=request.detach)
        return _go_on_in_background(session, request, operator) if code is None else code


def _opened(run: Run, *, resumed: bool) -> SessionOpened:
    """What a front end is told of a session as it is opened."""
    from wizard.run.events import SessionOpened

    guide, rehearsed = run.loaded.guide, run.effects.rehearsed
    return SessionOpened(store().named(run.session), guide.title, resumed, guide.glossary, rehearsed)


def _pass_env(loaded: LoadedGuide) -> tuple[str, ...]:
    from wizard.guide.models.steps import Surroundings
    from wizard.guide.walk import every_model

    surroundings = (placed.model for placed in every_model(loaded.guide) if isinstance(placed.model, Surroundings))
    return tuple(sorted({name for one in surroundings for name in one.pass_env}))


def _prepare_and_walk(run: Run, given: AnswersFile, sets: dict[str, Any], *, detach: bool = False) -> ExitCode | None:
    """Ask, check, plan, and walk; what ends it before the walk is journalled."""
    from wizard.run.prepare import Preparation

    questionnaire = questionnaire_of(run.loaded, given, sets)
    questionnaire.restore(run.state.answers)
    times = earlier_times(run.loaded)
    preparation = Preparation(run, questionnaire, standing=standing_findings, fix=_fix, took_before=times)
    try:
        plan = preparation.plan()
    except (StoppedError, VersionPathError) as error:
        # Versions that no path leads between can be answered again on resume.
        run.record(Record.STOPPED, state=SessionState.STOPPED, reason=error.message)
        raise
    except Leave as leave:
        return _left_before_the_walk(run, leave)
    return _walk(run, plan, detach=detach)


def _fix(run: Run, check: Check, env: Environment) -> None:
    """Carry out a check's fix as the attempt of a step of its own."""
    from wizard.run.fixes import carry_out

    carry_out(run, check, env)


def _left_before_the_walk(run: Run, leave: Leave) -> ExitCode:
    """Journal that the session is left while a fix runs, or was stopped."""
    from wizard.run.events import RunEnded

    run.record(Record.STOPPED, state=leave.state, reason=leave.reason)
    run.operator.tell(RunEnded(leave.state, leave.reason, ("resume", "report", "bundle", "close")))
    return leave.exit_code


# -- walking -------------------------------------------------------------------------------------


def _walk(run: Run, plan: Plan, *, detach: bool = False) -> ExitCode | None:
    """Walk a plan while holding the installation it works on; with `detach` see only that it could be held."""
    from wizard.run.walk import Walk

    with _installation(run, plan):
        return None if detach else Walk(run, plan).go()


def _in_walk(run: Run, work: Callable[[Walk], ExitCode]) -> ExitCode:
    """Do something of a walk outside of its phases; leaving it is journalled as in a walk."""
    from wizard.run.events import WalkBegan
    from wizard.run.walk import Walk
    from wizard.run.words_first import WordsMissingError

    if run.plan is None:
        raise UsageError(f"session {run.session.id} has no plan yet, so nothing was done", hint="`wizard resume` it.")
    walk = Walk(run, run.plan)
    with _installation(run, run.plan):
        run.operator.tell(WalkBegan(run.plan))
        try:
            return work(walk)
        except Leave as leave:
            return walk.leave(leave)
        except (SessionError, UsageError, WordsMissingError):
            raise
        except WizardError as error:
            return walk.leave(left_by(error))
        except Gone:
            run.record(Record.LEFT, reason="the front end was lost")
            raise


@contextmanager
def _installation(run: Run, plan: Plan) -> Iterator[None]:
    """Hold the installation, which no other session may have left half-way; a rehearsal changes nothing.

    SessionBusyError where another session drives on it, or is not finished with it.
    """
    if not plan.works_on or run.effects.rehearsed:
        yield
        return
    from wizard.host.clock import SystemClock
    from wizard.host.identity import who_am_i
    from wizard.run.installation import hold_installation

    with hold_installation(plan.works_on, store().state, run.session.id, who_am_i(SystemClock())):
        # Asked while it is held, so that nobody begins between the look and the lock.
        if other := unfinished_on(plan.works_on, but=run.session.id):
            raise SessionBusyError(
                f"session {other} works on {plan.works_on} too and is not finished",
                hint=f"Go on with it (`wizard resume {other}`), or close it (`wizard close {other}`).",
            )
        yield


# -- without a front end -------------------------------------------------------------------------


def _go_on_in_background(session: Session, request: Begin | Resume, operator: Operator) -> ExitCode:
    """Let a driver without a terminal go on; secrets it needs come by the answers, as they came here."""
    from pathlib import Path

    from wizard.run.events import Said

    words = ["--answers", str(Path(request.answers).resolve())] if request.answers else []
    words += [word for one in request.sets for word in ("--set", one)]
    _start_in_background(session, *words)
    operator.tell(Said(f"It goes on in the background; `wizard status {session.id}` says where it stands."))
    return ExitCode.DONE


def _start_in_background(session: Session, *words: str) -> None:
    from wizard.host.background import start_in_background

    start_in_background(["resume", str(session.folder), "--unattended", *words], session.id)


@contextmanager
def _alone_when_gone(session: Session) -> Iterator[None]:
    """Where the front end is lost in a phase that `goes_on_alone`, a driver without a terminal goes on."""
    from wizard.run.alone import may_go_on_alone

    try:
        yield
    except HandedOver:
        raise
    except Gone:
        try:
            if may_go_on_alone(session, *folded(session)):
                _start_in_background(session, "--only-alone")
        except WizardError as error:
            # Nobody is there to be told; whoever comes back reads it in the journal.
            leave_note(session.id, f"It could not go on alone: {error.message}")
        raise


# -- going on ------------------------------------------------------------------------------------


def _drive(request: Resume, front_end: FrontEnd, work: Driven) -> ExitCode:
    """Open a session and do something with it as its driver."""
    from wizard.run.names import environment
    from wizard.run.secret_answers import know_given

    session = store().open(request.session or "")
    loaded = session.load_guide()
    given, sets = given_answers(loaded, request.answers, request.sets)
    evidence = read_evidence(request.evidence, loaded.guide.id)
    with front_end(given) as operator:
        with (
            _alone_when_gone(session),
            driving(session, loaded, operator, take_over=request.take_over, accept_broken=request.accept_broken) as run,
        ):
            run.alone_only = request.only_alone
            operator.tell(_opened(run, resumed=True))
            _must_be_open(run)
            run.tell_unheard()
            # Secrets are never stored; those that are given again are not asked for.
            know_given(run, given, sets, environment(run))
            take_evidence(run, evidence)
            code = work(run, given, sets)
        return _go_on_in_background(session, request, operator) if code is None else code


def _must_be_open(run: Run) -> None:
    if run.state.closed:
        raise SessionError(
            f"session {run.session.id} is closed: {run.state.closed}",
            hint=f"`wizard report {run.session.id}` tells what was done; `wizard run` begins a new session.",
        )


def go_on(request: Resume, front_end: FrontEnd) -> ExitCode:
    """Resume a session from wherever it stands."""
    from wizard.run.settled import must_be_as_settled
    from wizard.run.taking_up import take_up

    def from_there(run: Run, given: AnswersFile, sets: dict[str, Any]) -> ExitCode | None:
        if run.plan is None:
            return _prepare_and_walk(run, given, sets, detach=request.detach)
        must_be_as_settled(run, sets)
        if run.state.taken_back and not run.state.open_procedure:
            take_up(run, run.plan)
        if run.state.word is SessionState.DONE and not run.state.open_procedure:
            return _offer_procedures(run)
        if request.detach:
            return _walk(run, run.plan, detach=True)
        _look_again(run, run.plan)
        if run.state.open_procedure:
            return _in_walk(run, _finish_procedure)
        return _walk(run, run.plan)

    return _drive(request, front_end, from_there)


def _look_again(run: Run, plan: Plan) -> None:
    """Look at a machine that may have changed; that it keeps the run from going on is journalled."""
    from wizard.run.recheck import look_again

    try:
        look_again(run, plan)
    except (BlockedError, StoppedError) as error:
        run.record(Record.STOPPED, state=SessionState.STOPPED, reason=error.message)
        raise


def _offer_procedures(run: Run) -> ExitCode:
    """A session that is done has nothing to go on with but the procedures it offers."""
    from wizard.run.offers import tell_end

    tell_end(run, "this session is done")
    return ExitCode.DONE


def _finish_procedure(walk: Walk) -> ExitCode:
    """Finish a procedure that was interrupted, then go on with the run where that is not over."""
    from wizard.run.needs import ask_for_all_secrets
    from wizard.run.offers import call, tell_called

    ask_for_all_secrets(walk.run)
    state = walk.run.state
    name = state.open_procedure.split("/")[1]
    call(walk, name)
    if not state.finished:
        return walk.go()
    tell_called(walk.run, name)
    return ExitCode.DONE


def call_procedure(request: Resume, front_end: FrontEnd, *, procedure: str) -> ExitCode:
    """Call a procedure that is offered."""
    from wizard.run.left_open import end_open_steps
    from wizard.run.needs import ask_for_all_secrets
    from wizard.run.offers import call_offered, is_wanted, must_be_offered
    from wizard.run.words_first import words_for_call

    def called(walk: Walk, given: AnswersFile) -> ExitCode:
        if not is_wanted(walk.run, procedure):
            return ExitCode.STOPPED
        ask_for_all_secrets(walk.run)
        begun = walk.run.state.open_procedure
        end_open_steps(walk, but=begun)
        if not begun:
            words_for_call(walk.run, procedure, must_be_offered(walk.run, procedure).hop, given)
        return call_offered(walk, procedure)

    return _drive(request, front_end, lambda run, given, _: _in_walk(run, lambda walk: called(walk, given)))


def undo_session(request: Resume, front_end: FrontEnd, *, step: str | None, phase: str | None) -> ExitCode:
    """Undo a step, a phase, or everything back to the point of no return."""
    from wizard.run.left_open import end_open_steps
    from wizard.run.undo import Undo
    from wizard.run.units import scope_named
    from wizard.run.words_first import words_for_undo

    def undone(walk: Walk, given: AnswersFile) -> ExitCode:
        scope = scope_named(walk.plan, step=step, phase=phase)
        if not Undo(walk).is_wanted(scope):
            return ExitCode.STOPPED
        Undo(walk).ask_for_secrets(scope)
        end_open_steps(walk)
        words_for_undo(Undo(walk), walk.run, scope, given)
        return Undo(walk).whole(scope)

    def in_earnest(run: Run, given: AnswersFile, _: dict[str, Any]) -> ExitCode:
        if run.state.rehearsal:
            raise UsageError(
                f"session {run.session.id} is a rehearsal: nothing was done, so there is nothing to undo",
                hint="`wizard report` shows what it went through.",
            )
        return _in_walk(run, lambda walk: undone(walk, given))

    return _drive(request, front_end, in_earnest)


def close_session(session: str | None, reason: str) -> str:
    """Close a session that is not to be gone on with; gives the words for the operator.

    SessionBusyError where somebody drives it, or a command of it still runs.
    """
    from wizard.questions.model import AnswersFile
    from wizard.run.left_open import still_running
    from wizard.run.owed import owed_by
    from wizard.unattended import UnattendedOperator

    opened = store().open(session or "")
    loaded = opened.load_guide()
    operator = UnattendedOperator(AnswersFile(), os.environ, out=io.StringIO())
    with driving(opened, loaded, operator) as run:
        if run.state.closed:
            return f"Session {opened.id} was closed before: {run.state.closed}"
        if running := still_running(run):
            raise SessionBusyError(
                "\n".join([f"session {opened.id} cannot be closed while something of it runs", *running]),
                hint=f"`wizard resume {opened.id}` attaches to it: wait for its end or stop it there, then close.",
            )
        owed = owed_by(run.plan, run.state) if run.plan is not None else ()
        run.record(Record.SESSION_CLOSED, reason=reason or "by the operator")
    lines = [f"Session {opened.id} is closed."]
    lines += [f"Still owed, and nobody will do it now: {code} {what}" for code, what in owed]
    return "\n".join(lines)


def leave_note(session: str | None, text: str) -> str:
    """Leave a note for the journal of a session, whoever drives it; gives the words for whoever left it."""
    from wizard.host.clock import SystemClock
    from wizard.host.identity import who_am_i
    from wizard.run.driver import driving as who_drives
    from wizard.run.inbox import Message, send

    opened = store().open(session or "")
    clock = SystemClock()
    send(opened, Message.NOTE, text, who_am_i(clock), clock)
    if who_drives(opened) is None:
        return f"The note waits in {opened.id}, which nobody drives now: whoever goes on with it is shown the note."
    return f"The note waits for the driver of {opened.id}, who takes it into the journal."
