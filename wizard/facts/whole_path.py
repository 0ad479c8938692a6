"""Paths of facts and checks: whole, wherever the wizard was started."""

from __future__ import annotations

import posixpath

from wizard.facts.errors import ReadingError


def whole_path(path: str, folder: str | None) -> str:
    """Give `path` as it is where it is absolute, else below `folder`.

    ReadingError without a folder: what lies below the folder the wizard happens to be started in is
    something else after a resume.
    """
    if path.startswith("/"):
        return path
    if folder is None or not folder.startswith("/"):
        raise ReadingError(f"{path!r} is no whole path, and there is no `folder` it could lie in")
    return posixpath.join(folder, path)
