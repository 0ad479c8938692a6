"""What Stockroom 1.0 reads and writes: one table, the place of an item as text."""

from __future__ import annotations

from typing import Any


def ready(connection: Any) -> None:
    """Fail where the database is not that of 1.0."""
    connection.execute("select place from items limit 1")


def items(connection: Any) -> list[dict[str, Any]]:
    """The first items."""
    rows = connection.execute("select id, name, quantity, place from items order by id limit 50")
    return [dict(zip(("id", "name", "quantity", "place"), row, strict=True)) for row in rows]


def add(connection: Any, item: dict[str, Any]) -> None:
    """Store one."""
    connection.execute(
        "insert into items (name, quantity, place) values (?, ?, ?)", [item["name"], item["quantity"], item["place"]]
    )
