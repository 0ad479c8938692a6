"""Themes: dark, light, high contrast and the terminal's own colours, and which one a terminal begins with.

Styles use the names of a theme (`$error`, `$text-muted`, `$panel` …), never colours, and what a colour says is said
by a word or a sign beside it. `text-muted` is a colour of its own in each: Textual's hangs on the background behind
it, which is not known where a line is put together from parts, and is white there, on a light one too. The theme
`wizard-terminal` has no colours of its own: it takes the sixteen the terminal has, and its background. Where no
colours are wanted (NO_COLOR) it is the only one, and what has a background in it is inverted instead.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter, Monochrome, NoColor
from textual.theme import Theme

from screens.driver.abilities import Colours, abilities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.color import Color

CHOSEN_BY: Final = "WIZARD_THEME"
"""The variable that names the theme to begin with: `dark`, `light`, `contrast` or `terminal`."""

_DARK: Final = Theme(
    name="wizard-dark",
    dark=True,
    primary="#5fafd7",
    secondary="#5f87af",
    accent="#d7af87",
    warning="#e5b95c",
    error="#ef6b73",
    success="#87c07c",
    foreground="#dadfe5",
    background="#12161b",
    surface="#191e25",
    panel="#232a33",
    variables={
        "text-muted": "#a0a5ab",
        "block-cursor-background": "#2f5d7c",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#2a323c",
        "border-blurred": "#3a4450",
        "footer-key-foreground": "#87d7ff",
        "input-selection-background": "#2f5d7c",
    },
)

_LIGHT: Final = Theme(
    name="wizard-light",
    dark=False,
    primary="#005f87",
    secondary="#3a6ea5",
    accent="#875f00",
    warning="#8a5a00",
    error="#af0020",
    success="#1f6f2b",
    foreground="#1c2126",
    background="#fafaf8",
    surface="#f1f1ee",
    panel="#e3e4e1",
    variables={
        "text-muted": "#5c6166",
        "block-cursor-background": "#005f87",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#d3dbe0",
        "border-blurred": "#b5bac0",
        "footer-key-foreground": "#005f87",
        "input-selection-background": "#b7d7e8",
    },
)

_CONTRAST: Final = Theme(
    name="wizard-contrast",
    dark=True,
    primary="#00ffff",
    secondary="#ffffff",
    accent="#ffff00",
    warning="#ffff00",
    error="#ff8080",
    success="#00ff5f",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    boost="#000000",
    text_alpha=1.0,
    variables={
        "text": "#ffffff",
        "text-muted": "#ffffff",
        "text-disabled": "#d0d0d0",
        "foreground-muted": "#ffffff",
        "foreground-disabled": "#d0d0d0",
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#ffffff",
        "block-cursor-blurred-foreground": "#000000",
        "border": "#ffff00",
        "border-blurred": "#ffffff",
        "footer-key-foreground": "#ffff00",
        "input-selection-background": "#ffff00",
        "input-selection-foreground": "#000000",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#000000",
    },
)

_TERMINAL: Final = Theme(
    name="wizard-terminal",
    ansi=True,
    dark=True,
    primary="ansi_cyan",
    secondary="ansi_blue",
    accent="ansi_yellow",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "block-cursor-background": "ansi_cyan",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "ansi_default",
        "block-cursor-blurred-foreground": "ansi_default",
        "block-cursor-blurred-text-style": "bold underline",
        "border": "ansi_cyan",
        "border-blurred": "ansi_default",
        "footer-key-foreground": "ansi_cyan",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_cyan",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
    },
)

THEMES: Final[tuple[Theme, ...]] = (_DARK, _LIGHT, _CONTRAST, _TERMINAL)

THEME_WORDS: Final[dict[str, str]] = {
    "wizard-dark": "Dark",
    "wizard-light": "Light",
    "wizard-contrast": "High contrast",
    "wizard-terminal": "The terminal's own colours",
}
"""What a theme is called on screen, by its name."""

_LIGHT_BACKGROUNDS: Final = ("7", "15")


def theme_for(environ: Mapping[str, str], remembered: str = "") -> str:
    """Give the name of the theme to begin with; `remembered` is the one that was chosen last.

    Whoever wants no colours (NO_COLOR) gets the terminal's own; else the variable WIZARD_THEME decides where it names
    one; a terminal of sixteen colours or none gets its own, whatever was chosen on another; else the one that was
    chosen last; a terminal that says that its background is light gets the light one.
    """
    if "NO_COLOR" in environ:
        return _TERMINAL.name
    chosen = f"wizard-{environ.get(CHOSEN_BY, '').strip().lower().removeprefix('wizard-')}"
    if chosen in THEME_WORDS:
        return chosen
    if abilities(environ).colours in (Colours.NONE, Colours.SIXTEEN):
        return _TERMINAL.name
    if remembered in THEME_WORDS:
        return remembered
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return (_LIGHT if background in _LIGHT_BACKGROUNDS else _DARK).name


class Uncoloured(LineFilter):
    """Takes all colours away, and inverts what had a background: where one is must show without colours too.

    Textual's own filter takes the background away, and with it the mark in a list.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Take the colours out of one line."""
        del background
        return [Segment(text, style and _without_colours(style), control) for text, style, control in segments]


@lru_cache(1024)
def _without_colours(style: Style) -> Style:
    backed = style.bgcolor is not None and not style.bgcolor.is_default
    return style + Style(color="default", bgcolor="default", reverse=bool(style.reverse) != backed)


def without_colours(filters: Sequence[LineFilter]) -> Sequence[LineFilter]:
    """Put our filter in the place of those that Textual has for NO_COLOR."""
    return [_UNCOLOURED if isinstance(one, NoColor | Monochrome) else one for one in filters]


_UNCOLOURED: Final = Uncoloured()
