"""Texts that are looked for in the output while it streams by."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.host.supervisor.order import Watch
from wizard.host.supervisor.watch import Finder


def seen_in(chunks: list[bytes], *regexes: str) -> set[int]:
    """The indexes of the texts a finder sees in chunks, its carry handed to a new finder after each."""
    watches = [Watch(str(index), regex, stop=False) for index, regex in enumerate(regexes)]
    finder = Finder(watches)
    found: list[int] = []
    for chunk in chunks:
        found += finder.feed(chunk)
        finder = Finder(watches, finder.seen, finder.carry)
    found += finder.settle()
    assert len(found) == len(set(found))
    return set(found)


TEXT = b"first line\r\n\x1b[31mERROR\x1b[0m: disk\r\n 50%\r 100%\rready in 3 s\r\nunfinished"
REGEXES = ("^ERROR: disk$", "^disk", "ready in \\d+ s$", "ready$", "^unfinished$", "line\nERROR", "100%$", "absent")


@given(st.lists(st.integers(0, len(TEXT)), max_size=12))
@settings(deadline=None, max_examples=200)
def test_what_is_found_does_not_depend_on_the_reads(cuts: list[int]) -> None:
    """Anchors mean lines of the output, colour codes hide nothing, however the output was cut."""
    places = [0, *sorted(cuts), len(TEXT)]
    chunks = [TEXT[begin:end] for begin, end in pairwise(places)]
    assert seen_in(chunks, *REGEXES) == {0, 2, 4, 5, 6}


def test_an_unfinished_line_is_not_judged_by_its_beginning() -> None:
    """`$` waits for the line's end, or for the word that nothing more comes."""
    finder = Finder([Watch("done", "^done$", stop=True)])
    assert finder.feed(b"done") == []
    assert finder.feed(b"-ish\n") == []
    assert finder.feed(b"done") == []
    assert finder.settle() == [0]
    assert finder.feed(b"\ndone\n") == []


def test_an_endless_line_is_looked_at_and_does_not_grow_in_memory() -> None:
    """A line of a megabyte is searched, and little of it kept."""
    finder = Finder([Watch("x", "needle", stop=False)])
    for _ in range(100):
        assert finder.feed(b"y" * 10_000) == []
        assert len(finder.carry) <= 64 << 10
    assert finder.feed(b" needle " + b"y" * 40_000) == [0]
