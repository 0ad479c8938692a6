"""The line at the bottom that says which keys do something here; what matters most is never cut off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events
    from textual.binding import Binding
    from textual.screen import Screen

LAST: Final = ("watch.take-over", "watch.resume", "watch.back", "help", "leave")
"""Ids of the bindings that stand at the right end, and stay where others have to give way."""

_MORE: Final = "…"

_SHORT: Final[dict[str, str]] = {
    "enter": "enter",
    "escape": "esc",
    "space": "space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "question_mark": "?",
    "slash": "/",
    "pageup": "pgup",
    "pagedown": "pgdn",
}


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One key as it is written: `text` is the key, `label` what it does, `key` what is pressed by a click."""

    key: str
    text: str
    label: str

    @property
    def width(self) -> int:
        """Columns, with a blank at each side."""
        return cell_len(self.text) + cell_len(self.label) + 3


def key_text(binding: Binding) -> str:
    """Write a key for people: `^q`, `esc`, `↑`, `f2`, `a`."""
    if binding.key_display:
        return binding.key_display
    key = binding.key
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    return _SHORT.get(key, key)


def fitting(hints: list[KeyHint], last: list[KeyHint], width: int) -> tuple[list[KeyHint], bool]:
    """The hints that have room beside `last`, in their order, and whether some have none."""
    room = width - sum(hint.width for hint in last)
    if sum(hint.width for hint in hints) <= room:
        return hints, False
    room -= len(_MORE) + 1
    shown: list[KeyHint] = []
    for hint in hints:
        if hint.width > room:
            break
        shown.append(hint)
        room -= hint.width
    return shown, True


class KeyBar(Widget):
    """Shows the bindings that are active now, those of the focused widget first, help and leaving always.

    Where not all have room it ends in `…`; help lists every one. A click presses the key.
    """

    ALLOW_SELECT = False
    can_focus = False

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        background: $footer-background;
        color: $footer-foreground;
    }
    KeyBar > .key-bar--key { color: $footer-key-foreground; text-style: bold; }
    KeyBar > .key-bar--label { color: $footer-description-foreground; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--label"}

    def __init__(self) -> None:
        """Begin with nothing to press."""
        super().__init__()
        self._hints: list[KeyHint] = []
        self._last: list[KeyHint] = []
        self._spans: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        """Follow what can be pressed."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def render(self) -> Content:
        """The keys in one line."""
        width = self.size.width
        hints, more = fitting(self._hints, self._last, width)
        gap = width - sum(hint.width for hint in (*hints, *self._last)) - (len(_MORE) + 1 if more else 0)
        self._spans = []
        parts: list[Content] = []
        at = 0
        for hint in hints:
            parts.append(self._drawn(hint))
            self._spans.append((at, at + hint.width, hint.key))
            at += hint.width
        if more:
            parts.append(Content(f" {_MORE}"))
            at += len(_MORE) + 1
        parts.append(Content(" " * max(0, gap)))
        at += max(0, gap)
        for hint in self._last:
            parts.append(self._drawn(hint))
            self._spans.append((at, at + hint.width, hint.key))
            at += hint.width
        return Content("").join(parts)

    def _drawn(self, hint: KeyHint) -> Content:
        key = self.get_visual_style("key-bar--key")
        label = self.get_visual_style("key-bar--label")
        return Content.assemble((f" {hint.text}", key), (f" {hint.label} ", label))

    def _bindings_changed(self, screen: Screen[Any]) -> None:
        if screen is not self.screen or not self.is_attached:
            return
        hints: list[KeyHint] = []
        last: dict[str, KeyHint] = {}
        actions: set[tuple[int, str]] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            doing = (id(active.node), binding.action)
            if not binding.show or not active.enabled or doing in actions:
                continue
            actions.add(doing)
            hint = KeyHint(binding.key, key_text(binding), binding.description)
            if binding.id in LAST:
                last[binding.id] = hint
            else:
                hints.append(hint)
        ends = [last[name] for name in LAST if name in last]
        if (hints, ends) != (self._hints, self._last):
            self._hints, self._last = hints, ends
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Press the key that is clicked on."""
        for begin, end, key in self._spans:
            if begin <= event.x < end:
                self.app.simulate_key(key)
                break
