"""What all tests of screens share: golden files of what stands on a screen.

Use it so, on a real screen in the real app or alone in `OneScreen` (`tests/screens/frames.py`):

    async def test_it_shows_the_findings(frame: Frame) -> None:
        app = OneScreen(ChecksScreen(...))
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for_text(pilot, "3 checks")
            frame(app)

A frame is the text of the whole screen, one file for each call, in `__snapshots__` beside the test; times, session
ids, folders of the test and the name of the machine are replaced by fixed ones, and so is what is given in `replaced`.
Ask for events and states first and for frames second. `pytest FILE --snapshot-update` writes them anew: read the
difference as you read code.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual import app as textual_app
from textual import pilot

from screens.widgets.card_base import Card
from tests.run.plug import end_everything
from tests.screens.frames import frame_of, until_idle
from wizard.paths import state_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from syrupy.assertion import SnapshotAssertion
    from textual.app import App

    Frame = Callable[..., None]


USUAL_QUIET = Card.QUIET


class FrameFile(SingleFileSnapshotExtension):
    """One text file for one frame."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder of the test whose path is as long on every machine: where a path is long, a screen breaks its lines."""
    with tempfile.TemporaryDirectory(prefix="wizard-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def waits_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Pilot look more often, and closer, whether the app is idle, and cards open sooner: minutes of the suite."""
    for module in (textual_app, pilot):
        monkeypatch.setattr(module, "wait_for_idle", until_idle)
    monkeypatch.setattr(Card, "QUIET", 0.05)


@pytest.fixture(autouse=True)
def no_command_runs_on(shut_out: None) -> Iterator[None]:
    """End the commands and supervisors that a test has left running: those of one that failed, as a rule."""
    yield
    if any(state_folder().glob("sessions/*/attempts/*")):
        end_everything(state_folder())


@pytest.fixture
def usual_quiet(waits_are_short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyboard must be quiet before a card opens as long as a person's must: for tests that are about it."""
    monkeypatch.setattr(Card, "QUIET", USUAL_QUIET)


@pytest.fixture
def frame(snapshot: SnapshotAssertion) -> Frame:
    """Hold what stands on a screen against the golden file: `frame(app)`, `frame(app, name="after", replaced={…})`."""

    def hold(app: App[Any], *, name: str | None = None, replaced: dict[str, str] | None = None) -> None:
        app.screen._on_timer_update()  # What was changed a moment ago is laid out with the next painting.
        assert frame_of(app, replaced) == snapshot(name=name, extension_class=FrameFile)

    return hold
