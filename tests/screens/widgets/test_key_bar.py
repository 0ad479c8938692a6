"""The line of keys: what matters most is never cut off, and a click presses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hypothesis import given
from hypothesis import strategies as st
from textual.binding import Binding
from textual.widgets import Static

from screens.stage import WizardScreen
from screens.widgets.key_bar import KeyHint, fitting, key_text
from tests.screens.frames import OneScreen, lines_of, wait_until

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

hints = st.builds(
    KeyHint, st.just("x"), st.text("ab^", min_size=1, max_size=5), st.text("abc de", min_size=1, max_size=14)
)


class ManyKeys(WizardScreen[None]):
    """A screen with more keys than a line has room for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"press('{key}')", f"Number {key}", id=f"test.{key}", tooltip="A key") for key in "123456789"),
        Binding("f2", "press('f2')", "Hidden", show=False, id="test.f2", tooltip="A key"),
    ]

    pressed: str = ""
    without: str = ""

    def compose(self) -> ComposeResult:
        yield Static("many")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "press" and parameters == (self.without,))

    def action_press(self, key: str) -> None:
        self.pressed = key


@given(st.lists(hints, max_size=12), st.lists(hints, max_size=2), st.integers(40, 200))
def test_what_is_shown_has_room(some: list[KeyHint], last: list[KeyHint], width: int) -> None:
    """Hints are taken from the front; those at the end have their room always; all are shown where all have room."""
    shown, more = fitting(some, last, width)
    assert shown == some[: len(shown)]
    assert more == (len(shown) < len(some))
    if shown:
        assert sum(hint.width for hint in (*shown, *last)) + 2 * more <= width


async def test_help_and_leave_stay_where_others_give_way() -> None:
    """At 80 columns the first keys, a sign that there are more, help and leave are whole; at 200 all are."""
    app = OneScreen(ManyKeys())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Leave" in lines_of(app)[-1])
        line = lines_of(app)[-1]
        assert line.startswith(" 1 Number 1  2 Number 2")
        assert "…" in line
        assert line.endswith("? Help  ^q Leave")
        await pilot.resize_terminal(200, 60)
        await wait_until(pilot, lambda: "9 Number 9" in lines_of(app)[-1])
        assert "…" not in lines_of(app)[-1]
        assert "Hidden" not in lines_of(app)[-1]


async def test_keys_that_do_nothing_now_are_not_shown() -> None:
    """What `check_action` refuses goes from the line, and comes back."""
    screen = ManyKeys()
    app = OneScreen(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "1 Number 1" in lines_of(app)[-1])
        screen.without = "1"
        screen.refresh_bindings()
        await wait_until(pilot, lambda: "1 Number 1" not in lines_of(app)[-1])


async def test_a_click_presses_the_key() -> None:
    """Anywhere on key or label."""
    screen = ManyKeys()
    app = OneScreen(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "2 Number 2" in lines_of(app)[-1])
        await pilot.click(offset=(lines_of(app)[-1].index("2 Number") + 5, 23))
        await wait_until(pilot, lambda: screen.pressed == "2")


def test_keys_are_written_short() -> None:
    """As they stand on a keyboard, in as few columns as can be."""
    written = {key: key_text(Binding(key, "x")) for key in ("ctrl+q", "escape", "question_mark", "f2", "a", "up")}
    assert written == {"ctrl+q": "^q", "escape": "esc", "question_mark": "?", "f2": "f2", "a": "a", "up": "↑"}
