"""What a run does to the machine; a rehearsal puts another adapter in this place, and nothing else changes."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

from wizard.errors import ExitCode
from wizard.host.protocols import FoundState, LiveState, SecretInput, Spec
from wizard.run.context import Leave
from wizard.run.events import CommandEnded, CommandStarted, Said
from wizard.run.judge import VerdictKind, ending
from wizard.run.operator import Choice, ChoiceRequest, Watching, Wish
from wizard.run.records import Record
from wizard.run.stall import StallWatch
from wizard.run.state import SessionState
from wizard.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.checks.model import Finding
    from wizard.expressions import Environment
    from wizard.guide.models import StepCheck
    from wizard.guide.models.steps import Stall
    from wizard.host.protocols import Commands, Exit, Found, Live
    from wizard.plan.model import PlannedStep
    from wizard.run.context import Run
    from wizard.run.edits import Change, MissingFileError
    from wizard.run.surroundings import Command


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of an attempt: its exit where it left one, else the verdict on its folder."""

    attempt: str
    exit: Exit | None
    found: Found | None = None


class Effects(Protocol):
    """Doing something to the machine."""

    rehearsed: bool
    """Whether nothing is really done; only words for the operator may depend on it."""

    def command(
        self,
        run: Run,
        planned: PlannedStep,
        command: Command,
        *,
        baseline: bool | None,
        stall: Stall | None = None,
    ) -> Ended:
        """Start a command, attend it, and say how it ended."""

    def attend(self, run: Run, planned: PlannedStep, attempt: str, shown: str, stall: Stall | None = None) -> Ended:
        """Attach to an attempt that was started before, and attend it."""

    def find(self, run: Run, attempt: str) -> Found:
        """Say what became of an attempt nobody attended."""

    def stop_survivors(self, run: Run, attempt: str) -> None:
        """Stop what an attempt left behind whose supervisor is gone."""

    def edit(self, run: Run, planned: PlannedStep, change: Change) -> None:
        """Change a file; the copy, the intent and the end are journalled."""

    def spool(self, run: Run, attempt: str) -> Path:
        """Where the attempt's output lies."""

    def verdict(self, findings: tuple[Finding, ...]) -> bool:
        """Whether the checks of a step hold, as far as the step is concerned."""

    def judged(self) -> VerdictKind | None:
        """What every command counts as; None where it is judged by its exit and output."""

    def wait_needed(self) -> bool:
        """Whether waits are really waited."""

    def asks_first(self) -> bool:
        """Whether the operator's word is taken before a step acts."""

    def looks_again(self) -> bool:
        """Whether the machine is looked at again where a later hop begins."""

    def without_file(self, run: Run, error: MissingFileError) -> Change:
        """Give the change of a file that does not exist and is not made by the edit; else raise `error`."""

    def holds_before(self, checks: list[StepCheck], env: Environment, run: Run) -> bool | None:
        """What `done_when` says before the start; None where it cannot matter."""


class LiveEffects:
    """Really doing it, by commands that survive this process."""

    rehearsed = False

    def __init__(self, commands: Commands) -> None:
        """Start and find commands through `commands`."""
        self._commands = commands

    def command(
        self,
        run: Run,
        planned: PlannedStep,
        command: Command,
        *,
        baseline: bool | None,
        stall: Stall | None = None,
    ) -> Ended:
        """Prepare, announce, start, attend (DESIGN §5)."""
        attempt = run.state.attempt_id(planned.key)
        folder = self._folder(run, attempt)
        if folder.exists():
            # Prepared by a driver that died before it announced it; what is not announced is never started.
            shutil.rmtree(folder)
        sha256 = self._commands.prepare(folder, _spec(attempt, command, attended=run.operator.attended))
        run.record(
            Record.ATTEMPT_INTENDED,
            key=planned.key,
            attempt=attempt,
            shown=command.shown,
            baseline=baseline,
            spec_sha256=sha256,
        )
        stdin = command.stdin if isinstance(command.stdin, Secret) else None
        for secret in (*command.secret_environment.values(), *([stdin] if stdin else [])):
            run.secrets.add(secret)
        self._commands.start(folder, SecretInput(command.secret_environment, stdin, run.secrets.all()))
        run.operator.tell(CommandStarted(planned, attempt, command.shown))
        return self._attend(run, planned, attempt, command.shown, stall, terminal=command.terminal)

    def attend(self, run: Run, planned: PlannedStep, attempt: str, shown: str, stall: Stall | None = None) -> Ended:
        """Attach and attend."""
        run.operator.tell(CommandStarted(planned, attempt, shown, attached=True))
        return self._attend(run, planned, attempt, shown, stall, terminal=self._has_terminal(run, attempt))

    def find(self, run: Run, attempt: str) -> Found:
        """Judge the attempt's folder; where nothing ran, make sure that nothing will."""
        return self._commands.find(self._folder(run, attempt))

    def stop_survivors(self, run: Run, attempt: str) -> None:
        """TERM, then KILL."""
        self._commands.kill_survivors(self._folder(run, attempt))

    def spool(self, run: Run, attempt: str) -> Path:
        """The file `output` of the attempt."""
        return self._folder(run, attempt) / "output"

    def verdict(self, findings: tuple[Finding, ...]) -> bool:
        """All that were not skipped passed, and there is at least one."""
        from wizard.checks.model import Status

        asked = [finding for finding in findings if finding.status is not Status.SKIPPED]
        return bool(asked) and all(finding.passed for finding in asked)

    def judged(self) -> VerdictKind | None:
        """By exit and output."""
        return None

    def wait_needed(self) -> bool:
        """Waits are waited."""
        return True

    def asks_first(self) -> bool:
        """It is."""
        return True

    def looks_again(self) -> bool:
        """It is."""
        return True

    def without_file(self, run: Run, error: MissingFileError) -> Change:
        """What is not there cannot be changed."""
        del run
        raise error

    def holds_before(self, checks: list[StepCheck], env: Environment, run: Run) -> bool | None:
        """Ask `done_when` as the baseline."""
        from wizard.run.asking import ask_all

        return self.verdict(ask_all(run, checks, env)) if checks else None

    def edit(self, run: Run, planned: PlannedStep, change: Change) -> None:
        """Copy, announce, replace, record."""
        from wizard.run.edits import apply_change

        apply_change(run, planned.key, change)

    def _folder(self, run: Run, attempt: str) -> Path:
        return run.folder / "attempts" / attempt

    def _has_terminal(self, run: Run, attempt: str) -> bool:
        import json

        spec = json.loads((self._folder(run, attempt) / "spec.json").read_text(encoding="utf-8"))
        return bool(spec.get("terminal"))

    def _attend(
        self, run: Run, planned: PlannedStep, attempt: str, shown: str, stall: Stall | None, *, terminal: bool
    ) -> Ended:
        folder = self._folder(run, attempt)
        live = self._commands.attach(folder, run.epoch)
        try:
            self._until_ended(run, planned, attempt, live, Showing(shown, stall, terminal))
        finally:
            live.close()
        found = self._commands.find(folder)
        if found.state is not FoundState.ENDED or found.exit is None:
            return Ended(attempt, None, found)
        run.record(Record.ATTEMPT_ENDED, key=planned.key, attempt=attempt, exit=asdict(found.exit))
        run.operator.tell(CommandEnded(attempt, ending(found.exit), found.exit.seconds))
        return Ended(attempt, found.exit, found)

    def _until_ended(self, run: Run, planned: PlannedStep, attempt: str, live: Live, showing: Showing) -> None:
        watch = StallWatch(showing.stall, live)
        notice = ""
        while live.state() is LiveState.RUNNING:
            wish = run.operator.attend(
                Watching(
                    step=planned,
                    shown=showing.shown,
                    terminal=showing.terminal,
                    live=live,
                    notice=notice,
                    stalled=watch.notice,
                    takes=planned.takes,
                )
            )
            notice = ""
            if live.state() is not LiveState.RUNNING:
                return
            match wish:
                case Wish.STOP:
                    self._stop(run, planned, attempt, live)
                case Wish.LEAVE | Wish.HAND_OVER:
                    reason = f"{planned.code} {planned.title} runs on without the wizard"
                    raise Leave(SessionState.WAITING, reason, ExitCode.STOPPED, sets_back=False)
                case _ if why := watch.notice():
                    notice = self._stalled(run, planned, attempt, live, why)
                    watch.calm()
                case _:
                    live.wait(0.2)

    def _stop(self, run: Run, planned: PlannedStep, attempt: str, live: Live) -> None:
        run.record(Record.STOP_ASKED, key=planned.key, attempt=attempt)
        live.stop()

    def _stalled(self, run: Run, planned: PlannedStep, attempt: str, live: Live, why: str) -> str:
        """Ask what to do about a command that seems stuck; gives the notice to go on with."""
        if not run.operator.attended:
            run.operator.tell(Said(f"{planned.code}: {why}", "warning"))
            return why
        chosen = run.operator.choose(
            ChoiceRequest(
                id=f"stalled:{planned.id}",
                title=f"{planned.code} {planned.title} seems stuck",
                text=why,
                choices=(
                    Choice("wait", "Wait on"),
                    Choice("stop", "Stop the command", danger=True),
                    Choice("leave", "Leave the wizard; the command runs on"),
                ),
                default="wait",
            )
        )
        match chosen.key:
            case "stop":
                self._stop(run, planned, attempt, live)
            case "leave":
                reason = f"{planned.code} {planned.title} runs on without the wizard"
                raise Leave(SessionState.WAITING, reason, ExitCode.STOPPED, sets_back=False)
            case _:
                pass
        return why


@dataclass(frozen=True, slots=True)
class Showing:
    """How a command is shown while it runs."""

    shown: str
    stall: Stall | None
    terminal: bool


def _spec(attempt: str, command: Command, *, attended: bool) -> Spec:
    """The command as it is written down: without secrets."""
    stdin = command.stdin
    return Spec(
        attempt=attempt,
        argv=command.argv,
        folder=command.folder,
        user=command.user,
        environment=command.environment,
        secret_names=tuple(command.secret_environment),
        terminal=command.terminal,
        controlling_terminal=attended or command.terminal,
        stdin=stdin if isinstance(stdin, str) else None,
        stdin_secret=isinstance(stdin, Secret),
        cap=_cap(),
        timeout=command.timeout,
        timeout_stops=command.timeout is not None,
        stop=command.stop,
        umask=_umask(),
    )


def _cap() -> int:
    from wizard.settings import load_settings

    return load_settings().spool_cap


def _umask() -> int:
    import os

    mask = os.umask(0o077)
    os.umask(mask)
    return mask


__all__ = ["Effects", "Ended", "LiveEffects"]
