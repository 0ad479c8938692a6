"""Several lines of which one is taken, or some are ticked: choices, and what is proposed for a line of text.

Many choices can be filtered: `/` begins a line over them, and what is typed there leaves only those that have it in
them. What is ticked stays ticked, whether it is shown or not.
"""

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
    from textual.geometry import Region, Size

MOST: Final = 9
"""Lines that are shown of a long list; the rest is scrolled to."""
FILTERED_FROM: Final = 10
"""Choices from which on they can be filtered: fewer are seen at a glance."""


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

    def has(self, words: Sequence[str]) -> bool:
        """Whether all these words (in small letters) stand in it."""
        text = f"{self.label}\n{self.note}".casefold()
        return all(word in text for word in words)


class FormOptions(Widget, can_focus=True):
    """Options under a cursor, marked `>`; `chosen` are the values that stand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "to_options", "To the choices", id="form.to-options",
                tooltip="From the filter to the choices it leaves"),
        Binding("enter", "take", "Take", id="form.take", tooltip="Take this as the answer"),
        Binding("slash", "filter", "Filter", key_display="/", id="form.filter",
                tooltip="Show only the choices that have a word in them"),
        Binding("escape", "unfilter", "All", key_display="esc", id="form.unfilter", tooltip="Show all choices again"),
        Binding("space", "tick", "Tick", show=False, id="form.tick", tooltip="Tick, or take where only one can be"),
        Binding("up", "move(-1)", "Back", show=False, id="form.up", tooltip="The option above"),
        Binding("down", "move(1)", "On", show=False, id="form.down", tooltip="The option below"),
        Binding("home", "ends(-1)", "First", show=False, id="form.first", tooltip="The first option"),
        Binding("end", "ends(1)", "Last", show=False, id="form.last", tooltip="The last option"),
    ]  # fmt: skip
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
        self._all: tuple[Option, ...] = ()
        self._options: tuple[Option, ...] = ()
        """Those of them that are shown."""
        self._filter: str | None = None
        """What they must have in them; None where all are shown."""
        self._filtering = False
        """Whether the keys go to the filter."""
        self._chosen: list[Any] = []
        self._ticked: list[Any] | None = None
        self._moved = False
        self._at: Any = None
        self._cursor = 0
        self._offset = 0
        self._strayed = False
        """Whether the cursor may be out of what is shown; found out as it is drawn, where the room is known."""
        self._drawn: list[tuple[int, str, str]] = []
        """The lines there are, as they were last drawn."""

    @property
    def options(self) -> tuple[Option, ...]:
        """What there is to choose from."""
        return self._all

    def show(self, options: Sequence[Option], chosen: Sequence[Any] = (), at: Any = None) -> None:
        """Show options; the cursor goes to the value `at` as long as the person has not moved it."""
        options = tuple(options)
        if options == self._all and list(chosen) == self._chosen:
            return
        here = self._options[self._cursor].value if self._moved and self._options else at
        self._at = at
        same_height = len(options) == len(self._all)
        self._all, self._chosen = options, list(chosen)
        if not self._filterable:
            self._filter, self._filtering = None, False
        self._sift(here)
        self.display = bool(options)
        self.can_focus = bool(options)
        self._strayed = True
        self.refresh(layout=not same_height or bool(options))

    @property
    def _filterable(self) -> bool:
        return self._kind is not Kind.PROPOSED and len(self._all) >= FILTERED_FROM

    def _sift(self, at: Any) -> None:
        """Keep what the filter lets through; the cursor goes to the value `at` where that is among it."""
        words = (self._filter or "").casefold().split()
        self._options = tuple(one for one in self._all if one.has(words))
        values = [one.value for one in self._options]
        self._cursor = values.index(at) if at in values else min(self._cursor, max(0, len(values) - 1))

    @property
    def ticked(self) -> list[Any]:
        """What is ticked now, in the order of the options."""
        marked = self._chosen if self._ticked is None else self._ticked
        return [one.value for one in self._all if one.value in marked]

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
        return self._head + min(MOST, len(self._lines(width)))

    @property
    def _head(self) -> int:
        """Lines over the options."""
        return 1 if self._filterable else 0

    @property
    def _room(self) -> int:
        """Lines for options."""
        return self.size.height - self._head

    def _filter_line(self) -> Strip:
        """How many there are, and what they are filtered by."""
        base = self.rich_style
        quiet = base + self.get_component_rich_style("form-options--note", partial=True)
        ticked = f", {len(self.ticked)} ticked" if self._kind is Kind.SOME else ""
        if self._filter is None:
            return Strip([Segment(f"  {len(self._all)} to choose from{ticked}; / filters them", quiet)])
        here = self._filtering and self.has_focus
        words = f"{'>' if here else ' '} Filter: {self._filter}{'▏' if here else ''}"
        note = f"  {len(self._options) or 'none'} of {len(self._all)}{ticked}; esc shows all"
        shown = base + self.get_component_rich_style("form-options--cursor", partial=True) if here else base
        return Strip([Segment(words, shown), Segment(note, quiet)])

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw what is seen, and the cursor among it."""
        self._drawn = self._lines(self.size.width)
        if self._strayed and self._room > 0:
            self._strayed = False
            self._follow()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw a line of what is seen."""
        width, base = self.size.width, self.rich_style
        if y < self._head:
            return self._filter_line().adjust_cell_length(width, base)
        y -= self._head
        lines = self._drawn
        if y + self._offset >= len(lines):
            return Strip.blank(width, base)
        number, text, note = lines[y + self._offset]
        here = number == self._cursor and self.has_focus and not self._filtering
        if here:
            base += self.get_component_rich_style("form-options--cursor", partial=True)
        quiet = base if here else base + self.get_component_rich_style("form-options--note", partial=True)
        strip = Strip([Segment(text, base), Segment(note, quiet)])
        more = ""
        if y == 0 and self._offset:
            more = "↑ more"
        elif y == self._room - 1 and self._offset + y + 1 < len(lines):
            more = "↓ more"
        if more and strip.cell_length + len(more) < width:
            gap = " " * (width - strip.cell_length - len(more))
            strip = Strip([*strip, Segment(gap, base), Segment(more, quiet)])
        return strip.adjust_cell_length(width, base)

    def _lines(self, width: int) -> list[tuple[int, str, str]]:
        """Number of the option, text and note of each line."""
        lines: list[tuple[int, str, str]] = []
        for number, one in enumerate(self._options):
            here = number == self._cursor and self.has_focus and not self._filtering
            lead = f"{'>' if here else ' '} {self._sign(one)} "
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
        """Go to the option above or below, from the filter down to the first; at the ends on to what stands there."""
        if self._filtering and by > 0 and self._options:
            self.action_to_options()
            return
        place = -1 if self._filtering else self._cursor + by
        if 0 <= place < len(self._options):
            self._go(place)
        else:
            step_focus(self, by)

    def action_ends(self, where: int) -> None:
        """Go to the first or last option."""
        if self._options:
            self._filtering = False
            self._go(0 if where < 0 else len(self._options) - 1)

    def _go(self, place: int) -> None:
        self._moved = True
        self._go_to(place)

    def _go_to(self, place: int) -> None:
        self._cursor, self._strayed = place, True
        self.refresh()

    def _follow(self) -> None:
        """Begin at the line from which the option under the cursor is seen, whether somebody went to it or not."""
        numbers = [number for number, _, _ in self._drawn]
        if self._cursor not in numbers:
            return
        first, last = numbers.index(self._cursor), len(numbers) - 1 - numbers[::-1].index(self._cursor)
        if first < self._offset:
            self._offset = first
        elif last >= self._offset + self._room:
            self._offset = last - self._room + 1

    def on_resize(self) -> None:
        """Keep the cursor among the lines that are shown."""
        self._go_to(self._cursor)

    def on_blur(self) -> None:
        """Whoever comes back finds all options, and the cursor at what stands or is proposed, not where they were."""
        if self._filter is not None:
            self._show_all()
        values = [one.value for one in self._options]
        if self._kind is Kind.ONE and self._at in values:
            self._moved = False
            self._go_to(values.index(self._at))

    # -- filtering ---------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to filter where there is much to choose from, and all where it is filtered."""
        match action:
            case "filter":
                return self._filterable and not self._filtering
            case "unfilter":
                return self._filter is not None
            case "to_options":
                return self._filtering
            case "take" | "tick":
                return not self._filtering
            case _:
                return super().check_action(action, parameters)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Every character belongs to the filter while that is typed."""
        del key
        return self._filtering and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Type the filter."""
        if not self._filtering:
            return
        if event.key == "backspace":
            text = (self._filter or "")[:-1]
        elif event.is_printable and event.character is not None:
            text = f"{self._filter or ''}{event.character}"
        else:
            return
        event.stop()
        event.prevent_default()
        self._filter_by(text)

    def on_paste(self, event: events.Paste) -> None:
        """Filter by the first line of what is pasted."""
        if self._filtering:
            event.stop()
            self._filter_by(f"{self._filter or ''}{clean_line(next(iter(event.text.splitlines()), ''))}")

    def action_filter(self) -> None:
        """Let what is typed filter the options."""
        self._filtering = True
        self._filter_by(self._filter or "")

    def action_to_options(self) -> None:
        """From the filter to the options it leaves; where it leaves none, stay."""
        if self._options:
            self._filtering = False
            self._go(self._cursor)
            self.refresh_bindings()

    def action_unfilter(self) -> None:
        """Show all options again, and stay at the one that was found."""
        self._moved = self._moved or bool(self._filter)
        self._show_all()

    def _filter_by(self, text: str) -> None:
        self._filter, self._cursor = text, 0
        self._sift(self._at if not text else None)
        self._offset, self._strayed = 0, True
        self.refresh(layout=True)
        self.refresh_bindings()

    def _show_all(self) -> None:
        here = self._options[self._cursor].value if self._options else self._at
        self._filter, self._filtering = None, False
        self._sift(here)
        self._go_to(self._cursor)
        self.refresh(layout=True)
        self.refresh_bindings()

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
        if offset.y < self._head:
            self.action_filter()
            return
        lines = self._lines(self.size.width)
        place = offset.y - self._head + self._offset
        if place < len(lines):
            self._filtering = False
            self._go(lines[place][0])
            self.action_tick()
