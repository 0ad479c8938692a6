"""Looking on: the same as the driver is shown, from the folder alone, live, and with nothing written into it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from screens.dialogs.sure import SureDialog
from screens.walk import WalkScreen
from screens.watch import WatchScreen
from screens.widgets.monitor_view import MonitorView
from screens.widgets.run_header import RunHeader, Ticking
from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from tests.screens.frames import OneScreen, lines_of, text_of, wait_for_text, wait_until
from tests.screens.looking import may_be_answered
from tests.screens.walking import Driver, begun, upgrade
from wizard.assemble import leave_note
from wizard.errors import Gone
from wizard.run.following import LOOK_AROUND, Follower
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from screens.widgets.walk_view import WalkView


def what_is_shown(view: WalkView) -> dict[str, Any]:
    """All that a view of a run shows, but for who drives."""
    pane = view.pane
    return {
        "steps": tuple(view.steps.rows),
        "words": view.words.lines,
        "header": [words for words in view.query_one(RunHeader).said if "drive" not in words],
        "output": pane.live.lines() if pane is not None else [],
        "of": view.query_one("#walk-output-of", Ticking).said,
        "strip": view.strip,
        "status": view.session_view.statuses,
    }


async def shown_by(screen: WalkScreen | WatchScreen, now: str, size: tuple[int, int], words: str) -> dict[str, Any]:
    """What a screen shows of the session once it has come to a step."""
    app = OneScreen(screen)
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: screen.view.session_view.now == now)
        await wait_for_text(pilot, words)
        await wait_until(pilot, lambda: "stopped" in " ".join(what_is_shown(screen.view)["output"]))
        return what_is_shown(screen.view)


async def test_whoever_looks_on_is_shown_what_the_driver_is_shown(tmp_path: Path) -> None:
    """Steps, words, header, output and its heading are the same, at both sizes, while somebody drives."""
    journey = upgrade(tmp_path)
    session = begun(journey)
    with Driver(journey, "migrate"):
        for size in ((80, 24), (120, 40)):
            driving = await shown_by(WalkScreen(session), "1/work/migrate", size, "Output of 1.2")
            watching = await shown_by(WatchScreen(session), "1/work/migrate", size, "Output of 1.2")
            for part, seen in driving.items():
                assert watching[part] == seen, part
            assert driving["output"][0].strip() == "stopped"


async def test_whoever_looks_on_sees_what_a_monitor_sees_and_what_was_told(tmp_path: Path) -> None:
    """Graphs begin with the looks of the driver before, at 80x24; checks and changes stand in the log and the words."""
    file, log = tmp_path / "app.env", tmp_path / "app.log"
    file.write_text("PORT=1\n", encoding="utf-8")
    log.touch()
    limits = [{"id": "memory", "title": "Memory", "memory": {"available": "1 MB"}}]
    monitor = {"for": "1h", "every": "100ms", "limits": limits, "logs": [str(log)]}
    edit = step("port", edit={"file": str(file), "set": {"PORT": "2"}})
    look = step("look", check=[{"id": "there", "title": "The settings are there", "file": str(file)}])
    watch = step("watch", monitor=monitor)
    journey = Journey(tmp_path, guide(phase(edit, look, watch), defaults={"folder": str(tmp_path)}))

    def write(_: object) -> None:
        with log.open("a", encoding="utf-8") as end:
            end.write("ERROR: odd\n")

    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"pause:Watch": Turns(write, Gone)}))
    with Driver(journey, "pause:Watch", "go_on") as driver:
        screen = WatchScreen(journey.folder.name)
        app = OneScreen(screen)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for_text(pilot, "1 tells of an error")
            looks = [line for line in screen.view.query_one(MonitorView).lines() if line.startswith("     |")]
            assert len(looks) == 2
            assert len(looks[0].split("|")[1]) == 3
            assert "1 new line," in text_of(app)
            assert "OK   Memory: " in text_of(app)
            await pilot.press("l")
            await wait_for_text(pilot, "OK The settings are there")
            told = [line.text[9:].strip() for line in screen.view.log_panel.lines]
            places = [told.index(words) for words in ("1.1 Port: began", "+PORT=2", "1.2 Look: began")]
            assert places == sorted(places)
            driver.let_go()
            await wait_for_text(pilot, "Nobody drives any more: the run is done.")
            await pilot.press("0")
            screen.view.look_at("1/work/watch")
            await wait_until(
                pilot, lambda: any(line.text == "What the monitor saw" for line in screen.view.words.lines)
            )
            assert not screen.view.has_class("-monitor")


async def test_it_follows_live_and_says_when_nobody_drives_any_more(tmp_path: Path) -> None:
    """Who drives, that a word is wanted, what is done then, and the end: all without a key, and nothing is written."""
    journey = upgrade(tmp_path)
    session = begun(journey)
    with Driver(journey, "migrate") as driver:
        screen = WatchScreen(session)
        app = OneScreen(screen)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for_text(pilot, "Waits for a word of the driver: 1.3 Migrate")
            assert "drives" in lines_of(app)[0]
            driver.let_go()
            await wait_for_text(pilot, "Nobody drives any more: the run is done.")
            assert "nobody drives" in lines_of(app)[0]
            assert screen.view.session_view.word is SessionState.DONE
            before = {path: path.stat().st_mtime_ns for path in journey.folder.rglob("*")}
            await pilot.press("[", "[")
            await wait_for_text(pilot, "portion one")
            await pilot.press("q")
            await wait_until(pilot, lambda: app.dismissed)
        assert app.result is None
        assert before == {path: path.stat().st_mtime_ns for path in journey.folder.rglob("*")}


async def test_going_on_here_is_given_as_a_value(tmp_path: Path) -> None:
    """Where nobody drives r gives the session at once; where somebody does, only after a word that names them."""
    journey = upgrade(tmp_path)
    session = begun(journey)
    free = OneScreen(WatchScreen(session))
    async with free.run_test() as pilot:
        await wait_for_text(pilot, "Nobody drives: ")
        await pilot.press("r")
        await wait_until(pilot, lambda: free.dismissed)
    assert free.result == session
    with Driver(journey, "migrate"):
        held = OneScreen(WatchScreen(session))
        async with held.run_test() as pilot:
            await wait_for_text(pilot, "Waits for a word")
            await pilot.press("r")
            await wait_until(pilot, lambda: isinstance(held.screen, SureDialog))
            await pilot.press("escape")
            await wait_until(pilot, lambda: not isinstance(held.screen, SureDialog))
            assert not held.dismissed
            await pilot.press("r")
            await wait_until(pilot, lambda: may_be_answered(held))
            await pilot.press("enter")
            await wait_until(pilot, lambda: held.dismissed)
        assert held.result == session


async def test_a_session_that_is_done_is_not_gone_on_with(tmp_path: Path) -> None:
    """R is not offered and does nothing; every step can still be read."""
    journey = upgrade(tmp_path)
    journey.begin(ScriptedOperator())
    app = OneScreen(WatchScreen(journey.folder.name))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Nobody drives any more: the run is done.")
        assert "r Resume" not in text_of(app)
        await pilot.press("r")
        await pilot.pause()
        assert not app.dismissed


async def test_a_session_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    """What is wrong stands on the screen, and one can leave."""
    journey = upgrade(tmp_path)
    session = begun(journey)
    (journey.folder / "journal.jsonl").unlink()
    app = OneScreen(WatchScreen(session))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "This is not followed any more: the journal")
        await pilot.press("q")
        await wait_until(pilot, lambda: app.dismissed)


async def test_nothing_is_drawn_while_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session at rest gives no view again, although who drives was looked at meanwhile."""
    looks: list[bool] = []
    poll = Follower.poll

    def counted(follower: Follower) -> bool:
        looks.append(news := poll(follower))
        return news

    monkeypatch.setattr(Follower, "poll", counted)
    journey = upgrade(tmp_path)
    session = begun(journey)
    screen = WatchScreen(session)
    app = OneScreen(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Nobody drives: ")
        await wait_until(pilot, lambda: len(looks) >= 5 and not any(looks[-5:]))
        view, drawn, rests, began = screen.view.session_view, lines_of(app), len(looks), time.monotonic()
        await wait_until(pilot, lambda: len(looks) >= rests + 5 and time.monotonic() - began > LOOK_AROUND + 0.1)
        assert not any(looks[rests:])
        assert screen.view.session_view is view
        assert lines_of(app) == drawn


async def test_whoever_looks_on_sees_a_wait_as_the_driver_does(tmp_path: Path) -> None:
    """What was last seen, the time waited and left, counted on by itself; and nothing of it once it is over."""
    go = tmp_path / "go"
    wait = {"until": {"title": "It is there", "file": str(go)}, "every": "100ms", "usually": "1m", "at_most": "10m"}
    journey = Journey(tmp_path, guide(phase(step("join", wait=wait), step("sure", confirm="Really?"))))
    session = begun(journey)
    with Driver(journey, "pause:Join", None, sure=True) as driver:
        screen = WatchScreen(session)
        app = OneScreen(screen)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for_text(pilot, "Waiting: Join")
            shown = text_of(app)
            assert "Last seen: It is there" in shown
            assert "usually 1 min   at most 10 min" in shown
            assert "1 Do not wait" not in shown
            await wait_until(pilot, lambda: re.search(r"waited ([2-9]|\d\d) s", text_of(app)))
            go.touch()
            driver.let_go()
            await wait_for_text(pilot, "Nobody drives any more: the run is done.")
            assert "Waiting:" not in text_of(app)


async def test_whoever_looks_on_sees_that_a_note_was_taken_in(tmp_path: Path) -> None:
    """It is said once, as soon as it stands in the journal, and those of before are not said again."""
    journey = Journey(tmp_path, guide(phase(step("ask", confirm="So?"), step("end", confirm="Over?"))))
    session = begun(journey)
    leave_note(None, "an old one")
    with Driver(journey, "end") as driver:
        screen = WatchScreen(session)
        app = OneScreen(screen)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await wait_for_text(pilot, "Waits for a word of the driver: 1.2 End")
            assert "an old one" not in text_of(app)
            leave_note(None, "the other host")
            driver.glance()
            await wait_for_text(pilot, "the other host")
            driver.let_go()
