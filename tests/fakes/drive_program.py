"""A second wizard as far as driving goes: takes a session, says so, and does as its stdin says.

hold FOLDER                          drives until its stdin ends
desk FOLDER WHO IDLE REFUSE          drives with a desk; `key` on stdin is a key of its person
mute FOLDER                          drives, listens and never answers
stopped FOLDER                       drives with a desk whose walk never grants
forking FOLDER                       drives and forks a child that lives on; says the child's pid
append FOLDER                        drives and appends events without end, each said once it is written
lock PLACE STATE SESSION UID         holds an installation, as that user, until its stdin ends
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from wizard.errors import WizardError
from wizard.host.clock import SystemClock
from wizard.host.driver_socket import Listener
from wizard.host.identity import who_am_i
from wizard.run.driver import Driver
from wizard.run.installation import hold_installation
from wizard.run.session import Session
from wizard.run.takeover import Patience, TakeoverDesk


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def desk(driver: Driver, words: list[str]) -> None:
    person, idle, refuse = words
    patience = Patience(idle=float(idle), refuse=float(refuse))
    changed = threading.Event()
    with TakeoverDesk(
        driver, SystemClock(), attended=person == "attended", patience=patience, on_change=changed.set
    ) as at:
        say(f"driving {driver.epoch}")

        def keys() -> None:
            for line in sys.stdin:
                if line.strip() == "key":
                    at.key()
                    say("key")

        threading.Thread(target=keys, daemon=True).start()
        while True:
            changed.wait()
            changed.clear()
            say(f"asking {at.asking.pid}" if at.asking is not None else "nobody asks")
            if at.wish() == "hand-over" and (heir := at.grant()) is not None:
                say(f"granted {heir.pid} {driver.held}")
                return


def main() -> None:
    mode, place, *words = sys.argv[1:]
    clock = SystemClock()
    if mode == "lock":
        state, session, uid = words
        who_am_i(clock)
        if int(uid) != os.geteuid():
            os.setgroups([])
            os.setresuid(int(uid), int(uid), int(uid))
        try:
            with hold_installation(place, Path(state), session, who_am_i(clock)) as lock:
                say(f"locked {lock.folder_locked}")
                sys.stdin.read()
        except WizardError as error:
            say(f"{type(error).__name__}: {error.message}")
        return
    try:
        driver = Driver.take(Session.open(Path(place)), who_am_i(clock), clock)
    except WizardError as error:
        say(f"{type(error).__name__}: {error.message}")
        return
    with driver:
        match mode:
            case "hold":
                say(f"driving {driver.epoch}")
                sys.stdin.read()
            case "desk":
                desk(driver, words)
            case "mute":
                listener = Listener(driver.session.folder)
                say(f"driving {driver.epoch} {listener.fileno()}")
                signal.pause()
            case "stopped":
                with TakeoverDesk(driver, clock, attended=False):
                    say(f"driving {driver.epoch}")
                    signal.pause()
            case "append":
                while True:
                    say(str(driver.journal.append("k", {"text": "x" * 500}).seq))
            case "forking":
                child = os.fork()
                if child == 0:
                    time.sleep(60)
                    os._exit(0)
                say(f"driving {driver.epoch} {child}")
                signal.pause()


main()
