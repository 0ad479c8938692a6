"""The pump: takes the command's output from the terminal, makes it safe to keep, and writes it down.

It never stops reading, whatever happens to the disk: a command that waits for a full terminal would hang.
"""

from __future__ import annotations

import array
import contextlib
import errno
import fcntl
import json
import os
import select
import struct
import termios
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from .durable import fsync_folder
from .memory import PIECE, Memory
from .redact import Redactor
from .visitors import Visitors
from .watch import Finder

if TYPE_CHECKING:
    from .order import Order

_QUIET_AT_END: Final = 1.0
"""Seconds without output after which somebody who keeps the terminal open is left running."""
_LONGEST_END: Final = 3.0
"""Seconds after which that is so even where they go on talking."""
_SPAN: Final = 50_000_000
"""Nanoseconds of output that the timing file tells of in one line."""
_GATHER: Final = 0.01
"""Seconds a batch is gathered at most; it ends sooner when nothing comes for a millisecond."""
_SCREEN_WAIT: Final = 0.15
_LINE_WAIT: Final = 0.25
_DROPPED: Final = (errno.EBADF, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EROFS)
_TYPED_AT_MOST: Final = 64 << 20
"""Bytes that wait for a command which does not read; only somebody who leans on a key for days gets there.

The queue must not stand in the way instead: a stop comes through the same socket behind it.
"""


class Channels(NamedTuple):
    """The descriptors a pump works with."""

    folder: int
    master: int
    life: int
    """End of file when the leader is gone; visitors get it too."""
    news: int
    """Readable when the command was reaped."""
    wishes: int
    """To the leader: lines `stop` and `watch NUMBER`."""


class Pump:
    """One pump; a successor continues where the memory says."""

    def __init__(self, order: Order, memory: Memory, channels: Channels) -> None:
        """Open the files and settle what a predecessor had under way."""
        self._order = order
        self._memory = memory
        self._channels = channels
        self._spool = self._open("output")
        self._timing = self._open("timing")
        self._state = memory.state()
        self._redactor = Redactor(order.redact, held=self._state.held, masked=self._state.masked)
        self._finder = Finder(order.watch_for, self._state.seen, self._state.carry)
        self._eof = False
        self._typed = bytearray()
        self._poll = select.poll()
        self._poll.register(channels.master, select.POLLIN)
        self._master_poll = select.poll()
        self._master_poll.register(channels.master, select.POLLIN)
        self._poll.register(channels.news, select.POLLIN)
        self._poll.register(channels.life, 0)
        self._visitors = Visitors(channels.folder, channels.life, memory, self, self._poll)
        self._leader_gone = False
        self._available = array.array("i", [0])
        self._last_line_look = True
        self._recover()

    def _open(self, name: str) -> int:
        """Open a file to append to; -1 where the disk refuses, and then what would be written is lost."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(name, flags, 0o600, dir_fd=self._channels.folder)
        except OSError:
            return -1

    # -- what visitors ask for ------------------------------------------------------------------

    def type(self, data: bytes) -> None:
        """Put typed bytes into the terminal, as soon as it takes them."""
        if len(self._typed) + len(data) <= _TYPED_AT_MOST:
            self._typed += data
        self._write_typed()

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size; the command learns of it by SIGWINCH."""
        if self._state.span_bytes:
            # So that the file tells which bytes were written to which size.
            self._note_span()
        fcntl.ioctl(self._channels.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._note("size", rows, columns)
        self._settle()

    def stop(self) -> None:
        """Pass the driver's wish on to the leader."""
        self._wish("stop")

    def hidden(self) -> bool | None:
        """Say whether typing is hidden; None where the terminal's modes do not tell."""
        try:
            local = termios.tcgetattr(self._channels.master)[3]
        except termios.error:
            return None
        if local & termios.ECHO:
            return False
        return True if local & termios.ICANON else None

    def size(self) -> int:
        """Give the bytes in the spool."""
        return self._state.spool

    def last_output(self) -> int:
        """Give the time of the last output, on the boot clock in nanoseconds."""
        return self._state.last_output

    def lost(self) -> int:
        """Give the bytes of the output that could not be kept."""
        return self._state.lost

    def tail(self) -> bytes:
        """Give what waits for the disk, as a screen may show it."""
        return self._redactor.pending()

    def tail_waits(self) -> bool:
        """Whether a screen should wait a little before it shows the tail: it may become a secret."""
        return not self._redactor.shows_at_once()

    # -- the loop -------------------------------------------------------------------------------

    def run(self) -> None:
        """Pump until the terminal is closed, or somebody left running falls silent after the command's end."""
        ended_at = 0.0
        while not self._memory.finishing:
            self._wait(ended_at)
            now = time.monotonic()
            if self._memory.ended and not ended_at:
                ended_at = now
            silence = (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - self._state.last_output) / 1e9
            if self._eof:
                self._memory.finish()
            elif ended_at and (
                (now - ended_at >= _QUIET_AT_END and silence >= _QUIET_AT_END) or now - ended_at >= _LONGEST_END
            ):
                self._state = self._state._replace(held_running=1)
                self._settle()
                self._memory.finish()
        self._finish()

    def _wait(self, ended_at: float) -> None:
        """Wait for something to do, and do it."""
        ready = self._poll.poll(self._patience(ended_at) * 1000)
        if not ready:
            self._settle_quiet()
        for descriptor, event in ready:
            if descriptor == self._channels.master:
                if event & select.POLLOUT:
                    self._write_typed()
                if event & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    self._pull()
            elif descriptor == self._channels.news:
                # The shared memory says it; this only wakes the pump up.
                if not os.read(descriptor, 16):
                    self._poll.unregister(descriptor)
            elif descriptor == self._channels.life:
                self._leader_gone = True
                self._poll.unregister(descriptor)
            else:
                self._visitors.serve(descriptor, event)
        self._visitors.tell()

    def _patience(self, ended_at: float) -> float:
        waits = [3600.0]
        if ended_at or self._leader_gone:
            waits.append(0.1)
        if self._memory.ended and not ended_at:
            waits.append(0.0)
        if not self._last_line_look:
            waits.append(_LINE_WAIT)
        if not self._visitors.listening:
            waits.append(1.0)
        if self._visitors.owed():
            waits.append(_SCREEN_WAIT if self._redactor.held() else 0.02)
        return min(waits)

    def _pull(self) -> None:
        """Read what is there, up to one batch, and work it off.

        The kernel hands over a few kilobytes at a time, so a flood is waited for a moment between reads: one
        write for many reads is what makes it fast. The batch is in the leader's memory, so it can wait.
        """
        memory = self._memory
        until = 0.0
        while memory.room():
            fcntl.ioctl(self._channels.master, termios.FIONREAD, self._available)
            size = self._available[0]
            if until and not size:
                rest = until - time.monotonic()
                if rest > 0 and self._master_poll.poll(min(1.0, rest * 1000)):
                    fcntl.ioctl(self._channels.master, termios.FIONREAD, self._available)
                    size = self._available[0]
                if not size:
                    break
            # With no bytes there is another reason to look: a status packet, or the end.
            place = memory.expect(min(max(size, 1), PIECE))
            try:
                got = os.readv(self._channels.master, [place])
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                self._closed()
                break
            memory.took(got)
            until = until or time.monotonic() + _GATHER
        data = memory.batch()
        if data:
            self._work_off(data)

    def _closed(self) -> None:
        """Nobody has the terminal open. That is the end, unless the command lives and may open it again."""
        if self._memory.ended or self._leader_gone:
            self._eof = True
        else:
            # Only for the instant in which the leader has closed its own end and not said so yet.
            time.sleep(0.001)

    def _work_off(self, data: bytes, *, already: int = 0) -> None:
        """Redact a batch, append it to the spool, and settle it; `already` bytes of it were appended before."""
        output = self._redactor.feed(data)
        if self._redactor.held() > self._memory.held_room:
            output += self._redactor.flush()
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self._append(output, already)
        state = self._state
        if not state.span_bytes:
            state = state._replace(span_begun=now)
        self._state = state._replace(span_bytes=state.span_bytes + len(output), last_output=now)
        if now - self._state.span_begun >= _SPAN:
            self._note_span()
        self._see(self._finder.feed(output))
        self._last_line_look = not self._finder.carry
        self._settle()
        self._visitors.grew()

    def _append(self, output: bytes, already: int) -> None:
        """Append to the spool what the cap and the disk allow; the rest is counted as lost."""
        if self._spool < 0:
            self._spool = self._open("output")
        room = max(0, self._order.cap - self._state.spool)
        kept = memoryview(output)[:room]
        written = min(already, len(kept))
        try:
            while written < len(kept):
                written += os.write(self._spool, kept[written:])
        except OSError as error:
            if error.errno not in _DROPPED:
                raise
        lost = len(output) - written
        state = self._state
        self._state = state._replace(spool=state.spool + written, lost=state.lost + lost, gap=state.gap + lost)

    def _see(self, found: list[int]) -> None:
        for index in found:
            if self._order.watch_for[index].stop:
                self._wish(f"watch {index}")

    def _settle_quiet(self) -> None:
        """Nothing came for a while: look at the unfinished line, and bring the timing file up to date."""
        if not self._last_line_look:
            self._see(self._finder.settle())
            self._last_line_look = True
        if self._state.span_bytes:
            self._note_span()
        self._settle()

    def _settle(self) -> None:
        self._state = self._state._replace(
            masked=self._redactor.masked,
            held=self._redactor.held_bytes(),
            seen=self._finder.seen,
            carry=self._finder.carry,
        )
        self._memory.settle(self._state)

    def _recover(self) -> None:
        """Work off what a predecessor had read; its spool may hold a part of that already."""
        if self._timing >= 0:
            with contextlib.suppress(OSError):  # a disk that refuses even this; the lines twice do no harm
                os.ftruncate(self._timing, self._state.timing)
        data = self._memory.recover()
        if data:
            self._work_off(data, already=self._appended())
        for index, watch in enumerate(self._order.watch_for):
            if watch.stop and self._state.seen >> index & 1:
                self._wish(f"watch {index}")

    def _appended(self) -> int:
        if self._spool < 0:
            return 0
        return max(0, os.fstat(self._spool).st_size - self._state.spool)

    def _finish(self) -> None:
        """Write the redactor's rest, bring everything to the disk, and say that the spool is complete."""
        if not self._state.final:
            rest = self._redactor.flush()
            self._append(rest, self._appended())
            self._see(self._finder.feed(rest))
            self._see(self._finder.settle())
            self._state = self._state._replace(span_bytes=self._state.span_bytes + len(rest))
            self._note_span()
            self._state = self._state._replace(final=1)
            self._settle()
        for file in (self._spool, self._timing):
            # The end is to be told whatever the disk does; a spool that is shorter than told is seen by `find`.
            if file >= 0:
                with contextlib.suppress(OSError):
                    os.fsync(file)
        fsync_folder(self._channels.folder)
        self._visitors.close()

    # -- the timing file ------------------------------------------------------------------------

    def _note_span(self) -> None:
        state = self._state
        if state.span_bytes:
            self._note("output", state.span_bytes, at=state.span_begun)
        if state.gap and self._note("gap", state.gap):
            self._state = self._state._replace(gap=0)
        self._state = self._state._replace(span_bytes=0)

    def _note(self, kind: str, *values: int, at: int = 0) -> bool:
        """Append a line `[nanoseconds of the boot clock, kind, values…]`; False where the disk refuses it."""
        if self._timing < 0:
            self._timing = self._open("timing")
        when = at or time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        line = json.dumps([when, kind, *values], separators=(",", ":")).encode() + b"\n"
        try:
            whole = os.write(self._timing, line) == len(line)
            if not whole:
                os.ftruncate(self._timing, self._state.timing)
        except OSError:
            return False
        if whole:
            self._state = self._state._replace(timing=self._state.timing + len(line))
        return whole

    def _wish(self, words: str) -> None:
        with contextlib.suppress(OSError):  # the leader is gone: nobody is left to carry it out
            os.write(self._channels.wishes, words.encode() + b"\n")

    def _write_typed(self) -> None:
        try:
            while self._typed:
                del self._typed[: os.write(self._channels.master, self._typed[:1024])]
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self._typed.clear()
        wanted = select.POLLIN | (select.POLLOUT if self._typed else 0)
        self._poll.modify(self._channels.master, wanted)


def sink(master: int) -> None:
    """Go on taking what processes that were left running print, so that no write of theirs ever fails or blocks."""
    os.setsid()
    os.chdir("/")
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - pathlib takes longer to import than all else here
        if int(name) > 2 and int(name) != master:
            with contextlib.suppress(OSError):  # the listing's own descriptor is gone already
                os.close(int(name))
    os.set_blocking(master, True)
    with contextlib.suppress(OSError):  # EIO: nobody has the terminal open any more
        while os.read(master, 1 << 16):
            pass
