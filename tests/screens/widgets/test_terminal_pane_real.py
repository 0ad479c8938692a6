"""The pane over real commands, run by the leader and the pump."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

import pytest

from screens import attending
from screens.attending import Attending
from screens.output import AttendedOutput, FolderOutput
from tests.host.attempts import Attempt, Attempts, attempts_in
from tests.screens.frames import wait_until
from tests.screens.widgets.pane_app import PaneApp
from wizard.host.protocols import SecretInput
from wizard.run.operator import Watching, Wish
from wizard.run.output_reading import AttemptOutput
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.plan.model import PlannedStep


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


class Driven:
    """An attempt that is attended by a thread, as the engine's does it."""

    def __init__(self, attempt: Attempt) -> None:
        self._attending = Attending(
            Watching(step=cast("PlannedStep", None), shown="", terminal=True, live=attempt.live)
        )
        self._thread = threading.Thread(target=lambda: self._attending.run(lambda: None), daemon=True)
        self._thread.start()
        self.output = AttendedOutput(self._attending, AttemptOutput(attempt.folder))

    def look_away(self) -> None:
        """Hold it no more, as while the person is asked what to do about it."""
        self._attending.want(Wish.LEAVE)
        self._thread.join(30)

    def let_go(self) -> None:
        """Leave the command alone."""
        self.look_away()
        self._attending.close()


async def test_a_password_is_typed_into_a_real_command_and_stands_nowhere(attempts: Attempts) -> None:
    """Prompt, hidden typing, reply, end: as an operator sees it."""
    attempt = attempts.bash(
        'read -r -p "name: " name; read -r -s -p "pass: " pass; echo; echo "$name ${#pass}"', terminal=True
    )
    driven = Driven(attempt)
    app = PaneApp(driven.output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[0] == "name:")
        await pilot.press("t", *"ada", "enter")
        await wait_until(pilot, lambda: app.rows[1] == "pass:")
        await wait_until(pilot, lambda: "typing is hidden" in app.below)
        await pilot.press(*"hunter2hunter2", "enter")
        await wait_until(pilot, lambda: "ada 14" in app.rows)
        await wait_until(pilot, lambda: "ended" in app.said)
        assert "hunter2" not in app.export_screenshot()
    driven.let_go()
    assert all(b"hunter2" not in path.read_bytes() for path in attempt.folder.iterdir() if path.is_file())


async def test_what_could_begin_a_secret_stays_in_sight_while_the_person_is_asked(
    attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a line that waits for the disk is shown by a pane that opens when nobody holds the command."""
    monkeypatch.setattr(attending, "TAIL_STANDS_AFTER", 0.0)
    secrets = SecretInput(redact=(Secret("hunter2hunter2"),))
    attempt = attempts.begin("bash", "-c", "printf 'go on, hunter'; sleep 60", secrets=secrets, terminal=True)
    driven = Driven(attempt)
    app = PaneApp(driven.output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.rows[0] == "go on, hunter")
        driven.look_away()
        assert attempt.output() == b"go on, "
        again = PaneApp(driven.output)
        async with again.run_test(size=(80, 24)) as looking:
            await wait_until(looking, lambda: again.rows[0] == "go on, hunter")
    driven.let_go()


async def test_the_size_reaches_a_real_command_and_another_front_end_replays_it(attempts: Attempts) -> None:
    """A command draws for the pane's size; whoever looks on sees the same cells, and so does who looks later."""
    script = """trap 'tput -T xterm clear; stty size; printf "\\033[%d;1Hbottom" "$(stty size | cut -d" " -f1)"' WINCH
        echo ready; until read -r -t 0; do sleep 0.05; done"""  # a read that runs out of time would cut the trap short
    attempt = attempts.bash(script, terminal=True)
    attempt.prints(b"ready")
    driven = Driven(attempt)
    app = PaneApp(driven.output)
    async with app.run_test(size=(100, 31)) as pilot:
        await wait_until(pilot, lambda: app.rows[0] == "30 100" and app.rows[29] == "bottom")
        cells = app.rows
        watcher = PaneApp(FolderOutput(AttemptOutput(attempt.folder)))
        async with watcher.run_test(size=(100, 31)) as watching:
            await wait_until(watching, lambda: watcher.rows == cells)
        await pilot.press("t", *"end", "enter")
        await wait_until(pilot, lambda: "ended" in app.said)
        cells = app.rows
    driven.let_go()
    later = PaneApp(FolderOutput(AttemptOutput(attempt.folder)))
    async with later.run_test(size=(100, 31)) as pilot:
        await wait_until(pilot, lambda: "ended" in later.said)
        assert later.rows == cells


async def test_a_flood_is_never_waited_for_and_its_end_is_on_the_screen(attempts: Attempts) -> None:
    """The last lines of 20 MB are shown, all of it can be looked at, and a key works meanwhile."""
    attempt = attempts.bash(
        "read; seq -f 'line %.0f of much output that nobody can read so fast' 350000", terminal=True
    )
    driven = Driven(attempt)
    app = PaneApp(driven.output)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "t types into the command" in app.below)
        await pilot.press("t", "enter", "ctrl+right_square_bracket", "x")
        assert app.pressed == ["x"]
        await wait_until(pilot, lambda: "ended" in app.said, 30)
        assert "line 350000 of much output that nobody can read so fast" in app.rows
        await pilot.press("home")
        assert "line 1 of much output that nobody can read so fast" in app.rows
    driven.let_go()
