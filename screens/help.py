"""Help: what a screen is, its keys, the words, and how to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from screens.stage import WizardScreen
from screens.themes import CHOSEN_BY
from screens.widgets.key_bar import key_text
from screens.widgets.reading import Line, Reading
from screens.widgets.title_bar import TitleBar
from screens.words import WORDS
from wizard.plain.clean import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from textual.app import ComposeResult
    from textual.screen import Screen

_EVERYWHERE = (
    ("^p", "Everything that can be done here, by name; themes too"),
    ("w", "Layout for sharing the screen: names of machines and accounts are covered"),
    ("?", "This help"),
    ("^q", "Leave; a command that runs goes on"),
)

_LEAVING = (
    "ctrl+q leaves from everywhere. A command that runs is not ended by it, nor by a lost connection; "
    "`wizard` then offers the session, and `wizard resume` goes on from where it stands. ctrl+c ends nothing here."
)


class HelpScreen(WizardScreen[None]):
    """Explains the screen it was asked for on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back", key_display="esc", id="help.back", tooltip="Back to the screen"),
        Binding("question_mark", "dismiss(None)", "Back", show=False, id="help.back-too", tooltip="Back to the screen"),
    ]

    HELP = "Arrows, page up and page down move through this text; esc goes back."

    def __init__(self, screen: WizardScreen[Any], glossary: Mapping[str, str]) -> None:
        """Explain `screen`; `glossary` are the words that the guide explains."""
        super().__init__()
        self._lines = tuple(help_lines(screen.HELP, _keys_of(screen), glossary))

    def compose(self) -> ComposeResult:
        """Title and text."""
        yield TitleBar("Help", "esc goes back")
        yield Reading(self._lines)

    def on_mount(self) -> None:
        """Begin at the top."""
        self.query_one(Reading).focus()


def _keys_of(screen: Screen[Any]) -> tuple[tuple[str, str], ...]:
    """The keys that do something on `screen` now, each with what its tooltip says."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        words = active.tooltip or binding.tooltip
        if words and active.enabled and binding.id and binding.id not in ("help", "leave", "presentation", "interrupt"):
            texts = keys.setdefault(words, [])
            if (text := key_text(binding)) not in texts:
                texts.append(text)
    return tuple((" ".join(texts), words) for words, texts in keys.items())


def help_lines(words: str, keys: tuple[tuple[str, str], ...], glossary: Mapping[str, str]) -> Iterator[Line]:
    """The text: the screen, its keys, the words of the guide, the words of the program, leaving."""
    yield Line("This screen", "heading")
    yield from (Line(line) for line in (words or "A screen of wizard.").splitlines())
    yield from (Line(""), Line("Keys", "heading"))
    width = max(len(key) for key, _ in (*keys, *_EVERYWHERE)) + 2
    yield from (Line(f"{key:<{width}}{what}", hang=width) for key, what in keys)
    yield Line(f"{'':<{width}}and everywhere:", "quiet")
    yield from (Line(f"{key:<{width}}{what}", hang=width) for key, what in _EVERYWHERE)
    yield from (Line(""), Line("Leaving", "heading"), Line(_LEAVING))
    if glossary:
        yield from (Line(""), Line("Words of this guide", "heading"))
        yield from _words({clean_line(word): clean(text) for word, text in glossary.items()})
    yield from (Line(""), Line("Words of wizard", "heading"))
    yield from _words(WORDS)
    yield from (Line(""), Line("Colours", "heading"))
    yield Line(
        f"ctrl+p and `theme` choose dark, light, high contrast or the terminal's own, also for the next start; "
        f"{CHOSEN_BY} wins over that."
    )


def _words(words: Mapping[str, str]) -> Iterator[Line]:
    for word, text in words.items():
        yield Line(f"{word}: {' '.join(text.split())}", hang=2)
