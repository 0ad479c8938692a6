"""Home: what is listed and in which order, what can be done with it by keys and mouse, and what home gives then."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from screens.dialogs.line import LineDialog
from screens.home import LOOK_EVERY, HomeScreen
from screens.home_entries import Deed, Watch, guide_entry, session_entry, when
from screens.home_menu import OffersDialog
from screens.reader import ReaderScreen
from tests.fakes.operators import ScriptedOperator
from tests.fakes.sessions import driving_process
from tests.run.journey import Journey
from tests.screens.frames import OneScreen, is_shown, text_of, wait_for_text, wait_until
from tests.screens.looking import may_be_answered
from tests.screens.some_sessions import done_session, failed_session
from wizard.assemble import session_status, store
from wizard.errors import ExitCode
from wizard.guide.catalog import CatalogEntry
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.screens.conftest import Frame

BROKEN = "guide: 1\nid: broken\nproduct: Broken\nsummry: A word too much.\n"


@pytest.fixture
def broken_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the operator, with a guide in it that cannot be used."""
    folder = tmp_path / "guides"
    (folder / "broken").mkdir(parents=True)
    (folder / "broken" / "guide.yaml").write_text(BROKEN, encoding="utf-8")
    monkeypatch.setenv("WIZARD_GUIDES", str(folder))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_somebody_new_is_led_to_the_demo(frame: Frame, size: tuple[int, int]) -> None:
    """Without any session there are guides, with product, versions and a sentence, and a word about the demo."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=size) as pilot:
        await wait_for_text(pilot, "Stockroom  1.0, 1.1, 2.0", 30)
        assert "New here? Press d" in text_of(app)
        frame(app)
        await pilot.press("d")
        await wait_until(pilot, lambda: app.dismissed)
        assert callable(app.result)


async def test_what_needs_somebody_comes_first(tmp_path: Path, frame: Frame) -> None:
    """A failed session stands before the guides, one that is done after them; the first key that is offered resumes."""
    done_session(tmp_path / "done")
    failed = failed_session(tmp_path / "failed", name="night shift")
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 40)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        text = text_of(app)
        assert text.index("need somebody") < text.index("night shift") < text.index("Guides") < text.index("are over")
        assert "failed at" in text
        assert "New here?" not in text
        frame(app)
        await pilot.press("r")
        await wait_until(pilot, lambda: app.dismissed)
        job = app.result
    operator = ScriptedOperator({"failed:two": "stop"})
    journey = Journey(tmp_path / "failed", {})
    assert job(journey.front_end(operator)) is ExitCode.STOPPED
    assert session_status(failed.id).state is SessionState.FAILED


async def test_the_menu_names_all_the_engine_offers(tmp_path: Path) -> None:
    """Enter shows what `next` of the session has, by its keys too; escape leaves it without doing anything."""
    session = failed_session(tmp_path / "failed")
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, session.id)
        await pilot.press("enter")
        await wait_until(pilot, lambda: is_shown(app, OffersDialog))
        for word in ("Resume", "Undo", "Report", "Close"):
            assert word in text_of(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, HomeScreen))
        await pilot.press("enter", "p")
        await wait_for_text(pilot, "Report of")
        assert is_shown(app, ReaderScreen)


async def test_a_session_is_closed_with_a_reason(tmp_path: Path) -> None:
    """Closing asks for a reason and does nothing without one; then the session is over and the list says so."""
    session = failed_session(tmp_path / "failed")
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, session.id)
        await pilot.press("c")
        await wait_until(pilot, lambda: is_shown(app, LineDialog))
        await pilot.press("enter")
        assert is_shown(app, LineDialog)
        await pilot.press(*"wrong", "enter")
        await wait_for_text(pilot, "closed: wrong")
        assert "that are over" in text_of(app)
    assert session_status(session.id).closed == "wrong"


async def test_undo_and_a_procedure_become_jobs_of_the_engine(tmp_path: Path) -> None:
    """What is chosen at home does, once one is sure, to the session what the command line does."""
    session = done_session(tmp_path / "done")
    journey = Journey(tmp_path / "done", {})
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, session.id)
        await wait_for_text(pilot, "Stockroom", 30)
        while app.screen.marked is None or app.screen.marked.subject != session.id:  # type: ignore[attr-defined]
            await pilot.press("down")
        await pilot.press("enter")
        await wait_for_text(pilot, "Tidy up")
        await pilot.press("down", "enter")
        await wait_for_text(pilot, "It begins at once")
        await wait_until(pilot, lambda: may_be_answered(app))
        await pilot.press("up", "enter")
        await wait_until(pilot, lambda: app.dismissed)
        assert app.result(journey.front_end(ScriptedOperator())) is ExitCode.DONE
    assert journey.lines() == ["one", "sweep"]


async def test_filtering_as_one_types(frame: Frame) -> None:
    """A slash begins; only what has all words in it stays; nothing says so; escape shows everything again."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        await pilot.press("slash", *"stock")
        await wait_until(pilot, lambda: "Cawemo" not in text_of(app))
        assert "Stockroom" in text_of(app)
        await pilot.press(*"xyz")
        await wait_for_text(pilot, "Nothing here has that in it")
        frame(app)
        await pilot.press("escape")
        await wait_for_text(pilot, "Cawemo")


@pytest.mark.usefixtures("broken_guide")
async def test_a_broken_guide_shows_its_first_problem_and_all_when_asked() -> None:
    """It hides no other, offers no beginning, and can be opened to read everything that is wrong with it."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "broken  cannot be used", 30)
        await pilot.press("slash", *"broken", "enter")
        await wait_until(pilot, lambda: "Cawemo" not in text_of(app))
        assert "Begin" not in text_of(app)
        await pilot.press("x")
        await wait_for_text(pilot, "did you mean")
        assert "the key `title` is missing" in text_of(app)


async def test_the_commands_of_a_guide_can_be_read_first() -> None:
    """`m` shows every command it can run, without running one."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        await pilot.press("slash", *"stock", "enter", "m")
        await wait_for_text(pilot, "Every command of")
        await pilot.press("escape")
        await wait_until(pilot, lambda: is_shown(app, HomeScreen))
    assert not store().listing().sessions


async def test_a_session_that_is_driven_can_be_watched_or_taken_over(tmp_path: Path) -> None:
    """While another process drives, home says who, and offers to look on; it never offers to resume."""
    session = failed_session(tmp_path / "failed")
    with driving_process("hold", session) as other:
        assert other.hear()
        app = OneScreen(HomeScreen())
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for_text(pilot, "somebody drives")
            screen = app.screen
            assert isinstance(screen, HomeScreen)
            assert screen.marked is not None
            assert [offer.deed for offer in screen.marked.offers] == [Deed.WATCH, Deed.TAKE_OVER]
            await pilot.press("r")
            assert not app.dismissed
            await pilot.press("v")
            await wait_until(pilot, lambda: app.dismissed)
            assert app.result == Watch(session.id)


async def test_a_session_that_may_only_be_watched_says_why(tmp_path: Path) -> None:
    """Of a session of another machine the reason is in the list, and neither resume nor undo is offered."""
    session = failed_session(tmp_path / "failed")
    file = session.folder / "session.json"
    about = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**about, "machine": "0" * 32}), encoding="utf-8")
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "it cannot be driven from here: it was made on another")
        screen = app.screen
        assert isinstance(screen, HomeScreen)
        assert screen.marked is not None
        assert [offer.deed for offer in screen.marked.offers if offer.deed in (Deed.RESUME, Deed.UNDO)] == []
        assert screen.marked.offer(Deed.WATCH) is not None


def test_a_session_that_somebody_is_at_was_not_left(tmp_path: Path) -> None:
    """While its driver is asked, home does not say that it was left."""
    status = replace(session_status(failed_session(tmp_path).id), state=SessionState.ASKING, step=None)
    now = datetime.now(UTC)
    assert session_entry(status, now).lines[0].startswith("left while questions were asked")
    assert session_entry(replace(status, driver={"user": "ada"}), now).lines[0].startswith("questions are asked")


async def test_what_changes_on_disk_shows_up_and_nothing_is_drawn_for_nothing(tmp_path: Path) -> None:
    """A session that another process makes appears by itself; while nothing changes the list is left alone."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        screen = app.screen
        assert isinstance(screen, HomeScreen)
        await wait_until(pilot, lambda: screen._looking is not None and screen._looking.is_finished)
        drawn, looked = screen._shown, screen._looking
        screen._look_now_and_then()
        await wait_until(pilot, lambda: screen._looking is not looked and screen._looking.is_finished)  # type: ignore[union-attr]
        assert screen._shown is drawn
        session = await asyncio.to_thread(failed_session, tmp_path / "failed")
        await wait_for_text(pilot, session.id, 5 * LOOK_EVERY)


async def test_the_mouse_works_too() -> None:
    """A click on a guide opens its menu; a click on a key presses it."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Stockroom", 30)
        row = next(at for at, line in enumerate(text_of(app).splitlines()) if "Stockroom" in line)
        await pilot.click(offset=(10, row))
        await wait_until(pilot, lambda: is_shown(app, OffersDialog))
        await pilot.press("escape")
        await wait_until(pilot, lambda: is_shown(app, HomeScreen))
        column = text_of(app).splitlines()[23].index("Filter")
        await pilot.click(offset=(column, 23))
        await wait_until(pilot, lambda: app.screen.has_class("-filtering"))


async def test_leaving_gives_nothing() -> None:
    """ctrl+q leaves home without a word: nothing goes on here."""
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: app.dismissed)
        assert app.result is None


def test_moments_are_told_in_the_time_of_the_place() -> None:
    """Today, yesterday, or the date; what is no moment is said to be unknown."""
    now = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert when("2026-03-02T00:10:00Z", now) == "today at 00:10"
    assert when("2026-03-01T22:04:00Z", now) == "yesterday at 22:04"
    assert when("2026-02-01T22:04:00Z", now) == "on 2026-02-01 at 22:04"
    east = now.astimezone(datetime.now().astimezone().tzinfo)
    assert when((now - timedelta(days=40)).isoformat(), east).startswith("on 2026-01-2")
    assert when("", now) == "at an unknown time"


def test_control_characters_of_a_session_do_not_reach_the_screen(tmp_path: Path) -> None:
    """The name somebody gave a session is shown without what a terminal would obey."""
    session = failed_session(tmp_path / "failed", name="night\x1b[2Jshift [bold]")
    entry = session_entry(session_status(session.id), datetime.now(tz=UTC))
    assert "nightshift [bold]" in entry.title
    assert "\x1b" not in entry.text


def test_a_guide_is_found_by_what_the_command_line_calls_it() -> None:
    """Its id and its title are no part of its lines, and it is found by them like by what is shown."""
    entry = guide_entry(CatalogEntry("notes-server", "Notes", "Upgrade at Night", "1.0", summary="To the new one."))
    assert entry.lines == ("To the new one.",)
    assert all(words in entry.text for words in ("notes-server", "upgrade at night", "to the new one"))
