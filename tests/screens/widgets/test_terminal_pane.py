"""The pane: a command's screen, typing into it, and what it printed before."""

from __future__ import annotations

import asyncio
import gc
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual._styles_cache import StylesCache

from screens.terminal.replay import CARRIED
from screens.widgets import output_live
from screens.widgets.output_live import OutputLive
from tests.fakes.outputs import FakeOutput
from tests.screens.frames import wait_until
from tests.screens.widgets.pane_app import PaneApp
from wizard.run.output_reading import SizeChange

if TYPE_CHECKING:
    from pathlib import Path

    from textual.message import Message

LINES = b"".join(b"line %d\r\n" % number for number in range(1, 501))
ERRORS = LINES.replace(b"line 77\r", b"\x1b[31mERR\x1b[1mOR\x1b[0m: no space in 77\r").replace(
    b"line 400\r", b"permission Denied in 400\r"
)


def stands(app: PaneApp, row: int, text: str) -> bool:
    """Whether a row of the pane holds this text alone."""
    return app.rows[row] == text


def says(app: PaneApp, words: str) -> bool:
    """Whether these words stand below the pane."""
    return words in app.below


def is_wide(app: PaneApp, width: int) -> bool:
    """Whether the screen of the command is drawn so wide."""
    return app.pane.live.size.width == width


# -- the screen as it is now ----------------------------------------------------------------------


async def test_what_ran_before_is_shown_as_if_it_had_been_open_all_the_time() -> None:
    """Progress bars, colours and cursor movement from before the pane was there have had their effect."""
    output = FakeOutput(b"10%\r50%\r100% done\r\n\x1b[5;3Hhere\x1b[1;1Htop")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[0].startswith("top"))
        assert app.rows[0] == "top% done"
        assert app.rows[4] == "  here"


class WatchedOutput(FakeOutput):
    """Knows whether the pane has heard of all there is, and waits for more."""

    def __init__(self) -> None:
        super().__init__()
        self._waited_for = -1

    @property
    def all_is_heard(self) -> bool:
        return self._waited_for == self._changes

    def wait(self, seen: int, seconds: float) -> int:
        self._waited_for = seen
        return super().wait(seen, seconds)


async def test_output_is_painted_as_it_comes_and_nothing_happens_in_between() -> None:
    """The pane is woken by output and sets no timer of its own while there is none."""
    output = WatchedOutput()
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        output.print(b"first\r\n")
        await wait_until(pilot, lambda: app.rows[0] == "first")
        live = app.pane.live

        def rests() -> bool:
            return output.all_is_heard and live._timer is None and live._resizing is None

        await wait_until(pilot, rests)
        await wait_until(pilot, rests)  # what was heard last may have been on its way to the pane at the first look
        ticked = live._ticked
        await asyncio.sleep(0.3)
        await pilot.pause()
        assert live._ticked == ticked
        output.print(b"second\r\n")
        await wait_until(pilot, lambda: app.rows[1] == "second")


async def test_what_comes_while_much_is_worked_off_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work has looked at what waits for the disk before, and no other news comes after these."""
    monkeypatch.setattr(output_live, "AT_ONCE", 0.0)
    monkeypatch.setattr(output_live, "BUDGET", 60.0)
    monkeypatch.setattr(output_live, "BUDGET_IN_FLOOD", 60.0)
    output = FakeOutput(LINES)
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[-1] == "" and app.rows[-2] == "line 500")
        live = app.pane.live
        await wait_until(pilot, lambda: live._timer is None and live._resizing is None and not live._working)
        output.spool += LINES * 200
        live.post_message(OutputLive._News())  # taken in while the work goes on
        live._tick()
        assert live._working, "there is not enough to work off"
        output.waiting = b"Password: "
        await wait_until(pilot, lambda: app.rows[-1] == "Password:")


async def test_text_of_a_command_is_never_markup() -> None:
    """Brackets, links and styles in the output are shown as they are."""
    output = FakeOutput(b"[red]x[/red] [/] [@click=app.quit]go[/] \\[\r\n")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[0] == "[red]x[/red] [/] [@click=app.quit]go[/] \\[")
        await pilot.press("up")
        assert app.rows[0] == "[red]x[/red] [/] [@click=app.quit]go[/] \\["


async def test_a_prompt_that_waits_for_the_disk_is_shown_and_then_shown_once() -> None:
    """The tail stands behind the spool, and when the disk has it nothing is doubled."""
    output = FakeOutput(b"begin\r\n")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        output.hold(b"Password: ")
        await wait_until(pilot, lambda: app.rows[1] == "Password:")
        output.print(b"Password: \r\nthanks\r\n")
        await wait_until(pilot, lambda: app.rows[2] == "thanks")
        assert app.rows[:4] == ["begin", "Password:", "thanks", ""]


async def test_a_tail_that_turned_out_to_be_a_secret_leaves_the_screen() -> None:
    """Where the disk says otherwise, the screen is what the disk says."""
    output = FakeOutput(b"begin\r\ntoken ")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        output.hold(b"hunter")
        await wait_until(pilot, lambda: app.rows[1] == "token hunter")
        output.print(b"******** is set\r\n")
        await wait_until(pilot, lambda: app.rows[1] == "token ******** is set")
        assert not any("hunter" in row for row in app.rows)


async def test_a_watcher_sees_the_size_the_driver_gives() -> None:
    """The screen has the command's size, not the widget's; what is beside it can be looked at."""
    output = FakeOutput(b"x" * 100 + b"\r\n" + LINES[:30], driven=False, size=(120, 10))
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[1] == "line 1")
        assert app.rows[0] == "x" * 80
        await pilot.press("right")
        assert app.rows[0] == "x" * 60
        output.changes.append(SizeChange(len(output.spool), 40, 12))
        output.print(b"\x1b[2J\x1b[H" + b"y" * 50)
        await wait_until(pilot, lambda: "y" * 10 in app.rows)
        assert output.given == []


async def test_a_wide_character_is_whole_under_the_cursor_and_at_the_edge() -> None:
    """The cursor on either half leaves it there, and a wrapped line breaks before it, whatever combines around it."""
    output = FakeOutput(b"x" + ("日" + "a\u0301").encode() * 60 + b"\r\n\x1b[24;1H" + "日本".encode() + b"\x1b[2D")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: any(row.startswith("日本") for row in app.rows))
        await pilot.press("t")
        await wait_until(pilot, lambda: "typing goes" in app.below)
        assert any(row.startswith("日本") for row in app.rows)
        output.print(b"\x1b[C")
        await wait_until(pilot, lambda: app.pane.live._cursor == (3, 22))
        assert any(row.startswith("日本") for row in app.rows)
        await pilot.press("ctrl+right_square_bracket", "home")
        await wait_until(pilot, lambda: app.rows[0].startswith("x日"))
        assert "".join(app.rows[:3]).count("日") == 60


async def test_a_driver_gives_the_command_the_size_of_the_widget_once_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One size for a terminal that was dragged through many; a tiny pane gives a size that programs bear."""
    output = FakeOutput()
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: output.given == [(23, 80)])
        stands_after = output_live.RESIZE_AFTER
        monkeypatch.setattr(output_live, "RESIZE_AFTER", 600.0)  # however long each drag takes here, it goes on
        begun = []
        for width in range(81, 120, 6):
            await pilot.resize_terminal(width, 40)
            await wait_until(pilot, partial(is_wide, app, width))
            begun.append(app.pane.live._resizing)
        assert all(timer is not None and timer.cancelled() for timer in begun[:-1]), "of each only the last counts"
        monkeypatch.setattr(output_live, "RESIZE_AFTER", stands_after)
        await pilot.resize_terminal(120, 40)
        await wait_until(pilot, lambda: output.given[-1] == (39, 120))
        assert output.given == [(23, 80), (39, 120)]
        await pilot.resize_terminal(10, 3)
        await wait_until(pilot, lambda: output.given[-1] == (3, 20))


# -- typing ---------------------------------------------------------------------------------------


async def test_one_key_in_one_key_out_and_every_other_reaches_the_command() -> None:
    """Keys that mean something to the wizard mean it only while they do not go to the command."""
    output = FakeOutput()
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "t types into the command" in app.below)
        await pilot.press("x", "ctrl+q", "t")
        assert app.pressed == ["x", "ctrl+q"]
        assert "typing goes to the command" in app.below
        assert "ctrl+] leaves" in app.below
        await pilot.press("x", "ctrl+q", "ctrl+p", "escape", "tab", "enter", "up", "n", "/", "ctrl+c")
        assert output.typed == b"x\x11\x10\x1b\t\r\x1b[An/\x03"
        await pilot.press("ctrl+right_square_bracket", "x")
        assert app.pressed == ["x", "ctrl+q", "x"]
        assert app.said == [("typing", True), ("typing", False)]


async def test_the_key_that_leaves_can_be_typed_too() -> None:
    """Pressed once more it reaches the command, and typing goes on."""
    output = FakeOutput()
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("t", "ctrl+right_square_bracket", "ctrl+right_square_bracket", "a")
        assert output.typed == b"\x1da"


async def test_pasting_is_bracketed_where_the_command_asked_for_it() -> None:
    """So that a pasted line end is text to an editor and no command to a shell."""
    output = FakeOutput()
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("t")
        app.pane.live.post_message(events.Paste("a\nb"))
        await wait_until(pilot, lambda: output.typed == b"a\rb")
        output.print(b"\x1b[?2004hready")
        await wait_until(pilot, lambda: app.rows[0] == "ready")
        app.pane.live.post_message(events.Paste("c\x1b[201~d"))
        await wait_until(pilot, lambda: output.typed.endswith(b"\x1b[200~c[201~d\x1b[201~"))


async def test_it_says_when_typing_is_hidden() -> None:
    """Before and while somebody types a password."""
    output = FakeOutput(b"Password: ")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        output.hide(hidden=True)
        await wait_until(pilot, lambda: "typing goes to the command · typing is hidden" in app.below)
        await pilot.press("ctrl+right_square_bracket")
        await wait_until(pilot, lambda: "typing is hidden · what is typed goes to the command" in app.below)
        output.hide(hidden=False)
        await wait_until(pilot, lambda: "hidden" not in app.below)
        output.hide(hidden=True)
        await wait_until(pilot, lambda: "typing goes to the command · typing is hidden" in app.below)
        output.hide(hidden=False)
        await wait_until(pilot, lambda: "t types into the command" in app.below)
        assert output.typed == b""


async def test_what_is_typed_stands_nowhere() -> None:
    """Neither in a frame nor in anything the pane keeps."""
    output = FakeOutput(b"Password: ")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        output.hide(hidden=True)
        await pilot.press(*"hunter2", "enter")
        assert output.typed == b"hunter2\r"
        assert "hunter2" not in app.export_screenshot()
        kept = [value for widget in app.pane.walk_children() for value in vars(widget).values()]
        assert "hunter2" not in repr(kept)


async def test_a_password_typed_at_once_is_no_order_to_the_wizard() -> None:
    """What is typed where a command asks for something hidden goes to it whole, the key that else begins typing too."""
    output = FakeOutput(b"Password: ")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        output.hide(hidden=True)
        await wait_until(pilot, lambda: "typing is hidden" in app.below)
        await pilot.press(*"t/n?eyq0", "enter")
        assert output.typed == b"t/n?eyq0\r"
        assert "search:" not in app.below
        await pilot.press("ctrl+right_square_bracket", "t", "x")
        assert output.typed == b"t/n?eyq0\rtx"


async def test_output_that_was_taken_away_is_not_said_to_run() -> None:
    """What is empty because its folder is gone says so."""
    output = FakeOutput(ended=True)
    output.taken_away = True
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "its output is not there any more" in app.below)


async def test_keys_after_the_end_of_a_command_reach_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was meant for a command that ended in this moment must not be an order to the wizard."""
    monkeypatch.setattr(output_live, "DEAF_AFTER_END", 600.0)
    output = FakeOutput()
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("t", "y")
        output.end()
        await wait_until(pilot, lambda: "ended" in app.said)
        await pilot.press("x", "x", "ctrl+q")
        assert app.pressed == []
        assert not app.pane.typing
        app.pane.live._deaf_until -= 600.0  # that time has passed
        await pilot.press("x")
        assert app.pressed == ["x"]


async def test_who_cannot_type_is_told_why() -> None:
    """A watcher, a command without a terminal, one that has ended: each has its reason."""
    for output, words in (
        (FakeOutput(driven=False), "only looking on"),
        (FakeOutput(takes_typing=False), "takes no typing"),
        (FakeOutput(ended=True), "has ended"),
    ):
        app = PaneApp(output)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, partial(says, app, "looks back"))
            assert "t types" not in app.below
            await pilot.press("t", "a")
            assert words in app.below
            assert output.typed == b""


async def test_only_the_driver_answers_and_only_what_was_asked_since() -> None:
    """A question in what ran before was answered, or not, by whoever drove then."""
    asked = b"\x1b[6n\x1b[c"
    for driven, typing, wanted in ((True, True, b"\x1b[2;3R"), (True, False, b""), (False, True, b"")):
        output = FakeOutput(b"old\r\n" + asked, driven=driven, takes_typing=typing)
        app = PaneApp(output)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, partial(stands, app, 0, "old"))
            output.print(b"ab\x1b[6n!")
            await wait_until(pilot, partial(stands, app, 1, "ab!"))
            assert output.typed == wanted


async def test_typing_ends_when_somebody_turns_to_something_else() -> None:
    """But not when the terminal's window does, for they come back and type on."""
    output = FakeOutput()
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("t")
        app.post_message(events.AppBlur())
        await wait_until(pilot, lambda: not app.app_focus)
        assert app.pane.typing
        app.post_message(events.AppFocus())
        await wait_until(pilot, lambda: isinstance(app.focused, OutputLive))
        assert app.pane.typing
        app.set_focus(None)
        await wait_until(pilot, lambda: not app.pane.typing)


# -- what was printed before ----------------------------------------------------------------------


async def test_all_that_was_printed_can_be_looked_at() -> None:
    """A page, a line, the start, the end, and back to now."""
    output = FakeOutput(LINES)
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[21] == "line 500")
        await pilot.press("pageup")
        assert app.pane.has_class("-back")
        assert app.rows[0] == "line 456"
        assert "% of" in app.below
        await pilot.press("up")
        assert app.rows[0] == "line 455"
        await pilot.press("home")
        assert app.rows[0] == "line 1"
        assert app.rows[22] == "line 23"
        await pilot.press("pagedown", "down")
        assert app.rows[0] == "line 24"
        output.print(b"more\r\n")
        await pilot.press("end")
        assert not app.pane.scrolled_back
        await wait_until(pilot, lambda: "more" in app.rows)


async def test_going_on_at_the_end_leads_back_to_now() -> None:
    """Whoever pages down to the end wants to see what comes."""
    app = PaneApp(FakeOutput(LINES))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[21] == "line 500")
        await pilot.press("up")
        assert app.pane.has_class("-back")
        await pilot.press("pagedown", "pagedown")
        assert not app.pane.scrolled_back
        assert app.pressed == []


async def test_long_lines_are_wrapped_or_looked_at_sideways() -> None:
    """Each row of a wrapped line can be reached; to the right lines are not wrapped."""
    output = FakeOutput("".join(chr(65 + at) * 80 for at in range(26)).encode() + b"\r\n" + "漢".encode() * 41)
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("home")
        await wait_until(pilot, lambda: app.rows[:3] == ["A" * 80, "B" * 80, "C" * 80])
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: app.rows[-3:] == ["Z" * 80, "漢" * 40, "漢"])
        await pilot.press("home", "right")
        await wait_until(pilot, partial(stands, app, 0, "A" * 40 + "B" * 40))
        await pilot.press("right")
        await wait_until(pilot, partial(stands, app, 0, "B" * 80))
        await pilot.press("left", "left")
        await wait_until(pilot, lambda: app.rows[:2] == ["A" * 80, "B" * 80])


async def test_text_is_searched_through_colours_and_by_keys_alone() -> None:
    """From now backwards, then next and before, round the ends, and what is not there is said."""
    output = FakeOutput(ERRORS)
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("/", *"line 1", "enter")
        await wait_until(pilot, lambda: "n N: next, before" in app.below)
        assert any(row.startswith("line 199") for row in app.rows)
        await pilot.press("n")
        await wait_until(pilot, lambda: "from the start again" in app.below)
        assert app.rows[0] == "line 1"
        await pilot.press("/", *["backspace"] * 9, *"error: no SPACE", "enter")
        await wait_until(pilot, lambda: "not found" in app.below)
        await pilot.press("/", *["backspace"] * 5, *"space", "enter")
        await wait_until(pilot, lambda: "ERROR: no space in 77" in app.rows)
        await pilot.press("escape")
        assert not app.pane.scrolled_back
        assert app.pressed == []


class HeldOutput(FakeOutput):
    """Lets a search read only once `goes_on` is set."""

    def __init__(self, spool: bytes) -> None:
        super().__init__(spool)
        self.searched = threading.Event()
        self.goes_on = threading.Event()

    def read(self, offset: int, limit: int = 1 << 16) -> bytes:
        if threading.current_thread() is not threading.main_thread():
            self.searched.set()
            self.goes_on.wait(20.0)
        return super().read(offset, limit)


async def test_what_was_found_after_the_search_was_given_up_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A match that was on its way when somebody went back to now does not take them away again."""
    output, found = HeldOutput(ERRORS), threading.Event()
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        pane, post = app.pane, app.pane.post_message

        def posted(message: Message) -> bool:
            sent = post(message)
            if getattr(message, "match", None) is not None:
                found.set()
            return sent

        monkeypatch.setattr(pane, "post_message", posted)
        pane.action_error(backwards=False)
        await wait_until(pilot, output.searched.is_set)
        output.goes_on.set()
        assert found.wait(60.0)
        pane.action_live()
        await pilot.pause()
        assert not pane.scrolled_back
        assert app.below.startswith("running")


async def test_what_is_over_cannot_be_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Escape does what it says once a match, or that all is saved, is shown, although a thread behind it still ends."""
    monkeypatch.chdir(tmp_path)
    app, ends = PaneApp(FakeOutput(ERRORS)), threading.Event()
    async with app.run_test(size=(80, 24)) as pilot:
        pane, post = app.pane, app.pane.post_message

        def posted(message: Message) -> bool:
            sent = post(message)
            if getattr(message, "match", None) is not None or getattr(message, "over", False):
                ends.wait(20.0)
            return sent

        monkeypatch.setattr(pane, "post_message", posted)
        await pilot.press("e")
        await wait_until(pilot, lambda: "permission Denied in 400" in app.rows)
        await pilot.press("escape")
        assert not pane.scrolled_back
        assert app.below.startswith("running")
        await pilot.press("s", "enter")
        await wait_until(pilot, lambda: app.below.startswith("saved"))
        await pilot.press("escape")
        assert app.pressed == ["escape"], "there is nothing left here that it could end"
        assert app.below.startswith("saved")
        ends.set()


class DammedOutput(FakeOutput):
    """A flood of which the pane gets the begin and the last part, and what is between only once `let_go`."""

    BEGIN = 1 << 20

    def __init__(self, spool: bytes) -> None:
        super().__init__(spool, driven=False)
        self._last_part = len(spool) - CARRIED - (1 << 16)
        """From here on is read what overtakes; the search, in its own thread, reads everything."""
        assert self._last_part > self.BEGIN
        self._dammed = True

    def let_go(self) -> None:
        """Give all of it from now on."""
        self._dammed = False
        self._tell()

    def read(self, offset: int, limit: int = 1 << 16) -> bytes:
        if self._dammed and offset < self._last_part and threading.current_thread() is threading.main_thread():
            limit = max(0, min(limit, self.BEGIN - offset))
        return super().read(offset, limit)


FRAMES = b"".join(b"\x1b[3A\x1b[2Kone %d\r\n\x1b[2Ktwo\r\n\x1b[2Kthree\r\n" % step for step in range(80_000))
FLOOD = b"the needle\r\n\n\n\n" + FRAMES + b"the newest\r\n"
IN_THE_END = ["the needle", "one 79999", "two", "three", "the newest"]


async def test_the_newest_is_shown_and_searched_while_a_flood_is_still_worked_off() -> None:
    """What was passed over is missed neither by who looks on nor by a search; in the end the screen is exact."""
    output = DammedOutput(FLOOD)
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        live = app.pane.live
        await wait_until(pilot, lambda: "the newest" in app.rows)
        assert live.missing
        await wait_until(pilot, lambda: "still worked off" in app.below)
        await pilot.press("slash", *"needle", "enter")
        await wait_until(pilot, lambda: "the needle" in app.rows)
        assert live.missing
        await pilot.press("escape")
        await wait_until(pilot, lambda: "still worked off" in app.below)
        output.let_go()
        await wait_until(pilot, lambda: not live.missing, 30)
        await wait_until(pilot, lambda: app.rows[:5] == IN_THE_END)
        await wait_until(pilot, lambda: "worked off" not in app.below)


async def test_lines_that_tell_of_errors_are_found_by_one_key() -> None:
    """First the newest; then the ones before and the next."""
    app = PaneApp(FakeOutput(ERRORS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await wait_until(pilot, lambda: "permission Denied in 400" in app.rows)
        await pilot.press("E")
        await wait_until(pilot, lambda: "ERROR: no space in 77" in app.rows)
        await pilot.press("e")
        await wait_until(pilot, lambda: "permission Denied in 400" in app.rows)
        await pilot.press("e")
        await wait_until(pilot, lambda: "from the start again" in app.below)
        assert "ERROR: no space in 77" in app.rows


async def test_next_and_before_lead_to_errors_where_nothing_was_searched_for() -> None:
    """N is the key for the next error line, until somebody searches for something else."""
    app = PaneApp(FakeOutput(ERRORS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await wait_until(pilot, lambda: "permission Denied in 400" in app.rows)
        await pilot.press("N")
        await wait_until(pilot, lambda: "ERROR: no space in 77" in app.rows)


async def test_a_match_far_into_a_line_without_end_is_brought_to_the_page() -> None:
    """Also where the line takes thousands of rows."""
    output = FakeOutput(b"z" * 300_000 + b"needle" + b"z" * 300_000)
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("/", *"needle", "enter")
        await wait_until(pilot, lambda: "needle" in "".join(app.rows))


async def test_selected_lines_are_copied_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By keys alone; what is taken away is text without colour codes, in a new file that is the owner's alone."""
    monkeypatch.chdir(tmp_path)
    output = FakeOutput(ERRORS)
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("/", *"space", "enter")
        await wait_until(pilot, lambda: "ERROR: no space in 77" in app.rows)
        await pilot.press("v", "down", "down", "y")
        assert app.copied == ["ERROR: no space in 77\nline 78\nline 79\n"]
        await wait_until(pilot, lambda: app.below.startswith("copied 3 lines"))
        await pilot.press("s")
        await wait_until(pilot, lambda: "save the selection as:" in app.below)
        await pilot.press("enter")
        saved = tmp_path / "step-4.1.txt"
        await wait_until(pilot, lambda: app.below.startswith("saved"))
        assert saved.read_text() == app.copied[0]
        assert saved.stat().st_mode & 0o777 == 0o600
        await pilot.press("escape", "s", "enter")
        await wait_until(pilot, lambda: "there already" in app.below)
        assert saved.read_text() == app.copied[0]
        await pilot.press("s", *["backspace"] * 3, "l", "o", "g", "enter")
        await wait_until(pilot, lambda: app.below.startswith("saved"))
        assert (tmp_path / "step-4.1.log").read_text().count("\n") == 500


async def test_saving_where_there_is_no_such_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the home folder of nobody nor a current folder that is gone ends the screen."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    app = PaneApp(FakeOutput(LINES))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("s")
        await wait_until(pilot, lambda: "save all output as: ~/step-4.1.txt" in app.below)
        await pilot.press("ctrl+u", *"~nobody-here/x", "enter")
        await wait_until(pilot, lambda: "not saved: ~nobody-here/x names the home folder of nobody here" in app.below)
        await pilot.press("s", "ctrl+u", *"x", "enter")
        await wait_until(pilot, lambda: "not saved: the current folder is gone" in app.below)


async def test_what_is_shown_is_copied_and_much_is_cut() -> None:
    """The screen as it is, without a selection; of a large selection as much as a clipboard takes, and it says so."""
    output = FakeOutput(b"\x1b[32mone\x1b[0m\r\n\r\ntwo\r\n")
    app = PaneApp(output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[0] == "one")
        await pilot.press("y")
        assert app.copied == ["one\n\ntwo\n"]
        output.print(b"a long line of much text\r\n" * 20_000)
        await wait_until(pilot, lambda: "a long line" in app.rows[0])
        await pilot.press("up", "v", "home", "y")
        assert len(app.copied[1]) == 48 << 10
        assert "s saves all of it" in app.below


async def test_another_command_takes_the_place_of_the_one_before() -> None:
    """The pane stays where it is, with the focus it had."""
    app = PaneApp(FakeOutput(LINES))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("up")
        await app.pane.show(FakeOutput(b"another\r\n"))
        await wait_until(pilot, lambda: app.rows[0] == "another")
        assert not app.pane.scrolled_back
        await pilot.press("t")
        assert app.pane.typing


async def test_nothing_is_kept_of_what_was_painted_of_the_commands_before() -> None:
    """However many commands follow one another, the rows of those that went are let go with their widgets."""

    def kept() -> int:
        gc.collect()
        return sum(type(one) is StylesCache for one in gc.get_objects())

    app = PaneApp(FakeOutput(b"the first\r\n"))
    async with app.run_test(size=(80, 24)) as pilot:
        counts = []
        for number in range(5):
            await app.pane.show(FakeOutput(b"command %d\r\n" % number))
            await wait_until(pilot, partial(stands, app, 0, f"command {number}"))
            counts.append(kept())
        # The thread that followed a command ends a moment after its widget went, and holds it until then.
        await wait_until(pilot, lambda: kept() <= counts[0])


async def test_output_that_cannot_be_followed_ends_the_screen_and_not_in_silence() -> None:
    """A picture that stands still while the command goes on would tell something untrue; the app hears of it."""

    class Broken(FakeOutput):
        def wait(self, seen: int, seconds: float) -> int:
            raise ZeroDivisionError

    app = PaneApp(Broken(b"before\r\n"))
    with pytest.raises(ZeroDivisionError):
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: app._exception is not None)


# -- one command after another ---------------------------------------------------------------------


async def test_the_pane_may_be_taken_away_while_another_command_comes() -> None:
    """A run that ends with its last command leaves its screen in that moment; nothing is left to show or to press."""
    app = PaneApp(FakeOutput(LINES))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.pane.whole)
        pane = app.pane
        await asyncio.gather(pane.show(FakeOutput(b"another")), pane.remove())
        await pane.show(FakeOutput(b"too late"))
        assert not pane.whole
        assert (pane.typing, pane.title, pane.check_action("type", ())) == (False, "", False)
        pane.focus()
        assert app.focused is None
