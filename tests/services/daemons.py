"""Starting a server of a test's own: as another user where root may not run it, ended with its test in every case."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

STARTS_WITHIN = 60.0
"""Seconds a server gets until it answers; a machine under load takes its time."""

PORTS: Final = range(20_000, 32_000)
"""Below those that a system gives to connections, which would take one before its server does, or while it is down."""

LOCALE = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def free_port() -> int:
    """A TCP port nobody listens on; no other process of tests gets it while this one lives."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket(socket.AF_UNIX) as claim, contextlib.suppress(OSError):
            claim.bind(f"\0port {port} of the tests")
            with socket.create_server(("", port)):
                # Left open until this process ends, and not inherited.
                claim.detach()
                return port


def new_password() -> str:
    """A password nobody else has."""
    return secrets.token_urlsafe(18)


def as_user(user: str | None, words: Sequence[str], stop: signal.Signals = signal.SIGTERM) -> list[str]:
    """The command as that user (root only); it gets `stop` when the process that started it dies."""
    change = ["--reuid", user, "--regid", str(pwd.getpwnam(user).pw_gid), "--clear-groups"] if user else []
    return ["setpriv", "--pdeathsig", stop.name.removeprefix("SIG"), *change, "--", *words]


def may_be(user: str) -> str | None:
    """`user` where this is root and there is such a user; None stands for oneself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(user).pw_name
    except KeyError:
        return None


@contextmanager
def own_folder(name: str, user: str | None) -> Iterator[Path]:
    """A folder of its own that `user` owns; a test's folder may not be entered by other users."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running(
    words: Sequence[str],
    *,
    user: str | None,
    folder: Path,
    ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """The server, once `ready` says so; it gets `stop` at the end. Its words are in `folder`/server.log."""
    log = folder / "server.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            as_user(user, words, stop),
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), **LOCALE, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        over = time.monotonic() + STARTS_WITHIN
        while not ready():
            if server.poll() is not None or time.monotonic() > over:
                pytest.fail(f"{words[0]} does not start:\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)
        yield server
    finally:
        server.send_signal(stop)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
