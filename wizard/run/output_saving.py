"""What a command printed as text in a file of the operator's: readable, and harmless to any terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import HostError, UsageError
from wizard.new_file import appearing
from wizard.run.spool import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK: Final = 256 << 10
_LONGEST_CUT: Final = 4 << 10
"""Bytes that are kept back at most so that neither a character nor an escape sequence is cut in two."""


def as_text(data: bytes) -> str:
    """Give output as plain text, without escape sequences and control characters."""
    return clean(data.decode("utf-8", "replace"))


def save_output(
    read: Callable[[int, int], bytes],
    begin: int,
    end: int,
    path: Path,
    *,
    going_on: Callable[[int], bool] = lambda _: True,
) -> int:
    """Write the text of the bytes from `begin` to `end` of a spool into a new file that its owner alone may read.

    Gives the bytes written. `going_on` is told from time to time how far it is, and ends it by False; what was
    begun is then removed. HostError with a reason where the file cannot be written or is there already.
    """
    try:
        with appearing(path.parent, (path.name,)) as new:
            if not _copy(read, begin, end, new.file.write, going_on):
                raise _GivenUp
            return new.file.tell()
    except _GivenUp:
        return 0
    except UsageError as error:
        raise HostError(error.message, hint=error.hint) from None


class _GivenUp(Exception):  # noqa: N818 - nothing went wrong
    """It was ended before it was whole."""


def _copy(
    read: Callable[[int, int], bytes],
    begin: int,
    end: int,
    write: Callable[[bytes], object],
    going_on: Callable[[int], bool],
) -> bool:
    """Write block after block, cut at line ends where there are any; False where it was ended before the end."""
    kept = b""
    at = begin
    while at < end:
        block = read(at, min(_BLOCK, end - at))
        if not block:
            break
        at += len(block)
        block = kept + block
        cut = len(block) if at >= end else _cut(block)
        write(as_text(block[:cut]).encode("utf-8", "replace"))
        kept = block[cut:]
        if not going_on(at - begin):
            return False
    write(as_text(kept).encode("utf-8", "replace"))
    return True


def _cut(block: bytes) -> int:
    """Give where to cut: behind the last line end, else before an escape sequence or character that is not whole."""
    line_end = block.rfind(b"\n")
    if line_end >= 0:
        return line_end + 1
    escape = block.rfind(b"\x1b", len(block) - _LONGEST_CUT)
    if escape > 0:
        return escape
    at = len(block)
    while at > len(block) - 4 and block[at - 1] & 0xC0 == 0x80:
        at -= 1
    return at - 1 if at > 1 and block[at - 1] >= 0xC0 else at
