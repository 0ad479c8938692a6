"""Themes: which one a terminal begins with, that each is complete, and that nothing is told by colour alone."""

from __future__ import annotations

import pytest
from textual.color import Color

from screens.app import WizardApp
from screens.themes import THEME_WORDS, THEMES, theme_for
from tests.screens.frames import text_of, wait_for_text


@pytest.mark.parametrize(
    ("environ", "theme"),
    [
        ({"TERM": "xterm-256color"}, "wizard-dark"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "wizard-dark"),
        ({"TERM": "xterm-256color", "COLORFGBG": "0;15"}, "wizard-light"),
        ({"TERM": "xterm-256color", "COLORFGBG": "15;0"}, "wizard-dark"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1", "WIZARD_THEME": "dark"}, "wizard-terminal"),
        ({"TERM": "linux"}, "wizard-terminal"),
        ({"TERM": "vt100"}, "wizard-terminal"),
        ({"TERM": "linux", "WIZARD_THEME": "Contrast"}, "wizard-contrast"),
        ({"TERM": "xterm-256color", "WIZARD_THEME": "wizard-light"}, "wizard-light"),
        ({"TERM": "xterm-256color", "WIZARD_THEME": "pink"}, "wizard-dark"),
    ],
)
def test_the_theme_to_begin_with(environ: dict[str, str], theme: str) -> None:
    """What is asked for, else what the terminal can show."""
    assert theme_for(environ) == theme


@pytest.mark.parametrize(
    ("environ", "remembered", "theme"),
    [
        ({"TERM": "xterm-256color"}, "wizard-contrast", "wizard-contrast"),
        ({"TERM": "xterm-256color", "COLORFGBG": "0;15"}, "wizard-dark", "wizard-dark"),
        ({"TERM": "xterm-256color", "WIZARD_THEME": "light"}, "wizard-contrast", "wizard-light"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "wizard-contrast", "wizard-terminal"),
        ({"TERM": "linux"}, "wizard-light", "wizard-terminal"),
        ({"TERM": "xterm-256color"}, "[/bar]", "wizard-dark"),
    ],
)
def test_the_theme_that_was_chosen_last(environ: dict[str, str], remembered: str, theme: str) -> None:
    """It is begun with, unless the variable names another or the terminal cannot show it."""
    assert theme_for(environ, remembered) == theme


def test_every_theme_has_words() -> None:
    """The palette names each."""
    assert [theme.name for theme in THEMES] == list(THEME_WORDS)


@pytest.mark.parametrize("theme", [theme for theme in THEMES if not theme.ansi], ids=lambda theme: theme.name)
def test_text_can_be_read(theme: object) -> None:
    """Text, and the words that mean something, stand out from what is behind them by 4.5 to 1 at least.

    No colour hangs on what is behind: where a line is put together from parts that is not known.
    """
    from textual.theme import Theme

    assert isinstance(theme, Theme)
    colours = theme.to_color_system().generate()
    words = ("foreground", "text-muted", "text-primary", "text-success", "text-warning", "text-error", "text-accent")
    for name in words:
        for behind in ("background", "surface", "panel"):
            fore, back = Color.parse(colours[name]), Color.parse(colours[behind])
            assert not fore.auto, name
            assert _contrast(fore, back) >= 4.5, (name, behind)
    cursor = Color.parse(colours["block-cursor-foreground"]), Color.parse(colours["block-cursor-background"])
    assert _contrast(*cursor) >= 4.5


def _contrast(one: Color, other: Color) -> float:
    """How far two colours are apart, by the formula of WCAG 2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 255 for part in colour.rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("environ", [{"TERM": "vt100", "NO_COLOR": "1"}, {"TERM": "linux"}], ids=["vt100", "linux"])
async def test_where_one_is_shows_without_any_colour(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The marked entry is in a colour of the terminal or, with NO_COLOR, inverted; then no colour is sent at all."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    app = WizardApp(None, environ)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        row = next(at for at, line in enumerate(text_of(app).splitlines()) if "Cawemo" in line)
        strips = app.screen._compositor.render_strips()
        marked = [segment for segment in strips[row] if "Cawemo" in segment.text]
        assert marked[0].style is not None
        if "NO_COLOR" not in environ:
            assert marked[0].style.bgcolor is not None
            assert marked[0].style.bgcolor.number == 6
        else:
            assert marked[0].style.reverse
            styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
            for style in styles:
                assert all(colour is None or colour.is_default for colour in (style.color, style.bgcolor))


async def test_every_theme_shows_the_same_text() -> None:
    """Changing the theme changes no word."""
    app = WizardApp(None, {"TERM": "xterm-256color"})
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        before = text_of(app)
        for theme in THEMES:
            app.theme = theme.name
            await pilot.pause()
            assert text_of(app) == before
