"""What a run does to the machine; a rehearsal puts another adapter in this place, and nothing else changes."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Protocol

from wizard.errors import ExitCode
from wizard.host.clock import SystemClock
from wizard.host.protocols import Found, FoundState, LiveState, SecretInput, Spec
from wizard.run.context import Leave
from wizard.run.events import CommandEnded, CommandStarted, Said
from wizard.run.judge import VerdictKind, ending
from wizard.run.operator import NOTHING_LEFT, Choice, ChoiceRequest, Pausing, Watching, Wish
from wizard.run.records import Record
from wizard.run.session_state import SessionState
from wizard.run.stall import StallWatch
from wizard.run.unkept import Unkept
from wizard.run.untold import set_aside, was_begun
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wizard.checks.model import Finding
    from wizard.errors import StepFailedError
    from wizard.guide.models.steps import Stall
    from wizard.host.protocols import Commands, Exit, Live
    from wizard.plan.model import PlannedStep
    from wizard.run.context import Run
    from wizard.run.edits import Change
    from wizard.run.operator import Room
    from wizard.run.surroundings import Command
    from wizard.run.work import Work


PROMPT: Final = 2.0
"""Seconds a command that is being stopped has before anything is said about it."""


def _never_enough() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Request:
    """A command of a step that is to be started; `baseline` is what `done_when` said just before."""

    planned: PlannedStep
    command: Command
    baseline: bool | None
    stall: Stall | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """A started attempt that is to be attended; `enough` says why it need not be any longer (empty: go on).

    `enough` is asked about once a second, from the thread that attends. `again` says that it was started
    before, so that the operator is told that it is attached to.
    """

    planned: PlannedStep
    attempt: str
    shown: str
    stall: Stall | None = None
    enough: Callable[[], str] = _never_enough
    again: bool = True


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of an attempt: its exit where it left one, else the verdict on its folder.

    One that runs on, because it was attended long enough, has the verdict `running`.
    """

    attempt: str
    exit: Exit | None
    found: Found | None = None


class Effects(Protocol):
    """Doing something to the machine."""

    rehearsed: bool
    """Whether nothing is really done; only words for the operator may depend on it."""

    def command(self, run: Run, request: Request) -> Ended:
        """Start a command, attend it, and say how it ended."""

    def begin(self, run: Run, request: Request) -> str:
        """Start a command and give its attempt; nobody attends it yet."""

    def attend(self, run: Run, attention: Attention) -> Ended:
        """Attach to an attempt that was started before, and attend it."""

    def stop(self, run: Run, planned: PlannedStep, attempt: str) -> Ended:
        """Have an attempt stopped, the guide's own way first, and wait for its end; its output is not shown."""

    def find(self, run: Run, attempt: str) -> Found:
        """Say what became of an attempt nobody attended."""

    def stop_survivors(self, run: Run, attempt: str) -> None:
        """Stop what an attempt left behind whose supervisor is gone."""

    def edit(self, run: Run, planned: PlannedStep, change: Change) -> None:
        """Change a file; the copy, the intent and the end are journalled."""

    def spool(self, run: Run, attempt: str) -> Path:
        """Where the attempt's output lies."""

    def held_back(self, blockers: Sequence[Finding]) -> bool:
        """Whether findings that block, and were not bypassed, keep the walk from beginning."""

    def verdict(self, findings: tuple[Finding, ...]) -> bool:
        """Whether the checks of a step hold, as far as the step is concerned."""

    def judged(self) -> VerdictKind | None:
        """What every command counts as; None where it is judged by its exit and output."""

    def wait_needed(self) -> bool:
        """Whether waits are really waited."""

    def goes_beside(self) -> bool:
        """Whether anything is really done beside the walk: commands that run on, checks that are kept asking."""

    def asks_first(self) -> bool:
        """Whether the operator's word is taken before a step acts."""

    def looks_again(self) -> bool:
        """Whether the machine is looked at again where a later hop begins."""

    def without_change(self, run: Run, file: str, error: StepFailedError) -> Change:
        """Give the change of a file that is not there, or is not as the edit needs it; else raise `error`."""

    def holds_before(self, run: Run, work: Work) -> bool | None:
        """What `done_when` says before the start; None where it cannot matter."""

    def came_through(self, run: Run) -> tuple[ExitCode, str]:
        """How a walk that came to its end ends, and what is to be said of that."""


class LiveEffects:
    """Really doing it, by commands that survive this process."""

    rehearsed = False

    def __init__(self, commands: Commands) -> None:
        """Start and find commands through `commands`."""
        self._commands = commands

    def command(self, run: Run, request: Request) -> Ended:
        """Start, then attend."""
        attempt = self._start(run, request)
        return self._attend(run, Attention(request.planned, attempt, request.command.shown, request.stall))

    def begin(self, run: Run, request: Request) -> str:
        """Start."""
        return self._start(run, request)

    def attend(self, run: Run, attention: Attention) -> Ended:
        """Attach and attend."""
        if attention.again:
            run.operator.tell(CommandStarted(attention.planned, attention.attempt, attention.shown, attached=True))
        return self._attend(run, attention)

    def stop(self, run: Run, planned: PlannedStep, attempt: str) -> Ended:
        """Announce, ask for the stop, wait."""
        run.record(Record.STOP_ASKED, key=planned.key, attempt=attempt)
        live = self._commands.attach(self._folder(run, attempt), run.epoch)
        try:
            if live.state() is LiveState.RUNNING:
                live.stop()
                _wait_for_end(run, planned, live)
        finally:
            live.close()
        return self._ended(run, planned, attempt)

    def find(self, run: Run, attempt: str) -> Found:
        """Judge the attempt's folder; where nothing ran, make sure that nothing will."""
        return self._commands.find(self._folder(run, attempt))

    def stop_survivors(self, run: Run, attempt: str) -> None:
        """TERM, then KILL."""
        self._commands.kill_survivors(self._folder(run, attempt))

    def spool(self, run: Run, attempt: str) -> Path:
        """The file `output` of the attempt."""
        return self._folder(run, attempt) / "output"

    def held_back(self, blockers: Sequence[Finding]) -> bool:
        """Each of them does."""
        return bool(blockers)

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

    def goes_beside(self) -> bool:
        """It is."""
        return True

    def asks_first(self) -> bool:
        """It is."""
        return True

    def looks_again(self) -> bool:
        """It is."""
        return True

    def without_change(self, run: Run, file: str, error: StepFailedError) -> Change:
        """What is not there, or not as it has to be, cannot be changed."""
        del run, file
        raise error

    def holds_before(self, run: Run, work: Work) -> bool | None:
        """Ask `done_when` as the baseline: once, because nothing has been done that it could be waited for."""
        from wizard.run.asking import ask_all

        checks = [check.model_copy(update={"within": "0s"}) for check in work.step.done_when]
        return self.verdict(ask_all(run, checks, work.env, work.chain)) if checks else None

    def came_through(self, run: Run) -> tuple[ExitCode, str]:
        """It is done."""
        del run
        return ExitCode.DONE, ""

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

    def _start(self, run: Run, request: Request) -> str:
        """Prepare, announce, start (DESIGN §5)."""
        planned, command = request.planned, request.command
        attempt = run.state.attempt_id(planned.key)
        folder = self._folder(run, attempt)
        if folder.exists() and was_begun(folder):
            # Its line was lost and the damage accepted: what it left is evidence, and stays.
            set_aside(folder, run.epoch)
        elif folder.exists():
            # Prepared by a driver that died before it announced it; what is not announced is never started.
            shutil.rmtree(folder)
        room = run.operator.room(command.shown, terminal=command.terminal)
        sha256 = self._commands.prepare(folder, _spec(attempt, command, room, attended=run.operator.attended))
        run.record(
            Record.ATTEMPT_INTENDED,
            key=planned.key,
            attempt=attempt,
            shown=command.shown,
            baseline=request.baseline,
            spec_sha256=sha256,
        )
        stdin = command.stdin if isinstance(command.stdin, Secret) else None
        for secret in (*command.secret_environment.values(), *([stdin] if stdin else [])):
            run.secrets.add(secret)
        self._commands.start(folder, SecretInput(command.secret_environment, stdin, run.secrets.all()))
        run.operator.tell(CommandStarted(planned, attempt, command.shown))
        return attempt

    def _attend(self, run: Run, attention: Attention) -> Ended:
        attempt = attention.attempt
        live = self._commands.attach(self._folder(run, attempt), run.epoch)
        try:
            enough = self._until_ended(run, attention, live, terminal=self._has_terminal(run, attempt))
        finally:
            live.close()
        if enough:
            return Ended(attempt, None, Found(FoundState.RUNNING, enough))
        return self._ended(run, attention.planned, attempt)

    def _ended(self, run: Run, planned: PlannedStep, attempt: str) -> Ended:
        """Journal and tell the end of an attempt, where it left one."""
        found = self._commands.find(self._folder(run, attempt))
        if found.state is not FoundState.ENDED or found.exit is None:
            return Ended(attempt, None, found)
        run.record(Record.ATTEMPT_ENDED, key=planned.key, attempt=attempt, exit=asdict(found.exit))
        run.operator.tell(CommandEnded(attempt, ending(found.exit), found.exit.seconds))
        return Ended(attempt, found.exit, found)

    def _until_ended(self, run: Run, attention: Attention, live: Live, *, terminal: bool) -> str:
        """Attend until it ended, or until it was attended enough; gives why it was enough."""
        planned = attention.planned
        watch = StallWatch(attention.stall, live)
        unkept = Unkept(live, _cap())
        notice = ""

        def noticed() -> str:
            news = run.beside.has_news() or unkept.has_news() or run.has_messages()
            return attention.enough() or watch.notice() or ("news" if news else "")

        # One that has ended by now is attended too: what it printed was shown to nobody yet.
        while True:
            wish = run.operator.attend(
                Watching(
                    step=planned,
                    shown=attention.shown,
                    terminal=terminal,
                    live=live,
                    notice=notice,
                    stalled=noticed,
                    takes=planned.takes,
                    folder=self._folder(run, attention.attempt),
                )
            )
            notice = ""
            if live.state() is not LiveState.RUNNING:
                break
            run.beside.tell_news()
            run.heed_messages()
            unkept.tell_news(planned.code, run.operator.tell)
            match wish:
                case Wish.STOP:
                    self._stop(run, planned, attention.attempt, live)
                case Wish.LEAVE:
                    raise _runs_on(planned)
                case _ if enough := attention.enough():
                    return enough
                case _ if why := watch.notice():
                    notice = self._stalled(run, attention, live, why)
                    watch.calm()
                case _:
                    live.wait(0.2)
        return ""

    def _stop(self, run: Run, planned: PlannedStep, attempt: str, live: Live) -> None:
        run.record(Record.STOP_ASKED, key=planned.key, attempt=attempt)
        live.stop()

    def _stalled(self, run: Run, attention: Attention, live: Live, why: str) -> str:
        """Ask what to do about a command that seems stuck; gives the notice to go on with.

        Where it ends meanwhile, or need not be attended any longer, nothing is left to decide.
        """
        planned = attention.planned
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
                over=lambda: live.state() is not LiveState.RUNNING or bool(attention.enough()),
            )
        )
        if chosen == NOTHING_LEFT:
            how = attention.enough() if live.state() is LiveState.RUNNING else "it ended by itself"
            words = f"{planned.code} {planned.title}: {how}, so that nothing was left to decide."
            run.operator.tell(Said(words, "warning"))
            return ""
        match chosen.key:
            case "stop" if live.state() is LiveState.RUNNING:
                self._stop(run, planned, attention.attempt, live)
            case "leave":
                raise _runs_on(planned)
            case _:
                pass
        return why


def _wait_for_end(run: Run, planned: PlannedStep, live: Live) -> None:
    """Wait for the end of a command that is being stopped; silently at first, for most end at once."""
    clock = SystemClock()
    began = clock.boottime()
    while live.state() is LiveState.RUNNING:
        if (waited := clock.boottime() - began) < PROMPT:
            live.wait(PROMPT - waited)
        elif (
            run.operator.pause(Pausing(f"{planned.code} {planned.title}", "is being stopped", waited), 0.5)
            is Wish.LEAVE
        ):
            raise _runs_on(planned)


def _runs_on(planned: PlannedStep) -> Leave:
    reason = f"{planned.code} {planned.title} runs on without the wizard"
    return Leave(SessionState.WAITING, reason, ExitCode.STOPPED, sets_back=False)


def _spec(attempt: str, command: Command, room: Room, *, attended: bool) -> Spec:
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
        controlling_terminal=command.terminal or (attended and not command.beside),
        stdin=stdin if isinstance(stdin, str) else None,
        stdin_secret=isinstance(stdin, Secret),
        rows=room.rows,
        columns=room.columns,
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


__all__ = ["Attention", "Effects", "Ended", "LiveEffects", "Request"]
