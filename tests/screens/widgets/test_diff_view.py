"""A difference of any length, drawn only where it is seen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.containers import VerticalScroll

from screens.stage import Stage
from screens.widgets.diff_view import DiffView, wrapped
from tests.screens.frames import OneScreen, lines_of, text_of, wait_for_text

if TYPE_CHECKING:
    from textual.app import ComposeResult


class _Different(Stage):
    """A stage with nothing but a difference."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield DiffView(self.lines)


@given(line=st.text(st.characters(exclude_categories=("C", "M", "Z")), max_size=200), width=st.integers(4, 50))
def test_nothing_of_a_long_line_is_lost(line: str, width: int) -> None:
    """All rows together are the line; each fits, and each but the last says that it goes on."""
    rows = [text for _, text in wrapped(line, width)]
    assert all(cell_len(row) <= width for row in rows)
    assert all(row.endswith("\\") for row in rows[:-1])
    assert "".join([*(row[:-1] for row in rows[:-1]), rows[-1]]) == line


def test_every_kind_of_line_is_known_by_its_sign() -> None:
    """The sign stays in front of the text, so that no colour is needed; head lines are no changes."""
    kinds = [wrapped(line, 40)[0] for line in ("--- a", "+++ b", "@@ -1 +1 @@", "-old", "+new", " same", "")]
    assert [kind for kind, _ in kinds] == ["head", "head", "place", "removed", "added", "same", "same"]
    assert [text for _, text in kinds][3:5] == ["-old", "+new"]


async def test_thousands_of_lines_scroll_at_once() -> None:
    """Only the rows in sight are drawn: jumping to the end of 20,000 lines takes no time worth a sign of life."""
    app = OneScreen(_Different([f"+line {number} [/bar]\x1b[1m" for number in range(20_000)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, r"+line 0 [/bar]\x1b[1m")
        began = time.process_time()
        app.shown.query_one(VerticalScroll).scroll_end(animate=False)
        await wait_for_text(pilot, "+line 19999")
        assert time.process_time() - began < 2
        assert lines_of(app)[0].startswith("+line 19")


async def test_long_lines_fit_any_width() -> None:
    """A resize wraps them anew."""
    app = OneScreen(_Different(["+" + "x" * 100 + "END"]))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "END")
        assert "x\\" in text_of(app)
        await pilot.resize_terminal(120, 40)
        await wait_for_text(pilot, "+" + "x" * 100 + "END")
