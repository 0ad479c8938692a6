"""Notes of watchers before the walk: on the questionnaire, over the checks, and in how many words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from screens.app import WizardApp
from screens.checks import ChecksScreen
from screens.questionnaire import QuestionnaireScreen
from screens.widgets.note_line import MOST, ROWS, note_lines
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.screens.frames import lines_of, text_of, wait_for_text, wait_until
from tests.screens.walking import ENVIRON, card_open, driven
from wizard.assemble import Begin, begin, leave_note
from wizard.errors import Gone
from wizard.run.events import Noted

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_note_comes_while_the_questions_wait_and_goes_along_to_the_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are no sign that it was read; the start is, once it was in sight for a while."""
    monkeypatch.setattr("screens.requests.GLANCE_EVERY", 0.05)
    monkeypatch.setattr("screens.conductor.HEARD_AFTER", 0.0)
    journey = Journey(tmp_path, guide(phase(step("sure", confirm="Really?"))))
    app = WizardApp(partial(begin, Begin(str(journey.file), sets=("target_version=2.0",))), ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, QuestionnaireScreen) and app.focused is not None)
        await wait_for_text(pilot, "1 of 2 answered")
        leave_note(None, "not before 23:00")
        await wait_for_text(pilot, ": not before 23:00")
        await pilot.press(*"1.0", "enter")
        await wait_for_text(pilot, "2 of 2 answered")
        await pilot.press("ctrl+g")
        await wait_until(pilot, lambda: isinstance(app.screen, ChecksScreen))
        await wait_for_text(pilot, "Nothing blocks. s starts")
        leave_note(None, "now you may")
        await wait_for_text(pilot, ": now you may")
        assert ": not before 23:00" in lines_of(app)[1]
        await pilot.press("s")
        await wait_for_text(pilot, "> 1 Start")
        await pilot.press("enter")
        await wait_for_text(pilot, "Really?")
        assert "now you may" not in text_of(app)


async def test_who_goes_on_sees_what_nobody_heard_beside_what_keeps_a_phase_from_its_beginning(tmp_path: Path) -> None:
    """A note whose driver was gone is in sight again; a fact that a phase needs is named on a card like a step's."""
    (tmp_path / "app.env").write_text("MODE=old\n", encoding="utf-8")
    notes = [{"kind": "note", "text": "It logs in as ${{ facts.settings.DB_USER }}."}]
    settings = {"title": "Settings of the app", "dotenv": str(tmp_path / "app.env")}
    sure = step("sure", confirm="Really?")
    journey = Journey(tmp_path, guide(phase(sure, notes=notes), facts={"settings": settings}))
    operator = ScriptedOperator()

    def think(_: object) -> str:
        leave_note(None, "do not press undo")
        operator.glance()
        raise Gone

    operator.replies["failed:work"] = think
    with pytest.raises(Gone):
        journey.begin(operator)
    async with driven() as (app, pilot, screen):
        await card_open(pilot, screen)
        await wait_for_text(pilot, "! 1 Work was not begun")
        await wait_for_text(pilot, "DB_USER of “Settings of the app”: it was not in")
        await wait_for_text(pilot, ": do not press undo")
        assert lines_of(app)[0].strip().startswith("! A note of ")
        (tmp_path / "app.env").write_text("MODE=old\nDB_USER=ada\n", encoding="utf-8")
        await pilot.press("1", "enter")
        await wait_for_text(pilot, "Really?")


def test_a_flood_of_notes_takes_a_few_lines_with_the_newest_first() -> None:
    """The newest has the room that the others leave, and it is said how many there are besides."""
    notes = [Noted(f"note {number}\x1b[2J", "grace", "2026-03-01T22:04:05.123Z") for number in range(MOST + 2)]
    lines = note_lines([*notes, Noted("x" * 500)], 78)
    assert len(lines) == ROWS
    assert lines[0].startswith("! A note of a watcher:")
    assert lines[2].endswith("x … (the log has all of it)")
    assert lines[3] == f"! A note of grace, 22:04:05: note {MOST + 1}"
    assert lines[-1] == "  and 3 notes before"
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("text", ["日本語" * 400, "word " * 400, "x" * 4000, "é́" * 900])
@pytest.mark.parametrize("width", [1, 20, 78])
def test_a_note_that_is_cut_says_so_in_any_script(text: str, width: int) -> None:
    """Rows are counted as a terminal has them, in which some signs are two columns wide."""
    lines = note_lines([Noted(text, "grace")], width)
    assert len(lines) == ROWS
    assert lines[-1].endswith("… (the log has all of it)")
    assert all(cell_len(line) <= max(width, 30) for line in lines)
