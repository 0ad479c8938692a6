"""Counted things in words."""

from __future__ import annotations

import pytest

from wizard.counting import counted


@pytest.mark.parametrize(
    ("count", "noun", "words"),
    [
        (0, "step", "0 steps"),
        (1, "step", "1 step"),
        (2, "batch", "2 batches"),
        (1, "batch", "1 batch"),
        (3, "try", "3 tries"),
        (2, "day", "2 days"),
        (2, "box", "2 boxes"),
        (4000, "more item", "4,000 more items"),
    ],
)
def test_a_number_agrees_with_its_noun(count: int, noun: str, words: str) -> None:
    """One is one, and every regular plural of English comes out right."""
    assert counted(count, noun) == words
