"""The titles of steps that stand in loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def titled(title: str, items: Sequence[str]) -> str:
    """A title with the keys of the items in front that it does not name itself, as words of their own."""
    missing = [item for item in items if item not in title or not _names(title, item)]
    return f"{', '.join(missing)}: {title}" if missing else title


def _names(title: str, item: str) -> bool:
    """Whether an item stands in a title as a word of its own: `node-1` does not in `node-12`.

    Searched by hand, because a pattern for each of 10,000 items takes longer than all of their steps.
    """
    at = title.find(item)
    while at != -1:
        end = at + len(item)
        before, after = title[max(0, at - 1) : at], title[end : end + 1]
        if not (before.isalnum() or before in ("-", ".", "_")) and not (after.isalnum() or after in ("-", "_")):
            return True
        at = title.find(item, at + 1)
    return False
