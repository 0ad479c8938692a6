"""A command above another screen: live, with how it ended, and gone by itself or by a key."""

from __future__ import annotations

import threading
from dataclasses import astuple
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest

from screens.attending import Attending
from screens.dialogs import running
from screens.dialogs.asking import AskingDialog
from screens.dialogs.running import RunningScreen, room_of
from screens.requests import Requested
from screens.stage import Stage
from screens.widgets.output_live import OutputLive
from screens.widgets.terminal_pane import TerminalPane
from tests.fakes.plans import planned_step
from tests.host.attempts import Attempt, Attempts, attempts_in
from tests.screens.frames import OneScreen, text_of, wait_for_text, wait_until
from wizard.run.operator import ConfirmRequest, Watching, Wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.screen import Screen


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


class Gate:
    """Something that a command waits for, so that it ends when the test says so."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "opened"
        self.passed = f"until [ -e {self._file} ]; do sleep 0.05; done"
        """What waits for it, to a shell."""

    def open(self) -> None:
        """Let the command go on."""
        self._file.touch()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


class Driven:
    """An attempt that the engine's thread attends, and says of how it ended."""

    def __init__(self, attempt: Attempt, shown: str = "make mended [/bar]\nsecond line") -> None:
        self.attending = Attending(
            Watching(planned_step(), shown, terminal=False, live=attempt.live, folder=attempt.folder)
        )
        self._thread = threading.Thread(target=self._attend, daemon=True)
        self._thread.start()

    def _attend(self) -> None:
        if self.attending.run(lambda: None) is None:
            self.attending.ended("ended with exit 0 [/bar]")

    def let_go(self) -> None:
        """Leave the command alone, and let go of it."""
        self.attending.want(Wish.LEAVE)
        self._thread.join(30)
        self.attending.close()


async def test_output_and_end_are_shown_and_it_closes_by_itself(
    attempts: Attempts, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to press anything for a check to be mended and asked again."""
    monkeypatch.setattr(running, "STAYS", 600.0)
    driven = Driven(attempts.bash(f"echo it begins; {gate.passed}; echo all of it"))
    app = OneScreen(RunningScreen(driven.attending))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "it begins")
        assert "$ make mended [/bar]" in text_of(app)
        assert "all of it" not in text_of(app)
        gate.open()
        await wait_for_text(pilot, "The command ended with exit 0 [/bar]: closes in a moment")
        assert "all of it" in text_of(app)
        assert not app.dismissed
        monkeypatch.setattr(running, "STAYS", 0.0)
        await wait_until(pilot, lambda: app.dismissed)
    driven.let_go()


def _is_laid_out(screen: RunningScreen) -> bool:
    """Whether the output has its room."""
    return any(live.size for live in screen.query(OutputLive))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_room_it_has_is_known_before_it_is_shown(attempts: Attempts, size: tuple[int, int]) -> None:
    """However many lines the command takes: what is promised is what its output gets."""
    for shown in ("make", "x" * 200, "\n".join("many lines" for _ in range(12))):
        driven = Driven(attempts.begin("sleep", "60"), shown)
        screen = RunningScreen(driven.attending)
        async with OneScreen(screen).run_test(size=size) as pilot:
            await wait_until(pilot, partial(_is_laid_out, screen))
            live = screen.query_one(OutputLive)
            assert (live.size.height, live.size.width) == astuple(room_of(shown, screen.size))
        driven.let_go()


async def test_whoever_reads_in_it_keeps_it_open(
    attempts: Attempts, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key while it runs keeps it open after the end, until the key that closes it."""
    monkeypatch.setattr(running, "STAYS", 0.1)
    driven = Driven(attempts.bash(f"echo it begins; {gate.passed}"))
    app = OneScreen(RunningScreen(driven.attending))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "it begins")
        await pilot.press("x")
        gate.open()
        await wait_for_text(pilot, "The command ended with exit 0 [/bar]: q closes")
        await pilot.pause(0.5)
        assert not app.dismissed
        await pilot.press("q")
        await wait_until(pilot, lambda: app.dismissed)
    driven.let_go()


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_what_leaves_everything_else_closes_it_after_the_end(attempts: Attempts, gate: Gate, key: str) -> None:
    """Enter and escape close it once the command has ended, and never before; typing is not offered any more then."""
    driven = Driven(attempts.bash(f"echo it begins; {gate.passed}"))
    app = OneScreen(RunningScreen(driven.attending))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "it begins")
        await pilot.press(key)
        await pilot.pause()
        assert not app.dismissed
        gate.open()
        await wait_for_text(pilot, "The command ended with exit 0 [/bar]: q closes")
        await wait_until(pilot, lambda: "t Type" not in text_of(app))
        await wait_until(pilot, lambda: press_until_dismissed(app, key))
    driven.let_go()


def press_until_dismissed(app: OneScreen, key: str) -> bool:
    """Press a key again where it was swallowed: right after the end keys are, as they were meant for the command."""
    if not app.dismissed:
        app.simulate_key(key)
    return app.dismissed


async def test_it_closes_nothing_that_lies_above_it(
    attempts: Attempts, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question of the engine that came over it stays, however long that takes; then it closes by itself."""
    monkeypatch.setattr(running, "STAYS", 0.1)
    driven = Driven(attempts.bash(f"echo it begins; {gate.passed}"))
    app = OneScreen(RunningScreen(driven.attending))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "it begins")
        asked = Requested(ConfirmRequest("sure", "Is it well?", "Look at the page."))
        dialog = AskingDialog(asked)
        app.push_screen(dialog)
        await wait_for_text(pilot, "Is it well?")
        gate.open()
        await wait_until(pilot, lambda: not driven.attending.running)
        await pilot.pause(0.8)
        assert app.screen is dialog
        await wait_until(pilot, lambda: dialog.card.open)
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: asked.answered)
        await wait_until(pilot, lambda: app.dismissed)
    driven.let_go()


async def test_closing_it_leaves_the_command_running(attempts: Attempts) -> None:
    """The screen is a window on the command and no more."""
    attempt = attempts.bash("echo begun; sleep 30")
    driven = Driven(attempt)
    app = OneScreen(RunningScreen(driven.attending))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "begun")
        await pilot.press("q")
        await wait_until(pilot, lambda: app.dismissed)
        assert driven.attending.running
    driven.let_go()


async def test_one_command_has_one_screen(attempts: Attempts) -> None:
    """The engine tells of the same command again and again; another one is shown above it."""
    one, other = Driven(attempts.bash("echo one; sleep 30")), Driven(attempts.bash("echo two; sleep 30"))
    stage = Stage()
    app = OneScreen(stage)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen is stage)
        stage.attended(one.attending)
        await wait_for_text(pilot, "one")
        stage.attended(one.attending)
        stage.attended(other.attending)
        await wait_for_text(pilot, "two")
        shown = [screen for screen in app.screen_stack if isinstance(screen, RunningScreen)]
        assert [screen.attempt for screen in shown] == [one.attending.attempt, other.attending.attempt]
        assert cast("Screen[None]", app.screen).query_one(TerminalPane).has_focus_within
    one.let_go()
    other.let_go()
