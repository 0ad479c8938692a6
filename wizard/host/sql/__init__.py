"""Queries that only read, on SQLite files and on database servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from wizard.errors import HostError
from wizard.host.sql.reading import only_reads, plain_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.host.protocols import Database


def read_rows(
    database: Database, query: str, parameters: Sequence[Any] = (), timeout: float = 30.0
) -> Sequence[Sequence[Any]]:
    """Rows of one query that only reads, as plain data.

    HostError where the database cannot be reached or refuses, and where the query would change something, is
    wrong, takes longer than `timeout` seconds, or gives more than 100,000 rows.
    """
    match database.kind:
        case "sqlite":
            from wizard.host.sql.sqlite import read_sqlite

            if database.file is None:
                raise HostError("the connection names no file", hint="Say `file:` in its connection.")
            return plain_rows(read_sqlite(database.file, query, parameters, timeout=timeout))
        case "postgres":
            from wizard.host.sql.postgres import read_postgres

            only_reads(database, query)
            return plain_rows(read_postgres(database, query, parameters, timeout))
        case "mysql":
            from wizard.host.sql.mysql import read_mysql

            only_reads(database, query)
            return plain_rows(read_mysql(database, query, parameters, timeout))
        case _:
            assert_never(database.kind)
