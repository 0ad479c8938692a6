"""The terminal that a command believes it writes to: bytes in, rows of styled text out.

Nothing but cells comes out. Titles are cleaned, reports to the command wait in `take_replies`, clipboards, colours
of the palette, windows and pictures are not touched, and whatever is not known is swallowed. No bytes raise, and no
bytes need more memory than the screen and a few thousand characters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from screens.terminal.cells import WRITES_KEPT, Line, Run
from screens.terminal.controls import WORTH_KEEPING, Function, Splitter, read
from screens.terminal.modes import (
    AT_FIRST,
    FIXED,
    SOFT_RESET_CLEARS,
    Cursor,
    CursorShape,
    Modes,
    Private,
    mouse_of,
)
from screens.terminal.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

REPLIES_KEPT = 4096
TITLE_KEPT = 200
SMALLEST, LARGEST = 1, 1000

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_SHAPES = (CursorShape.BLOCK, CursorShape.BLOCK, CursorShape.BLOCK, CursorShape.UNDERLINE, CursorShape.UNDERLINE)
_SETS = {"(": 0, ")": 1, "*": 2, "+": 3}

FUNCTIONS_KEPT = 4096
"""Functions known by how they are written; programs repeat themselves."""


class Emulator:
    """A terminal of `columns` by `rows` cells, 1 to 1000 each."""

    def __init__(self, columns: int, rows: int) -> None:
        """Make it blank."""
        self._screen = Screen(_bounded(columns), _bounded(rows))
        self._splitter = Splitter()
        self._shown: list[Line] = []
        self._private: set[Private] = set(AT_FIRST)
        self._shape = CursorShape.BLOCK
        self._replies = bytearray()
        self._known: dict[str, tuple[Callable[[Any, Function], None], Any, Function]] = {}
        self.title = ""
        """What the command calls itself, one line of printable characters."""
        self.bell = 0
        """How often the bell was rung."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._screen.columns, self._screen.rows

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is."""
        screen = self._screen
        visible = Private.CURSOR_VISIBLE in self._private
        return Cursor(min(screen.x, screen.columns - 1), screen.y, visible, self._shape)

    @property
    def modes(self) -> Modes:
        """What the command asked of its terminal."""
        private, screen = self._private, self._screen
        return Modes(
            alternate_screen=screen.alternate,
            application_cursor=Private.APPLICATION_CURSOR in private,
            application_keypad=Private.APPLICATION_KEYPAD in private,
            bracketed_paste=Private.BRACKETED_PASTE in private,
            autowrap=screen.wrap,
            origin=screen.origin,
            insert=screen.insert,
            newline=screen.newline,
            reverse_video=Private.REVERSE_VIDEO in private,
            synchronized=Private.SYNCHRONIZED in private,
            focus_reports=Private.FOCUS_REPORTS in private,
            mouse=mouse_of(private),
            mouse_sgr=Private.MOUSE_SGR in private,
        )

    def row(self, y: int) -> tuple[Run, ...]:
        """A row as it is to be drawn: neighbouring cells of one style each, together as wide as the screen."""
        return self._screen.lines[y].runs(self._screen.columns)

    def text(self) -> list[str]:
        """The characters of all rows, without blanks at their ends."""
        return [line.text(self._screen.columns) for line in self._screen.lines]

    def take_changed(self) -> set[int]:
        """The rows that may look other than when this was last asked; at first all."""
        lines, shown, columns = self._screen.lines, self._shown, self._screen.columns
        before = len(shown)
        changed = set()
        for y, line in enumerate(lines):
            written = line.look(columns)
            if written or y >= before or shown[y] is not line:
                changed.add(y)
        self._shown = lines[:]
        return changed

    def take_replies(self) -> bytes:
        """Answers to what the command asked its terminal since the last time."""
        replies = bytes(self._replies)
        self._replies.clear()
        return replies

    def resize(self, columns: int, rows: int) -> None:
        """Take another size, as the command's pty did; lines are not wrapped anew."""
        self._screen.resize(_bounded(columns), _bounded(rows))
        self._shown = []

    def copy(self) -> Emulator:
        """Give another terminal in the same state, but for what is unfinished and for replies."""
        other = Emulator(*self.size)
        other._screen = self._screen.copy()
        other._private, other._shape = set(self._private), self._shape
        other.title, other.bell = self.title, self.bell
        return other

    def feed(self, data: bytes) -> None:
        """Take what the command wrote, cut anywhere."""
        screen = self._screen
        known = self._known
        for index, part in enumerate(self._splitter.split(data)):
            if index & 1:
                if part == "\r\n":
                    screen.x = 0
                    screen.index()
                elif part[0] == "\x1b":
                    pen = screen.pen.after.get(part)
                    if pen is not None:
                        screen.pen = pen
                    elif part in known:
                        act, on, function = known[part]
                        act(on, function)
                    else:
                        self._carry_out(part)
                else:
                    self._control(part)
            elif part:
                x = screen.x
                end = x + len(part)
                if end <= screen.columns and screen.table is None and not screen.insert and part.isascii():
                    writes = screen.lines[screen.y].writes
                    writes.append((x, part, screen.pen.style))
                    screen.x = end
                    screen.last = part
                    if len(writes) > WRITES_KEPT:
                        screen.lines[screen.y].settle(screen.columns)
                else:
                    screen.put(part)

    @property
    def idle(self) -> bool:
        """Whether what was fed ended with a whole character and a whole control function."""
        return self._splitter.idle

    @property
    def scrolls_freely(self) -> bool:
        """Whether lines, once they are scrolled by, leave nothing behind: no margins, no alternate screen."""
        screen = self._screen
        return screen.top == 0 and screen.bottom == screen.rows - 1 and not screen.alternate

    def skip(self, pens: bytes, bells: int) -> None:
        """Lines scroll by unseen: the pen changes by the sequences in `pens`, the bell rings, the cursor is below."""
        self.feed(pens)
        self.bell += bells
        self._screen.x = 0
        self._screen.y = self._screen.rows - 1

    def carry_over(self, sequences: bytes) -> None:
        """Output goes by unseen of which `sequences` last: what is unfinished is given up, the cursor stays."""
        screen = self._screen
        x, y = screen.x, screen.y
        self._splitter = Splitter()
        self.feed(sequences)
        screen.x, screen.y = x, y

    # -- control functions -----------------------------------------------------------------------

    def _control(self, character: str) -> None:
        screen = self._screen
        match character:
            case "\r":
                screen.x = 0
            case "\n" | "\x0b" | "\x0c":
                screen.line_feed()
            case "\b":
                screen.left(1)
            case "\t":
                screen.tab(1)
            case "\a":
                self.bell += 1
            case "\x0e":
                screen.shift(1)
            case "\x0f":
                screen.shift(0)
            case _:
                pass

    def _carry_out(self, control: str) -> None:
        function = read(control)
        if function is None:
            return
        for character in function.inside:
            self._control(character)
        name = function.name
        screen = self._screen
        if name == "m":
            screen.pen = screen.pens.turn(screen.pen, control, function.parameters)
            return
        act: Callable[[Any, Function], None] | None = _ON_SCREEN.get(name)
        on: Any = screen
        if act is None:
            act, on = _ON_TERMINAL.get(name, _leave_out), self
        act(on, function)
        if not function.inside and not function.text and len(control) <= WORTH_KEEPING:
            if len(self._known) >= FUNCTIONS_KEPT:
                self._known.clear()
            self._known[control] = act, on, function

    def string(self, function: Function) -> None:
        """An operating system command: titles are taken, all others are not."""
        number, _, text = function.text.partition(";")
        if number in {"0", "2"}:
            self.title = " ".join(_UNPRINTABLE.sub(" ", text).split())[:TITLE_KEPT]

    def reset(self, _: Function) -> None:
        """Everything as at the beginning, what is shown as title excepted."""
        self._screen.reset()
        self._private = set(AT_FIRST)
        self._shape = CursorShape.BLOCK

    def soft_reset(self, _: Function) -> None:
        """Modes as at the beginning; what is on the screen stays."""
        self._screen.soft_reset()
        self._private = (self._private - SOFT_RESET_CLEARS) | AT_FIRST

    def keypad(self, function: Function) -> None:
        """ESC = and ESC >."""
        self._set(Private.APPLICATION_KEYPAD, on=function.name == "ESC =")

    def ansi_modes(self, function: Function) -> None:
        """Insert mode and newline mode."""
        on = function.name == "h"
        for mode in function.flat():
            if mode == 4:
                self._screen.insert = on
            elif mode == 20:
                self._screen.newline = on

    def private_modes(self, function: Function) -> None:
        """DEC private modes."""
        on = function.name == "?h"
        for number in function.flat():
            if number in _PRIVATE:
                self._set(Private(number), on=on)

    def _set(self, mode: Private, *, on: bool) -> None:
        if mode in FIXED:
            return
        screen = self._screen
        match mode:
            case Private.ORIGIN:
                screen.set_origin(on=on)
            case Private.AUTOWRAP:
                screen.wrap = on
            case Private.ALTERNATE_PLAIN:
                screen.set_alternate(on=on)
            case Private.ALTERNATE_CLEARED:
                if not on and screen.alternate:
                    screen.erase_screen(2)
                screen.set_alternate(on=on)
            case Private.SAVED_CURSOR:
                (screen.save if on else screen.restore)()
            case Private.ALTERNATE_SAVED if on:
                screen.save()
                screen.set_alternate(on=True)
                screen.erase_screen(2)
            case Private.ALTERNATE_SAVED:
                screen.set_alternate(on=False)
                screen.restore()
            case _:
                pass
        (self._private.add if on else self._private.discard)(mode)

    def shape(self, function: Function) -> None:
        """DECSCUSR."""
        number = function.number(0)
        self._shape = _SHAPES[number] if number < len(_SHAPES) else CursorShape.BAR

    # -- reports ---------------------------------------------------------------------------------

    def _reply(self, answer: str) -> None:
        if len(self._replies) + len(answer) <= REPLIES_KEPT:
            self._replies += answer.encode()

    def attributes(self, _: Function) -> None:
        """DA: a VT220 with colours."""
        self._reply("\x1b[?62;22c")

    def attributes_more(self, _: Function) -> None:
        """DA2: a VT220 of no particular version."""
        self._reply("\x1b[>1;10;0c")

    def version(self, _: Function) -> None:
        """XTVERSION."""
        self._reply("\x1bP>|wizard\x1b\\")

    def status(self, function: Function) -> None:
        """DSR and CPR: all is well, and where the cursor is."""
        mark = "?" if function.name[0] == "?" else ""
        if function.number(0) == 6:
            at = self.cursor
            row = at.y - (self._screen.top if self._screen.origin else 0)
            self._reply(f"\x1b[{mark}{row + 1};{at.x + 1}R")
        elif function.number(0) == 5 and not mark:
            self._reply("\x1b[0n")

    def private_mode_report(self, function: Function) -> None:
        """DECRQM of a private mode: 1 set, 2 reset, 0 unknown, 4 reset for ever."""
        number = function.number(0)
        state = 0
        if number in _PRIVATE:
            mode = Private(number)
            state = 4 if mode in FIXED else 1 if mode in self._private else 2
        self._reply(f"\x1b[?{number};{state}$y")

    def ansi_mode_report(self, function: Function) -> None:
        """DECRQM of an ANSI mode."""
        number = function.number(0)
        known = {4: self._screen.insert, 20: self._screen.newline}
        state = 0 if number not in known else 1 if known[number] else 2
        self._reply(f"\x1b[{number};{state}$y")

    def window(self, function: Function) -> None:
        """XTWINOPS: the size in cells is told; windows are not moved, titles are not reported."""
        if function.number(0) == 18:
            columns, rows = self.size
            self._reply(f"\x1b[8;{rows};{columns}t")


_PRIVATE = frozenset(int(mode) for mode in Private)


def _bounded(cells: int) -> int:
    return max(SMALLEST, min(cells, LARGEST))


def _leave_out(_: Emulator, __: Function) -> None:
    """What is not known does nothing."""


def _clear_tabs(screen: Screen, function: Function) -> None:
    match function.number(0):
        case 0:
            screen.tabs.discard(min(screen.x, screen.columns - 1))
        case 3:
            screen.tabs.clear()


def _margins(screen: Screen, function: Function) -> None:
    screen.set_margins(function.number(0, 1) - 1, function.number(1, screen.rows) - 1)


def _next_line(screen: Screen, _: Function) -> None:
    screen.x = 0
    screen.index()


def _lines_down(screen: Screen, function: Function) -> None:
    screen.down(function.number(0, 1))
    screen.x = 0


def _lines_up(screen: Screen, function: Function) -> None:
    screen.up(function.number(0, 1))
    screen.x = 0


def _designate(place: int, name: str) -> Callable[[Screen, Function], None]:
    return lambda screen, _: screen.designate(place, name)


_ON_SCREEN: dict[str, Callable[[Screen, Function], None]] = {
    "@": lambda screen, function: screen.insert_cells(function.number(0, 1)),
    "A": lambda screen, function: screen.up(function.number(0, 1)),
    "B": lambda screen, function: screen.down(function.number(0, 1)),
    "C": lambda screen, function: screen.right(function.number(0, 1)),
    "D": lambda screen, function: screen.left(function.number(0, 1)),
    "E": _lines_down,
    "F": _lines_up,
    "G": lambda screen, function: screen.to_column(function.number(0, 1) - 1),
    "H": lambda screen, function: screen.move_to(function.number(1, 1) - 1, function.number(0, 1) - 1),
    "I": lambda screen, function: screen.tab(function.number(0, 1)),
    "J": lambda screen, function: screen.erase_screen(function.number(0)),
    "?J": lambda screen, function: screen.erase_screen(function.number(0)),
    "K": lambda screen, function: screen.erase_line(function.number(0)),
    "?K": lambda screen, function: screen.erase_line(function.number(0)),
    "L": lambda screen, function: screen.insert_lines(function.number(0, 1)),
    "M": lambda screen, function: screen.delete_lines(function.number(0, 1)),
    "P": lambda screen, function: screen.delete_cells(function.number(0, 1)),
    "S": lambda screen, function: screen.scroll_up(screen.top, screen.bottom, function.number(0, 1)),
    "T": lambda screen, function: screen.scroll_down(screen.top, screen.bottom, function.number(0, 1)),
    "X": lambda screen, function: screen.erase_cells(function.number(0, 1)),
    "Z": lambda screen, function: screen.tab_back(function.number(0, 1)),
    "`": lambda screen, function: screen.to_column(function.number(0, 1) - 1),
    "a": lambda screen, function: screen.right(function.number(0, 1)),
    "b": lambda screen, function: screen.repeat(function.number(0, 1)),
    "d": lambda screen, function: screen.to_row(function.number(0, 1) - 1),
    "e": lambda screen, function: screen.down(function.number(0, 1)),
    "f": lambda screen, function: screen.move_to(function.number(1, 1) - 1, function.number(0, 1) - 1),
    "g": _clear_tabs,
    "r": _margins,
    "s": lambda screen, _: screen.save(),
    "u": lambda screen, _: screen.restore(),
    "ESC 7": lambda screen, _: screen.save(),
    "ESC 8": lambda screen, _: screen.restore(),
    "ESC D": lambda screen, _: screen.index(),
    "ESC E": _next_line,
    "ESC H": lambda screen, _: screen.tabs.add(min(screen.x, screen.columns - 1)),
    "ESC M": lambda screen, _: screen.reverse_index(),
    "ESC n": lambda screen, _: screen.shift(2),
    "ESC o": lambda screen, _: screen.shift(3),
    "ESC #8": lambda screen, _: screen.fill("E"),
    **{f"ESC {mark}{name}": _designate(place, name) for mark, place in _SETS.items() for name in "012ABC4567EHKQRYZ="},
}
"""What needs the screen alone."""

_ON_TERMINAL: dict[str, Callable[[Emulator, Function], None]] = {
    "c": Emulator.attributes,
    ">c": Emulator.attributes_more,
    "h": Emulator.ansi_modes,
    "l": Emulator.ansi_modes,
    "n": Emulator.status,
    "?n": Emulator.status,
    "?h": Emulator.private_modes,
    "?l": Emulator.private_modes,
    "$p": Emulator.ansi_mode_report,
    "?$p": Emulator.private_mode_report,
    "!p": Emulator.soft_reset,
    " q": Emulator.shape,
    ">q": Emulator.version,
    "t": Emulator.window,
    "ESC Z": Emulator.attributes,
    "ESC c": Emulator.reset,
    "ESC =": Emulator.keypad,
    "ESC >": Emulator.keypad,
    "OSC": Emulator.string,
}
"""What needs the terminal: modes, titles, reports."""
