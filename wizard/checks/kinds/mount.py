"""What is mounted where."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, assert_never

from wizard.checks.context import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import MountCheck
    from wizard.host.protocols import MountFacts


def ask_mount(inquiry: Inquiry) -> Verdict:
    """Pass where the path is a mount point (lies on such a file system, is none, has none below) as wanted."""
    model: MountCheck = inquiry.model
    given = inquiry.text(model.path)
    path = posixpath.normpath(posixpath.join("/", given))
    mounts = inquiry.machine.mounts()
    at = [one for one in mounts if one.point == path]
    match model.is_:
        case "mounted":
            return _judged(inquiry, model, at[-1]) if at else Verdict.fail(f"nothing is mounted at {path}", "mounts")
        case "inside":
            around = _around(inquiry.machine.disk(path).path, mounts)
            if around is None:
                return Verdict.unknown(f"on which file system {path} lies cannot be told", "mounts")
            return _judged(inquiry, model, around)
        case "absent":
            return Verdict.of(not at, _words(at[-1]) if at else f"nothing is mounted at {path}", "mounts")
        case "none_below":
            below = [*at, *(one for one in mounts if one.point.startswith(f"{path.rstrip('/')}/"))]
            seen = "; ".join(map(_words, below[:5])) if below else f"nothing is mounted at {path} or below"
            return Verdict.of(not below, seen, "mounts")
        case _:
            assert_never(model.is_)


def _around(path: str, mounts: Sequence[MountFacts]) -> MountFacts | None:
    """The mount the path lies on; of two at one point the later one covers the other."""
    best: MountFacts | None = None
    for mount in mounts:
        inside = path == mount.point or path.startswith(f"{mount.point.rstrip('/')}/")
        if inside and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best


def _judged(inquiry: Inquiry, model: MountCheck, mount: MountFacts) -> Verdict:
    wrong: list[str] = []
    if model.type is not None and mount.type != (kind := inquiry.text(model.type)):
        wrong.append(f"{kind} wanted")
    if model.source is not None and mount.source != (source := inquiry.text(model.source)):
        wrong.append(f"{source} wanted")
    wanted = list(map(inquiry.text, model.options))
    if missing := [one for one in wanted if one not in mount.options]:
        wrong.append(f"{', '.join(missing)} missing")
    seen = _words(mount)
    return Verdict.of(not wrong, f"{seen}, but {', '.join(wrong)}" if wrong else seen, "mounts")


def _words(mount: MountFacts) -> str:
    return f"{mount.source} is mounted at {mount.point} ({mount.type}, {_shortened(','.join(mount.options))})"


def _shortened(text: str, limit: int = 120) -> str:
    """The beginning of what may be long: overlays name every layer in their options."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
