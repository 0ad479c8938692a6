"""Reading queries on SQLite databases, without leaving anything beside them."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from wizard.errors import HostError
from wizard.host.sql.reading import ROWS_CAP, too_many

if TYPE_CHECKING:
    from collections.abc import Sequence

_BUSY: Final = 5.0
_STEPS: Final = 10_000
_MAGIC: Final = b"SQLite format 3\0"
_WAL_VERSION: Final = b"\x02\x02"
_READING: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_PRAGMAS: Final = frozenset(
    {
        "application_id", "collation_list", "compile_options", "database_list", "encoding", "foreign_key_check",
        "foreign_key_list", "freelist_count", "index_info", "index_list", "index_xinfo", "integrity_check",
        "page_count", "page_size", "quick_check", "schema_version", "table_info", "table_list", "table_xinfo",
        "user_version",
    }
)  # fmt: skip
_WITH_ARGUMENT: Final = frozenset(
    {
        "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check",
        "quick_check", "table_info", "table_list", "table_xinfo",
    }
)  # fmt: skip


def read_sqlite(
    file: str, query: str, parameters: Sequence[Any] = (), *, timeout: float = 30.0
) -> Sequence[Sequence[Any]]:
    """Rows of one query that only reads; the file is opened read-only and a writer is waited for 5 s.

    HostError where the file is no database, the query is wrong or would change something, it takes
    longer than `timeout` seconds, or gives more than 100,000 rows.
    """
    path = Path(file).absolute()
    try:
        for _ in range(3):
            state = _at_rest(path)
            if state is None:
                return _read(path, query, parameters, timeout, mode="mode=ro")
            rows = _read(path, query, parameters, timeout, mode="mode=ro&immutable=1")
            if _at_rest(path) == state:
                return rows
        return _read(path, query, parameters, timeout, mode="mode=ro")
    except FileNotFoundError:
        raise HostError(f"there is no database {file}") from None
    except OSError as error:
        raise HostError(f"the database {file} cannot be read: {error.strerror}") from None
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise HostError(f"the database {file} cannot answer: {_reason(error, timeout)}") from None


def _at_rest(path: Path) -> tuple[int, ...] | None:
    """What tells two states of a database with write-ahead log apart while nobody has it open; else None.

    Reading one in the ordinary way would make its -wal and -shm files, as this user's and for good: the
    program they belong to might then be locked out. At rest everything is in the database file itself.
    """
    with path.open("rb") as file:
        head = file.read(20)
    if head and not head.startswith(_MAGIC):
        raise HostError(f"{path} is no SQLite database")
    if head[18:20] != _WAL_VERSION or Path(f"{path}-wal").exists():
        return None
    seen = path.stat()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns


def _read(path: Path, query: str, parameters: Sequence[Any], timeout: float, *, mode: str) -> Sequence[Sequence[Any]]:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{mode}", uri=True, timeout=_BUSY, isolation_level=None, check_same_thread=False
    )
    try:
        connection.text_factory = _text
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(_allow)
        over = time.monotonic() + timeout
        connection.set_progress_handler(lambda: time.monotonic() > over, _STEPS)
        rows: list[tuple[Any, ...]] = connection.execute(query, tuple(parameters)).fetchmany(ROWS_CAP + 1)
    finally:
        connection.close()
    if len(rows) > ROWS_CAP:
        raise too_many(path, ROWS_CAP)
    return rows


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _allow(action: int, first: str | None, second: str | None, _: str | None, __: str | None) -> int:
    if action in _READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in (_PRAGMAS if second is None else _WITH_ARGUMENT):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # Asked while a table-valued pragma is set up; a query that says so itself is refused by SQLite.
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _reason(error: Exception, timeout: float) -> str:
    text = str(error)
    match text:
        case "not authorized" | "authorization denied":
            return "the query would change something, and facts and checks only read"
        case "database is locked":
            return f"it was locked by another program for {_BUSY:g} s"
        case "interrupted":
            return f"the query takes longer than {timeout:g} s"
        case "attempt to write a readonly database":
            return "a crash left a change half-way in it: start the program it belongs to, which mends it"
        case _:
            return text
