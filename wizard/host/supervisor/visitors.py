"""Who is connected to the pump's socket: the driver that types, and anybody who wants to be woken up.

Packets (SOCK_SEQPACKET), the first byte is the kind. To the pump:

    h {"epoch": N, "client": N}       first; what follows is obeyed while no higher epoch was seen
    i N bytes                         type (N: sequence number, 8 bytes, native order)
    r N {"rows": N, "columns": N}     resize
    s N                               stop the command
    q N                               ask for the state (N: any number, 8 bytes, comes back as `asked`)

From the pump: `w`, the same JSON as `s` and, as a descriptor, a pipe that ends with the leader;
`s {"refused": bool, "asked": N, "done": N, "size": N, "last": N, "lost": N, "hidden": bool or null}` when something
changed, `done` being the last request that was begun; `t bytes`, the tail for the screen.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from .memory import Memory

PACKET: Final = 64 << 10
_SEQUENCE: Final = struct.Struct("=Q")
_NOTICE_EVERY: Final = 0.02
_TAIL_AFTER: Final = 0.1
_AT_MOST: Final = 32
_LISTEN_AGAIN: Final = 0.9


class Served(Protocol):
    """What a pump does for its visitors."""

    def type(self, data: bytes) -> None:
        """Type into the terminal."""

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size."""

    def stop(self) -> None:
        """Ask the leader to stop the command."""

    def hidden(self) -> bool | None:
        """Whether typing is hidden."""

    def size(self) -> int:
        """Bytes in the spool."""

    def last_output(self) -> int:
        """When the last output came."""

    def lost(self) -> int:
        """Bytes of the output that could not be kept."""

    def tail(self) -> bytes:
        """What waits for the disk."""

    def tail_waits(self) -> bool:
        """Whether a screen should wait a little before it shows the tail."""


class _Visitor:
    __slots__ = ("asked", "client", "epoch", "socket", "tail")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.epoch = -1
        self.client = 0
        self.asked = 0
        self.tail = b""


class Visitors:
    """The connections of one pump."""

    def __init__(self, folder: int, life: int, memory: Memory, pump: Served, poll: select.poll) -> None:
        """Listen on `sock` in the attempt's folder, in the place of a predecessor's."""
        self._folder = folder
        self._life = life
        self._memory = memory
        self._pump = pump
        self._poll = poll
        self._open: dict[int, _Visitor] = {}
        self._grew = False
        self._told_at = 0.0
        self._tail_since = 0.0
        self._listener: socket.socket | None = None
        self._tried_at = 0.0
        self._listen()

    @property
    def listening(self) -> bool:
        """Whether visitors can come; a full disk refuses the socket, and then it is tried again now and then."""
        return self._listener is not None

    def grew(self) -> None:
        """Note that there is new output; visitors learn of it by the next `tell`."""
        self._grew = True
        self._tail_since = self._tail_since or time.monotonic()

    def owed(self) -> bool:
        """Whether somebody is still to be told of something."""
        return bool(self._open) and self._grew

    def tell(self) -> None:
        """Tell everybody of new output: at most so often, and of the tail only when it stays one."""
        now = time.monotonic()
        if self._listener is None and now - self._tried_at > _LISTEN_AGAIN:
            self._listen()
        if not self._open or not self._grew or now - self._told_at < _NOTICE_EVERY:
            return
        self._told_at = now
        tail = self._pump.tail()
        waits = bool(tail) and self._pump.tail_waits() and now - self._tail_since < _TAIL_AFTER
        self._grew = waits
        if not waits:
            self._tail_since = 0.0
        for visitor in [one for one in self._open.values() if one.epoch >= 0]:
            if not waits and tail != visitor.tail:
                self._send(visitor, b"t" + tail[: PACKET - 1])
                visitor.tail = tail
            self._send(visitor, b"s" + self._state(visitor))

    def serve(self, descriptor: int, event: int) -> None:
        """Take a new visitor in, or do what one asks for."""
        if self._listener is not None and descriptor == self._listener.fileno():
            with contextlib.suppress(OSError):  # the visitor is gone again
                connection, _ = self._listener.accept()
                connection.settimeout(0)
                self._poll.register(connection, select.POLLIN)
                self._open[connection.fileno()] = _Visitor(connection)
                if len(self._open) > _AT_MOST:
                    self._leave(next(iter(self._open.values())))
            return
        visitor = self._open.get(descriptor)
        if visitor is None:
            return
        try:
            packet = visitor.socket.recv(PACKET + 64) if event & select.POLLIN else b""
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        if not packet:
            self._leave(visitor)
            return
        try:
            self._do(visitor, packet)
        except (ValueError, KeyError, TypeError, struct.error):
            self._leave(visitor)

    def close(self) -> None:
        """Let everybody go; they learn the end from the pipe and the folder."""
        for visitor in list(self._open.values()):
            self._leave(visitor)
        if self._listener is None:
            return
        self._poll.unregister(self._listener)
        self._listener.close()
        self._listener = None
        with contextlib.suppress(OSError):
            os.unlink("sock", dir_fd=self._folder)

    def _listen(self) -> None:
        self._tried_at = time.monotonic()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink("sock", dir_fd=self._folder)
            # A socket's address has 107 bytes at most; the working folder is the attempt's.
            listener.bind("sock")
            listener.listen(8)
        except OSError:
            listener.close()
            return
        listener.settimeout(0)
        self._poll.register(listener, select.POLLIN)
        self._listener = listener

    def _do(self, visitor: _Visitor, packet: bytes) -> None:
        kind, body = packet[:1], packet[1:]
        if kind == b"h":
            hello = json.loads(body)
            visitor.epoch, visitor.client = int(hello["epoch"]), int(hello["client"])
            self._memory.raise_epoch(visitor.epoch)
            with contextlib.suppress(OSError):
                socket.send_fds(visitor.socket, [b"w" + self._state(visitor)], [self._life])
            self._grew = True
        elif kind == b"q":
            (visitor.asked,) = _SEQUENCE.unpack(body)
            self._send(visitor, b"s" + self._state(visitor))
        elif not self._refused(visitor):
            (sequence,) = _SEQUENCE.unpack_from(body)
            if self._memory.begin_request(visitor.client, sequence):
                self._carry_out(kind, body[_SEQUENCE.size :])
            self._send(visitor, b"s" + self._state(visitor))
        else:
            self._send(visitor, b"s" + self._state(visitor))

    def _carry_out(self, kind: bytes, body: bytes) -> None:
        if kind == b"i":
            self._pump.type(body)
        elif kind == b"r":
            size = json.loads(body)
            self._pump.resize(int(size["rows"]), int(size["columns"]))
        elif kind == b"s":
            self._pump.stop()
        else:
            raise ValueError(kind)

    def _refused(self, visitor: _Visitor) -> bool:
        return visitor.epoch < 0 or visitor.epoch < self._memory.epoch

    def _state(self, visitor: _Visitor) -> bytes:
        return json.dumps(
            {
                "refused": self._refused(visitor),
                "asked": visitor.asked,
                "done": self._memory.last_request(visitor.client),
                "size": self._pump.size(),
                "last": self._pump.last_output(),
                "lost": self._pump.lost(),
                "hidden": self._pump.hidden(),
            }
        ).encode()

    def _send(self, visitor: _Visitor, packet: bytes) -> None:
        try:
            visitor.socket.send(packet)
        except BlockingIOError:
            # Its queue is full of notices it has not read: it is awake anyway and asks again.
            pass
        except OSError:
            self._leave(visitor)

    def _leave(self, visitor: _Visitor) -> None:
        if self._open.pop(visitor.socket.fileno(), None) is not None:
            self._poll.unregister(visitor.socket)
            visitor.socket.close()
