"""What taking something back will do, in lines to be read before the yes.

How many steps, which ones and in which order, how each is taken back, what stays, how far back it goes, what that
means for the data, and how long it takes: as far as guide and journal say so. Nothing is done by telling it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.guide.models import Impact
from wizard.plan.addresses import phase_of
from wizard.plan.model import Included
from wizard.plan.steps import leaves
from wizard.plan.words import some, times_of_steps
from wizard.run.growing import called_steps
from wizard.run.names import environment
from wizard.run.places import model_of
from wizard.run.state import StepStatus
from wizard.run.undo import Undo, can_undo
from wizard.run.undo_steps import planned_undo
from wizard.run.units import is_touched
from wizard.run.way_back import backups
from wizard.run.words_first import comes
from wizard.templates.readable import readable
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.plan.model import PlannedStep
    from wizard.run.context import Run
    from wizard.run.walk import Walk

_NAMED: Final = 8
"""Steps that are named; of more than these the first ones are, and where it ends."""
_LEFT_NAMED: Final = 4
_GOES_ON: Final = "It can be stopped on the way, and gone on with later."


def words_of_scope(walk: Walk, scope: str) -> tuple[str, ...]:
    """What an undo of `scope` (`run`, `phase:KEY`, `step:KEY`) will do; empty where there is nothing to undo."""
    undo, run = Undo(walk), walk.run
    units = undo.goes_over(scope)
    if not units:
        return ()
    taken = [unit for unit in units if _has_way_back(run, unit)]
    stays = undo.without_undo(units)
    return (
        _how_much(run, taken),
        *_no_further(walk, scope),
        *_stays(stays),
        *_data(walk, units),
        *_one_by_one(undo, run, taken),
        *_looked(len(units) - len(taken) - len(stays)),
        *_owed(walk, units),
        *([_GOES_ON] if taken else []),
    )


def words_of_step(walk: Walk, planned: PlannedStep) -> tuple[str, ...]:
    """What an undo of one step alone will do."""
    undo, run = Undo(walk), walk.run
    return (_how_much(run, [planned]), *_data(walk, [planned]), *_one_by_one(undo, run, [planned]))


def words_of_call(run: Run, name: str, hop: int) -> tuple[str, ...]:
    """What calling a procedure that takes the run back will do; empty for one that does not."""
    procedure = run.loaded.guide.procedures.get(name)
    if procedure is None or procedure.impact is not Impact.RESTORING:
        return ()
    prefix = f"procedure/{name}/{run.state.procedures.get(name, 0) + 1}"
    steps = [one for one in leaves(called_steps(run.loaded, run.state, prefix)) if one.included is not Included.NO]
    env = environment(run, hop=hop)
    much = f"{readable(procedure.title, env)}: {counted(len(steps), 'step')} of the procedure {name}."
    return (
        f"{much}{_needed(*times_of_steps(steps))}",
        "Then the run counts as taken back; `wizard resume` asks from where it is gone on with.",
        "In this order:",
        *_listed([f"{number}. {readable(step.title, env)}" for number, step in enumerate(steps, 1)]),
    )


# -- the parts -----------------------------------------------------------------------------------


def _has_way_back(run: Run, unit: PlannedStep) -> bool:
    begun = run.state.status(unit.key) is StepStatus.UNDOING
    return (begun or is_touched(run.state, unit)) and can_undo(model_of(run, unit), run.state.step(unit.key))


def _how_much(run: Run, taken: Sequence[PlannedStep]) -> str:
    """How many steps are taken back, and how long that takes as far as the guide says so."""
    if not taken:
        return "There is nothing in it that can be taken back."
    are = "is" if len(taken) == 1 else "are"
    return f"{counted(len(taken), 'step')} {are} taken back.{_needed(*_times(run, taken))}"


def _one_by_one(undo: Undo, run: Run, taken: Sequence[PlannedStep]) -> Iterator[str]:
    """Each step that is taken back with how, in the order of the undo."""
    if taken:
        yield "In this order:" if len(taken) > 1 else "Taken back:"
        yield from _listed([f"{_named(unit)}: {_how(undo, run, unit)}" for unit in taken[:_NAMED]])
    if len(taken) > _NAMED:
        yield f"  and {len(taken) - _NAMED:,} more, the last of them {_named(taken[-1])}"


def _listed(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:_NAMED])
    if len(lines) > _NAMED:
        yield f"  and {len(lines) - _NAMED:,} more, the last of them {lines[-1]}"


def _how(undo: Undo, run: Run, unit: PlannedStep) -> str:
    """The ways a step is taken back, in the order they are gone."""
    model, state = model_of(run, unit), run.state.step(unit.key)
    ways: list[str] = []
    if state.status in (StepStatus.RUNNING, StepStatus.UNKNOWN) or model.background:
        ways.append("what may still run of it is ended")
    if model.undo:
        env = undo.names(unit)
        ways += [readable(step.title, env) for step in model.undo if comes(step, env)]
    else:
        ways += [f"{target} is put back" for target in dict.fromkeys(edit.target for edit in reversed(state.edits))]
    return ", then ".join(ways) or "nothing of its undo is needed"


def _looked(count: int) -> Iterator[str]:
    if count > 0:
        yield f"{counted(count, 'step')} more {'has' if count == 1 else 'have'} nothing to take back."


def _stays(stays: Sequence[PlannedStep]) -> Iterator[str]:
    if stays:
        names = some([_named(step) for step in stays], ", ", _LEFT_NAMED)
        yield f"Stays as it is, because it has no undo: {names}."


def _no_further(walk: Walk, scope: str) -> Iterator[str]:
    """Where it ends: at the last point of no return that was passed, where the scope reaches that far."""
    points = {key for _, key in walk.plan.point_of_no_return}
    phases = [phase for phase in walk.plan.phases if scope in ("run", f"phase:{phase.key}")]
    passed = [
        step for phase in phases for step in leaves(phase.steps) if step.key in points
        and walk.run.state.is_passed(step.key)
    ]  # fmt: skip
    if passed:
        yield f"It goes back no further than {_named(passed[-1])}, which cannot be undone."


def _owed(walk: Walk, units: Iterable[PlannedStep]) -> Iterator[str]:
    """What is done at the end of the phases that are gone back over."""
    phases = {phase_of(unit.key) for unit in units}
    for phase in walk.plan.phases:
        if phase.key in phases and walk.run.state.phase(phase.key).finally_owed:
            names = [_named(step) for step in phase.finally_steps if step.included is not Included.NO]
            yield f"After it, at the end of {phase.code} {phase.title}: {some(names, ', ', _LEFT_NAMED)}."


def _data(walk: Walk, units: Iterable[PlannedStep]) -> Iterator[str]:
    """What becomes of data that only a backup brings back."""
    state = walk.run.state
    inside = [leaf for unit in units for leaf in (leaves(unit.steps) if unit.steps else (unit,))]
    codes = [leaf.code for leaf in inside if leaf.impact is Impact.NEEDS_RESTORE and state.touched(leaf.key)]
    if codes:
        made = backups(walk.plan, state) or "this run has made none"
        yield (
            f"What {some(codes, ', ', _LEFT_NAMED)} changed comes back only from the backup ({made}); "
            "data written since then is not in it."
        )


def _times(run: Run, taken: Iterable[PlannedStep]) -> tuple[float, int]:
    """Seconds that the undo steps usually take, and how many there are whose time is not known."""
    known: dict[str, tuple[float, int]] = {}
    seconds, unknown = 0.0, 0
    for unit in taken:
        if unit.path not in known:
            undos = [
                planned_undo(run.loaded, unit, model, number)
                for number, model in enumerate(model_of(run, unit).undo, 1)
            ]
            known[unit.path] = times_of_steps(leaves(undos))
        seconds += known[unit.path][0]
        unknown += known[unit.path][1]
    return seconds, unknown


def _needed(seconds: float, unknown: int) -> str:
    """How long something takes, as a sentence behind another one; empty where nothing of it takes a time."""
    if not seconds:
        return " The guide does not say how long it takes." if unknown else ""
    return f" It {'takes at least' if unknown else 'usually takes'} {show_duration(seconds)}."


def _named(step: PlannedStep) -> str:
    return f"{step.code} {step.title}"
