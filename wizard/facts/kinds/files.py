"""Facts that are lists of paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.facts.reading import Raw

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_files(asking: Asking) -> Raw:
    """Give the sorted list of paths a glob finds; absent where it finds none. `match` is held against each path."""
    assert asking.fact.files is not None  # noqa: S101 - the kind says so
    pattern = asking.path(asking.fact.files)
    paths = list(asking.machine.glob(pattern))
    return Raw(paths, pattern) if paths else Raw.nothing(pattern, "nothing matches")
