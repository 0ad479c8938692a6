"""Help and the command palette: everything a screen can do is named there, and can be done from there."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from textual.binding import Binding
from textual.widgets import Static

import screens
from screens.app import WizardApp
from screens.dialogs.dialog import Dialog
from screens.help import HelpScreen, help_lines
from screens.home import HomeScreen
from screens.offering import Offering
from screens.palette import HasPlaces
from screens.run_screen import RunScreen
from screens.saving import Saving
from screens.stage import Stage, ThemeChosen, WizardScreen
from screens.words import WORDS
from tests.screens.frames import text_of, wait_for_hits, wait_for_text, wait_until
from wizard.paths import state_folder
from wizard.remembered import THEME, remember_theme, remembered_theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tests.screens.conftest import Frame

ENVIRON = {"TERM": "xterm-256color"}


class Places(WizardScreen[None]):
    """A screen with two places to jump to, one of which has a name that looks like markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "greet", "Greet", id="test.greet", tooltip="Say something kind"),
        Binding("3", "go('3')", "Reply 3", show=False, id="test.reply", tooltip="Go to it"),
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
        await wait_until(pilot, lambda: isinstance(app.screen, HomeScreen))


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
        await wait_for_hits(pilot, "Greet (g)")
        assert "Reply 3" not in text_of(app), "what only points at something in sight is no command"
        await pilot.press(*words)
        await wait_for_hits(pilot, "[/bar]" if words == "stop" else {"4.2": "4.2 Move"}.get(went, "Greet (g)"))
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.went == went)


async def test_the_palette_changes_the_theme() -> None:
    """All four themes are named, and one is chosen by typing."""
    app = WizardApp(None, ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        await pilot.press("ctrl+p", *"theme")
        await wait_for_hits(pilot, "Theme: High contrast")
        for words in ("Theme: Dark", "Theme: Light", "Theme: The terminal's own colours"):
            assert words in text_of(app)
        await pilot.press(*" high")
        await wait_for_hits(pilot, "Theme: High contrast")
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.theme == "wizard-contrast")
        await wait_until(pilot, lambda: remembered_theme() == "wizard-contrast")
    later = WizardApp(None, ENVIRON)
    async with later.run_test(size=(80, 24)):
        assert later.theme == "wizard-contrast"


async def test_a_theme_that_cannot_be_kept_is_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the state folder takes nothing, a sentence says that it will not be remembered, and why."""
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    monkeypatch.setenv("WIZARD_STATE_DIR", str(taken))
    app = WizardApp(None, ENVIRON)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.post_message(ThemeChosen("wizard-light"))
        await wait_for_text(pilot, "The next start begins with other")
        assert app.theme == "wizard-light"


def test_what_is_remembered_is_private_and_whatever_lies_there_is_harmless(tmp_path: Path) -> None:
    """Mode 0600, written whole; rubbish, a folder or a link in its place is no theme."""
    assert remembered_theme() == ""
    remember_theme("wizard-light")
    file = state_folder() / THEME
    assert (remembered_theme(), file.stat().st_mode & 0o777) == ("wizard-light", 0o600)
    for content in (b"", b"\xff\n", b"x" * 5000):
        file.write_bytes(content)
        assert remembered_theme() == ""
    file.unlink()
    (tmp_path / "other").write_text("wizard-dark\n", encoding="utf-8")
    file.symlink_to(tmp_path / "other")
    assert remembered_theme() == ""
    remember_theme("wizard-contrast")
    assert (tmp_path / "other").read_text("utf-8") == "wizard-dark\n"
    assert remembered_theme() == "wizard-contrast"


def ours() -> Iterator[type]:
    """Every class of the full screen."""
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and thing.__module__ == module.name:
                yield thing


def test_every_visible_binding_has_an_id_and_a_tooltip() -> None:
    """Help and palette live on them, and by its id a key can be given to something else."""
    seen = 0
    for thing in ours():
        for binding in vars(thing).get("BINDINGS", ()):
            assert isinstance(binding, Binding)
            if binding.show:
                seen += 1
                assert binding.id, (thing, binding)
                assert binding.tooltip, (thing, binding)
    assert seen > 50


def test_every_screen_has_words_of_help_of_its_own() -> None:
    """No screen that can be shown explains itself by its keys alone."""
    bases = {WizardScreen, Stage, Dialog, Offering, RunScreen, Saving}
    kinds = [thing for thing in ours() if issubclass(thing, WizardScreen) and thing not in bases]
    assert len(kinds) >= 12
    assert [kind.__name__ for kind in kinds if not kind.HELP] == []


def test_no_text_goes_through_markup() -> None:
    """Whatever a widget is given as a text is shown as it is: it may come from a guide, a machine or a command."""
    source = Path(screens.__file__).parent
    for file in source.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert not _reads_markup(node), f"{file.name}:{node.lineno}: {ast.unparse(node)}"


def _reads_markup(call: ast.Call) -> bool:
    """Whether a call reads a text as markup that is not a constant of ours."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "from_markup":
        return True
    plain = any(word.arg == "markup" and ast.unparse(word.value) == "False" for word in call.keywords)
    first = call.args[0] if call.args else None
    ready = first is None or isinstance(first, ast.Constant) or ast.unparse(first).startswith("Content")
    return name in ("Static", "Label", "notify") and not plain and not ready
