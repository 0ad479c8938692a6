"""How fast the redactor is beside a plain copy of the bytes, in chunks as a terminal gives them.

Run it as `python benchmarks/redaction.py`. The kinds of text take turns within each round; a figure is
the median over the rounds, a ratio is taken within a round.
"""

from __future__ import annotations

import random
import statistics
import string
import time
from typing import TYPE_CHECKING

from _texts import coloured_lines, plain_lines

from wizard.host.supervisor.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 4096
SIZE = 32 << 20
ROUNDS = 5
SECRETS = (0, 1, 20)


def encoded_lines(rng: random.Random) -> bytes:
    """Base64 in lines, which looks most like a secret."""
    alphabet = string.ascii_letters + string.digits + "+/"
    return b"".join("".join(rng.choices(alphabet, k=76)).encode() + b"\r\n" for _ in range(2000))


def chunks_of(text: bytes) -> list[bytes]:
    """As many chunks as make up the size."""
    whole = text * (SIZE // len(text) + 1)
    return [whole[at : at + CHUNK] for at in range(0, SIZE, CHUNK)]


def seconds(feed: Callable[[bytes], bytes], chunks: list[bytes]) -> float:
    """Time for all chunks; the output is joined, as a writer would."""
    began = time.perf_counter()
    b"".join(feed(chunk) for chunk in chunks)
    return time.perf_counter() - began


def copy(chunk: bytes) -> bytes:
    """What the redactor is measured against."""
    return bytes(memoryview(chunk))


def main() -> None:
    """Measure and print a table."""
    rng = random.Random(1)
    secrets = ["".join(rng.choices(string.ascii_letters + string.digits + "!$&/-+", k=16)).encode() for _ in range(20)]
    texts = {kind.__name__: chunks_of(kind(rng)) for kind in (plain_lines, coloured_lines, encoded_lines)}
    print(f"{'text':<16}{'secrets':>8}{'MB/s':>10}{'of a copy':>12}")
    for name, chunks in texts.items():
        speeds: dict[int, list[float]] = {count: [] for count in SECRETS}
        ratios: dict[int, list[float]] = {count: [] for count in SECRETS}
        for _ in range(ROUNDS):
            plain = seconds(copy, chunks)
            for count in SECRETS:
                taken = seconds(Redactor(secrets[:count]).feed, chunks)
                speeds[count].append(SIZE / taken / 1e6)
                ratios[count].append(plain / taken)
        for count in SECRETS:
            print(
                f"{name:<16}{count:>8}{statistics.median(speeds[count]):>10.0f}{statistics.median(ratios[count]):>12.3f}"
            )
    starts = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        Redactor(secrets)
        starts.append(time.perf_counter() - began)
    print(f"making a redactor of {len(secrets)} secrets: {statistics.median(starts) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
