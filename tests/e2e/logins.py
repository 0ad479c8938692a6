"""A real sshd on loopback, with keys, configuration and port of its own."""

from __future__ import annotations

import contextlib
import shlex
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pexpect
import psutil

from tests.e2e.program import PROGRAM, Program
from tests.services.daemons import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable


class Sshd:
    """The server, and logins on it as the user of this test; to be entered."""

    def __init__(self, program: Program, need_part: Callable[[str], str]) -> None:
        """Make keys and a configuration below the program's place."""
        self._program = program
        self._ssh = need_part("ssh")
        self._sshd = need_part("sshd")
        place = program.place / "sshd"
        place.mkdir()
        self._key = place / "key"
        for name in ("host", "key"):
            words = [need_part("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)]
            subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        self._port = free_port()
        self._config = place / "config"
        self._config.write_text(
            f"Port {self._port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nPidFile {place}/pid\n"
            f"AuthorizedKeysFile {place}/key.pub\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
            "PasswordAuthentication no\nPrintMotd no\n"
        )

    def __enter__(self) -> Self:
        """Start it and wait until it listens."""
        Path("/run/sshd").mkdir(exist_ok=True)
        self._server = subprocess.Popen(
            [self._sshd, "-D", "-e", "-f", str(self._config)], stderr=subprocess.DEVNULL, start_new_session=True
        )
        until(self._listens)
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and every login."""
        self._kill_logins()
        self._server.kill()
        self._server.wait()

    def _kill_logins(self) -> None:
        """Kill what serves the logins; one that has ended by itself meanwhile is none."""
        for process in psutil.Process(self._server.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.name().startswith("sshd"):
                    process.kill()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def words(self, *words: str, term: str) -> list[str]:
        """Give the client's command that starts `wizard WORDS` there, on a terminal of the kind `term`."""
        settings = (f"{name}={value}" for name, value in self._program.environment(TERM=term).items())
        line = shlex.join(["env", *settings, *PROGRAM, *words])
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        return [
            *[self._ssh, "-tt", "-F", "/dev/null", "-i", str(self._key), "-p", str(self._port)],
            *[word for one in options for word in ("-o", one)],
            *["-l", "root", "127.0.0.1", line],
        ]

    def login(self, *words: str) -> pexpect.spawn[str]:
        """Log in with a dumb terminal and start `wizard WORDS` there."""
        client, *rest = self.words(*words, term="dumb")
        return pexpect.spawn(client, rest, encoding="utf-8", codec_errors="replace", dimensions=(24, 80), timeout=30)

    def cut_all(self) -> None:
        """Cut every connection as a dead line does, where the client is not this process's own."""
        self._kill_logins()

    def cut(self, client: pexpect.spawn[str]) -> None:
        """Cut the connection as a dead line does: neither side gets to say anything."""
        client.kill(signal.SIGKILL)
        self._kill_logins()
        client.close(force=True)
