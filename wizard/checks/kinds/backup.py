"""Backups: that there is one, young and large enough, that it can be read, and where it lies."""

from __future__ import annotations

import math
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.checks.context import Verdict
from wizard.checks.kinds.backup_reading import LOOK_LIMIT, unreadable
from wizard.checks.kinds.backup_restored import not_restored, restored_words
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
_READING: Final = threading.BoundedSemaphore(2)
"""Two at a time are read through: more would only wait for the same disk, and load a machine that is in use."""
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
    pattern = inquiry.path(model.file)
    backup = _newest(inquiry, pattern)
    if backup is None:
        return Verdict.fail("there is none", pattern)
    seen = f"{backup.path} has {show_size(backup.size)} and is {show_duration(max(0.0, backup.age))} old"
    wrong = [*_wrong_itself(inquiry, model, backup), *_wrong_place(inquiry, model, backup)]
    if not wrong and model.readable is not None:  # reading may take long, so it comes last
        with _READING:
            wrong = unreadable(inquiry.machine, model.readable, backup.path, backup.facts)
    if not wrong:
        read = ", and can be read" if model.readable else ""
        return Verdict.ok(f"{seen}{read}{restored_words(inquiry, model.restored)}", pattern)
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
    verdicts = [Verdict.fail(one, backup.path) for one in wrong]
    if model.at_least is None:
        least: int | None = 1
    elif (least := _least(inquiry, model)) is None:
        verdicts.append(Verdict.unknown("the check does not say of what (`of`) it should have a part", backup.path))
    if least is not None and backup.size < least:
        seen = "it is empty" if backup.size == 0 else f"at least {show_size(least)} are wanted"
        verdicts.append(Verdict.fail(seen, backup.path))
    if model.restored is not None and (why := not_restored(inquiry, model.restored, backup.facts.modified)) is not None:
        verdicts.append(Verdict.fail(why, backup.path))
    return verdicts


def _least(inquiry: Inquiry, model: BackupCheck) -> int | None:
    """The bytes it must have; None where a part is wanted of what is not said."""
    wanted = inquiry.value(model.at_least)
    part = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", wanted) if isinstance(wanted, str) else None
    if part is None:
        return inquiry.size(model.at_least)
    if model.of is None:
        return None
    source = inquiry.text(model.of)
    facts = inquiry.machine.stat(source)
    whole = _folder_size(inquiry, source) if facts.kind == "folder" else facts.size
    return math.ceil(whole * float(part[1]) / 100)


def _wrong_place(inquiry: Inquiry, model: BackupCheck, backup: _Backup) -> list[Verdict]:
    if model.stored == "anywhere":
        return []
    if model.of is None:
        return [Verdict.unknown("the check does not say of what (`of`) it should be stored elsewhere", backup.path)]
    source = inquiry.path(model.of)
    if inquiry.machine.disk(backup.path).device == inquiry.machine.disk(source).device:
        return [Verdict.fail(f"it lies on the same file system as {source}", backup.path)]
    return []
