"""A wait: for what, what was last seen, how long it has taken and may take, and the ways out of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.stage import Wished
from screens.widgets.card_choices import Choices
from screens.widgets.card_rows import Row
from wizard.plain.clean import clean_line
from wizard.run.operator import Choice, Wish
from wizard.units import show_duration

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from wizard.run.operator import Pausing

TICK: Final = 1.0
"""Seconds between two looks at the clock: nothing is drawn more often, and only what is different."""

BAR: Final = 30
"""Columns of the bar."""

_WAYS: Final = (
    Choice(Wish.GO_ON, "Do not wait any longer", danger=True),
    Choice(Wish.LEAVE, "Leave the wizard; `wizard resume` goes on waiting"),
    Choice(Wish.STOP, "Stop here, and take back what was set for a while", danger=True),
)


def wait_lines(pausing: Pausing, waited: float) -> list[str]:
    """Put a wait into lines: what for, what was seen, and the times, with a bar where there is an end."""
    lines = [f"Waiting: {clean_line(pausing.title)}"]
    if pausing.seen:
        lines.append(f"Last seen: {clean_line(pausing.seen)}")
    times = [f"waited {show_duration(waited)}"]
    if pausing.usually is not None and pausing.usually != pausing.at_most:
        times.append(f"usually {show_duration(pausing.usually)}")
    if pausing.at_most is not None:
        times.append(f"at most {show_duration(pausing.at_most)}")
        times.append(f"{show_duration(max(0.0, pausing.at_most - waited))} left")
    elif pausing.usually is not None:
        over = waited - pausing.usually
        times.append(f"{show_duration(over)} longer than usual" if over > 0 else f"about {show_duration(-over)} left")
    whole = pausing.at_most if pausing.at_most is not None else pausing.usually
    if whole:
        full = min(BAR, int(BAR * waited / whole))
        lines.append(f"[{'#' * full}{'.' * (BAR - full)}]")
    return [*lines, "   ".join(times)]


class WaitWords(Static):
    """The words of a wait, whose clock goes on between two looks of the engine; nothing while there is none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin empty."""
        super().__init__("", id=id, markup=False)
        self._pausing: Pausing | None = None
        self._came = 0.0
        self._shown: list[str] = []
        self._ticking: Timer | None = None
        self.display = False

    def on_mount(self) -> None:
        """Let the clock go on."""
        self._ticking = self.set_interval(TICK, self._draw, pause=True)
        self.show(self._pausing)

    def show(self, pausing: Pausing | None) -> None:
        """Show what was seen last, or nothing."""
        self._pausing, self._came = pausing, time.monotonic()
        self.display = pausing is not None
        if self._ticking is not None:
            (self._ticking.pause if pausing is None else self._ticking.resume)()
            self._draw()

    def _draw(self) -> None:
        pausing = self._pausing
        lines = [] if pausing is None else wait_lines(pausing, pausing.waited + time.monotonic() - self._came)
        if lines != self._shown:
            self._shown = lines
            self.update(Content("\n".join(lines)))


class WaitView(Vertical):
    """Shows the wait it was last given; says `Wished` where the person wants something instead."""

    DEFAULT_CSS = """
    WaitView {
        height: auto;
        padding: 0 1;
        background: $panel;
        WaitWords { height: auto; width: 1fr; }
    }
    """

    def __init__(self, pausing: Pausing) -> None:
        """Show `pausing`."""
        super().__init__()
        self._words = WaitWords()
        self._words.show(pausing)

    def compose(self) -> ComposeResult:
        """The words, and the ways out."""
        yield self._words
        yield Choices(_WAYS)

    def show(self, pausing: Pausing) -> None:
        """Show what the engine saw last."""
        self._words.show(pausing)

    def focus(self, scroll_visible: bool = True) -> Self:  # noqa: FBT001, FBT002 - as Textual has it
        """Lead to the first way out."""
        self.query(Row).first().focus(scroll_visible)
        return self

    def jump(self, number: int) -> None:
        """Go to the way out with that digit, as on a card; enter takes it, and what is dangerous is asked once more."""
        self.query_one(Choices).action_jump(number)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.query_one(Choices).action_back()
        self.post_message(Wished(Wish(event.chosen.key)))
