"""From guide, facts and answers to the plan. Pure: the same input gives the same plan, to the byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError, GuideError, VersionPathError
from wizard.expressions import AbsentError, Environment, compile_expression, resolve_values
from wizard.guide.models.steps import ActionKind, Impact, NoteKind
from wizard.plan.commands import shown_commands
from wizard.plan.hops import find_hops
from wizard.plan.later import Later, later_in
from wizard.plan.model import Included, Plan, PlannedPhase, PlannedStep
from wizard.plan.people import needs_person
from wizard.plan.steps import leaves
from wizard.questions.asked_first import asked_first
from wizard.questions.names import with_answers
from wizard.questions.releases import CURRENT, TARGET
from wizard.questions.wording import readable
from wizard.templates import render, render_text
from wizard.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Guide, Note, Phase, Step
    from wizard.plan.model import PlannedHop
    from wizard.questions.model import Answer

_TALKING: Final = frozenset(
    {ActionKind.SAY, ActionKind.CONFIRM, ActionKind.GATE, ActionKind.CHECK, ActionKind.WAIT, ActionKind.MONITOR}
)
"""Actions that only look or talk: in an irreversible phase too, there is a way back while they last."""

_DEEPEST: Final = 20


def build_plan(loaded: LoadedGuide, env: Environment, answers: Mapping[str, Answer]) -> Plan:
    """Plan the guide for what `env` knows of the machine and for these answers.

    VersionPathError where no path leads to the target version; ExpressionError, with the step it belongs to,
    where an expression fails; GuideError where an include or a hop leads nowhere.
    """
    guide = loaded.guide
    env = with_answers(guide, env, {name: answer.value for name, answer in answers.items()})
    current, target = (_version_answer(answers, name) for name in (CURRENT, TARGET))
    hops = find_hops(guide.versions, current, target, env)
    builder = _Builder(guide)
    phases: list[PlannedPhase] = []
    for planned, rule in hops:
        inside = _in_hop(guide, env, planned)
        for number, name in enumerate(rule.phases):
            turn = rule.phases[: number + 1].count(name)
            phases.append(builder.phase(_phase(guide, name), planned.number, turn, len(phases) + 1, inside))
    return Plan(
        guide=guide.id,
        guide_sha256=loaded.sha256,
        product=readable(guide.product, env),
        title=readable(guide.title, env),
        current_version=hops[0][0].from_version,
        target_version=hops[-1][0].to_version,
        hops=tuple(planned for planned, _ in hops),
        phases=tuple(phases),
        point_of_no_return=_points(phases),
        works_on=_works_on(guide, env),
    )


def plan_procedure(loaded: LoadedGuide, name: str, prefix: str) -> tuple[PlannedStep, ...]:
    """The steps of a procedure that is called by itself, with keys below `prefix`.

    Nothing of it is decided yet: each `when` is, when it is reached. GuideError where there is no such
    procedure.
    """
    procedure = loaded.guide.procedures.get(name)
    if procedure is None:
        raise GuideError(f"the guide has no procedure {name!r}", ())
    place = _Place(
        env=Environment(),
        later=Later(everything=True),
        key=prefix,
        code=name,
        path=f"procedures.{name}.steps",
        impact=procedure.impact or Impact.REVERSIBLE,
        included=Included.YES,
    )
    return _Builder(loaded.guide).steps(procedure.steps, place)


def _version_answer(answers: Mapping[str, Answer], name: str) -> str:
    answer = answers.get(name)
    if answer is None or answer.value is None:
        what = "that runs now" if name == CURRENT else "to upgrade to"
        raise VersionPathError(f"the version {what} is not known", hint=f"Answer the question {name}.")
    return str(answer.value)


def _in_hop(guide: Guide, env: Environment, hop: PlannedHop) -> Environment:
    names = {
        "from": hop.from_version,
        "to": hop.to_version,
        "number": hop.number,
        "first": hop.first,
        "last": hop.last,
    }
    env = env.with_names(hop=names)
    return env.with_names(values=resolve_values(guide.values, env)) if guide.values else env


def _phase(guide: Guide, name: str) -> Phase:
    found = next((phase for phase in guide.phases if phase.id == name), None)
    if found is None:
        raise GuideError(f"a hop names the phase {name!r}, and the guide has none of that id", ())
    return found


def _works_on(guide: Guide, env: Environment) -> str:
    if guide.works_on is None:
        return ""
    try:
        return render_text(guide.works_on, env)
    except ExpressionError as error:
        raise ExpressionError(f"works_on: {error.message}", hint=error.hint, column=error.column) from None


def _points(phases: Sequence[PlannedPhase]) -> tuple[tuple[int, str], ...]:
    """For each hop that has one, the key of the first step after which there is no way back."""
    points: dict[int, str] = {}
    for phase in phases:
        for step in leaves(phase.steps):
            if step.impact is Impact.IRREVERSIBLE:
                points.setdefault(phase.hop, step.key)
    return tuple(sorted(points.items()))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where steps stand: what is known there, and what they inherit."""

    env: Environment
    later: Later
    key: str
    code: str
    path: str
    impact: Impact
    included: Included
    maybe: bool = False
    """Whether it may never be reached, so that what fails here now is left for then."""
    depth: int = 0
    before: int = 0
    """How many steps were counted before these, under the same code."""


class _Builder:
    """Plans phases and steps of one guide."""

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self._later = later_in(guide)

    def phase(self, phase: Phase, hop: int, turn: int, number: int, env: Environment) -> PlannedPhase:
        """Plan one phase of one hop; `turn` counts from 1 how often the hop has come by it."""
        key = f"{hop}/{phase.id}" + (f"+{turn}" if turn > 1 else "")
        code = str(number)
        place = _Place(env, self._later, key, code, f"phases.{phase.id}.steps", phase.impact, Included.YES)
        included, reason = _decide(phase.when, phase.not_needed, place, f"{code} {phase.id}")
        place = replace(place, included=included, maybe=included is Included.LATER)
        last = replace(place, key=f"{place.key}/finally", path=f"phases.{phase.id}.finally", before=len(phase.steps))
        return PlannedPhase(
            key=key,
            code=code,
            id=phase.id,
            hop=hop,
            title=readable(phase.title, env),
            impact=phase.impact,
            included=included,
            reason=reason,
            steps=self.steps(phase.steps, place),
            finally_steps=self.steps(phase.finally_, last),
        )

    def steps(self, steps: Sequence[Step], place: _Place) -> tuple[PlannedStep, ...]:
        """Plan steps that follow each other."""
        return tuple(self._step(step, place, number) for number, step in enumerate(steps, place.before + 1))

    def _step(self, step: Step, place: _Place, number: int) -> PlannedStep:
        code = f"{place.code}.{number}"
        what = f"{code} {step.id}"
        included, reason = _decide(step.when, step.not_needed, place, what)
        impact = self._impact(step, place.impact)
        inside = replace(
            place,
            key=f"{place.key}/{step.id}",
            code=code,
            path=f"{place.path}.{step.id}",
            impact=impact,
            included=included,
            maybe=place.maybe or included is Included.LATER,
            depth=place.depth + 1,
            before=0,
        )
        children = self._children(step, inside)
        danger = _danger(step.notes, place)
        return PlannedStep(
            key=inside.key,
            code=code,
            id=step.id,
            title=readable(step.title, place.env),
            path=inside.path,
            action=step.action,
            impact=impact,
            included=included,
            reason=reason,
            commands=_commands(step, inside, what),
            takes=_takes(step, place.env),
            makes_backup=step.makes == "backup",
            outage=step.outage or "",
            temporary=step.temporary,
            needs_person=asked_first(step, impact, danger=danger) != "never"
            or needs_person(self._guide, step)
            or any(child.needs_person for child in children if child.included is not Included.NO),
            steps=children,
            bindings=tuple(step.with_.items()),
        )

    def _impact(self, step: Step, around: Impact) -> Impact:
        """The step's own impact, that of the procedure it includes, or that of what it stands in."""
        if step.impact is not None:
            return step.impact
        if step.include is not None and (procedure := self._guide.procedures.get(step.include)) is not None:
            return procedure.impact or around
        if step.action in _TALKING and around is not Impact.VERIFYING:
            return Impact.READ_ONLY
        return around

    def _children(self, step: Step, inside: _Place) -> tuple[PlannedStep, ...]:
        if inside.depth > _DEEPEST:
            raise GuideError(f"step {inside.code} {step.id} is nested deeper than {_DEEPEST} levels", ())
        if step.steps is not None:
            return self.steps(step.steps, replace(inside, path=f"{inside.path}.steps"))
        if step.include is None:
            return ()
        procedure = self._guide.procedures.get(step.include)
        if procedure is None:
            raise GuideError(f"step {inside.code} {step.id}: the guide has no procedure {step.include!r}", ())
        if missing := [name for name in procedure.needs if name not in step.with_]:
            names = ", ".join(missing)
            raise GuideError(f"step {inside.code} {step.id}: the procedure {step.include!r} needs {names}", ())
        bound, later = _bind(step, inside)
        place = replace(
            inside,
            env=inside.env.with_names(**bound),
            later=inside.later.inside(step.with_, later),
            path=f"procedures.{step.include}.steps",
        )
        return self.steps(procedure.steps, place)


def _bind(step: Step, place: _Place) -> tuple[dict[str, Any], list[str]]:
    """The values an include gives its procedure, and the names whose values are not known yet."""
    bound: dict[str, Any] = {}
    later: list[str] = []
    for name, text in step.with_.items():
        if place.included is Included.NO or place.later.needs_text(text):
            later.append(name)
            continue
        try:
            bound[name] = render(text, place.env)
        except ExpressionError as error:
            if place.maybe or isinstance(error, AbsentError):
                later.append(name)
                continue
            raise _in_step(error, f"{place.code} {step.id}", f"with.{name}") from None
    return bound, later


def _decide(when: str | None, not_needed: str | None, place: _Place, what: str) -> tuple[Included, str]:
    """Whether a phase or step is part of the run, and why."""
    if place.included is Included.NO:
        return Included.NO, ""
    if when is None:
        return Included.YES, ""
    if place.later.needs(when):
        return Included.LATER, f"decided when it is reached: only when {when}"
    try:
        holds = compile_expression(when).holds(place.env)
    except ExpressionError as error:
        if place.maybe:
            return Included.LATER, f"decided when it is reached: only when {when}"
        raise _in_step(error, what, "when") from None
    if holds:
        return Included.YES, f"because {when}"
    return Included.NO, readable(not_needed, place.env) if not_needed is not None else f"only when {when}"


def _commands(step: Step, place: _Place, what: str) -> tuple[str, ...]:
    if step.action is not ActionKind.RUN or place.included is Included.NO:
        return ()
    try:
        return shown_commands(step, place.env, place.later)
    except ExpressionError as error:
        if place.maybe:
            return ()
        raise _in_step(error, what, "run") from None


def _takes(step: Step, env: Environment) -> float | None:
    """How long a step usually takes; None where the guide does not say, or it cannot be known now."""
    text = step.takes
    if text is None and step.wait is not None:
        text = step.wait.usually or (step.wait.until if isinstance(step.wait.until, str) else None)
    if text is None:
        return None
    try:
        return parse_duration(render_text(text, env))
    except (ExpressionError, ValueError):
        return None


def _danger(notes: Sequence[Note], place: _Place) -> bool:
    """Whether a danger note applies, or may apply by the time it is reached."""
    return any(note.kind is NoteKind.DANGER and _may_hold(note.when, place) for note in notes)


def _may_hold(when: str | None, place: _Place) -> bool:
    if when is None or place.later.needs(when):
        return True
    try:
        return compile_expression(when).holds(place.env)
    except ExpressionError:
        return True


def _in_step(error: ExpressionError, what: str, key: str) -> ExpressionError:
    return ExpressionError(f"step {what}, `{key}`: {error.message}", hint=error.hint, column=error.column)
