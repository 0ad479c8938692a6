"""The way to the terminal: one thread writes, only ever the newest picture, and nobody waits for it."""

from __future__ import annotations

import logging
import os
import re
import select
import threading
import time
from typing import TYPE_CHECKING, Final

from screens.driver.answers import Answers, Question
from screens.driver.ascii import translation
from screens.driver.colours import conversion
from screens.driver.pace import Hearing, Pace
from screens.driver.paint import Painter
from screens.driver.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.driver.abilities import Abilities

logger = logging.getLogger(__name__)

_ENTER: Final = "\x1b[?1049h"
_LEAVE: Final = "\x1b[?1049l"
_SYNC: Final = ("\x1b[?2026h", "\x1b[?2026l")
_STRINGS: Final = re.compile(r"\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)")
_OLD_KNOWS: Final = re.compile(r"\x1b\[\??[\d;]*[A-Za-z]|\x07")
_NEWEST_ONLY: Final = re.compile(r"\x1b\]\d+;|\x07")

_WORTH_ONE_GO: Final = 256
"""Bytes of a picture from which on it is shown in one go, where the terminal can."""

_AT_ONCE: Final = 4096
"""Bytes of one write: what a terminal device takes at most."""


class Link:
    """Holds the picture that is wanted and what else is to be sent, and sends both from a thread of its own.

    What is kept for a terminal that does not read is one picture and the sequences that are no picture; of those
    that only the last one matters (clipboard, title, bell), the last one.
    """

    def __init__(
        self,
        descriptor: int,
        abilities: Abilities,
        size: tuple[int, int],
        *,
        hears: bool,
        failed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare the link; `start` opens it.

        Args:
            descriptor: Where the terminal is written to.
            abilities: What it can do.
            size: Columns and lines.
            hears: Its answers can be read.
            failed: Called, from the thread, when painting failed and nothing is sent any more.
            clock: Seconds, monotonic.
        """
        self._descriptor = descriptor
        self._abilities = abilities
        self._failed = failed
        self._clock = clock
        self._answers = Answers()
        self._change = threading.Condition(threading.RLock())
        self._picture = Picture(
            *size,
            convert=conversion(abilities.colours, dims=abilities.dims),
            translate=translation(abilities.characters),
        )
        self._painter = Painter(abilities)
        self._pace = Pace(clock())
        if not hears:
            self._pace.hearing = Hearing.MUTE
        self._besides: list[str] = []
        self._shown = False
        self._unsent = False
        self._writing = False
        self._closed = False
        self._in_one_go = False
        self._settles = True

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name="terminal-output", daemon=True).start()

    def draw(self, frame: str, size: tuple[int, int]) -> None:
        """Make a frame of Textual's the picture wanted, on a terminal of so many columns and lines."""
        with self._change:
            if size != (self._picture.width, self._picture.height):
                self._picture.resize(*size)
                self._painter.forget()
            self._picture.draw(frame)
            self._unsent = True
            self._change.notify_all()

    def send(self, sequences: str) -> None:
        """Send what is no picture, in order, before the next picture."""
        with self._change:
            if sequences in _SYNC:
                self._in_one_go = True
                return
            if sequences == _ENTER:
                self._painter.forget()
            elif sequences == _LEAVE:
                self._shown = False
                sequences = self._painter.leave() + sequences
            if not self._abilities.knows_strings:
                sequences = "".join(_OLD_KNOWS.findall(_STRINGS.sub("", sequences)))
            self._add(sequences)
            self._change.notify_all()

    def _add(self, sequences: str) -> None:
        """Queue sequences, in the place of an earlier one where only the last matters."""
        if kind := _NEWEST_ONLY.match(sequences):
            self._besides = [one for one in self._besides if not one.startswith(kind[0])]
        if sequences and not self._closed:
            self._besides.append(sequences)

    def repaint(self) -> None:
        """Paint the whole screen again: somebody else has written to it, or its size has changed."""
        with self._change:
            self._painter.forget()
            self._unsent = True
            self._change.notify_all()

    def key_pressed(self) -> None:
        """The next picture is urgent."""
        with self._change:
            self._pace.key(self._clock())
            self._change.notify_all()

    def hear(self, typed: str) -> tuple[str, bool]:
        """Take answers out of what was typed; give the rest, and whether something is held back as a possible one."""
        with self._change:
            rest, count = self._answers.take(typed)
            for _ in range(count):
                self._pace.answered(self._clock())
            if count:
                self._change.notify_all()
            return rest, bool(self._answers.held)

    def let_go(self) -> str:
        """Give what was held back as the possible beginning of an answer."""
        with self._change:
            return self._answers.let_go()

    def start_pictures(self) -> None:
        """The terminal is ours and echoes nothing, so that its answers do not show: send pictures from now on."""
        with self._change:
            self._shown = self._unsent = self._settles = True
            self._pace.forget(self._clock())
            self._change.notify_all()

    def stop_pictures(self) -> None:
        """Send no more pictures until `start_pictures`."""
        with self._change:
            self._shown = False

    def settle(self, seconds: float) -> None:
        """Wait so long at most until all is written and answered; a terminal that failed once is not waited for."""
        with self._change:
            self._settles = self._settles and self._change.wait_for(
                lambda: self._closed or not (self._besides or self._writing or self._pace.waiting), seconds
            )

    def _run(self) -> None:
        """Write what there is, until the terminal is gone."""
        try:
            while True:
                self._write(self._next_batch())
        except OSError as error:
            logger.warning("the terminal cannot be written to any more: %s", error)
            self._close()
        except Exception:
            logger.exception("the picture could not be painted")
            self._close()
            self._failed()

    def _close(self) -> None:
        with self._change:
            self._closed = True
            self._besides.clear()
            self._change.notify_all()

    def _next_batch(self) -> str:
        """Wait until something may be sent, and give it."""
        with self._change:
            self._writing = False
            self._change.notify_all()
            while True:
                delay = self._delay()
                batch = "".join(self._besides)
                self._besides.clear()
                if delay == 0:
                    batch += self._paint()
                if batch:
                    self._writing = True
                    return batch
                if delay != 0:
                    self._change.wait(delay)

    def _delay(self) -> float | None:
        """Seconds until a picture may go; None while there is none to send."""
        if not (self._unsent and self._shown):
            return None
        delay = self._pace.delay(self._clock())
        if self._pace.hearing is Hearing.MUTE and self._answers.mode_known:
            self._answers = Answers(Question.MODE, held=self._answers.held)
            self._pace.ask_again(self._clock())
        return delay

    def _paint(self) -> str:
        """Give the bytes from what is shown to the picture wanted, with a question at their end."""
        self._unsent = False
        painted = self._painter.paint(self._picture)
        if not painted:
            return ""
        if self._in_one_go and len(painted) > _WORTH_ONE_GO:
            begin, end = _SYNC
            painted = f"{begin}{painted}{end}"
        asked = self._pace.hearing is not Hearing.MUTE
        if asked:
            painted += self._answers.question
        self._pace.sent(self._clock(), len(painted.encode(errors="replace")), asked=asked)
        return painted

    def _write(self, batch: str) -> None:
        """Write it all, however long the terminal takes."""
        left = memoryview(batch.encode(errors="replace"))
        while left:
            try:
                left = left[os.write(self._descriptor, left[:_AT_ONCE]) :]
            except BlockingIOError:  # another program that has this terminal too made it so for all of them
                select.select([], [self._descriptor], [])
