"""The layout for sharing the screen: names of machines and accounts are covered in everything that is drawn.

Secrets are masked by the engine wherever they could show up; this covers what is no secret but nobody else's
business. It is done where lines are drawn, in one place, so that no widget can forget it; what is copied or saved is
not changed by it. A name that is broken over two lines is covered only where a whole part of it stands.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from rich.segment import Segment
from textual import work
from textual.app import App
from textual.filter import LineFilter

from screens.themes import without_colours
from wizard.errors import WizardError
from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.color import Color

T = TypeVar("T")

PRESENTING: Final = "-presenting"
"""The class the app has in this layout, for styles."""

SHORTEST: Final = 2
"""Characters a name has at least to be covered: a single letter stands in too much else."""

_NOT_COVERED: Final = frozenset({"localhost", "root", "wizard", "127.0.0.1", "::1"})


class Masking:
    """Covers names, each by a word of its own as wide as the name: who looks on can still tell them apart."""

    def __init__(self, hosts: Iterable[str], users: Iterable[str] = ()) -> None:
        """Cover `hosts` as `host1`, `host2` …, each also by the first part of its name, and `users` as `user1` …."""
        self._covers: dict[str, str] = {}
        self._cover(_with_first_parts(hosts), "host")
        self._cover(users, "user")
        words = sorted(self._covers, key=len, reverse=True)
        together = "|".join(map(re.escape, words))
        self._pattern = re.compile(rf"(?<![\w-])(?:{together})(?![\w-])", re.IGNORECASE) if words else None

    @property
    def names(self) -> frozenset[str]:
        """What is covered, in small letters."""
        return frozenset(self._covers)

    def text(self, text: str) -> str:
        """Cover the names in `text`, which stays as long as it was."""
        return self._pattern.sub(self._covered, text) if self._pattern is not None else text

    def _covered(self, found: re.Match[str]) -> str:
        return self._covers[found[0].lower()]

    def _cover(self, names: Iterable[str], word: str) -> None:
        for name in names:
            key = name.strip().lower()
            if len(key) < SHORTEST or key in _NOT_COVERED or key in self._covers:
                continue
            number = 1 + sum(cover.startswith(word) for cover in self._covers.values())
            cover = f"{word}{number}"
            self._covers[key] = cover.ljust(len(key), "·") if len(cover) <= len(key) else "·" * len(key)


def _with_first_parts(hosts: Iterable[str]) -> Iterable[str]:
    for host in hosts:
        yield host
        first, dot, _ = host.partition(".")
        if dot and not first.isdecimal():
            yield first


def names_here(environ: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What this terminal would give away: machines (this one, and where the SSH came from), and users."""
    came_from = environ.get("SSH_CONNECTION", "").split()
    addresses = (came_from[0], came_from[2]) if len(came_from) == 4 else ()
    users = tuple(environ[name] for name in ("USER", "LOGNAME", "SUDO_USER") if environ.get(name))
    return (os.uname().nodename, *addresses), users


class MaskFilter(LineFilter):
    """Covers names in the lines of every widget, just before they are put on the screen."""

    def __init__(self, masking: Masking) -> None:
        """Cover what `masking` covers; another masking needs another filter, because Textual keeps its results."""
        super().__init__()
        self._masking = masking

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Cover names in one line, whose parts may differ in style in the middle of a name."""
        del background
        line = "".join(segment.text for segment in segments)
        covered = self._masking.text(line)
        if covered == line:
            return segments
        parts: list[Segment] = []
        at = 0
        for text, style, control in segments:
            parts.append(Segment(covered[at : at + len(text)], style, control))
            at += len(text)
        return parts


class PresentingApp(App[T], Generic[T]):
    """An app with the layout for sharing: names are covered, and the app has the class `-presenting`."""

    _mask: MaskFilter | None = None
    _names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """The machines and the users that are covered."""
    _sessions: tuple[str, ...] = ()
    """Those that were shown so far."""

    @property
    def presenting(self) -> bool:
        """Whether the layout for sharing is on."""
        return self._mask is not None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Give what lines go through on their way to the screen; this layout adds the covering of names."""
        filters = without_colours(super().get_line_filters())
        return filters if self._mask is None else [*filters, self._mask]

    def present(self, session: str, environ: Mapping[str, str]) -> None:
        """Switch the layout on or off; `session` is the one that is shown, empty where there is none."""
        on = self._mask is None
        self._names = names_here(environ) if on else ((), ())
        self._mask = MaskFilter(Masking(*self._names)) if on else None
        self.set_class(on, PRESENTING)
        self._draw_anew()
        self.cover_more(session)

    def cover_more(self, session: str) -> None:
        """Cover the machines that the answers of `session` name by now too, now or whenever names are covered."""
        if session and session not in self._sessions:
            self._sessions = (*self._sessions, session)
        if self._mask is not None and self._sessions:
            self._read_hosts(self._sessions)

    @work(thread=True, group="hosts", exclusive=True, description="read which machines the answers name")
    def _read_hosts(self, sessions: tuple[str, ...]) -> None:
        from wizard.looking import hosts_of

        hosts: dict[str, None] = {}
        for session in sessions:
            try:
                hosts.update(dict.fromkeys(hosts_of(session)))
            except WizardError as error:
                words = clean_line(f"Hosts in the answers of {session} are not masked: {error.message}")
                self.call_from_thread(self.notify, words, severity="warning", markup=False)
        self.call_from_thread(self._cover, tuple(hosts))

    def _cover(self, hosts: tuple[str, ...]) -> None:
        if self._mask is None:
            return
        known, users = self._names
        # What was covered stays so, under the same word: of two readings the older one may come last.
        self._names = tuple(dict.fromkeys((*known, *hosts))), users
        self._mask = MaskFilter(Masking(*self._names))
        self._draw_anew()

    def _draw_anew(self) -> None:
        for screen in self.screen_stack:
            screen.refresh()
            for widget in screen.walk_children():
                widget.refresh()
