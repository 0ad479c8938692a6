"""What a screen shows, as lines of text, and waiting until it shows it."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from typing import TYPE_CHECKING, Any, Final

from textual.command import CommandPalette

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

_IDLE_LOOK: Final = 0.01
_IDLE_LOOKS: Final = 100
_IDLE_WORK: Final = 0.0005
"""How long one look lasts whether the app works, how many there are at most, and the work in one that is none: s."""


_OUTAGE: Final = re.compile(r"(?m)(?<=\S)( +outage was )(\d+)(?= s$)")
"""How long an outage was, at the end of its line."""


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
    text = _OUTAGE.sub(lambda found: " " * (len(found[2]) - 1) + found[1] + "0", text_of(app))
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


async def wait_until(pilot: Pilot[Any], condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Let the app go on until `condition` holds; what is on the screen is told where it does not in time."""
    until, late = time.monotonic() + seconds, False
    while not condition():
        if late:
            raise AssertionError(f"this did not come within {seconds:g} s; the screen is\n{text_of(pilot.app)}")
        await asyncio.sleep(_LOOK_EVERY)
        # One look is always taken after the end: all the time may have passed between two lines.
        late = time.monotonic() > until
    await pilot.pause()


async def until_idle(*_: float) -> None:
    """Let the app go on until it has nothing to do: in the place of what Pilot waits for after each key.

    Textual's own goes by the clock, and takes a machine that stood still meanwhile for an app that did nothing.
    """
    loop = asyncio.get_running_loop()
    for _look in range(_IDLE_LOOKS):
        before = time.process_time()
        await asyncio.sleep(_IDLE_LOOK)
        if not loop._ready and time.process_time() - before < _IDLE_WORK:  # type: ignore[attr-defined]
            return


async def wait_for_hits(pilot: Pilot[Any], words: str) -> None:
    """Let the palette find all that there is for what was typed, `words` among it: enter takes what is listed then."""
    app = pilot.app

    def found() -> bool:
        searches = any(worker.node is app.screen and worker.is_running for worker in app.workers)
        return isinstance(app.screen, CommandPalette) and not searches and words in text_of(app)

    await wait_until(pilot, found)


async def wait_for_text(pilot: Pilot[Any], words: str, seconds: float = 30.0) -> None:
    """Let the app go on until `words` stand on the screen."""
    await wait_until(pilot, lambda: words in text_of(pilot.app), seconds)


__all__ = [
    "OneScreen",
    "frame_of",
    "is_shown",
    "lines_of",
    "text_of",
    "until_idle",
    "wait_for_hits",
    "wait_for_text",
    "wait_until",
]
