"""Long texts: wrapped without losing anything, scrolled by keys, drawn as they are; Markdown of our own is plain."""

from __future__ import annotations

import time

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.reader import ReaderScreen
from screens.widgets.reading import Line, Reading, from_markdown, plain_lines, wrapped
from tests.screens.frames import OneScreen, text_of, wait_for_text, wait_until

texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z", "M")) | st.just(" "), max_size=120)


@given(texts, st.integers(2, 80), st.integers(0, 60))
@example("日日", 3, 3)
def test_wrapping_loses_nothing_and_fits(text: str, width: int, hang: int) -> None:
    """Every character that can be seen is there in its order, and no line is wider than it may be."""
    parts = list(wrapped(Line(text, hang=hang), width))
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(cell_len(part) <= width for part in parts)


def test_what_follows_is_indented() -> None:
    """Broken at blanks, the lines after the first begin at the hang."""
    assert list(wrapped(Line("key  what it does here", hang=5), 14)) == ["key  what it", "     does here"]


def test_a_very_long_line_is_wrapped_in_one_go() -> None:
    """The work grows with the line, not with its square."""
    began = time.process_time()
    parts = list(wrapped(Line("word " * 100_000, hang=4), 80))
    assert (parts[0], parts[1]) == ("word " * 15 + "word", "    " + "word " * 14 + "word")
    assert time.process_time() - began < 2.0


async def test_a_long_text_is_scrolled_by_keys() -> None:
    """Arrows, space, page keys, home and end move; only the lines in view are drawn."""
    app = OneScreen(ReaderScreen("Title", lambda: [Line(f"line {number} [bold]") for number in range(5000)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "line 0 [bold]")
        await pilot.press("down", "j")
        await wait_until(pilot, lambda: "line 1 " not in text_of(app))
        await pilot.press("end")
        await wait_for_text(pilot, "line 4999 [bold]")
        await pilot.press("home")
        await wait_for_text(pilot, "line 0 [bold]")
        await pilot.press("space")
        await wait_until(pilot, lambda: "line 0 " not in text_of(app))
        await pilot.press("escape")
        assert app.dismissed


async def test_a_text_wraps_anew_to_another_width() -> None:
    """After a resize nothing is cut off."""
    words = " ".join(f"word{number}" for number in range(40))
    app = OneScreen(ReaderScreen("Title", lambda: [Line(words)]))
    async with app.run_test(size=(200, 30)) as pilot:
        await wait_for_text(pilot, "word39")
        await pilot.resize_terminal(80, 24)
        reading = app.screen.query_one(Reading)
        await wait_until(pilot, lambda: reading.virtual_size.width < 80)
        assert " ".join(text_of(app).split()).count("word") == 40


def test_our_markdown_is_read() -> None:
    """Headings, lists, tables and fences become lines; escapes go, and nothing is read in a fence."""
    text = "# A \\(b\\)\n\n- **x**: `y` \\*z\\*\n  - in\n\n```sh\necho '# no heading' `date`\n```\n\n"
    text += "| a | b |\n| --- | --- |\n| 1 | 2\\|3 |\n"
    lines = from_markdown(text)
    assert [(line.text, line.tone) for line in lines if line.text] == [
        ("A (b)", "heading"),
        ("• x: y *z*", ""),
        ("  • in", ""),
        ("  echo '# no heading' `date`", "command"),
        ("a  b", "quiet"),
        ("1  2|3", ""),
    ]


def test_a_plain_text_is_cleaned() -> None:
    """No escape sequence and no control character gets through."""
    assert [line.text for line in plain_lines("a\x1b[31mb\x07\n  c\x1b]52;c;eA==\x07")] == ["ab", "  c"]
