"""Reaching the driver of a session: its socket, and as the last resort its process.

The socket lies in the session's folder and is bound and reached through that folder's descriptor, for the
path of a folder may be longer than the 107 bytes an address can hold.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import stat
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from wizard.errors import HostError
from wizard.host import durable
from wizard.host.identity import pid_namespace, process_started

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.host.clock import Clock
    from wizard.host.identity import Who

NAME: Final = "driver.sock"
_LONGEST: Final = 8192


class Line:
    """A connection that carries JSON objects, one a line. `uid` and `pid` are the kernel's word on the other side."""

    def __init__(self, connection: socket.socket) -> None:
        """Use a connected socket, which is owned from now on."""
        self._connection = connection
        self._held = b""
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        self.pid, self.uid, _ = struct.unpack("3i", credentials)

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._connection.fileno()

    def send(self, message: dict[str, Any]) -> None:
        """Send one object. OSError where the other side is gone or does not read."""
        self._connection.settimeout(2.0)
        self._connection.sendall(json.dumps(message).encode("ascii") + b"\n")

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """Give the next object; None where the other side is gone or says what is no object. TimeoutError."""
        ends = time.monotonic() + seconds
        while b"\n" not in self._held:
            if len(self._held) > _LONGEST:
                return None
            self._connection.settimeout(max(0.001, ends - time.monotonic()))
            try:
                more = self._connection.recv(4096)
            except TimeoutError:
                raise
            except OSError:
                return None
            if not more:
                return None
            self._held += more
        line, _, self._held = self._held.partition(b"\n")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return None
        return message if isinstance(message, dict) else None

    def is_over(self) -> bool:
        """Whether the other side has hung up, or speaks when it is not its turn."""
        self._connection.settimeout(0)
        try:
            self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Listener:
    """The driver's end: whoever holds the driver's lock may open it."""

    def __init__(self, folder: Path) -> None:
        """Listen in a session's folder, in the place of a socket a dead driver left. HostError where it cannot."""
        try:
            self._folder = durable.open_folder(folder)
        except OSError as error:
            raise HostError(f"the session's folder {folder} cannot be opened: {error.strerror}") from None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with suppress(FileNotFoundError):
                os.unlink(NAME, dir_fd=self._folder)
            self._socket.bind(_address(self._folder))
            # Nobody can connect before listen(), and nobody else can enter the folder anyway.
            os.chmod(NAME, 0o600, dir_fd=self._folder)
            self._socket.listen(8)
            self._socket.settimeout(0)
        except OSError as error:
            self._socket.close()
            os.close(self._folder)
            raise HostError(f"no socket can be opened in {folder}: {error.strerror}") from None

    def fileno(self) -> int:
        """The socket's descriptor; readable when somebody calls."""
        return self._socket.fileno()

    def accept(self) -> Line | None:
        """Take a call; None where the caller has hung up already."""
        try:
            connection, _ = self._socket.accept()
            return Line(connection)
        except OSError:
            return None

    def close(self) -> None:
        """Stop listening and take the socket away; only while the driver's lock is still held."""
        if self._socket.fileno() < 0:
            return
        self._socket.close()
        with suppress(OSError):
            os.unlink(NAME, dir_fd=self._folder)
        os.close(self._folder)


def call(folder: Path) -> Line | None:
    """Call the driver of the session in `folder`; None where nobody listens there (or not this user)."""
    try:
        holding = durable.open_folder(folder)
    except OSError:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # A link could lead the call to somebody else's socket.
        if not stat.S_ISSOCK(os.stat(NAME, dir_fd=holding, follow_symlinks=False).st_mode):
            raise FileNotFoundError(NAME)
        connection.settimeout(2.0)
        connection.connect(_address(holding))
        line = Line(connection)
    except OSError:
        connection.close()
        return None
    finally:
        os.close(holding)
    if line.uid != os.geteuid():
        line.close()
        return None
    return line


def kill_driver(who: Who, clock: Clock, *, seconds: float = 5.0) -> bool:
    """KILL the process that `who` describes, and no other; False where it is gone already.

    Looked at again once a descriptor pins the process, so a pid that was given away meanwhile is never hit.
    HostError where it cannot be told from others (another boot or pid namespace), is not this user's, is this
    process, or does not end within `seconds`.
    """
    if who.boot != clock.boot():
        return False
    if who.namespace != pid_namespace():
        raise HostError(
            f"{who} drives from inside another container, so its process cannot be told from here",
            hint="End it there, or take over there.",
        )
    if who.uid != os.geteuid() or who.pid == os.getpid():
        raise HostError(f"{who} is not a process this one may end")
    try:
        process = os.pidfd_open(who.pid)
    except ProcessLookupError:
        return False
    except OSError as error:
        raise HostError(f"{who} cannot be reached: {error.strerror}") from None
    try:
        if process_started(who.pid) != who.started:
            return False
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
        waiting = select.poll()
        waiting.register(process, select.POLLIN)
        if not waiting.poll(seconds * 1000):
            raise HostError(
                f"{who} was killed but does not end",
                hint="It waits for the disk or the network inside the kernel (`ps` shows D). Look at these first.",
            )
    except PermissionError as error:
        raise HostError(f"{who} cannot be ended: {error.strerror}") from None
    finally:
        os.close(process)
    return True


def _address(folder: int) -> str:
    return f"/proc/self/fd/{folder}/{NAME}"
