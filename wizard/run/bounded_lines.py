"""Files of lines in a session's folder that never grow past a limit: for whoever looks on, and for nothing else.

One process appends, any number read. Nothing is flushed to the disk, nothing is decided by what they say, and
whatever cannot be written is left out. The file before is kept under `.old`, so that a reader always finds at least
the last `limit` bytes that were written, and at most twice as many.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any, Final

from wizard.host import durable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_BEFORE: Final = ".old"
_MOST: Final = 1 << 20
"""Bytes read of one file; a writer stops long before, so that more is none of its doing."""


class BoundedLines:
    """Appends JSON objects to a file of a session, one a line."""

    def __init__(self, folder: Path, name: str, limit: int) -> None:
        """Append to the file `name` in `folder`; with more than `limit` bytes it is begun anew."""
        self._folder = folder
        self._name = name
        self._limit = limit

    def append(self, value: Mapping[str, Any]) -> None:
        """Write one line; one that the disk or the folder does not take, or that is too long, is left out."""
        line = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        if len(line) > self._limit:
            return
        with contextlib.suppress(OSError):
            folder = durable.open_folder(self._folder)
            try:
                self._append(folder, line)
            finally:
                os.close(folder)

    def _append(self, folder: int, line: bytes) -> None:
        file, size = self._open(folder)
        try:
            if size and size + len(line) > self._limit:
                os.rename(self._name, self._name + _BEFORE, src_dir_fd=folder, dst_dir_fd=folder)
                os.close(file)
                file, size = self._open(folder)
            if size and os.pread(file, 1, size - 1) != b"\n":
                # Half a line of a writer that was killed, or that met a full disk, must not spoil this one.
                line = b"\n" + line
            os.write(file, line)
        finally:
            os.close(file)

    def _open(self, folder: int) -> tuple[int, int]:
        flags = os.O_RDWR | os.O_APPEND
        try:
            file = durable.open_file(folder, self._name, flags)
        except FileNotFoundError:
            os.close(durable.open_new(folder, self._name))
            file = durable.open_file(folder, self._name, flags)
        return file, os.fstat(file).st_size


class BoundedLinesReader:
    """Follows such a file. What is no JSON object is passed over, and half a line is waited for."""

    def __init__(self, folder: Path, name: str) -> None:
        """Follow the file `name` in `folder`, which may not be there yet."""
        self._folder = folder
        self._name = name
        self._file = -1
        self._offset = 0

    def read(self) -> list[dict[str, Any]]:
        """Give what came since the last call, oldest first. Some may be given again where the file was not there."""
        found: list[dict[str, Any]] = []
        with contextlib.suppress(OSError):
            folder = durable.open_folder(self._folder)
            try:
                found.extend(self._read(folder))
            finally:
                os.close(folder)
        return found

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _read(self, folder: int) -> Iterator[dict[str, Any]]:
        if not self._is_current(folder):
            # Nothing more comes into the one that was current: its end is read, and what lies between it and the next.
            yield from self._drain()
            yield from self._one_between(folder)
            self.close()
            self._file, self._offset = durable.open_file(folder, self._name), 0
        yield from self._drain()

    def _is_current(self, folder: int) -> bool:
        if self._file < 0:
            return False
        try:
            named = os.stat(self._name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return True
        return os.path.samestat(named, os.fstat(self._file))

    def _one_between(self, folder: int) -> Iterator[dict[str, Any]]:
        try:
            before = durable.open_file(folder, self._name + _BEFORE)
        except OSError:
            return
        try:
            if self._file < 0 or not os.path.samestat(os.fstat(before), os.fstat(self._file)):
                yield from _objects(os.pread(before, _MOST, 0))
        finally:
            os.close(before)

    def _drain(self) -> Iterator[dict[str, Any]]:
        if self._file < 0:
            return
        size = os.fstat(self._file).st_size
        if size < self._offset:
            self._offset = 0
        self._offset = max(self._offset, size - _MOST)
        if size == self._offset:
            return
        whole = os.pread(self._file, _MOST, self._offset)
        whole = whole[: whole.rfind(b"\n") + 1]
        self._offset += len(whole)
        yield from _objects(whole)


def _objects(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.split(b"\n"):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found
