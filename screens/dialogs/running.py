"""A command that runs above the screen it was begun from: the mending of a check, a look before the walk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from screens.output import AttendedOutput
from screens.stage import WizardScreen
from screens.widgets.card_rows import words
from screens.widgets.output_live import SMALLEST
from screens.widgets.terminal_pane import TerminalPane
from wizard.plain.clean import clean_command, clean_line
from wizard.run.operator import Room
from wizard.run.output_reading import AttemptOutput

if TYPE_CHECKING:
    from pathlib import Path

    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.timer import Timer

    from screens.attending import Attending

STAYS: Final = 4.0
"""Seconds that the end is shown before the screen closes by itself, unless somebody reads in it."""

_LOOK: Final = 0.2
"""Seconds between two looks for the word on how it ended, once it has."""

_LONGEST: Final = 6
"""Lines of a command that are shown above its output."""

_LINES_BELOW: Final = 3
"""Lines below the output: what goes on in it, the verdict, the keys."""


class RunningScreen(WizardScreen[None]):
    """One command in a live terminal, closed by a key or some seconds after its end; it never stops the command."""

    HELP: ClassVar[str] = (
        "A command runs here. t types into it, ctrl+] ends that. / searches its output, e goes to the next line that "
        "tells of an error.\nIt closes by itself after the end, unless you press a key; then q closes it."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "close", "Close", id="running.close", tooltip="Back; a command that still runs goes on"),
        Binding("enter,escape", "close_ended", "Close", show=False, id="running.close-ended",
                tooltip="Back, once the command has ended"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    RunningScreen {
        .-shown { padding: 0 1; height: auto; background: $panel; color: $text-primary; }
        .-verdict { padding: 0 1; height: 1; background: $panel; text-style: bold; }
    }
    """

    def __init__(self, attending: Attending) -> None:
        """Show the command of `attending`, whose folder is known."""
        super().__init__()
        self._attending = attending
        watching = attending.watching
        folder: Path = watching.folder or _nowhere()
        self._output = AttendedOutput(attending, AttemptOutput(folder))
        self._touched = False
        self._ended_at = 0.0
        self._looking: Timer | None = None
        self._verdict = Static(Content("Runs"), classes="-verdict", markup=False)

    @property
    def attempt(self) -> str:
        """Id of the attempt that is shown."""
        return self._attending.attempt

    def compose(self) -> ComposeResult:
        """The command, its terminal, and how it ended."""
        yield words(_as_shown(self._attending.watching.shown), "-shown")
        yield TerminalPane(self._output, save_as=f"{self.attempt}.txt")
        yield self._verdict

    def on_mount(self) -> None:
        """Let its keys work."""
        self.query_one(TerminalPane).focus()
        if not self._attending.running:
            self._end()

    def on_key(self, event: events.Key) -> None:
        """Stay: somebody reads."""
        del event
        self._touched = True

    def on_mouse_scroll_up(self) -> None:
        """Stay: somebody reads."""
        self._touched = True

    def action_close(self) -> None:
        """Close; where it still runs, it is shown again as soon as there is something to say of it."""
        self.dismiss(None)

    def action_close_ended(self) -> None:
        """Close by the keys that leave everything else; they never leave a command that may still ask something."""
        self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A command that runs is left by its own key only."""
        if action == "close_ended":
            return self._looking is not None
        return super().check_action(action, parameters)

    @on(TerminalPane.Ended)
    def _pane_ended(self, event: TerminalPane.Ended) -> None:
        event.stop()
        self._end()

    def _end(self) -> None:
        if self._looking is None:
            self._ended_at = time.monotonic()
            self._looking = self.set_interval(_LOOK, self._say_end)
            self.refresh_bindings()

    def _say_end(self) -> None:
        """Show how it ended once that is told; close when it has been read, and nothing is open above."""
        how = clean_line(self._attending.ending)
        over = time.monotonic() - self._ended_at >= STAYS
        closes = "q closes" if self._touched else "closes in a moment, a key keeps it open"
        text = f"The command {how}: {closes}" if how else f"The command has ended: {closes}"
        if str(self._verdict.content) != text:
            self._verdict.update(Content(text))
        if over and self._looking is not None and (self._touched or self.is_active):
            self._looking.stop()
            if not self._touched:
                self.dismiss(None)


def room_of(shown: str, size: Size) -> Room:
    """How much room the output of a command that is `shown` so will have on a screen of that size."""
    above = Content(_as_shown(shown)).get_height({}, size.width - 2)
    return Room(max(SMALLEST.height, size.height - above - _LINES_BELOW), max(SMALLEST.width, size.width))


def _as_shown(shown: str) -> str:
    """The first lines of a command."""
    lines = clean_command(shown).split("\n")
    more = [f"... ({len(lines) - _LONGEST} lines more)"] if len(lines) > _LONGEST else []
    return "\n".join([f"$ {lines[0]}", *(f"  {line}" for line in [*lines[1:_LONGEST], *more])])


def _nowhere() -> Path:
    """A folder that is not there: its output is empty."""
    from pathlib import Path

    return Path("/nonexistent")
