"""Reading queries on MySQL and MariaDB, in a transaction that cannot change anything."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError
from wizard.host.sql.reading import CONNECT_LIMIT, ROWS_CAP, too_many

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pymysql

    from wizard.host.protocols import Database

_SOCKET: Final = "/run/mysqld/mysqld.sock"
_PORT: Final = 3306
_GRACE: Final = 5.0
"""Seconds beyond the server's own limit after which a silent connection is given up."""

_WHY_NO_CONNECTION: Final = {
    1040: ("too many are connected to it already", "Try again later."),
    1044: ("this user may not use it", "Grant the rights on it."),
    1045: ("the user or the password is wrong", "Correct the answers it is made of."),
    1049: ("the database does not exist", "Correct the name, or create it."),
    1130: ("the server lets in nobody from here", "Grant the user access from this host."),
    1251: ("the server wants a way to log in that is not known here", "Give the user another one."),
    1698: ("the user or the password is wrong", "Correct the answers it is made of."),
}
_NO_TLS: Final = 2026
"""The server does not encrypt at all."""

_TAKES_TOO_LONG: Final = frozenset({1969, 3024})
_WOULD_CHANGE: Final = frozenset({1792, 1290})
_MAY_NOT: Final = frozenset({1142, 1143, 1227, 1370})
_LOST: Final = frozenset({2006, 2013})


def read_mysql(database: Database, query: str, parameters: Sequence[Any], timeout: float) -> Sequence[Sequence[Any]]:
    """Rows of one statement. HostError as `read_rows` says; a password is in none of its words."""
    import pymysql

    connection = _connect(database, timeout)
    try:
        with connection.cursor() as cursor:
            _hold_back(cursor, timeout)
            cursor.execute(query, tuple(parameters) or None)
            if cursor.description is None:
                raise HostError(f"the database {database} cannot answer: the statement gives no rows at all")
            rows: Sequence[Sequence[Any]] = cursor.fetchall()
    except (pymysql.Error, OSError, ValueError) as error:
        raise HostError(f"the database {database} cannot answer: {_reason(error, timeout)}") from None
    finally:
        connection.close()
    if len(rows) > ROWS_CAP:
        raise too_many(database, ROWS_CAP)
    return rows


def _hold_back(cursor: pymysql.cursors.Cursor, timeout: float) -> None:
    """Let the server itself refuse changes, and end what takes too long or gives too much."""
    cursor.execute("SET SESSION sql_select_limit = %s", (ROWS_CAP + 1,))
    cursor.execute("SELECT VERSION()")
    version = str((cursor.fetchone() or ("",))[0])
    if "mariadb" in version.lower():
        cursor.execute("SET SESSION max_statement_time = %s", (timeout,))
    elif version[:1] not in ("", "5") or version.startswith("5.7"):
        cursor.execute("SET SESSION max_execution_time = %s", (max(1, int(timeout * 1000)),))
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.execute("START TRANSACTION READ ONLY")


def _connect(database: Database, timeout: float) -> pymysql.Connection[pymysql.cursors.Cursor]:
    import pymysql

    on_this_machine = (database.host or _SOCKET).startswith("/")
    given: dict[str, Any] = {
        "user": database.user,
        "password": database.password.reveal() if database.password is not None else "",
        "database": database.name,
        "charset": "utf8mb4",
        "read_timeout": timeout + _GRACE,
        "write_timeout": timeout + _GRACE,
        "local_infile": False,
        "program_name": "wizard",
        "defer_connect": True,
    }
    try:
        if on_this_machine:
            return _logged_in(database, given)
        try:
            return _logged_in(database, {**given, "ssl": _encrypted()})
        except pymysql.OperationalError as error:
            if error.args[:1] != (_NO_TLS,):
                raise
            return _logged_in(database, given)
    except (pymysql.Error, OSError, RuntimeError, UnicodeError) as error:
        raise _not_reached(database, error) from None


def _logged_in(database: Database, given: Mapping[str, Any]) -> pymysql.Connection[pymysql.cursors.Cursor]:
    """A connection over a socket of our own, which is closed where it is refused (the library leaves it open)."""
    import pymysql

    at = database.host or _SOCKET
    if at.startswith("/"):
        opened = socket.socket(socket.AF_UNIX)
        try:
            opened.settimeout(CONNECT_LIMIT)
            opened.connect(at)
        except BaseException:
            opened.close()
            raise
    else:
        opened = socket.create_connection((at, database.port or _PORT), CONNECT_LIMIT)
    connection = pymysql.connect(host=at, **given)
    connection.connect(opened)
    return connection


def _encrypted() -> ssl.SSLContext:
    """TLS as the server's own client prefers it, certificates aside; newer ways to log in need it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _not_reached(database: Database, error: Exception) -> HostError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    original = getattr(error, "original_exception", None) or error
    words = f"the database {database} cannot be reached"
    if number in _WHY_NO_CONNECTION:
        reason, hint = _WHY_NO_CONNECTION[number]
        return HostError(f"{words}{f' as {database.user}' if database.user else ''}: {reason}", hint=hint)
    match original:
        case FileNotFoundError():
            return HostError(f"{words}: no server runs on this machine", hint="Say `host:` where it is not here.")
        case ConnectionRefusedError():
            hint = "Is it started, and are host and port right?"
            return HostError(f"{words}: nobody listens there (connection refused)", hint=hint)
        case socket.gaierror():
            return HostError(f"{words}: nobody knows a host of that name", hint="Correct the host.")
        case TimeoutError():
            return HostError(f"{words}: it does not answer in time", hint="Is a firewall in between?")
        case _:
            return HostError(f"{words}: {_said(error)}")


def _reason(error: Exception, timeout: float) -> str:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    said = _said(error)
    if number in _TAKES_TOO_LONG or isinstance(error, TimeoutError):
        return f"the query takes longer than {timeout:g} s"
    if number in _WOULD_CHANGE:
        return f"the query would change something, and facts and checks only read ({said})"
    if number in _MAY_NOT:
        return f"its user may not read that ({said})"
    if number in _LOST:
        return f"the connection broke off ({said})"
    return said


def _said(error: Exception) -> str:
    text = str(error.args[1]) if len(error.args) > 1 else str(error)
    return (text.strip() or type(error).__name__).splitlines()[0]
