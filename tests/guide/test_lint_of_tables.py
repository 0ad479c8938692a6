"""Constant tables among the values: a wrong column is told in its row, and so is a text that is no expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import line_of, problems_of, swapped

if TYPE_CHECKING:
    from pathlib import Path

ROWS = """  rows:
    - {name: one, port: 8080}
    - {name: two, port: none}
    - ROW
"""
USED = ("when: values.sizes.small < values.sizes.large", "when: size(values.rows) > 1")


def told(tmp_path: Path, row: str, *swaps: tuple[str, str]) -> list[tuple[int, str, str, str]]:
    """Line, rule, message and hint of each problem of a guide whose table ends with a row."""
    table = ("values:\n", "values:\n" + ROWS.replace("ROW", row))
    text = swapped(table, *(swaps or (USED,)))
    at = line_of(text, row)
    found = [one for one in problems_of(tmp_path, text) if one.message != "the value `sizes` is never used"]
    return [(one.line - at, one.rule, one.message, one.hint) for one in found]


@pytest.mark.parametrize(
    ("row", "rule", "message", "hint"),
    [
        ("{name: three, prot: 1}", "columns", "the other rows have no `prot`", "did you mean `port`?"),
        ("{name: three, port: 1, host: x}", "columns", "the other rows have no `host`", "the columns are: name, port"),
        (
            "{name: three}",
            "columns",
            "this row has no `port`, and the others have",
            'give every row the same columns; "" or false stands for nothing',
        ),
        (
            "three",
            "columns",
            "the other entries of this list are rows with columns, and this is none",
            "write it as {column: value}",
        ),
        (
            "{name: '${{ answers.cluster }}', port: 1}",
            "constant",
            "inside of a list or a map of `values` a text stays as it is: ${{ }} is not replaced",
            "make it a value of its own, as a bare expression",
        ),
    ],
    ids=["misspelt", "unknown", "missing", "no-row", "expression"],
)
def test_a_wrong_row_is_told_on_its_line(tmp_path: Path, row: str, rule: str, message: str, hint: str) -> None:
    """One row that differs is one problem, with the column that was meant."""
    assert told(tmp_path, row) == [(0, rule, message, hint)]


def test_rows_with_the_same_columns_are_fine(tmp_path: Path) -> None:
    """In any order, with other types, nested, and with false or "" for nothing."""
    assert told(tmp_path, "{port: '', name: three}") == []
    assert told(tmp_path, "{port: false, name: three}") == []


@pytest.mark.parametrize(
    ("read", "hint"),
    [
        ("values.rows[0].prot == 1", "did you mean values.rows[0].port?"),
        ("values.rows.exists(r, r.prot == 1)", "did you mean r.port?"),
    ],
)
def test_a_column_that_no_row_has_is_told_where_it_is_read(tmp_path: Path, read: str, hint: str) -> None:
    """The columns are known although their types differ from row to row."""
    (problem,) = told(tmp_path, "{name: three, port: 1}", (USED[0], f"when: {read}"))
    assert (problem[1], problem[3]) == ("expression", hint)


def test_of_two_rows_that_differ_the_first_is_right(tmp_path: Path) -> None:
    """Two rows tell no majority."""
    text = swapped(("values:\n", "values:\n  rows: [{a: 1}, {b: 1}]\n"), USED)
    found = [one.message for one in problems_of(tmp_path, text) if one.rule == "columns"]
    assert found == ["this row has no `a`, and the others have", "the other rows have no `b`"]
