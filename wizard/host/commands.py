"""Starting commands that survive their driver, and finding out what became of them (DESIGN §5)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError
from wizard.host.attempt_files import RAN, VOID, AttemptFolder
from wizard.host.durable import allocate, claim, fsync_folder, make_folder, open_folder, open_new, write_new
from wizard.host.live import FolderLive
from wizard.host.logout import choose_way, probe
from wizard.host.protocols import Exit, Found, FoundState, ProcessFacts
from wizard.host.supervisor.procfs import read_boot_id, read_pid_namespace, read_process
from wizard.host.survivors import SUPERVISOR, describe, end_survivors, find_survivors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wizard.host.logout import Way
    from wizard.host.protocols import SecretInput, Spec

EXIT_ROOM: Final = 4096
"""Bytes taken beforehand for the end to be written."""
MOST_WATCHES: Final = 64
_START_PATIENCE: Final = 10.0
_HAND_OVER: Final = 30.0
_PASSED: Final = ("PATH", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


def probed_way() -> Way:
    """Choose the way by looking at this machine."""
    return choose_way(probe())


class LocalCommands:
    """Commands on this machine; implements `Commands`."""

    def __init__(
        self,
        python: str = sys.executable,
        boot_id: Callable[[], str] = read_boot_id,
        way: Callable[[], Way] = probed_way,
        start_patience: float = _START_PATIENCE,
    ) -> None:
        """Run the supervisor by `python`; `way` says how it outlives a logout, asked once, at the first start."""
        self._python = python
        self._boot_id = boot_id
        self._choose = way
        self._way: Way | None = None
        self._patience = start_patience

    @property
    def way(self) -> Way:
        """How commands are kept alive here; of kind BLOCKED where they cannot be."""
        if self._way is None:
            self._way = self._choose()
        return self._way

    def prepare(self, folder: Path, spec: Spec) -> str:
        """Make the attempt's folder with its spec and the room for its end, all on the disk; gives the spec's sha256.

        HostError where there is a folder already, or the disk refuses.
        """
        if len(spec.watch_for) > MOST_WATCHES:
            raise HostError(f"a command can be watched for {MOST_WATCHES} texts at most, not {len(spec.watch_for)}")
        data = json.dumps(asdict(spec), indent=1, sort_keys=True, ensure_ascii=True).encode()
        try:
            self._make(folder, data)
        except OSError as error:
            raise _refused("make the attempt's folder", folder, error) from error
        return hashlib.sha256(data).hexdigest()

    def start(self, folder: Path, secrets: SecretInput) -> None:
        """Start the supervisor over a prepared folder; returns when it holds the claim, out of reach of any terminal.

        HostError where it could not be handed over; then `find` says whether anything ran. BlockedError where
        nothing would keep the command alive at logout.
        """
        place = str(folder.resolve())
        # A name for systemd: the attempt, and a part of where it lies, which tells sessions apart.
        scope = f"wizard-{folder.name}-{hashlib.sha256(os.fsencode(place)).hexdigest()[:12]}.scope"
        prefix = self.way.prefix(scope)
        said = {
            "folder": place,
            "environment": {name: secret.reveal() for name, secret in secrets.environment.items()},
            "stdin": secrets.stdin.reveal() if secrets.stdin is not None else None,
            "redact": [secret.reveal() for secret in secrets.redact],
            "way": self.way.kind.value,
            "scope": scope if prefix else "",
            "boot_id": self._boot_id(),
        }
        argv = [*prefix, self._python, "-I", "-S", SUPERVISOR]
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd="/",
                env={"LC_ALL": "C.UTF-8"} | {name: os.environ[name] for name in _PASSED if name in os.environ},
                start_new_session=True,
            )
        except OSError as error:
            raise _refused(f"start the supervisor by {argv[0]}", folder, error) from error
        try:
            _, words = process.communicate(json.dumps(said).encode(), timeout=_HAND_OVER)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise HostError(
                f"the supervisor of attempt {folder.name} did not take over within {_HAND_OVER:.0f} seconds",
                hint="The machine may be overloaded, or its disk hangs. Resume to look at what became of it.",
            ) from None
        finally:
            for pipe in (process.stdin, process.stderr):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        if process.returncode != 0:
            detail = words.decode("utf-8", "replace").strip() or f"it ended with {process.returncode}"
            raise HostError(f"the supervisor of attempt {folder.name} did not take over: {detail}")

    def attach(self, folder: Path, epoch: int) -> FolderLive:
        """Hold a running command; only the highest epoch seen is obeyed by its pump. HostError without a folder."""
        try:
            return FolderLive(AttemptFolder(folder), epoch)
        except OSError as error:
            raise _refused("attach to the attempt", folder, error) from error

    def find(self, folder: Path, *, void: bool = True) -> Found:
        """Say what became of an attempt, by the table of DESIGN §5.

        With `void` a leader that comes late can no longer begin; without it (a watcher, who may write nothing)
        "never ran" means "not so far". HostError where the folder cannot be read.
        """
        try:
            attempt = AttemptFolder(folder)
        except FileNotFoundError:
            return Found(FoundState.UNKNOWN, "the attempt's folder is gone")
        except OSError as error:
            raise _refused("open the attempt", folder, error) from error
        with attempt:
            until = time.monotonic() + self._patience
            try:
                while (found := self._look(attempt, void=void)) is None:
                    if time.monotonic() >= until:
                        return self._silent_leader(attempt)
                    time.sleep(0.01)
            except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
                detail = error.strerror if isinstance(error, OSError) else "damaged"
                return Found(
                    FoundState.UNKNOWN, f"the attempt's files cannot be read, or its claim not made ({detail})"
                )
            return found

    def kill_survivors(self, folder: Path) -> Sequence[ProcessFacts]:
        """TERM, then KILL what an attempt left behind; gives what still lives.

        HostError while a leader attends the command: that one is stopped through `attach`.
        """
        found = self.find(folder)
        if found.state is FoundState.RUNNING:
            raise HostError(f"attempt {folder.name} is still attended", hint="Attach to it and stop it there.")
        return end_survivors(found.survivors)

    def _make(self, folder: Path, data: bytes) -> None:
        parent = open_folder(folder.parent)
        try:
            made = make_folder(parent, folder.name)
        finally:
            os.close(parent)
        try:
            write_new(made, "spec.json", data)
            room = open_new(made, "exit.json.tmp")
            try:
                allocate(room, EXIT_ROOM)
                os.fsync(room)
            finally:
                os.close(room)
            fsync_folder(made)
        finally:
            os.close(made)

    def _look(self, attempt: AttemptFolder, *, void: bool) -> Found | None:
        """One look in the order of the table; None where a leader lives that has not started the command yet."""
        if (ended := attempt.exit()) is not None:
            return self._ended(attempt, ended)
        said = attempt.claim()
        if said is None and void:
            claim(attempt.descriptor, "claim", VOID + b"\n")
            said = attempt.claim()
        if said == VOID:
            return Found(FoundState.NEVER_RAN, "it was never begun, and now never will be")
        held = attempt.held()
        if (ended := attempt.exit()) is not None:
            return self._ended(attempt, ended)
        if said is None:
            return None if held else Found(FoundState.NEVER_RAN, "it was not begun so far")
        if said != RAN:
            return Found(FoundState.UNKNOWN, "its claim is damaged")
        started = attempt.started()
        if held:
            return Found(FoundState.RUNNING, f"it runs as process {started.pid}") if started else None
        if started is None:
            return Found(FoundState.NEVER_RAN, "its leader ended before the command could start")
        return self._unknown(attempt, "its leader ended without writing down how the command ended")

    def _ended(self, attempt: AttemptFolder, ended: Exit) -> Found:
        if (size := attempt.spool_size()) < ended.bytes:
            return self._unknown(attempt, f"of {ended.bytes} bytes of output only {size} are there", ended)
        return Found(FoundState.ENDED, "its end is written down", ended)

    def _unknown(self, attempt: AttemptFolder, why: str, ended: Exit | None = None) -> Found:
        started = attempt.started()
        if started is None:
            return Found(FoundState.UNKNOWN, why, ended)
        if started.boot != self._boot_id():
            why += "; the machine was started again since"
        elif started.pid_namespace != read_pid_namespace():
            why += "; it ran in another pid namespace (container), where this one cannot look"
        return Found(FoundState.UNKNOWN, why, ended, find_survivors(started, self._boot_id()))

    def _silent_leader(self, attempt: AttemptFolder) -> Found:
        """A leader that lives and says nothing: it may go on at any time, so nothing may be concluded."""
        try:
            pid = int((attempt.holder() or b"0").split()[0])
            process = read_process(pid)
        except (OSError, ValueError, IndexError):
            process = None
        survivors = (describe(process),) if process is not None else ()
        words = f"its leader lives and has not started the command for {self._patience:.0f} seconds"
        return Found(FoundState.UNKNOWN, words, survivors=survivors)


def _refused(doing: str, folder: Path, error: OSError) -> HostError:
    hint = "Free some room on that disk." if error.errno in (28, 122) else ""
    return HostError(f"cannot {doing} {folder}: {error.strerror}", hint=hint)
