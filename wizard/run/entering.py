"""Before a phase: whether it is walked, and what its boxes say.

Where that cannot be worked out, a person decides as about a step, and the facts that are not known are read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import ExitCode, ExpressionError, HostError, StepFailedError
from wizard.run import alone, boxes, decisions
from wizard.run.context import Leave
from wizard.run.events import Said
from wizard.run.missing_facts import read_missing, told, why_of
from wizard.run.operator import Choice, ChoiceRequest
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from wizard.plan.model import PlannedPhase
    from wizard.run.walk import Walk


def enter_phase(walk: Walk, phase: PlannedPhase) -> bool:
    """Whether a phase is walked; its condition and its boxes can be worked out from here on. Leaves where they cannot.

    A driver who comes back looks for the facts that are missing before anybody is asked.
    """
    run, looked = walk.run, walk.run.epoch == 1
    while True:
        try:
            if not walk.wanted(phase):
                return False
            alone.enter(run, phase)
            boxes.of_phase(run, phase)
        except (StepFailedError, ExpressionError, HostError) as error:
            if looked:
                _try_again(walk, phase, why_of(run, phase, {}, error))
            looked = True
            read_missing(run, phase, {})
        else:
            return True


def _try_again(walk: Walk, phase: PlannedPhase, why: str) -> None:
    """Let a person decide; comes back where it is to be tried again."""
    run, name = walk.run, f"{phase.code} {phase.title}"
    reason, missing = f"{name}: {why}", told(run, phase, {})
    if not run.operator.attended:
        for line in missing:
            run.operator.tell(Said(line, "warning"))
        raise Leave(SessionState.FAILED, reason, ExitCode.STEP_FAILED)
    began = run.state.phase(phase.key).began
    while True:
        chosen = decisions.choose(
            run,
            ChoiceRequest(
                id=f"failed:{phase.id}",
                title=f"{name} {'cannot be gone on with' if began else 'was not begun'}",
                text="\n".join((why, *missing)),
                choices=(
                    Choice("again", "Try again"),
                    *decisions.undo_choices(walk, phase.key),
                    *decisions.last_choices(run),
                ),
            ),
        )
        match chosen.key:
            case "again":
                return
            case "undo-phase" | "undo-run":
                decisions.undo_scope(walk, phase.key, chosen.key.removeprefix("undo-"))
            case _:
                raise Leave(SessionState.STOPPED, reason, ExitCode.STOPPED)
