"""The leader: starts the command behind a gate, replaces pumps that die, stops it when asked, writes its end.

The order of what it does is the promise (what a resume concludes from the files rests on it):
lock `alive`, take `claim`, fork the command up to the gate, `started.json` on the disk, fork the pump,
open the gate; and at the end: spool on the disk, `exit.json` on the disk, `alive` let go by dying.

The leader leads the session of the command's terminal. Were the command to lead it, the kernel would send
HUP to whatever it leaves running as soon as it ends. The price: when the leader is killed, HUP goes to the
group in front, which is the command's. What then became of it is unknown, and `find` says so.
"""

# ruff: noqa: PTH119, PTH123 -- pathlib takes longer to import than all else here
from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import pty
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING, Final, NoReturn

from .command import become_command, make_stdin, quieten
from .durable import claim, fsync_folder, open_file, replace_file, write_all
from .memory import Memory
from .procfs import Process, in_session, read_command, read_pid_namespace, read_process, with_environment, with_open
from .pump import Channels, Pump, sink
from .stopping import Stopping

if TYPE_CHECKING:
    from .order import Order

HELD: Final = b"+"
"""What the leader tells the process that waits for it, once it holds the claim."""
_EXIT_ROOM: Final = 4096
_PUMP_TRIES: Final = 20
"""Pumps that may fail (not: be killed) in a row before the leader does without."""


class Leader:
    """Leads one attempt."""

    def __init__(self, folder: int, order: Order, hand: int) -> None:
        """Lead the attempt in the open folder; `hand` takes `HELD`, or the words why the claim is not held."""
        self._hand = hand
        self._folder = folder
        self._order = order
        self._memory = Memory(max(map(len, order.redact), default=0))
        self._pump = 0
        self._pump_failures = 0
        self._failure = ""
        self._status: int | None = None
        self._seconds = 0.0
        self._stopped_by = ""

    def lead(self) -> None:
        """Lead from the claim to `exit.json`."""
        try:
            why = "" if self._take_claim() else "the attempt was begun before, or was given up"
        except OSError as error:
            why = f"the claim cannot be written: {error.strerror}"
        with contextlib.suppress(BrokenPipeError):  # the starter is dead; the attempt was meant to run all the same
            os.write(self._hand, why.encode() or HELD)
        os.close(self._hand)
        if why:
            return
        try:
            self._open_terminal()
            self._fork_command()
        except OSError as error:
            self._write_exit(f"cannot prepare the command: {error.strerror}", ())
            return
        self._open_gate()
        self._attend()
        self._end()

    # -- the beginning --------------------------------------------------------------------------

    def _take_claim(self) -> bool:
        """Lock `alive`, then take the claim: whoever finds the claim and no lock knows that the leader is dead."""
        # Finders hold the lock for an instant, so waiting is right; another leader holds it to its end,
        # and then the claim is there.
        self._alive = os.open(
            "alive", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self._folder
        )
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        if not claim(self._folder, "claim", b"run\n"):
            return False
        os.ftruncate(self._alive, 0)
        write_all(self._alive, f"{os.getpid()}\n".encode())
        return True

    def _open_terminal(self) -> None:
        order = self._order
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", order.rows, order.columns, 0, 0))
        quieten(self._slave)
        fcntl.ioctl(self._master, termios.TIOCPKT, struct.pack("i", 1))
        os.set_blocking(self._master, False)
        self._terminal_name = os.ttyname(self._slave)
        if order.controlling_terminal:
            fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)

    def _fork_command(self) -> None:
        order = self._order
        self._wake, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._life, self._life_end = os.pipe2(os.O_CLOEXEC)
        self._news, self._tell = os.pipe2(os.O_CLOEXEC)
        self._wishes, self._wish = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        gate, self._gate = os.pipe2(os.O_CLOEXEC)
        self._failed, failed = os.pipe2(os.O_CLOEXEC)
        if order.terminal:
            stdin = os.dup(self._slave)
        elif order.stdin is not None:
            stdin = make_stdin(order.stdin)
        else:
            stdin = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        # What is sent to the command before it heeds signals waits until it does: the leader's own way, to ignore
        # them, would lose the TERM of a system that goes down, or the first stop.
        heeded = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        self._command = os.fork()
        if self._command == 0:
            # Two descriptors a copy of which would lie: a held lock says that the leader lives, an open
            # writing end keeps the gate from closing when it dies.
            os.close(self._alive)
            os.close(self._gate)
            signal.set_wakeup_fd(-1)
            become_command(order, terminal=self._slave, stdin=stdin, gate=gate, failed=failed)
        signal.pthread_sigmask(signal.SIG_SETMASK, heeded)
        for descriptor in (gate, failed, stdin):
            os.close(descriptor)
        with contextlib.suppress(PermissionError, ProcessLookupError):  # the child does the same for itself
            os.setpgid(self._command, self._command)
        if order.controlling_terminal:
            with contextlib.suppress(OSError):  # the child ended before the gate; its words are in the pipe
                os.tcsetpgrp(self._slave, self._command)

    def _open_gate(self) -> None:
        order = self._order
        process = read_process(self._command)
        mine = read_process(os.getpid())
        started = {
            "pid": self._command,
            "start": process.started if process else 0,
            "boot": order.boot_id,
            "pid_namespace": read_pid_namespace(),
            "way": order.way,
            "scope": order.scope,
            "cgroup": _own_cgroup() if order.scope else "",
            "attempt": order.attempt,
            "place": order.place,
            "leader": os.getpid(),
            "leader_start": mine.started if mine else 0,
            "terminal": self._terminal_name,
            "time": time.time(),
            "boottime": time.clock_gettime(time.CLOCK_BOOTTIME),
        }
        try:
            replace_file(self._folder, "started.json", json.dumps(started, indent=1).encode())
        except OSError as error:
            # Closing the gate is what ends the child; only then may the end be written.
            os.close(self._gate)
            os.waitpid(self._command, 0)
            self._write_exit(f"cannot write started.json: {error.strerror}; free some room on that disk", ())
            os._exit(0)
        self._start_pump()
        self._began = time.clock_gettime(time.CLOCK_BOOTTIME)
        with contextlib.suppress(BrokenPipeError):  # the child failed before the gate; its words are in the pipe
            os.write(self._gate, b"+")
        os.close(self._gate)
        self._gate = -1
        self._stopping = Stopping(order, self._command, self._master, self._slave)

    def _start_pump(self) -> None:
        self._pump = os.fork()
        if self._pump == 0:
            self._become_pump()

    def _become_pump(self) -> NoReturn:
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            for name in ("_alive", "_gate", "_life_end", "_tell", "_slave", "_wishes", "_wake", "_failed"):
                with contextlib.suppress(OSError):  # -1: closed in the leader already
                    os.close(getattr(self, name))
            Pump(
                self._order, self._memory, Channels(self._folder, self._master, self._life, self._news, self._wish)
            ).run()
            code = 0
        except Exception as error:  # noqa: BLE001 - said without its text, which may quote output
            _note_trouble(self._folder, error)
        finally:
            os._exit(code)

    # -- while it runs --------------------------------------------------------------------------

    def _attend(self) -> None:
        """Wait for the command's end; meanwhile replace pumps and carry out stops."""
        poll = select.poll()
        for descriptor in (self._wake, self._wishes, self._failed):
            poll.register(descriptor, select.POLLIN)
        deadline = self._began + self._order.timeout if self._order.timeout and self._order.timeout_stops else None
        while True:
            now = time.clock_gettime(time.CLOCK_BOOTTIME)
            due = [moment for moment in (deadline, self._stopping.due) if moment is not None]
            # The boot clock goes on while the machine sleeps and poll's does not: look again now and then.
            patience = max(0.0, min([*(moment - now for moment in due), 30.0]))
            wishes: list[str] = []
            for descriptor, _ in poll.poll(patience * 1000):
                if descriptor == self._wake:
                    _drain(self._wake)
                elif descriptor == self._wishes:
                    wishes = _drain(self._wishes).decode().splitlines()
                else:
                    words = os.read(self._failed, 4096)
                    self._failure += words.decode("utf-8", "replace")
                    if not words:
                        poll.unregister(self._failed)
            if self._reap():
                # However late that was noticed: what is wished or due now did not stop it any more, and must
                # not hit what it left running.
                return
            for wish in wishes:
                self._stop("operator" if wish == "stop" else f"watch:{self._watch_id(wish)}")
            if deadline is not None and time.clock_gettime(time.CLOCK_BOOTTIME) >= deadline:
                deadline = None
                self._stop("timeout")
            self._stopping.go_on()

    def _watch_id(self, wish: str) -> str:
        return self._order.watch_for[int(wish.split()[1])].id

    def _stop(self, by: str) -> None:
        if not self._stopped_by:
            self._stopped_by = by
            self._stopping.begin()

    def _reap(self) -> bool:
        """Take notice of the children that ended; gives whether the command is among them."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                pid = 0
            if pid == 0:
                return self._status is not None
            if pid == self._command:
                self._seconds = time.clock_gettime(time.CLOCK_BOOTTIME) - self._began
                self._status = status
            elif pid == self._pump:
                self._replace_pump(status)
            else:
                self._stopping.reaped(pid, status)

    def _replace_pump(self, status: int) -> None:
        self._pump = 0
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            return
        if os.WIFEXITED(status):
            self._pump_failures += 1
            time.sleep(min(0.01 * self._pump_failures, 1.0))
        if self._pump_failures < _PUMP_TRIES or self._status is None:
            self._start_pump()

    # -- the end --------------------------------------------------------------------------------

    def _end(self) -> None:
        if self._order.controlling_terminal:
            # When a session's leader dies, the group in front is sent HUP: that must be the leader's own,
            # never that of something the command left running.
            with contextlib.suppress(OSError):
                os.tcsetpgrp(self._slave, os.getpgrp())
        self._memory.note_end()
        self._stopping.end_beside()
        os.close(self._slave)
        self._slave = -1
        os.write(self._tell, b"+")
        while self._pump:
            pid, status = os.waitpid(-1, 0)
            if pid == self._pump:
                self._replace_pump(status)
        while words := os.read(self._failed, 4096):
            self._failure += words.decode("utf-8", "replace")
        left = self._left_running()
        self._write_exit(self._failure, left)
        if self._memory.state().held_running and os.fork() == 0:
            try:
                sink(self._master)
            finally:
                os._exit(0)

    def _left_running(self) -> list[Process]:
        order = self._order
        found = {process.pid: process for process in in_session(os.getpid())}
        marks = (f"WIZARD_ATTEMPT={order.attempt}", f"WIZARD_ATTEMPT_FOLDER={order.place}")
        found.update((process.pid, process) for process in with_environment(*map(os.fsencode, marks)))
        if self._memory.state().held_running:
            found.update((process.pid, process) for process in with_open(self._terminal_name))
        return [found[pid] for pid in sorted(found)]

    def _write_exit(self, failure: str, left: list[Process] | tuple[()]) -> None:
        """Fill the room that was taken for it beforehand, so that a full disk cannot keep the end from being told."""
        state = self._memory.state()
        status = self._status
        ended = status is not None and not failure
        listed = [[process.pid, process.started, process.name, read_command(process.pid)[:200]] for process in left]
        told = {
            "code": os.WEXITSTATUS(status) if ended and status is not None and os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if ended and status is not None and os.WIFSIGNALED(status) else None,
            "exec_error": failure,
            "bytes": state.spool,
            "lost_bytes": state.lost,
            "seconds": round(self._seconds, 6),
            "stopped_by": self._stopped_by,
            "seen": [watch.id for index, watch in enumerate(self._order.watch_for) if state.seen >> index & 1],
        }
        data = json.dumps(told | {"left_running": listed}).encode()
        while len(data) > _EXIT_ROOM and listed:
            listed.pop()
            data = json.dumps(told | {"left_running": listed}).encode()
        file = open_file(self._folder, "exit.json.tmp", os.O_WRONLY)
        write_all(file, data)
        os.ftruncate(file, len(data))
        os.fsync(file)
        os.close(file)
        os.rename("exit.json.tmp", "exit.json", src_dir_fd=self._folder, dst_dir_fd=self._folder)
        fsync_folder(self._folder)


def _drain(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except BlockingIOError:
        return b""


def _own_cgroup() -> str:
    with open("/proc/self/cgroup", encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.rstrip("\n").split(":", 2) for line in file]
    return next((path for number, _, path in lines if number == "0"), "")


def _note_trouble(folder: int, error: Exception) -> None:
    """Keep kind and place of a pump's failure for support; never its text."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "?"
    number = errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    with contextlib.suppress(OSError):
        replace_file(folder, "trouble", f"{type(error).__name__} {number} {place}\n".encode())
