"""A card: one request of the engine put to the person; it gives exactly one reply, and never by accident.

Three things keep a key that was meant for something else from answering a card that just appeared:

- Until the keyboard has been quiet for `QUIET` seconds after the card was drawn, its replies are out of reach:
  keys are swallowed and each one begins the time anew; clicks find nothing. So what was typed ahead, or is being
  typed to a command, ends in the text of the card, where it does nothing.
- After that the focus goes to a harmless reply where the engine proposes one, else to a box or line that must be
  filled anyway, else it stays in the text, so that it takes an arrow and then enter. Letters and digits lead to a
  reply at most.
- What is dangerous is asked about once more, with the focus on going back.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from screens.quiet import Quiet
from screens.widgets.card_rows import DIGITS, CardText, Tick, jump_to, move_focus
from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.widget import Widget

    from screens.requests import Requested

LEAST_TEXT: Final = 5
"""Lines that the text keeps beside many replies, where it has as many: what happened, the last line, and advice."""

WAITING: Final = "Replies open once the keyboard is quiet."
"""What is said before a reply can be given."""


class _Controls(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The replies of a card; the arrows go from one to the next, and it scrolls after them."""

    DEFAULT_CSS = """
    _Controls {
        height: auto;
        padding: 0 0 0 1;
        border-top: solid $foreground 30%;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-size-horizontal: 0;
        /* Where not all of them have room, one more is worth more than the line above them. */
        &.-crowded { border-top: none; }
    }
    """


class Card(Vertical):
    """One request; says `Card.Answered` once it gave its reply. It is as high as it needs, up to its max-height."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="card.up", tooltip="To the one before"),
        Binding("down", "move(1)", "Down", show=False, id="card.down", tooltip="To the next one"),
        Binding("tab", "line(1)", "Next line", id="card.next-line", tooltip="From a line to what comes after it"),
        Binding("shift+tab", "line(-1)", "Line before", show=False, id="card.line-before", tooltip="Back from a line"),
        Binding("pageup", "read(-1)", "Read back", show=False, id="card.read-back", tooltip="Scroll the text back"),
        Binding("pagedown", "read(1)", "Read on", show=False, id="card.read-on", tooltip="Scroll the text on"),
        *DIGITS,
    ]

    DEFAULT_CSS = """
    Card {
        height: auto;
        max-height: 100%;
        background: $panel;
        border: round $primary;
        &.-danger, &.-failed, &.-unknown { border: heavy $error; }
        &.-stalled { border: heavy $warning; }
        .-title { width: 1fr; height: auto; padding: 0 1; text-style: bold; }
        .-hint { width: 1fr; height: 1; padding: 0 1; color: $text-muted; }
    }
    """

    QUIET: ClassVar[float] = 0.4
    """Seconds without a key before a card that appeared can be answered: longer than the gaps of somebody typing."""

    HINT: ClassVar[str] = "up/down: move   enter: take   page up/down: read"
    READING: ClassVar[str] = "down: to the replies   page up/down: read"
    """The keys while the text has the focus, and enter takes nothing."""
    TICKING: ClassVar[str] = "up/down: move   space: tick   page up/down: read"
    """The keys on a box."""

    class Answered(Message):
        """The card is over: it gave its reply to the engine, or the engine needs none any more."""

        def __init__(self, card: Card) -> None:
            super().__init__()
            self.card = card

        @property
        def control(self) -> Card:
            """The card."""
            return self.card

    def __init__(self, requested: Requested, title: str, *, sign: str = "?", classes: str = "") -> None:
        """Put `requested` under `title`; `sign` says before it, without colour, what kind of card it is."""
        super().__init__(classes=classes)
        self.requested = requested
        self.open = False
        """Whether it can be answered by now."""
        self._title = title
        self._sign = sign
        self._quiet = Quiet(self, lambda: self.QUIET, self._open)
        # Held here, not looked for: a timer or message may still come while the card is being taken away.
        self._text = CardText()
        self._controls = _Controls(disabled=True)
        self._hint_line = Static(Content(WAITING), classes="-hint", markup=False)

    @property
    def title(self) -> str:
        """What it is about, on one line."""
        return clean_line(self._title)

    @abstractmethod
    def text(self) -> Iterable[Widget]:
        """Give what is to be read."""

    @abstractmethod
    def controls(self) -> Iterable[Widget]:
        """Give what replies."""

    @abstractmethod
    def first(self) -> Widget | None:
        """Give what may have the focus once the card is open: enter does no harm there. None: the text keeps it."""

    def compose(self) -> ComposeResult:
        """Title, text, replies, and which keys there are."""
        yield Static(Content(f"{self._sign} {clean_line(self._title)}"), classes="-title", markup=False)
        with self._text:
            yield from self.text()
        with self._controls:
            yield from self.controls()
        yield self._hint_line

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Ask for all the lines there are, so that the text scrolls only where there is no room for it."""
        del viewport
        return sum(self._wanted_by(child, container, width) for child in self.displayed_children)

    def _wanted_by(self, child: Widget, container: Size, width: int) -> int:
        """The lines of one part, all of them."""
        inside = child.get_content_height(container, self.app.size, width - child.gutter.width)
        return inside + child.gutter.height

    @property
    def _has_relative_children_height(self) -> bool:
        """Textual gives all the room to whatever has a child that takes the rest of it; a card needs no more."""
        return False

    def on_mount(self) -> None:
        """Take the keys, and open once they are quiet."""
        self.requested.on_withdrawn(lambda: self.post_message(self.Answered(self)))
        self._text.focus()
        self.call_after_refresh(self._quiet.begin)

    def on_resize(self) -> None:
        """Leave some lines to the text, however many replies there are: these scroll then."""
        title, text, _, hint = (self._wanted_by(child, self.size, self.size.width) for child in self.children)
        room = max(3, self.size.height - title - min(text, LEAST_TEXT) - hint)
        controls = self._controls
        replies = controls.get_content_height(self.size, self.app.size, self.size.width - controls.gutter.width)
        controls.set_class(replies >= room, "-crowded")
        controls.styles.max_height = room

    def show_instead(self, part: Widget | None) -> None:
        """Show one part of the text in the place of all others, from its first line; None: the others again."""
        for child in self._text.children:
            child.display = child is part if part is not None else not child.has_class("-instead")
        self._text.scroll_home(animate=False)
        self.refresh(layout=True)
        self.call_after_refresh(self.on_resize)

    def reply(self, value: Any) -> None:
        """Give the engine its reply; the first one counts."""
        if not self.open or self.requested.answered:
            return
        self.open = False
        self._controls.disabled = True
        self._hint("Taken.")
        self.requested.reply(value)
        self.post_message(self.Answered(self))

    def come_back(self) -> None:
        """Take the keys again after it was hidden; as far as it was filled, it still is."""
        if not self.requested.answered:
            self.open = False
            self._controls.disabled = True
            self._hint(WAITING)
            self._text.focus()
            self._quiet.begin()

    def _open(self) -> None:
        if self.requested.answered:
            return
        self.open = True
        self._controls.disabled = False
        self._say_keys()
        first = self.first()
        if first is not None and self._text.has_focus:
            first.focus()

    def on_descendant_focus(self) -> None:
        """Say which keys there are here."""
        if self.open:
            self._say_keys()

    def _say_keys(self) -> None:
        if self._text.has_focus:
            self._hint(self.READING)
        else:
            self._hint(self.TICKING if isinstance(self.screen.focused, Tick) else self.HINT)

    def _hint(self, text: str) -> None:
        if str(self._hint_line.content) != text:
            self._hint_line.update(Content(text))

    # -- moving ----------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Go to the next of text and replies, or the one before; the ends hold."""
        move_focus(self, by)

    def action_line(self, by: int) -> None:
        """Leave a line as in any form: what is typed next must not be taken for keys of another part."""
        self.action_move(by)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Outside of a line, and in the only one, tab goes from part to part."""
        if action == "line":
            chain = self.screen.focus_chain
            return isinstance(self.screen.focused, Input) and sum(self._controls in one.ancestors for one in chain) > 1
        return super().check_action(action, parameters)

    def action_read(self, by: int) -> None:
        """Scroll the text by a page, whatever has the focus."""
        text = self._text
        text.scroll_relative(y=by * max(1, text.size.height - 1), animate=False)

    def action_jump(self, number: int) -> None:
        """Go to the reply with that digit; enter takes it."""
        jump_to(self, number)

    @on(CardText.Passed)
    def _passed(self, event: CardText.Passed) -> None:
        event.stop()
        self.action_move(event.by)

    def on_key(self, event: events.Key) -> None:
        """Swallow what is typed before the card is open, and wait for quiet again."""
        if not self.open:
            event.stop()
            event.prevent_default()
            if self._quiet.waits:
                self._quiet.begin()
