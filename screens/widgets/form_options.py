"""Several lines of which one is taken, or some are ticked: choices, and what is proposed for a line of text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from screens.widgets.form_lines import Answered, Typed, step_focus
from screens.widgets.reading import Line, wrapped
from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.geometry import Size

MOST: Final = 9
"""Lines that are shown of a long list; the rest is scrolled to."""


class Kind(StrEnum):
    """What enter does in a list."""

    ONE = "one"
    """Takes the choice under the cursor."""
    SOME = "some"
    """Takes all that are ticked; space ticks."""
    PROPOSED = "proposed"
    """Takes the proposal under the cursor for the line above."""


@dataclass(frozen=True, slots=True)
class Option:
    """One line: `value` is what is taken, `label` what is shown, `note` where it comes from."""

    value: Any
    label: str
    note: str = ""


class FormOptions(Widget, can_focus=True):
    """Options under a cursor, marked `>`; `chosen` are the values that stand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take", id="form.take", tooltip="Take this as the answer"),
        Binding("space", "tick", "Tick", show=False, id="form.tick", tooltip="Tick, or take where only one can be"),
        Binding("up", "move(-1)", "Back", show=False, id="form.up", tooltip="The option above"),
        Binding("down", "move(1)", "On", show=False, id="form.down", tooltip="The option below"),
        Binding("home", "ends(-1)", "First", show=False, id="form.first", tooltip="The first option"),
        Binding("end", "ends(1)", "Last", show=False, id="form.last", tooltip="The last option"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"form-options--cursor", "form-options--note"}
    ALLOW_SELECT = False

    DEFAULT_CSS = """
    FormOptions { width: 1fr; height: auto; background: $background; }
    FormOptions > .form-options--note { color: $text-muted; }
    FormOptions:focus > .form-options--cursor {
        color: $block-cursor-foreground;
        background: $block-cursor-background;
        text-style: $block-cursor-text-style;
    }
    """

    def __init__(self, kind: Kind) -> None:
        """Begin without options."""
        super().__init__()
        self._kind = kind
        self._options: tuple[Option, ...] = ()
        self._chosen: list[Any] = []
        self._ticked: list[Any] | None = None
        self._moved = False
        self._at: Any = None
        self._cursor = 0
        self._offset = 0

    @property
    def options(self) -> tuple[Option, ...]:
        """What there is to choose from."""
        return self._options

    def show(self, options: Sequence[Option], chosen: Sequence[Any] = (), at: Any = None) -> None:
        """Show options; the cursor goes to the value `at` as long as the person has not moved it."""
        options = tuple(options)
        if options == self._options and list(chosen) == self._chosen:
            return
        here = self._options[self._cursor].value if self._moved and self._options else at
        self._at = at
        same_height = len(options) == len(self._options)
        self._options, self._chosen = options, list(chosen)
        values = [one.value for one in options]
        self._cursor = values.index(here) if here in values else min(self._cursor, max(0, len(options) - 1))
        self.display = bool(options)
        self.can_focus = bool(options)
        self.refresh(layout=not same_height or bool(options))

    @property
    def ticked(self) -> list[Any]:
        """What is ticked now, in the order of the options."""
        marked = self._chosen if self._ticked is None else self._ticked
        return [one.value for one in self._options if one.value in marked]

    def left(self) -> list[Any] | None:
        """What was ticked and not taken, which is forgotten here; None where nothing was."""
        if self._ticked is None:
            return None
        ticked, self._ticked = self.ticked, None
        return ticked

    # -- drawing -----------------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as are needed, and not more than are useful at a time."""
        del container, viewport
        return min(MOST, len(self._lines(width)))

    def render_line(self, y: int) -> Strip:
        """Draw a line of what is seen."""
        width, base = self.size.width, self.rich_style
        lines = self._lines(width)
        if y + self._offset >= len(lines):
            return Strip.blank(width, base)
        number, text, note = lines[y + self._offset]
        here = number == self._cursor and self.has_focus
        if here:
            base += self.get_component_rich_style("form-options--cursor", partial=True)
        quiet = base if here else base + self.get_component_rich_style("form-options--note", partial=True)
        strip = Strip([Segment(text, base), Segment(note, quiet)])
        more = ""
        if y == 0 and self._offset:
            more = "↑ more"
        elif y == self.size.height - 1 and self._offset + y + 1 < len(lines):
            more = "↓ more"
        if more and strip.cell_length + len(more) < width:
            gap = " " * (width - strip.cell_length - len(more))
            strip = Strip([*strip, Segment(gap, base), Segment(more, quiet)])
        return strip.adjust_cell_length(width, base)

    def _lines(self, width: int) -> list[tuple[int, str, str]]:
        """Number of the option, text and note of each line."""
        lines: list[tuple[int, str, str]] = []
        for number, one in enumerate(self._options):
            lead = f"{'>' if number == self._cursor and self.has_focus else ' '} {self._sign(one)} "
            rest = cell_len(lead)
            label, note = clean_line(one.label), clean_line(one.note)
            *before, last = wrapped(Line(f"{lead}{label}".rstrip(), hang=rest), width)
            lines += [(number, text, "") for text in before]
            if note and cell_len(last) + cell_len(note) + 4 <= width:
                lines.append((number, last, f"  ({note})"))
                continue
            lines.append((number, last, ""))
            if note:
                lines += [(number, "", text) for text in wrapped(Line(f"{' ' * rest}({note})", hang=rest), width)]
        return lines

    def _sign(self, one: Option) -> str:
        match self._kind:
            case Kind.ONE:
                return "(•)" if one.value in self._chosen else "( )"
            case Kind.SOME:
                return "[x]" if one.value in self.ticked else "[ ]"
            case Kind.PROPOSED:
                return "•"

    # -- moving ------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Go to the option above or below; at the ends on to what stands there."""
        place = self._cursor + by
        if 0 <= place < len(self._options):
            self._go(place)
        else:
            step_focus(self, by)

    def action_ends(self, where: int) -> None:
        """Go to the first or last option."""
        self._go(0 if where < 0 else len(self._options) - 1)

    def _go(self, place: int) -> None:
        self._moved = True
        self._go_to(place)

    def _go_to(self, place: int) -> None:
        self._cursor = place
        if not self.size.height:
            # It is not shown now, and begins at its top once it is.
            self._offset = 0
            return
        numbers = [number for number, _, _ in self._lines(self.size.width)]
        first, last = numbers.index(place), len(numbers) - 1 - numbers[::-1].index(place)
        if first < self._offset:
            self._offset = first
        elif last >= self._offset + self.size.height:
            self._offset = last - self.size.height + 1
        self.refresh()

    def on_blur(self) -> None:
        """Whoever comes back finds the cursor at what stands or is proposed, not where they passed by."""
        values = [one.value for one in self._options]
        if self._kind is Kind.ONE and self._at in values:
            self._moved = False
            self._go_to(values.index(self._at))

    # -- taking ------------------------------------------------------------------------------------

    def action_take(self) -> None:
        """Take what is ticked, or the option under the cursor."""
        if not self._options:
            return
        if self._kind is Kind.SOME:
            ticked, self._ticked = self.ticked, None
            self.post_message(Answered(self, ticked))
        else:
            self.post_message(Answered(self, self._options[self._cursor].value))

    def action_tick(self) -> None:
        """Tick or untick; where only one can be, take it."""
        if self._kind is not Kind.SOME:
            self.action_take()
            return
        value, ticked = self._options[self._cursor].value, self.ticked
        self._ticked = [one for one in ticked if one != value] if value in ticked else [*ticked, value]
        self.refresh()
        self.post_message(Typed(self, self.ticked))

    def on_click(self, event: events.Click) -> None:
        """Tick or take what is clicked."""
        if (offset := event.get_content_offset(self)) is None:
            return
        lines = self._lines(self.size.width)
        if 0 <= offset.y + self._offset < len(lines):
            self._go(lines[offset.y + self._offset][0])
            self.action_tick()
