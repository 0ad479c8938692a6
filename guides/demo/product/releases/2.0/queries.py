"""What Stockroom 2.0 reads and writes: places are a table of their own, and there are settings."""

from __future__ import annotations

import time
from typing import Any

COLUMNS = ("id", "name", "quantity", "aisle", "shelf", "counted_at")


def ready(connection: Any) -> None:
    """Fail where the database is not that of 2.0."""
    connection.execute("select aisle, shelf from places limit 1")
    connection.execute("select value from settings limit 1")


def items(connection: Any) -> list[dict[str, Any]]:
    """The first items with their places."""
    rows = connection.execute(
        "select items.id, name, quantity, aisle, shelf, counted_at from items"
        " join places on places.id = items.place_id order by items.id limit 50"
    )
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def add(connection: Any, item: dict[str, Any]) -> None:
    """Store one, and its place where it is new."""
    place = [item["aisle"], int(item["shelf"])]
    connection.execute("insert or ignore into places (aisle, shelf) values (?, ?)", place)
    place_id = connection.execute("select id from places where aisle = ? and shelf = ?", place).fetchone()[0]
    connection.execute(
        "insert into items (name, quantity, place_id, counted_at) values (?, ?, ?, ?)",
        [item["name"], item["quantity"], place_id, int(time.time())],
    )
