"""The modes a command can set, by their numbers, and as the pane asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Private(IntEnum):
    """DEC private modes that are known, by the number in `CSI ? n h`."""

    APPLICATION_CURSOR = 1
    COLUMNS_132 = 3
    REVERSE_VIDEO = 5
    ORIGIN = 6
    AUTOWRAP = 7
    MOUSE_PRESS_ONLY = 9
    CURSOR_BLINKS = 12
    CURSOR_VISIBLE = 25
    ALTERNATE_PLAIN = 47
    APPLICATION_KEYPAD = 66
    MOUSE_PRESS = 1000
    MOUSE_DRAG = 1002
    MOUSE_MOVE = 1003
    FOCUS_REPORTS = 1004
    MOUSE_SGR = 1006
    ALTERNATE_CLEARED = 1047
    SAVED_CURSOR = 1048
    ALTERNATE_SAVED = 1049
    BRACKETED_PASTE = 2004
    SYNCHRONIZED = 2026


AT_FIRST = frozenset({Private.AUTOWRAP, Private.CURSOR_VISIBLE})
"""Private modes that are on at the beginning."""
SOFT_RESET_CLEARS = frozenset({Private.APPLICATION_CURSOR, Private.APPLICATION_KEYPAD, Private.ORIGIN})
FIXED = frozenset({Private.COLUMNS_132, Private.CURSOR_BLINKS})
"""Known and never changed."""


class Mouse(StrEnum):
    """Which mouse events the command wants."""

    NONE = "none"
    PRESS_ONLY = "press-only"
    PRESS = "press"
    DRAG = "drag"
    MOVE = "move"


class CursorShape(StrEnum):
    """How the cursor is to look."""

    BLOCK = "block"
    UNDERLINE = "underline"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor is, from 0; `x` is never beyond the last column."""

    x: int
    y: int
    visible: bool
    shape: CursorShape


@dataclass(frozen=True, slots=True)
class Modes:
    """What the command asked of its terminal."""

    alternate_screen: bool = False
    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False
    autowrap: bool = True
    origin: bool = False
    insert: bool = False
    newline: bool = False
    reverse_video: bool = False
    synchronized: bool = False
    """It is in the middle of a frame: what is on the screen now is half of it."""
    focus_reports: bool = False
    mouse: Mouse = Mouse.NONE
    mouse_sgr: bool = False
    """Mouse events are to be written in decimal numbers (1006)."""


_MICE = {
    Private.MOUSE_PRESS_ONLY: Mouse.PRESS_ONLY,
    Private.MOUSE_PRESS: Mouse.PRESS,
    Private.MOUSE_DRAG: Mouse.DRAG,
    Private.MOUSE_MOVE: Mouse.MOVE,
}


def mouse_of(private: set[Private]) -> Mouse:
    """The most that the set modes ask for."""
    wanted = Mouse.NONE
    for mode, mouse in _MICE.items():
        if mode in private:
            wanted = mouse
    return wanted
