"""Free room on a file system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.units import show_size

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import DiskCheck


def ask_disk(inquiry: Inquiry) -> Verdict:
    """Pass where at least `free` is free where `path` lies."""
    model: DiskCheck = inquiry.model
    path, needed = inquiry.path(model.path), inquiry.size(model.free)
    space = inquiry.machine.disk(path)
    where = path if space.path == path.rstrip("/") or path == "/" else f"{path} (as far as it exists: {space.path})"
    seen = f"{show_size(space.free)} free of {show_size(space.total)} at {where}; {show_size(needed)} needed"
    return Verdict.of(space.free >= needed, seen, "file system")
