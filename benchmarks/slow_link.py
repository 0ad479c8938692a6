"""Key to reaction over a slow link during a log flood: Textual's own driver and ours, in turns.

The terminal stands behind a simulated link: so many bytes a second, so long a round trip, and a queue without end,
as SSH and TCP have. A small app writes a log; a key raises a counter, and the time is taken from
the press to the counter on the far screen. Keys come at random intervals. First paint is all that crosses the link
until the app is at rest.

Reach: p95 500 ms at 32 kB/s and 80 ms, 1.3 s at 8 kB/s and 100 ms; first paint 0.25 of Textual's own.

    python benchmarks/slow_link.py [rounds] [keys a round]
"""

from __future__ import annotations

import codecs
import heapq
import random
import statistics
import sys
import time
from dataclasses import dataclass, field

from _figures import percent
from _program import COLUMNS, LINES, Answers, Program
from avt._avt import Vt

APP = [sys.executable, "-m", "tests.screens.driver.small_app", "still", "10"]
"""Ten times a second twenty new lines, in a log that fills the screen."""
PACKET = 512
GIVE_UP = 60.0


@dataclass(frozen=True, slots=True)
class Way:
    """A link: bytes a second, seconds of a round trip, and the p95 to reach in seconds."""

    name: str
    rate: float
    trip: float
    reach: float


WAYS = (Way("32 kB/s, 80 ms", 32_000, 0.08, 0.5), Way("8 kB/s, 100 ms", 8_000, 0.1, 1.3))


@dataclass(order=True, slots=True)
class Arrival:
    """Bytes that arrive at one end at a time."""

    at: float
    number: int
    data: bytes = field(compare=False)
    at_terminal: bool = field(compare=False)


class Far(Program):
    """A program in a pty, and its terminal at the far end of a link."""

    def __init__(self, words: list[str], way: Way, environment: dict[str, str]) -> None:
        super().__init__(words, environment)
        self._way = way
        self.screen = Vt(COLUMNS, LINES)
        self.arrived = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._answers = Answers()
        self._under_way: list[Arrival] = []
        self._count = 0
        self._free_from = 0.0

    def _travel(self, data: bytes, at: float, *, at_terminal: bool) -> None:
        self._count += 1
        heapq.heappush(self._under_way, Arrival(at, self._count, data, at_terminal))

    def press(self, keys: bytes) -> None:
        """Type at the far end."""
        self._travel(keys, time.monotonic() + self._way.trip / 2, at_terminal=False)

    def turn(self, seconds: float) -> None:
        """Let the link carry what it carries, so long at most."""
        now = time.monotonic()
        while self._under_way and self._under_way[0].at <= now:
            arrival = heapq.heappop(self._under_way)
            if arrival.at_terminal:
                self._shown(arrival.data, now)
            else:
                self.write(arrival.data)
        if self._under_way:
            seconds = min(seconds, max(0.0, self._under_way[0].at - time.monotonic()))
        data = self.read(seconds)
        now = time.monotonic()
        for start in range(0, len(data), PACKET):
            packet = data[start : start + PACKET]
            self._free_from = max(now, self._free_from) + len(packet) / self._way.rate
            self._travel(packet, self._free_from + self._way.trip / 2, at_terminal=True)

    def _shown(self, data: bytes, now: float) -> None:
        self.arrived += len(data)
        self.screen.feed_str(self._decode(data))
        if answers := self._answers.to(data):
            self._travel(answers, now + self._way.trip / 2, at_terminal=False)

    def lines(self) -> list[str]:
        """The words on the far screen."""
        return [line.text for line in self.screen.view()]

    def until(self, words: str) -> float:
        """Wait until the far screen shows something; seconds it took."""
        began = time.monotonic()
        while not any(words in line for line in self.lines()):
            if time.monotonic() - began > GIVE_UP:
                sys.exit(f"nothing to be seen of {words!r} after {GIVE_UP:.0f} s")
            self.turn(0.05)
        return time.monotonic() - began

    def rest(self, seconds: float) -> None:
        """Go on until nothing has arrived for so long."""
        arrived, since = self.arrived, time.monotonic()
        while time.monotonic() - since < seconds:
            self.turn(0.05)
            if arrived != self.arrived:
                arrived, since = self.arrived, time.monotonic()

    def go_on(self, seconds: float) -> None:
        """Go on for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.turn(min(left, 0.05))


@dataclass(slots=True)
class Measured:
    """What one driver did on one link: seconds a key, bytes of a first paint."""

    keys: list[float] = field(default_factory=list)
    paints: list[int] = field(default_factory=list)

    def p95(self) -> float:
        """Seconds that 95 of 100 keys do not take longer than."""
        return percent(self.keys, 95)


def measure(way: Way, plain: str, keys: int, into: Measured, chance: random.Random) -> None:
    """Run the app once: first paint at rest, then the flood and the keys."""
    with Far(APP, way, {"WIZARD_PLAIN_DRIVER": plain}) as far:
        far.until("Quit")
        far.rest(1.0)
        into.paints.append(far.arrived)
        far.press(b"f")
        far.go_on(1)
        for number in range(1, keys + 1):
            far.go_on(chance.uniform(0.3, 1.1))
            far.press(b"k")
            into.keys.append(far.until(f"pressed {number} times"))


def main(rounds: int, keys: int) -> None:
    """Measure each way and driver in each round, and compare."""
    chance = random.Random()
    measured = {(way, plain): Measured() for way in WAYS for plain in ("1", "")}
    for number in range(rounds):
        for (way, plain), into in sorted(measured.items(), key=lambda item: item[0][1], reverse=number % 2 == 0):
            # Textual's own falls behind without end under the flood, so it gets one key soon after the beginning.
            measure(way, plain, 1 if plain else keys, into, chance)
    missed = []
    for way in WAYS:
        stock, ours = measured[way, "1"], measured[way, ""]
        ratio = statistics.median(one / other for one, other in zip(ours.paints, stock.paints, strict=True))
        print(f"{way.name}, {rounds} rounds")
        for name, one in (("Textual's own", stock), ("ours", ours)):
            times = f"median {statistics.median(one.keys) * 1000:6.0f} ms, p95 {one.p95() * 1000:6.0f} ms"
            print(
                f"  {name:14} first paint {statistics.median(one.paints) / 1000:5.1f} kB   key to reaction: "
                f"{times} ({len(one.keys)} keys)"
            )
        print(f"  reach: p95 {way.reach * 1000:.0f} ms, first paint {ratio:.2f} of its (0.25)")
        missed += [way.name] if ours.p95() > way.reach or ratio > 0.25 else []
    if missed:
        sys.exit(f"not reached: {'; '.join(missed)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, int(sys.argv[2]) if len(sys.argv) > 2 else 30)
