"""The walk as its driver sees it: by keys, with the real engine, requests beside the terminal, ways to look back."""

from __future__ import annotations

import re
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from screens.app import WizardApp
from screens.quiet import STOOD_STILL
from screens.summary import SummaryScreen
from screens.walk import WalkScreen
from screens.watch import WatchScreen
from screens.widgets.card_base import Card
from screens.widgets.loop_table import LoopTable
from screens.widgets.run_header import RunHeader, Ticking, WayBack
from screens.widgets.wait_view import WaitView
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.screens.frames import OneScreen, lines_of, text_of, wait_for_text, wait_until
from tests.screens.walking import ENVIRON, begun, card_open, driven, upgrade
from wizard.assemble import Resume, leave_note, undo_session
from wizard.errors import ExitCode
from wizard.run.operator import ConfirmRequest
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.screens.conftest import Frame


async def test_a_run_is_driven_by_keys_alone(tmp_path: Path) -> None:
    """Cards are answered beside the terminal, which shows what the commands print; the run comes to its end."""
    journey = upgrade(tmp_path)
    begun(journey)
    async with driven() as (app, pilot, screen):
        card = await card_open(pilot, screen)
        assert isinstance(card.requested.request, ConfirmRequest)
        assert card.requested.request.id == "migrate"
        await wait_for_text(pilot, "Output of 1.2 Stop: ended with exit 0")
        await wait_until(pilot, lambda: "stopped" in lines_of(app))
        await pilot.press("y", "enter", "down", "enter")
        await wait_until(pilot, lambda: screen.view.card is not card)
        look = await card_open(pilot, screen)
        assert isinstance(look.requested.request, ConfirmRequest)
        assert look.requested.request.id == "look"
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
    assert journey.state.word is SessionState.DONE
    assert app.last_code is ExitCode.DONE


async def test_the_header_tells_phase_impact_way_back_and_outage(tmp_path: Path) -> None:
    """At 80x24 they are all there, and the clock of the outage ticks only while there is one."""
    begun(upgrade(tmp_path))
    async with driven() as (_, pilot, screen):
        await card_open(pilot, screen)
        await wait_for_text(pilot, "OUTAGE 0:")
        head = "\n".join(lines_of(pilot.app)[:5])
        assert "Stockroom 1.0 → 2.0" in head
        assert "you drive" in head
        assert "Phase 1 Update to 2.0: can be undone" in head
        assert "from 1.3 (Migrate) on only the backup brings" in head
        assert clock_runs(screen)
        await pilot.press("y", "enter", "down", "enter")
        await wait_for_text(pilot, "outage was")
        assert not clock_runs(screen)
        assert "You can go back only by the backup (made in 1.1)" in text_of(pilot.app)


async def test_long_names_never_push_out_what_is_said_of_them(tmp_path: Path) -> None:
    """Product, phase and step give way: versions, impact and how the command ended stand at the end of their lines."""
    long = "which brings the data of every branch office into the new store, one after the other"
    made = {**step("count", "echo counted"), "title": f"Count {long}"}
    work = phase(made, step("look", confirm="So?"), title=f"Work {long}", impact="reversible")
    begun(Journey(tmp_path, guide(work, product=f"Stockroom {long}")))
    async with driven() as (app, pilot, screen):
        await card_open(pilot, screen)
        await wait_until(pilot, lambda: any(one.endswith("…: ended with exit 0") for one in lines_of(app)))
        first, second, *_ = lines_of(app)
        assert "… 1.0 → 2.0 " in first
        assert first.endswith("you drive")
        assert second.endswith("…: can be undone")


async def test_a_long_way_back_is_shown_by_codes_and_in_full_by_a_key(tmp_path: Path) -> None:
    """Two lines of 80 columns hold what matters of it, and no half of it; m shows all, and m closes that again."""
    long = "of every branch office and of all that hangs together with it"
    kept = [{**step(f"keep-{n}", "true", rerun="safe"), "title": f"Sort the records {long}"} for n in (1, 2)]
    kept[0]["makes"] = "backup"
    drop = {**step("drop", "true", impact="irreversible", rerun="safe"), "title": f"Drop the old tables {long}"}
    begun(Journey(tmp_path, guide(phase(*kept, step("look", confirm="So?"), drop, impact="reversible"))))
    async with driven() as (app, pilot, screen):
        await card_open(pilot, screen)
        await wait_for_text(pilot, "You can go back until 1.4; what 1.2 did has no undo.")
        assert "Drop the old tables" not in "\n".join(lines_of(app)[:4])
        await pilot.press("m")
        await wait_until(pilot, lambda: f"1.4 (Drop the old tables {long})" in " ".join(text_of(app).split()))
        await pilot.press("m")
        await wait_until(pilot, lambda: "Drop the old tables" not in "\n".join(lines_of(app)[:5]))
        # Shared on a screen the codes stand in the large line, and the same key shows and closes the rest.
        await pilot.press("w")
        await wait_for_text(pilot, "you can go back until 1.4; what 1.2 did has no undo")
        await pilot.press("m")
        await wait_until(pilot, lambda: f"1.4 (Drop the old tables {long})" in " ".join(text_of(app).split()))
        await pilot.press("m")
        await wait_until(pilot, lambda: not screen.view.query_one(WayBack).display)


def clock_runs(screen: WalkScreen) -> bool:
    """Whether the clock of the outage ticks."""
    return screen.view.query_one(RunHeader).query_one(Ticking).ticking


async def test_an_earlier_step_is_read_while_a_card_waits(tmp_path: Path, frame: Frame) -> None:
    """Its words and its output come from the disk; the card waits in a line, and one key brings it back."""
    begun(upgrade(tmp_path))
    async with driven() as (app, pilot, screen):
        await card_open(pilot, screen)
        await pilot.press("y", "enter", "down", "enter")
        await wait_until(pilot, lambda: screen.view.session_view.now.endswith("/look"))
        card = await card_open(pilot, screen)
        await wait_until(pilot, lambda: "on" in lines_of(app))
        frame(app, name="card")
        await pilot.press("[", "[")
        await wait_for_text(pilot, "Output of 1.3 Migrate: ended with exit 0")
        await wait_for_text(pilot, "error: odd\n")
        assert "A question waits: " in text_of(app)
        assert "the run stands at 1.5" in text_of(app)
        frame(app, name="back")
        await pilot.press("e")
        await wait_until(pilot, lambda: screen.view.pane is not None and screen.view.pane.scrolled_back)
        await pilot.press("0")
        await wait_until(pilot, lambda: card.region.area > 0)
        assert not screen.view.away
        await wait_until(pilot, lambda: card.open)


async def test_a_card_gives_way_to_the_output_where_there_is_little_room(tmp_path: Path) -> None:
    """In 24 lines tab, or a key of the output, gives it the card's place; tab and 0 bring the card back."""
    begun(upgrade(tmp_path))
    async with driven() as (app, pilot, screen):
        card = await card_open(pilot, screen)
        await wait_until(pilot, lambda: screen.view.pane is not None)
        pane = screen.view.pane
        assert pane is not None
        for back in ("tab", "0"):
            await pilot.press("slash" if back == "0" else "tab")
            await wait_until(pilot, lambda: card.region.area == 0 and pane.size.height > 8)
            assert "A question waits: " in text_of(app)
            await pilot.press(*(["escape"] if back == "0" else []), back)
            await wait_until(pilot, lambda: card.region.area > 0 and card.open)
        assert not card.requested.answered


async def test_a_card_takes_no_key_that_was_pressed_while_everything_stood_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time it waits for quiet is over when the machine goes on, and the keys come only then."""
    begun(upgrade(tmp_path))
    async with driven() as (_, pilot, screen):
        card = await card_open(pilot, screen)
        card.come_back()
        monkeypatch.setattr(Card, "QUIET", 60.0)  # However long the keys are on their way, they come before that.
        time.sleep(0.1 + STOOD_STILL)  # noqa: ASYNC251 - nothing may go on meanwhile
        await pilot.press("y", "enter", "down", "enter")
        assert not card.open
        assert not card.requested.answered


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_panel_that_is_closed_by_its_own_key_gives_the_keys_back_to_the_card(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """After a look at the log or the steps the replies work again, without a word about how to get there."""
    begun(upgrade(tmp_path))
    async with driven(size) as (_, pilot, screen):
        card = await card_open(pilot, screen)
        keys = ["l"] if size[0] > 100 else ["l", "a"]
        for key in keys:
            await pilot.press(key)
            await wait_until(pilot, lambda: not card.has_focus_within)
            await pilot.press(key)
            await wait_until(pilot, lambda: card.has_focus_within and card.open)
        await pilot.press("2")
        await wait_for_text(pilot, "> 2 ")


async def test_tab_goes_from_part_to_part(tmp_path: Path) -> None:
    """Steps, words, card and terminal take their turns in a wide terminal; nothing is answered by it."""
    begun(upgrade(tmp_path))
    async with driven((120, 40)) as (_, pilot, screen):
        card = await card_open(pilot, screen)
        view = screen.view
        await wait_until(pilot, lambda: view.pane is not None)
        assert view.pane is not None
        order = []
        for _ in range(4):
            await pilot.press("tab")
            parts = {"steps": view.steps, "words": view.panels, "card": card, "terminal": view.pane}
            order.append(next(name for name, part in parts.items() if part.has_focus or part.has_focus_within))
        assert order == ["terminal", "steps", "words", "card"]
        assert not card.requested.answered


async def test_the_list_of_steps_takes_little_room_until_it_is_wanted(tmp_path: Path) -> None:
    """Below 100 columns the steps are one line; a shows them all, and enter reads one."""
    begun(upgrade(tmp_path))
    async with driven() as (_, pilot, screen):
        await card_open(pilot, screen)
        view = screen.view
        assert not view.steps.region.area
        strip = re.compile(r"✓1\.1 ✓1\.2 \[▶1\.3\] 1\.4 1\.5 .*step 3 of 5")
        await wait_until(pilot, lambda: any(strip.search(line) for line in lines_of(pilot.app)))
        await pilot.press("tab", "a")
        await wait_until(pilot, lambda: view.steps.region.area)
        await wait_for_text(pilot, "1.4 Start")
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: not view.steps.region.area)
        assert view.shown == "1/work/start"
        await wait_for_text(pilot, "$ echo on")


async def test_what_is_searched_for_is_typed_into_the_search_wherever_the_keys_were(tmp_path: Path) -> None:
    """The search takes the keys also where the words of an earlier step had them: none of them does anything else."""
    begun(upgrade(tmp_path))
    async with driven() as (_, pilot, screen):
        await card_open(pilot, screen)
        await pilot.press("left_square_bracket")
        await pilot.press("left_square_bracket")
        await wait_for_text(pilot, "Output of 1.1 Count: ended with exit 0")
        await wait_until(pilot, lambda: screen.view.words.has_focus)
        await pilot.press("slash", *"0now")
        await wait_for_text(pilot, "search: 0now")
        assert screen.view.away


async def test_a_note_of_a_watcher_is_put_before_the_eyes_of_whoever_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes while the card is open, as it is, and stays in sight until a reply that came after it could be read."""
    monkeypatch.setattr("screens.requests.GLANCE_EVERY", 0.05)
    monkeypatch.setattr("screens.conductor.HEARD_AFTER", 0.0)
    steps = step("ask", confirm="So?"), step("slow", "sleep 0.2"), step("end", confirm="Over?")
    begun(Journey(tmp_path, guide(phase(*steps))))
    async with driven() as (app, pilot, screen):
        card = await card_open(pilot, screen)
        leave_note(None, "the [red]wrong[/red] host")
        await wait_for_text(pilot, ": the [red]wrong[/red] host")
        assert screen.view.card is card
        assert lines_of(app)[0].strip().startswith("! A note of ")
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: isinstance(screen.view.card, Card) and screen.view.card is not card)
        assert "the [red]wrong[/red] host" not in text_of(app)


async def test_a_note_is_not_taken_for_read_by_a_reply_that_came_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who had the finger on the key already sees it beside the next question, and over what hides that."""
    monkeypatch.setattr("screens.requests.GLANCE_EVERY", 0.05)
    monkeypatch.setattr("screens.conductor.HEARD_AFTER", 3600.0)
    begun(Journey(tmp_path, guide(phase(step("ask", confirm="So?"), step("end", confirm="Over?")))))
    async with driven(notifications=True) as (app, pilot, screen):
        card = await card_open(pilot, screen)
        leave_note(None, "not yet")
        await wait_for_text(pilot, ": not yet")
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: isinstance(screen.view.card, Card) and screen.view.card is not card)
        await card_open(pilot, screen)
        assert ": not yet" in text_of(app)
        await pilot.press("p")
        await wait_until(pilot, lambda: app.screen is not screen)
        leave_note(None, "read the plan to its end")
        await wait_for_text(pilot, "A note of a watcher")
        await pilot.press("escape")
        await wait_for_text(pilot, ": read the plan to its end")
        newest, before = lines_of(app)[:2]
        assert "read the plan" in newest
        assert "not yet" in before


async def test_a_card_is_never_hidden_behind_the_list_of_steps(tmp_path: Path) -> None:
    """Where the list takes all the room it steps back for a card: no key is typed into lines that nobody sees."""
    go = tmp_path / "go"
    asks = step("asks", confirm={"say": "Is it so?", "record": [{"id": "ticket", "label": "Ticket"}]})
    begun(Journey(tmp_path, guide(phase(step("slow", f"until test -e {go}; do sleep 0.05; done"), asks))))
    async with driven() as (app, pilot, screen):
        await wait_for_text(pilot, "Output of 1.1 Slow: running")
        await pilot.press("a")
        await wait_until(pilot, lambda: screen.view.steps.has_focus)
        go.touch()
        card = await card_open(pilot, screen)
        await wait_until(pilot, lambda: card.region.area > 0 and card.has_focus_within)
        assert not screen.view.steps.region.area
        assert "Is it so?" in text_of(app)


async def test_what_happened_can_be_looked_back_at(tmp_path: Path) -> None:
    """The log has what the journal says and what was only told, in the order it came."""
    journey = Journey(
        tmp_path,
        guide(
            phase(
                step("fine", check=[{"title": "All is well", "expr": "1 == 1"}]),
                step("text", say="Mind the gap."),
                step("sure", confirm="Really?"),
            )
        ),
    )
    begun(journey)
    async with driven((120, 40)) as (_, pilot, screen):
        await card_open(pilot, screen)
        await pilot.press("tab", "l")
        await wait_for_text(pilot, "1.2 Text: done")
        text = text_of(pilot.app)
        places = [
            text.index(words) for words in ("1.1 Fine: began", "OK All is well", "Mind the gap.", "1.3 Sure: began")
        ]
        assert places == sorted(places)


async def test_a_step_that_takes_longer_than_usual_says_so_untouched(tmp_path: Path) -> None:
    """Nobody presses anything, and the words come while the command runs."""
    slow = "until test -e end; do sleep 0.05; done"
    begun(upgrade(tmp_path, migrate=slow, takes="1s"))
    async with driven() as (_, pilot, screen):
        await card_open(pilot, screen)
        await pilot.press("y", "enter", "down", "enter")
        await wait_for_text(pilot, "! 1.3: It takes longer than usual (usually 1 s).")
        await wait_until(pilot, lambda: re.search(r"Output of 1\.3 Migrate: running \d+:\d\d", text_of(pilot.app)))
        (tmp_path / "end").touch()
        await wait_until(pilot, lambda: screen.view.session_view.now.endswith("/look"))
        assert "longer than usual" not in text_of(pilot.app)


async def test_a_wait_shows_what_was_seen_and_goes_away_when_it_is_over(tmp_path: Path) -> None:
    """What is waited for stands where cards stand; it is replaced by what comes next."""
    ready = tmp_path / "ready"
    wait = {"until": [{"title": "It is ready", "file": str(ready)}], "every": "100ms", "at_most": "60s"}
    begun(Journey(tmp_path, guide(phase(step("ready", wait=wait), step("sure", confirm="Really?")))))
    async with driven() as (_, pilot, screen):
        await wait_until(pilot, lambda: isinstance(screen.view.card, WaitView))
        await wait_for_text(pilot, "Last seen: It is ready")
        await wait_for_text(pilot, "at most 1 min")
        ready.touch()
        await card_open(pilot, screen)


async def test_a_loop_shows_its_items(tmp_path: Path) -> None:
    """How far it is stands with the words; i shows each item with where it stands, and only then rows are made."""
    nodes = {"nodes": {"match": r"node (\S+)", "all": True}}
    journey = Journey(
        tmp_path,
        guide(
            phase(
                step("list", "printf 'node %s\\n' red blue green", capture=nodes, rerun="safe"),
                step("roll", for_each={"node": "captured.nodes"}, steps=[
                    step("drain", ["echo", "${{ node }}"], rerun="safe"), step("sure", confirm="Is ${{ node }} well?"),
                ]),
            )
        ),
    )  # fmt: skip
    begun(journey)
    async with driven() as (_, pilot, screen):
        first = await card_open(pilot, screen)
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: screen.view.card is not first)
        await card_open(pilot, screen)
        assert not screen.view.query_one(LoopTable).rows.rows
        await pilot.press("tab", "i")
        await wait_for_text(pilot, "1.2 Roll: 1 of 3 done")
        lines = lines_of(pilot.app)
        assert any("✓ red    done" in line for line in lines)
        assert any("▶ blue   running" in line for line in lines)
        assert any("  green  to come" in line for line in lines)


async def test_a_rehearsal_cannot_be_mistaken(tmp_path: Path, frame: Frame) -> None:
    """The header says that nothing is changed, every step says that it is only shown, and nothing looks done."""
    journey = upgrade(tmp_path)
    journey.begin(ScriptedOperator(), rehearse=True)
    screen = WatchScreen(journey.folder.name)
    app = OneScreen(screen)
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for_text(pilot, "REHEARSAL, nothing is changed")
        await wait_for_text(pilot, "Nobody drives any more: the run is rehearsed.")
        screen.view.look_at("1/work/migrate")
        await wait_for_text(pilot, "Rehearsal: it is shown, and nothing of it is done.")
        frame(app)


async def test_an_undo_cannot_be_mistaken(tmp_path: Path, frame: Frame) -> None:
    """The header says what is being undone, and the step of the undo stands below what it takes back."""
    journey = upgrade(tmp_path)
    journey.begin(ScriptedOperator({"look": False, "failed:look": "stop"}))
    job = partial(undo_session, Resume(None), step="migrate", phase=None)
    app = WizardApp(job, ENVIRON)
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, WalkScreen))
        screen = app.screen
        assert isinstance(screen, WalkScreen)
        await card_open(pilot, screen)
        await wait_for_text(pilot, "Undo 1.3 Migrate?")
        await pilot.press("y", "enter")
        await wait_for_text(pilot, "UNDOING 1.3 Migrate")
        await card_open(pilot, screen)
        await wait_for_text(pilot, "1.3u.1 undo: Restore")
        await wait_until(pilot, lambda: any(line.endswith("▕on") for line in lines_of(app)))
        frame(app)
        await card_open(pilot, screen)
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
    watching = WatchScreen(journey.folder.name)
    late = OneScreen(watching)
    async with late.run_test(size=(120, 40)) as pilot:
        await wait_for_text(pilot, "undone")
        assert any("↶ 1.3 Migrate" in line for line in lines_of(late))
        assert any("1.3u.1 undo: Restore" in line for line in lines_of(late))
        watching.view.look_at("undo/1/work/migrate/restore")
        await wait_for_text(pilot, "UNDO 1.3u")
        await wait_for_text(pilot, "restored")


async def test_sharing_shows_where_the_run_stands_in_large(tmp_path: Path) -> None:
    """W puts the step and its state into a line of its own, and everything else stays where it can be read."""
    begun(upgrade(tmp_path))
    async with driven() as (app, pilot, screen):
        await card_open(pilot, screen)
        await pilot.press("tab", "w")
        await wait_until(pilot, lambda: app.presenting)
        await wait_until(pilot, lambda: screen.view.query_one("StatusLine").region.height == 3)
        await wait_for_text(pilot, "waits for a word: 1.3 Migrate")


async def test_what_goes_on_beside_the_walk_is_followed_while_a_card_waits(tmp_path: Path) -> None:
    """What a background command prints is shown as it comes, and its end as well, before anybody gives a word."""
    go, ready = tmp_path / "go", tmp_path / "ready"
    over = tmp_path / "over"
    words = f"echo early; touch {ready}; while [ ! -e {go} ]; do sleep 0.05; done; echo late"
    words += f"; until [ -e {over} ]; do sleep 0.05; done; exit 5"
    beside = step("beside", words, background=True, ready_when=[{"file": str(ready)}], until="last", rerun="safe")
    begun(Journey(tmp_path, guide(phase(beside, step("look", confirm="So?"), step("last", "echo last")))))
    async with driven() as (app, pilot, screen):
        await card_open(pilot, screen)
        await wait_until(pilot, lambda: "early" in lines_of(app))
        assert "late" not in lines_of(app)
        go.touch()
        await wait_until(pilot, lambda: "late" in lines_of(app))
        await wait_for_text(pilot, "running beside the walk")
        await wait_for_text(pilot, "& Runs beside: 1.1 Beside")
        over.touch()
        await wait_for_text(pilot, "! Ended beside, decided about next: 1.1 Beside")
        await wait_for_text(pilot, "Output of 1.1 Beside: has ended")
        assert "Runs beside" not in text_of(app)


async def test_a_warning_is_seen_although_a_card_stands_where_the_words_are(tmp_path: Path) -> None:
    """On 80x24: why a word was not taken stands above the card that asks again, until the next reply."""
    refused = step("count", "exit 1", rerun="safe", done_when=[{"file": str(tmp_path / "there")}])
    begun(Journey(tmp_path, guide(phase(refused, step("last", "echo last")))))
    async with driven() as (_, pilot, screen):
        card = await card_open(pilot, screen)
        await pilot.press("2", "enter", *"so", "down", "down", "enter")
        await wait_until(pilot, lambda: screen.view.card is not card)
        again = await card_open(pilot, screen)
        await wait_for_text(pilot, "! Its own check says that it is not done, so it cannot be marked done.")
        await pilot.press("1", "enter")
        await wait_until(pilot, lambda: screen.view.card is not again)
        await card_open(pilot, screen)
        assert "so it cannot be marked done" not in text_of(pilot.app)


async def test_what_fails_beside_the_work_is_seen_while_something_else_goes_on(tmp_path: Path) -> None:
    """A check that is kept asking begins to fail in a wait: it says so at once, and no more once it holds again."""
    there, ready = tmp_path / "there", tmp_path / "ready"
    wait = {"until": [{"title": "Ready", "file": str(ready)}], "every": "1s", "at_most": "1h"}
    work = phase(step("wait", wait=wait), keep_checking=[{"title": "It answers", "file": str(there)}])
    begun(Journey(tmp_path, guide(work)))
    async with driven() as (app, pilot, _):
        await wait_for_text(pilot, "! “It answers” fails beside the work: nothing is there")
        there.touch()
        await wait_until(pilot, lambda: "fails beside the work" not in text_of(app), seconds=20.0)
        ready.touch()
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
