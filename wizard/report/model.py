"""The report of a session as data; every rendering is made from this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile, pairwise
from typing import TYPE_CHECKING, Any

from wizard.plan.steps import iter_steps, within
from wizard.report import parts
from wizard.report.beside import beside_the_plan
from wizard.report.support import support_of
from wizard.run.owed import owed_by
from wizard.run.records import Record
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.guide.loader import LoadedGuide
    from wizard.plan.model import Plan, PlannedStep
    from wizard.report.beside import BesideLine
    from wizard.report.parts import GateLine, KeptLine, LoopLine
    from wizard.report.support import SupportLines
    from wizard.run.chain import Entry
    from wizard.run.state import State
    from wizard.run.status import SessionStatus


@dataclass(frozen=True, slots=True)
class StepLine:
    """What became of one step; `seconds` is what its work took, `expected` what the guide said.

    `asked` are the seconds in which it waited for the word of a person besides.
    """

    code: str
    id: str
    title: str
    status: str
    how: str
    detail: str
    seconds: float
    expected: float | None
    commands: tuple[str, ...]
    attempts: tuple[str, ...]
    noted: tuple[tuple[str, str], ...]
    who: str = ""
    asked: float = 0.0


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """A phase and its steps."""

    code: str
    title: str
    impact: str
    reason: str
    steps: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says; no secrets are in it, because none are in the journal."""

    session: str
    rehearsal: bool
    """Whether nothing was really done."""
    guide: str
    title: str
    current_version: str
    target_version: str
    state: str
    detail: str
    reversible: str
    began: str
    ended: str
    seconds: float
    outage_seconds: float
    """Seconds of all outages; of one that goes on, those until the last event."""
    outage_on: bool
    """Whether the service was away at the last event."""
    drivers: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str, str], ...]
    findings: tuple[tuple[str, str, str], ...]
    bypassed: tuple[tuple[str, str], ...]
    phases: tuple[PhaseLine, ...]
    owed: tuple[tuple[str, str], ...]
    by_hand: tuple[str, ...]
    beside: tuple[BesideLine, ...]
    closed: str
    left_to_do: tuple[tuple[str, str], ...]
    """What was left to be done by hand after the run."""
    handed_over: tuple[tuple[str, str, str, str], ...]
    loops: tuple[LoopLine, ...]
    rounds: tuple[tuple[str, str, str], ...]
    kept_checking: tuple[KeptLine, ...]
    evidence: tuple[tuple[str, str, str, str], ...]
    gates: tuple[GateLine, ...]
    took: float
    """Seconds of the done steps for which the guide says a time; `expected` is what it says."""
    expected: float
    asked: float
    """Seconds in which steps waited for the word of a person, those of procedures and undo as well."""
    support: SupportLines | None
    """Who helps, and the answers they ask for; None where the guide names nobody or cannot be read any more."""


def make_report(
    status: SessionStatus, state: State, plan: Plan | None, entries: Iterable[Entry], loaded: LoadedGuide | None
) -> Report:
    """Make the report; `status` is the session's as `wizard status` gives it, `loaded` its guide if it is whole."""
    events = list(entries)
    answers = tuple(
        (name, "not shown" if data.get("secret") else _short(data["value"]), data["source"])
        for name, data in state.answers.items()
    )
    took, expected = parts.times_of(plan, state) if plan else (0.0, 0.0)
    return Report(
        session=status.session,
        rehearsal=state.rehearsal,
        guide=state.guide,
        title=plan.title if plan else loaded.guide.title if loaded else state.guide,
        current_version=plan.current_version if plan else "",
        target_version=plan.target_version if plan else "",
        state=status.state,
        detail=state.detail,
        reversible=status.reversible,
        began=state.created_at,
        ended=state.last_at,
        seconds=_seconds(events),
        outage_seconds=round(_outage(state), 1),
        outage_on=state.outage_began is not None and not state.rehearsal,
        drivers=tuple((one.at, _who(one.data)) for one in events if one.kind == "driver-took"),
        answers=answers,
        findings=tuple((one["title"], one["status"], _seen(one)) for one in state.findings),
        bypassed=tuple(state.bypassed.items()),
        phases=tuple(_phases(plan, state, status.state)) if plan else (),
        owed=owed_by(plan, state) if plan else (),
        by_hand=_by_hand(events, plan, state),
        beside=beside_the_plan(events, loaded, plan, state),
        closed=state.closed,
        left_to_do=status.by_hand,
        handed_over=tuple(parts.handed_over(state)),
        loops=tuple(parts.loops_of(plan, state)) if plan else (),
        rounds=tuple(parts.rounds_of(plan, state)) if plan else (),
        kept_checking=tuple(parts.kept_checking(plan, state)) if plan else (),
        evidence=tuple(parts.evidence_of(state)),
        gates=tuple(parts.gates_of(events, plan)),
        took=took,
        expected=expected,
        asked=round(sum(step.waited_for_word for step in state.steps.values()), 1),
        support=support_of(loaded.guide, {name: value for name, value, _ in answers}) if loaded else None,
    )


def _phases(plan: Plan, state: State, word: str) -> Iterable[PhaseLine]:
    for phase in plan.phases:
        steps: Sequence[PlannedStep] = [step for step in within((*phase.steps, *phase.finally_steps)) if not step.steps]
        yield PhaseLine(
            phase.code, phase.title, phase.impact.value, phase.reason, tuple(_step(step, state, word) for step in steps)
        )


def _step(step: PlannedStep, state: State, word: str) -> StepLine:
    done = state.steps.get(step.key)
    if done is None:
        status = "not needed" if step.included.value == "no" else "not begun"
        return StepLine(
            step.code, step.id, step.title, status, "", step.reason, 0.0, step.takes, step.commands, (), (), step.who
        )
    undone = done.status in (StepStatus.UNDONE, StepStatus.SET_BACK)
    return StepLine(
        code=step.code,
        id=step.id,
        title=step.title,
        status=_status(done.status, word, rehearsal=state.rehearsal),
        how=done.how,
        detail=done.detail,
        seconds=0.0 if undone else round(done.worked or 0.0, 1),
        expected=step.takes,
        commands=tuple(dict.fromkeys(attempt.shown for attempt in done.attempts)) or step.commands,
        attempts=tuple(attempt.id for attempt in done.attempts),
        noted=tuple(done.noted.items()),
        who=step.who,
        asked=0.0 if undone else round(done.waited_for_word, 1),
    )


def _status(status: StepStatus, word: str, *, rehearsal: bool) -> str:
    """The word for a step; what no driver and no command is at any more is not called running."""
    match status:
        case StepStatus.DONE | StepStatus.ALREADY_DONE if rehearsal:
            return "rehearsed"
        case StepStatus.RUNNING if word != SessionState.RUNNING:
            return "begun, not ended"
        case StepStatus.UNDOING if word != SessionState.RUNNING:
            return "its undo was begun, not ended"
        case _:
            return status.value.replace("_", " ")


def _outage(state: State) -> float:
    """Seconds of outages until the last event; where there was a reboot since, as far as they are known.

    In a rehearsal nothing goes away.
    """
    if state.rehearsal:
        return 0.0
    if state.outage_began is None:
        return state.outage_seconds
    boot, began = state.outage_began
    return state.outage_seconds + (max(0.0, state.last_boottime - began) if boot == state.last_boot else 0.0)


def _by_hand(events: Iterable[Entry], plan: Plan | None, state: State) -> tuple[str, ...]:
    """What a person overrode: marked done, skipped, bypassed; by the names that the run showed."""
    called = {step.key: f"{step.code} {step.title}" for step in iter_steps(plan)} if plan else {}
    called |= {one["key"]: one["title"] for one in state.findings}
    lines: list[str] = []
    for event in events:
        match event.kind:
            case Record.STEP_DONE if event.data["how"] in ("marked", "overridden", "found done"):
                word, reason = event.data["how"], event.data.get("reason", "")
            case Record.STEP_SKIPPED:
                word, reason = "skipped", event.data["reason"]
            case Record.BYPASSED:
                word, reason = "bypassed", event.data["reason"]
            case Record.BYPASS_WITHDRAWN:
                word, reason = "bypass withdrawn", "it blocked again"
            case _:
                continue
        lines.append(f"{called.get(event.data['key'], event.data['key'])}: {word} — {reason}")
    return tuple(lines)


def _seconds(events: Iterable[Entry]) -> float:
    """Seconds from the making of a session to its last event: by the clock of the boot, which nobody sets.

    Only over a reboot the time of day counts, where it went on.
    """
    made = dropwhile(lambda event: event.kind != Record.SESSION_CREATED, events)
    return round(sum(max(0.0, _between(before, after)) for before, after in pairwise(made)), 1)


def _between(before: Entry, after: Entry) -> float:
    if before.boot == after.boot:
        return after.boottime - before.boottime
    try:
        return (datetime.fromisoformat(after.at) - datetime.fromisoformat(before.at)).total_seconds()
    except ValueError:
        return 0.0


def _who(data: dict[str, Any]) -> str:
    words = [str(data[name]) for name in ("user", "from", "terminal") if data.get(name)]
    return " ".join(words) or "unknown"


def _short(value: Any) -> str:
    match value:
        case bool():
            text = "yes" if value else "no"
        case list():
            text = "; ".join(map(_short, value))
        case dict():
            text = ", ".join(f"{name}: {_short(item)}" for name, item in value.items())
        case _:
            text = str(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _seen(finding: dict[str, Any]) -> str:
    evidence = finding.get("evidence") or [{}]
    return str(evidence[0].get("seen") or finding.get("say") or "")
