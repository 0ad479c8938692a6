"""Starting a driver that needs no terminal and outlives the login."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from wizard.errors import HostError
from wizard.host.logout import choose_way, probe

if TYPE_CHECKING:
    from collections.abc import Sequence


def start_in_background(words: Sequence[str], name: str) -> int:
    """Start `wizard WORDS` without a terminal, kept alive as commands are; gives the pid of what was started.

    HostError where it cannot be started, BlockedError where nothing would keep it alive at logout.
    """
    prefix = choose_way(probe()).prefix(f"wizard-driver-{name}-{os.getpid()}.scope")
    argv = [*prefix, sys.executable, "-m", "wizard", *words]
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        raise HostError(f"the wizard could not be started in the background: {error.strerror}") from None
    pid = process.pid
    # It is meant to outlive this process, so that not waiting for it is no mistake `Popen` should warn of.
    process.returncode = 0
    return pid
