"""Constant tables among the values: every row has the same columns, and nothing in them is an expression."""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page


def look(page: Page) -> None:
    """Check every list and map of `values`."""
    for name, given in page.guide.values.items():
        if not isinstance(given, str):
            _constant(page, ("values", name), given)


def _constant(page: Page, place: DataPath, value: Any) -> None:
    match value:
        case str() if "${{" in value:
            message = "inside of a list or a map of `values` a text stays as it is: ${{ }} is not replaced"
            page.add(place, message, hint="make it a value of its own, as a bare expression", rule="constant")
        case list():
            if any(isinstance(row, dict) for row in value):
                _rows(page, place, value)
            for number, entry in enumerate(value):
                _constant(page, (*place, number), entry)
        case dict():
            for key, entry in value.items():
                _constant(page, (*place, str(key)), entry)
        case _:
            pass


def _rows(page: Page, place: DataPath, rows: Sequence[Any]) -> None:
    """The columns are what most rows have; of two rows that differ, the first is right."""
    tables = [row for row in rows if isinstance(row, dict)]
    counted = Counter(key for row in tables for key in row)
    columns = [
        key
        for key, times in counted.items()
        if times * 2 > len(tables) or (times * 2 == len(tables) and key in tables[0])
    ]
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            message = "the other entries of this list are rows with columns, and this is none"
            page.add((*place, number), message, hint="write it as {column: value}", rule="columns")
            continue
        missing = [column for column in columns if column not in row]
        for key in row:
            if key not in columns:
                meant = _meant(str(key), missing)
                missing = [column for column in missing if column != meant]
                hint = f"did you mean `{meant}`?" if meant else f"the columns are: {', '.join(columns)}"
                message = f"the other rows have no `{key}`"
                page.add((*place, number, str(key)), message, hint=hint, rule="columns", at_key=True)
        if missing:
            named = " and ".join(f"`{column}`" for column in missing)
            hint = 'give every row the same columns; "" or false stands for nothing'
            page.add((*place, number), f"this row has no {named}, and the others have", hint=hint, rule="columns")


def _meant(key: str, columns: Sequence[str]) -> str | None:
    """The missing column that a key was probably meant to be."""
    near = difflib.get_close_matches(key, columns, n=1, cutoff=0.6)
    return near[0] if near else None
