"""The sections of a form: how each stands, and the questions of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from screens.widgets.form_field import FormField, shape_of
from screens.widgets.form_lines import step_focus
from screens.widgets.row_list import Row, RowList, Tone
from wizard.counting import counted
from wizard.plain.clean import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from textual.app import ComposeResult

    from wizard.questions.form import FormQuestion, FormView


@dataclass(frozen=True, slots=True)
class FormSection:
    """Questions that belong together, as far as they are asked now."""

    title: str
    why: str
    questions: tuple[FormQuestion, ...]

    @property
    def open(self) -> int:
        """How many are open."""
        return sum(one.open for one in self.questions)

    @property
    def refused(self) -> int:
        """How many have a problem."""
        return sum(one.open and bool(one.asked.problem) for one in self.questions)

    @property
    def state(self) -> str:
        """How it stands, in words."""
        if self.refused:
            return f"{counted(self.refused, 'problem')}, {self.open} open"
        return f"{self.open} open" if self.open else "done"

    @property
    def sign(self) -> str:
        """How it stands, in one character."""
        return "!" if self.refused else "○" if self.open else "✓"

    @property
    def row(self) -> Row:
        """It as a row of a list."""
        tone = Tone.BAD if self.refused else Tone.WARNING if self.open else Tone.GOOD
        return Row(self.title, ((f"{self.sign} ", tone), (clean_line(self.title), Tone.PLAIN)), self.state)


def sections_of(view: FormView) -> tuple[FormSection, ...]:
    """The questions of a form by section, both in the order they are asked."""
    by_title: dict[str, list[FormQuestion]] = {}
    for one in view.questions:
        by_title.setdefault(one.asked.section, []).append(one)
    return tuple(FormSection(title, found[0].section_why, tuple(found)) for title, found in by_title.items())


class SectionList(RowList):
    """The sections with their states; enter goes into the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "enter", "Open", key_display="enter", id="form.open",
                tooltip="Go to the questions of this section"),
    ]  # fmt: skip

    class Entered(Message):
        """The person wants to go to the questions."""

    def action_enter(self) -> None:
        """Go to the questions."""
        self.post_message(self.Entered())


class Onward(Widget, can_focus=True):
    """The last line of a section: what enter goes on to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "go", "Go on", id="form.onward", tooltip="Do what this line says"),
        Binding("up", "step(-1)", "Back", show=False, id="form.up", tooltip="What stands above"),
    ]
    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Onward { height: auto; padding: 0 1; color: $text-primary; text-style: bold; }
    Onward:focus {
        color: $block-cursor-foreground;
        background: $block-cursor-background;
        text-style: $block-cursor-text-style;
    }
    """

    class Chosen(Message):
        """The person wants to go on."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        super().__init__()
        self._words = ""

    def show(self, words: str) -> None:
        """Say what enter goes on to."""
        if words != self._words:
            self._words = words
            self.refresh(layout=True)

    def render(self) -> Content:
        """The words, with a mark where the cursor is."""
        return Content(f"{'>' if self.has_focus else ' '} {self._words}")

    def action_step(self, by: int) -> None:
        """Go to what stands above."""
        step_focus(self, by)

    def on_click(self) -> None:
        """Go on."""
        self.action_go()

    def action_go(self) -> None:
        """Go on."""
        self.post_message(self.Chosen())


class SectionPane(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The questions of one section, and the line that goes on.

    The keys that would scroll it are the screen's: a page key leads to another section, however long this one is.
    """

    DEFAULT_CSS = """
    SectionPane { height: 1fr; scrollbar-size-vertical: 1; }
    SectionPane > .heading { padding: 0 1; height: 1; }
    SectionPane > .section-why { padding: 0 1; height: auto; color: $text-muted; margin-bottom: 1; }
    """

    def __init__(self, section: FormSection, glossary: Mapping[str, str]) -> None:
        """Show `section`."""
        super().__init__()
        self.section = section
        self._glossary = glossary
        self._fields: dict[str, FormField] = {}
        self._onward = Onward()
        self._wants_focus: str | None = None
        self._pending: Collection[str] = ()

    def compose(self) -> ComposeResult:
        """Title, why, questions, and what comes then."""
        yield Static(Content(clean_line(self.section.title)), classes="heading", markup=False)
        if self.section.why:
            yield Static(Content(clean(self.section.why)), classes="section-why", markup=False)
        for one in self.section.questions:
            yield self._made(one)
        yield self._onward

    def show(self, section: FormSection, pending: Collection[str], onward: str) -> None:
        """Bring the questions up to date: those that came are put in their places, those that went are taken away."""
        self.section, self._pending = section, pending
        at = self.screen.focused if self.is_mounted else None
        in_sight = at is not None and self in at.ancestors and self.screen.can_view_partial(at)
        self._onward.show(onward)
        self._put_in_place()
        if in_sight:
            self.call_after_refresh(self._keep_in_sight)

    def _keep_in_sight(self) -> None:
        """Follow the cursor where questions above it came, went or have more to say, unless the person went on."""
        at = self.screen.focused
        if at is not None and self in at.ancestors and not self.screen.can_view_entire(at):
            at.scroll_visible(animate=False)

    def _put_in_place(self) -> None:
        wanted = {one.id: one for one in self.section.questions}
        for name, field in list(self._fields.items()):
            if name not in wanted or shape_of(wanted[name].asked) != field.shape:
                del self._fields[name]
                if field.has_focus_within:
                    self._onward.focus()
                field.remove()
        following: Widget = self._onward
        for one in reversed(self.section.questions):
            field = self._fields.get(one.id) or self._made(one)
            if field.parent is None and self.is_mounted and not field.is_attached:
                self.mount(field, before=following)
            field.show(one, pending=one.id in self._pending)
            following = field

    def _made(self, question: FormQuestion) -> FormField:
        field = self._fields.get(question.id)
        if field is None:
            asked = question.asked
            words = f"{asked.label} {asked.why} {asked.section}".lower()
            explained = "\n".join(
                f"{clean_line(word)}: {clean(meaning)}"
                for word, meaning in self._glossary.items()
                if word.lower() in words
            )
            field = self._fields[question.id] = FormField(question, explained)
        return field

    def on_mount(self) -> None:
        """Take what came while it was being put on the screen."""
        self.call_after_refresh(self._begin)

    def on_descendant_focus(self) -> None:
        """Show where the cursor went, also where questions above it change at the same moment."""
        self.call_after_refresh(self._keep_in_sight)

    def _begin(self) -> None:
        """Show questions that came before it was whole, and enter it where that was wanted, and it is still shown."""
        self._put_in_place()
        if self._wants_focus is not None and self.display:
            self.enter(self._wants_focus)

    # -- fields ------------------------------------------------------------------------------------

    def field(self, name: str) -> FormField | None:
        """The field of a question."""
        return self._fields.get(name)

    @property
    def focused(self) -> FormField | None:
        """The field that has the focus."""
        return next((one for one in self._fields.values() if one.has_focus_within), None)

    def enter(self, name: str = "") -> None:
        """Put the focus on a question: on the one named, the first open one, or what comes then."""
        if not self.is_mounted:
            self._wants_focus = name
            return
        questions = self.section.questions
        name = name or next((one.id for one in questions if one.open), "")
        field = self._fields.get(name)
        if field is None:
            self._onward.focus()
        else:
            field.focus_control()

    def enter_first(self) -> None:
        """Put the focus on the first question."""
        first = next(iter(self.section.questions), None)
        self.enter(first.id if first is not None else "")


def next_open(sections: Sequence[FormSection], after: str) -> tuple[str, str] | None:
    """Section and id of the next open question behind `after`, else the first there is; None where none is."""
    flat = [(section.title, one) for section in sections for one in section.questions]
    place = next((number for number, (_, one) in enumerate(flat) if one.id == after), -1)
    for title, one in (*flat[place + 1 :], *flat[: place + 1]):
        if one.open and one.id != after:
            return title, one.id
    return next(((title, one.id) for title, one in flat if one.open), None)
