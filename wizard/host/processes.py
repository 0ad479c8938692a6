"""Processes of the machine, and which of them listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import HostError
from wizard.host.identity import process_started
from wizard.host.protocols import ProcessFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psutil

UNSEEN = "?"
"""Stands for the name of a process that this user may not see."""


def processes() -> Sequence[ProcessFacts]:
    """All processes that can be seen, by pid; one that ended while they were listed is left out."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            with process.oneshot():
                name, words, user = process.name(), _words(process), _user(process)
        except psutil.Error:
            continue
        started = process_started(process.pid)
        if started is not None:
            found.append(ProcessFacts(process.pid, started, name, " ".join(words), user))
    return sorted(found, key=lambda one: one.pid)


def listeners(port: int) -> Sequence[str]:
    """Names of the processes that listen on a TCP port, sorted; `?` for one that this user may not see."""
    import psutil

    try:
        sockets = psutil.net_connections("tcp")
    except (OSError, psutil.Error) as error:
        raise HostError(f"the listening sockets cannot be listed: {error}") from None
    pids = {one.pid for one in sockets if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port}
    return sorted({_name(pid) for pid in pids})


def _name(pid: int | None) -> str:
    import psutil

    if pid is None:
        return UNSEEN
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return UNSEEN


def _words(process: psutil.Process) -> Sequence[str]:
    import psutil

    try:
        return process.cmdline()
    except psutil.AccessDenied:
        return ()


def _user(process: psutil.Process) -> str:
    import psutil

    try:
        return process.username()
    except (psutil.AccessDenied, KeyError):
        return ""
