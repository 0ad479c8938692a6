"""One engine: the same answers, given by keys on the full screen, leave the journal that an answers file leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screens.app import WizardApp
from screens.summary import SummaryScreen
from tests.run.test_same_journal import Tour, difference, nobody, normal
from tests.screens.frames import wait_for_text, wait_until
from wizard.assemble import Begin, begin, store

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from wizard.errors import ExitCode


async def keys(pilot: Pilot[ExitCode], *pressed: str) -> None:
    """Press keys one after the other."""
    for key in pressed:
        await pilot.press(key)
        await pilot.pause()


@pytest.mark.slow
async def test_keys_leave_the_same_journal_as_an_answers_file(tmp_path: Path) -> None:
    """Every question, a bypass with its reason, boxes and a ticket: event for event the same as unattended."""
    tour = Tour(tmp_path)
    alone = tour.walk(nobody, answers=True)
    (tmp_path / "app.env").write_text("WORKERS=1\n", encoding="utf-8")
    (tmp_path / "effects").unlink()

    app = WizardApp(lambda front_end: begin(Begin(str(tour.journey.file)), front_end), {"TERM": "xterm-256color"})
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "0 of 5 answered")
        await wait_until(pilot, lambda: app.focused is not None)
        for number, reply in enumerate(("1.0", "", "shop", "3", ["down"]), 1):
            before = app.focused
            await keys(pilot, *reply, "enter")
            await wait_for_text(pilot, f"{number} of 5 answered")
            await wait_until(pilot, lambda: app.focused not in (None, before))  # noqa: B023
        await wait_for_text(pilot, "> All is answered")
        await keys(pilot, "enter")
        await wait_for_text(pilot, "1 blocks")
        await keys(pilot, "b")
        await wait_for_text(pilot, "Why may this be bypassed")
        await keys(pilot, *"it is only a test", "enter")
        await wait_for_text(pilot, "Nothing blocks. s starts")
        await keys(pilot, "s")
        await wait_for_text(pilot, "> 1 Start")
        await keys(pilot, "enter")
        await wait_for_text(pilot, "> [ ] I have read it")
        await keys(pilot, "space", "down", *"T-1", "enter")
        await wait_for_text(pilot, "> 1 Yes")
        await keys(pilot, "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
    assert difference(alone, normal(tour.journey.entries, store().open().id)) == ""
    assert tour.journey.lines() == ["hold", "shop 42", "release", "tidy"]
