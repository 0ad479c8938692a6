"""Textual's driver for Unix terminals, with our link in the place of its writer."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import select
import signal
import termios
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any, Final

from rich.color import ColorSystem
from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from screens.driver.abilities import abilities
from screens.driver.link import Link
from screens.driver.pastes import Pasted, Pastes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from textual.app import App
    from textual.message import Message

    from screens.driver.abilities import Abilities

logger = logging.getLogger(__name__)

_FRAME: Final = re.compile(r"\x1b\[\d+;\d+H")
"""How every frame of Textual's begins."""

_SEQUENCES: Final = re.compile(r"(?:\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x07)*")
"""What else it writes: modes, questions, the clipboard, the bell, never a word for the screen."""

_RELIED_ON: Final = (
    "_app", "_debug", "_file", "_loop", "_must_signal_resume", "attrs_before", "exit_event", "fileno", "input_tty",
)  # fmt: skip
"""What of the driver's own is used here; its methods are looked at before it is chosen."""

_ACTS: Final = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)

_TICK: Final = 0.1
"""Seconds after which Textual's parser is asked whether a lone escape was a key."""

_HOLD: Final = 0.02
"""Seconds that the possible beginning of an answer is held back."""

_SETTLE: Final = 1.0
"""Seconds at most that leaving waits for a terminal."""

REPAINT_KEY: Final = "ctrl+l"
"""Paints the whole screen again, as terminals have always done it; the App gets the key too."""


class SparingDriver(LinuxDriver):
    """Sends only what changed, one picture at a time, from a thread that nobody waits for."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._abilities: Abilities = abilities(os.environ | ({"NO_COLOR": "1"} if app.no_color else {}))
        self._link: Link | None = None
        self._textual_colours = app.console._color_system  # noqa: SLF001
        missing = [name for name in _RELIED_ON if not hasattr(self, name)]
        self._gave_up = bool(missing)
        """Whether Textual's own way of writing is used."""
        self._modes: list[Any] = []
        """What the terminal was set to when it was taken; empty while it is not ours."""
        if missing:
            logger.warning("this Textual's driver has no %s: it writes by itself", ", ".join(missing))
        else:
            # Colours are fitted to the terminal here, with more care than Textual takes, so it must not do it before.
            app.console._color_system = ColorSystem.TRUECOLOR  # noqa: SLF001

    def start_application_mode(self) -> None:
        """Take the terminal; again after it was given to somebody else."""
        if self._link is None and not self._gave_up:
            self._link = Link(
                2 if self._file is None else self._file.fileno(),
                self._abilities,
                self._get_terminal_size(),
                hears=self.input_tty,
                failed=self._give_up,
            )
            self._link.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if (link := self._link) is None:
            return
        if self.attrs_before is not None:
            self._modes = termios.tcgetattr(self.fileno)
        link.start_pictures()
        textual_resizes = signal.getsignal(signal.SIGWINCH)

        def resized(number: int, frame: FrameType | None) -> None:
            if link := self._link:
                link.repaint()
            if callable(textual_resizes):
                textual_resizes(number, frame)

        signal.signal(signal.SIGWINCH, resized)

    def _sigcont_application(self, *_: object) -> None:
        """Go on after a stop. Textual takes the terminal again, which it gave back only where a SIGTSTP asked for it.

        Taken twice it has two readers, of which one sleeps on what the other took, and keeps the end of the program
        waiting for a key; and what it was set to before is forgotten.
        """
        if self._link is None or self._must_signal_resume:
            super()._sigcont_application()
        else:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nothing is painted any more
                self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        """Have the terminal as it was before a stop in which nothing was given back, whoever used it meanwhile."""
        if (link := self._link) is None or not self._modes:
            return
        with contextlib.suppress(termios.error):  # it is gone, which the reader notices
            termios.tcsetattr(self.fileno, termios.TCSANOW, self._modes)
        self.write("\x1b[?1049h\x1b[?25l")
        self._disable_line_wrap()
        self._enable_mouse_support()
        self._enable_bracketed_paste()
        link.repaint()

    def write(self, data: str) -> None:
        """Take a frame, or a sequence that is none; never waits for the terminal."""
        if (link := self._link) is None:
            super().write(data)
        elif _FRAME.match(data):
            try:
                link.draw(data, self._get_terminal_size())
            except Exception:
                logger.exception("a frame could not be read")
                self._give_up()
        elif _SEQUENCES.fullmatch(data):
            link.send(data)
        else:
            logger.error("Textual wrote a frame of another kind: %r", data[:40])
            self._give_up()
            super().write(data)

    def disable_input(self) -> None:
        """Stop reading keys, after the terminal has answered what it was asked: nobody else wants to read that."""
        self._modes = []
        if link := self._link:
            link.stop_pictures()
            link.settle(_SETTLE)
        super().disable_input()

    def close(self) -> None:
        """Wait until all is written, but not for a terminal that does not read."""
        if link := self._link:
            link.settle(_SETTLE)
        super().close()

    def process_message(self, message: Message) -> None:
        """Note keys, whose reaction is urgent, and resizes; then pass it on."""
        if link := self._link:
            if isinstance(message, _ACTS):
                link.key_pressed()
            if isinstance(message, events.Resize) or (isinstance(message, events.Key) and message.key == REPAINT_KEY):
                link.repaint()
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Read the terminal until told to stop; its answers go to the link, all else to Textual."""
        if self._gave_up:
            super().run_input_thread()
            return
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        pastes = Pastes()
        held = False
        while not self.exit_event.is_set():
            ready, _, _ = select.select([self.fileno], [], [], _HOLD if held else _TICK)
            came: Iterable[str | Pasted] = ()
            if ready:
                try:
                    read = os.read(self.fileno, 4096)
                except BlockingIOError:  # another program that has this terminal too was quicker
                    continue
                except OSError as error:
                    logger.warning("the terminal cannot be read any more: %s", error)
                    read = b""
                if not read:
                    self._hung_up()
                    return
                typed, held = decode(read), False
                if link := self._link:
                    typed, held = link.hear(typed)
                came = [*pastes.take(typed)]
                held = held or bool(pastes.held)
            elif held:
                typed, held = self._link.let_go() if self._link else "", False
                came = [*pastes.take(typed), *filter(None, [pastes.let_go()])]
            for one in came:
                for message in (events.Paste(one.text),) if isinstance(one, Pasted) else parser.feed(one):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def _hung_up(self) -> None:
        """The terminal is gone: what the kernel tells the process in front, told to this one whatever its place."""
        if self.input_tty:
            os.kill(os.getpid(), signal.SIGHUP)

    def _give_up(self) -> None:
        """Go on with Textual's own way of writing, and have it paint everything again.

        What was drawn before keeps its true colours, as Rich remembers each look with its codes.
        """
        logger.error("the screen goes on with Textual's own driver")
        link, self._link, self._gave_up = self._link, None, True
        if link is not None:
            link.stop_pictures()
            link.settle(_SETTLE)
            super().write("\x1b[m")
        self._app.console._color_system = self._textual_colours  # noqa: SLF001
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing is painted any more
            self._loop.call_soon_threadsafe(lambda: self._app.refresh(layout=True))
