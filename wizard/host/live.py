"""Holding a running command: by the pump's socket where there is a pump, by the folder in any case."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import socket
import struct
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError
from wizard.host.durable import open_file
from wizard.host.protocols import LiveState
from wizard.host.supervisor.visitors import PACKET

if TYPE_CHECKING:
    from wizard.host.attempt_files import AttemptFolder

_SEQUENCE: Final = struct.Struct("=Q")
_TYPED_AT_ONCE: Final = 4096
_RETRY: Final = 0.01
_ASK: Final = 0.3


class FolderLive:
    """A running command as its driver holds it; implements `Live`.

    What the driver asks for is numbered and kept until a pump says that it was begun, so that a pump that
    is replaced neither loses nor repeats it.
    """

    def __init__(self, folder: AttemptFolder, epoch: int) -> None:
        """Hold the attempt in `folder` (which this closes) as the driver of `epoch`."""
        self._folder = folder
        self._epoch = epoch
        self.attempt = folder.path.name
        self._client = random.getrandbits(63) | 1
        self._sequence = 0
        self._wishes: deque[tuple[int, bytes]] = deque()
        self._socket: socket.socket | None = None
        self._sent = 0
        self._owed = 0
        self._life: int | None = None
        self._ended: LiveState | None = None
        self._refused = False
        self._tail = b""
        self._hidden: bool | None = None
        self._last_output = 0.0
        self._lost = 0
        self._asked = 0
        self._answered = 0
        self._seen_size = 0
        self._spool: int | None = None
        self._found_none = 0.0
        self._epoll = select.epoll()
        self._connect()

    def state(self) -> LiveState:
        """Whether it still runs: looked up in the folder, so that it is true whatever the pump does."""
        if self._ended is None:
            if self._life is not None and not _at_end(self._life):
                return LiveState.RUNNING
            held = self._folder.held()
            if self._folder.has_exit():
                self._ended = LiveState.ENDED
            elif held:
                return LiveState.RUNNING
            else:
                self._ended = LiveState.LOST
        return self._ended

    def wait(self, seconds: float) -> LiveState:
        """Wait until it ended, output came, or the time is over."""
        until = time.monotonic() + seconds
        tail = self._tail
        while True:
            self._listen(0)
            state = self.state()
            size = self.size()
            if state is not LiveState.RUNNING or size != self._seen_size or self._tail != tail:
                self._seen_size = size
                return state
            rest = until - time.monotonic()
            if rest <= 0:
                return state
            self._listen(rest)

    def read(self, offset: int, limit: int = 1 << 16) -> bytes:
        """Redacted output from `offset` of the spool."""
        if self._spool is None:
            try:
                self._spool = open_file(self._folder.descriptor, "output")
            except FileNotFoundError:
                return b""
        return os.pread(self._spool, limit, offset)

    def size(self) -> int:
        """Bytes in the spool."""
        return self._folder.spool_size()

    def tail(self) -> bytes:
        """Redacted output that waits for the disk."""
        self._listen(0)
        return self._tail

    def send(self, data: bytes) -> None:
        """Type into the command's terminal. HostError where a newer driver has taken over."""
        for begin in range(0, len(data), _TYPED_AT_ONCE):
            self._wish(b"i", data[begin : begin + _TYPED_AT_ONCE])

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size. HostError where a newer driver has taken over."""
        self._wish(b"r", json.dumps({"rows": rows, "columns": columns}).encode())

    def stop(self) -> None:
        """Ask for a stop. HostError where a newer driver has taken over."""
        self._wish(b"s", b"")

    def input_hidden(self) -> bool | None:
        """Whether typing is hidden; None where it is not known, or no pump answers."""
        self._listen(0)
        self._asked += 1
        if not self._post(b"q" + _SEQUENCE.pack(self._asked)):
            return None
        until = time.monotonic() + _ASK
        while self._socket is not None and (rest := until - time.monotonic()) > 0:
            self._listen(rest)
            if self._answered == self._asked:
                return self._hidden
        return None

    def quiet_seconds(self) -> float:
        """Seconds since the last output; where there was none yet, since the attempt was made."""
        self._listen(0)
        if self._last_output:
            return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - self._last_output)
        return max(0.0, time.time() - self._folder.last_change())

    def lost(self) -> int:
        """Bytes of the output that could not be kept, as the pump said last."""
        return self._lost

    def fileno(self) -> int | None:
        """A descriptor that gets readable when something happened; `wait(0)` then takes it in.

        None as long as nothing would make it readable, which is the first moment of every command: its pump is not
        there yet.
        """
        return None if self._epoll.closed or not self._is_told else self._epoll.fileno()

    def close(self) -> None:
        """Let go of it; the command runs on. Nothing else may be asked afterwards."""
        if self._epoll.closed:
            return
        self._disconnect()
        for descriptor in (self._life, self._spool):
            if descriptor is not None:
                os.close(descriptor)
        self._life = self._spool = None
        self._epoll.close()
        self._folder.close()

    # -- the pump's socket ----------------------------------------------------------------------

    @property
    def _is_told(self) -> bool:
        """Whether somebody wakes this up: a pump that comes, or a leader that ends before there was one, does not."""
        return self._socket is not None and self._life is not None

    def _wish(self, kind: bytes, body: bytes) -> None:
        self._listen(0)
        if self._refused:
            raise HostError(
                f"attempt {self.attempt} is driven by somebody else now",
                hint="Watch it, or take over again with `wizard resume`.",
            )
        self._sequence += 1
        self._wishes.append((self._sequence, kind + _SEQUENCE.pack(self._sequence) + body))
        self._post_wishes()

    def _post_wishes(self) -> None:
        """Post what no pump has yet, in order, which is the order in which pumps obey."""
        if self._wishes and self._wishes[0][0] <= self._owed:
            # A dead pump had it, and may not have begun it: its successor's welcome tells.
            return
        for sequence, packet in self._wishes:
            if sequence > self._sent:
                if not self._post(packet):
                    return
                self._sent = sequence

    def _post(self, packet: bytes) -> bool:
        if self._socket is None and not self._connect():
            return False
        if self._socket is None:
            return False
        try:
            self._socket.send(packet)
        except BlockingIOError:
            return False
        except OSError:
            self._disconnect()
            return False
        return True

    def _connect(self) -> bool:
        """Visit the pump, where there is one; a new one takes a moment to come up, so not every look tries."""
        if self._ended is not None or time.monotonic() - self._found_none < _RETRY:
            return False
        visit = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            # By the folder's descriptor: a socket's address has 107 bytes at most, a session's path may be longer.
            visit.connect(f"/proc/self/fd/{self._folder.descriptor}/sock")
            visit.settimeout(0)
            visit.send(b"h" + json.dumps({"epoch": self._epoch, "client": self._client}).encode())
        except OSError:
            visit.close()
            self._found_none = time.monotonic()
            return False
        self._socket = visit
        self._epoll.register(visit, select.EPOLLIN)
        return True

    def _disconnect(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._epoll.unregister(self._socket)
            self._socket.close()
            self._socket = None
        self._tail = b""
        # What was posted and not begun goes to the next pump; what was begun is known from its welcome.
        self._sent = self._owed = self._sequence

    def _listen(self, seconds: float) -> None:
        """Take in what the pump says; waits up to `seconds` for it, or for the leader's end."""
        if self._epoll.closed:
            return
        if self._socket is None:
            self._connect()
        if not self._is_told:
            seconds = min(seconds, _RETRY)
        ready = self._epoll.poll(seconds)
        for descriptor, _ in ready:
            if self._socket is not None and descriptor == self._socket.fileno():
                self._take_in(self._socket)
            elif descriptor == self._life:
                self._epoll.unregister(descriptor)

    def _take_in(self, visit: socket.socket) -> None:
        while True:
            try:
                packet, descriptors, _, _ = socket.recv_fds(visit, PACKET + 64, 1, socket.MSG_CMSG_CLOEXEC)
            except BlockingIOError:
                return
            except OSError:
                packet, descriptors = b"", []
            if not packet:
                self._disconnect()
                return
            for descriptor in descriptors:
                self._keep_life(descriptor)
            kind, body = packet[:1], packet[1:]
            if kind == b"t":
                self._tail = body
            else:
                self._learn(json.loads(body), welcome=kind == b"w")

    def _keep_life(self, descriptor: int) -> None:
        if self._life is not None:
            os.close(descriptor)
            return
        self._life = descriptor
        self._epoll.register(descriptor, 0)

    def _learn(self, told: dict[str, Any], *, welcome: bool) -> None:
        self._answered = told["asked"]
        self._refused = told["refused"]
        self._hidden = told["hidden"]
        self._last_output = told["last"] / 1e9
        # A pump of an earlier wizard, which may still run, does not tell it.
        self._lost = told.get("lost", 0)
        while self._wishes and self._wishes[0][0] <= told["done"]:
            self._wishes.popleft()
        if welcome:
            self._sent = told["done"]
            self._owed = 0
        self._post_wishes()


def _at_end(pipe: int) -> bool:
    poll = select.poll()
    poll.register(pipe, 0)
    return bool(poll.poll(0))
