"""Whole files as bytes and text, and the words for what a file is."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError
from wizard.units import show_size

if TYPE_CHECKING:
    from wizard.host.protocols import FileFacts, Machine

READ_LIMIT: Final = 4 << 20
"""Bytes of a file that are read; a fact or check over half a file would be a guess."""


def read_whole(machine: Machine, path: str) -> bytes | None:
    """Give the bytes of a file, None where there is none. HostError where it is no file, or too large."""
    facts = machine.stat(path)
    if not facts.exists:
        return None
    if facts.kind == "folder":
        raise HostError(f"{path} is a folder, not a file")
    data = machine.read(path, READ_LIMIT + 1)
    if len(data) > READ_LIMIT:
        raise HostError(f"{path} has {show_size(facts.size)}, and at most {show_size(READ_LIMIT)} are read")
    return data


def as_text(data: bytes) -> str:
    """Decode text of a file, whatever it holds."""
    return data.decode("utf-8-sig", "replace")


def file_names(facts: FileFacts) -> dict[str, Any]:
    """What expressions see of a file.

    `exists`, `readable` and `writable` are switches, `kind` is file, folder, link or other, `size` is in
    bytes, `mode` text such as `0640`, `modified` UTC in ISO 8601. Without a file only the first four
    are there.
    """
    names: dict[str, Any] = {
        "exists": facts.exists,
        "readable": facts.readable,
        "writable": facts.writable,
        "kind": facts.kind,
    }
    if facts.exists:
        names |= {
            "size": facts.size,
            "mode": mode_text(facts.mode),
            "owner": facts.owner,
            "group": facts.group,
            "modified": when_text(facts.modified),
        }
    return names


def mode_text(mode: int) -> str:
    """Write permission bits as `0640`."""
    return f"{stat.S_IMODE(mode):04o}"


def when_text(timestamp: float) -> str:
    """Write a time as UTC in ISO 8601, to the second."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
