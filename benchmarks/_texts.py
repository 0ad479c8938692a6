"""What the benchmarks have commands print."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_WORDS = (
    "INFO", "WARN", "migrating", "table", "users", "rows", "copied", "index", "order_items", "in", "ms", "ok", "1200",
    "0.35", "postgres", "password", "for",
)  # fmt: skip


def plain_lines(rng: random.Random) -> bytes:
    """Lines as a migration writes them."""
    lines = (f"2024-05-01 12:00:{rng.randrange(60):02} {' '.join(rng.choices(_WORDS, k=9))}\r\n" for _ in range(2000))
    return "".join(lines).encode()


def coloured_lines(rng: random.Random) -> bytes:
    """The same with a colour for every third word."""
    words = plain_lines(rng).split(b" ")
    return b" ".join(b"\x1b[32m" + word + b"\x1b[0m" if number % 3 == 0 else word for number, word in enumerate(words))
