"""Attending a running command: its output on the screen, the operator's keys in its terminal, and the way out."""

from __future__ import annotations

import contextlib
import select
import time
from typing import TYPE_CHECKING, Final, TextIO

from wizard.errors import Gone, HostError
from wizard.host.protocols import LiveState
from wizard.plain.clean import clean
from wizard.plain.prompts import Option
from wizard.plain.style import Style, is_terminal
from wizard.plain.terminal import RawTerminal, write_some
from wizard.run.operator import Watching, Wish
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.plain.prompts import Prompts
    from wizard.plain.screen_copy import ScreenCopy
    from wizard.plain.signals import Interrupts, Signals

LEAVE_KEY: Final = b"\x1d"
ASK_KEY: Final = b"\x03"

HIDDEN_NOTE: Final = b"(typing is hidden) "

_SETTLED_SECONDS: Final = 0.3
"""Quiet after which a prompt is on the screen for sure, for output may be held back 0.2 s for redaction."""

_WHICH_KEYS: Final = "^C: stop, leave or go on; ^]: leave it running."

_KEYS_AFTER: Final = 2.0
"""Seconds after which a watched command runs long enough to say which keys there are."""

_LOOK_SECONDS: Final = 1.0
_SIGN_OF_LIFE: Final = 30.0
_SIGN_OF_LIFE_AT_MOST: Final = 300.0

_ASK_TEXT: Final = "The command is running. s: stop it   l: leave it running   g: go on "


class Passthrough:
    """One watch over one command; ends with the command, with a stall, or with a wish."""

    def __init__(
        self,
        watching: Watching,
        copy: ScreenCopy,
        *,
        stdin: TextIO,
        out: TextIO,
        style: Style,
        prompts: Prompts,
        signals: Signals,
        interrupts: Interrupts,
        noticed: Callable[[], None],
    ) -> None:
        """Watch `watching.live` from where `copy` is.

        `prompts` asks where there is no terminal for keys; `noticed` is called for every key.
        """
        self._watching = watching
        self._live = watching.live
        self._copy = copy
        self._out = out
        self._style = style
        self._prompts = prompts
        self._signals = signals
        self._interrupts = interrupts
        self._keys = stdin.fileno() if is_terminal(stdin) and is_terminal(out) else None
        self._terminal: RawTerminal | None = None
        self._screen: int | None = None
        self._pending = b""
        self._began = self._shown_at = time.monotonic()
        self._next_look = self._shown_at + _LOOK_SECONDS
        self._next_sign, self._settled = _SIGN_OF_LIFE, _SETTLED_SECONDS
        self._told_deaf = False
        self._noticed = noticed

    def watch(self) -> Wish | None:
        """Watch until there is something to decide. Gone where the person is; the terminal is always given back."""
        with self._signals.patient():
            again = self._copy.begun
            self._copy.begun = True
            if self._keys is None:
                self._introduce()
                return self._watch()
            self._screen = self._out.fileno()
            with RawTerminal(self._keys, self._screen) as self._terminal:
                self._terminal.on_return = self._redraw
                self._give_size()
                if again:
                    self._redraw()
                else:
                    # What was typed before the command was shown was not meant for it.
                    self._terminal.forget_keys()
                self._introduce()
                return self._watch()

    def _watch(self) -> Wish | None:
        try:
            while True:
                self._check()
                wish = self._keys_typed()
                if wish is None and self._interrupts.take():
                    wish = self._ask()
                if wish is not None:
                    return wish
                state = self._live.state()
                if not self._pending:
                    self._show(self._copy.pull(self._live))
                if not self._pending:
                    if state is not LiveState.RUNNING or self._stalled():
                        return None
                    self._remark()
                self._wait()
        finally:
            self._end_output()

    def _check(self) -> None:
        """Leave where a signal says so; take note of a new size."""
        self._signals.check()
        if self._terminal is not None and self._terminal.take_resized():
            self._give_size()

    def _wait(self) -> None:
        """Wait for a key, output, room on the screen, a signal, or half a second."""
        if self._pending and self._screen is None:
            self._write_stream()
            return
        event = self._live.fileno()
        if event is None and self._keys is None:
            self._live.wait(0.2)
            return
        ends = [self._keys, self._signals.fileno(), self._interrupts.fileno(), event]
        if self._terminal is not None:
            ends.append(self._terminal.fileno())
        screen = [self._screen] if self._pending and self._screen is not None else []
        readable, writable, _ = select.select(
            [end for end in ends if end is not None], screen, [], 0.05 if event is None else 0.5
        )
        if writable:
            self._flush()
        if event in readable:
            self._settle()

    def _settle(self) -> None:
        """Let the live command take in what made it readable; not turning round at once where that was nothing."""
        self._live.wait(0.0)
        if self._terminal is not None and not self._pending and not self._copy.is_behind(self._live):
            self._terminal.ready(0.01)

    def _keys_typed(self) -> Wish | None:
        """Pass keys on up to one of the two that are for the wizard; what follows such a key is thrown away."""
        if self._terminal is None or not self._terminal.ready(0.0):
            return None
        keys = self._terminal.read()
        self._noticed()
        place = next((place for place, key in enumerate(keys) if key in LEAVE_KEY + ASK_KEY), len(keys))
        self._type(keys[:place])
        match keys[place : place + 1]:
            case b"\x1d":
                return Wish.LEAVE
            case b"\x03":
                return self._ask()
            case _:
                return None

    def _type(self, keys: bytes) -> None:
        if not keys:
            return
        if self._watching.terminal:
            self._while_it_runs(lambda: self._live.send(keys))
        elif not self._told_deaf:
            self._told_deaf = True
            self._copy.told_keys = True
            self._remind(f"This command takes no typing. {_WHICH_KEYS}")

    def _while_it_runs(self, act: Callable[[], None]) -> None:
        """Do something to the command; that it ended in this very moment is no error."""
        try:
            act()
        except HostError:
            if self._live.state() is LiveState.RUNNING:
                raise

    def _ask(self) -> Wish | None:
        """Ask what ^C was meant for; output waits meanwhile, in the spool."""
        if self._terminal is None:
            return self._ask_by_prompt()
        self._flush()
        self._force(self._copy.interrupt() + b"\r\n" + self._style.fit(_ASK_TEXT).encode())
        wish = self._asked(self._terminal)
        self._force(b"\r\n")
        if wish is None:
            self._redraw()
            self._copy.line_open = False
        return wish

    def _asked(self, terminal: RawTerminal) -> Wish | None:
        """Wait for one of the three letters; keys behind it are left for whoever reads next."""
        while True:
            self._signals.check()
            if self._live.state() is not LiveState.RUNNING:
                self._force(b"\r\n(The command has ended meanwhile.)")
                return None
            if not terminal.ready(0.2):
                continue
            key = terminal.read(1).lower()
            self._noticed()
            match key:
                case b"s":
                    return Wish.STOP
                case b"l" | b"\x1d":
                    return Wish.LEAVE
                case b"g" | b"\r":
                    return None
                case _:
                    continue

    def _ask_by_prompt(self) -> Wish | None:
        options = (
            Option("go on", "Go on"),
            Option("leave", "Leave it running; `wizard resume` attaches again"),
            Option("stop", "Stop the command"),
        )
        with self._signals.raising():
            picked = self._prompts.pick("The command is running", options)
        return {"stop": Wish.STOP, "leave": Wish.LEAVE}.get(picked)

    def _redraw(self) -> None:
        """Set the command's modes again and make it draw: a size that changes twice is the one way to ask for that."""
        self._force(self._copy.resume())
        size = self._terminal.size() if self._terminal else None
        if size is not None and self._copy.alternate_screen:
            rows, columns = size
            self._while_it_runs(lambda: self._live.resize(max(1, rows - 1), columns))
            self._while_it_runs(lambda: self._live.resize(rows, columns))

    def _give_size(self) -> None:
        size = self._terminal.size() if self._terminal else None
        if size is not None:
            rows, columns = size
            self._while_it_runs(lambda: self._live.resize(rows, columns))

    def _stalled(self) -> bool:
        """Ask the engine about once a second whether the command counts as stuck."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        return bool(self._watching.stalled())

    def _remark(self) -> None:
        """Say once that typing is hidden; of a watched command which keys do what, and now and then that it runs."""
        now = time.monotonic()
        quiet = now - self._shown_at
        if self._watching.terminal:
            if not self._copy.told_hidden and quiet >= self._settled:
                self._settled = quiet + _LOOK_SECONDS
                if self._live.input_hidden():
                    self._copy.told_hidden = True
                    self._show(HIDDEN_NOTE)
        elif self._terminal is not None and not self._copy.told_keys and now - self._began >= _KEYS_AFTER:
            self._copy.told_keys = True
            self._remind(_WHICH_KEYS)
        elif quiet >= self._next_sign:
            self._next_sign = quiet + min(quiet, _SIGN_OF_LIFE_AT_MOST)
            usually = f", usually takes {show_duration(self._watching.takes)}" if self._watching.takes else ""
            self._remind(f"Still running, no output for {show_duration(self._live.quiet_seconds())}{usually}.")

    def _introduce(self) -> None:
        """Say what happens to keys, once for each command that takes them, and why the engine asks again."""
        words = []
        if self._terminal is not None and self._watching.terminal and not self._copy.told_keys:
            self._copy.told_keys = True
            words.append(f"Keys go to the command. {_WHICH_KEYS}")
        if self._watching.notice:
            words.append(clean(self._watching.notice))
        lines = [line for text in words for line in self._style.wrap(text)]
        self._force("".join(f"{line}\r\n" for line in lines).encode(errors="replace"))

    def _remind(self, text: str) -> None:
        """Put a line of the wizard's own between lines of the command's."""
        opened = "\r\n" if self._copy.line_open else ""
        self._pending += f"{opened}[{self._style.fit(text)}]\r\n".encode(errors="replace")
        self._copy.line_open = False

    def _show(self, data: bytes) -> None:
        if data:
            self._pending += data
            self._shown_at = time.monotonic()
            self._next_sign, self._settled = _SIGN_OF_LIFE, _SETTLED_SECONDS

    def _flush(self) -> None:
        """Write what is pending as far as the terminal takes it now."""
        if self._screen is not None:
            self._pending = self._pending[write_some(self._screen, self._pending) :]

    def _force(self, data: bytes) -> None:
        """Write all of it, waiting for the terminal as long as nobody leaves."""
        self._pending += data
        while self._pending:
            self._signals.check()
            if self._screen is None:
                self._write_stream()
                return
            select.select([], [self._screen], [], 0.2)
            self._flush()

    def _write_stream(self) -> None:
        try:
            self._out.write(self._pending.decode("utf-8", "replace").replace("\r\n", "\n"))
            self._out.flush()
        except (OSError, ValueError) as error:
            raise Gone("nobody reads what is shown") from error
        self._pending = b""

    def _end_output(self) -> None:
        """Leave the screen in its usual modes, at the beginning of a line."""
        running = self._live.state() is LiveState.RUNNING
        self._pending += self._copy.interrupt() if running else self._copy.finish()
        if self._copy.line_open:
            self._pending += b"\r\n"
            self._copy.line_open = False
        if self._signals.caught is None:
            self._force(b"")
        else:
            with contextlib.suppress(Gone):
                self._flush()
