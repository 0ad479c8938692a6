"""The items of a loop with their batches: where each stands."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.widgets.row_list import Row, RowList, Tone
from screens.widgets.step_list import SIGNS, status_words
from wizard.counting import counted
from wizard.plain.clean import clean_line
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wizard.run.session_view import ItemSeen, LoopSeen

_WIDEST = 28


def loop_words(loop: LoopSeen) -> str:
    """How far a loop is, in one line."""
    # Those that are left out are the last.
    items = len(loop.items) - sum(1 for _ in takewhile(lambda one: not one.batch, reversed(loop.items)))
    failed = f", {loop.failed} failed or unknown" if loop.failed else ""
    left_out = f", {len(loop.items) - items} left out" if items < len(loop.items) else ""
    batches = f", batch {loop.batch} of {loop.batches}" if 1 < loop.batches < items else ""
    done = f"{loop.done:,} of {items:,} done" if items else "no items"
    return f"{loop.code} {clean_line(loop.title)}: {done}{failed}{batches}{left_out}"


def loop_rows(loop: LoopSeen) -> list[Row]:
    """A row for each batch that holds several items, and one for each item."""
    rows: list[Row] = []
    width = min(_WIDEST, max((cell_len(one.key) for one in loop.items), default=0))
    sizes: dict[int, int] = {}
    for one in loop.items:
        sizes[one.batch] = sizes.get(one.batch, 0) + 1
    several = any(size > 1 for batch, size in sizes.items() if batch)
    before = -1
    for one in loop.items:
        if several and one.batch != before:
            before = one.batch
            head = f"Batch {one.batch}, {counted(sizes[one.batch], 'item')}" if one.batch else "Left out"
            rows.append(Row(f"batch {one.batch}", ((head, Tone.HEADING),)))
        rows.append(_item(one, width))
    return rows


def _item(one: ItemSeen, width: int) -> Row:
    sign, tone, _ = SIGNS[one.status]
    name = set_cell_size(clean_line(one.key), width)
    word = "left out" if one.left_out else "to come" if one.status is StepStatus.WAITING else status_words(one.status)
    what = clean_line(one.left_out or ("" if one.status is StepStatus.WAITING else one.step))
    return Row(
        f"={one.key}", ((f"{sign} ", tone), (f"{name}  ", Tone.PLAIN), (f"{word:<14}", tone), (what, Tone.QUIET))
    )


class LoopTable(Vertical):
    """How far a loop is, over its items."""

    DEFAULT_CSS = """
    LoopTable { height: 1fr; }
    LoopTable > Static { height: 1; padding: 0 1; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin with no loop."""
        super().__init__(id=id)
        self._loop: LoopSeen | None = None
        self._followed = ""
        """The row of what was worked on when the cursor was put there last."""

    @property
    def rows(self) -> RowList:
        """The items."""
        return self.query_one(RowList)

    def compose(self) -> ComposeResult:
        """A line, and the items."""
        yield Static("This step stands in no loop.", markup=False)
        yield RowList()

    def show(self, loop: LoopSeen | None) -> None:
        """Show a loop; the cursor goes with what is worked on, unless somebody moved it and is still there."""
        if loop == self._loop:
            return
        other = loop is None or self._loop is None or loop.key != self._loop.key
        self._loop = loop
        words = loop_words(loop) if loop is not None else "This step stands in no loop."
        self.query_one(Static).update(Content(words))
        at = ""
        moved = self.rows.has_focus and self.rows.selected != self._followed
        if loop is not None and (other or not moved):
            busy = (one for one in loop.items if one.batch and one.status not in _OVER)
            at = self._followed = next((f"={one.key}" for one in busy), "")
        self.rows.show(loop_rows(loop) if loop is not None else [], at=at)


_OVER = frozenset({StepStatus.DONE, StepStatus.ALREADY_DONE, StepStatus.NOT_NEEDED, StepStatus.SKIPPED})
