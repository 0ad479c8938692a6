"""How fast the terminal emulator is beside pyavt (Rust) and pyte (pure Python), and how fast a flood is skipped.

Run it as `python benchmarks/emulator.py`. The terminals take turns within each round; a figure is the median over the
rounds, a ratio is taken within a round. All make what they were fed into a screen at the end of each round.
"""

from __future__ import annotations

import codecs
import random
import statistics
import time
from typing import TYPE_CHECKING

import pyte
from _texts import coloured_lines, plain_lines
from avt._avt import Vt

from screens.terminal.emulator import Emulator
from screens.terminal.replay import passing_until, replay

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 1 << 16
SIZE = 4 << 20
SKIPPED_SIZE = 16 << 20
ROUNDS = 5
COLUMNS, ROWS = 80, 24


def compose_pull(rng: random.Random) -> bytes:
    """Layers that come at once, each told of in its line, as docker-compose does."""
    lines = []
    for step in range(4000):
        up, done = rng.randrange(1, 10), step % 50
        bar = f"[{'=' * done}>{' ' * (49 - done)}]"
        lines.append(f"\x1b[{up}A\x1b[2K\r{up:012x}: Downloading {bar}  {done}.{up}MB/50MB\r\x1b[{up}B")
    return "".join(lines).encode()


def npm_bar(rng: random.Random) -> bytes:
    """A line that is drawn again and again, with a spinner and colours."""
    frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
    return "".join(
        f"\x1b[1G\x1b[0K{frames[step % 10]} \x1b[36midealTree\x1b[39m: \x1b[2mtiming {rng.randrange(10**6)} ms\x1b[22m"
        for step in range(4000)
    ).encode()


def ours(data: bytes) -> None:
    """Feed and draw."""
    emulator = Emulator(COLUMNS, ROWS)
    for at in range(0, len(data), CHUNK):
        emulator.feed(data[at : at + CHUNK])
    for y in emulator.take_changed():
        emulator.row(y)


def pyavt(data: bytes) -> None:
    """Feed and draw."""
    terminal = Vt(COLUMNS, ROWS, 0)
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    for at in range(0, len(data), CHUNK):
        terminal.feed_str(decode(data[at : at + CHUNK]))
    for line in terminal.view():
        line.text  # noqa: B018


def pyte_(data: bytes) -> None:
    """Feed and draw; it is fed a tenth, as it is slow."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    for at in range(0, len(data) // 10, CHUNK):
        stream.feed(data[at : min(at + CHUNK, len(data) // 10)])
    screen.display  # noqa: B018


def skipping(data: bytes) -> None:
    """Bring a terminal to the end of a spool."""
    emulator = Emulator(COLUMNS, ROWS)
    replay(emulator, lambda at, count: data[at : at + count], lambda: len(data))
    for y in emulator.take_changed():
        emulator.row(y)


def test_alone(data: bytes) -> None:
    """Look whether the data may be skipped."""
    passing_until(data, 0)


def speed(what: Callable[[bytes], None], data: bytes, share: float = 1) -> float:
    """Megabytes a second."""
    began = time.perf_counter()
    what(data)
    return len(data) * share / (time.perf_counter() - began) / 1e6


def main() -> None:
    """Measure and print a table."""
    rng = random.Random(1)
    texts = {kind.__name__: kind(rng) for kind in (plain_lines, coloured_lines, compose_pull, npm_bar)}
    heads = ("ours MB/s", "pyte", "ratio", "pyavt", "ratio", "replayed", "the test", "of feeding")
    print(f"{'text':<16}" + "".join(f"{head:>11}" for head in heads))
    for name, text in texts.items():
        data = text * (SIZE // len(text) + 1)
        spool = text * (SKIPPED_SIZE // len(text) + 1)
        rounds = []
        for _ in range(ROUNDS):
            mine, slow, rust = speed(ours, data), speed(pyte_, data, 0.1), speed(pyavt, data)
            replayed, tested = speed(skipping, spool), speed(test_alone, spool)
            rounds.append((mine, slow, mine / slow, rust, mine / rust, replayed, tested, replayed / mine))
        medians = map(statistics.median, zip(*rounds, strict=True))
        print(f"{name:<16}" + "".join(f"{median:>11.2f}" for median in medians))


if __name__ == "__main__":
    main()
