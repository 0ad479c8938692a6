"""Small files in a session's folder that say what is so just now: for whoever looks on, and for nothing else.

They stand beside `driver.lock`. None is flushed, nothing is decided by them, and each counts only while the lock is
held by the driver who wrote it: one that a killed driver left behind says nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any, Final

from wizard.host import durable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LARGEST: Final = 16 << 10
"""Bytes read of one; whoever writes stays far below."""


class Hint:
    """One such file, on the side of the driver."""

    def __init__(self, folder: Path, name: str) -> None:
        """Write the file `name` in `folder`."""
        self._folder = folder
        self._name = name

    def say(self, what: Mapping[str, Any]) -> None:
        """Say something in the place of what was said; where that does not work, whoever looks on knows less."""
        with contextlib.suppress(OSError):
            folder = durable.open_folder(self._folder)
            try:
                self._write(folder, json.dumps(what, ensure_ascii=False).encode("utf-8", "replace"))
            finally:
                os.close(folder)

    def take_back(self) -> None:
        """Say nothing any more."""
        with contextlib.suppress(OSError):
            folder = durable.open_folder(self._folder)
            try:
                os.unlink(self._name, dir_fd=folder)
            finally:
                os.close(folder)

    def _write(self, folder: int, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(f".{self._name}", flags, 0o600, dir_fd=folder)
        try:
            os.write(file, content)
        finally:
            os.close(file)
        os.rename(f".{self._name}", self._name, src_dir_fd=folder, dst_dir_fd=folder)


def read_hint(folder: Path, name: str) -> Any:
    """What such a file says; OSError where there is none, ValueError or RecursionError where it is not JSON."""
    opened = durable.open_folder(folder)
    try:
        return json.loads(durable.read_file(opened, name, LARGEST))
    finally:
        os.close(opened)
