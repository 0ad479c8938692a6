"""Reading queries on PostgreSQL, in a transaction that cannot change anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError
from wizard.host.sql.reading import CONNECT_LIMIT, ROWS_CAP, too_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from wizard.host.protocols import Database

_WHY_NO_CONNECTION: Final = (
    ("password authentication failed", "the user or the password is wrong", "Correct the answers it is made of."),
    ("no password supplied", "the server wants a password, and none is given", "Say `password:` in its connection."),
    ("peer authentication failed", "the server lets in only the system's user of that name", "Say `host:`."),
    ("no pg_hba.conf entry", "the server lets in nobody from here as that user", "See its pg_hba.conf."),
    ("does not exist", "", "Correct the name, or create it."),
    ("permission denied for database", "this user may not connect to it", "Grant CONNECT on it."),
    ("connection refused", "nobody listens there (connection refused)", "Is it started, and are host and port right?"),
    ("no such file or directory", "no server runs on this machine", "Is it started? Say `host:` where it is not here."),
    ("timeout expired", "it does not answer within {limit:g} s", "Is a firewall in between?"),
    ("timed out", "it does not answer within {limit:g} s", "Is a firewall in between?"),
    ("could not translate host name", "nobody knows a host of that name", "Correct the host."),
    ("failed to resolve host", "nobody knows a host of that name", "Correct the host."),
    ("too many clients", "too many are connected to it already", "Try again later."),
    ("remaining connection slots", "too many are connected to it already", "Try again later."),
    ("the database system is starting up", "it is starting up", "Try again in a moment."),
    ("the database system is shutting down", "it is shutting down", "Start it again."),
)
"""What the client says when it does not get in (in small letters), what that means, and what to do."""

_OWN_WORDS: Final = re.compile(r"(?:FATAL|ERROR):\s*(?P<said>[^\n]+)")


def read_postgres(database: Database, query: str, parameters: Sequence[Any], timeout: float) -> Sequence[Sequence[Any]]:
    """Rows of one statement. HostError as `read_rows` says; a password is in none of its words."""
    import psycopg

    connection = _connect(database)
    try:
        connection.read_only = True
        connection.execute("SELECT set_config('statement_timeout', %s, true)", (f"{max(1, int(timeout * 1000))}",))
        with connection.cursor() as cursor:
            rows: list[tuple[Any, ...]] = []
            for row in cursor.stream(query.encode(), tuple(parameters) or None):
                rows.append(row)
                if len(rows) > ROWS_CAP:
                    raise too_many(database, ROWS_CAP)
            return rows
    except psycopg.Error as error:
        raise HostError(f"the database {database} cannot answer: {_reason(error, timeout)}") from None
    finally:
        connection.close()


def _connect(database: Database) -> psycopg.Connection[tuple[Any, ...]]:
    import psycopg

    given: dict[str, Any] = {
        "host": database.host,
        "port": database.port,
        "dbname": database.name,
        "user": database.user,
        "password": database.password.reveal() if database.password is not None else None,
    }
    try:
        return psycopg.connect(
            connect_timeout=int(CONNECT_LIMIT),
            application_name="wizard",
            **{name: value for name, value in given.items() if value is not None},
        )
    except (psycopg.Error, UnicodeError) as error:
        raise _not_reached(database, str(error)) from None


def _not_reached(database: Database, words: str) -> HostError:
    """Say for a person why there is no connection; the server's own words where they are not known."""
    own = _OWN_WORDS.search(words)
    said = own["said"] if own else words.strip().splitlines()[0].removeprefix("connection failed: ").strip()
    for sign, reason, hint in _WHY_NO_CONNECTION:
        if sign in words.lower():
            user = f" as {database.user}" if database.user and "authentication" in sign else ""
            why = reason.format(limit=CONNECT_LIMIT) or said
            return HostError(f"the database {database} cannot be reached{user}: {why}", hint=hint)
    return HostError(f"the database {database} cannot be reached: {said}")


def _reason(error: psycopg.Error, timeout: float) -> str:
    import psycopg

    said = (error.diag.message_primary or str(error) or type(error).__name__).strip().splitlines()[0]
    match error:
        case psycopg.errors.QueryCanceled():
            return f"the query takes longer than {timeout:g} s"
        case psycopg.errors.ReadOnlySqlTransaction():
            return f"the query would change something, and facts and checks only read ({said})"
        case psycopg.errors.InsufficientPrivilege():
            return f"its user may not read that ({said})"
        case psycopg.errors.SyntaxError() if "multiple commands" in said:
            return "it is more than one statement"
        case psycopg.OperationalError() if error.sqlstate is None:
            return f"the connection broke off ({said})"
        case psycopg.ProgrammingError() if "didn't produce" in said:
            return "the statement gives no rows at all"
        case _:
            return said
