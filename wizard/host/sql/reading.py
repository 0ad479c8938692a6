"""What queries on every kind of database have in common: they only read, and give plain data, not too much of it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.host.protocols import Database

ROWS_CAP: Final = 100_000
"""A reading query that gives more rows than this is refused."""

CONNECT_LIMIT: Final = 10.0
"""Seconds for reaching a server and logging in."""

_READS: Final = frozenset({"select", "with", "values", "table", "show", "explain", "describe", "desc"})
_BEFORE: Final = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|/\*(?!!).*?\*/|\()*", re.DOTALL)
_TO_A_FILE: Final = re.compile(r"\binto\s+(?:outfile|dumpfile)\b", re.IGNORECASE)


def only_reads(database: Database, query: str) -> None:
    """HostError where a statement is of a kind that does more than read.

    The transaction is read-only besides; this refuses what no transaction holds back, such as copying to a
    program or writing a file on the server.
    """
    begin = _BEFORE.match(query)
    rest = query[begin.end() :] if begin else query
    word = re.match(r"\w+", rest)
    if word is None or word[0].lower() not in _READS or (database.kind == "mysql" and _TO_A_FILE.search(query)):
        raise HostError(
            f"the query on {database} does more than read, and facts and checks only read",
            hint="Begin it with select, with, show, values, table or explain.",
        )


def too_many(database: object, rows: int) -> HostError:
    """What to say of a query that gives more rows than are taken."""
    return HostError(
        f"the query on {database} gives more than {rows} rows", hint="Let the database count, or add a limit."
    )


def plain_rows(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Rows with nothing in them but text, numbers, switches, None, and lists and maps of these."""
    return [tuple(plain(value) for value in row) for row in rows]


def plain(value: Any) -> Any:
    """One value as plain data: times in ISO 8601, spans in seconds, exact numbers as whole ones where they are."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes() | bytearray() | memoryview():
            return bytes(value).decode("utf-8", "replace")
        case dict():
            return {str(name): plain(one) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(one) for one in value]
        case _:
            return str(value)
