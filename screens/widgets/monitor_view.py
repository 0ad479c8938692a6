"""What a monitor sees: a graph with its numbers for each limit and each log, and the last lines of the logs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.widgets.reading import Line
from wizard.counting import counted
from wizard.plain.clean import clean_line
from wizard.run.spool import tells_of_error
from wizard.units import amount_in, show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult

    from wizard.run.events import LogNews, Sample
    from wizard.run.session_view import LookSeen

KEPT: Final = 600
"""Looks that are kept for the graphs."""

GRAPH: Final = 40
"""Columns of a graph."""

LINES: Final = 6
"""Last lines of the logs that are shown; the logs have them all."""

LEVELS: Final = " ▁▂▃▄▅▆▇█"
"""From nothing to most; for a terminal that shows only ASCII the driver puts look-alikes, which rise too."""


def graph(amounts: Sequence[float | None], *, width: int = GRAPH) -> str:
    """Draw the last `width` amounts between the least and the most of them; a look without one is a blank."""
    last = list(amounts)[-width:]
    known = [amount for amount in last if amount is not None]
    if not known:
        return ""
    # From nothing where it is not far below: a graph of 96 and 97 percent must not look like a mountain.
    least = min(0.0, *known) if min(known) >= 0 and max(known) >= 2 * min(known) else min(known)
    span = max(known) - least
    highest = len(LEVELS) - 1
    if span <= 0:
        level = LEVELS[1 if known[0] == 0 else highest // 2]
        return "".join(" " if amount is None else level for amount in last)
    return "".join(
        " " if amount is None else LEVELS[1 + round((amount - least) / span * (highest - 1))] for amount in last
    )


@dataclass(slots=True)
class Series:
    """One limit as it was seen, oldest look first."""

    title: str
    amounts: deque[float | None] = field(default_factory=lambda: deque(maxlen=KEPT))
    seen: str = ""
    passed: bool = True
    failed: int = 0
    least: tuple[float, str] | None = None
    most: tuple[float, str] | None = None

    def take(self, sample: Sample) -> None:
        """Note one look."""
        self.amounts.append(sample.amount)
        self.seen, self.passed = clean_line(sample.seen), sample.passed
        self.failed += not sample.passed
        if sample.amount is not None:
            written = amount_in(sample.seen)
            amount = (sample.amount, written[1] if written is not None else self.seen)
            self.least = min(self.least or amount, amount)
            self.most = max(self.most or amount, amount)

    def lines(self, width: int) -> Iterable[str]:
        """Whether it holds and what was seen, then its graph between the least and the most."""
        failed = f"; failed {counted(self.failed, 'time')}" if self.failed else ""
        yield f"{'OK  ' if self.passed else 'FAIL'} {self.title}: {self.seen}{failed}"
        if self.least is not None and self.most is not None and len(self.amounts) > 1:
            drawn = graph(self.amounts, width=width)
            span = "always the same" if self.least[0] == self.most[0] else f"from {self.least[1]} to {self.most[1]}"
            yield f"     |{drawn}| {span}"


@dataclass(slots=True)
class Log:
    """One log as it grew, oldest look first."""

    path: str
    counts: deque[float | None] = field(default_factory=lambda: deque(maxlen=KEPT))
    lines_in_all: int = 0
    errors: int = 0
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LINES))

    def take(self, news: LogNews, *, again: bool = False) -> None:
        """Note what came; `again`: told from the begin of the step, as whoever goes on with a monitor reads it."""
        if again:
            counted_before, self.lines_in_all = self.lines_in_all, max(self.lines_in_all, news.count)
            self.counts.append(float(self.lines_in_all - counted_before))
            self.errors = max(self.errors, news.errors)
        else:
            self.counts.append(float(news.count))
            self.lines_in_all += news.count
            self.errors += news.errors
        if again and news.lines:
            self.last.clear()
        self.last.extend(clean_line(line) for line in news.lines)

    def lines(self, width: int) -> Iterable[str]:
        """How much came, its graph, and the last lines; those that tell of an error are marked."""
        verb = "tells" if self.errors == 1 else "tell"
        errors = f"{self.errors} {verb} of an error" if self.errors else "none tells of an error"
        yield f"{'!   ' if self.errors else 'OK  '} {self.path}: {counted(self.lines_in_all, 'new line')}, {errors}"
        if any(self.counts):
            yield f"     |{graph(self.counts, width=width)}| lines at each look"
        for line in self.last:
            yield f"   {'!' if tells_of_error(line) else ' '} {line}"


@dataclass(slots=True)
class Seen:
    """All that one monitor saw, as far as it was given."""

    key: str = ""
    last: tuple[int, int] = (0, 0)
    limits: dict[str, Series] = field(default_factory=dict)
    logs: dict[str, Log] = field(default_factory=dict)
    time: str = "Nothing was looked at yet."

    def take(self, looks: Iterable[LookSeen]) -> bool:
        """Note those of one monitor that are new; gives whether any was."""
        before = self.last
        for look in looks:
            if (place := (look.epoch, look.number)) > self.last:
                self._take(look, again=bool(self.key) and look.epoch != self.last[0])
                self.key, self.last = look.key, place
        return self.last != before

    def _take(self, look: LookSeen, *, again: bool) -> None:
        for sample in look.samples:
            self.limits.setdefault(sample.key, Series(clean_line(sample.title))).take(sample)
        for news in look.logs:
            self.logs.setdefault(news.path, Log(clean_line(news.path))).take(news, again=again)
        left = max(0.0, look.at_most - look.watched)
        times = (show_duration(look.watched), show_duration(look.at_most), show_duration(left))
        self.time = "Watched for {} of {}, {} left".format(*times)

    def lines(self, columns: int) -> list[str]:
        """All that is shown, line by line, in so many columns."""
        width = max(10, min(GRAPH, columns - 40))
        limits = [line for limit in self.limits.values() for line in limit.lines(width)]
        logs = [line for log in self.logs.values() for line in log.lines(width)]
        return [self.time, *limits, *logs]


def monitor_lines(looks: Iterable[LookSeen], columns: int) -> list[Line]:
    """The same to be read among other lines."""
    seen = Seen()
    seen.take(looks)
    return [Line(line, "bad" if _is_bad(line) else "", 5) for line in seen.lines(columns)]


class MonitorView(VerticalScroll, can_focus=True):
    """Give it the looks of a monitor with `show`; it draws only where one of them is new."""

    DEFAULT_CSS = """
    MonitorView {
        height: 1fr;
        padding: 0 1;
        scrollbar-size-vertical: 1;
        Static { height: auto; width: 1fr; }
    }
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        super().__init__()
        self._seen = Seen()
        self._words = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._words

    def on_mount(self) -> None:
        """Show what was given before."""
        self._draw()

    def on_resize(self) -> None:
        """Fit the graphs."""
        self._draw()

    def show(self, looks: Sequence[LookSeen]) -> None:
        """Show what these looks and those before saw; those of another step begin anew."""
        if looks and looks[-1].key != self._seen.key:
            self._seen = Seen()
        if self._seen.take(looks) and self.is_mounted:
            self._draw()

    def lines(self) -> list[str]:
        """All that is shown, line by line."""
        return self._seen.lines(self.size.width)

    def _draw(self) -> None:
        drawn = [Content.styled(line, "bold $text-error") if _is_bad(line) else Content(line) for line in self.lines()]
        self._words.update(Content("\n").join(drawn))


def _is_bad(line: str) -> bool:
    return line.startswith(("FAIL", "! ", "   ! "))
