"""Home: the sessions that need somebody, the guides, and what can be done with each."""

from __future__ import annotations

import platform
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.home_entries import Chosen, Deed, Entry, Part, guide_part, session_parts
from screens.offering import Offering
from screens.widgets.marked_list import MarkedList
from screens.widgets.reading import Line, wrapped
from screens.widgets.still_input import StillInput
from screens.widgets.title_bar import TitleBar
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.worker import Worker

    from screens.engine import Job
    from screens.home_entries import Watch
    from wizard.guide.catalog import CatalogEntry
    from wizard.looking import SeenSessions

LOOK_EVERY: Final = 2.0
"""Seconds between two looks whether something changed on disk; nothing is drawn where it did not."""

LOOK_CLOSELY_EVERY: Final = 10
"""Every so many looks all is read again: that a driver has died is written nowhere."""

_NEW_HERE: Final = "New here? Press d: the demo upgrades a small real service, and shows the way back."


class HomeList(MarkedList):
    """The list of everything; enter shows what can be done with the marked entry."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Choose", id="home.choose", tooltip="Show all that can be done with this"),
    ]


class HomeScreen(Offering[Chosen]):
    """Gives what the engine is to do, or the session to look on at, or None to leave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "do('resume')", "Resume", id="home.resume", tooltip="Go on with this session"),
        Binding("v", "do('watch')", "Watch", id="home.watch", tooltip="Look on while somebody else drives"),
        Binding("t", "do('take over')", "Take over", id="home.take-over", tooltip="Ask the driver for this session"),
        Binding("b", "do('begin')", "Begin", id="home.begin", tooltip="Begin with this guide; you say when it starts"),
        Binding("e", "do('rehearse')", "Rehearse", id="home.rehearse", tooltip="Walk through it; nothing is changed"),
        Binding("x", "do('problems')", "Problems", id="home.problems", tooltip="Read every problem of this guide"),
        Binding("u", "do('undo')", "Undo", id="home.undo", tooltip="Take back what this session did"),
        Binding("p", "do('report')", "Report", id="home.report", tooltip="Read what this session did"),
        Binding(
            "b",
            "do('bundle')",
            "Bundle",
            show=False,
            id="home.bundle",
            tooltip="Make one file of this session for support",
        ),
        Binding(
            "c",
            "do('close')",
            "Close",
            show=False,
            id="home.close",
            tooltip="End this session for good; undoes nothing",
        ),
        Binding(
            "o",
            "do('outline')",
            "Outline",
            show=False,
            id="home.outline",
            tooltip="Read the phases and steps of this guide",
        ),
        Binding(
            "m", "do('commands')", "Commands", show=False, id="home.commands", tooltip="Read every command it can run"
        ),
        Binding("d", "demo", "Demo", id="home.demo", tooltip="Upgrade a small real service, as a tour"),
        Binding(
            "slash", "filter", "Filter", key_display="/", id="home.filter", tooltip="Show only what has a word in it"
        ),
        Binding("down", "to_list", "To the list", show=False, id="home.to-list", tooltip="From the filter to the list"),
        Binding("escape", "clear", "All", show=False, id="home.clear", tooltip="Show everything again"),
        Binding("f5", "look", "Look again", show=False, id="home.look", tooltip="Read sessions and guides again"),
    ]

    CSS_PATH = "home.tcss"

    HELP = (
        "Where everything begins. Sessions that need somebody come first, with what they stopped at; then those that "
        "somebody drives now, then the guides, then what is over.\n\n"
        "Enter shows all that can be done with the marked line. Nothing is changed on this machine before a plan was "
        "shown and you said that it starts."
    )

    def __init__(self) -> None:
        """Begin without knowing anything: sessions and guides are read once the screen is shown."""
        super().__init__()
        self._seen: SeenSessions | None = None
        self._guides: Sequence[CatalogEntry] | None = None
        self._failed = ""
        self._mark: tuple[tuple[str, int, int], ...] | None = None
        self._looks = 0
        self._looking: Worker[None] | None = None
        self._entries: dict[str, Entry] = {}
        self._shown: tuple[tuple[Part, ...], list[str], int] = ((), [], 0)

    @property
    def _list(self) -> OptionList:
        return self.query_one("#home-list", OptionList)

    @property
    def _filter(self) -> Input:
        return self.query_one("#home-filter", Input)

    @property
    def marked(self) -> Entry | None:
        """The entry that keys act on."""
        # Which keys there are may be asked for before anything is there.
        option = self._list.highlighted_option if self.is_mounted else None
        return self._entries.get(option.id or "") if option is not None else None

    def compose(self) -> ComposeResult:
        """Title, hint, filter, and one list of everything."""
        yield TitleBar(f"wizard on {platform.node()}")
        yield Static("", id="home-hint", classes="-empty", markup=False)
        yield StillInput(placeholder="Show what has this in it", id="home-filter")
        yield HomeList(Option("Looking at sessions and guides …", disabled=True), id="home-list")

    def on_mount(self) -> None:
        """Read what there is, and look now and then whether it changed."""
        self._list.focus()
        # What reads guides is heavy to load; the first frame does not wait for it.
        self.call_after_refresh(self._look_again, closely=True)
        self.set_interval(LOOK_EVERY, self._look_now_and_then)

    def on_resize(self, event: events.Resize) -> None:
        """Break lines to the new width."""
        del event
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the marked entry, and nothing else."""
        if action == "demo":
            return self._demo() is not None
        return super().check_action(action, parameters)

    # -- looking ---------------------------------------------------------------------------------

    def _look_now_and_then(self) -> None:
        """Look again, but never in the place of a look that takes long."""
        if self.is_active and not (self._looking is not None and self._looking.is_running):
            self._looks += 1
            self._look_again(closely=self._looks % LOOK_CLOSELY_EVERY == 0)

    def _look_again(self, *, closely: bool) -> None:
        self._looking = self._look(closely=closely)

    @work(thread=True, group="home", exclusive=True, description="look at sessions and guides")
    def _look(self, *, closely: bool) -> None:
        """Read what there is, where it changed; sessions are shown before the guides are read, which takes longer."""
        from wizard.guide.catalog import list_guides
        from wizard.looking import all_sessions, disk_mark

        try:
            mark = disk_mark()
            if not closely and mark == self._mark:
                return
            self.give(self._take_sessions, all_sessions())
            if self._guides is None or mark != self._mark:
                self.give(self._take_guides, list_guides())
            self.give(self._take_mark, mark)
        except WizardError as error:
            self.give(self._take_failure, str(error))

    def _take_sessions(self, seen: SeenSessions) -> None:
        self._seen, self._failed = seen, ""
        self._show()

    def _take_guides(self, guides: Sequence[CatalogEntry]) -> None:
        self._guides = guides
        self._show()

    def _take_mark(self, mark: tuple[tuple[str, int, int], ...]) -> None:
        self._mark = mark

    def _take_failure(self, words: str) -> None:
        self._failed = words
        self._show()

    # -- showing ---------------------------------------------------------------------------------

    def _show(self) -> None:
        """Draw the list where it is different, with the same entry marked as before."""
        marked = self.marked
        parts = tuple(self._parts())
        self._entries = {entry.id: entry for part in parts for entry in part.entries}
        words = self._empty_words()
        # One column is for the scroll bar, which comes and goes.
        width = self._list.size.width - 1
        if (parts, words, width) == self._shown or width <= 0:
            return
        self._shown = (parts, words, width)
        options: list[Option] = []
        for part in parts:
            options.append(Option(_heading(part.heading, width, first=not options), disabled=True))
            options += [Option(_drawn(entry, width), id=entry.id) for entry in part.entries]
        options += [Option(Content(one), disabled=True) for one in words]
        self._list.set_options(options)
        if self._entries:
            mark = marked.id if marked is not None and marked.id in self._entries else next(iter(self._entries))
            self._list.highlighted = self._list.get_option_index(mark)
        self._hint()
        self.refresh_bindings()

    def _parts(self) -> list[Part]:
        now = datetime.now().astimezone()
        sessions = list(session_parts(self._seen, now)) if self._seen is not None else []
        guides = [guide_part(self._guides)] if self._guides is not None else []
        wanted = self._filter.value.strip().lower().split()
        parts = []
        for part in (*sessions[:2], *guides, *sessions[2:]):
            kept = tuple(entry for entry in part.entries if all(word in entry.text for word in wanted))
            if kept:
                parts.append(Part(part.heading, kept))
        return parts

    def _empty_words(self) -> list[str]:
        """What is said where the list alone would leave somebody without a next step."""
        words = []
        if self._failed:
            words.append(f"This could not be read: {self._failed}")
        if self._guides is None and not self._failed:
            words.append("Reading the guides …")
        elif not self._entries and self._filter.value.strip():
            words.append("Nothing here has that in it. Esc shows everything again.")
        elif self._guides is not None and not self._guides:
            words.append("There are no guides. Name a folder with guides in WIZARD_GUIDES, or run `wizard run PATH`.")
        return words

    def _hint(self) -> None:
        new = self._seen is not None and not (self._seen.statuses or self._seen.unreadable) and self._demo() is not None
        hint = self.query_one("#home-hint", Static)
        hint.set_class(not new, "-empty")
        hint.update(_NEW_HERE if new else "")

    # -- actions ---------------------------------------------------------------------------------

    def action_demo(self) -> None:
        """Begin the demo, whatever is marked."""
        if (demo := self._demo()) is not None and (offer := demo.offer(Deed.DEMO)) is not None:
            self.do(demo, offer)

    def action_filter(self) -> None:
        """Type a part of what is looked for."""
        self.add_class("-filtering")
        self._filter.focus()

    def action_clear(self) -> None:
        """Show everything again."""
        self._filter.value = ""
        self.remove_class("-filtering")
        self._list.focus()

    def action_to_list(self) -> None:
        """From the filter to the list."""
        self._list.focus()

    def action_look(self) -> None:
        """Read sessions and guides again."""
        self._mark = None
        self._look_again(closely=True)

    def action_leave(self) -> None:
        """Leave the wizard: nothing goes on here that would have to be asked for."""
        self.dismiss(None)

    def _demo(self) -> Entry | None:
        return next((entry for entry in self._entries.values() if entry.offer(Deed.DEMO) is not None), None)

    def chosen(self, chosen: Job | Watch) -> None:
        """Leave with what the engine is to do, or the session to look on at."""
        self.dismiss(chosen)

    def closed(self) -> None:
        """Show the session where it belongs now."""
        self._look_again(closely=True)

    # -- what widgets say ------------------------------------------------------------------------

    @on(OptionList.OptionHighlighted, "#home-list")
    def _marked_another(self) -> None:
        self.refresh_bindings()

    @on(OptionList.OptionSelected, "#home-list")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose()

    @on(Input.Changed, "#home-filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    @on(Input.Submitted, "#home-filter")
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.focus()


def _heading(words: str, width: int, *, first: bool) -> Content:
    """A heading with a rule behind it, and a blank line before it."""
    return Content(f"{'' if first else chr(10)} {words} ".ljust(width - 1 + (not first), "─"))


def _drawn(entry: Entry, width: int) -> Content:
    """An entry as it stands in the list: sign and title, then its lines, all within `width` columns."""
    title = [Content.styled(part, "bold") for part in wrapped(Line(f" {entry.sign} {entry.title}", hang=3), width)]
    lines = [Content(part) for line in entry.lines for part in wrapped(Line(f"   {line}", hang=3), width)]
    return Content("\n").join([*title, *lines])
