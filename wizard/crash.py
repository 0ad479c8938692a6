"""The last resort: a defect of our own is kept in a file for support, without values, and never on screen."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def keep_crash(error: BaseException) -> str:
    """Write down where it happened; gives the words for the operator.

    Only types, files and lines are kept: messages and local variables can hold secrets.
    """
    from wizard.paths import state_folder

    text = "\n".join(_places(error)) + "\n"
    words = f"This is a defect of wizard itself ({type(error).__name__}). What was running runs on."
    try:
        folder = state_folder() / "crashes"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
    except Exception:  # noqa: BLE001 - on a full or forbidden disk the words alone must do
        return f"{words}\n{text}Resume with `wizard resume`."
    return f"{words}\nWhere it happened is in {file}.\nResume with `wizard resume`."


def _places(error: BaseException) -> Iterator[str]:
    """The chain of errors as types and places, innermost last."""
    chained = error.__cause__ or error.__context__
    if chained is not None:
        yield from _places(chained)
        yield "then:"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    yield type(error).__name__
