"""Rows of the source that parts of a guide claim: that there are such rows."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.guide.lint.page import Page


def look(page: Page) -> None:
    """Hold every `covers` against the rows, where every source gives its rows."""
    sources = page.guide.sources
    if not sources or any(source.rows is None for source in sources):
        return
    known: set[str] = set()
    for number, source in enumerate(sources):
        path = page.loaded.folder / str(source.rows)
        ids, complaint = _ids(path) if path.is_file() else (set(), f"there is no file {source.rows} beside the guide")
        if complaint:
            page.add(("sources", number, "rows"), complaint, rule="rows")
            return
        known |= ids
    for placed in page.models:
        for number, row in enumerate(placed.model.covers):
            if row not in known:
                near = difflib.get_close_matches(row, known, n=1, cutoff=0.6)
                hint = f"did you mean {near[0]}?" if near else ""
                page.add((*placed.place, "covers", number), f"there is no row {row}", hint=hint, rule="covers")


def _ids(path: Path) -> tuple[set[str], str]:
    """Ids of a file with one JSON object a line, or what is wrong with it."""
    found: set[str] = set()
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict) or "id" not in row:
                    return found, f"line {number} of {path.name} has no id"
                found.add(str(row["id"]))
    except (OSError, ValueError, RecursionError) as error:
        return found, f"{path.name} cannot be read: {error}"
    return found, ""
