"""What our layer sends gives the same screen as what Textual wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screens.driver.abilities import Abilities, Colours
from screens.driver.paint import Painter
from screens.driver.picture import Picture
from tests.screens.driver.referees import Avt, Pyte

if TYPE_CHECKING:
    from collections.abc import Callable

Referee = Avt | Pyte

WIDEST, HIGHEST = 24, 5

TEXTS = ["a", "B", "7", " ", " ", " ", "─", "│", "▌", "é", "漢", "字", "x" * 9, " " * 12, "─" * 10]
CODES = ["1", "2", "3", "4", "7", "9", "31", "97", "38;5;200", "38;2;1;2;3", "44", "104", "48;5;17", "48;2;9;8;7"]

looks = st.sets(st.sampled_from(CODES), max_size=3).map(lambda codes: ";".join(sorted(codes, key=CODES.index)))
segments = st.lists(st.tuples(looks, st.lists(st.sampled_from(TEXTS), max_size=6).map("".join)), max_size=4)


def cells(text: str) -> int:
    """Columns of a text made of TEXTS."""
    return sum(2 if character in "漢字" else 1 for character in text)


Parts = list[tuple[str, str]]


def draw(picture: Picture, spans: list[tuple[int, int, Parts]]) -> str:
    """Draw spans (line, column, segments) and give them as Textual writes them: never half of a wide character."""
    out = []
    for line, column, parts in spans:
        x, y = column % picture.width, line % picture.height
        text, _ = picture.rows[y]
        lead = " " if text[x] == "" else ""
        x -= len(lead)
        frame = f"\x1b[{y + 1};{x + 1}H{lead}"
        x += len(lead)
        for look, words in parts:
            fitting = words
            while x + cells(fitting) > picture.width:
                fitting = fitting[:-1]
            x += cells(fitting)
            frame += f"\x1b[{look}m{fitting}\x1b[0m" if look else fitting
        if x < picture.width and text[x] == "":
            frame += " "
        picture.draw(frame)
        out.append(frame)
    end = "\x1b[1;1H"
    picture.draw(end)
    return "".join(out) + end


def draw_whole(picture: Picture, parts: Parts) -> str:
    """Draw over the whole screen, as Textual does after a resize."""
    lines = range(picture.height)
    return draw(picture, [(y, 0, [("", " " * picture.width)]) for y in lines] + [(y, 0, parts) for y in lines])


spans = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), segments), min_size=1, max_size=6)
events = st.lists(
    st.one_of(
        st.tuples(st.just("frame"), spans),
        st.tuples(st.just("resize"), st.tuples(st.integers(8, WIDEST), st.integers(2, HIGHEST), segments)),
        st.tuples(st.just("forget"), st.none()),
    ),
    max_size=10,
)
KINDS: dict[str, tuple[Callable[[int, int], Referee], Abilities]] = {
    "xterm": (Avt, Abilities(erases_with_colour=True, erases_cells=True, colours=Colours.TRUE)),
    "foot": (Avt, Abilities(erases_with_colour=True, erases_cells=True, repeats=True, colours=Colours.TRUE)),
    "pyte": (
        lambda width, height: Pyte(width, height, colour_erase=True),
        Abilities(erases_with_colour=True, erases_cells=True, colours=Colours.TRUE),
    ),
    "screen": (
        lambda width, height: Pyte(width, height, colour_erase=False),
        Abilities(erases_cells=True, colours=Colours.TRUE),
    ),
    "old": (Avt, Abilities(ends_attributes=False, colours=Colours.TRUE)),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50, deadline=None)
@given(happenings=events, sent=st.lists(st.booleans(), min_size=10, max_size=10), last=spans)
def test_same_screen_as_stock(
    kind: str, happenings: list[tuple[str, object]], sent: list[bool], last: list[tuple[int, int, Parts]]
) -> None:
    """Any frames, resizes and repaints, some of them merged, end in the screen that stock writing gives."""
    make, abilities = KINDS[kind]
    width, height = WIDEST, HIGHEST
    stock, ours = make(width, height), make(width, height)
    picture, painter = Picture(width, height), Painter(abilities)
    for terminal in (stock, ours):
        terminal.feed("\x1b[?7l")
    for (what, value), now in zip([*happenings, ("frame", last)], [*sent, True], strict=False):
        match what, value:
            case "frame", list():
                stock.feed(draw(picture, value))
            case "resize", (int() as width, int() as height, list() as parts):
                for changed in (stock, ours, picture):
                    changed.resize(width, height)
                painter.forget()
                stock.feed(draw_whole(picture, parts))
            case _:
                painter.forget()
        if now:
            ours.feed(painter.paint(picture))
    ours.feed(painter.paint(picture))
    assert ours.seen() == stock.seen()
    assert ours.cursor == stock.cursor
