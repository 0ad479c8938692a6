"""The terminal as the command sees it: its cells painted as they change, keys passed on to it."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Final

from textual import events, on
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from screens.terminal import keys
from screens.timers import ring_once
from screens.widgets.output_colours import CURSOR, marked, strip_of
from screens.widgets.output_replay import Replay

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Callable

    from screens.output import Output

TICK: Final = 1 / 30
"""Seconds between two paintings while output comes."""
TICK_AFTER_KEY: Final = 0.008
"""The same for a moment after a key: whoever types waits for what it does."""
TICK_IN_FLOOD: Final = 1 / 15
"""The same while a flood comes: the command needs the processor, and nobody reads that fast."""
FLOOD: Final = 256 << 10
"""Bytes of output between two paintings from which on it is a flood."""
REST: Final = 0.006
"""Seconds between the end of one and the next at least: for keys, and for all else that is on the screen."""
BUDGET: Final = 0.012
"""Seconds of each tick that may go into making cells of output."""
BUDGET_IN_FLOOD: Final = 0.006
"""The same where the screen has been overtaken and more comes: it catches up when the command is quieter."""
AT_ONCE: Final = 0.003
"""Seconds of that at a time: a key that comes meanwhile waits so long."""
FRAME_AT_MOST: Final = 0.15
"""Seconds a command may take over one frame that it asked to be shown whole."""
RESIZE_AFTER: Final = 0.15
"""Seconds a new size must stand before the command is told, for a terminal that is being dragged has many."""
SMALLEST: Final = Size(20, 3)
"""What a command is given at least, however little room there is."""
DEAF_AFTER_END: Final = 0.8
"""Seconds for which keys reach nobody after a command ended that was being typed into: they were meant for it."""
TYPE_KEY: Final = "t"
"""Begins typing."""
LEAVE_KEY: Final = "ctrl+right_square_bracket"
"""Leaves typing, as in telnet and in plain lines. Every terminal sends it as one byte and no line editor, pager or
installer asks for it; the few programs that do (tags in vim) get it by pressing it once more."""


class OutputLive(Widget, can_focus=True):
    """The screen of one command."""

    DEFAULT_CSS = """
    OutputLive {
        height: 1fr;
        width: 1fr;
        background: $background;
        color: $foreground;
    }
    """

    typing: reactive[bool] = reactive(False, init=False)  # noqa: FBT003 - its default
    """Whether keys go to the command."""

    class Grew(Message):
        """The command printed something, or something else about it is different."""

    class Ended(Message):
        """The command has ended, and all of its output was taken in."""

    class TypingChanged(Message):
        """Keys go to the command from now on, or no longer do."""

        def __init__(self, *, on: bool) -> None:
            """Say which."""
            super().__init__()
            self.on = on

    class AsksHidden(Message):
        """The command asks for something that it does not show while it is typed."""

    class _News(Message, verbose=True):
        """Something happened to the output, or following it `failed`; told from another thread."""

        def __init__(self, failed: Exception | None = None) -> None:
            super().__init__()
            self.failed = failed

    def __init__(
        self,
        output: Output,
        *,
        gives_way: Callable[[], bool] = lambda: False,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Show the screen of the command behind `output`; while it `gives_way`, what was passed over waits."""
        super().__init__(id=id)
        self._output = output
        self._gives_way = gives_way
        self._replay = Replay(output)
        self._follower = _Follower(output, self)
        self._timer: TimerHandle | None = None
        self._resizing: TimerHandle | None = None
        self._ticked = self._looked = 0.0
        self._tick_seconds = TICK
        self._working = False
        self._due = False
        """Whether another look is wanted after the one that is worked on."""
        self._worked = 0.0
        self._pressed = 0.0
        self._deaf_until = self._framed = 0.0
        self._was_hidden = False
        self._types_by_itself = False
        """Whether keys go to the command because it asks for something hidden, and nobody has typed any of it yet."""
        self._painted = self._replay.emulator
        self._ended = False
        self._given = (0, 0)
        self._cursor: tuple[int, int] | None = None
        self._top = self._left = 0

    # -- life ------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Begin to follow."""
        self._follower.start()
        self._tick()

    def on_unmount(self) -> None:
        """Follow no more; the command runs on."""
        self._follower.stop()
        for timer in (self._timer, self._resizing):
            if timer is not None:
                timer.cancel()

    @property
    def title(self) -> str:
        """What the command calls itself."""
        return self._replay.emulator.title

    @property
    def takes_typing(self) -> bool:
        """Whether there is somebody to type to."""
        keyboard = self._output.keyboard
        return keyboard is not None and keyboard.takes_typing

    @property
    def hidden(self) -> bool:
        """Whether the command does not show what is typed."""
        keyboard = self._output.keyboard
        return keyboard is not None and keyboard.takes_typing and keyboard.input_hidden() is True

    @property
    def missing(self) -> int:
        """Bytes of a flood that were passed over to show what is true now, and are still worked off."""
        return self._replay.missing

    def lines(self) -> list[str]:
        """Give the text that is on the screen."""
        return self._replay.emulator.text()

    def shift(self, columns: int) -> bool:
        """Show what is further to the right (or left) of a command whose terminal is wider; False where all is seen."""
        most = max(0, self._replay.emulator.size[0] - self.size.width)
        left = min(most, max(0, self._left + columns))
        moved, self._left = left != self._left, left
        if moved:
            self.refresh()
        return moved

    # -- following -------------------------------------------------------------------------------

    @on(_News)
    def _take_news(self, event: _News) -> None:
        event.stop()
        if event.failed is not None:
            # A thread that ends in silence would leave a picture that looks true and is not.
            raise event.failed
        wait = TICK_AFTER_KEY if time.monotonic() - self._pressed < 0.5 else self._tick_seconds
        self._tick_after(self._ticked + wait - time.monotonic())

    def _tick_after(self, seconds: float) -> None:
        if self._working:
            # It may have looked before what this is about, and nobody says it again.
            self._due = True
        elif self._timer is not None:
            return
        elif seconds <= 0:
            self._tick()
        else:
            self._timer = ring_once(self, seconds, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._ticked = time.monotonic()
        self._working, self._due, self._worked = True, False, 0.0
        self._replay.look()
        self._work(self._output.running(), self._replay.offset)

    def _work(self, running: bool, before: int) -> None:  # noqa: FBT001 - what is called back by position
        """Make cells of output for a moment, and go on when others had their turn; at the end show what came of it."""
        began = time.monotonic()
        more = self._replay.step(AT_ONCE)
        self._worked += time.monotonic() - began
        flooded = running and self._output.size() - before > FLOOD
        waits = bool(self._replay.missing) and self._gives_way()
        budget = 0.0 if waits else BUDGET_IN_FLOOD if flooded and self._replay.missing else BUDGET
        if more and self._worked < budget:
            self.call_later(self._work, running, before)
            return
        self._working = False
        self._replay.keep_up()
        keyboard = self._output.keyboard
        if (answers := self._replay.take_answers()) and keyboard is not None and keyboard.takes_typing:
            keyboard.send(answers)
        self._tick_seconds = TICK_IN_FLOOD if flooded or waits else TICK
        self._mind_hidden()
        if not more or self._ticked - self._looked >= TICK - REST:
            self._looked = self._ticked
            self._paint()
            self.post_message(self.Grew())
        self._follower.go_on()
        if more or self._due or not self._replay.settled:
            pause = TICK_IN_FLOOD if flooded or waits else 0 if more else TICK
            self._tick_after(max(REST, self._ticked + pause - time.monotonic()))
        if not running and not self._ended and self._replay.offset >= self._output.size():
            self._end()

    def _end(self) -> None:
        self._ended = True
        if self.typing:
            self._deaf_until = time.monotonic() + DEAF_AFTER_END
            self.typing = False
        self._cursor = None
        self.refresh()
        self.post_message(self.Ended())

    # -- painting --------------------------------------------------------------------------------

    def _paint(self) -> None:
        """Have those rows drawn anew that look other than before; half a frame waits for its other half."""
        emulator, now = self._replay.emulator, time.monotonic()
        if not emulator.modes.synchronized:
            self._framed = now
        elif now - self._framed < FRAME_AT_MOST:
            self._tick_after(TICK)
            return
        changed = emulator.take_changed()
        if emulator is not self._painted:
            self._painted = emulator
            changed = set(range(emulator.size[1]))
            self.refresh()
        cursor = self._shown_cursor()
        if cursor != self._cursor:
            changed |= {at[1] for at in (cursor, self._cursor) if at is not None}
            self._cursor = cursor
        corner = self._wanted_corner()
        if corner != (self._left, self._top):
            self._left, self._top = corner
            self.refresh()
            return
        top = self._top
        height = self.size.height
        rows = sorted(y - top for y in changed if 0 <= y - top < height)
        if len(rows) == height:
            self.refresh()
        elif rows:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in rows))

    def _wanted_corner(self) -> tuple[int, int]:
        """Which column and row of a terminal larger than the widget come first: the cursor's row stays in sight."""
        emulator, size = self._replay.emulator, self.size
        columns, rows = emulator.size
        return (
            max(0, min(self._left, columns - size.width)),
            max(0, min(rows - size.height, emulator.cursor.y - size.height + 1)),
        )

    def _shown_cursor(self) -> tuple[int, int] | None:
        cursor = self._replay.emulator.cursor
        return (cursor.x, cursor.y) if self.typing and cursor.visible else None

    def render_line(self, y: int) -> Strip:
        """Draw a row."""
        base, width = self.rich_style, self.size.width
        emulator = self._replay.emulator
        columns, rows = emulator.size
        row = y + self._top
        if row >= rows:
            return Strip.blank(width, base)
        strip = strip_of(emulator.row(row), base)
        if self._cursor is not None and self._cursor[1] == row:
            strip = marked(strip, self._cursor[0], self._cursor[0] + 1, CURSOR)
        if self._left or columns > width:
            strip = strip.crop(self._left, self._left + width)
        return strip.adjust_cell_length(width, base)

    # -- size ------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Give the command the new size, once it stands."""
        if self._resizing is not None:
            self._resizing.cancel()
        self._resizing = ring_once(self, RESIZE_AFTER, self._give_size)
        self._paint()

    def _give_size(self) -> None:
        self._resizing = None
        keyboard = self._output.keyboard
        if keyboard is None or not self.size:
            return
        columns, rows = max(self.size.width, SMALLEST.width), max(self.size.height, SMALLEST.height)
        if (columns, rows) != self._given:
            self._given = (columns, rows)
            keyboard.resize(rows, columns)
            self._replay.resize(columns, rows)
            self._tick_after(0)

    # -- typing ----------------------------------------------------------------------------------

    def watch_typing(self, typing: bool) -> None:  # noqa: FBT001 - Textual calls it so
        """Show it, and say so."""
        self._types_by_itself = self._types_by_itself and typing
        self.set_class(typing, "-typing")
        self.refresh_bindings()
        self._paint()
        self.post_message(self.TypingChanged(on=typing))

    def type_key(self, event: events.Key) -> None:
        """Pass a key on to the command."""
        self._send(keys.encode(event, self._replay.emulator.modes))

    def on_focus(self) -> None:
        """Let keys go to a command that asks for something hidden."""
        if self.hidden and not self.typing:
            self._types_by_itself = self.typing = True

    def _mind_hidden(self) -> None:
        """Give the keys to a command as soon as it asks for something hidden, and take them back where nobody typed."""
        hidden, before = self.hidden, self._was_hidden
        self._was_hidden = hidden
        if hidden and not before:
            if self.has_focus:
                self.on_focus()
            else:
                self.post_message(self.AsksHidden())
        elif before and not hidden and self._types_by_itself:
            self.typing = False

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Take every key but the one that leaves, before anybody else does, while keys go to the command."""
        return key != LEAVE_KEY if self.typing else self._is_deaf() or self._begins_typing(key, character)

    def _begins_typing(self, key: str, character: str | None) -> bool:
        """Whether a key is the first of what a command asks for without showing it.

        A password that was taken for keys of the wizard would stand in its search line, for all to read.
        """
        return self.hidden and key != LEAVE_KEY and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Pass it on while keys go to the command."""
        if self._is_deaf():
            event.stop()
            event.prevent_default()
        elif self._begins_typing(event.key, event.character) or (self.typing and event.key != LEAVE_KEY):
            self.typing = True
            event.stop()
            event.prevent_default()
            self.type_key(event)

    def on_paste(self, event: events.Paste) -> None:
        """Pass it on while keys go to the command, or it asks for what is not shown."""
        if self.typing or self.hidden:
            event.stop()
            self.typing = True
            self._send(keys.paste(event.text, self._replay.emulator.modes))

    def _send(self, data: bytes) -> None:
        keyboard = self._output.keyboard
        if data and keyboard is not None and keyboard.takes_typing:
            self._pressed = time.monotonic()
            self._types_by_itself = False
            keyboard.send(data)

    def _is_deaf(self) -> bool:
        return time.monotonic() < self._deaf_until

    def on_blur(self) -> None:
        """Whoever turns to something else types no longer; who looks at another window comes back to it."""
        if self.app.app_focus:
            self.typing = False


class _Follower:
    """A thread that waits for news of an output and passes them on, one at a time."""

    def __init__(self, output: Output, told: OutputLive) -> None:
        self._output = output
        self._told = told
        self._going_on = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follow output", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def go_on(self) -> None:
        """Say that the last news were taken in."""
        self._going_on.set()

    def stop(self) -> None:
        """End, a moment later."""
        self._over.set()
        self._going_on.set()

    def _follow(self) -> None:
        try:
            self._pass_on()
        except Exception as error:  # noqa: BLE001 - it belongs to the app, which says what it means
            self._tell(OutputLive._News(error))  # noqa: SLF001 - its own word for it

    def _pass_on(self) -> None:
        seen = 0
        while not self._over.is_set():
            running = self._output.running()
            now = self._output.wait(seen, 1.0)
            if now == seen and running:
                continue
            seen = now
            self._going_on.clear()
            if self._over.is_set():
                return  # it was said before the line above, and nobody will say more
            self._tell(OutputLive._News())  # noqa: SLF001 - its own word for it
            if not running:
                return
            self._going_on.wait()

    def _tell(self, news: Message) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody looks any more
            self._told.post_message(news)
