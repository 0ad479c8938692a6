"""Help and the command palette: everything a screen can do is named there, and can be done from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from textual.binding import Binding
from textual.widgets import Static

from screens.app import WizardApp
from screens.help import HelpScreen, help_lines
from screens.home import HomeScreen
from screens.palette import HasPlaces
from screens.stage import WizardScreen
from screens.words import WORDS
from tests.screens.frames import text_of, wait_for_text, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tests.screens.conftest import Frame

ENVIRON = {"TERM": "xterm-256color"}


class Places(WizardScreen[None]):
    """A screen with two places to jump to, one of which has a name that looks like markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "greet", "Greet", id="test.greet", tooltip="Say something kind"),
    ]
    HELP = "A place to try things."

    went: str = ""

    def compose(self) -> ComposeResult:
        yield Static("places")

    def places(self) -> Sequence[tuple[str, Callable[[], object]]]:
        return [("4.1 Stop [/bar]", lambda: self.go("4.1")), ("4.2 Move", lambda: self.go("4.2"))]

    def go(self, code: str) -> None:
        self.went = code

    def action_greet(self) -> None:
        self.went = "greeted"


async def test_help_explains_the_screen_its_keys_and_the_words(frame: Frame) -> None:
    """On 80x24 the screen and its keys come first; the rest is reached by scrolling; escape goes back."""
    app = WizardApp(None, ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        await pilot.press("question_mark")
        await wait_for_text(pilot, "Where everything begins")
        text = text_of(app)
        assert "Show all that can be done with this" in text
        assert "Begin with this guide" in text
        frame(app)
        await pilot.press("end")
        await wait_for_text(pilot, "WIZARD_THEME")
        await pilot.press("escape")
        assert isinstance(app.screen, HomeScreen)


async def test_help_is_left_by_the_key_that_opened_it() -> None:
    """A second `?` goes back."""
    app = WizardApp(None, ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, HomeScreen))


def test_help_has_the_words_of_the_guide_and_of_wizard() -> None:
    """Both glossaries are in it, those of the guide first, cleaned."""
    lines = [line.text for line in help_lines("What.", (("a", "Does a"),), {"IAM": "Login\x1b[31m of\n all"})]
    assert "IAM: Login of all" in lines
    assert lines.index("IAM: Login of all") < lines.index(f"guide: {WORDS['guide']}")
    assert any("ctrl+q leaves from everywhere" in line for line in lines)


def test_every_word_is_explained() -> None:
    """The words are those of the product, each with one sentence."""
    words = (
        "guide, hop, phase, step, action, question, answer, fact, value, check, finding, blocker, bypass, plan, "
        "session, journal, attempt, leader, pump, spool, driver, watcher, take over, hand over, batch, gate, undo, "
        "owed, procedure, evidence, bundle"
    )
    assert list(WORDS) == words.split(", ")
    assert all(text.endswith((".", "…")) for text in WORDS.values())


@pytest.mark.parametrize(
    ("words", "went"), [("stop", "4.1"), ("move", "4.2"), ("greet", "greeted")], ids=["stop", "move", "greet"]
)
async def test_the_palette_does_what_the_screen_can_do(words: str, went: str) -> None:
    """Keys by their names, places by theirs; names are never read as markup."""
    app = WizardApp(None, ENVIRON)
    screen = Places()
    assert isinstance(screen, HasPlaces)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(screen)
        await wait_for_text(pilot, "places")
        await pilot.press("ctrl+p")
        await wait_for_text(pilot, "Greet (g)")
        await pilot.press(*words)
        await wait_for_text(pilot, "[/bar]" if words == "stop" else {"4.2": "4.2 Move"}.get(went, "Greet (g)"))
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.went == went)


async def test_the_palette_changes_the_theme() -> None:
    """All four themes are named, and one is chosen by typing."""
    app = WizardApp(None, ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        await pilot.press("ctrl+p", *"theme")
        await wait_for_text(pilot, "Theme: High contrast")
        for words in ("Theme: Dark", "Theme: Light", "Theme: The terminal's own colours"):
            assert words in text_of(app)
        await pilot.press(*" high", "enter")
        await wait_until(pilot, lambda: app.theme == "wizard-contrast")


def test_every_visible_binding_of_these_screens_has_an_id_and_a_tooltip() -> None:
    """Help and palette live on them."""
    from screens import home, home_menu, reader, summary

    for module in (home, home_menu, reader, summary):
        for thing in vars(module).values():
            ours = isinstance(thing, type) and thing.__module__ == module.__name__
            for binding in vars(thing).get("BINDINGS", ()) if ours else ():
                assert isinstance(binding, Binding)
                assert binding.id, binding
                assert binding.tooltip, binding
