"""Puts the parts together: a machine, commands, a session and a front end make a run.

The engine's modules take each other's protocols; which implementation serves is decided here and
nowhere else. Everything a front end or the command line starts comes through this module.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.errors import ExitCode, SessionError, StoppedError, UsageError, VersionPathError
from wizard.run.context import Recorder, Run, Secrets
from wizard.run.folding import fold
from wizard.run.records import Record
from wizard.run.state import SessionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from wizard.checks.model import Finding
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Check
    from wizard.host.commands import LocalCommands
    from wizard.plan.model import Plan
    from wizard.questions.model import AnswersFile
    from wizard.questions.questionnaire import Questionnaire
    from wizard.report.model import Report
    from wizard.run.driver import Driver
    from wizard.run.effects import Effects
    from wizard.run.operator import Operator
    from wizard.run.prepare import Preparation
    from wizard.run.session import Session
    from wizard.run.state import State
    from wizard.run.status import SessionStatus
    from wizard.run.store import SessionStore

    FrontEnd = Callable[["AnswersFile"], AbstractContextManager[Operator]]


@dataclass(frozen=True, slots=True)
class Begin:
    """What `wizard run` was asked for."""

    guide: str
    answers: str | None = None
    sets: tuple[str, ...] = ()
    name: str = ""
    rehearse: bool = False
    detach: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """What `wizard resume` and its like were asked for."""

    session: str | None
    answers: str | None = None
    sets: tuple[str, ...] = ()
    take_over: bool = False
    detach: bool = False
    accept_broken: str = ""


# -- guides and answers --------------------------------------------------------------------------


def usable_guide(guide: str) -> LoadedGuide:
    """Load a guide that is going to be used; GuideError with every problem where it cannot be."""
    from wizard.guide.catalog import find_guide
    from wizard.guide.lint import open_guide

    return open_guide(find_guide(guide))


def given_answers(
    loaded: LoadedGuide, answers: str | None, sets: tuple[str, ...]
) -> tuple[AnswersFile, dict[str, Any]]:
    """Read the answers file and the answers of the command line."""
    from pathlib import Path

    from wizard.questions.answers_file import parse_sets, read_answers_file
    from wizard.questions.model import AnswersFile

    given = read_answers_file(Path(answers), loaded) if answers else AnswersFile()
    return given, parse_sets(list(sets), loaded)


# -- a driver at work ----------------------------------------------------------------------------


def store() -> SessionStore:
    """The sessions of this user."""
    from wizard.paths import state_folder
    from wizard.run.store import SessionStore

    return SessionStore(state_folder())


def _commands() -> LocalCommands:
    from wizard.host.commands import LocalCommands

    return LocalCommands()


def _effects(*, rehearsal: bool) -> Effects:
    if rehearsal:
        from wizard.run.rehearsal import RehearsedEffects

        return RehearsedEffects()
    from wizard.run.effects import LiveEffects

    return LiveEffects(_commands())


@contextmanager
def driving(
    session: Session,
    loaded: LoadedGuide,
    operator: Operator,
    *,
    rehearsal: bool = False,
    take_over: bool = False,
    accept_broken: str = "",
) -> Iterator[Run]:
    """Hold a session as its one driver for as long as the block lasts.

    Somebody who asks for the session and is not refused ends the front end as a hang-up would, at
    whatever it is; the session is then handed over on the way out.
    """
    from wizard.host.clock import SystemClock
    from wizard.run.takeover import TakeoverDesk

    clock = SystemClock()
    with _driver(session, operator, take_over=take_over, accept_broken=accept_broken) as driver:
        desk: TakeoverDesk | None = None

        def somebody_asked() -> None:
            if desk is not None and desk.wish() is not None:
                os.kill(os.getpid(), signal.SIGHUP)

        desk = TakeoverDesk(driver, clock, attended=operator.attended, on_change=somebody_asked)
        operator.on_key(desk.key)
        try:
            yield _run(session, loaded, operator, driver, rehearsal=rehearsal)
        finally:
            if desk.wish() is None or desk.grant() is None:
                desk.close()


def _driver(session: Session, operator: Operator, *, take_over: bool, accept_broken: str) -> Driver:
    """Take the session, or take it over from whoever drives it."""
    from wizard.host.clock import SystemClock
    from wizard.host.identity import who_am_i
    from wizard.run.driver import Driver
    from wizard.run.events import Said
    from wizard.run.takeover import take_over as ask_for

    clock = SystemClock()
    who = who_am_i(clock)
    if take_over:
        return ask_for(session, who, clock, accept_broken=accept_broken, tell=lambda words: operator.tell(Said(words)))
    return Driver.take(session, who, clock, accept_broken=accept_broken)


def _run(session: Session, loaded: LoadedGuide, operator: Operator, driver: Driver, *, rehearsal: bool) -> Run:
    """Fold the journal, and put everything a run needs beside it."""
    from wizard.host.local import LocalMachine
    from wizard.run.inbox import Inbox

    state = fold(driver.journal.entries)
    secrets = Secrets()
    inbox = Inbox(session, driver.journal.entries, driver.journal.append)
    run = Run(
        session=session,
        recorder=Recorder(driver.journal, state, secrets),
        loaded=loaded,
        machine=LocalMachine(),
        operator=operator,
        effects=_effects(rehearsal=rehearsal or state.rehearsal),
        secrets=secrets,
        epoch=driver.epoch,
        take_messages=inbox.fold,
    )
    if state.plan_sha256:
        from wizard.plan.store import plan_from_json

        data = session.plan(state.plan_sha256)
        run.plan = plan_from_json(data) if data is not None else None
    return run


def begin(request: Begin, front_end: FrontEnd) -> ExitCode:
    """Begin a session and walk it."""
    from wizard.host.clock import SystemClock
    from wizard.run.events import SessionOpened

    loaded = usable_guide(request.guide)
    given, sets = given_answers(loaded, request.answers, request.sets)
    with front_end(given) as operator:
        if not operator.attended:
            _nothing_missing(loaded, given, sets)
        session = store().create(
            loaded, clock=SystemClock(), environ=os.environ, name=request.name, pass_env=_pass_env(loaded)
        )
        with _alone_when_gone(session), driving(session, loaded, operator, rehearsal=request.rehearse) as run:
            run.record(
                Record.SESSION_CREATED,
                guide=loaded.guide.id,
                guide_sha256=loaded.sha256,
                name=request.name,
                rehearsal=request.rehearse,
            )
            operator.tell(SessionOpened(session.id, loaded.guide.title, resumed=False))
            code = _prepare_and_walk(run, given, sets, detach=request.detach)
    return _go_on_in_background(session, request) if request.detach and code is ExitCode.DONE else code


def _go_on_in_background(session: Session, request: Begin | Resume) -> ExitCode:
    """Let a driver without a terminal go on; secrets it needs come by the answers, as they came here."""
    from pathlib import Path

    from wizard.host.background import start_in_background

    words = ["resume", session.id, "--unattended"]
    words += ["--answers", str(Path(request.answers).resolve())] if request.answers else []
    words += [word for one in request.sets for word in ("--set", one)]
    start_in_background(words, session.id)
    print(f"It goes on in the background; `wizard status {session.id}` says where it stands.", file=sys.stderr)  # noqa: T201
    return ExitCode.DONE


@contextmanager
def _alone_when_gone(session: Session) -> Iterator[None]:
    """Where the front end is lost in a phase that `goes_on_alone`, a driver without a terminal goes on."""
    from wizard.run.operator import Gone

    try:
        yield
    except Gone:
        state, plan = _folded(session)
        if plan is not None and _goes_on_alone(session, state, plan):
            from wizard.host.background import start_in_background

            start_in_background(["resume", session.id, "--unattended"], session.id)
        raise


def _goes_on_alone(session: Session, state: State, plan: Plan) -> bool:
    """Whether the phase the walk stands in may go on through steps that need nobody."""
    here = "/".join(state.current.split("/")[:2])
    phase = next((one for one in plan.phases if one.key == here), None)
    if phase is None or not state.walking:
        return False
    models = session.load_guide().guide.phases
    return any(model.goes_on_alone for model in models if model.id == phase.id)


def _pass_env(loaded: LoadedGuide) -> tuple[str, ...]:
    from wizard.guide.models.steps import Surroundings
    from wizard.guide.walk import every_model

    surroundings = (placed.model for placed in every_model(loaded.guide) if isinstance(placed.model, Surroundings))
    return tuple(sorted({name for one in surroundings for name in one.pass_env}))


def _nothing_missing(loaded: LoadedGuide, given: AnswersFile, sets: dict[str, Any]) -> None:
    """Unattended, everything that is missing is said before there is even a session: exit 41."""
    from wizard.errors import AnswersError
    from wizard.plan.confirmations import missing_confirmations
    from wizard.run.prepare import Preparation

    run = _preview_run(loaded, given)
    questionnaire = _questionnaire(loaded, given, sets)
    preparation = Preparation(run, questionnaire, standing=lambda _: (), fix=lambda *_: None)
    try:
        preparation.ask()
        missing = missing_confirmations(preparation.build(), loaded, given)
    except AnswersError as error:
        possible = missing_confirmations(None, loaded, given)
        raise AnswersError(error.message, (*error.problems, *possible), hint=error.hint) from None
    if missing:
        raise AnswersError("The answers are not complete.", missing)


def _questionnaire(loaded: LoadedGuide, given: AnswersFile, sets: dict[str, Any]) -> Questionnaire:
    from wizard.questions.questionnaire import Questionnaire

    return Questionnaire(loaded, given, sets)


def _preview_run(loaded: LoadedGuide, given: AnswersFile) -> Run:
    """A run that leaves nothing behind and does nothing."""
    from wizard.host.local import LocalMachine
    from wizard.run.preview import MemoryJournal, preview_session
    from wizard.run.rehearsal import RehearsedEffects
    from wizard.run.state import State
    from wizard.unattended import UnattendedOperator

    secrets = Secrets()
    return Run(
        session=preview_session(loaded),
        recorder=Recorder(MemoryJournal(), State(), secrets),
        loaded=loaded,
        machine=LocalMachine(),
        operator=UnattendedOperator(given, os.environ, out=io.StringIO()),
        effects=RehearsedEffects(),
        secrets=secrets,
    )


def _prepare_and_walk(run: Run, given: AnswersFile, sets: dict[str, Any], *, detach: bool = False) -> ExitCode:
    """Ask, check, plan, and walk; what ends it before the walk is journalled."""
    from wizard.run.prepare import Preparation
    from wizard.run.state import SessionState

    questionnaire = _questionnaire(run.loaded, given, sets)
    questionnaire.restore(run.state.answers)
    preparation = Preparation(run, questionnaire, standing=_standing, fix=_fix)
    try:
        plan = preparation.plan()
    except VersionPathError as error:
        run.record(Record.SESSION_CLOSED, reason=str(error))
        raise
    except StoppedError as error:
        run.record(Record.STOPPED, state=SessionState.STOPPED, reason=error.message)
        raise
    if detach:
        return ExitCode.DONE
    return _walk(run, plan)


def _walk(run: Run, plan: Plan) -> ExitCode:
    """Walk a plan while holding the installation it works on."""
    from wizard.run.walk import Walk

    with _installation(run, plan):
        return Walk(run, plan).go()


@contextmanager
def _installation(run: Run, plan: Plan) -> Iterator[None]:
    """Hold the installation; a rehearsal changes nothing and needs no lock."""
    if not plan.works_on or run.effects.rehearsed:
        yield
        return
    from wizard.host.clock import SystemClock
    from wizard.host.identity import who_am_i
    from wizard.run.installation import hold_installation

    with hold_installation(plan.works_on, store().state, run.session.id, who_am_i(SystemClock())):
        yield


def _standing(run: Run) -> tuple[Finding, ...]:
    """Findings that belong to no guide."""
    from wizard.host.logout import choose_way, probe
    from wizard.run.names import environment
    from wizard.run.standing import installation_finding, logout_finding, root_finding
    from wizard.templates import render_text

    findings = (*root_finding(run), *logout_finding(choose_way(probe())))
    works_on = run.loaded.guide.works_on
    if works_on is None or run.effects.rehearsed:
        return findings
    place = render_text(works_on, environment(run))
    return (*findings, *installation_finding(place, unfinished_on(place, but=run.session.id)))


def _fix(run: Run, check: Check) -> None:
    """Carry out a check's fix as the attempt of a step of its own."""
    from wizard.run.fixes import carry_out

    carry_out(run, check)


# -- going on ------------------------------------------------------------------------------------


@contextmanager
def _resumed(request: Resume, front_end: FrontEnd) -> Iterator[tuple[Run, AnswersFile, dict[str, Any]]]:
    """Open a session and drive it."""
    from wizard.run.events import SessionOpened

    session = store().open(request.session or "")
    loaded = session.load_guide()
    given, sets = given_answers(loaded, request.answers, request.sets)
    with (
        front_end(given) as operator,
        _alone_when_gone(session),
        driving(session, loaded, operator, take_over=request.take_over, accept_broken=request.accept_broken) as run,
    ):
        operator.tell(SessionOpened(session.id, loaded.guide.title, resumed=True))
        _know_given_secrets(run, given, sets)
        yield run, given, sets


def _know_given_secrets(run: Run, given: AnswersFile, sets: dict[str, Any]) -> None:
    """Secrets are never stored; those that are given again are not asked for."""
    from wizard.secrets import Secret

    for name, value in {**given.answers, **sets}.items():
        if isinstance(value, Secret):
            run.secrets.put(name, value)


def go_on(request: Resume, front_end: FrontEnd) -> ExitCode:
    """Resume a session from wherever it stands."""
    from wizard.run.offers import call

    with _resumed(request, front_end) as (run, given, sets):
        if run.state.detail == "closed":
            raise SessionError(f"session {run.session.id} is closed", hint="Begin a new one with `wizard run`.")
        if run.plan is None:
            return _prepare_and_walk(run, given, sets, detach=request.detach)
        if run.state.open_procedure:
            return _in_walk(run, lambda walk: call(walk, run.state.open_procedure.split("/")[1]))
        if run.state.word is SessionState.DONE:
            return _offer_procedures(run)
        from wizard.run.recheck import look_again

        look_again(run, run.plan)
        return _walk(run, run.plan)


def _in_walk(run: Run, work: Callable[[Any], Any]) -> ExitCode:
    """Do something of a walk outside of its phases; leaving it is journalled as in a walk."""
    from wizard.run.context import Leave
    from wizard.run.walk import Walk

    if run.plan is None:
        raise UsageError(f"session {run.session.id} has no plan yet, so nothing was done", hint="`wizard resume` it.")
    walk = Walk(run, run.plan)
    with _installation(run, run.plan):
        try:
            return ExitCode(work(walk) or ExitCode.DONE)
        except Leave as leave:
            return walk.leave(leave)


def _offer_procedures(run: Run) -> ExitCode:
    """A session that is done has nothing to go on with but the procedures it offers."""
    from wizard.run.events import RunEnded
    from wizard.run.offers import offered

    calls = tuple(f"call {name}" for name, _ in offered(run))
    run.operator.tell(RunEnded(SessionState.DONE, "this session is done", (*calls, "report")))
    return ExitCode.DONE


def call_procedure(request: Resume, front_end: FrontEnd, *, procedure: str) -> ExitCode:
    """Call a procedure that is offered."""
    from wizard.run.offers import call_offered

    with _resumed(request, front_end) as (run, _, _):
        return _in_walk(run, lambda walk: call_offered(walk, procedure))


def undo_session(request: Resume, front_end: FrontEnd, *, step: str | None, phase: str | None) -> ExitCode:
    """Undo a step, a phase, or everything back to the point of no return."""
    from wizard.run.undo import Undo, scope_named

    with _resumed(request, front_end) as (run, _, _):
        return _in_walk(run, lambda walk: Undo(walk).whole(scope_named(walk.plan, step=step, phase=phase)))


def close_session(session: str | None, reason: str) -> str:
    """Close a session that is not to be gone on with; gives the words for the operator."""
    from wizard.questions.model import AnswersFile
    from wizard.unattended import UnattendedOperator

    opened = store().open(session or "")
    loaded = opened.load_guide()
    operator = UnattendedOperator(AnswersFile(), os.environ, out=io.StringIO())
    with driving(opened, loaded, operator) as run:
        from wizard.run.owed import owed_by

        owed = owed_by(run.plan, run.state) if run.plan is not None else ()
        run.record(Record.SESSION_CLOSED, reason=reason or "closed by the operator")
    lines = [f"Session {opened.id} is closed."]
    lines += [f"Still owed, and nobody will do it now: {code} {what}" for code, what in owed]
    return "\n".join(lines)


def leave_note(session: str | None, text: str) -> str:
    """Leave a note for the journal of a session, whoever drives it; gives the words for whoever left it."""
    from wizard.host.clock import SystemClock
    from wizard.host.identity import who_am_i
    from wizard.run.inbox import Message, send

    opened = store().open(session or "")
    clock = SystemClock()
    send(opened, Message.NOTE, text, who_am_i(clock), clock)
    return f"The note waits for the driver of {opened.id}, who takes it into the journal."


# -- looking -------------------------------------------------------------------------------------


def _folded(session: Session) -> tuple[State, Plan | None]:
    from wizard.plan.store import plan_from_json
    from wizard.run.journal import read_journal

    state = fold(read_journal(session.folder).entries)
    data = session.plan(state.plan_sha256) if state.plan_sha256 else None
    return state, plan_from_json(data) if data is not None else None


def _status(session: Session) -> SessionStatus:
    from wizard.run.driver import driving as who_drives
    from wizard.run.status import status_of

    state, plan = _folded(session)
    driver = who_drives(session)
    data = None if driver is None else driver.who.as_json() if driver.who is not None else {}
    return status_of(session.folder, state, plan, driver=data, commands=_commands())


def session_status(session: str | None) -> SessionStatus:
    """Where one session stands."""
    return _status(store().open(session or ""))


def all_statuses() -> Iterator[SessionStatus]:
    """Every session that can be read, newest first."""
    for session in store().listing().sessions:
        try:
            yield _status(session)
        except SessionError:
            continue


def unreadable_sessions() -> list[str]:
    """Why each of the other sessions cannot be read."""
    return [str(error) for _, error in store().listing().unreadable]


def unfinished_on(place: str | Path, *, but: str = "") -> str | None:
    """The session that is not finished on an installation; None where there is none."""
    from wizard.run.installation import unfinished_with

    def finished(session: Session) -> bool:
        state, _ = _folded(session)
        return state.rehearsal or state.finished

    session = unfinished_with(str(place), store(), finished, besides=but)
    return session.id if session is not None else None


def watch_session(session: str | None, write: Callable[[list[str]], None]) -> None:
    """Look on at a session until nobody drives it any more."""
    from wizard.plain.watch import Watch
    from wizard.run.driver import driving as who_drives

    opened = store().open(session or "")
    Watch(opened.folder, lambda: _folded(opened)[1], write).follow(lambda: who_drives(opened) is not None)


def session_report(session: str | None) -> Report:
    """The report of a session."""
    from wizard.report.model import make_report
    from wizard.run.journal import read_journal

    opened = store().open(session or "")
    state, plan = _folded(opened)
    return make_report(opened.id, state, plan, read_journal(opened.folder).entries, _status(opened).state)


def _looked(guide: str, answers: str | None, sets: tuple[str, ...]) -> Preparation:
    """Facts read and answers taken, and nothing else."""
    from wizard.run.prepare import Preparation

    loaded = usable_guide(guide)
    given, chosen = given_answers(loaded, answers, sets)
    run = _preview_run(loaded, given)
    preparation = Preparation(run, _questionnaire(loaded, given, chosen), standing=_standing, fix=_fix)
    preparation.ask()
    return preparation


def preview(guide: str, answers: str | None, sets: tuple[str, ...], how: str) -> str:
    """The plan for this machine, as text, Markdown or JSON."""
    import json

    from wizard.plan.render import plan_markdown, plan_text
    from wizard.plan.store import plan_to_json

    preparation = _looked(guide, answers, sets)
    plan = preparation.build()
    match how:
        case "json":
            return json.dumps(plan_to_json(plan), indent=1, ensure_ascii=False) + "\n"
        case "markdown":
            return plan_markdown(plan)
        case _:
            return plan_text(plan)


def check_only(guide: str, answers: str | None, sets: tuple[str, ...], how: str) -> tuple[str, bool]:
    """All findings, and whether one of them blocks."""
    import json
    from dataclasses import asdict

    preparation = _looked(guide, answers, sets)
    findings = preparation.check()
    blocked = bool(preparation.blockers(findings))
    if how == "json":
        return json.dumps([asdict(one) for one in findings], indent=1, ensure_ascii=False) + "\n", blocked
    lines: list[str] = []
    for one in findings:
        lines.append(f"{one.status:8} {one.title}{f': {one.say}' if one.say else ''}")
        lines += [f"         seen: {evidence.seen}" for evidence in one.evidence if not one.passed]
        lines += [f"         remedy: {one.remedy}"] if one.remedy and not one.passed else []
    return "\n".join(lines) + "\n", blocked
