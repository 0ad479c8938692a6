"""Writing a file for the operator that must not be there yet: never over something, and for its owner alone."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from wizard.errors import UsageError


def write_new(file: str, text: str) -> None:
    """Write `text` into a file that is not there yet, mode 0600; UsageError where that cannot be.

    A file that cannot be written whole is not left behind.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _refusal(file, error) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(file).unlink()
        raise _refusal(file, error) from None


def _refusal(file: str, error: OSError) -> UsageError:
    return UsageError(f"{file} cannot be written: {error.strerror}", hint="Name a file that is not there.")
