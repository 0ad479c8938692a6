"""The plan of a session that is followed: as it was frozen, with all that was added, and what was done beside it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wizard.errors import WizardError
from wizard.plan.addresses import above
from wizard.plan.growth import grown
from wizard.plan.steps import find_step, iter_steps, step_below
from wizard.plan.store import plan_from_json
from wizard.run.folding import ASIDE
from wizard.run.growing import called_steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.guide.loader import LoadedGuide
    from wizard.plan.model import Plan, PlannedStep
    from wizard.run.session import Session
    from wizard.run.state import State

_FOR_A_STEP = ("preview/", "editor/", "after/", "offer/")
"""Beginnings of addresses of what is done for a step, whose address follows."""
_NUMBERED = ("after/", "offer/")
"""Those that have one part more behind the address of the step."""


def step_of(key: str) -> str:
    """The address of the step that something is done for; of everything else its own."""
    for beginning in _FOR_A_STEP:
        if key.startswith(beginning):
            inside = key.removeprefix(beginning)
            return inside.rpartition("/")[0] if beginning in _NUMBERED else inside
    return key


class PlanWatch:
    """Keeps the plan of a session current; made again only as far as something was added to it."""

    def __init__(self, session: Session) -> None:
        """Read plan and guide of `session` when they are first needed."""
        self._session = session
        self._plan: Plan | None = None
        self._of = ""
        self._loops: dict[str, dict[str, Any]] = {}
        self._rounds: dict[str, int] = {}
        self._loaded: LoadedGuide | None = None
        self._indexed: tuple[Plan | None, dict[str, PlannedStep]] = (None, {})
        self._asides: dict[str, PlannedStep] = {}
        self.lost = ""
        """Why guide or plan cannot be used; empty where they can."""

    @property
    def guide(self) -> LoadedGuide | None:
        """The pinned guide; None where it cannot be used any more."""
        if self._loaded is None and not self.lost:
            try:
                self._loaded = self._session.load_guide()
            except WizardError as error:
                self.lost = str(error)
        return self._loaded

    def now(self, state: State) -> Plan | None:
        """The plan as the journal has it by now; None where nothing is planned yet."""
        if not state.plan_sha256:
            return None
        if (self._of, self._loops, self._rounds) != (state.plan_sha256, state.loops, state.rounds):
            loops, rounds = dict(state.loops), dict(state.rounds)
            try:
                self._plan = self._made(state.plan_sha256, loops, rounds)
            except WizardError as error:
                self.lost = str(error)
            self._of, self._loops, self._rounds = state.plan_sha256, loops, rounds
        return self._plan

    def _made(self, of: str, loops: Mapping[str, dict[str, Any]], rounds: Mapping[str, int]) -> Plan | None:
        plan = self._plan
        more = self._of == of and all(loops.get(key) is one for key, one in self._loops.items())
        more = more and all(rounds.get(key, 0) >= number for key, number in self._rounds.items())
        if plan is None or not more:
            data = self._session.plan(of)
            plan = plan_from_json(data) if data is not None else None
            new_loops, new_rounds = loops, rounds
        else:
            new_loops = {key: one for key, one in loops.items() if key not in self._loops}
            new_rounds = {key: number for key, number in rounds.items() if number != self._rounds.get(key)}
        new_loops = {key: one for key, one in new_loops.items() if not key.startswith(ASIDE)}
        new_rounds = {key: number for key, number in new_rounds.items() if not key.startswith(ASIDE)}
        if plan is None or not (new_loops or new_rounds) or self.guide is None:
            return plan
        return grown(self.guide, plan, new_loops, new_rounds)

    def find(self, state: State, key: str) -> PlannedStep | None:
        """The step at an address, also where that is one of an undo or of a called procedure; None: there is none."""
        plan = self.now(state)
        if plan is None:
            return None
        if (found := self._by_key(plan).get(key)) is not None:
            return found
        if key not in self._asides or key.startswith("procedure/"):
            with suppress(WizardError, KeyError):
                if (made := self._aside(plan, state, key)) is not None:
                    self._asides[key] = made
        return self._asides.get(key)

    def asides(self, state: State) -> tuple[PlannedStep, ...]:
        """The steps that stand in no plan and that something became of, in the order they were begun."""
        keys = [key for key in state.steps if key.startswith(("undo/", "procedure/"))]
        return tuple(found for key in keys if (found := self.find(state, key)) is not None)

    def _aside(self, plan: Plan, state: State, key: str) -> PlannedStep | None:
        if self.guide is None:
            return None
        if key.startswith("procedure/"):
            return step_below(called_steps(self.guide, state, "/".join(key.split("/")[:3])), key)
        return _undo_step(self.guide, plan, state, key, self.guide)

    def name(self, state: State, key: str) -> str:
        """Code and title of a step, or its address where nothing is known of it."""
        found = self.find(state, step_of(key))
        return f"{found.code} {found.title}" if found is not None else key

    def _by_key(self, plan: Plan) -> Mapping[str, PlannedStep]:
        """The steps of the plan by their addresses."""
        if plan is not self._indexed[0]:
            self._indexed = plan, {step.key: step for step in iter_steps(plan)}
        return self._indexed[1]


def _undo_step(loaded: LoadedGuide, plan: Plan, state: State, key: str, guide: LoadedGuide) -> PlannedStep | None:
    """The step at an address of an undo, made as it is when it is walked."""
    from wizard.guide.walk import model_at
    from wizard.run.undo_steps import planned_undo

    for around in above(key.removeprefix("undo/")):
        undone = find_step(plan, around)
        if undone is None and around.startswith("procedure/"):
            undone = step_below(called_steps(guide, state, "/".join(around.split("/")[:3])), around)
        if undone is not None:
            steps = model_at(loaded.guide, undone.path).undo
            made = (planned_undo(loaded, undone, step, number) for number, step in enumerate(steps, 1))
            return step_below(made, key)
    return None
