"""Going on with a run that a procedure took back: from where is found out, or said; it is never taken for granted.

A called procedure of impact `restoring` has taken back what was done in its hop and after it. What of that
still stands the journal cannot know. The steps' `done_when` are asked, in the order of the walk: the first
step that is not done any more is where the walk goes on, with everything behind it. A step before it that
changed something and has no `done_when` leaves that open, so that a person has to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.checks.model import Status
from wizard.errors import OutcomeUnknownError, StoppedError
from wizard.guide.models import ActionKind, Impact
from wizard.plan.model import Included
from wizard.plan.steps import leaves, within
from wizard.run.asking import as_lines, ask_all
from wizard.run.bindings import ask_for_names
from wizard.run.events import CheckAsked, Said
from wizard.run.names import from_snapshot
from wizard.run.needs import ask_for_secrets, ask_for_what_is_left
from wizard.run.operator import Choice, ChoiceRequest
from wizard.run.places import chain_of, model_of
from wizard.run.recheck import read_facts_again
from wizard.run.records import Record
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.plan.model import Plan, PlannedPhase, PlannedStep
    from wizard.run.context import Run

_DONE: Final = frozenset({StepStatus.DONE, StepStatus.ALREADY_DONE})
_PASSED_BY: Final = frozenset(
    {StepStatus.SKIPPED, StepStatus.NOT_NEEDED, StepStatus.IN_BACKGROUND, StepStatus.SET_BACK}
)
_AGAIN: Final = _DONE | {StepStatus.FAILED, StepStatus.SKIPPED}
"""Statuses of steps that are walked again where they stand behind the first one that is."""

_CHANGING: Final = frozenset({ActionKind.RUN, ActionKind.EDIT, ActionKind.MANUAL})
_MILD: Final = frozenset({Impact.READ_ONLY, Impact.VERIFYING})


@dataclass(frozen=True, slots=True)
class _Told:
    """What the steps' own checks tell: the first step that does not stand, and those before it that nobody knows of."""

    start: PlannedStep | None
    open: tuple[tuple[PlannedStep, str], ...]

    def lines(self) -> tuple[str, ...]:
        """The steps nobody knows of, each with the reason."""
        return tuple(f"{step.code} {step.title}: {why}" for step, why in self.open)


def take_up(run: Run, plan: Plan) -> None:
    """Find out from which step a run that was taken back is gone on with, and journal it.

    OutcomeUnknownError where the steps' checks do not tell and nobody is there, StoppedError where the
    operator does not want to go on; the run then stays as it is.
    """
    ask_for_what_is_left(run, plan)
    if run.effects.looks_again():
        read_facts_again(run)
    if run.operator.attended:
        _with_somebody(run, plan)
    else:
        _alone(run, plan)


def _alone(run: Run, plan: Plan) -> None:
    told = _asked(run, plan)
    if told.start is None or told.open:
        why = told.lines() or ("by its own checks everything is still done",)
        raise OutcomeUnknownError(
            "\n".join([f"{_title(run)}, and nobody can tell from where it is to be gone on with:", *_indented(why)]),
            hint="`wizard resume` in a terminal asks from which step; `wizard close` ends the session.",
        )
    run.operator.tell(Said(f"{_title(run)}. {told.start.code} {told.start.title} is not done any more."))
    _go_on_from(run, plan, told.start, "its check says that it is not done any more")


def _with_somebody(run: Run, plan: Plan) -> None:
    request = ChoiceRequest(
        id=f"taken-back:{run.state.taken_back}",
        title=_title(run),
        text="What was done before does not stand as the journal has it. From where is the run gone on with?",
        choices=(
            Choice("ask", "Ask the checks of the steps that were done, and show the first that is not any more"),
            Choice("from", "Go on from a step you name; it and all behind it are walked again", reason=True),
            Choice("stop", "Stop here; nothing is done"),
        ),
        default="ask",
    )
    while True:
        chosen = run.operator.choose(request)
        match chosen.key:
            case "ask":
                if (start := _shown(run, _asked(run, plan))) is not None:
                    _go_on_from(run, plan, start, "its check says that it is not done any more")
                    return
            case "from":
                if (start := _named(run, plan)) is not None:
                    _go_on_from(run, plan, start, chosen.reason)
                    return
            case _:
                raise StoppedError(f"stopped: {_title(run)}", hint="`wizard resume` asks again.")


def _title(run: Run) -> str:
    words = run.state.detail or f"the procedure {run.state.taken_back} took it back"
    return f"{words[:1].upper()}{words[1:]}"


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


# -- what the checks tell ------------------------------------------------------------------------


def _asked(run: Run, plan: Plan) -> _Told:
    """Ask the checks of the steps that were done since the hop that was taken back, up to the first that fails."""
    unclear: list[tuple[PlannedStep, str]] = []
    for phase in plan.phases:
        for leaf in leaves(phase.steps) if phase.hop >= run.state.taken_back_hop else ():
            status = run.state.status(leaf.key)
            if status in _PASSED_BY or _passed_by_around(run, phase, leaf):
                continue
            if status not in _DONE:
                return _Told(leaf, tuple(unclear))
            match _stands(run, leaf):
                case False:
                    return _Told(leaf, tuple(unclear))
                case str() as why:
                    unclear.append((leaf, why))
                case _:
                    pass
    return _Told(None, tuple(unclear))


def _passed_by_around(run: Run, phase: PlannedPhase, leaf: PlannedStep) -> bool:
    """Whether the phase or a group the step stands in was not needed or skipped."""
    around = leaf.key.rpartition("/")[0]
    while len(around) >= len(phase.key):
        if run.state.status(around) in _PASSED_BY:
            return True
        around = around.rpartition("/")[0]
    return False


def _stands(run: Run, leaf: PlannedStep) -> bool | str:
    """Whether what a step did still stands; why that cannot be told, where it may have changed something."""
    step = model_of(run, leaf)
    if not step.done_when:
        changes = leaf.action in _CHANGING and leaf.impact not in _MILD and not leaf.makes_backup
        return "it has no check that tells (`done_when`)" if changes and run.state.touched(leaf.key) else True
    ask_for_secrets(run, *chain_of(run, leaf))
    ask_for_names(run, leaf.key)
    env = from_snapshot(run, run.state.step(leaf.key).names, leaf.key)
    findings = ask_all(run, step.done_when, env, chain_of(run, leaf))
    for finding in findings:
        if not finding.passed:
            run.operator.tell(CheckAsked(finding))
    if any(one.status in (Status.FAIL, Status.RISK) for one in findings):
        return False
    bad = [one for one in findings if not one.passed]
    return "; ".join(as_lines(bad)) if bad else True


def _shown(run: Run, told: _Told) -> PlannedStep | None:
    """Show what the checks tell, and take the word to go on from there; None: choose otherwise."""
    if told.start is None:
        run.operator.tell(Said("By its own checks everything is still done, so they do not say from where to go on."))
        return None
    name = f"{told.start.code} {told.start.title}"
    kept = "Nothing before it is walked again."
    doubt = f"{kept} Of these steps nobody knows whether they still stand:" if told.open else kept
    chosen = run.operator.choose(
        ChoiceRequest(
            id="taken-up",
            title=f"The first step that is not done any more is {name}",
            text=f"It and all behind it are walked again. {doubt}",
            choices=(
                Choice("go-on", f"Go on from {name}", danger=bool(told.open)),
                Choice("back", "Choose otherwise"),
            ),
            lines=told.lines(),
            default="back" if told.open else "go-on",
        )
    )
    return told.start if chosen.key == "go-on" else None


# -- a step that is named ------------------------------------------------------------------------


def _named(run: Run, plan: Plan) -> PlannedStep | None:
    """Let the operator choose a phase and a step in it; None: neither."""
    phases = [phase for phase in plan.phases if phase.included is not Included.NO and list(leaves(phase.steps))]
    hops = {hop.number: f" (to {hop.to_version})" if len(plan.hops) > 1 else "" for hop in plan.hops}
    phase = _one_of(run, "phase", [(one.key, f"{one.code} {one.title}{hops[one.hop]}") for one in phases])
    found = next((one for one in phases if one.key == phase), None)
    if found is None:
        return None
    steps = [one for one in found.steps if list(leaves((one,)))]
    name = _one_of(run, "step", [(one.key, f"{one.code} {one.title}") for one in steps])
    return next((leaf for one in steps if one.key == name for leaf in leaves((one,))), None)


def _one_of(run: Run, what: str, named: Sequence[tuple[str, str]]) -> str:
    """The key of the one that was chosen; empty where none was."""
    chosen = run.operator.choose(
        ChoiceRequest(
            id=f"taken-up-{what}",
            title=f"From which {what}?",
            text="",
            choices=(*(Choice(key, words) for key, words in named), Choice("none", "None of these")),
        )
    )
    return "" if chosen.key == "none" else chosen.key


def _go_on_from(run: Run, plan: Plan, start: PlannedStep, reason: str) -> None:
    """Journal that a step and all behind it are to be walked again."""
    state = run.state
    behind = list(_from(plan, start))
    keys = [leaf.key for leaf in behind if not leaf.steps and state.status(leaf.key) in _AGAIN]
    keys += [one.key for one in behind if one.steps and state.status(one.key) is StepStatus.SKIPPED]
    phases = [phase.key for phase in plan.phases if any(one.key.startswith(f"{phase.key}/") for one in behind)]
    known = {one.key for one in behind} | set(phases[1:])
    again = [key for key in state.decided if key in known]
    run.record(Record.TAKEN_UP, start=start.key, reason=reason, keys=keys, again=again, phases=phases)


def _from(plan: Plan, start: PlannedStep) -> Iterator[PlannedStep]:
    """A step and everything behind it, groups before their parts."""
    reached = False
    for phase in plan.phases:
        for step in within(phase.steps):
            reached = reached or step.key == start.key
            if reached:
                yield step
