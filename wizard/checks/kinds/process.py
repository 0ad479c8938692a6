"""Processes that run, or do not."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.facts.files import as_text, read_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import ProcessCheck
    from wizard.host.protocols import ProcessFacts


def ask_process(inquiry: Inquiry) -> Verdict:
    """Pass where a process of that name, command line and pid file runs, or where none does.

    The wizard itself never counts: its command line may hold the very words that are looked for.
    """
    model: ProcessCheck = inquiry.model
    conditions: list[str] = []
    found: Sequence[ProcessFacts] = [one for one in inquiry.machine.processes() if one.pid != os.getpid()]
    if model.name is not None:
        name = inquiry.text(model.name)
        conditions.append(f"named {name}")
        found = [one for one in found if name in (one.name, _program(one.command))]
    if model.match is not None:
        pattern = re.compile(inquiry.regex(model.match))
        conditions.append(f"whose command line matches `{pattern.pattern}`")
        found = [one for one in found if pattern.search(one.command)]
    if model.pid_file is not None:
        path = inquiry.path(model.pid_file)
        conditions.append(f"whose pid is in {path}")
        pid = _pid_in(inquiry, path)
        found = [one for one in found if one.pid == pid]
    if not conditions:
        return Verdict.unknown("the check says neither `name` nor `match` nor `pid_file`", "processes")
    wanted = " and ".join(conditions)
    listed = ", ".join(f"{one.pid} ({one.name})" for one in found[:5]) + (", …" if len(found) > 5 else "")
    seen = f"a process {wanted} runs: {listed}" if found else f"no process {wanted} runs"
    return Verdict.of(bool(found) is (model.is_ == "running"), seen, "processes")


def _program(command: str) -> str:
    words = command.split(maxsplit=1)
    return words[0].rsplit("/", 1)[-1] if words else ""


def _pid_in(inquiry: Inquiry, path: str) -> int | None:
    data = read_whole(inquiry.machine, path)
    number = re.match(r"\s*(\d{1,10})\b", as_text(data)) if data is not None else None
    return int(number[1]) if number else None
