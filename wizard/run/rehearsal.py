"""Walking a plan without touching the machine: the adapter that stands in for the real effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.checks.model import finding_from
from wizard.checks.words import would_be_held
from wizard.errors import ExitCode
from wizard.host.protocols import Exit, Found, FoundState
from wizard.run.asking import blocking
from wizard.run.effects import Ended
from wizard.run.events import CommandStarted, Said
from wizard.run.judge import VerdictKind
from wizard.run.records import Record, veiled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.checks.model import Finding
    from wizard.errors import StepFailedError
    from wizard.guide.models.steps import Capture
    from wizard.plan.model import PlannedStep
    from wizard.run.context import Run
    from wizard.run.edits import Change
    from wizard.run.effects import Attention, Request
    from wizard.run.work import Work

_ATTEMPT: Final = "rehearsed"
"""What stands in the place of an attempt's id."""


class RehearsedEffects:
    """Shows every command and every difference, and does none of them."""

    rehearsed = True

    def command(self, run: Run, request: Request) -> Ended:
        """Show the command with its values, and take it as well ended; stand-ins take the place of its captures."""
        self.begin(run, request)
        if request.command.captures:
            values = {name: _stand_in(name, rule) for name, rule in request.command.captures.items()}
            run.record(Record.CAPTURED, key=request.planned.key, values=veiled(values))
        return Ended(_ATTEMPT, Exit(0, None, "", 0, 0, 0.0))

    def begin(self, run: Run, request: Request) -> str:
        """Show the command with its values."""
        run.operator.tell(CommandStarted(request.planned, _ATTEMPT, request.command.shown, rehearsed=True))
        return _ATTEMPT

    def attend(self, run: Run, attention: Attention) -> Ended:
        """Nothing is ever left running by a rehearsal."""
        del run
        return Ended(attention.attempt, Exit(0, None, "", 0, 0, 0.0))

    def stop(self, run: Run, planned: PlannedStep, attempt: str) -> Ended:
        """Nothing of a rehearsal runs."""
        del run, planned
        return Ended(attempt, Exit(0, None, "", 0, 0, 0.0))

    def find(self, run: Run, attempt: str) -> Found:
        """Nothing was started."""
        del run, attempt
        return Found(FoundState.NEVER_RAN, "a rehearsal runs nothing")

    def stop_survivors(self, run: Run, attempt: str) -> None:
        """There are none."""

    def edit(self, run: Run, planned: PlannedStep, change: Change) -> None:
        """Leave the file alone; the difference has been shown."""
        del planned
        run.operator.tell(Said(f"{change.target} is not changed: this is a rehearsal"))

    def spool(self, run: Run, attempt: str) -> Path:
        """There is no output; the file named here does not exist."""
        return run.folder / "attempts" / attempt / "output"

    def held_back(self, blockers: Sequence[Finding]) -> bool:
        """A machine on which nothing is changed needs not be ready for it."""
        del blockers
        return False

    def verdict(self, findings: tuple[Finding, ...]) -> bool:
        """Checks are asked and shown; what they say of a machine that was not changed decides nothing."""
        del findings
        return True

    def judged(self) -> VerdictKind | None:
        """Every command counts as well ended."""
        return VerdictKind.DONE

    def wait_needed(self) -> bool:
        """Nothing is waited for."""
        return False

    def goes_beside(self) -> bool:
        """Nothing goes on beside a rehearsal."""
        return False

    def asks_first(self) -> bool:
        """Nothing is done, so no word is needed."""
        return False

    def looks_again(self) -> bool:
        """A machine that was not changed has nothing new to say."""
        return False

    def without_change(self, run: Run, file: str, error: StepFailedError) -> Change:
        """A step before this one, or a value that a rehearsal has only a stand-in for, may have made it fit."""
        from wizard.run.edits import Change

        words = f"What this step makes of {file} cannot be shown in a rehearsal: {error.message}"
        run.operator.tell(Said(words, "warning"))
        return Change(file, file, None, b"", in_place=False, shown=(), unseen=True)

    def holds_before(self, run: Run, work: Work) -> bool | None:
        """Nothing is taken as already done, so that everything is shown."""
        del run, work
        return None

    def came_through(self, run: Run) -> tuple[ExitCode, str]:
        """A rehearsal that went past findings which block ends as the run itself would."""
        if not (blockers := blocking(run, map(finding_from, run.state.findings))):
            return ExitCode.DONE, ""
        return ExitCode.BLOCKED, would_be_held(blockers)


def _stand_in(name: str, rule: str | Capture) -> Any:
    """A value of the declared type, so that later texts and conditions can be worked out."""
    if isinstance(rule, str):
        return f"<{name}>"
    value: Any = {"number": 1, "size": 1, "version": "1.0.0"}.get(rule.as_, f"<{name}>")
    return [value] if rule.all else value
