"""A real terminal: one pane of a tmux server of the test's own, driven by keys and read as a person reads it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from tests.e2e.program import PROGRAM, Program, gone
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Sequence


LOOK_EVERY: Final = 0.03
"""Seconds between two looks at a screen; each is a process of its own, and what is looked at needs the machine too."""

ARROW: Final = r"(?m)^ » .*$"
"""The line of a drawn menu that Enter would take."""

STILL: Final = 5.0
"""Seconds without a change after which a key is taken to have changed nothing; a machine may stand still for some."""


def _edge(shown: str) -> str:
    """What a line that can be chosen begins with: the frame where one is drawn, as around a card."""
    return "[│┃]" if re.search("[│┃]", shown) else "^"


def _mark(shown: str) -> re.Match[str] | None:
    """The line with the mark, where there is one."""
    return re.search(rf"(?m){_edge(shown)} *>.*$", shown)


class Pane:
    """The program in a pane, of 80 columns and 24 lines unless told otherwise."""

    def __init__(
        self,
        program: Program,
        words: Sequence[str],
        tmux: str,
        *,
        columns: int = 80,
        rows: int = 24,
        called: Sequence[str] = PROGRAM,
        name: str = "tmux",
        **environment: str,
    ) -> None:
        """Start `wizard WORDS`, or what is `called`, with `environment` besides its own; to be entered to end it."""
        self._socket = program.place / name
        self._tmux = tmux
        self._program = program
        self._environment = program.environment(**{"TERM": "screen-256color", **environment})
        self._environment.pop("TMPDIR")
        self.frames: dict[str, None] = {}
        """All that was seen on the screen so far, in that order, each once."""
        line = shlex.join(["env", *(f"{name}={value}" for name, value in self._environment.items()), *called, *words])
        self._settings = program.place / f"{name}.conf"
        self._settings.write_text("set-option -g history-limit 20000\nset-option -g remain-on-exit on\n")
        # tmux itself does not always get to know how what ran in a pane ended.
        self._code = program.place / f"{name}.code"
        self._code.unlink(missing_ok=True)
        line = f"{line}; echo $? >{self._code}.new; mv {self._code}.new {self._code}"
        self._call("new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows), "-c", str(program.place), line)

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the server and all in it, so that another can be started in its place."""
        with contextlib.suppress(subprocess.CalledProcessError):
            server = int(self._format("#{pid}"))
            self._call("kill-server")
            until(partial(gone, server))
        self._socket.unlink(missing_ok=True)

    def _call(self, *words: str, given: str | None = None) -> str:
        done = subprocess.run(
            [self._tmux, "-S", str(self._socket), "-f", str(self._settings), *words],
            input=given,
            capture_output=True,
            check=True,
            encoding="utf-8",
            env=self._environment,
        )
        return done.stdout

    def screen(self) -> str:
        """What is on the screen now."""
        shown = self._call("capture-pane", "-p", "-t", "t")
        self.frames[shown] = None
        return shown

    def everything(self) -> str:
        """All that was on it from the beginning, lines that the terminal wrapped made whole."""
        return self._call("capture-pane", "-p", "-J", "-S", "-", "-t", "t")

    def wait_for(self, pattern: str, seconds: float = 30.0) -> str:
        """Wait until the screen shows `pattern`; gives the screen."""
        seen = until(
            lambda: (shown := self.screen()) and re.search(pattern, shown) and shown,
            seconds,
            lambda: f"no {pattern!r} in:\n{self.screen()}",
            every=LOOK_EVERY,
        )
        return str(seen)

    def press(self, *keys: str) -> None:
        """Press keys by tmux' names: Enter, Down, Space, C-c; what the screen shows after each is kept."""
        for key in keys:
            self._call("send-keys", "-t", "t", key)
            self.screen()

    def type(self, text: str) -> None:
        """Type text, and Enter; what is typed is in no list of processes."""
        self.paste(text)
        self.press("Enter")

    def paste(self, text: str) -> None:
        """Type text; it is in no list of processes."""
        self._call("load-buffer", "-b", "typed", "-", given=text)
        self._call("paste-buffer", "-d", "-b", "typed", "-t", "t")

    def take(self, reply: str, seconds: float = 30.0) -> str:
        """Go to `reply` in the card on the screen by its digit, else by the arrows, and press Enter; gives the screen.

        A digit that would be typed into a line is not pressed.
        """
        shown = self.wait_for(rf"\d (! )?{reply}", seconds)
        until(lambda: "Replies open once" not in self.screen(), seconds, self.screen, every=LOOK_EVERY)
        row = re.search(rf"(>?) *(\d) (?:! )?{reply}", shown)
        assert row is not None
        if not row[1] and not re.search(r"(?m)[│┃] *> (?!\d |\[)", self.screen()):
            self.press(row[2])
            shown = self.wait_for(rf"> {row[2]} (! )?{reply}", seconds)
        else:
            shown = self.mark(rf"\d (?:! )?{reply}", seconds)
        self.press("Enter")
        return shown

    def mark(self, words: str, seconds: float = 30.0) -> str:
        """Move the mark before a line to the one that begins with `words`, by the arrows; gives the screen.

        What keys before that do has to be seen first: a mark that they move would be taken for one moved from here.
        """
        for _ in range(30):
            shown = self.wait_for(rf"(?m)(?:^|[│┃]) *>? *{words}", seconds)
            there = re.search(rf"(?m){_edge(shown)} *(>?) *{words}", shown)
            if there is not None and there[1]:
                return shown
            mark = _mark(shown)
            if mark is None and self._has_a_mark_soon():
                # What has just appeared has its mark a moment later, and a card comes after the text of its step,
                # which says the same; a key before that would be one too many.
                continue
            above = mark is not None and there is not None and mark.start() > there.start()
            self.press("Up" if above else "Down")
            with contextlib.suppress(AssertionError):
                # A key at the end of the text, or of the replies, changes nothing.
                until(partial(self._went_on, shown), STILL, every=LOOK_EVERY)
        message = f"the mark never came to {words!r}:\n{self.screen()}"
        raise AssertionError(message)

    def _has_a_mark_soon(self) -> bool:
        """Whether a mark comes to stand on the screen within a while."""
        with contextlib.suppress(AssertionError):
            return bool(until(lambda: _mark(self.screen()), STILL, every=LOOK_EVERY))
        return False

    def choose(self, entry: str, seconds: float = 30.0) -> str:
        """Go down in the menu at the screen's end until the arrow is at `entry`, and press Enter; gives the screen."""
        self.wait_for(rf"(?m)^ [ »] .*{entry}", seconds)
        for _ in range(20):
            shown = self.wait_for(ARROW)
            if re.search(rf"(?m)^ » .*{entry}", shown):
                self.press("Enter")
                until(partial(self._menu_went, shown), what=self.screen)
                return shown
            self.press("Down")
            until(partial(self._arrow_went, shown), what=self.screen)
        message = f"the arrow never came to {entry!r}:\n{self.screen()}"
        raise AssertionError(message)

    def _arrow_went(self, before: str) -> bool:
        """Whether the arrow has come to another entry; that a menu was still being drawn does not count."""
        stood, stands = re.search(ARROW, before), re.search(ARROW, self.screen())
        return stood is not None and stands is not None and stands[0] != stood[0]

    def _menu_went(self, before: str) -> bool:
        """Whether that menu is gone; the next one may have its arrow at an entry of the same words already."""
        now = self.screen()
        return re.search(ARROW, now) is None or re.split(ARROW, now)[0] != re.split(ARROW, before)[0]

    def _went_on(self, before: str) -> bool:
        """Whether the mark stands in another line; where there was none, whether anything changed but clocks on top."""
        shown, stood = self.screen(), _mark(before)
        if stood is None:
            return shown.splitlines()[4:] != before.splitlines()[4:]
        # Between two frames there may be none.
        stands = _mark(shown)
        return stands is not None and stands[0] != stood[0]

    def ended(self, seconds: float = 30.0) -> int:
        """Wait for the program's end; gives its exit code."""
        until(self._code.exists, seconds, self.screen)
        return int(self._code.read_text())

    def kill_pane(self) -> None:
        """Close the window as a person would."""
        self._call("kill-pane", "-t", "t")

    def kill_server(self) -> None:
        """Kill the server without a chance to say anything."""
        os.kill(int(self._format("#{pid}")), signal.SIGKILL)

    def _format(self, text: str) -> str:
        return self._call("display-message", "-p", "-t", "t", text).strip()
