"""Queries of facts and checks on the connections of a guide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.facts.errors import ReadingError
from wizard.host.protocols import Database
from wizard.secrets import Secret

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.models import Guide
    from wizard.guide.models.guide import Connection
    from wizard.host.protocols import Machine

QUERY_LIMIT = 30.0
"""Seconds a query may take where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a query; `rows` is None where a database file is not there at all. `source` names the database."""

    rows: tuple[tuple[Any, ...], ...] | None
    source: str


def ask_database(
    guide: Guide,
    connection: str,
    query: str,
    *,
    machine: Machine,
    env: Environment,
    timeout: float = QUERY_LIMIT,
) -> Rows:
    """Run one query that only reads, its values bound as parameters.

    ReadingError where the guide has no such connection, or it lacks something; HostError where the database
    cannot be reached or cannot answer. Secrets of the connection are in none of their words.
    """
    from wizard.templates import bind_query

    model = guide.connections.get(connection)
    if model is None:
        raise ReadingError(f"the guide has no connection {connection!r}")
    database = database_of(connection, model, env)
    source = f"{database} (connection {connection})"
    if database.file is not None and not machine.stat(database.file).exists:
        return Rows(None, source)
    text, parameters = bind_query(query, env, place="?" if database.kind == "sqlite" else "%s")
    rows = machine.sql(database, text, parameters, timeout)
    return Rows(tuple(tuple(row) for row in rows), source)


def database_of(name: str, model: Connection, env: Environment) -> Database:
    """The database a connection leads to. ReadingError where what it needs is not said, or is no port."""
    from wizard.templates import render, render_text

    def text(value: object) -> str | None:
        return None if value is None else render_text(str(value), env)

    if model.kind == "sqlite":
        if model.file is None:
            raise ReadingError(f"the connection {name!r} names no file")
        return Database("sqlite", file=text(model.file))
    if model.name is None:
        raise ReadingError(f"the connection {name!r} names no database (`name:`)")
    port = text(model.port)
    if port is not None and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ReadingError(f"the port of the connection {name!r} is {port!r}, which is none")
    password = None if model.password is None else render(model.password, env)
    return Database(
        model.kind,
        host=text(model.host),
        port=None if port is None else int(port),
        name=text(model.name),
        user=text(model.user),
        password=password if password is None or isinstance(password, Secret) else Secret(str(password)),
    )
