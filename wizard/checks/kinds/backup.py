"""Backups: that there is one, young and large enough, that it can be read, and where it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.checks.context import Verdict
from wizard.checks.kinds.backup_reading import LOOK_LIMIT, unreadable
from wizard.checks.model import Status
from wizard.errors import HostError
from wizard.facts.looking import base_environment
from wizard.host.protocols import Look
from wizard.units import show_duration, show_size

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import BackupCheck
    from wizard.host.protocols import FileFacts

_GLOB: Final = re.compile(r"[*?\[]")
_SKEW: Final = 300.0
"""Seconds a file may lie in the future: clocks differ between machines that share files."""


@dataclass(frozen=True, slots=True)
class _Backup:
    """The backup that counts."""

    path: str
    facts: FileFacts
    size: int
    age: float


def ask_backup(inquiry: Inquiry) -> Verdict:
    """Pass where the newest of the files found is as the guide wants it; everything wrong with it is said at once."""
    model: BackupCheck = inquiry.model
    pattern = inquiry.text(model.file)
    backup = _newest(inquiry, pattern)
    if backup is None:
        return Verdict.fail("there is none", pattern)
    seen = f"{backup.path} has {show_size(backup.size)} and is {show_duration(max(0.0, backup.age))} old"
    wrong = [*_wrong_itself(inquiry, model, backup), *_wrong_place(inquiry, model, backup)]
    if not wrong and model.readable is not None:  # reading may take long, so it comes last
        wrong = unreadable(inquiry.machine, model.readable, backup.path, backup.facts)
    if not wrong:
        return Verdict.ok(f"{seen}{', and can be read' if model.readable else ''}", pattern)
    status = Status.FAIL if any(one.status is Status.FAIL for one in wrong) else Status.UNKNOWN
    return Verdict(status, f"{seen}, but {', and '.join(one.seen for one in wrong)}", pattern)


def _newest(inquiry: Inquiry, pattern: str) -> _Backup | None:
    machine = inquiry.machine
    exact = machine.stat(pattern)
    if exact.exists:
        found = [(pattern, exact)]
    elif _GLOB.search(pattern):
        found = [(path, machine.stat(path)) for path in machine.glob(pattern)]
    else:
        found = []
    there = [(path, facts) for path, facts in found if facts.exists]
    if not there:
        return None
    path, facts = max(there, key=lambda one: (one[1].modified, one[0]))
    size = _folder_size(inquiry, path) if facts.kind == "folder" else facts.size
    return _Backup(path, facts, size, inquiry.context.now().timestamp() - facts.modified)


def _folder_size(inquiry: Inquiry, path: str) -> int:
    seen = inquiry.machine.look(Look(("du", "-sb", "--", path), environment=base_environment(), timeout=LOOK_LIMIT))
    number = re.match(r"(\d+)", seen.output)
    if seen.exit != 0 or number is None:
        raise HostError(f"the size of {path} cannot be told: {seen.errors.strip() or 'du gave no number'}")
    return int(number[1])


def _wrong_itself(inquiry: Inquiry, model: BackupCheck, backup: _Backup) -> list[Verdict]:
    """What is wrong with its age, its size, or the word that it was restored."""
    wrong: list[str] = []
    if model.age is not None:
        limit = inquiry.seconds(model.age)
        if backup.age < -_SKEW:
            wrong.append("its time lies in the future")
        elif backup.age > limit:
            wrong.append(f"it may be {show_duration(limit)} old at most")
    least = inquiry.size(model.at_least) if model.at_least is not None else 1
    if backup.size < least:
        wrong.append("it is empty" if backup.size == 0 else f"at least {show_size(least)} are wanted")
    if model.restored is not None:
        from wizard.expressions import compile_expression

        if not compile_expression(model.restored).holds(inquiry.env):
            wrong.append(f"it is not known to have been restored (`{model.restored}` does not hold)")
    return [Verdict.fail(one, backup.path) for one in wrong]


def _wrong_place(inquiry: Inquiry, model: BackupCheck, backup: _Backup) -> list[Verdict]:
    if model.stored == "anywhere":
        return []
    if model.of is None:
        return [Verdict.unknown("the check does not say of what (`of`) it should be stored elsewhere", backup.path)]
    source = inquiry.text(model.of)
    if inquiry.machine.disk(backup.path).device == inquiry.machine.disk(source).device:
        return [Verdict.fail(f"it lies on the same file system as {source}", backup.path)]
    return []
