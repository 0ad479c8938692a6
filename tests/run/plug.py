"""Runs in processes of their own that can be killed, and a person who looks before deciding."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.fakes.operators import ScriptedOperator
from tests.host.attempts import children, kill
from tests.waiting import until
from wizard.assemble import store
from wizard.host import clock
from wizard.host.attempt_files import AttemptFolder
from wizard.host.supervisor.procfs import all_pids, read_command
from wizard.host.survivors import SUPERVISOR
from wizard.run.events import CommandStarted
from wizard.run.folding import fold
from wizard.run.journal import read_journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.run.journey import Journey
    from wizard.run.events import Event
    from wizard.run.operator import ChoiceRequest

CRASHED = 99
"""Exit of a driver that ended by an error the test does not expect."""


class Wheel:
    """A process that drives a session: forked from this one, so that it begins in no time."""

    def __init__(self, work: Callable[[], int], crash: Path) -> None:
        """Let `work` drive; the traceback of an error goes to `crash`."""
        self._code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            code = CRASHED
            try:
                code = int(work())
            except BaseException:  # noqa: BLE001 - the process ends here, whatever it was
                crash.write_text(traceback.format_exc(), encoding="utf-8")
            finally:
                os._exit(code)

    def code(self) -> int | None:
        """How it ended (minus the signal where it was killed); None while it drives."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def end(self, seconds: float = 60.0) -> int:
        """Wait for its end."""
        until(lambda: self.code() is not None, seconds)
        code = self.code()
        assert code is not None
        return code

    def kill(self) -> None:
        """KILL it, and see it gone."""
        if self.code() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


@dataclass
class Supervisors:
    """The leader and the pumps of the attempt that runs now, as far as there are any."""

    leader: int = 0
    pumps: list[int] = field(default_factory=list)


def supervisors(session: Path) -> Supervisors:
    """Look for the supervisor of the newest attempt of a session."""
    attempts = sorted((session / "attempts").iterdir(), key=lambda path: path.stat().st_ctime_ns)
    if not attempts:
        return Supervisors()
    try:
        with AttemptFolder(attempts[-1]) as attempt:
            leader = int(attempt.holder() or 0) if attempt.held() else 0
            started = attempt.started()
    except (OSError, ValueError):
        return Supervisors()
    if not leader or SUPERVISOR not in read_command(leader):
        return Supervisors()
    # Before the start is written down, a child may be the command at its gate and no pump.
    below = children(leader) if started is not None else []
    return Supervisors(leader, [pid for pid in below if started is not None and pid != started.pid])


def end_everything(place: Path) -> None:
    """KILL every leader and command whose attempt lies below `place`."""
    for file in place.rglob("attempts/*/alive"):
        leader = int(file.read_text() or 0)
        if leader and SUPERVISOR in read_command(leader):
            for pid in (leader, *children(leader)):
                kill(pid)
    for pid in marked(place):
        kill(pid)


def marked(place: Path) -> list[int]:
    """Processes that carry the mark of an attempt below `place`."""
    mark = os.fsencode(f"WIZARD_ATTEMPT_FOLDER={place.resolve()}/")
    found = []
    for pid in all_pids():
        with contextlib.suppress(OSError):
            if any(one.startswith(mark) for one in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")):
                found.append(pid)
    return found


@contextlib.contextmanager
def nothing_left(place: Path) -> Iterator[None]:
    """End what is left running below `place`, whatever happened."""
    try:
        yield
    finally:
        end_everything(place)


def effect(name: str, before: float = 0.0, after: float = 0.0) -> str:
    """A command text whose one effect is a line with its attempt's id, with a little time around it."""
    return f'sleep {before}; echo "{name} $WIZARD_ATTEMPT" >> effects; sleep {after}'


@dataclass
class Person:
    """Decides like somebody who looks at the machine: `effects` tells what happened, by the attempt's id.

    Everything decided is noted in the file `decisions`: what was asked, the attempt, and the choice.
    """

    journey: Journey
    names: tuple[str, ...]
    repeats: tuple[str, ...] = ()
    """Steps that are run again rather than taken as done: wanted for what they print, or stopped."""
    stops: tuple[str, ...] = ()
    """Steps whose survivors are stopped; those of others are waited for."""

    def operator(self, **more: Any) -> ScriptedOperator:
        """A front end this person sits at."""
        replies: dict[str, Any] = {}
        for name in self.names:
            for kind in ("unknown", "failed"):
                replies[f"{kind}:{name}"] = self._decide
            replies[f"found-done:{name}"] = self._found_done
            replies[f"already:{name}"] = self._already
            replies[f"survivors:{name}"] = self._survivors
        return ScriptedOperator({**replies, **more})

    def happened(self, name: str) -> bool:
        """Whether the last attempt of a step left its line."""
        return f"{name} {self.attempt(name)}" in self.journey.lines()

    def attempt(self, name: str) -> str:
        """Id of the last attempt of a step; empty where there is none."""
        state = fold(read_journal(store().open().folder).entries)
        step = [one for key, one in state.steps.items() if key.rsplit("/", 1)[-1] == name][-1]
        return step.attempts[-1].id if step.attempts else ""

    def _note(self, request: ChoiceRequest, choice: str) -> None:
        name = request.id.partition(":")[2]
        line = f"{request.id} {self.attempt(name)} {choice}\n".encode()
        file = os.open(self.journey.place / "decisions", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def _decide(self, request: ChoiceRequest) -> tuple[str, str]:
        name = request.id.partition(":")[2]
        done = self.happened(name) and name not in self.repeats
        choice = ("done", "its line is there") if done else ("again", "its line is not there")
        self._note(request, choice[0])
        return choice

    def _found_done(self, request: ChoiceRequest) -> str:
        assert self.happened(request.id.partition(":")[2]), "taken for done without its effect"
        self._note(request, "done")
        return "done"

    def _already(self, request: ChoiceRequest) -> str:
        self._note(request, "already")
        return "already"

    def _survivors(self, request: ChoiceRequest) -> str:
        choice = "stop" if request.id.partition(":")[2] in self.stops else "wait"
        self._note(request, choice)
        return choice


def pass_moment(seconds: float) -> None:
    """Let the moment of a kill come; nothing is concluded from the time that passed."""
    time.sleep(seconds)


def open_gate(place: Path) -> None:
    """Let commands that wait at the gate go on."""
    (place / "gate").touch()


GATE = "until test -e gate; do sleep 0.02; done\n"
"""A command text that waits until `open_gate()`."""


def dies_at(name: str) -> Callable[[Event], None]:
    """Watch for the start of a step's command, and KILL this process as soon as the command itself runs."""

    def watch(event: Event) -> None:
        if isinstance(event, CommandStarted) and event.step.id == name and not event.attached:
            folder = store().open().folder / "attempts" / event.attempt
            until((folder / "started.json").exists)
            os.kill(os.getpid(), signal.SIGKILL)

    return watch


def killed(work: Callable[[], int], place: Path) -> None:
    """Let `work` drive until it kills itself."""
    with Wheel(work, place / "crash") as wheel:
        code = wheel.end()
    words = (place / "crash").read_text(encoding="utf-8") if (place / "crash").exists() else ""
    assert code == -signal.SIGKILL, f"it should have been killed, and ended with {code}\n{words}"


NO_NAMESPACES = 77
"""Exit of a driver that could not be put into another boot."""

_NEW_MOUNTS, _NEW_TIME = 0x00020000, 0x00000080
_DIE_WITH_PARENT = 1
_BIND, _RECURSIVE, _PRIVATE = 4096, 16384, 1 << 18
_BOOT_ID = b"/proc/sys/kernel/random/boot_id"


def in_another_boot(work: Callable[[], int], boot: Path) -> int:
    """Let `work` see a machine that was started anew: another boot id (in the file `boot`), its clock near zero.

    For a process of its own (Wheel): it gets mounts and a clock of its own, and forks into them.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS | _NEW_TIME) != 0:
        return NO_NAMESPACES
    up = int(time.clock_gettime(time.CLOCK_BOOTTIME))
    Path("/proc/self/timens_offsets").write_text(f"boottime {5 - up} 0\n", encoding="ascii")
    if libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None) != 0:
        return NO_NAMESPACES
    if libc.mount(os.fsencode(boot), _BOOT_ID, None, _BIND, None) != 0:
        return NO_NAMESPACES
    # Kept for the life of a process, which no boot outlives.
    clock._boot_id.cache_clear()
    pid = os.fork()
    if pid == 0:
        libc.prctl(_DIE_WITH_PARENT, int(signal.SIGKILL))
        code = CRASHED
        try:
            code = int(work())
        except BaseException:  # noqa: BLE001 - the process ends here, whatever it was
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
