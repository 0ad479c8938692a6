"""What cards are made of: text that scrolls, rows to take, boxes to tick, and fields to type into."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from screens.widgets.marked_line import MarkedLine
from screens.widgets.still_input import StillInput
from wizard.plain.clean import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from wizard.run.operator import Looked


def words(text: str, classes: str = "") -> Static:
    """Text of the guide or the machine, several lines of it, as it is: nothing in it is markup."""
    return Static(Content(clean(text)), classes=classes, markup=False)


def word(text: str, classes: str = "") -> Static:
    """The same on one line, as far as the width reaches."""
    return Static(Content(clean_line(text)), classes=classes, markup=False)


def move_focus(within: Widget, by: int) -> bool:
    """Move the focus by so many places among what can have it inside of a widget; whether there was such a place."""
    places = [one for one in within.screen.focus_chain if within in one.ancestors]
    focused = within.screen.focused
    if focused not in places:
        return False
    there = places.index(focused) + by
    if not 0 <= there < len(places):
        return False
    places[there].focus()
    return True


def jump_to(within: Widget, number: int) -> None:
    """Move the focus to the row inside of a widget that has this digit, where there is one."""
    for row in within.query(Row):
        if row.number == number and row.focusable and row.region.area:
            row.focus()


DIGITS: Final = tuple(
    Binding(str(number), f"jump({number})", f"Reply {number}", show=False, id=f"card-{number}", tooltip="Go to it")
    for number in range(1, 10)
)
"""Keys of whatever holds rows: the digit before a row leads to it, and enter then takes it (`action_jump`)."""


class CardText(VerticalScroll, can_focus=True):
    """What is to be read before the reply; the arrows leave it at its ends."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "line(-1)", "Back", show=False, id="text.up", tooltip="A line up"),
        Binding("down", "line(1)", "On", show=False, id="text.down", tooltip="A line down, then to the replies"),
    ]

    DEFAULT_CSS = """
    CardText {
        height: 1fr;
        min-height: 1;
        padding: 0 0 0 1;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-size-horizontal: 0;
        Static { width: 1fr; height: auto; }
        .-strong { text-style: bold; }
        .-command { color: $text-primary; }
        .-quoted { color: $text-muted; }
        .-danger { color: $text-error; text-style: bold; }
        .-gap { margin-top: 1; }
    }
    """

    class Passed(Message):
        """An arrow was pressed at the end of the text; `by` is 1 downwards, -1 upwards."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def action_line(self, by: int) -> None:
        """Scroll a line, or leave the text where it has no more."""
        at_end = self.scroll_offset.y >= self.max_scroll_y if by > 0 else self.scroll_offset.y <= 0
        if at_end:
            self.post_message(self.Passed(by))
        else:
            self.scroll_relative(y=by, animate=False)


class Row(Widget, can_focus=True):
    """One reply that can be taken, by enter, space or the mouse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "take", "Take", show=False, id="row.take", tooltip="Take this"),
    ]

    DEFAULT_CSS = """
    Row {
        width: 1fr;
        height: auto;
        &:focus { text-style: bold reverse; }
        &:hover { background: $boost; }
        &.-danger { color: $text-error; }
    }
    """

    note: reactive[str] = reactive("", layout=True)
    """Why it cannot be taken yet, or what is seen of it."""

    class Taken(Message):
        """The row was taken."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

        @property
        def control(self) -> Row:
            """The row."""
            return self.row

    def __init__(self, key: str, label: str, *, number: int = 0, danger: bool = False) -> None:
        """Show `label`; `number` (1 to 9) is the digit that leads to it, 0 for none."""
        super().__init__(classes="-danger" if danger else "")
        self.key = key
        self.number = number
        self._label = clean_line(label)
        self._danger = danger

    def render(self) -> Content:
        """Give the sign of focus, the digit, the label, and what is to be known of it."""
        sign = ">" if self.has_focus else " "
        digit = f"{self.number} " if self.number else ""
        danger = "! " if self._danger else ""
        note = f" ({self.note})" if self.note else ""
        return Content(f"{sign} {digit}{danger}{self._label}{note}")

    def action_take(self) -> None:
        """Take it."""
        self.post_message(self.Taken(self))

    def on_click(self, event: events.Click) -> None:
        """Take it by the mouse."""
        event.stop()
        self.focus()
        self.action_take()


class Tick(Widget, can_focus=True):
    """One box to tick, by space, enter or the mouse; enter on a ticked one goes on, as in a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Tick", show=False, id="tick.toggle", tooltip="Tick it, or take that back"),
        Binding("enter", "enter", "Tick", show=False, id="tick.enter", tooltip="Tick it; then to the next one"),
    ]

    DEFAULT_CSS = """
    Tick {
        width: 1fr;
        height: auto;
        &:focus { text-style: bold reverse; }
        &:hover { background: $boost; }
        &.-ticked { color: $text-success; }
        &.-missing { color: $text-error; }
    }
    """

    ticked: reactive[bool] = reactive(default=False)

    class Changed(Message):
        """The box was ticked, or that was taken back."""

        def __init__(self, tick: Tick) -> None:
            super().__init__()
            self.tick = tick

        @property
        def control(self) -> Tick:
            """The box."""
            return self.tick

    class Passed(Message):
        """Enter was pressed on a ticked box."""

    def __init__(self, say: str) -> None:
        """Show an empty box before `say`."""
        super().__init__()
        self._say = clean_line(say)

    def render(self) -> Content:
        """Give the sign of focus, the box and what it says."""
        sign = ">" if self.has_focus else " "
        return Content(f"{sign} [{'x' if self.ticked else ' '}] {self._say}")

    def watch_ticked(self) -> None:
        """Show it, and say that it changed."""
        self.set_class(self.ticked, "-ticked")
        self.remove_class("-missing")
        self.post_message(self.Changed(self))

    def action_tick(self) -> None:
        """Tick it, or take that back."""
        self.ticked = not self.ticked

    def action_enter(self) -> None:
        """Tick it; a ticked one is left: enter after space must not take the tick back."""
        if self.ticked:
            self.post_message(self.Passed())
        else:
            self.ticked = True

    def on_click(self, event: events.Click) -> None:
        """Tick it by the mouse."""
        event.stop()
        self.focus()
        self.action_tick()


class SelfTick(Static):
    """A box that ticks itself while its check holds; what was seen stands below it. Nobody can tick it by hand."""

    DEFAULT_CSS = """
    SelfTick {
        width: 1fr;
        height: auto;
        color: $text-muted;
        &.-ticked { color: $text-success; }
    }
    """

    def __init__(self) -> None:
        """Say that it was not looked yet since the card came."""
        super().__init__(Content("  [ ] ticks itself once its check holds"), markup=False)

    def show(self, looked: Looked) -> None:
        """Tick or untick it, and say what was seen."""
        head = "[x] its check holds" if looked.holds else "[ ] its check does not hold yet"
        text = "\n".join([f"  {head}", *(f"      {clean_line(line)}" for line in looked.seen)])
        self.set_class(looked.holds, "-ticked")
        if str(self.content) != text:
            self.update(Content(text))


class _Line(StillInput):
    """One line to type into; `typed_only` refuses what is pasted."""

    def __init__(self, *, typed_only: bool = False, password: bool = False) -> None:
        super().__init__(placeholder="(type here)", compact=True, password=password, select_on_focus=False)
        self._typed_only = typed_only

    def _on_paste(self, event: events.Paste) -> None:
        # What is not refused here goes on to the base class by itself: calling it would paste twice.
        if self._typed_only:
            event.stop()
            event.prevent_default()
            self.post_message(Field.PasteRefused())


class Field(Vertical):
    """A label, a line to type into, and below it why what stands there cannot be taken."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        Static { width: 1fr; height: auto; }
        Input { width: 1fr; background: $surface; }
        .-says { color: $text-muted; padding: 0 0 0 2; }
        &.-wrong .-says { color: $text-error; }
    }
    """

    class Entered(Message):
        """Enter was pressed in the line."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> Field:
            """The field."""
            return self.field

    class Edited(Message):
        """What stands in the line changed."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    class PasteRefused(Message):
        """Something was pasted where it has to be typed."""

    def __init__(
        self,
        label: str,
        problem: Callable[[str], str],
        *,
        key: str = "",
        value: str = "",
        typed_only: bool = False,
        password: bool = False,
    ) -> None:
        """Ask for a line; `problem` says what is wrong with one, and gives nothing for one that can be taken."""
        super().__init__()
        self.key = key
        self._label = label
        self._problem = problem
        self._line = _Line(typed_only=typed_only, password=password)
        self._line.value = value
        self._says = Static("", classes="-says", markup=False)

    @property
    def value(self) -> str:
        """What stands in the line."""
        return self._line.value

    @property
    def problem(self) -> str:
        """Why it cannot be taken; empty where it can."""
        return self._problem(self.value)

    @property
    def line(self) -> Input:
        """The line itself."""
        return self._line

    def compose(self) -> ComposeResult:
        """Put label, line and problem below each other."""
        yield words(self._label)
        yield MarkedLine(self._line)
        yield self._says

    def complain(self) -> bool:
        """Say what is wrong, if anything is; gives whether something is."""
        problem = self.problem
        self._say(problem, wrong=bool(problem))
        return bool(problem)

    def clear(self) -> None:
        """Forget what was typed."""
        self._line.value = ""

    def _say(self, text: str, *, wrong: bool) -> None:
        self.set_class(wrong, "-wrong")
        self._says.update(Content(text))
        self._says.display = bool(text)

    def on_mount(self) -> None:
        """Take no line for words where there are none."""
        self._say("", wrong=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say while typing what is still wrong."""
        event.stop()
        if self.value:
            self.complain()
        else:
            self._say("", wrong=False)
        self.post_message(self.Edited(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass the enter on, without what was typed."""
        event.stop()
        self.post_message(self.Entered(self))

    def on_field_paste_refused(self, event: PasteRefused) -> None:
        """Say why nothing came."""
        event.stop()
        self._say("These words have to be typed; nothing was pasted.", wrong=True)


def needed(text: str) -> str:
    """Refuse an empty line."""
    return "" if text.strip() else "Something is needed here."


def exactly(wanted: str) -> Callable[[str], str]:
    """Refuse everything but these words; says how far they fit."""

    def problem(text: str) -> str:
        if text == wanted:
            return ""
        return "Not complete yet." if wanted.startswith(text) else "That is not the same."

    return problem
