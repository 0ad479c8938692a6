"""From guide, facts and answers to the plan. Pure: the same input gives the same plan, to the byte."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.errors import ExpressionError, GuideError, VersionPathError
from wizard.expressions import Environment
from wizard.guide.models.steps import Impact
from wizard.guide.walk import model_at
from wizard.plan.builder import Builder, Place, decide
from wizard.plan.frames import Frame
from wizard.plan.hops import find_hops
from wizard.plan.later import Later, later_in
from wizard.plan.loops import asks_items
from wizard.plan.model import Included, Plan, PlannedOffer, PlannedPhase, PlannedStep
from wizard.plan.remarks import boxes_of
from wizard.plan.steps import points_of_no_return, restore_points
from wizard.questions.names import inside_hop, with_answers
from wizard.questions.releases import CURRENT, TARGET
from wizard.templates import render_text
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Guide, Phase
    from wizard.questions.model import Answer


def build_plan(
    loaded: LoadedGuide,
    env: Environment,
    answers: Mapping[str, Answer],
    *,
    took_before: Mapping[str, float] | None = None,
) -> Plan:
    """Plan the guide for what `env` knows of the machine and for these answers.

    `took_before` are the seconds that steps took in earlier sessions, by their `path`.

    VersionPathError where no path leads to the target version; ExpressionError, with the step it belongs to,
    where an expression fails; GuideError where an include or a hop leads nowhere; BlockedError where a batch
    of a loop leaves fewer items untouched than must stay available.
    """
    guide = loaded.guide
    env = with_answers(guide, env, {name: answer.value for name, answer in answers.items()})
    current, target = (_version_answer(answers, name) for name in (CURRENT, TARGET))
    hops = find_hops(guide.versions, current, target, env)
    builder = Builder(guide, took_before)
    later = later_in(guide)
    phases: list[PlannedPhase] = []
    for planned, rule in hops:
        frame = Frame(inside_hop(guide, env, planned.names), later)
        for number, name in enumerate(rule.phases):
            turn = rule.phases[: number + 1].count(name)
            phase, key = _phase(guide, name), f"{planned.number}/{name}" + (f"+{turn}" if turn > 1 else "")
            place = Place(frame, key, str(len(phases) + 1), f"phases.{name}", phase.impact)
            phases.append(_planned(guide, builder, phase, planned.number, place))
    return Plan(
        guide=guide.id,
        guide_sha256=loaded.sha256,
        product=readable(guide.product, env),
        title=readable(guide.title, env),
        current_version=hops[0][0].from_version,
        target_version=hops[-1][0].to_version,
        hops=tuple(planned for planned, _ in hops),
        phases=tuple(phases),
        point_of_no_return=points_of_no_return(phases),
        restore_points=restore_points(phases),
        works_on=_works_on(guide, env),
        notes=boxes_of(guide.notes, Frame(env, later)),
        procedures=tuple(_offered(guide, env)),
    )


def plan_procedure(loaded: LoadedGuide, name: str, prefix: str) -> tuple[PlannedStep, ...]:
    """The steps of a procedure that is called by itself, with keys below `prefix`.

    Nothing of it is decided yet: each `when` is, when it is reached. GuideError where there is no such
    procedure.
    """
    procedure = loaded.guide.procedures.get(name)
    if procedure is None:
        raise GuideError(f"the guide has no procedure {name!r}", ())
    place = Place(
        frame=Frame(Environment(), Later(everything=True)),
        key=prefix,
        code=name,
        path=f"procedures.{name}.steps",
        impact=procedure.impact or Impact.REVERSIBLE,
    )
    return Builder(loaded.guide).steps(procedure.steps, place)


def _planned(guide: Guide, builder: Builder, phase: Phase, hop: int, place: Place) -> PlannedPhase:
    """Plan one phase of one hop; `place` has its key, code and path.

    The steps of a phase with `for_each` are those of a loop that is its only step.
    """
    loop = model_at(guide, place.path) if phase.for_each is not None else None
    when = None if loop is not None and asks_items(loop) else phase.when
    included, reason = decide(guide, when, phase.not_needed, place, f"{place.code} {phase.id}")
    within = replace(place, path=f"{place.path}.steps", included=included, maybe=included is Included.LATER)
    steps = (
        (builder.loop_of_phase(loop, within, place.path),) if loop is not None else builder.steps(phase.steps, within)
    )
    last = replace(within, key=f"{place.key}/finally", path=f"{place.path}.finally", before=len(steps))
    return PlannedPhase(
        key=place.key,
        code=place.code,
        id=phase.id,
        hop=hop,
        title=place.frame.readable(phase.title),
        impact=phase.impact,
        included=included,
        reason=reason,
        steps=steps,
        finally_steps=builder.steps(phase.finally_, last),
        notes=boxes_of(phase.notes, place.frame) if included is not Included.NO else (),
    )


def _version_answer(answers: Mapping[str, Answer], name: str) -> str:
    answer = answers.get(name)
    if answer is None or answer.value is None:
        what = "that runs now" if name == CURRENT else "to upgrade to"
        raise VersionPathError(f"the version {what} is not known", hint=f"Answer the question {name}.")
    return str(answer.value)


def _phase(guide: Guide, name: str) -> Phase:
    found = next((phase for phase in guide.phases if phase.id == name), None)
    if found is None:
        raise GuideError(f"a hop names the phase {name!r}, and the guide has none of that id", ())
    return found


def _offered(guide: Guide, env: Environment) -> Iterator[PlannedOffer]:
    """The procedures that can be called besides."""
    for name, procedure in guide.procedures.items():
        if procedure.offer is not None:
            title = readable(procedure.title, env)
            yield PlannedOffer(name, title, procedure.offer.after, procedure.offer.until or "")


def _works_on(guide: Guide, env: Environment) -> str:
    if guide.works_on is None:
        return ""
    try:
        return render_text(guide.works_on, env)
    except ExpressionError as error:
        raise ExpressionError(f"works_on: {error.message}", hint=error.hint, column=error.column) from None
