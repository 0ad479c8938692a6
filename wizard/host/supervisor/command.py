"""The command's own process, from the fork to the exec: it waits at the gate and runs nothing before it opens."""

# ruff: noqa: PTH208, S606 -- pathlib takes long to import; no shell is wanted
from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pwd
import signal
import termios
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from .order import Order

_ADVICE = {
    errno.ENOENT: "check that the program is installed and on the command's PATH",
    errno.EACCES: "check that it may be executed",
    errno.ENOEXEC: "a script needs a first line such as #!/bin/sh",
    errno.E2BIG: "the arguments and the environment are too long for the kernel",
}


def make_stdin(text: bytes) -> int:
    """Put the command's input where it can be read to its end even when nobody is left to feed it."""
    file = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.lseek(file, 0, os.SEEK_SET)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    return file


def become_command(order: Order, *, terminal: int, stdin: int, gate: int, failed: int) -> NoReturn:
    """Turn this forked process into the command; whatever goes wrong leaves by _exit and never returns.

    `terminal` is the slave for the output, `stdin` what becomes descriptor 0, `gate` gives one byte when
    the command may start and end of file when it never may, `failed` takes the words of an error.
    """
    doing = "start the command"
    try:
        os.setpgid(0, 0)
        _arrange(stdin, terminal, gate, failed)
        doing = f"become the user {order.user}" if order.user else doing
        _become(order.user, 1)
        doing = f"enter the folder {order.folder}"
        os.chdir(order.folder)
        doing = f"execute {order.argv[0]!r}"
        os.umask(order.umask)
        _reset_signals()
        if os.read(gate, 1):
            os.execvpe(order.argv[0], order.argv, order.environment)
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "") if doing.startswith("execute") else ""
        words = f"cannot {doing}: {error.strerror}" + (f"; {advice}" if advice else "")
        os.write(failed, words.encode("utf-8", "replace")[:2000])
    except Exception as error:  # noqa: BLE001 - the words must reach the leader, whatever it was
        os.write(failed, f"cannot {doing}: {type(error).__name__}".encode()[:2000])
    finally:
        os._exit(127)


def run_beside(order: Order, argv: list[str], terminal: int) -> int:
    """Start another command (the guide's own way to stop the first) with the same surroundings; gives its pid."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        _arrange(nothing, terminal)
        _become(order.user, 1)
        os.chdir(order.folder)
        os.umask(order.umask)
        _reset_signals()
        os.execvpe(argv[0], argv, order.environment)
    except Exception as error:  # noqa: BLE001 - shown in the command's own output
        os.write(2, f"cannot execute {argv[0]!r}: {error}\r\n".encode("utf-8", "replace"))
    finally:
        os._exit(127)


def quieten(terminal: int) -> None:
    """Take from a terminal the keys that would stop a command half-way with nobody to start it again."""
    modes = termios.tcgetattr(terminal)
    modes[0] &= ~termios.IXON
    modes[6][termios.VSUSP] = b"\0"
    termios.tcsetattr(terminal, termios.TCSANOW, modes)


def _arrange(stdin: int, terminal: int, *keep: int) -> None:
    os.dup2(stdin, 0)
    os.dup2(terminal, 1)
    os.dup2(terminal, 2)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in keep:
            with contextlib.suppress(OSError):  # the listing's own descriptor is gone already
                os.close(int(name))


def _become(user: str | None, terminal: int) -> None:
    if user is None:
        return
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise OSError(errno.EINVAL, f"this machine knows no user {user!r}; correct `user:` of the step") from None
    if os.geteuid() == entry.pw_uid:
        return
    if os.geteuid() != 0:
        raise OSError(errno.EPERM, "only root can become another user; start the program again with sudo")
    # Scripts write to /dev/stderr, which opens the terminal anew.
    os.fchown(terminal, entry.pw_uid, -1)
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _reset_signals() -> None:
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP) and signal.getsignal(number) is not signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
