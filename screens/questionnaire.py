"""The questionnaire: sections with their state, the questions of one, and what the answers change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from screens.form_outbox import Outbox
from screens.requests import CheckWanted, FillRequest
from screens.stage import Stage
from screens.widgets.form_field import FormField
from screens.widgets.form_sections import FormSection, Onward, SectionList, SectionPane, next_open, sections_of
from screens.widgets.row_list import RowList
from screens.widgets.status_line import StatusLine
from screens.widgets.title_bar import TitleBar, joined
from wizard.counting import counted
from wizard.plain.clean import clean, clean_line
from wizard.questions.form import Filled, FormView, Given, Kept
from wizard.run.events import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.timer import Timer

    from screens.requests import Requested
    from wizard.questions.form import Checked
    from wizard.run.events import Event

WIDE: Final = 100
"""Columns from which on the sections stand beside the questions."""

NEWS: Final = 3
"""Lines of what changed that are shown at a time."""

STILL_LOOKED_AT: Final = "The machine is still looked at; what is found is proposed here."
GOES_ON_LATER: Final = "The machine is still looked at; it goes on as soon as all is known and answered."


class QuestionnaireScreen(Stage):
    """Shows the form as the engine says it is, and sends it what the person does; it judges nothing itself."""

    AUTO_FOCUS = ""

    HELP: ClassVar[str] = (
        "Every question has its reason under it. An answer shows where it came from: found on this machine, an answers "
        "file, a default, you. What was found is only proposed: nothing is taken without your enter.\n"
        "enter takes what stands in the field; with an empty field it takes the one proposal there is. Of several "
        "proposals, go down to the right one and press enter. tab, up and down go from question to question, page keys "
        "from section to section, escape puts back what you typed, and then shows the sections to choose from. f1 "
        "explains the question you are at.\n"
        "/ filters a long list of choices by what is typed; what is ticked stays ticked.\n"
        "In a table tab and enter go from cell to cell; a new row is taken with the table, by the line below the rows "
        "or t.\n"
        "Questions come and go with your answers; what changed is said at the bottom. Once nothing is open, ctrl+g "
        "goes on to the checks. Nothing on this machine is changed here."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "go_on", "To the checks", id="form.go-on", tooltip="Go on, or to what is still open"),
        Binding("pagedown", "section(1)", "Next section", id="form.next", tooltip="The next section"),
        Binding("pageup", "section(-1)", "Section before", show=False, id="form.before", tooltip="The section before"),
        Binding("escape", "to_sections", "Sections", id="form.sections", tooltip="Choose another section"),
        Binding("escape", "from_sections", "Back", id="form.from-sections", tooltip="Back to the questions"),
        Binding("tab", "app.focus_next", "On", show=False, id="form.tab", tooltip="The next field"),
        Binding("shift+tab", "app.focus_previous", "Back", show=False, id="form.backtab", tooltip="The field before"),
    ]

    CSS_PATH = "questionnaire.tcss"

    def __init__(self, session: str, *, rehearsal: bool, glossary: Mapping[str, str], guide_title: str = "") -> None:
        """Show the form of `session`; `glossary` are words the guide explains."""
        super().__init__()
        self._session = session
        self._rehearsal = rehearsal
        self._guide_title = guide_title
        self._glossary = dict(glossary)
        self._view = FormView(())
        self._sections: tuple[FormSection, ...] = ()
        self._panes: dict[str, SectionPane] = {}
        self._current = ""
        self._outbox = Outbox()
        self._asked = False
        self._news: list[str] = []
        self._going = ""
        """The question that was answered by enter: once it is taken, the next open one gets the focus."""
        self._begun_at = ""
        """The question the cursor was put at by itself, before the machine had been looked at."""
        self._looking_for = 0
        self._ticking: Timer | None = None

    @property
    def _at(self) -> FormField | None:
        """The question that has the keyboard."""
        pane = self._panes.get(self._current)
        return pane.focused if pane is not None else None

    def compose(self) -> ComposeResult:
        """Title, sections beside or above the questions, what changed, what is being read."""
        yield StatusLine()
        yield TitleBar()
        with Horizontal(id="form-body"):
            yield SectionList(id="form-sections")
            with Vertical(id="form-questions"):
                yield Static(id="form-where", markup=False)
                yield Static("Looking at the machine …", id="form-empty", markup=False)
        yield Static(id="form-news", markup=False)
        yield Static(id="form-looking", markup=False)

    def on_mount(self) -> None:
        """Show what came before there was a screen."""
        self._ticking = self.set_interval(1.0, self._tick, pause=True)
        self._arrange(self.size.width)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Put the sections beside the questions where there is room."""
        self._arrange(event.size.width)

    # -- what the engine says ----------------------------------------------------------------------

    def told(self, event: Event) -> None:
        """Note words that belong to the questions."""
        if isinstance(event, Said):
            self._add_news([event.text])

    def asked(self, requested: Requested) -> None:
        """Take the form as it is now; other requests are dialogs."""
        request = requested.request
        if not isinstance(request, FillRequest):
            super().asked(requested)
            return
        first, self._asked = not self._asked, True
        done = self._outbox.opened(requested)
        self._news = [line for line in self._news if line not in (STILL_LOOKED_AT, GOES_ON_LATER)]
        if request.checked is not None:
            self._show_check(request.checked)
        if not isinstance(done, CheckWanted):
            self._add_news(request.view.changed)
        if isinstance(done, Filled):
            self._say_why_not(request.view)
        self._show(request.view)
        if isinstance(done, Given):
            self._judged(done)
        elif first and done is None:
            self._begin()

    def _begin(self) -> None:
        """Go to the first open question, unless the person went to another, or types here already."""
        at = self._at
        waits = at is not None and at.question.id == self._begun_at and not at.typing
        if waits or self.focused is None or isinstance(self.focused, Onward):
            self._to_next_open("")

    def form_changed(self, view: FormView) -> None:
        """Take the form as it is while the engine reads the machine."""
        self._show(view)

    def _show_check(self, checked: Checked) -> None:
        for pane in self._panes.values():
            if (field := pane.field(checked.given.id)) is not None:
                field.show_check(checked)

    def _judged(self, given: Given) -> None:
        """Go on to the next open question where the answer was taken and the person is still there."""
        if self._going != given.id:
            return
        self._going = ""
        question = next((one for one in self._view.questions if one.id == given.id), None)
        if question is not None and question.open:
            return
        at = self._at
        if at is not None and at.question.id != given.id:
            return
        self.call_after_refresh(self._to_next_open, given.id)

    def _to_next_open(self, after: str) -> None:
        found = next_open(self._sections, after)
        if found is not None:
            self._enter(*found)
        elif self._sections:
            # Every section ends in the line that goes on: who changed an answer in one stays there.
            stays = bool(after) and self._view.complete
            self._enter(self._current if stays else self._sections[-1].title, "")

    # -- what is shown -----------------------------------------------------------------------------

    def _show(self, view: FormView) -> None:
        self._view = view
        self._sections = sections_of(view)
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        titles = [section.title for section in self._sections]
        self.query_one("#form-empty").display = not titles
        begun = False
        if titles and self._current not in titles:
            begun = True
            self._current = next((one.title for one in self._sections if one.open), titles[0])
        self.query_one(RowList).show([section.row for section in self._sections], at=self._current)
        for title in [title for title in self._panes if title not in titles]:
            self._panes.pop(title).remove()
        for section in self._sections:
            pane = self._panes.get(section.title)
            if pane is None and section.title == self._current:
                pane = self._panes[section.title] = SectionPane(section, self._glossary)
                self.query_one("#form-questions").mount(pane)
            if pane is not None:
                pane.display = section.title == self._current
                pane.show(section, self._outbox.pending, self._onward_words(section))
        self._draw_words()
        if begun:
            self._begun_at = next((one.id for one in self._view.questions if one.open), "")
            self._panes[self._current].enter()

    def _draw_words(self) -> None:
        view = self._view
        questions, is_open = len(view.questions), sum(one.open for one in view.questions)
        path = " → ".join(view.path)
        parts = ["REHEARSAL"] if self._rehearsal else []
        parts.append("Questions")
        answered = f"{questions - is_open} of {questions} answered" if questions and view.ready else ""
        self.query_one(TitleBar).tell(*parts, answered, path, self._guide_title)
        self.query_one(StatusLine).show("", joined(*parts), joined(answered, path), clean_line(self._current))
        self._say("#form-where", "" if self.has_class("-wide") else self._where_words())
        news = [f"! {clean(view.path_problem)}"] if view.path_problem else []
        fit = NEWS if len(self._news) <= NEWS else NEWS - 1
        news += self._news[:fit]
        news += [f"… and {counted(len(self._news) - fit, 'more change')}"] if len(self._news) > fit else []
        self._say("#form-news", "\n".join(news))
        self.query_one("#form-news").set_class(bool(view.path_problem), "-problem")
        self._draw_looking()

    def _where_words(self) -> str:
        """The sections in one line, where they do not stand beside the questions."""
        titles = [section.title for section in self._sections]
        if self._current not in titles:
            return ""
        place = titles.index(self._current)
        words = [f"Section {place + 1} of {len(titles)}: {self._sections[place].state}"]
        if place + 1 < len(titles):
            following = self._sections[place + 1]
            words.append(f"next: {following.sign} {following.title}")
        return joined(*words)

    def _onward_words(self, section: FormSection) -> str:
        titles = [one.title for one in self._sections]
        place = titles.index(section.title)
        if self._view.complete:
            return "All is answered: go on to the checks"
        if not self._view.ready and not any(one.open for one in self._view.questions):
            return "The machine is still looked at"
        if place + 1 < len(titles):
            following = self._sections[place + 1]
            return f"Next section: {clean_line(following.title)} ({following.state})"
        if self._view.path_problem:
            return "Back to the versions: no way leads from one to the other"
        return f"{counted(sum(one.open for one in self._view.questions), 'question')} still open: to the first"

    def _say(self, where: str, text: str) -> None:
        shown = self.query_one(where, Static)
        shown.display = bool(text)
        if str(shown.content) != text:
            shown.update(Content(text))

    def _add_news(self, words: tuple[str, ...] | list[str]) -> None:
        """Keep what is new; what was said a moment ago is not said twice."""
        fresh = [line for text in words for line in clean(text).split("\n") if line.strip()]
        if not fresh:
            return
        self._news += [line for line in fresh if line not in self._news]
        if self.is_mounted:
            self._draw_words()

    def _draw_looking(self) -> None:
        looking = self._view.looking
        if looking:
            seconds = f" ({self._looking_for} s)" if self._looking_for else ""
            shown = ", ".join(clean_line(one) for one in looking[:4]) + (" …" if len(looking) > 4 else "")
            self._say("#form-looking", f"Looking at the machine: {shown}{seconds}")
        else:
            self._say("#form-looking", "" if self._asked or not self._view.questions else "Looking at the machine …")
        if self._ticking is not None:
            if looking:
                self._ticking.resume()
            else:
                self._looking_for = 0
                self._ticking.pause()

    def _tick(self) -> None:
        """Show that a long look goes on."""
        self._looking_for += 1
        self._draw_looking()

    def _arrange(self, width: int) -> None:
        self.set_class(width >= WIDE, "-wide")
        self._draw_words()

    def places(self) -> Sequence[tuple[str, Callable[[], object]]]:
        """The questions, each with its section."""
        return [
            (clean_line(f"{section.title}: {one.asked.label}"), partial(self._enter, section.title, one.id))
            for section in self._sections
            for one in section.questions
        ]

    # -- going from place to place -----------------------------------------------------------------

    def _go_to(self, title: str) -> None:
        """Show another section."""
        if title != self._current:
            self._current = title
            self._draw()

    def _enter(self, title: str, name: str) -> None:
        """Show a section and put the focus on a question of it."""
        self._go_to(title)
        self.remove_class("-choosing")
        self.call_after_refresh(self._enter_shown, title, name)

    def _enter_shown(self, title: str, name: str) -> None:
        if title in self._panes:
            self._panes[title].enter(name)

    def action_section(self, by: int) -> None:
        """Go to the section before or after."""
        titles = [section.title for section in self._sections]
        if self._current not in titles:
            return
        place = titles.index(self._current) + by
        if 0 <= place < len(titles):
            self._go_to(titles[place])
            self.call_after_refresh(self._panes[titles[place]].enter_first)

    def action_to_sections(self) -> None:
        """Go to the sections; where there is little room they take the place of the questions."""
        if self._sections:
            self.add_class("-choosing")
            self.call_after_refresh(self.query_one(SectionList).focus)

    def action_from_sections(self) -> None:
        """Go back to the questions of the section they were left at."""
        self._leave_sections()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One key leads to the sections and back from them."""
        among_sections = isinstance(self.focused, SectionList)
        match action:
            case "to_sections":
                return not among_sections
            case "from_sections":
                return among_sections
            case _:
                return super().check_action(action, parameters)

    def _leave_sections(self) -> None:
        self._enter(self._current, "")

    def action_go_on(self) -> None:
        """Go on to the checks, or say what is still open and go there."""
        if self._outbox.leaving:
            return
        if (at := self._at) is not None and (given := at.leave()) is not None:
            self._outbox.put(given)
        self._outbox.put(Filled())
        if not self._asked or self._outbox.pending:
            self._add_news([GOES_ON_LATER])

    def _say_why_not(self, view: FormView) -> None:
        """The engine did not take the form as filled in: say why, and go there."""
        self._show(view)
        still = [one for one in view.questions if one.open]
        if still:
            first = clean_line(still[0].asked.label)
            self._add_news([f"Not yet: {counted(len(still), 'question')} still open, the first is “{first}”."])
            self._enter(still[0].asked.section, still[0].id)
        elif view.path_problem:
            self._add_news(["Not yet: no way leads from one version to the other."])
            self._to_versions()

    def _to_versions(self) -> None:
        found = next((one for one in self._view.questions if one.id.split("@")[0] == "target_version"), None)
        if found is not None:
            self._enter(found.asked.section, found.id)

    # -- what the widgets say ----------------------------------------------------------------------

    @on(FormField.Gave)
    def _gave(self, event: FormField.Gave) -> None:
        event.stop()
        self._news.clear()
        nothing = event.given.raw == "" and not event.field.question.asked.question.optional
        if event.by_key and nothing and not self._asked:
            # It was pressed for what the machine says, which is not there yet.
            self._add_news([STILL_LOOKED_AT])
            return
        if event.by_key:
            self._going = event.given.id
        self._outbox.put(event.given)
        event.field.show(event.field.question, pending=True)

    @on(FormField.Tried)
    def _tried(self, event: FormField.Tried) -> None:
        event.stop()
        self._outbox.check(event.given)

    @on(FormField.GaveUp)
    def _gave_up(self, event: FormField.GaveUp) -> None:
        event.stop()
        self._outbox.put(Kept(event.field.question.id))

    @on(Onward.Chosen)
    def _onward(self, event: Onward.Chosen) -> None:
        event.stop()
        titles = [section.title for section in self._sections]
        place = titles.index(self._current) if self._current in titles else 0
        if self._view.complete:
            self.action_go_on()
        elif place + 1 < len(titles):
            self.action_section(1)
        else:
            self._say_why_not(self._view)

    @on(RowList.Moved)
    def _section_chosen(self, event: RowList.Moved) -> None:
        event.stop()
        if event.key and event.rows.has_focus:
            self._go_to(event.key)

    @on(SectionList.Entered)
    def _section_entered(self, event: SectionList.Entered) -> None:
        event.stop()
        self._leave_sections()
