"""What a screen shows, as lines of text, and waiting until it shows it."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from typing import TYPE_CHECKING, Any, Final

from tests.screens.one_screen import OneScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.pilot import Pilot
    from textual.screen import Screen

_VOLATILE: Final[tuple[tuple[str, str], ...]] = (
    (r"\b20\d{6}-\d{4}-[a-z]{3}\b", "20250102-0304-mav"),  # ids of sessions
    (r"\b20\d\d-\d\d-\d\d\b", "2025-01-02"),
    (r"\b\d\d:\d\d:\d\d(\.\d+)?\b", "03:04:05"),
    (r"\b\d\d:\d\d\b", "03:04"),
    (r"\b\d s\b", "0 s"),  # how long what takes no time took
    (r"/tmp/wizard-\w{8}\b", "/tmp/wizard-testtest"),  # as long as the folder it stands for
)

_LOOK_EVERY: Final = 0.015
"""Seconds between two looks at what is waited for: about a frame."""


def lines_of(app: App[Any]) -> list[str]:
    """What stands on the screen, line by line, without the blanks at their ends."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def text_of(app: App[Any]) -> str:
    """What stands on the screen, as one text."""
    return "\n".join(lines_of(app))


def frame_of(app: App[Any], replaced: dict[str, str] | None = None) -> str:
    """What stands on the screen, the same on every machine and at any time of the day.

    Times, dates, ids of sessions, folders of a test and the name of the machine are replaced by fixed ones, and
    so are the keys of `replaced` by its values; the columns after them stay where they are.
    """
    text = text_of(app)
    # The name of a machine may be two letters, which stand in many words too.
    text = _in_place(rf"\b{re.escape(socket.gethostname())}\b", "machine", text)
    for old, new in (replaced or {}).items():
        text = _in_place(re.escape(old), new, text)
    for pattern, new in _VOLATILE:
        text = _in_place(pattern, new, text)
    return "\n".join(line.rstrip() for line in text.split("\n")) + "\n"


def _in_place(pattern: str, new: str, text: str) -> str:
    """Replace, and give or take the blanks that follow, so that what stands further right stays there."""

    def put(found: re.Match[str]) -> str:
        old, gap = found[1], found[found.re.groups]
        room = len(old) + len(gap)
        return new.ljust(room) if len(new) < room else new + (" " if gap else "")

    return re.sub(f"({pattern})( *)", put, text)


def is_shown(app: App[Any], kind: type[Screen[Any]]) -> bool:
    """Whether a screen of this kind is on top."""
    return isinstance(app.screen, kind)


async def wait_until(pilot: Pilot[Any], condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the app go on until `condition` holds; what is on the screen is told where it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"this did not come within {seconds:g} s; the screen is\n{text_of(pilot.app)}")
        await asyncio.sleep(_LOOK_EVERY)
    await pilot.pause()


async def wait_for_text(pilot: Pilot[Any], words: str, seconds: float = 10.0) -> None:
    """Let the app go on until `words` stand on the screen."""
    await wait_until(pilot, lambda: words in text_of(pilot.app), seconds)


__all__ = ["OneScreen", "frame_of", "is_shown", "lines_of", "text_of", "wait_for_text", "wait_until"]
