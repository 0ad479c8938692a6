"""What the supervisor is told: the spec from the attempt's folder, and what only its stdin may carry."""

from __future__ import annotations

import json
import os
import re
from typing import Any, NamedTuple

from .durable import read_file


class Watch(NamedTuple):
    """Text to look for in the output; `stop` ends the command when it is seen."""

    id: str
    regex: str
    stop: bool


class Stop(NamedTuple):
    """The ways to stop a command, in this order, each with its delay in seconds."""

    argv: list[str]
    own_delay: float
    interrupt_delay: float
    terminate_delay: float


class Order(NamedTuple):
    """One command as it is to be run; `environment` is whole, `redact` the values no file may hold."""

    attempt: str
    folder: str
    argv: list[str]
    user: str | None
    environment: dict[str, str]
    terminal: bool
    controlling_terminal: bool
    stdin: bytes | None
    rows: int
    columns: int
    cap: int
    timeout: float | None
    timeout_stops: bool
    watch_for: list[Watch]
    stop: Stop
    umask: int
    redact: list[bytes]
    way: str
    scope: str
    boot_id: str
    place: str
    """The attempt's folder as an absolute path."""


def read_order(folder: int, said: dict[str, Any]) -> Order:
    """Put `spec.json` of the open attempt folder and what came by stdin together.

    Raises OSError where the spec cannot be read, ValueError, KeyError or TypeError where it is none, re.error
    where a text to watch for is no regular expression.
    """
    spec = json.loads(read_file(folder, "spec.json"))
    text = said["stdin"] if spec["stdin_secret"] else spec["stdin"]
    missing = [name for name in spec["secret_names"] if name not in said["environment"]]
    if missing:
        raise KeyError(", ".join(missing))
    for watch in spec["watch_for"]:
        re.compile(watch["regex"], re.MULTILINE)
    place = said["folder"]
    return Order(
        attempt=spec["attempt"],
        folder=spec["folder"],
        argv=spec["argv"],
        user=spec["user"],
        environment={
            **spec["environment"],
            **said["environment"],
            # The folder's path beside the id: ids are only unique within one session.
            "WIZARD_ATTEMPT": spec["attempt"],
            "WIZARD_ATTEMPT_FOLDER": place,
        },
        terminal=spec["terminal"],
        controlling_terminal=spec["controlling_terminal"],
        stdin=None if text is None else text.encode("utf-8", "surrogateescape"),
        rows=spec["rows"],
        columns=spec["columns"],
        cap=spec["cap"],
        timeout=spec["timeout"],
        timeout_stops=spec["timeout_stops"],
        watch_for=[Watch(**watch) for watch in spec["watch_for"]],
        stop=Stop(**spec["stop"]),
        umask=spec["umask"],
        redact=[os.fsencode(value) for value in said["redact"]],
        way=said["way"],
        scope=said["scope"],
        boot_id=said["boot_id"],
        place=place,
    )
