"""Bundles on the full screen: from the summary, from home, while looking on, and from the card of a failed step."""

from __future__ import annotations

import os
import re
import tarfile
import threading
from contextlib import chdir
from typing import TYPE_CHECKING

import pytest

from screens.dialogs import bundle
from screens.dialogs.bundle import BundleDialog
from screens.home import HomeScreen
from screens.summary import SummaryScreen
from screens.watch import WatchScreen
from screens.widgets.card_base import Card
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.run.test_same_journal import difference, normal
from tests.screens.frames import OneScreen, is_shown, lines_of, wait_for_text, wait_until
from tests.screens.some_sessions import done_session, failed_session
from tests.screens.test_summary import ended
from tests.screens.walking import Driver, begun, card_open, driven, upgrade
from wizard.assemble import store
from wizard.bundling import session_bundle
from wizard.report.bundle_parts import OUTPUT_CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from textual.app import App
    from textual.pilot import Pilot

    from tests.screens.conftest import Frame
    from wizard.report.bundle import BundleMade


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """The current folder, with a path longer than the screen is wide."""
    folder = tmp_path / ("a-folder-with-a-long-name-" * 3) / "and-one-below"
    folder.mkdir(parents=True)
    with chdir(folder):
        yield folder


def names_in(folder: Path) -> list[str]:
    """What is in a folder, sorted."""
    return sorted(one.name for one in folder.iterdir())


def whole(words: str) -> str:
    """Words without blanks."""
    return "".join(words.split())


def framed(app: App[Any]) -> str:
    """What stands in frames, without blanks: what was wrapped is whole again, wherever the line was broken."""
    parts = [re.split("[│┃]", line) for line in lines_of(app)]
    return whole("".join(part[1] for part in parts if len(part) > 2))


async def framed_in(pilot: Pilot[Any], words: str) -> None:
    """Wait until words stand in a frame; what is under the first line of a dialog is laid out after that."""
    await wait_until(pilot, lambda: whole(words) in framed(pilot.app))


async def test_a_bundle_of_a_run_that_ended(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`b` asks for a place and makes it; the whole path can be read at 80x24, as well as what to do with it."""
    session = failed_session(tmp_path / "failed")
    bundle = place / f"wizard-{session.id}.tar.gz"
    monkeypatch.setattr(Card, "QUIET", 60.0)
    app = OneScreen(SummaryScreen(session.id, None, ended()))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "✗ Failed")
        await pilot.press("b")
        await wait_for_text(pilot, bundle.name)
        assert whole(f"Without a path before its name it goes into {place}.") in framed(app)
        await pilot.press("enter", "enter")
        await wait_for_text(pilot, "✓ It is in")
        assert bundle.stat().st_mode & 0o777 == 0o600
        await framed_in(pilot, f"✓ It is in {bundle} It holds the report")
        assert whole("Known secrets are taken out") in framed(app)
        assert is_shown(app, BundleDialog), "the key that made it, pressed twice, has closed it"
        monkeypatch.setattr(Card, "QUIET", 0.0)
        await pilot.press("enter")
        await wait_until(pilot, lambda: is_shown(app, SummaryScreen))
        # Its own name, once more: with a number.
        await pilot.press("b", "enter")
        await wait_for_text(pilot, "✓ It is in")
        assert names_in(place) == [f"wizard-{session.id}-2.tar.gz", bundle.name]
        await pilot.press("escape")
        await wait_until(pilot, lambda: is_shown(app, SummaryScreen))


async def test_a_place_that_cannot_be_written_is_told_at_the_field(tmp_path: Path, frame: Frame) -> None:
    """The reason and the way out, with what was written still there; corrected, it is made."""
    session = done_session(tmp_path / "done")
    there = tmp_path / "there.tar.gz"
    there.write_text("mine", encoding="utf-8")
    app = OneScreen(BundleDialog(session.id))
    with chdir("/"):
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for_text(pilot, "it goes into /.")
            frame(app)
            await pilot.press("ctrl+u", *str(there), "enter")
            await wait_for_text(pilot, "is there already")
            await wait_for_text(pilot, "Nothing is overwritten; name another file.")
            await pilot.press("2", "enter")
            await wait_for_text(pilot, "✓ It is in")
    assert there.read_text() == "mine"
    with tarfile.open(f"{there}2") as opened:
        assert f"{session.id}/report.md" in opened.getnames()


async def test_going_back_while_it_is_made_leaves_nothing(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far it is stands there, and escape ends it; half a bundle is no bundle."""
    session = done_session(tmp_path / "done")
    # What cannot be made smaller is written piece by piece.
    (session.attempts / "0001-01" / "output").write_bytes(os.urandom(OUTPUT_CAP))
    went_back = threading.Event()

    def in_its_time(*what: Any, going_on: Callable[[int, int], bool]) -> BundleMade:
        def half_way(done: int, of: int) -> bool:
            goes_on = going_on(done, of)
            return goes_on if done < OUTPUT_CAP // 2 else went_back.wait(60) and going_on(done, of)

        return session_bundle(*what, going_on=half_way)

    monkeypatch.setattr(bundle, "session_bundle", in_its_time)
    app = OneScreen(BundleDialog(session.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, f"wizard-{session.id}.tar.gz")
        await pilot.press("enter")
        await wait_until(pilot, lambda: any("Making it … " in line for line in lines_of(app)))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.dismissed)
        went_back.set()
        await app.workers.wait_for_complete()
    assert names_in(place) == []


async def test_at_home_a_session_can_be_bundled_also_one_that_cannot_be_read(tmp_path: Path, place: Path) -> None:
    """By its key, or from the list of all that can be done; nothing else can be done with a damaged one."""
    session = failed_session(tmp_path / "failed")
    app = OneScreen(HomeScreen())
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, session.id)
        await pilot.press("b")
        await wait_for_text(pilot, f"Bundle of {session.id}")
        await pilot.press("escape")
        await wait_until(pilot, lambda: is_shown(app, HomeScreen))
        (session.folder / "session.json").write_text("{", encoding="utf-8")
        await pilot.press("f5")
        await wait_for_text(pilot, "cannot be read")
        await pilot.press("enter")
        await wait_for_text(pilot, "b  Bundle")
        await pilot.press("enter", "enter")
        await wait_for_text(pilot, "✓ It is in")
        await framed_in(pilot, "cannot be read as one")
    assert names_in(place) == [f"wizard-{session.id}.tar.gz"]


async def test_whoever_looks_on_can_make_one_while_another_drives(tmp_path: Path, place: Path) -> None:
    """The run is not disturbed, and nothing is written into its folder."""
    journey = upgrade(tmp_path)
    session = begun(journey)
    with Driver(journey, "migrate"):
        screen = WatchScreen(session)
        app = OneScreen(screen)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: screen.view.session_view.now == "1/work/migrate")
            before = journey.folder.joinpath("journal.jsonl").read_bytes()
            await pilot.press("B")
            await wait_for_text(pilot, f"Bundle of {session}")
            await pilot.press("enter")
            await wait_for_text(pilot, "✓ It is in")
            await framed_in(pilot, "Somebody drove it while this was made")
            assert journey.folder.joinpath("journal.jsonl").read_bytes() == before
    with tarfile.open(place / f"wizard-{session}.tar.gz") as opened:
        file = opened.extractfile(f"{session}/journal.jsonl")
        assert file is not None
        assert file.read() == before


def failing(place: Path) -> Journey:
    """A run that comes to a step that fails."""
    place.mkdir()
    return Journey(place, guide(phase(step("two", "exit 3", folder=str(place.parent)))))


async def test_the_card_of_a_failed_step_comes_back_with_the_path(tmp_path: Path, place: Path) -> None:
    """Making one from the card leaves the journal that stopping alone leaves; the path is read before anything else."""
    without = failing(tmp_path / "without")
    begun(without)
    without.resume(ScriptedOperator({"failed:two": "stop"}))
    expected = normal(without.entries, store().open().id)
    journey = failing(tmp_path / "with")
    session = begun(journey)
    async with driven() as (app, pilot, screen):
        card = await card_open(pilot, screen)
        await wait_for_text(pilot, "Make a bundle for support, and come back here")
        await pilot.press("end")
        while "> " not in next(line for line in lines_of(app) if "Make a bundle" in line):
            await pilot.press("down")
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.view.card is not card and screen.view.card is not None)
        await card_open(pilot, screen)
        bundle = place / f"wizard-{session}.tar.gz"
        assert whole(f"The bundle for support is in {bundle} (") in framed(app)
        while "> " not in next(line for line in lines_of(app) if "Stop here" in line):
            await pilot.press("down")
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
    assert difference(expected, normal(journey.entries, session)) == ""
    assert names_in(place) == [bundle.name]
