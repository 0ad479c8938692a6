"""Runs commands that only look: no shell, no terminal, no input, and nothing left behind."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError
from wizard.host.protocols import Seen

if TYPE_CHECKING:
    from wizard.host.protocols import Look

OUTPUT_CAP: Final = 4 << 20
"""Bytes of output, and of errors, that are kept."""

_LINGER: Final = 1.0
"""Seconds for the last output after the command ended, where something it started holds the pipes."""

_CHUNK: Final = 1 << 16
_SHORTEST_PAUSE: Final = 0.001
_LONGEST_PAUSE: Final = 0.05


def look(command: Look) -> Seen:
    """Run `command` in a session of its own; all of it is killed when it ends or its time is over.

    HostError where it cannot be started: no such program, folder or user, or no right to be that user.
    """
    process = _start(command)
    try:
        return _Reader(process, command.timeout).read()
    finally:
        _kill_group(process)
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _start(command: Look) -> subprocess.Popen[bytes]:
    if not command.argv:
        raise HostError("there is no command to look with")
    try:
        return subprocess.Popen(
            command.argv,
            cwd=command.folder,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **_as_user(command.user),
        )
    except (OSError, ValueError) as error:
        raise HostError(_why_not(command, error)) from None


def _as_user(user: str | None) -> dict[str, Any]:
    """What makes the command another user's; nothing where it is this one's anyway."""
    if user is None:
        return {}
    import pwd

    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise HostError(
            f"there is no user {user!r} on this machine", hint="Correct the user in the guide or its answers."
        ) from None
    if entry.pw_uid == os.geteuid():
        return {}
    if os.geteuid() != 0:
        raise HostError(f"only root may look as user {user!r}", hint="Start again with `sudo wizard`.")
    groups = os.getgrouplist(user, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}


def _why_not(command: Look, error: OSError | ValueError) -> str:
    program = command.argv[0]
    folder = command.folder
    if isinstance(error, ValueError):
        return f"{program!r} cannot be run: {error}"
    if folder is not None and not Path(folder).is_dir():
        return f"{program} cannot be run in {folder}: there is no such folder"
    if isinstance(error, FileNotFoundError):
        return f"{program} is not installed, or not in {command.environment.get('PATH', 'the PATH')}"
    return f"{program} cannot be run: {error.strerror}"


class _Reader:
    """Reads output and errors of a command until it ended or its time is over."""

    def __init__(self, process: subprocess.Popen[bytes], timeout: float) -> None:
        self._process = process
        self._deadline = time.monotonic() + timeout
        self._kept = {"output": bytearray(), "errors": bytearray()}

    def read(self) -> Seen:
        code = self._read_to_end()
        texts = {name: bytes(kept).decode("utf-8", "replace") for name, kept in self._kept.items()}
        return Seen(code, texts["output"], texts["errors"], timed_out=code is None)

    def _read_to_end(self) -> int | None:
        """Read until the command ended; gives its exit, None where its time was over first."""
        code, pause = None, _SHORTEST_PAUSE
        with selectors.DefaultSelector() as selector:
            for name, pipe in (("output", self._process.stdout), ("errors", self._process.stderr)):
                if pipe is not None:
                    selector.register(pipe, selectors.EVENT_READ, name)
            while code is None or selector.get_map():
                if code is None and (code := self._exit_code()) is not None:
                    self._deadline = min(self._deadline, time.monotonic() + _LINGER)
                left = self._deadline - time.monotonic()
                if left <= 0:
                    break
                ready = selector.select(min(left, pause)) if selector.get_map() else []
                for key, _ in ready:
                    if not self._keep(key.fd, key.data):
                        selector.unregister(key.fileobj)
                if not selector.get_map() and code is None:
                    time.sleep(min(left, pause))
                pause = _SHORTEST_PAUSE if ready else min(2 * pause, _LONGEST_PAUSE)
        return code

    def _keep(self, pipe: int, name: str) -> bool:
        """Take what is there; False at its end."""
        data = os.read(pipe, _CHUNK)
        kept = self._kept[name]
        kept += data[: OUTPUT_CAP - len(kept)]
        return bool(data)

    def _exit_code(self) -> int | None:
        """How the command ended, as a shell counts it (128 and the signal); None while it runs.

        It is not reaped yet: its number stays taken until what else is in its group was killed, so that
        no stranger is.
        """
        seen = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if seen is None:
            return None
        return seen.si_status if seen.si_code == os.CLD_EXITED else 128 + seen.si_status


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Nobody is left in the group, or only programs that made themselves another user's.
        return
