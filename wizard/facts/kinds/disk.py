"""Facts about room on a file system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.facts.reading import Raw

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_disk(asking: Asking) -> Raw:
    """Give `path`, `total` and `free` (bytes) of the file system on which the path lies."""
    assert asking.fact.disk is not None  # noqa: S101 - the kind says so
    path = asking.path(asking.fact.disk)
    space = asking.machine.disk(path)
    return Raw({"path": space.path, "total": space.total, "free": space.free}, path)
