"""The parts of a run's screen: how they lie in each other, and where each of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher, Static

from screens.widgets.background_strip import BackgroundStrip
from screens.widgets.loop_table import LoopTable
from screens.widgets.monitor_view import MonitorView
from screens.widgets.reading import Reading
from screens.widgets.run_header import RunHeader, Ticking
from screens.widgets.status_line import StatusLine
from screens.widgets.step_list import StepList
from screens.widgets.walk_output import WalkOutput

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from screens.widgets.terminal_pane import TerminalPane


class WalkParts(Vertical):
    """Header, steps, the words of one step, the place of cards, and the terminal; `walk.tcss` says how they look."""

    @property
    def whole(self) -> bool:
        """Whether all parts are there: while it is taken off the screen they go before it."""
        # Asked dozens of times a step and for every key, as is `pane`: a query by selectors takes long for that.
        return {"walk-words", "walk-terminal"} <= {node.id for node in self.walk_children()}

    @property
    def steps(self) -> StepList:
        """The list of steps."""
        return self.query_one(StepList)

    @property
    def words(self) -> Reading:
        """The words of the step that is shown."""
        return self.query_one("#walk-words", Reading)

    @property
    def log_panel(self) -> Reading:
        """What happened so far."""
        return self.query_one("#walk-log", Reading)

    @property
    def panels(self) -> ContentSwitcher:
        """Words, items, or log."""
        return self.query_one(ContentSwitcher)

    @property
    def output(self) -> WalkOutput:
        """What the step that is shown printed."""
        return self.query_one(WalkOutput)

    @property
    def pane(self) -> TerminalPane | None:
        """The terminal; None until there was a command."""
        return next((output.pane for output in self.walk_children(WalkOutput)), None)

    @property
    def card(self) -> Widget | None:
        """What waits for a reply or for time to pass; None where nothing does."""
        return next(iter(self.query_one("#walk-card").children), None)

    def __init__(self, session: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        """Lay out for the session with that id."""
        super().__init__(id=id)
        self.session = session

    def compose(self) -> ComposeResult:
        """Lay out; `walk.tcss` says how."""
        yield StatusLine()
        yield RunHeader()
        yield Static("", id="walk-says", markup=False)
        yield Static("", id="walk-strip", markup=False)
        with Horizontal(id="walk-main"):
            yield StepList(id="walk-steps")
            with Vertical(id="walk-right"):
                with ContentSwitcher(initial="walk-words", id="walk-panels"):
                    yield Reading(id="walk-words")
                    yield LoopTable(id="walk-items")
                    yield Reading(id="walk-log")
                    with Vertical(id="walk-monitor"):
                        yield MonitorView()
                yield Vertical(id="walk-card")
                yield Static("", id="walk-card-waits", markup=False)
                yield (line := Ticking(id="walk-output-of"))
                yield WalkOutput(self.session, line, id="walk-terminal")
        yield BackgroundStrip()
