"""The way back in the head of a run: never half a sentence, whatever room there is."""

from __future__ import annotations

import pytest

from screens.widgets.run_header import MORE, fitting_way_back

WORDS = (
    "you can go back until 4.1 (Convert the orders of all branch offices to the new layout); what 2.1 (Back up), "
    "2.2 (Stop the old nodes of the cluster) did has no undo; from 3.2 (Update the schema) on only the backup brings "
    "it back"
)
SHORT = "you can go back until 4.1; what 2.1, 2.2 did has no undo; from 3.2 on only the backup brings it back"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (160, f"Y{WORDS[1:]}."),
        (78, f"Y{SHORT[1:]}."),
        (50, f"You can go back until 4.1; what 2.1, 2.2 did has no undo. {MORE}"),
        (30, f"You can go back until 4.1. {MORE}"),
    ],
)
def test_what_is_left_out_is_said_and_what_is_left_is_true(width: int, shown: str) -> None:
    """First the titles go, then whole clauses from the end; the one that says until when always stays."""
    assert fitting_way_back(WORDS, SHORT, width) == shown


def test_words_that_fit_stand_as_they_are() -> None:
    """Nothing is put behind them."""
    assert fitting_way_back("nothing has been changed", "nothing has been changed", 78) == "Nothing has been changed."
    assert fitting_way_back("", "", 78) == ""
