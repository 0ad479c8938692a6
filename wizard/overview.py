"""What the looking commands show: sessions, their status and reports, guides and what they do."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from wizard.guide.models import Guide, Step
    from wizard.run.status import SessionStatus


def overview() -> str:
    """What `wizard` alone shows: sessions that need somebody first, then the guides."""
    from wizard.looking import all_sessions

    lines: list[str] = []
    seen = all_sessions()
    unfinished = [one for one in seen.statuses if one.state not in ("done", "undone") and not one.closed]
    if unfinished:
        lines += ["Sessions that are not finished:", *(_row(one) for one in unfinished), ""]
    if seen.unreadable:
        lines += ["Sessions that cannot be read:", *_unreadable_rows(seen.unreadable), ""]
    lines += ["Guides:", show_guides("text").rstrip("\n"), ""]
    lines += ["Begin with `wizard run GUIDE`, or see it first with `wizard plan GUIDE`."]
    lines += ["New here? `wizard demo` upgrades a small real service, and shows the way back."]
    return "\n".join(lines)


def show_guides(how: str) -> str:
    """The guides that are here; JSON is a list of id, product, title, versions, source."""
    from wizard.guide.catalog import list_guides

    entries = list_guides()
    if how == "json":
        return _json([asdict(entry) for entry in entries])
    width = max((len(entry.id) for entry in entries), default=0)
    lines = []
    for entry in entries:
        what = f"cannot be used: {entry.problem}" if entry.problem else f"{entry.title} ({entry.versions})"
        lines.append(f"  {entry.id:<{width}}  {what}")
    return "\n".join(lines or ["  There are none; name a file with `wizard run PATH`."]) + "\n"


def show_guide(guide: str, *, commands: bool) -> str:
    """Phases and steps of a guide, or every command it can run."""
    from wizard.guide.catalog import find_guide
    from wizard.guide.loader import load_guide

    loaded = load_guide(find_guide(guide))
    model = loaded.guide
    if commands:
        lines = [f"Every command of {loaded.path}, with the places values go into:", "", *_commands(model)]
        return "\n".join(lines) + "\n"
    lines = [f"{model.title} ({model.product})", model.summary, ""]
    for phase in model.phases:
        each = f", for each {phase.for_each.name}" if phase.for_each is not None else ""
        lines.append(f"{phase.title} [{phase.impact.value.replace('_', ' ')}{each}]")
        lines += _steps(phase.steps, "  ")
    if model.procedures:
        lines += ["", "Procedures:", *(f"  {name}: {one.title}" for name, one in model.procedures.items())]
    return "\n".join(lines) + "\n"


def _steps(steps: Sequence[Step], indent: str) -> Iterator[str]:
    """The steps, each with its action, groups with what is in them; loops and procedures by name."""
    for step in steps:
        each = f" (for each {step.for_each.name})" if step.for_each is not None else ""
        procedure = f" ({step.include})" if step.include is not None else ""
        yield f"{indent}{step.action.value:8} {step.title}{each}{procedure}"
        yield from _steps(step.steps or (), f"{indent}  ")


def _commands(guide: Guide) -> Iterator[str]:
    """Every command of a guide, the looking ones of facts and checks too, each under its place."""
    from wizard.guide.models import Fact, Fix, Step, StepCheck
    from wizard.guide.models.checks import CommandCheck
    from wizard.guide.models.steps import Case, Edit, Listing, ManualList, Offer, StopBy
    from wizard.guide.walk import every_model

    for placed in every_model(guide):
        ids = [str(found) for model in (*placed.around[1:], placed.model) if (found := getattr(model, "id", None))]
        place = " / ".join(ids or map(str, placed.place))
        place += " / fix" if isinstance(placed.model, Fix) else " / stop" if isinstance(placed.model, StopBy) else ""
        match placed.model:
            case Step(run=run, dry_run=dry_run):
                yield from _command(f"{place} / dry run", dry_run)
                yield from _command(place, run)
            case Listing(run=run):
                yield from _command(f"{place} / list (only looks)", run)
            case ManualList(after_each=run):
                yield from _command(f"{place} / after each", run)
            case Fix(run=run) | StopBy(run=run) | Offer(run=run) | CommandCheck(run=run):
                yield from _command(place, run)
            case Fact(command=run) | StepCheck(command=str() | list() as run):
                yield from _command(f"{place} (only looks)", run)
            case Case(do=do, otherwise=otherwise):
                yield from _command(place, do if do is not None else otherwise)
            case Edit(file=file):
                yield from (f"{place}:", f"    changes {file}")
            case _:
                pass


def _command(place: str, body: Any) -> Iterator[str]:
    import shlex

    from wizard.guide.models.steps import Script

    match body:
        case None | [] | "fail" | "nothing":
            return
        case Script():
            text = " ".join([body.script, *body.args])
        case [str(), *_]:
            text = " ".join(word if "${{" in word else shlex.quote(word) for word in body)
        case str():
            text = body
        case _:
            return
    yield f"{place}:"
    yield from (f"    {line}" for line in text.splitlines())


def lint_guides(paths: Sequence[Path], how: str = "text") -> tuple[str, bool]:
    """Problems of guides (files, or folders with guides in them), and whether one of them is an error.

    JSON is a list of file, line, column, severity, message, hint, key (the dotted place) and rule.
    """
    from wizard.guide.lint import lint_path
    from wizard.problems import Problem, Severity

    lines: list[str] = []
    problems: list[Problem] = []
    for path in paths:
        files = sorted(path.rglob("guide.yaml")) if path.is_dir() else [path]
        if not files:
            nothing = Problem("there is no guide.yaml in this folder", str(path), rule="no-guide")
            lines.append(str(nothing))
            problems.append(nothing)
        for file in files:
            found = lint_path(file)
            problems += found
            lines += [str(problem) for problem in found] or [f"{file}: no problems"]
    bad = any(problem.severity is Severity.ERROR for problem in problems)
    return (_json([asdict(problem) for problem in problems]) if how == "json" else "\n".join(lines) + "\n"), bad


def show_questions(guide: str, *, template: bool) -> str:
    """What a guide asks, or an answers file to fill in."""
    from wizard.guide.catalog import find_guide
    from wizard.guide.loader import load_guide
    from wizard.questions.template import answers_template

    loaded = load_guide(find_guide(guide))
    if template:
        return answers_template(loaded)
    lines: list[str] = []
    for section in loaded.guide.questions:
        lines.append(section.section)
        for question in section.ask:
            lines.append(f"  {question.id} ({question.type.value}): {question.label}")
            lines += [f"      {question.why}"] if question.why else []
    return "\n".join(lines) + "\n"


# -- sessions ------------------------------------------------------------------------------------


def one_line(session: str) -> str:
    """Where one session stands and what to do next, as in the list of all."""
    from wizard.looking import session_status

    return _row(session_status(session)).strip()


def _row(one: SessionStatus) -> str:
    step = f" at {one.step.code} {one.step.title}" if one.step else ""
    name = f" ({one.name})" if one.name else ""
    state = f"closed ({one.closed})" if one.closed else one.words
    damaged = " Its journal is damaged." if one.damaged else ""
    damaged += " It can only be watched from here." if one.read_only else ""
    what = f" `wizard {one.next[0]} {one.session}`" if one.next else ""
    return f"  {one.session}{name}: {state}{step}.{damaged}{what}"


def _unreadable_rows(unreadable: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, reason in unreadable:
        first, *more = reason.splitlines()
        yield f"  {name}: {first}"
        yield from (f"      {line}" for line in more)


def show_sessions(how: str) -> str:
    """All sessions, newest first; those that cannot be read come last, in JSON with the state `unreadable`."""
    from wizard.looking import all_sessions

    seen = all_sessions()
    if how == "json":
        broken = [{"session": name, "state": "unreadable", "detail": reason} for name, reason in seen.unreadable]
        return _json([*(one.as_data() for one in seen.statuses), *broken])
    lines = [_row(one) for one in seen.statuses]
    lines += ["Cannot be read:", *_unreadable_rows(seen.unreadable)] if seen.unreadable else []
    return "\n".join(lines or ["There are no sessions yet."]) + "\n"


def show_status(session: str | None, how: str) -> str:
    """Where one session stands."""
    from wizard.looking import session_status

    one = session_status(session)
    if how == "json":
        return _json(one.as_data())
    lines = [
        f"session     {one.session}{f' ({one.name})' if one.name else ''}",
        f"guide       {one.guide}",
        f"state       {one.words}{f' — {one.detail}' if one.detail else ''}",
        f"step        {f'{one.step.code} {one.step.title}' if one.step else '—'}",
        *([f"            {one.step.progress}"] if one.step and one.step.progress else []),
        f"driver      {_driver(one.driver)}",
        f"way back    {one.reversible}",
        *(f"owed        {code} {what}" for code, what in one.owed),
        *(f"by hand     {code} {what}" for code, what in one.by_hand),
        *(f"away        {code} handed to {to}: {file}" for code, to, file in one.away),
        *([f"damaged     {one.damaged}"] if one.damaged else []),
        *([f"read only   {one.read_only}"] if one.read_only else []),
        *(f"procedure   {name}: {title}" for name, title in one.procedures),
        f"next        {', '.join(f'wizard {word} {one.session}' for word in one.next)}",
        *_others(session),
    ]
    return "\n".join(lines) + "\n"


def _others(named: str | None) -> Iterator[str]:
    """Where no session is named, that there may be a newer one that cannot be read."""
    from wizard.looking import store

    if named is None and (broken := store().listing().unreadable):
        yield f"others      {len(broken)} cannot be read; `wizard sessions` says why"


def _driver(driver: dict[str, Any] | None) -> str:
    if driver is None:
        return "nobody"
    words = [str(driver[name]) for name in ("user", "from", "terminal", "pid") if driver.get(name)]
    return " ".join(words)


def show_report(session: str | None, how: str) -> str:
    """The report of a session."""
    from wizard.looking import session_report
    from wizard.report.data import to_json
    from wizard.report.markdown import to_markdown

    report = session_report(session)
    return to_json(report) if how == "json" else to_markdown(report)


def _json(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=str) + "\n"
