"""Steps of a guide as steps of a plan: decided, nested, unrolled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import BlockedError, ExpressionError, GuideError
from wizard.expressions import AbsentError
from wizard.guide.models.steps import ActionKind, Impact, NoteKind
from wizard.plan.addresses import hop_of
from wizard.plan.commands import command_sources, shown_commands, shown_dry_run
from wizard.plan.conditions import condition_words
from wizard.plan.frames import Frame, sources_of_text
from wizard.plan.later import Later, hangs_on_facts
from wizard.plan.loops import items_now, make_loop, named, one_by_one, when_of_all
from wizard.plan.model import Included, PlannedStep
from wizard.plan.people import needs_person
from wizard.plan.remarks import boxes_of, loop_words, may_hold, remarks_of, way_back_of
from wizard.plan.steps import leaves
from wizard.plan.surroundings import Where, chain_at, where, where_texts
from wizard.plan.titles import titled
from wizard.questions.asked_first import asked_first
from wizard.questions.must_read import to_read
from wizard.templates import render
from wizard.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wizard.guide.models import Guide, Step
    from wizard.guide.models.steps import Surroundings
    from wizard.plan.model import PlannedLoop

_TALKING: Final = frozenset(
    {ActionKind.SAY, ActionKind.CONFIRM, ActionKind.GATE, ActionKind.CHECK, ActionKind.WAIT, ActionKind.MONITOR}
)
"""Actions that only look or talk: in an irreversible phase too, there is a way back while they last."""

_MILD: Final = frozenset({Impact.READ_ONLY, Impact.VERIFYING, Impact.RESTORING})
"""Impacts of steps that leave nothing to be taken back."""

_DEEPEST: Final = 20
_TITLES_NAMED: Final = 8
_MILDEST_FIRST: Final = tuple(Impact)


@dataclass(frozen=True, slots=True)
class Place:
    """Where steps stand: what is known there, and what they inherit."""

    frame: Frame
    key: str
    code: str
    path: str
    """Address in the guide under which the steps stand (`phases.update.steps`)."""
    impact: Impact
    included: Included = Included.YES
    maybe: bool = False
    """Whether it may never be reached, so that what fails here now is left for then."""
    depth: int = 0
    before: int = 0
    """How many steps were counted before these, under the same code."""
    items: tuple[str, ...] = ()
    """Keys of the items they stand in, outermost first."""
    covered: bool = False
    """Whether an undo of what they stand in takes them back."""


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What is the same of a step wherever it stands."""

    step: Step
    action: ActionKind
    person: bool
    sources: tuple[str, ...]
    """The expressions that its command is made of."""
    bindings: tuple[tuple[str, str], ...]
    chain: tuple[Surroundings, ...]
    """The surroundings it inherits, outermost first, with its own."""
    places: tuple[str, ...]
    """The expressions that folder, user and environment of its command are made of."""
    names_facts: bool
    """Whether its command, or where that runs, is made of what the machine says."""


class Builder:
    """Plans the steps of one guide."""

    def __init__(self, guide: Guide, took_before: Mapping[str, float] | None = None) -> None:
        """Plan for `guide`; `took_before` are seconds steps took in earlier sessions, by their `path`."""
        self._guide = guide
        self._took_before = took_before or {}
        self._fixed: dict[int, _Fixed] = {}

    def steps(self, steps: Sequence[Step], place: Place) -> tuple[PlannedStep, ...]:
        """Plan steps that follow each other."""
        return tuple(self.step(step, place, number) for number, step in enumerate(steps, place.before + 1))

    def step(self, step: Step, place: Place, number: int) -> PlannedStep:
        """Plan one step, the `number`-th under the code of its place."""
        code = f"{place.code}.{number}"
        if step.for_each is not None:
            return self._loop(step, place, code, f"{place.path}.{step.id}")
        return self._one(step, place, code, f"{place.path}.{step.id}")

    def loop_of_phase(self, step: Step, place: Place, path: str) -> PlannedStep:
        """Plan the loop that the steps of a phase with `for_each` make up; `path` is that of the phase."""
        return self._loop(step, place, f"{place.code}.1", path)

    # -- one step --------------------------------------------------------------------------------

    def _one(
        self, step: Step, place: Place, code: str, path: str, *, decided: tuple[Included, str] | None = None
    ) -> PlannedStep:
        fixed, frame = self._of(step, path), place.frame
        included, reason = decided or decide(self._guide, step.when, step.not_needed, place, f"{code} {step.id}")
        impact = self._impact(step, fixed.action, place.impact)
        key = f"{place.key}/{step.id}"
        children: tuple[PlannedStep, ...] = ()
        if step.steps is not None or step.include is not None:
            inside = self._inside(place, key, code, impact, included)
            children = self._children(step, replace(inside, path=path, covered=place.covered or bool(step.undo)))
        exact, usual, before = self._times(step, frame, path)
        commands = self._commands(step, place, fixed, included, code)
        dry_run = () if included is Included.NO else self._dry_run(step, place, code)
        runs = fixed.action is ActionKind.RUN and included is not Included.NO
        where = self._where(step, place, fixed) if runs else Where()
        no_undo = included is not Included.NO and not place.covered and _has_no_undo(step, fixed.action, impact)
        return PlannedStep(
            key=key,
            code=code,
            id=step.id,
            title=titled(_readable(step.title, frame), place.items),
            path=path,
            action=fixed.action,
            impact=impact,
            included=included,
            reason=reason,
            commands=commands or (),
            takes=_first(exact, before, usual, _sum_of(children)),
            makes_backup=step.makes == "backup",
            outage=step.outage or "",
            temporary=step.temporary,
            needs_person=fixed.person
            or asked_first(step, impact, danger=_danger(step, frame)) != "never"
            or any(may_hold(note.when, frame) for note in to_read(step.notes))
            or any(child.needs_person for child in children if child.included is not Included.NO),
            steps=children,
            bindings=fixed.bindings,
            item=place.items[-1] if place.items else "",
            who=_readable(step.who, frame) if step.who is not None else "",
            remarks=() if included is Included.NO else remarks_of(self._guide, step, frame),
            dry_run=dry_run,
            took_before=before,
            no_undo=no_undo,
            folder=where.folder,
            user=where.user,
            env=where.env,
            facts_as_now=bool(commands or dry_run) and fixed.names_facts and hop_of(place.key) > 1,
            decided_later=commands is None,
            notes=boxes_of(step.notes, frame) if included is not Included.NO else (),
            way_back=way_back_of(step, impact, frame) if included is not Included.NO else "",
        )

    def _where(self, step: Step, place: Place, fixed: _Fixed) -> Where:
        return place.frame.once("where", id(step), fixed.places, lambda frame: where(fixed.chain, frame.env))

    def _of(self, step: Step, path: str) -> _Fixed:
        found = self._fixed.get(id(step))
        if found is None:
            sources, chain = tuple(command_sources(step)), chain_at(self._guide, path)
            places = tuple(source for text in where_texts(chain) for source in sources_of_text(text))
            found = self._fixed[id(step)] = _Fixed(
                step=step,  # held, so that its id stays its own
                action=step.action,
                person=needs_person(self._guide, step),
                sources=sources,
                bindings=tuple(step.with_.items()),
                chain=chain,
                places=places,
                names_facts=any(hangs_on_facts(one, self._guide) for one in (*sources, *places)),
            )
        return found

    def _impact(self, step: Step, action: ActionKind, around: Impact) -> Impact:
        """The step's own impact, that of the procedure it includes, or that of what it stands in."""
        if step.impact is not None:
            return step.impact
        if step.include is not None and (procedure := self._guide.procedures.get(step.include)) is not None:
            return procedure.impact or around
        if action in _TALKING and around is not Impact.VERIFYING:
            return Impact.READ_ONLY
        return around

    def impact(self, step: Step, around: Impact) -> Impact:
        """The impact of a step that stands in something of the impact `around`."""
        return self._impact(step, step.action, around)

    def _commands(
        self, step: Step, place: Place, fixed: _Fixed, included: Included, code: str
    ) -> tuple[str, ...] | None:
        """The command as it is shown; None where it can only be made when the step is reached."""
        if fixed.action is not ActionKind.RUN or included is Included.NO:
            return ()

        def shown(frame: Frame) -> tuple[str, ...] | None:
            return shown_commands(step, frame, self._guide)

        try:
            return place.frame.once("commands", id(step), fixed.sources, shown)
        except ExpressionError as error:
            if place.maybe or included is Included.LATER:
                return None
            raise in_step(error, f"{code} {step.id}", "run") from None

    def _dry_run(self, step: Step, place: Place, code: str) -> tuple[str, ...]:
        if step.dry_run is None:
            return ()
        try:
            return shown_dry_run(step, place.frame, self._guide)
        except ExpressionError as error:
            if place.maybe:
                return ()
            raise in_step(error, f"{code} {step.id}", "dry_run") from None

    def _times(self, step: Step, frame: Frame, path: str) -> tuple[float | None, float | None, float | None]:
        """Seconds a step takes exactly, usually, and took in an earlier session; None where nobody says."""
        exact = usual = None
        if step.monitor is not None:
            exact = _seconds(step.monitor.for_, frame)
        elif step.wait is not None and isinstance(step.wait.until, str):
            exact = _seconds(step.wait.until, frame)
        elif step.takes is not None:
            usual = _seconds(step.takes, frame)
        elif step.wait is not None and step.wait.usually is not None:
            usual = _seconds(step.wait.usually, frame)
        before = self._took_before.get(path) if exact is None and step.steps is None and step.include is None else None
        return exact, usual, before

    # -- groups and procedures -------------------------------------------------------------------

    def _inside(self, place: Place, key: str, code: str, impact: Impact, included: Included) -> Place:
        return Place(
            frame=place.frame,
            key=key,
            code=code,
            path=place.path,
            impact=impact,
            included=included,
            maybe=place.maybe or included is Included.LATER,
            depth=place.depth + 1,
            items=place.items,
            covered=place.covered,
        )

    def _children(self, step: Step, inside: Place) -> tuple[PlannedStep, ...]:
        """The steps of a group or of an included procedure; `inside` has the path of the step itself."""
        if inside.depth > _DEEPEST:
            raise GuideError(f"step {inside.code} {step.id} is nested deeper than {_DEEPEST} levels", ())
        if step.steps is not None:
            if step.repeat is not None:
                return (self.round(step, inside, 1),)
            return self.steps(step.steps, replace(inside, path=f"{inside.path}.steps"))
        procedure = self._guide.procedures.get(step.include or "")
        if procedure is None:
            raise GuideError(f"step {inside.code} {step.id}: the guide has no procedure {step.include!r}", ())
        if missing := [name for name in procedure.needs if name not in step.with_]:
            names = ", ".join(missing)
            raise GuideError(f"step {inside.code} {step.id}: the procedure {step.include!r} needs {names}", ())
        bound, later = _bind(step, inside)
        frame = inside.frame.inside(bound, later=later) if step.with_ else inside.frame
        place = replace(inside, frame=frame, path=f"procedures.{step.include}.steps")
        return self.steps(procedure.steps, place)

    def round(self, step: Step, inside: Place, number: int) -> PlannedStep:
        """Plan one round of a repeated group; `inside` has the group's key, code and path."""
        part = replace(inside, key=f"{inside.key}/~{number}", code=f"{inside.code}.{number}")
        place = replace(part, path=f"{inside.path}.steps", depth=inside.depth + 1)
        most = _readable(str(step.repeat.at_most), inside.frame) if step.repeat is not None else ""
        children = self.steps(step.steps or (), place)
        return self._part(step, part, f"Round {number} of at most {most}", children, round_number=number)

    def _part(
        self,
        step: Step,
        place: Place,
        title: str,
        children: tuple[PlannedStep, ...],
        *,
        batch: int = 0,
        round_number: int = 0,
    ) -> PlannedStep:
        """A batch or a round: a group without words of its own; `place` has its key and code."""
        return PlannedStep(
            key=place.key,
            code=place.code,
            id=step.id,
            title=titled(title, place.items),
            path=place.path,
            action=ActionKind.STEPS,
            impact=place.impact,
            included=Included.NO if place.included is Included.NO else Included.YES,
            takes=_sum_of(children),
            needs_person=any(child.needs_person for child in children if child.included is not Included.NO),
            steps=children,
            item=place.items[-1] if place.items else "",
            batch=batch,
            round=round_number,
        )

    # -- loops -----------------------------------------------------------------------------------

    def _loop(self, step: Step, place: Place, code: str, path: str) -> PlannedStep:
        """Plan a loop: a group of batches, or of nothing yet where its list is only known later."""
        what = f"{code} {step.id}"
        if step.repeat is not None:
            raise GuideError(
                f"step {what} has `for_each` and `repeat`", (), hint="Put one into a group inside the other."
            )
        included, reason = decide(self._guide, when_of_all(step), step.not_needed, place, what)
        impact = self.impact(step, place.impact)
        inside = self._inside(place, f"{place.key}/{step.id}", code, impact, included)
        inside = replace(inside, path=path, covered=place.covered or (bool(step.undo) and step.steps is not None))
        if inside.depth > _DEEPEST:
            raise GuideError(f"step {what} is nested deeper than {_DEEPEST} levels", ())
        loop, why = (None, "") if included is Included.NO else self._unrolled(step, inside, what)
        if loop is not None and not loop.batches:
            return self._no_items(step, inside, loop)
        if loop is None and included is not Included.NO:
            included, reason = Included.LATER, why
        planned = self.looped(step, inside, loop, place.frame)
        return replace(planned, included=included, reason=reason)

    def _unrolled(self, step: Step, inside: Place, what: str) -> tuple[PlannedLoop | None, str]:
        """The loop with its items; None, and why, where they come later."""
        each = step.for_each
        assert each is not None  # noqa: S101 - a loop is planned
        sources = [one for one in (each.items, each.key, each.order) if one is not None]
        sources += [step.when] if step.when is not None and when_of_all(step) is None else []
        texts = [one for one in (each.batch, each.keep_available) if isinstance(one, str)]
        frame = inside.frame
        later = f"unrolled when it is reached: {loop_words(step, frame)}"
        item = frame.later.inside((each.name,), ())
        if any(item.needs(one) for one in sources) or any(frame.needs_text(one) for one in texts):
            return None, later
        try:
            return make_loop(step, frame.env), ""
        except AbsentError as error:
            # What a fact says may be different by then; an answer does not come any more.
            facts = hangs_on_facts(each.items, self._guide)
            if inside.maybe or facts:
                return None, later
            raise in_step(error, what, "for_each") from None
        except ExpressionError as error:
            if inside.maybe:
                return None, later
            raise in_step(error, what, "for_each") from None
        except BlockedError as error:
            if inside.maybe:
                return None, later
            raise BlockedError(f"step {what}: {error.message}", hint=error.hint) from None

    def _no_items(self, step: Step, inside: Place, loop: PlannedLoop) -> PlannedStep:
        assert step.for_each is not None  # noqa: S101 - a loop is planned
        reason = (
            f"nothing is to be done for any of {step.for_each.items}: {loop.left_out[0][1]}"
            if loop.left_out
            else f"{step.for_each.items} is empty"
        )
        planned = self.looped(step, inside, loop, inside.frame)
        return replace(planned, included=Included.NO, reason=reason)

    def looped(self, step: Step, inside: Place, loop: PlannedLoop | None, frame: Frame) -> PlannedStep:
        """The loop of a step with its batches; `inside` has the loop's key, code and path."""
        children: tuple[PlannedStep, ...] = ()
        remarks: tuple[str, ...] = ()
        if inside.included is Included.NO:
            impact, person = inside.impact, False
        elif loop is not None:
            children = self._all_batches(step, inside, loop)
            impact, person = inside.impact, any(child.needs_person for child in children)
            remarks = (loop_words(step, frame),)
        else:
            impact, person, remarks = self._within(step, inside)
        group = step.steps is not None
        return PlannedStep(
            key=inside.key,
            code=inside.code,
            id=step.id,
            title=titled(_readable(step.title, frame), inside.items),
            path=inside.path,
            action=ActionKind.STEPS,
            impact=impact,
            included=inside.included,
            takes=_sum_of(children),
            makes_backup=group and step.makes == "backup",
            outage=(step.outage or "") if group else "",
            temporary=group and step.temporary,
            needs_person=person,
            steps=children,
            loop=loop,
            item=inside.items[-1] if inside.items else "",
            who=_readable(step.who, frame) if step.who is not None else "",
            remarks=remarks,
        )

    def _all_batches(self, step: Step, inside: Place, loop: PlannedLoop) -> tuple[PlannedStep, ...]:
        values = self._values(step, inside, loop)
        return tuple(self._batch(step, inside, loop, values, number) for number in range(1, len(loop.batches) + 1))

    def _values(self, step: Step, inside: Place, loop: PlannedLoop) -> dict[str, Any]:
        """The values of the items; as the loop keeps them where its list is not known here."""
        if inside.frame.later.everything:
            return dict(zip(loop.keys, loop.items, strict=True))
        return items_now(step, inside.frame.env)

    def _batch(
        self, step: Step, inside: Place, loop: PlannedLoop, values: Mapping[str, Any], number: int
    ) -> PlannedStep:
        """Plan the `number`-th batch: step by step, each over its items."""
        batch, alone = loop.batches[number - 1], one_by_one(step)
        code = inside.code if alone else f"{inside.code}.{number}"
        part = replace(inside, key=f"{inside.key}/#{number}", code=code)
        before = (number - 1) * len(step.steps or (step,)) if alone else 0
        frame = inside.frame.inside({"batch": [values[one] for one in batch]})
        path = inside.path if step.steps is None else f"{inside.path}.steps"
        place = replace(part, frame=frame, path=path, depth=inside.depth + 1)
        places = [
            replace(
                place,
                frame=frame.inside({loop.name: values[one]}),
                key=f"{part.key}/={item_in_key(one)}",
                items=(*inside.items, one),
            )
            for one in batch
        ]
        children: list[PlannedStep] = []
        if step.steps is None:
            # Whether it is part of the run was decided for the loop.
            decided = (Included.NO if inside.included is Included.NO else Included.YES, "")
            for at, one in enumerate(places, before + 1):
                children.append(self._one(step, one, f"{part.code}.{at}", inside.path, decided=decided))
        else:
            for child in step.steps:
                for one in [place] if child.once == "batch" else places:
                    children.append(self.step(child, one, before + len(children) + 1))
        title = named(batch, 4) if alone else f"Batch {number} of {len(loop.batches)}: {named(batch, 4)}"
        return replace(self._part(step, part, title, tuple(children), batch=number), alone=alone)

    def _within(self, step: Step, inside: Place) -> tuple[Impact, bool, tuple[str, ...]]:
        """Of a loop that is not unrolled yet: its hardest impact, whether a person is needed, what is done."""
        frame = replace(inside.frame.inside({}), later=Later(everything=True))
        place = replace(inside, frame=frame, maybe=True, depth=inside.depth + 1)
        if step.steps is None:
            body = [self._one(step, place, inside.code, inside.path, decided=(Included.YES, ""))]
        else:
            body = list(self.steps(step.steps, replace(place, path=f"{inside.path}.steps")))
        found = list(leaves(body))
        hardest = max((inside.impact, *(one.impact for one in found)), key=_MILDEST_FIRST.index)
        titles = named([one.title for one in body], _TITLES_NAMED)
        return hardest, any(one.needs_person for one in found), (f"for each of them: {titles}",)


def _has_no_undo(step: Step, action: ActionKind, impact: Impact) -> bool:
    """Whether nothing takes back what a step changes; of an edit there is a copy, and a backup may stay."""
    changes = action in (ActionKind.RUN, ActionKind.MANUAL) and impact not in _MILD
    return changes and not step.undo and not step.background and step.makes != "backup"


def item_in_key(item: str) -> str:
    """An item's key as it stands in the key of a step."""
    return item.replace("%", "%25").replace("/", "%2F")


def decide(guide: Guide, when: str | None, not_needed: str | None, place: Place, what: str) -> tuple[Included, str]:
    """Whether a phase or step is part of the run, and why: in the guide's own words as far as it has some."""
    if place.included is Included.NO:
        return Included.NO, ""
    if when is None:
        return Included.YES, ""
    without = _readable(not_needed, place.frame) if not_needed is not None else ""
    words = condition_words(when, guide)
    later = f": only when {words or when}" if words or not without else f" (if it is left out: {without})"
    if place.frame.needs(when):
        return Included.LATER, f"decided when it is reached{later}"
    try:
        holds = place.frame.holds(when)
    except ExpressionError as error:
        if place.maybe:
            return Included.LATER, f"decided when it is reached{later}"
        raise in_step(error, what, "when") from None
    if holds:
        return Included.YES, f"because {words or when}" if words or not without else ""
    return Included.NO, without or f"only when {words or when}"


def in_step(error: ExpressionError, what: str, key: str) -> ExpressionError:
    """The error again with the step and the key it belongs to."""
    return ExpressionError(f"step {what}, `{key}`: {error.message}", hint=error.hint, column=error.column)


def _bind(step: Step, place: Place) -> tuple[dict[str, Any], list[str]]:
    """The values an include gives its procedure, and the names whose values are not known yet."""
    bound: dict[str, Any] = {}
    later: list[str] = []
    for name, text in step.with_.items():
        if place.included is Included.NO or place.frame.needs_text(text):
            later.append(name)
            continue
        try:
            bound[name] = render(text, place.frame.env)
        except ExpressionError as error:
            if place.maybe or isinstance(error, AbsentError):
                later.append(name)
                continue
            raise in_step(error, f"{place.code} {step.id}", f"with.{name}") from None
    return bound, later


def _danger(step: Step, frame: Frame) -> bool:
    """Whether a danger note applies, or may apply by the time it is reached."""
    return any(note.kind is NoteKind.DANGER and may_hold(note.when, frame) for note in step.notes)


def _readable(text: str, frame: Frame) -> str:
    return text if "${{" not in text else frame.readable(text)


def _seconds(text: str, frame: Frame) -> float | None:
    """Seconds of a duration; None where it cannot be known now."""
    try:
        return parse_duration(frame.text(text))
    except (ExpressionError, ValueError):
        return None


def _first(*times: float | None) -> float | None:
    return next((one for one in times if one is not None), None)


def _sum_of(steps: Iterable[PlannedStep]) -> float | None:
    """Seconds of all steps that are in and whose time is known; None where no time is."""
    times = [step.takes for step in steps if step.included is not Included.NO and step.takes is not None]
    return sum(times) if times else None
