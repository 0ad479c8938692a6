"""A long text to be read: wrapped to the width, scrolled by keys, drawn line by line whatever its length."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wizard.plain.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual import events


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text before it is wrapped.

    `tone` is the name of a look (`heading`, `good`, `warning`, `bad`, `quiet`, `command`, empty for plain text);
    what follows the first line is indented by `hang` columns.
    """

    text: str
    tone: str = ""
    hang: int = 0


class Reading(ScrollView, can_focus=True):
    """Shows lines; `show` replaces them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="reading.down", tooltip="One line down"),
        Binding("k", "scroll_up", "Up", show=False, id="reading.up", tooltip="One line up"),
        Binding("space", "page_down", "Page", show=False, id="reading.page", tooltip="One page down"),
    ]

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Reading {
        height: 1fr;
        width: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        padding: 0 1;
    }
    Reading > .reading--heading { color: $text-primary; text-style: bold; }
    Reading > .reading--good { color: $text-success; }
    Reading > .reading--warning { color: $text-warning; }
    Reading > .reading--bad { color: $text-error; text-style: bold; }
    Reading > .reading--quiet { color: $text-muted; }
    Reading > .reading--command { color: $text-accent; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "reading--heading",
        "reading--good",
        "reading--warning",
        "reading--bad",
        "reading--quiet",
        "reading--command",
    }

    def __init__(self, lines: Iterable[Line] = (), *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        """Show `lines`."""
        super().__init__(id=id)
        self._lines = tuple(lines)
        self._wrapped: list[tuple[str, str]] = []
        self._wrapped_for = -1

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines

    def show(self, lines: Iterable[Line]) -> None:
        """Show other lines, where they are others."""
        new = tuple(lines)
        if new != self._lines:
            self._lines = new
            self._wrap(anew=True)

    def render_line(self, y: int) -> Strip:
        """One line of the text as it is wrapped now."""
        at = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if at >= len(self._wrapped):
            return Strip.blank(width, self.rich_style)
        text, tone = self._wrapped[at]
        style = self.rich_style + self.get_component_rich_style(f"reading--{tone}", partial=True) if tone else None
        return Strip([Segment(text, style or self.rich_style)], cell_len(text)).adjust_cell_length(
            width, self.rich_style
        )

    def on_resize(self, event: events.Resize) -> None:
        """Wrap to the new width."""
        del event
        self._wrap()

    def notify_style_update(self) -> None:
        """Draw anew in other colours."""
        super().notify_style_update()
        self.refresh()

    def _wrap(self, *, anew: bool = False) -> None:
        width = self.scrollable_content_region.width
        if anew:
            # Also where it is hidden, and so has no width: it is wrapped when it is shown again.
            self._wrapped_for = -1
        if width <= 0 or width == self._wrapped_for:
            return
        self._wrapped_for = width
        self._wrapped = [(part, line.tone) for line in self._lines for part in wrapped(line, width)]
        self.virtual_size = Size(width, len(self._wrapped))
        self.refresh()


def wrapped(line: Line, width: int) -> Iterator[str]:
    """Break a line into what fits `width` columns, at blanks where there are any."""
    text = line.text
    if cell_len(text) <= width:
        yield text
        return
    hang = " " * min(line.hang, width * 2 // 3, max(0, width - 2))
    begin, front = 0, ""
    while (end := _break(text, begin, width - len(front), len(hang) - len(front))) < len(text):
        yield (front + text[begin:end]).rstrip()
        front = hang
        begin = next((place for place in range(end, len(text)) if not text[place].isspace()), len(text))
    yield front + text[begin:]


def _break(text: str, begin: int, width: int, least: int) -> int:
    """Up to where a text fits from a place on; at a blank where one stands more than `least` characters on."""
    columns = 0
    for place in range(begin, len(text)):
        columns += cell_len(text[place])
        if columns > width:
            blank = text.rfind(" ", begin + least + 1, place + 1)
            return blank if text[begin : max(begin, blank)].strip() else max(place, begin + 1)
    return len(text)


# -- Markdown ------------------------------------------------------------------------------------

_HEADING: Final = re.compile(r"(#+) (.*)")
_ITEM: Final = re.compile(r"( *)- (.*)")
_ESCAPED: Final = re.compile(r"\\([\\`*_{}\[\]<>()#+!|~])")
_MARKS: Final = re.compile(r"(?<!\\)(\*\*|`)")
_CELL: Final = re.compile(r"(?<!\\)\|")
_RULE: Final = re.compile(r"\|( --- \|)+")


def from_markdown(text: str) -> list[Line]:
    """Lines of the Markdown that this program writes itself: headings, lists, tables, commands in fences."""
    lines: list[Line] = []
    fence = ""
    table: list[list[str]] = []
    for raw in clean(text).splitlines():
        bare = raw.strip()
        if fence:
            if bare == fence:
                fence = ""
            else:
                lines.append(Line(f"  {raw}", "command", 4))
            continue
        if bare.startswith("|"):
            if not _RULE.fullmatch(bare):
                table.append([_plain(cell.strip()) for cell in _CELL.split(bare)[1:-1]])
            continue
        lines += _table(table)
        table = []
        if bare.startswith("```"):
            fence = "`" * (len(bare) - len(bare.lstrip("`")))
        elif heading := _HEADING.fullmatch(raw):
            lines.append(Line(_plain(heading[2]), "heading"))
        elif item := _ITEM.fullmatch(raw):
            lines.append(Line(f"{item[1]}• {_plain(item[2])}", hang=len(item[1]) + 2))
        else:
            lines.append(Line(_plain(raw)))
    lines += _table(table)
    return _without_double_blanks(lines)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", _MARKS.sub("", text))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Columns beside each other; all but the last are as wide as their widest cell, within reason."""
    if not rows:
        return
    widths = [min(32, max(cell_len(row[at]) for row in rows if at < len(row))) for at in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [cell + " " * max(0, width - cell_len(cell)) for cell, width in zip(row, widths, strict=False)]
        yield Line("  ".join(cells).rstrip(), "" if number else "quiet", 4)


def _without_double_blanks(lines: Iterable[Line]) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        if line.text or (kept and kept[-1].text):
            kept.append(line)
    return kept


def plain_lines(text: str, tone: str = "") -> list[Line]:
    """Lines of a plain text; what is indented stays indented where it is wrapped."""
    return [Line(line, tone, len(line) - len(line.lstrip()) + 2) for line in clean(text).splitlines()]
