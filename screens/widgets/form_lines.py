"""The one-line controls of a form: text that is seen, and a secret that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from screens.widgets.still_input import StillInput, pasted_secret
from wizard.secrets import Secret

if TYPE_CHECKING:
    from textual import events


class _FromControl(Message):
    """A raw value, and the control it comes from."""

    def __init__(self, control: Widget, raw: Any) -> None:
        """Carry both."""
        super().__init__()
        self._control = control
        self.raw = raw

    @property
    def control(self) -> Widget:
        """Where it was given or is typed."""
        return self._control


class Answered(_FromControl):
    """A person gave a value by a control of a form."""


class Typed(_FromControl):
    """What a person types is different; `raw` is what it is now, None where it is what stands."""


class PutBack(Message):
    """What was typed is given up."""


def step_focus(widget: Widget, by: int) -> None:
    """Go from `widget` to what stands before or behind it; the ends hold, as arrows lead nowhere far away."""
    places = widget.screen.focus_chain
    to = places.index(widget) + by if widget in places else -1
    if 0 <= to < len(places):
        places[to].focus()


class FormLine(StillInput):
    """A line of text. Enter takes it, escape puts back what stood there.

    `show` never overwrites what the person has typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take", id="form.take", tooltip="Take this as the answer"),
        Binding("up", "step(-1)", "Back", show=False, id="form.up", tooltip="What stands above"),
        Binding("down", "step(1)", "On", show=False, id="form.down", tooltip="What stands below"),
        Binding("escape", "put_back", "Put back", show=False, id="form.back", tooltip="Put back what stood here"),
    ]

    DEFAULT_CSS = """
    FormLine, FormLine:focus {
        width: 1fr;
        height: 1;
        border: none;
        padding: 0 1;
        background: $surface;
    }
    FormLine:focus { background: $boost; }
    """

    def __init__(self, *, placeholder: str = "", classes: str = "") -> None:
        """Begin empty."""
        super().__init__(placeholder=placeholder, classes=classes, select_on_focus=False)
        self._stands = ""
        self._meant: Any = ""

    @property
    def changed(self) -> bool:
        """Whether there is something typed that was not taken yet."""
        return self.value != self._stands

    def show(self, text: str, meant: Any = None, *, instead_of: str | None = None) -> None:
        """Show what stands; `meant` is the value it stands for, where that is more than the text.

        What is typed is left alone, unless it is `instead_of`: that was taken, and stands as `text` now.
        """
        untouched = not self.changed or self.value == instead_of
        self._stands, self._meant = text, text if meant is None else meant
        if untouched and self.value != text:
            with self.prevent(Input.Changed):
                self.value = text
            self.cursor_position = len(text)

    def left(self) -> str | None:
        """What was typed and not taken when the person goes on to something else; None where nothing was."""
        return self.value if self.changed and self.value.strip() else None

    def fill(self, text: str) -> None:
        """Write `text` as if the person had typed it."""
        self.value = text
        self.cursor_position = len(text)

    @property
    def raw(self) -> Any:
        """What an enter would take now."""
        return self.value if self.changed else self._meant

    def action_step(self, by: int) -> None:
        """Go to what stands above or below."""
        step_focus(self, by)

    async def action_submit(self) -> None:
        """Take it."""
        self.post_message(Answered(self, self.raw))

    def action_put_back(self) -> None:
        """Put back what stood; with nothing changed the key is somebody else's."""
        if not self.changed:
            raise SkipAction
        self.value = self._stands
        self.cursor_position = len(self.value)
        self.post_message(PutBack())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(Typed(self, self.value if self.changed else None))


class FormSecret(Widget, can_focus=True):
    """A line that shows neither what is typed nor how much of it there is; it forgets what it gave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take", id="form.take", tooltip="Take this as the answer"),
        Binding("up", "step(-1)", "Back", show=False, id="form.up", tooltip="What stands above"),
        Binding("down", "step(1)", "On", show=False, id="form.down", tooltip="What stands below"),
        Binding("escape", "clear", "Clear", show=False, id="form.clear", tooltip="Forget what was typed"),
        Binding("ctrl+u", "clear", "Clear", id="form.clear-line", tooltip="Forget what was typed", show=False),
    ]

    DEFAULT_CSS = """
    FormSecret { width: 1fr; height: 1; padding: 0 1; background: $surface; color: $text-muted; }
    FormSecret:focus { background: $boost; color: $text; }
    FormSecret.-typed { color: $text; }
    """

    def __init__(self, *, given: bool = False) -> None:
        """Begin empty; `given` says that there is one already."""
        super().__init__()
        self._typed: list[str] = []
        self._given = given

    def show(self, *, given: bool) -> None:
        """Say whether one was given."""
        if given != self._given:
            self._given = given
            self.refresh()

    def render(self) -> Content:
        """Words about it, never the thing."""
        cursor = ("▏", "bold") if self.has_focus else ""
        if self._typed:
            return Content.assemble("(something is typed, and not shown; enter takes it)", cursor)
        if self._given:
            return Content.assemble("•••••• (given; type to give another)", cursor)
        return Content.assemble("(type or paste it: nothing is shown)", cursor)

    def on_key(self, event: events.Key) -> None:
        """Keep what is typed."""
        if event.key == "backspace":
            del self._typed[-1:]
        elif event.is_printable and event.character is not None:
            self._typed.append(event.character)
        else:
            return
        event.stop()
        event.prevent_default()
        self._changed()

    def on_paste(self, event: events.Paste) -> None:
        """Keep what is pasted, unless it is no secret."""
        event.stop()
        pasted, refused = pasted_secret(event.text)
        if refused:
            self.app.notify(refused, severity="warning", markup=False)
        self._typed.extend(pasted)
        self._changed()

    def on_unmount(self) -> None:
        """Forget what was typed and not given."""
        self._typed.clear()

    def action_step(self, by: int) -> None:
        """Go to what stands above or below."""
        step_focus(self, by)

    def action_take(self) -> None:
        """Give it and forget it."""
        self.post_message(Answered(self, self.left() or Secret("")))

    def action_clear(self) -> None:
        """Forget what was typed; with nothing typed the key is somebody else's."""
        if not self._typed:
            raise SkipAction
        self._typed.clear()
        self._changed()
        self.post_message(PutBack())

    def left(self) -> Secret | None:
        """What was typed and not given, which is forgotten here; None where nothing was."""
        if not self._typed:
            return None
        given = Secret("".join(self._typed))
        self._typed.clear()
        self._changed()
        return given

    def _changed(self) -> None:
        self.set_class(bool(self._typed), "-typed")
        self.refresh()
        # That something is typed is told, never what.
        self.post_message(Typed(self, "" if self._typed else None))
