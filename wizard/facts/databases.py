"""Queries of facts and checks on the connections of a guide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.facts.errors import NotCarriedOutError, ReadingError

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.models import Guide
    from wizard.host.protocols import Machine


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a query; `rows` is None where the database is not there at all. `source` names it."""

    rows: tuple[tuple[Any, ...], ...] | None
    source: str


def ask_database(guide: Guide, connection: str, query: str, *, machine: Machine, env: Environment) -> Rows:
    """Run one reading query, its values bound as parameters.

    ReadingError where the guide has no such connection, NotCarriedOutError for a database that is not
    SQLite, HostError where the database cannot answer.
    """
    from wizard.templates import bind_query, render_text

    model = guide.connections.get(connection)
    if model is None:
        raise ReadingError(f"the guide has no connection {connection!r}")
    if model.kind != "sqlite":
        raise NotCarriedOutError(f"connections to {model.kind} are not carried out by this version of the wizard")
    if model.file is None:
        raise ReadingError(f"the connection {connection!r} names no file")
    file = render_text(model.file, env)
    source = f"{file} (connection {connection})"
    if not machine.stat(file).exists:
        return Rows(None, source)
    text, parameters = bind_query(query, env)
    rows = machine.sqlite(file, text, parameters)
    return Rows(tuple(tuple(_plain(value) for value in row) for row in rows), source)


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
