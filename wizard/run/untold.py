"""Commands that were begun and of which no line of the journal tells: the end of the journal was lost.

What is begun is journalled before (DESIGN §5), so an attempt's folder in which a leader took its claim has its line.
Where it has none, lines were cut off behind the last one, which the chain of hashes cannot show.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from wizard.host import durable
from wizard.host.attempt_files import RAN
from wizard.run.chain import ACCEPTED, Break
from wizard.run.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wizard.run.chain import Entry

ATTEMPTS: Final = "attempts"
CLAIM: Final = "claim"

_NAME: Final = re.compile(r"\d{4,}-\d{2,}")
_CLAIM_SIZE: Final = 64


def untold_attempts(folder: int, entries: Iterable[Entry]) -> tuple[str, ...]:
    """Names of the attempts in a session's folder that were begun, and that no event tells of or accepted.

    OSError where the folder cannot be read.
    """
    told: set[object] = set()
    for entry in entries:
        if entry.kind == Record.ATTEMPT_INTENDED:
            told.add(entry.data.get("attempt"))
        elif entry.kind == ACCEPTED and isinstance(accepted := entry.data.get("attempts"), list):
            told.update(name for name in accepted if isinstance(name, str))
    try:
        attempts = durable.open_folder(ATTEMPTS, at=folder)
    except FileNotFoundError:
        return ()
    try:
        with os.scandir(attempts) as found:
            names = sorted(one.name for one in found if _NAME.fullmatch(one.name) and one.name not in told)
        return tuple(name for name in names if _was_begun(attempts, name))
    finally:
        os.close(attempts)


def lost_end(names: tuple[str, ...], line: int) -> tuple[Break, ...]:
    """The damage that attempts without a line are, behind line `line`; nothing where there are none."""
    if not names:
        return ()
    why = f"attempt {names[0]} was begun and no line tells of it, so lines were lost behind the last one"
    return (Break(line + 1, why),)


def set_aside(folder: Path, epoch: int) -> None:
    """Keep what an untold attempt left under another name, so that the next attempt can have its own."""
    folder.rename(folder.with_name(f"{folder.name}.untold-{epoch}"))


def was_begun(folder: Path) -> bool:
    """Whether a leader took the claim of the attempt in `folder`."""
    parent = durable.open_folder(folder.parent)
    try:
        return _was_begun(parent, folder.name)
    finally:
        os.close(parent)


def _was_begun(attempts: int, name: str) -> bool:
    try:
        attempt = durable.open_folder(name, at=attempts)
    except OSError:
        # A file, or a link: no leader worked in there.
        return False
    try:
        return durable.read_file(attempt, CLAIM, _CLAIM_SIZE).strip() == RAN
    except OSError:
        return False
    finally:
        os.close(attempt)
