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
    told = {name for entry in entries for name in _told_by(entry)}
    try:
        attempts = durable.open_folder(ATTEMPTS, at=folder)
    except FileNotFoundError:
        return ()
    try:
        return tuple(name for name in _names(attempts) if name not in told and _was_begun(attempts, name))
    finally:
        os.close(attempts)


class UntoldWatch:
    """Looks for such attempts again and again while a journal is followed; cheap where no attempt is new.

    The folder is looked at before the journal is read: what was begun by then has its line by then.
    """

    def __init__(self, folder: Path) -> None:
        """Look at the session in `folder`, of which no event was told yet."""
        self._folder = folder
        self._told: set[str] = set()
        self._changed = -1
        self._waiting: list[str] = []
        """Attempts of which no line told at the last look; they need not have been begun by then."""

    def told(self, entry: Entry) -> None:
        """Take note of an event."""
        self._told.update(_told_by(entry))

    def begun(self) -> tuple[str, ...]:
        """Names of the attempts that were begun by now, as far as no event of before told of them."""
        try:
            attempts = durable.open_folder(self._folder / ATTEMPTS)
        except OSError:
            return ()
        try:
            changed = os.fstat(attempts).st_mtime_ns
            names = self._waiting if changed == self._changed else _names(attempts)
            self._changed, self._waiting = changed, [name for name in names if name not in self._told]
            return tuple(name for name in self._waiting if _was_begun(attempts, name))
        except OSError:
            return ()
        finally:
            os.close(attempts)

    def untold(self, begun: Iterable[str]) -> tuple[str, ...]:
        """Those of them of which no line tells now that the journal was read again."""
        return tuple(name for name in begun if name not in self._told)


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


def _told_by(entry: Entry) -> list[str]:
    """Names of the attempts that an event tells of, or by which they were accepted without one."""
    match entry.kind:
        case Record.ATTEMPT_INTENDED:
            names = [entry.data.get("attempt")]
        case kind if kind == ACCEPTED and isinstance(accepted := entry.data.get("attempts"), list):
            names = accepted
        case _:
            names = []
    return [name for name in names if isinstance(name, str)]


def _names(attempts: int) -> list[str]:
    with os.scandir(attempts) as found:
        return sorted(one.name for one in found if _NAME.fullmatch(one.name))


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
