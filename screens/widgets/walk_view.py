"""All that is shown of a run, to whoever drives it and to whoever looks on alike: from the session's folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from screens.in_turn import when_arranged
from screens.widgets.background_strip import BackgroundStrip
from screens.widgets.card_base import Card
from screens.widgets.loop_table import LoopTable
from screens.widgets.monitor_view import MonitorView
from screens.widgets.reading import Line
from screens.widgets.run_header import RunHeader, WayBack
from screens.widgets.status_line import StatusLine
from screens.widgets.step_course import Course, strip_words
from screens.widgets.step_list import StepList
from screens.widgets.terminal_pane import TerminalPane
from screens.widgets.told_lines import log_lines
from screens.widgets.wait_view import WaitView
from screens.widgets.walk_follow import Followed, Following
from screens.widgets.walk_parts import WalkParts
from screens.widgets.walk_reading import lines_about
from screens.widgets.walk_words import says, standing
from wizard.run.events import Said
from wizard.run.session_view import SessionView
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.widget import Widget

    from screens.attending import Attending
    from screens.requests import RoomWanted
    from screens.widgets.row_list import RowList
    from wizard.run.events import Event

NARROW: Final = 100
"""Columns below which the steps are one line, unless they are asked for."""
LOW: Final = 32
"""Lines below which a card takes the place of the step's words."""

_AT_WORK: Final = (StepStatus.RUNNING, StepStatus.UNDOING)


class WalkView(WalkParts):
    """Header, steps, the words of one step, cards, and the terminal; everything but the requests is read from disk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "part(1)", "Next part", id="walk.part", tooltip="To the next part of the screen"),
        Binding("shift+tab", "part(-1)", "Part before", show=False, id="walk.part-before", tooltip="The part before"),
        Binding("0", "now", "Now", id="walk.now", tooltip="Back to the step the run stands at"),
        Binding("escape", "now", "Now", show=False, id="walk.back", tooltip="Back to the step the run stands at"),
        Binding("left_square_bracket,left", "beside(-1)", "Before", key_display="[", id="walk.before",
                tooltip="Look at the step before, while the walk goes on"),
        Binding("right_square_bracket,right", "beside(1)", "After", key_display="]", id="walk.after",
                tooltip="Look at the step after"),
        Binding("a", "steps", "Steps", id="walk.steps", tooltip="All steps"),
        Binding("i", "panel('items')", "Items", id="walk.items", tooltip="The items and batches of this loop"),
        Binding("l", "panel('log')", "Log", id="walk.log", tooltip="What happened and was said so far"),
        Binding("m", "way_back", "More", show=False, id="walk.way-back",
                tooltip="All about the way back, where the head has no room for it"),
        Binding("slash", "in_terminal('search')", "Search", key_display="/", show=False, id="walk.search",
                tooltip="Search the output"),
        Binding("n", "in_terminal('search_again(False)')", "Next", show=False, id="walk.next",
                tooltip="The next hit in the output; where nothing was searched for, the next error line"),
        Binding("N", "in_terminal('search_again(True)')", "Before", show=False, id="walk.hit-before",
                tooltip="The hit before in the output; where nothing was searched for, the error line before"),
        Binding("t", "in_terminal('type')", "Type", show=False, id="walk.type", tooltip="Type into the command"),
        Binding("e", "in_terminal('error(False)')", "Error", show=False, id="walk.error",
                tooltip="The next line of the output that tells of an error"),
        Binding("E", "in_terminal('error(True)')", "Error before", show=False, id="walk.error-before",
                tooltip="The line before that tells of an error"),
        Binding("y", "in_terminal('copy')", "Copy", show=False, id="walk.copy", tooltip="Copy what the terminal shows"),
    ]  # fmt: skip

    class Moved(Message):
        """What is shown or known of the run is other than before."""

        def __init__(self, view: SessionView, now: Callable[[], float]) -> None:
            """Carry the session as it is, and the clock its times are told by."""
            super().__init__()
            self.view = view
            self.now = now

    class _Came(Message):
        """A look at the folder found something."""

        def __init__(self, followed: Followed) -> None:
            super().__init__()
            self.followed = followed

    class _Lost(Message):
        """The session cannot be followed."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    class _Looked(Message):
        """What the folder said as a command was about to begin is shown."""

        def __init__(self, wanted: RoomWanted) -> None:
            super().__init__()
            self.wanted = wanted

    def __init__(self, session: str, *, here: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        """Show the session with that id; `here`: this wizard drives it."""
        super().__init__(session, id=id)
        self.here = here
        self.session_view = SessionView(session)
        self._following = Following(
            session, lambda found: self.post_message(self._Came(found)), lambda why: self.post_message(self._Lost(why))
        )
        self._found: Followed | None = None
        self._course = Course(None)
        self._course_of: tuple[object, object] = (None, None)
        self._away = ""
        """Address of the step that is looked at instead of the one the run stands at."""
        self._lost = ""
        self._attending: Attending | None = None
        self._expected: RoomWanted | None = None
        """A command that is about to begin, for which there is room already."""
        self._gives_keys = False
        """Whether the terminal gets the keys as soon as it shows the command that is attended."""
        self._reads_output = False
        """Whether somebody went to the terminal although a card waits."""
        self._read = ""
        self._said = ("", "")
        self._warned = ""
        """The warning told last, until the next remark or reply: a card may cover the words of its step."""
        self._warned_at = 0.0
        self.strip = ""
        """The steps around the one that is shown, in one line."""

    def on_mount(self) -> None:
        """Begin to follow."""
        self.query_one(RunHeader).show(self.session_view, lambda: 0.0, here=self.here)
        self.words.show([Line("The session is read …", "quiet")])
        self.words.focus()
        self.watch(self.screen, "focused", self._focus_moved, init=False)
        self._follow()

    def _focus_moved(self, focused: Widget | None) -> None:
        """Let nothing take the keys away: what had the focus and is hidden or gone leaves it to what is shown."""
        if focused is None:
            self.call_after_refresh(self._keep_focus)
        elif self._reads_output and self.whole and not self.output.holds(focused):
            self._reads_output = False
            self._show_away()

    def _keep_focus(self) -> None:
        if self.whole and self.screen.focused is None:
            self._focus_panel()

    def on_unmount(self) -> None:
        """Follow no more; what runs runs on."""
        self._following.end()

    @work(thread=True, group="follow", exclusive=True, description="follow the session's folder")
    def _follow(self) -> None:
        self._following.run()

    def on_resize(self, event: events.Resize) -> None:
        """Arrange what there is room for."""
        self.set_class(event.size.width < NARROW, "-narrow")
        self.set_class(event.size.height < LOW, "-low")
        self.call_after_refresh(self._show_strip)

    # -- what the engine says to whoever drives --------------------------------------------------

    def tell(self, event: Event) -> None:
        """Look into the folder, where what was told is by now; a warning stays in sight until it was heard.

        One that came at once, whatever was shown, stands above all else by itself.
        """
        if isinstance(event, Said) and not event.at_once:
            self._warned = event.text if event.kind != "note" else ""
            self._warned_at = time.monotonic()
            self._show_says()
        self._following.look()

    def heard(self, card: Card) -> None:
        """Take back the last warning where it was told before the reply to `card`; the reply may have led to it."""
        if self._warned_at < card.requested.replied_at:
            self._warned = ""
            self._show_says()

    def make_room(self, wanted: RoomWanted) -> None:
        """Arrange for a command that is about to begin, and say how much room it has then."""
        if self._away:
            wanted.reply(None)
            return
        self._expected = wanted
        # The words of its step, which take room too, are those of the one before as long as nobody has looked.
        self._following.look_now(lambda: self.post_message(self._Looked(wanted)))

    @on(_Looked)
    def _looked(self, event: _Looked) -> None:
        event.stop()
        if self.whole:
            self.remove_class("-no-output")
            self._show_says()
        # Nothing is laid out while something lies above: it is as large as it was.
        laid_out = self.call_after_refresh if self.screen.is_current else self.call_later
        when_arranged(self, lambda: laid_out(self._tell_room, event.wanted))

    def _tell_room(self, wanted: RoomWanted) -> None:
        wanted.reply(self.output.room() if self.whole else None)

    async def attend(self, attending: Attending) -> None:
        """Show a running command, and type into it where it takes that."""
        self._attending, self._expected = attending, None
        self._gives_keys = attending.watching.terminal and self.card is None and not self._away
        self._following.look()
        await self._show_output()
        self._show_says()

    async def put(self, card: Widget) -> None:
        """Show what waits for a reply, in the place of what waited before."""
        self._reads_output, self._expected, self._gives_keys = False, None, False
        place = self.query_one("#walk-card")
        await place.remove_children()
        # A list over everything would hide it: its keys would be typed into lines that nobody sees.
        self.remove_class("-steps")
        await place.mount(card)
        self.add_class("-card")
        self.set_class(isinstance(card, WaitView), "-wait")
        self._show_away()

    async def take_away(self) -> None:
        """Show no card any more."""
        place = self.query_one("#walk-card")
        if not place.children:
            return
        had_focus = place.has_focus_within
        self._reads_output = False
        await place.remove_children()
        self.remove_class("-card", "-wait")
        self._show_away()
        if had_focus or self.screen.focused is None:
            self._focus_panel()

    # -- what there is in the folder -------------------------------------------------------------

    @on(_Came)
    async def _came(self, event: _Came) -> None:
        event.stop()
        if self.whole:
            await self._show_found(event.followed)
        self._following.taken()

    async def _show_found(self, found: Followed) -> None:
        self._found = found
        view = self.session_view = found.view
        if self._course_of != (view.plan, view.aside):
            self._course_of = (view.plan, view.aside)
            self._course = Course(view.plan, view.aside)
        self.query_one(RunHeader).show(view, found.now, here=self.here)
        self.query_one(BackgroundStrip).show(view)
        self.steps.show_steps(view, self.shown)
        self._show_items()
        self._show_monitor(found)
        self._show_strip()
        self._show_words()
        self._show_log()
        self._show_says()
        self.query_one(StatusLine).show(*standing(view, self._course.find(view.now)))
        await self._show_output()
        self.refresh_bindings()
        self.post_message(self.Moved(view, found.now))

    @on(_Lost)
    def _is_lost(self, event: _Lost) -> None:
        event.stop()
        self._lost = event.why
        if self.whole:
            self._show_says()

    @property
    def shown(self) -> str:
        """Address of the step that is shown."""
        return self._away or (self._found.key if self._found is not None else "")

    @property
    def away(self) -> bool:
        """Whether an earlier or later step is looked at instead of the one the run stands at."""
        return bool(self._away)

    def _show_words(self) -> None:
        found, key = self._found, self.shown
        if found is None:
            return
        graphs = None if self.has_class("-monitor") else self.words.size.width
        if (lines := lines_about(key, found, self._course, graphs=graphs)) is None:
            return
        self.words.show(lines)
        if self._read != key:
            self._read = key
            self.words.scroll_home(animate=False)

    def _show_items(self) -> None:
        # Of thousands of items the rows take tens of milliseconds, at every change of one of them.
        if self.panels.current == "walk-items" and self._found is not None:
            self.query_one(LoopTable).show(self._found.loop)

    def _show_log(self) -> None:
        if self.panels.current != "walk-log":
            return
        panel = self.log_panel
        at_end = panel.scroll_offset.y >= panel.max_scroll_y
        panel.show(log_lines(self.session_view.log, self.session_view.told))
        if at_end:
            self.call_after_refresh(panel.scroll_end, animate=False)

    def _show_strip(self) -> None:
        strip = strip_words(self.session_view, self._course, self.shown, max(20, self.size.width - 2))
        if self.whole and strip != self.strip:
            self.strip = strip
            self.query_one("#walk-strip", Static).update(Content(strip))

    def _show_says(self) -> None:
        running = self._attending if self._attending is not None and self._attending.running else None
        command = self._expected or (running.watching if running is not None else None)
        self.set_class(command is not None and command.terminal and not self._away, "-types")
        self.query_one(WayBack).give_way(on=self.has_class("-types"))
        notice = running.notice if running is not None else ""
        words, tone = says(self.session_view, here=self.here, lost=self._lost, notice=notice, warned=self._warned)
        if self._away:
            now = self._course.find(self.session_view.now)
            stands = f"; the run stands at {now.code}" if now is not None else ""
            words = f"Looking at another step{stands}. 0: back to it." + (f"  {words}" if words else "")
            tone = tone or "quiet"
        if (words, tone) != self._said:
            self._said = (words, tone)
            line = self.query_one("#walk-says", Static)
            line.set_classes(f"-{tone}" if tone else "")
            line.update(Content(words))

    def _show_monitor(self, found: Followed) -> None:
        """While a monitor is at work, show what it sees where the words of its step are."""
        works = found.view.status(found.key) in _AT_WORK and found.key == found.view.now
        if works and found.looks:
            self.query_one(MonitorView).show(found.looks)
        if self.has_class("-monitor") != (works and bool(found.looks)):
            read_words = self.panels.current == self._own_panel
            self.toggle_class("-monitor")
            if read_words:
                self.panels.current = self._own_panel
                self._show_away()

    async def _show_output(self) -> None:
        found, shows = self._found, False
        if found is not None:
            shows = await self.output.show(found, self._course, self.shown, away=self.away, attending=self._attending)
        self.set_class(not shows and self._expected is None, "-no-output")
        if self._gives_keys and self.output.is_driven and (pane := self.pane) is not None:
            pane.focus()
            self._gives_keys = False

    @property
    def _own_panel(self) -> str:
        """The panel that shows the step itself: its words, or what its monitor sees."""
        return "walk-monitor" if self.has_class("-monitor") else "walk-words"

    # -- keys ------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what does something."""
        match action:
            case "now":
                return self.has_class("-away") or self.has_class("-steps")
            case "panel" if parameters == ("items",):
                return self._found is not None and self._found.loop is not None
            case "way_back":
                return self.query_one(WayBack).has_more
            case "in_terminal":
                return self.pane is not None and not self.has_class("-no-output")
            case _:
                return super().check_action(action, parameters)

    def action_beside(self, by: int) -> None:
        """Look at the step before or after."""
        self.look_at(self._course.beside(self.shown, by))

    def action_now(self) -> None:
        """Go back to the step the run stands at, and to its words."""
        self.remove_class("-steps")
        self.panels.current = self._own_panel
        self._reads_output = False
        self.look_at("")
        self._settle()

    def _settle(self) -> None:
        """Give the keys to the card where one is in sight, else to the panel, which the card may hide."""
        if isinstance(card := self.card, Card) and not self.has_class("-away"):
            card.come_back()
        else:
            self._focus_panel()

    def look_at(self, key: str) -> None:
        """Show a step, whether it is done or to come; empty: the one the run stands at, from now on."""
        view = self.session_view
        self._away = "" if key == view.now and view.now else key
        self._gives_keys = self._gives_keys and not self._away
        self._following.look_at(self._away)
        if key and self.panels.current == "walk-log":
            # The log is of all steps: whoever goes to one wants to read that.
            reads = self.log_panel.has_focus
            self.panels.current = self._own_panel
            if reads:
                self._focus_panel()
        if self._found is not None:
            self.steps.show_steps(view, self.shown)
        self._show_strip()
        self._show_words()
        self._show_says()
        self._show_away()

    def _show_away(self) -> None:
        """A card gives way to what is looked at where there is no room for both, and says that it waits."""
        card = self.card
        elsewhere = self.away or self.panels.current != self._own_panel
        reads = self._reads_output and card is not None
        self.set_class(elsewhere or reads, "-away")
        self.set_class(reads and not elsewhere, "-reads-output")
        title = card.title if isinstance(card, Card) else ""
        waits = f"A question waits: {title}  (0: back to it)" if card is not None else ""
        self.query_one("#walk-card-waits", Static).update(Content(waits))
        if elsewhere and card is not None and card.has_focus_within and self.has_class("-low"):
            # At once: with the focus in what is being hidden, the next key would reach nobody.
            self._focus_panel()
        self.refresh_bindings()

    def action_steps(self) -> None:
        """Go to the list of steps; where there is little room it takes the place of the rest, until a step is taken."""
        if self.has_class("-narrow") and not self.toggle_class("-steps").has_class("-steps"):
            self._settle()
            return
        self.steps.focus()
        self.refresh_bindings()

    def action_way_back(self) -> None:
        """Show all about the way back in the head, or what there is room for."""
        self.query_one(WayBack).toggle_whole()

    def action_panel(self, name: str) -> None:
        """Show items or log in the place of the step's words, or the words again."""
        wanted = f"walk-{name}"
        self.panels.current = self._own_panel if self.panels.current == wanted else wanted
        self._show_items()
        self._show_log()
        self._show_away()
        self._settle()

    def _focus_panel(self) -> None:
        match self.panels.current:
            case "walk-items":
                self.query_one(LoopTable).rows.focus()
            case "walk-log":
                self.log_panel.focus()
            case "walk-monitor":
                self.query_one(MonitorView).focus()
            case _:
                self.words.focus()

    def action_part(self, by: int) -> None:
        """Move the focus to the next part that can be seen."""
        parts = self._parts()
        at = next((number for number, (place, _) in enumerate(parts) if place.has_focus_within or place.has_focus), -1)
        if parts:
            parts[(at + by) % len(parts) if at >= 0 else 0][1]()

    def _parts(self) -> list[tuple[Widget, Callable[[], object]]]:
        parts: list[tuple[Widget, Callable[[], object]]] = []
        if self.steps.region.area:
            parts.append((self.steps, self.steps.focus))
        if self.panels.region.area:
            parts.append((self.panels, self._focus_panel))
        card = self.card
        if self._reads_output and card is not None:
            parts.append((card, self.action_now))
        elif card is not None and card.region.area:
            parts.append((card, card.come_back if isinstance(card, Card) else card.focus))
        hidden = self.has_class("-no-output") or self.has_class("-monitor")
        if (pane := self.pane) is not None and not hidden:
            parts.append((pane, self._read_output))
        return parts

    @on(TerminalPane.AsksHidden)
    def _asks_hidden(self, event: TerminalPane.AsksHidden) -> None:
        """Let what is typed go to a command that asks for something it does not show, unless a card waits."""
        event.stop()
        if self.card is None and not (self.has_class("-away") or self.has_class("-steps")) and event.pane.region:
            event.pane.focus()

    def _read_output(self) -> None:
        """Go to the terminal; a card gives way to it, until somebody goes on to another part."""
        if (pane := self.pane) is not None:
            self._reads_output = self.card is not None
            self._show_away()
            pane.focus()

    async def action_in_terminal(self, action: str) -> None:
        """Do something in the terminal, which gets the focus."""
        if (pane := self.pane) is not None:
            self._read_output()
            await pane.run_action(action)

    @on(StepList.Moved)
    def _step_moved(self, event: RowList.Moved) -> None:
        """Look at the step under the cursor of the list; that of the items leads nowhere."""
        event.stop()
        known = self._course.find(event.key) is not None or event.key in self._course.phases
        if event.rows is self.steps and known and self.steps.has_focus and event.key != self.shown:
            self.look_at(event.key)

    @on(StepList.Taken)
    def _step_taken(self, event: StepList.Taken) -> None:
        """Show the step that was taken, and what the list covered."""
        event.stop()
        self.remove_class("-steps")
        self._settle()
        self.refresh_bindings()
