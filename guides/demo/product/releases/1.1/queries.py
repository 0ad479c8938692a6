"""What Stockroom 1.1 reads and writes: each item knows when it was counted last."""

from __future__ import annotations

import time
from typing import Any

COLUMNS = ("id", "name", "quantity", "place", "counted_at")


def ready(connection: Any) -> None:
    """Fail where the database is not that of 1.1."""
    connection.execute("select place, counted_at from items limit 1")


def items(connection: Any) -> list[dict[str, Any]]:
    """The first items."""
    rows = connection.execute(f"select {', '.join(COLUMNS)} from items order by id limit 50")
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def add(connection: Any, item: dict[str, Any]) -> None:
    """Store one."""
    connection.execute(
        "insert into items (name, quantity, place, counted_at) values (?, ?, ?, ?)",
        [item["name"], item["quantity"], item["place"], int(time.time())],
    )
