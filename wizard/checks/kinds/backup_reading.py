"""Reading a backup through, by the program that would have to read it back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from wizard.checks.context import Verdict
from wizard.errors import HostError
from wizard.facts.looking import base_environment
from wizard.host.protocols import Database, Look
from wizard.units import show_duration

if TYPE_CHECKING:
    from typing import Literal

    from wizard.host.protocols import FileFacts, Machine, Seen

LOOK_LIMIT: Final = 3600.0
"""Seconds for reading a backup through."""

_CUSTOM_DUMP: Final = b"PGDMP"
_DATA: Final = re.compile(r"^\d+;.* TABLE DATA ", re.MULTILINE)
_TAR_MAGIC: Final = b"ustar"
_TAR_MAGIC_AT: Final = 257
_TAR_HEAD: Final = 512
_GZIP: Final = b"\x1f\x8b"
_DUMP_ENDS: Final = ("PostgreSQL database dump complete", "PostgreSQL database cluster dump complete")
_DAMAGE: Final = re.compile(r"no SQLite database|not a database|malformed|corrupt", re.IGNORECASE)
"""How SQLite says that a file is damaged, and not only locked or large."""
_NOT_STARTED: Final = (126, 127)


def unreadable(
    machine: Machine,
    how: Literal["sqlite", "gzip", "tar", "zip", "pg_dump", "any"],
    path: str,
    facts: FileFacts,
) -> list[Verdict]:
    """Say what keeps the backup from being read; empty where nothing does.

    Damage is a failure. Where the program that reads it is missing, nothing can be told.
    """
    match how:
        case "sqlite":
            return _sqlite(machine, path)
        case "gzip":
            return _by_program(machine, ("gzip", "-t", "--", path))
        case "tar":
            return _by_program(machine, ("bash", "-o", "pipefail", "-c", 'tar -tf "$1" > /dev/null', "look", path))
        case "zip":
            return _by_program(machine, ("unzip", "-tqq", path))
        case "pg_dump":
            return _pg_dump(machine, path, facts)
        case "any":
            return [] if facts.readable else [Verdict.fail("this user may not read it", path)]
        case _:
            assert_never(how)


def _sqlite(machine: Machine, path: str) -> list[Verdict]:
    try:
        rows = machine.sql(Database("sqlite", path), "PRAGMA integrity_check", ())
        tables = machine.sql(Database("sqlite", path), "SELECT count(*) FROM sqlite_master", ())
    except HostError as error:
        why = f"it cannot be read as a database: {error.message}"
        return [Verdict.fail(why, path) if _DAMAGE.search(error.message) else Verdict.unknown(why, path)]
    first = str(rows[0][0]) if rows and rows[0] else "no answer"
    if first != "ok":
        return [Verdict.fail(f"the database in it is damaged: {first}", path)]
    if not tables or tables[0][0] == 0:
        return [Verdict.fail("the database in it is empty", path)]
    return []


def _pg_dump(machine: Machine, path: str, facts: FileFacts) -> list[Verdict]:
    """A custom, folder or tar dump must list data and be whole; a plain one must end as pg_dump ends it."""
    begin = _CUSTOM_DUMP if facts.kind == "folder" else machine.read(path, _TAR_HEAD)
    if begin.startswith(_CUSTOM_DUMP):
        return _archive(machine, path)
    if begin[_TAR_MAGIC_AT:].startswith(_TAR_MAGIC):
        # pg_restore takes the end of the file for the end of a table.
        return unreadable(machine, "tar", path, facts) or _archive(machine, path)
    reader = "gzip -dc" if begin.startswith(_GZIP) else "cat"
    seen = _look(machine, ("bash", "-o", "pipefail", "-c", f'{reader} -- "$1" | tail -c 4096', "look", path))
    if wrong := _judged(seen, path):
        return wrong
    if any(end in seen.output for end in _DUMP_ENDS):
        return []
    return [Verdict.fail("it does not end like a complete dump of pg_dump", path)]


def _archive(machine: Machine, path: str) -> list[Verdict]:
    """List it, and read its data through: the list stands at its beginning, and says nothing of a missing end."""
    listed = _look(machine, ("pg_restore", "--list", path))
    if wrong := _judged(listed, path):
        return wrong
    if not _DATA.search(listed.output):
        return [Verdict.fail("there is no data of a table in it", path)]
    return _judged(
        _look(machine, ("bash", "-o", "pipefail", "-c", 'pg_restore -f - "$1" > /dev/null', "look", path)), path
    )


def _by_program(machine: Machine, words: tuple[str, ...]) -> list[Verdict]:
    return _judged(_look(machine, words), words[-1])


def _look(machine: Machine, words: tuple[str, ...]) -> Seen:
    return machine.look(Look(words, environment=base_environment(), timeout=LOOK_LIMIT))


def _judged(seen: Seen, path: str) -> list[Verdict]:
    last = (seen.errors.strip() or seen.output.strip()).splitlines()[-1:]
    why = f": {last[0].strip()[:200]}" if last else ""
    if seen.timed_out or seen.exit is None:
        return [Verdict.unknown(f"reading it through did not end within {show_duration(LOOK_LIMIT)}", path)]
    if seen.exit in _NOT_STARTED:
        return [Verdict.unknown(f"the program that reads it could not be run{why}", path)]
    return [] if seen.exit == 0 else [Verdict.fail(f"it cannot be read through{why}", path)]
