"""A line for a path: what is on the disk is listed as it is typed, without ever waiting for the disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from screens.widgets.form_lines import FormLine

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKED_AT: Final = 5000
"""Entries of a folder that are looked at; beyond that the list is not whole."""

LISTED: Final = 200
"""Entries that are given at most."""


def entries(text: str) -> tuple[str, ...]:
    """The paths that begin with `text`, folders with a slash at their end; empty where it cannot be looked at.

    `~` is the home folder. Hidden entries are only given where their dot is typed.
    """
    folder, begin = os.path.split(_with_home(text))
    if not folder.startswith("/"):
        return ()
    found: list[str] = []
    try:
        with os.scandir(folder) as listing:
            for number, entry in enumerate(listing):
                if number >= LOOKED_AT:
                    break
                if not entry.name.startswith(begin) or (entry.name.startswith(".") and not begin.startswith(".")):
                    continue
                if not entry.name.isprintable():
                    continue
                found.append(f"{folder.rstrip('/')}/{entry.name}" + ("/" if _is_folder(entry) else ""))
    except (OSError, ValueError):
        return ()
    return tuple(sorted(found)[:LISTED])


def _with_home(text: str) -> str:
    """The path with `~` written out; empty where nobody knows whose home is meant."""
    if not text.startswith("~"):
        return text
    try:
        home = str(Path(text).expanduser())
    except RuntimeError:
        return ""
    return f"{home}/" if text == "~" or text.endswith("/") else home


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _agreed(paths: tuple[str, ...]) -> str:
    """As much as all paths begin with, character by character."""
    first, last = min(paths, default=""), max(paths, default="")
    same = next((place for place, one in enumerate(first) if last[place : place + 1] != one), len(first))
    return first[:same]


class Lister:
    """Looks at the disk beside the screen, for one text at a time; only the newest of those that wait counts.

    A look at a dead network file system never comes back. Its thread holds up neither the screen nor the end of the
    program, and no second one is begun.
    """

    def __init__(self, found: Callable[[str, tuple[str, ...]], None]) -> None:
        """Tell `found` the text and its entries, in the looking thread."""
        self._found = found
        self._lock = threading.Lock()
        self._wanted: str | None = None
        self._looking = False

    def want(self, text: str) -> None:
        """Look for `text` as soon as can be."""
        with self._lock:
            self._wanted = text
            if self._looking:
                return
            self._looking = True
        threading.Thread(target=self._look, name="paths", daemon=True).start()

    def _look(self) -> None:
        while True:
            with self._lock:
                text, self._wanted = self._wanted, None
                if text is None:
                    self._looking = False
                    return
            self._found(text, entries(text))


class FormPath(FormLine):
    """A line of text for a path; `Listed` says what there is on the disk, arrow right at its end completes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "complete", "Complete", id="form.complete", tooltip="Complete the path as far as it is clear"),
    ]

    class Listed(Message):
        """What there is on the disk for the text that stands there now."""

        def __init__(self, paths: tuple[str, ...]) -> None:
            """Carry the paths."""
            super().__init__()
            self.paths = paths

    class _Found(Message):
        """Comes from the looking thread."""

        def __init__(self, text: str, paths: tuple[str, ...]) -> None:
            super().__init__()
            self.text = text
            self.paths = paths

    def __init__(self, *, placeholder: str = "") -> None:
        """Begin empty."""
        super().__init__(placeholder=placeholder)
        self._paths: tuple[str, ...] = ()
        self._listed_for = ""
        self._lister = Lister(self._found)

    @property
    def listed(self) -> tuple[str, ...]:
        """What there is on the disk for the text, as far as is known."""
        return self._paths if self._listed_for == self.value else ()

    def _found(self, text: str, paths: tuple[str, ...]) -> None:
        self.post_message(self._Found(text, paths))

    def action_complete(self) -> None:
        """Complete as far as all entries agree; inside the text go right as everywhere."""
        if self.cursor_position < len(self.value):
            self.action_cursor_right()
            return
        common = _agreed(self.listed)
        if len(common) > len(self.value) or (common and self.value.startswith("~")):
            self.fill(common)

    def on_focus(self) -> None:
        """Look at the disk for what stands there."""
        if self.changed:
            self._lister.want(self.value)

    @on(Input.Changed)
    def _look(self) -> None:
        self._lister.want(self.value)

    @on(_Found)
    def _list(self, event: _Found) -> None:
        event.stop()
        if event.text == self.value:
            self._paths, self._listed_for = event.paths, event.text
            self.post_message(self.Listed(event.paths))
