"""The steps of an `undo`: walked with the names the step they undo was rendered from, wherever they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.guide.models import ActionKind, Impact
from wizard.plan.growth import to_be_unrolled
from wizard.plan.model import Included
from wizard.run import decisions
from wizard.run.asking import as_lines, ask_all
from wizard.run.growing import in_round, unrolled
from wizard.run.loops import most_rounds, values_of
from wizard.run.places import model_of
from wizard.run.reconcile import reconcile
from wizard.run.seen import item_keys
from wizard.run.state import PASSED, StepStatus
from wizard.run.work import Outcome

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Step
    from wizard.plan.model import PlannedStep
    from wizard.run.walk import Walk


def planned_undo(loaded: LoadedGuide, planned: PlannedStep, step: Step, number: int) -> PlannedStep:
    """The `number`-th undo step of a planned step, as something that can be walked.

    Nothing of it is decided yet: each `when` is, when it is reached.
    """
    from wizard.expressions import Environment
    from wizard.plan.builder import Builder, Place
    from wizard.plan.frames import Frame
    from wizard.plan.later import Later

    place = Place(
        frame=Frame(Environment(), Later(everything=True)),
        key=f"undo/{planned.key}",
        code=f"{planned.code}u",
        path=f"{planned.path}.undo",
        impact=Impact.RESTORING,
        items=item_keys(planned.key),
    )
    made = Builder(loaded.guide).step(step, place, number)
    return replace(made, impact=step.impact or Impact.RESTORING)


class UndoSteps:
    """Walks undo steps for a walk, from wherever an interrupted undo left them."""

    def __init__(self, walk: Walk) -> None:
        """Walk them for `walk`."""
        self._walk = walk
        self._run = walk.run

    def walk(self, planned: PlannedStep, env: Environment) -> None:
        """Walk one undo step and all that stands in it."""
        if planned.included is Included.NO or self._run.state.status(planned.key) in PASSED:
            return
        step = model_of(self._run, planned)
        if planned.included is Included.LATER and not self._walk.decide(planned.key, 0, step, env=env):
            return
        if planned.loop is not None or to_be_unrolled(planned, step):
            self._loop(unrolled(self._run, planned, step, env), step, env)
        elif step.repeat is not None:
            self._rounds(planned, step, env)
        elif planned.action in (ActionKind.STEPS, ActionKind.INCLUDE):
            inner = _inner(planned, env)
            for child in planned.steps:
                self.walk(child, inner)
        else:
            self._leaf(planned, env)

    def _leaf(self, planned: PlannedStep, env: Environment) -> None:
        walk, state = self._walk, self._run.state
        work = walk.work(planned, {}, undoing=True, env=env)
        if state.status(planned.key) in (StepStatus.RUNNING, StepStatus.UNKNOWN):
            outcome = reconcile(self._run, work)
            if outcome is not None and (walk.ended(work, outcome) or decisions.after(walk, work, outcome)):
                return
        walk.until_settled(work)

    def _loop(self, planned: PlannedStep, step: Step, env: Environment) -> None:
        loop = planned.loop
        values = values_of(loop, step, env) if loop is not None else {}
        for batch in planned.steps:
            names = loop.batches[batch.batch - 1] if loop is not None else ()
            inside = env.with_names(batch=[values[key] for key in names])
            for child in batch.steps:
                own = {loop.name: values[child.item]} if loop is not None and child.item in names else {}
                self.walk(child, inside.with_names(**own))

    def _rounds(self, planned: PlannedStep, step: Step, env: Environment) -> None:
        """Rounds until the checks hold; after the last one the operator decides whether there is one more."""
        repeat = step.repeat
        assert repeat is not None  # noqa: S101 - asked before
        number = max(self._run.state.rounds.get(planned.key, 1), 1)
        granted = most_rounds(step, env)
        while True:
            planned = in_round(self._run, planned, number)
            for one in planned.steps[:number]:
                for child in one.steps:
                    self.walk(child, env)
            findings = ask_all(self._run, repeat.until, env)
            if self._run.effects.verdict(findings):
                return
            if number >= granted:
                work = self._walk.work(planned, {}, undoing=True, env=env)
                bad = as_lines([finding for finding in findings if not finding.passed])
                outcome = Outcome(StepStatus.FAILED, f"after round {number} it is not so yet", lines=bad)
                if self._walk.ended(work, outcome) or decisions.after(self._walk, work, outcome):
                    return
            number += 1


def _inner(planned: PlannedStep, env: Environment) -> Environment:
    """The names inside an include: those it gives besides those around it."""
    from wizard.templates import render

    return env.with_names(**{name: render(text, env) for name, text in planned.bindings}) if planned.bindings else env
