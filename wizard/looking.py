"""Looking without driving: sessions as their folders tell them, and a guide held against this machine.

Nothing here takes a session or changes the machine, so all of it works beside a driver.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from wizard.errors import AnswersError, SessionError
from wizard.run.context import Recorder, Run, Secrets
from wizard.run.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.checks.model import Finding
    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Check
    from wizard.plan.model import Plan
    from wizard.questions.model import AnswersFile
    from wizard.questions.questionnaire import Questionnaire
    from wizard.report.model import Report
    from wizard.run.prepare import Preparation
    from wizard.run.session import Session
    from wizard.run.state import State
    from wizard.run.status import SessionStatus
    from wizard.run.store import SessionStore


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


# -- sessions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenSessions:
    """The sessions that can be read, newest first, and the names of the others with the reason."""

    statuses: tuple[SessionStatus, ...]
    unreadable: tuple[tuple[str, str], ...]


def store() -> SessionStore:
    """The sessions of this user."""
    from wizard.paths import state_folder
    from wizard.run.store import SessionStore

    return SessionStore(state_folder())


def folded(session: Session) -> tuple[State, Plan | None]:
    """The state and the plan of a session, from its folder. SessionError where they cannot be read."""
    from wizard.run.journal import read_journal

    state = fold(read_journal(session.folder).entries)
    return state, frozen_plan(session, state)


def frozen_plan(session: Session, state: State, loaded: LoadedGuide | None = None) -> Plan | None:
    """The plan that was frozen with a session, and all that was added to it; None where nothing is planned yet.

    `loaded` is its pinned guide where that was loaded already. Where the pinned guide cannot be used any more,
    what was added is left out, so that there is something to see.
    """
    from wizard.plan.store import plan_from_json
    from wizard.run.growing import has_grown, whole

    data = session.plan(state.plan_sha256) if state.plan_sha256 else None
    if data is None:
        return None
    plan = plan_from_json(data)
    if not has_grown(state):
        return plan
    try:
        loaded = loaded or session.load_guide()
    except SessionError:
        return plan
    return whole(loaded, plan, state)


def disk_mark() -> tuple[tuple[str, int, int], ...]:
    """What is different whenever a session or a guide was changed on disk; cheap, and blind to who drives."""
    from wizard.guide.catalog import guide_files

    marks = []
    for file in guide_files().values():
        try:
            about = file.stat()
        except OSError:
            marks.append((str(file), 0, 0))
        else:
            marks.append((str(file), about.st_mtime_ns, about.st_size))
    return (*store().mark(), *marks)


def session_status(session: str | None) -> SessionStatus:
    """Where one session stands."""
    return status_of_session(store().open(session or ""))


def all_sessions() -> SeenSessions:
    """Where every session stands; one that cannot be read hides no other."""
    listing = store().listing()
    statuses: list[SessionStatus] = []
    unreadable = [(folder.name, str(error)) for folder, error in listing.unreadable]
    for session in listing.sessions:
        try:
            statuses.append(status_of_session(session))
        except SessionError as error:
            unreadable.append((session.id, str(error)))
    return SeenSessions(tuple(statuses), tuple(unreadable))


def status_of_session(session: Session) -> SessionStatus:
    """Where a session stands, as its folder tells it."""
    from wizard.host.commands import LocalCommands
    from wizard.run.driver import driving as who_drives
    from wizard.run.journal import read_journal
    from wizard.run.status import status_of

    reading = read_journal(session.folder)
    state = fold(reading.entries)
    plan = frozen_plan(session, state)
    driver = who_drives(session)
    return status_of(
        session.folder,
        state,
        plan,
        driver=None if driver is None else driver.who.as_json() if driver.who is not None else {},
        commands=LocalCommands(),
        offered=_offered(state, plan),
        damaged=str(reading.broken[0]) if reading.broken else "",
        read_only=session.read_only,
    )


def _offered(state: State, plan: Plan | None) -> tuple[tuple[str, str], ...]:
    """The procedures that can be called now, each with its title."""
    from wizard.run.offers import calls_of, offered_by

    return calls_of(offered_by(plan, state)) if plan is not None and not state.rehearsal else ()


def unfinished_on(place: str | Path, *, but: str = "") -> str | None:
    """The session that is not finished on an installation; None where there is none."""
    from wizard.run.installation import unfinished_with

    def finished(session: Session) -> bool:
        state, _ = folded(session)
        return state.rehearsal or state.finished

    session = unfinished_with(str(place), store(), finished, besides=but)
    return session.id if session is not None else None


def watch_session(session: str | None, write: Callable[[list[str]], None]) -> None:
    """Look on at a session until nobody drives it any more."""
    from wizard.plain.watch import Watch
    from wizard.run.driver import driving as who_drives

    opened = store().open(session or "")
    Watch(opened.folder, lambda: folded(opened)[1], write).follow(lambda: who_drives(opened))


def session_evidence(session: str | None, name: str = "") -> str:
    """What a session proves, as JSON; `name` is what a gate asks for it by."""
    from wizard.run.evidence import make_evidence
    from wizard.run.journal import read_journal

    opened = store().open(session or "")
    state, plan = folded(opened)
    return make_evidence(opened, status_of_session(opened).state, state, plan, read_journal(opened.folder), name=name)


def hosts_of(session: str | None) -> tuple[str, ...]:
    """The machines that the answers of a session name, each once: answers and columns of the types for hosts."""
    from wizard.guide.models.questions import QuestionType
    from wizard.run.journal import read_journal

    opened = store().open(session or "")
    state = fold(read_journal(opened.folder).entries)
    hosts = (QuestionType.HOST, QuestionType.HOST_PORT)
    found: dict[str, None] = {}
    for section in opened.load_guide().guide.questions:
        for question in section.ask:
            values = [data["value"] for name, data in state.answers.items() if name.partition("@")[0] == question.id]
            if question.type in hosts:
                names = values
            else:
                columns = [column.id for column in question.columns or () if column.type in hosts]
                rows = [row for value in values if isinstance(value, list) for row in value if isinstance(row, dict)]
                names = [row.get(column) for row in rows for column in columns]
            found |= {_without_port(name): None for name in names if isinstance(name, str) and name}
    return tuple(found)


def _without_port(name: str) -> str:
    """The machine in `db.example.com:5432` and `[::1]:80`."""
    host, colon, port = name.rpartition(":")
    return host.strip("[]") if colon and port.isdecimal() and (host.startswith("[") or ":" not in host) else name


def session_report(session: str | None) -> Report:
    """The report of a session."""
    return report_of(store().open(session or ""))


def report_of(opened: Session) -> Report:
    """The report of a session that was opened."""
    from wizard.report.model import make_report
    from wizard.run.journal import read_journal

    state, plan = folded(opened)
    try:
        loaded = opened.load_guide()
    except SessionError:
        # Titles of what was done beside the plan are all that is taken from it.
        loaded = None
    return make_report(status_of_session(opened), state, plan, read_journal(opened.folder).entries, loaded)


# -- a guide on this machine ---------------------------------------------------------------------


def questionnaire_of(loaded: LoadedGuide, given: AnswersFile, sets: dict[str, Any]) -> Questionnaire:
    """The questionnaire of a guide, with what was given beforehand."""
    from wizard.questions.questionnaire import Questionnaire

    return Questionnaire(loaded, given, sets)


def earlier_times(loaded: LoadedGuide) -> dict[str, float]:
    """How long the guide's steps took in earlier sessions on this machine, by their addresses."""
    from wizard.run.durations import took_before

    return took_before(loaded.guide.id, store().listing().sessions)


def preview_run(loaded: LoadedGuide, given: AnswersFile) -> Run:
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


def nothing_missing(loaded: LoadedGuide, given: AnswersFile, sets: dict[str, Any]) -> None:
    """Unattended, everything that is missing is said before there is even a session: AnswersError."""
    from wizard.plan.confirmations import missing_confirmations
    from wizard.run.names import environment
    from wizard.run.prepare import Preparation

    questionnaire, run = questionnaire_of(loaded, given, sets), preview_run(loaded, given)
    preparation = Preparation(run, questionnaire, standing=lambda _: (), fix=_no_fix)
    try:
        preparation.ask()
        missing = missing_confirmations(preparation.build(), loaded, given, environment(run))
    except AnswersError as error:
        possible = missing_confirmations(None, loaded, given)
        raise AnswersError(error.message, (*error.problems, *possible), hint=error.hint) from None
    if missing:
        raise AnswersError("The answers are not complete.", missing)


def _no_fix(run: Run, check: Check, env: Environment) -> None:
    """Change nothing: who only looks is never asked whether something is to be fixed."""


def standing_findings(run: Run, *, looks_only: bool = False) -> tuple[Finding, ...]:
    """Findings that belong to no guide; `looks_only` says that nothing is walked, not even as a rehearsal."""
    from wizard.host.logout import choose_way, probe
    from wizard.run.evidence import evidence_findings
    from wizard.run.names import environment
    from wizard.run.standing import installation_finding, logout_finding, root_finding
    from wizard.templates import render_text

    findings = (*root_finding(run), *logout_finding(choose_way(probe())), *evidence_findings(run))
    works_on = run.loaded.guide.works_on
    if works_on is None or (run.effects.rehearsed and not looks_only):
        return findings
    place = render_text(works_on, environment(run))
    return (*findings, *installation_finding(place, unfinished_on(place, but=run.session.id)))


def _looked(guide: str, answers: str | None, sets: tuple[str, ...]) -> Preparation:
    """Facts read and answers taken, and nothing else."""
    from wizard.run.prepare import Preparation

    loaded = usable_guide(guide)
    given, chosen = given_answers(loaded, answers, sets)
    questionnaire = questionnaire_of(loaded, given, chosen)
    standing = partial(standing_findings, looks_only=True)
    preparation = Preparation(
        preview_run(loaded, given), questionnaire, standing=standing, fix=_no_fix, took_before=earlier_times(loaded)
    )
    preparation.ask()
    return preparation


def preview(guide: str, answers: str | None, sets: tuple[str, ...], how: str) -> str:
    """The plan for this machine, as text, Markdown or JSON."""
    import json

    from wizard.plan.markdown import plan_markdown
    from wizard.plan.store import plan_to_json
    from wizard.plan.text import plan_text

    preparation = _looked(guide, answers, sets)
    plan = preparation.build()
    match how:
        case "json":
            return json.dumps(plan_to_json(plan), indent=1, ensure_ascii=False) + "\n"
        case "markdown":
            return plan_markdown(plan)
        case _:
            return plan_text(plan)


def compared(guide: str, answers: str | None, sets: tuple[str, ...], against: str, how: str) -> str:
    """How the plan for this machine differs from that of a session, or of a file that `wizard plan` wrote."""
    import json
    from dataclasses import asdict

    from wizard.plan.difference import difference, difference_text

    before = _earlier_plan(against, guide)
    changes = difference(before, _looked(guide, answers, sets).build())
    if how == "json":
        return json.dumps([asdict(change) for change in changes], indent=1, ensure_ascii=False) + "\n"
    return difference_text(changes)


def _earlier_plan(against: str, guide: str) -> Plan:
    """The plan of a session, or the one in a JSON file. SessionError where it cannot be read."""
    import json
    from pathlib import Path

    from wizard.plan.store import plan_from_json

    if not Path(against).is_file():
        opened = store().open(against)
        plan = folded(opened)[1]
        if plan is None:
            raise SessionError(f"session {opened.id} has no plan yet, so there is nothing to compare with")
        return _as_previewed(plan, opened, guide)
    try:
        data = json.loads(Path(against).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SessionError(f"{against} cannot be read as a plan: {error}") from None
    if not isinstance(data, dict):
        raise SessionError(f"{against} is no plan", hint="`wizard plan GUIDE --format json` writes one.")
    return plan_from_json(data)


def _as_previewed(plan: Plan, session: Session, guide: str) -> Plan:
    """The plan of a session with the names a preview has: only what really differs is to show."""
    import json

    from wizard.guide.catalog import find_guide
    from wizard.plan.store import plan_from_json, plan_to_json
    from wizard.run.preview import NOWHERE, PREVIEW

    text = json.dumps(plan_to_json(plan))
    names = {
        str(session.guide_file.parent): str(find_guide(guide).parent.absolute()),
        str(session.folder): str(NOWHERE),
        session.id: PREVIEW,
    }
    for here, there in names.items():
        text = text.replace(json.dumps(here)[1:-1], json.dumps(there)[1:-1])
    return plan_from_json(json.loads(text))


def check_only(guide: str, answers: str | None, sets: tuple[str, ...], how: str) -> tuple[str, bool]:
    """All findings, and whether one of them blocks."""
    import json
    from dataclasses import asdict

    from wizard.guide.models.checks import Blocks

    preparation = _looked(guide, answers, sets)
    findings = preparation.check()
    blockers = preparation.blockers(findings)
    blocked = bool(blockers)
    if how == "json":
        return json.dumps([asdict(one) for one in findings], indent=1, ensure_ascii=False) + "\n", blocked
    lines: list[str] = []
    for one in findings:
        way = "" if one not in blockers else " (may be bypassed)" if one.blocks is Blocks.BYPASSABLE else " (blocks)"
        lines.append(f"{one.status:8} {one.title}{way}{f': {one.say}' if one.say else ''}")
        lines += [f"         seen: {evidence.seen}" for evidence in one.evidence if not one.passed]
        lines += [f"         remedy: {one.remedy}"] if one.remedy and not one.passed else []
        lines += [f"         fix: {one.fix} (`wizard run` offers it)"] if one.fix and not one.passed else []
    for kind, title, text in preparation.notes():
        lines.append(f"{kind:8} {title}: {text}" if title else f"{kind:8} {text}")
    count = f"{len(blockers)} of {len(findings)} findings keep a run from starting."
    lines.append(count if blocked else "Nothing blocks.")
    return "\n".join(lines) + "\n", blocked
