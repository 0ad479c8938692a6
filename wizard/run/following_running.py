"""How a running command does, told from its folder: how long it takes, whether it is silent or repeats itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wizard.guide.models import ActionKind
from wizard.run.output_reading import AttemptOutput
from wizard.run.session_view import RunningSeen
from wizard.run.stall import StallWatch
from wizard.run.state import StepStatus
from wizard.units import show_duration

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.guide.loader import LoadedGuide
    from wizard.host.clock import Clock
    from wizard.plan.model import PlannedStep
    from wizard.run.session_view import AttemptSeen
    from wizard.run.state import StepState


class RunningWatch:
    """Looks at the one command a run stands at, as the driver's own watch does. `seen` is what the last look saw."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Look into the attempts of the session in `folder`."""
        self._folder = folder
        self._clock = clock
        self._stall: StallWatch | None = None
        self._of = ""
        self.seen: RunningSeen | None = None

    def nothing(self) -> None:
        """There is nothing at work."""
        self.seen = None

    def look(
        self, planned: PlannedStep, step: StepState, attempt: AttemptSeen | None, guide: LoadedGuide | None
    ) -> None:
        """Look at the step a run stands at; `attempt` is the command of it that was started and has not ended."""
        at_work = step.status in (StepStatus.RUNNING, StepStatus.UNDOING)
        if not at_work or step.began_boot != self._clock.boot():
            self.seen = None
            return
        since = attempt.began if attempt is not None and attempt.began is not None else step.began_at
        measured = attempt is not None or planned.action is ActionKind.WAIT
        takes = planned.takes if measured else None
        notices = [self._slow(since, takes), self._stuck(planned, attempt, guide)]
        name = attempt.id if attempt is not None else ""
        self.seen = RunningSeen(planned.key, name, since, takes, " ".join(filter(None, notices)))

    def _slow(self, since: float, takes: float | None) -> str:
        if takes is None or self._clock.boottime() - since <= takes:
            return ""
        return f"It takes longer than usual (usually {show_duration(takes)})."

    def _stuck(self, planned: PlannedStep, attempt: AttemptSeen | None, guide: LoadedGuide | None) -> str:
        if attempt is None or guide is None:
            self._stall, self._of = None, ""
            return ""
        if self._of != attempt.id:
            from wizard.guide.walk import model_at

            output = _OutputOnDisk(self._folder / "attempts" / attempt.id, self._clock)
            self._stall, self._of = StallWatch(model_at(guide.guide, planned.path).stall, output), attempt.id
        return self._stall.notice() if self._stall is not None else ""


class _OutputOnDisk:
    """The output of a command as whoever looks on has it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._spool = folder / "output"
        self._clock = clock
        self.read = AttemptOutput(folder).read

    def quiet_seconds(self) -> float:
        """Give the seconds since the spool last grew; 0 where there is none yet."""
        try:
            written = os.stat(self._spool, follow_symlinks=False).st_mtime  # noqa: PTH116 - never through a link
        except OSError:
            return 0.0
        return max(0.0, self._clock.now().timestamp() - written)
