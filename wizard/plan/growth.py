"""A plan that grows while it is walked: loops whose list is known at last, and rounds after the first.

What is added is structure alone. Each `when` in it is decided when its step is reached, and texts are
rendered then, so that the journal's word (the items, the number of the round) always gives the same plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.errors import SessionError
from wizard.expressions import Environment
from wizard.guide.walk import model_at
from wizard.plan.builder import Builder, Place
from wizard.plan.frames import Frame
from wizard.plan.later import Later
from wizard.plan.loops import asks_items, items_now, make_loop, when_of_all
from wizard.plan.model import Included, PlannedLoop
from wizard.plan.steps import points_of_no_return, restore_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Step
    from wizard.guide.models.steps import Impact
    from wizard.plan.model import Plan, PlannedPhase, PlannedStep

__all__ = [
    "asks_items",
    "grown",
    "items_now",
    "loop_from_data",
    "loop_to_data",
    "make_loop",
    "to_be_unrolled",
    "unroll",
    "when_of_all",
    "with_round",
]


def to_be_unrolled(planned: PlannedStep, step: Step) -> bool:
    """Whether a planned step is a loop whose items are not known yet; `step` is its model."""
    return step.for_each is not None and planned.included is Included.LATER and planned.loop is None


def unroll(loaded: LoadedGuide, plan: Plan, key: str, loop: PlannedLoop) -> Plan:
    """The plan with the batches of the loop of that key. SessionError where it has no such loop."""
    return _Growth(loaded, {key: loop}, {}).of(plan)


def with_round(loaded: LoadedGuide, plan: Plan, key: str, number: int) -> Plan:
    """The plan with the rounds up to `number` of the repeated group of that key. SessionError where it has none."""
    return _Growth(loaded, {}, {key: number}).of(plan)


def grown(loaded: LoadedGuide, plan: Plan, loops: Mapping[str, Mapping[str, Any]], rounds: Mapping[str, int]) -> Plan:
    """The plan with everything that was added to it: loops as the journal has them, rounds by their groups' keys.

    SessionError where the plan has no place for one of them.
    """
    if not loops and not rounds:
        return plan
    return _Growth(loaded, {key: loop_from_data(data) for key, data in loops.items()}, dict(rounds)).of(plan)


def grown_steps(
    loaded: LoadedGuide,
    steps: tuple[PlannedStep, ...],
    impact: Impact,
    loops: Mapping[str, PlannedLoop],
    rounds: Mapping[str, int],
    *,
    items: tuple[str, ...] = (),
) -> tuple[PlannedStep, ...]:
    """The same for steps that stand in no plan (a procedure called by itself, an undo) and in something of `impact`.

    `items` are the keys of the items they stand in, outermost first.
    """
    return _Growth(loaded, dict(loops), dict(rounds)).in_steps(steps, impact, items)


def loop_to_data(loop: PlannedLoop) -> dict[str, Any]:
    """A loop as the journal keeps it: plain data."""
    return {
        "name": loop.name,
        "keys": list(loop.keys),
        "items": list(loop.items),
        "batches": [list(batch) for batch in loop.batches],
        "left_out": [list(pair) for pair in loop.left_out],
    }


def loop_from_data(data: Mapping[str, Any]) -> PlannedLoop:
    """Read back what `loop_to_data` gave. SessionError where it is none."""
    try:
        return PlannedLoop(
            name=str(data["name"]),
            keys=tuple(map(str, data["keys"])),
            items=tuple(data["items"]),
            batches=tuple(tuple(map(str, batch)) for batch in data["batches"]),
            left_out=tuple((str(key), str(reason)) for key, reason in data.get("left_out", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SessionError(f"a loop cannot be read: {type(error).__name__}: {error}") from None


class _Growth:
    """Adds loops and rounds on one way through the plan, touching only the steps they stand in."""

    def __init__(self, loaded: LoadedGuide, loops: dict[str, PlannedLoop], rounds: dict[str, int]) -> None:
        self._loaded = loaded
        self._loops = loops
        self._rounds = rounds
        self._builder = Builder(loaded.guide)
        self._above = {above for key in (*loops, *rounds) for above in _keys_above(key)}
        self._found: set[str] = set()
        self._covered = False
        """Whether what is gone through now is taken back by an undo around it."""

    def of(self, plan: Plan) -> Plan:
        phases = tuple(self._phase(phase) if phase.key in self._above else phase for phase in plan.phases)
        self._all_found()
        points, restore = points_of_no_return(phases), restore_points(phases)
        return replace(plan, phases=phases, point_of_no_return=points, restore_points=restore)

    def in_steps(
        self, steps: tuple[PlannedStep, ...], impact: Impact, items: tuple[str, ...] = ()
    ) -> tuple[PlannedStep, ...]:
        frame = Frame(Environment(), Later(everything=True))
        return self._steps(steps, frame, impact, items)

    def _phase(self, phase: PlannedPhase) -> PlannedPhase:
        steps, last = (self.in_steps(part, phase.impact) for part in (phase.steps, phase.finally_steps))
        return replace(phase, steps=steps, finally_steps=last)

    def _all_found(self) -> None:
        for key in (*self._loops, *self._rounds):
            if key not in self._found:
                raise SessionError(f"the journal tells of {key}, and the plan has no such loop or rounds")

    def _steps(
        self, steps: tuple[PlannedStep, ...], frame: Frame, impact: Impact, items: tuple[str, ...]
    ) -> tuple[PlannedStep, ...]:
        return tuple(
            self._step(step, frame, impact, items)
            if step.key in self._above or step.key in self._loops or step.key in self._rounds
            else step
            for step in steps
        )

    def _step(self, step: PlannedStep, frame: Frame, around: Impact, items: tuple[str, ...]) -> PlannedStep:
        if (loop := self._loops.get(step.key)) is not None:
            step = self._unrolled(step, loop, frame, around, items)
        if (number := self._rounds.get(step.key)) is not None:
            step = self._with_rounds(step, number, frame, items)
        if step.key not in self._above:
            return step
        covered, self._covered = self._covered, self._covered or bool(model_at(self._loaded.guide, step.path).undo)
        try:
            if step.loop is None:
                return replace(step, steps=self._steps(step.steps, frame, step.impact, items))
            return replace(step, steps=tuple(self._batch(step, batch, frame, items) for batch in step.steps))
        finally:
            self._covered = covered

    def _batch(self, loop: PlannedStep, batch: PlannedStep, frame: Frame, items: tuple[str, ...]) -> PlannedStep:
        """A batch: each step in it has the names of its item."""
        if batch.key not in self._above or loop.loop is None:
            return batch
        values = dict(zip(loop.loop.keys, loop.loop.items, strict=True))
        together = [values[key] for key in loop.loop.batches[batch.batch - 1]]
        inside = frame.inside({"batch": together})
        steps: list[PlannedStep] = []
        for step in batch.steps:
            own = step.item in values and step.key.startswith(f"{batch.key}/=")
            names = inside.inside({loop.loop.name: values[step.item]}) if own else inside
            keys = (*items, step.item) if own else items
            steps += self._steps((step,), names, loop.impact, keys)
        return replace(batch, steps=tuple(steps))

    def _unrolled(
        self, planned: PlannedStep, loop: PlannedLoop, frame: Frame, around: Impact, items: tuple[str, ...]
    ) -> PlannedStep:
        self._found.add(planned.key)
        if planned.loop is not None:
            return planned
        step = model_at(self._loaded.guide, planned.path)
        inside = self._place(planned, frame, self._builder.impact(step, around), items)
        made = self._builder.looped(step, inside, loop, frame)
        return replace(made, included=planned.included, reason=planned.reason, title=planned.title, who=planned.who)

    def _with_rounds(self, planned: PlannedStep, number: int, frame: Frame, items: tuple[str, ...]) -> PlannedStep:
        self._found.add(planned.key)
        step = model_at(self._loaded.guide, planned.path)
        inside = self._place(planned, frame, planned.impact, items)
        more = tuple(self._builder.round(step, inside, one) for one in range(len(planned.steps) + 1, number + 1))
        return replace(planned, steps=(*planned.steps, *more))

    def _place(self, planned: PlannedStep, frame: Frame, impact: Impact, items: tuple[str, ...]) -> Place:
        return Place(
            frame=frame,
            key=planned.key,
            code=planned.code,
            path=planned.path,
            impact=impact,
            items=items,
            covered=self._covered or bool(model_at(self._loaded.guide, planned.path).undo),
        )


def _keys_above(key: str) -> list[str]:
    """The keys of everything a step stands in; among them those of items, which are no keys of steps."""
    parts = key.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
