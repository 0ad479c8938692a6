"""Each kind of step as its driver sees it, by the real engine: edits, monitors, loops, what runs beside, stalls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from screens.app import WizardApp
from screens.dialogs.line import LineDialog
from screens.home_menu import OffersDialog
from screens.plan import PlanScreen
from screens.summary import SummaryScreen
from screens.walk import WalkScreen
from screens.watch import WatchScreen
from screens.widgets.background_strip import BackgroundStrip
from screens.widgets.card_base import Card
from screens.widgets.diff_view import DiffView
from screens.widgets.monitor_view import MonitorView
from screens.widgets.plan_tree import PlanTree
from screens.widgets.walk_view import WalkView
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.screens.frames import OneScreen, lines_of, text_of, wait_for_hits, wait_for_text, wait_until
from tests.screens.walking import ENVIRON, begun, card_open, driven, upgrade
from wizard.assemble import Resume, go_on
from wizard.errors import ExitCode, Gone
from wizard.plan.store import plan_from_json
from wizard.run.operator import ChoiceRequest
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot


SERVES = "touch ready; trap 'exit 0' TERM; while :; do sleep 0.05; done"


def at(place: Path, *steps: dict[str, Any]) -> Journey:
    """A journey of one phase whose commands work in `place`."""
    return Journey(place, guide(phase(*steps), defaults={"folder": str(place)}))


async def test_an_edit_shows_what_changes_before_and_after(tmp_path: Path) -> None:
    """Before the word the card holds the difference, in two colours and by signs; afterwards the step."""
    file = tmp_path / "app.env"
    file.write_text("MODE=old\nKEEP=1\n", encoding="utf-8")
    edit = step("tune", edit={"file": str(file), "set": {"MODE": "new"}}, ask_first="once")
    begun(at(tmp_path, edit, step("sure", confirm="Really?")))
    async with driven() as (_, pilot, screen):
        card = await card_open(pilot, screen)
        lines = [line.strip() for line in text_of(pilot.app).splitlines()]
        assert any(line.lstrip("│ ").startswith("-MODE=old") for line in lines)
        assert any(line.lstrip("│ ").startswith("+MODE=new") for line in lines)
        assert len(styles_of(card.query_one(DiffView), "-MODE=old", "+MODE=new")) == 2
        assert file.read_text(encoding="utf-8") == "MODE=old\nKEEP=1\n"
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: screen.view.session_view.now.endswith("/sure"))
        assert file.read_text(encoding="utf-8") == "MODE=new\nKEEP=1\n"
        await card_open(pilot, screen)
        screen.view.look_at("1/work/tune")
        await wait_until(pilot, lambda: shows(screen, "-MODE=old") and shows(screen, "+MODE=new"))
        assert shows(screen, f"Change of {file}:")


async def test_the_difference_of_an_edit_that_nobody_was_asked_about_can_be_read_afterwards(tmp_path: Path) -> None:
    """One key back, in 80x24, with both sides in their colours, for the driver and for whoever looks on."""
    file = tmp_path / "app.env"
    file.write_text("MODE=old\nKEEP=1\n", encoding="utf-8")
    edit = step("tune", edit={"file": str(file), "set": {"MODE": "new"}}, why="The new mode is quicker.")
    journey = at(tmp_path, edit, step("sure", confirm="Really?"))
    session = begun(journey)

    async def reads(pilot: Pilot[Any], view: WalkView) -> None:
        await wait_until(pilot, lambda: view.session_view.now.endswith("/sure"))
        await pilot.press("[")
        await wait_for_text(pilot, "+MODE=new")
        assert "-MODE=old" in text_of(pilot.app)
        tones = {line.text.strip(): line.tone for line in view.words.lines}
        assert (tones["-MODE=old"], tones["+MODE=new"]) == ("bad", "good")

    async with driven() as (_, pilot, screen):
        await card_open(pilot, screen)
        await reads(pilot, screen.view)
        watching = WatchScreen(session)
        async with OneScreen(watching).run_test(size=(80, 24)) as other:
            await reads(other, watching.view)


def styles_of(view: DiffView, *beginnings: str) -> set[Any]:
    """The colours of the lines that begin so."""
    found = {}
    for y in range(view.size.height):
        strip = view.render_line(y)
        for beginning in beginnings:
            if beginning in strip.text:
                found[beginning] = next(part.style.color for part in strip if part.style and beginning[:2] in part.text)
    return set(found.values())


def shows(screen: WalkScreen, beginning: str) -> bool:
    """Whether a line of the step's words begins so."""
    return any(line.text.strip().startswith(beginning) for line in screen.view.words.lines)


async def test_a_monitor_draws_load_memory_and_logs_as_they_come(tmp_path: Path) -> None:
    """Each limit and log has its graph and its numbers in words, an error in the log is marked, no output is named."""
    log = tmp_path / "app.log"
    log.touch()
    limits = [
        {"id": "load", "title": "Load", "load": {"at_most": 1000, "over": "1m"}},
        {"id": "memory", "title": "Memory", "memory": {"available": "1 MB"}},
    ]
    monitor = {"for": "60s", "every": "200ms", "limits": limits, "logs": [str(log)]}
    begun(at(tmp_path, step("before", "echo said"), step("watch", monitor=monitor)))
    async with driven((120, 40)) as (_, pilot, screen):
        await wait_until(pilot, lambda: screen.view.query_one(MonitorView).region.area)
        with log.open("a", encoding="utf-8") as file:
            file.write("all is well\nERROR: it is not\n")
        await wait_for_text(pilot, "1 tells of an error")
        await wait_until(pilot, lambda: text_of(pilot.app).count("|") >= 6)
        text = text_of(pilot.app)
        for words in ("OK   Load: ", "OK   Memory: ", "! ERROR: it is not", "Watched for"):
            assert words in text
        assert "Output of" not in text


async def test_a_monitor_that_is_gone_on_with_keeps_its_graphs_and_the_wait_leaves_them_room(tmp_path: Path) -> None:
    """At 80x24 the looks of the driver before are drawn above the wait for the next one, and both can be read."""
    limits = [{"id": "memory", "title": "Memory", "memory": {"available": "1 MB"}}]
    journey = at(tmp_path, step("watch", monitor={"for": "1h", "every": "30m", "limits": limits}))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"pause:Watch": Gone}))
    async with driven() as (_, pilot, screen):
        await wait_for_text(pilot, "Waiting: Watch")

        def looks_drawn() -> list[int]:
            graphs = [line for line in screen.view.query_one(MonitorView).lines() if line.startswith("     |")]
            return [len(line.split("|")[1]) for line in graphs]

        await wait_until(pilot, lambda: looks_drawn() == [2])
        await wait_for_text(pilot, "OK   Memory: ")
        assert "Leave the wizard" in text_of(pilot.app)


async def test_a_command_that_is_typed_into_has_the_room_that_its_menus_need(tmp_path: Path) -> None:
    """At 80x24 the words give way to its terminal while it runs, and come back behind it; the first ones stay."""
    begun(at(tmp_path, step("menu", "read -r word", terminal=True), step("look", confirm="And now?")))
    async with driven() as (_, pilot, screen):
        await wait_for_text(pilot, "t types into the command")
        await wait_until(pilot, lambda: screen.view.pane is not None and screen.view.pane.live.size.height >= 12)
        assert "1.1 Menu" in text_of(pilot.app)
        await pilot.press("t", "x", "enter")
        await card_open(pilot, screen)
        assert not screen.view.has_class("-types")


async def test_the_ways_out_of_a_wait_are_reached_by_their_digits_and_by_tab(tmp_path: Path) -> None:
    """A wait takes no keys away, so its digits work from anywhere; a dangerous way is asked about once more."""
    wait = {"until": [{"file": str(tmp_path / "come")}], "every": "50ms", "at_most": "1h"}
    begun(at(tmp_path, step("wait", wait=wait), step("look", confirm="And now?")))
    async with driven() as (_, pilot, screen):
        await wait_for_text(pilot, "1 ! Do not wait any longer")
        assert "> 1 ! Do not wait any longer" not in text_of(pilot.app)
        await pilot.press("tab")
        await wait_for_text(pilot, "> 1 ! Do not wait any longer")
        screen.view.words.focus()
        await pilot.press("3")
        await wait_for_text(pilot, "> 3 ! Stop here")
        await pilot.press("1", "enter")
        await wait_for_text(pilot, "> 1 Back; nothing is done")
        await pilot.press("2", "enter")
        card = await card_open(pilot, screen)
        await wait_for_text(pilot, "did not wait any longer")
        assert isinstance(card.requested.request, ChoiceRequest)


async def test_what_runs_beside_and_what_is_owed_stand_in_a_strip(tmp_path: Path) -> None:
    """While a command runs beside the walk, or a setting is to be taken back, one line says so; then it goes."""
    serve = step("serve", SERVES, background=True, ready_when=[{"file": str(tmp_path / "ready")}], until="phase")
    hold = step("hold", "echo on", temporary=True, rerun="safe", undo=[step("release", "echo off", rerun="safe")])
    last = {"id": "last", "title": "Last", "steps": [step("look", confirm="And now?")]}
    parts = guide(phase(serve, hold, step("sure", confirm="Really?")), last, defaults={"folder": str(tmp_path)})
    begun(Journey(tmp_path, parts))
    async with driven() as (_, pilot, screen):
        first = await card_open(pilot, screen)
        await wait_for_text(pilot, "& Runs beside: 1.1 Serve   Owed: 1.2 set back: Hold")
        assert screen.view.query_one(BackgroundStrip).region.height == 1
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: screen.view.card is not first)
        await card_open(pilot, screen)
        await wait_until(pilot, lambda: "Runs beside" not in text_of(pilot.app))
        assert "Owed:" not in text_of(pilot.app)


async def test_what_ends_beside_a_card_is_said_above_it_until_a_reply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strip and note say so while the card is open; the reply takes the note out of sight and the decision comes."""
    monkeypatch.setattr("screens.requests.GLANCE_EVERY", 0.05)
    monkeypatch.setattr("screens.conductor.HEARD_AFTER", 0.0)
    dies = "touch ready; until test -e go; do sleep 0.05; done; exit 7"
    serve = step("serve", dies, background=True, ready_when=[{"file": str(tmp_path / "ready")}], until="phase")
    steps = serve, step("sure", confirm="Really?"), step("end", confirm="Over?")
    begun(Journey(tmp_path, guide(phase(*steps), defaults={"folder": str(tmp_path)})))
    async with driven() as (app, pilot, screen):
        card = await card_open(pilot, screen)
        (tmp_path / "go").touch()
        await wait_for_text(pilot, "! 1.1 Serve, which runs beside the steps, is not running any more")
        await wait_for_text(pilot, "! Ended beside, decided about next: 1.1 Serve")
        assert lines_of(app)[0].strip().startswith("! 1.1 Serve, which runs beside the steps")
        assert text_of(app).count("which runs beside the steps") == 1
        assert screen.view.card is card
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: screen.view.card is not card and screen.view.card is not None)
        await wait_for_text(pilot, "although nothing asked it to")
        await wait_until(pilot, lambda: not lines_of(app)[0].strip().startswith("! 1.1 Serve"))


async def test_what_is_owed_is_named_first_when_a_run_is_gone_on_with(tmp_path: Path) -> None:
    """Whoever resumes reads what still stands with the first step, without looking for it in the log."""
    hold = step("hold", "echo on", temporary=True, rerun="safe", undo=[step("release", "echo off", rerun="safe")])
    journey = at(tmp_path, hold, step("sure", confirm="Really?"), step("look", confirm="And now?"))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": Gone}))
    async with driven((120, 40)) as (_, pilot, screen):
        card = await card_open(pilot, screen)
        await wait_for_text(pilot, "Still owed: 1.1 set back: Hold")
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: screen.view.card is not card)
        await card_open(pilot, screen)
        await wait_until(pilot, lambda: not shows(screen, "Still owed:"))
        assert "Owed: 1.1 set back: Hold" in text_of(pilot.app)


@pytest.mark.parametrize(
    ("prints", "stall", "words"),
    [
        ("for one in 1 2 3 4; do echo again; done", {"line": "again", "times": 3}, "the same thing 4 times"),
        ("echo once", {"silence": "300ms"}, "It has printed nothing for"),
    ],
    ids=["repeats", "silent"],
)
async def test_a_command_that_is_silent_or_repeats_itself_is_noticed_untouched(
    tmp_path: Path, prints: str, stall: dict[str, Any], words: str
) -> None:
    """The card comes by itself with what is odd; going on waiting keeps the command, which comes to its end."""
    begun(at(tmp_path, step("slow", f"{prints}; until test -e end; do sleep 0.05; done", stall=stall, rerun="safe")))
    async with driven() as (app, pilot, screen):
        card = await card_open(pilot, screen)
        request = card.requested.request
        assert isinstance(request, ChoiceRequest)
        assert words in request.text
        await wait_until(pilot, lambda: words in " ".join(text_of(app).split()))
        place = [choice.key for choice in request.choices].index("wait")
        await pilot.press(str(place + 1), "enter")
        await wait_until(pilot, lambda: card.requested.answered)
        assert not card.requested.withdrawn
        # Whoever waits on may be asked again by now; with the end of the command nothing is left to decide.
        (tmp_path / "end").touch()
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen), 20)


async def test_batches_of_a_loop_stand_over_their_items(tmp_path: Path) -> None:
    """The table has a heading for each batch, and says which one is worked on."""
    nodes = {"nodes": {"match": r"node (\S+)", "all": True}}
    inside = [step("drain", ["echo", "${{ node }}"], rerun="safe"), step("sure", confirm="Is ${{ node }} well?")]
    begun(
        at(
            tmp_path,
            step("list", "printf 'node %s\\n' red blue green", capture=nodes, rerun="safe"),
            step("roll", for_each={"node": "captured.nodes", "batch": 2}, steps=inside),
        )
    )
    async with driven() as (_, pilot, screen):
        await card_open(pilot, screen)
        await pilot.press("tab", "i")
        await wait_for_text(pilot, "1.2 Roll: 0 of 3 done, batch 1 of 2")
        table = text_of(pilot.app).partition("Batch 1, 2 items")[2]
        assert table.index("red") < table.index("blue") < table.index("Batch 2, 1 item") < table.index("green")


async def plan_saved(app: Any, pilot: Any, place: Path, name: str) -> None:
    """Open the plan, save it under a name, and come back."""
    await pilot.press("p")
    await wait_until(pilot, lambda: isinstance(app.screen, PlanScreen))
    assert "Nothing blocks" not in text_of(app)
    assert "Start" not in lines_of(app)[-1]
    await pilot.press("m")
    await wait_until(pilot, lambda: isinstance(app.screen, LineDialog))
    app.screen.query_one(Input).value = str(place / name)
    await pilot.press("enter")
    await wait_until(pilot, (place / name).exists)
    assert (place / name).stat().st_mode & 0o777 == 0o600
    await pilot.press("escape")
    await wait_until(pilot, lambda: not isinstance(app.screen, PlanScreen))


async def test_the_plan_is_read_and_saved_while_the_run_waits_and_by_who_looks_on(tmp_path: Path) -> None:
    """P opens it at the step that is shown, nothing can be started from there, and the card is still to be answered."""
    journey = upgrade(tmp_path)
    session = begun(journey)
    async with driven() as (app, pilot, screen):
        card = await card_open(pilot, screen)
        await wait_until(pilot, lambda: screen.view.shown == "1/work/migrate")
        await pilot.press("tab", "p")
        await wait_until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await wait_until(pilot, lambda: app.screen.query_one(PlanTree).selected == "1/work/migrate")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        await plan_saved(app, pilot, tmp_path, "plan.md")
        assert (tmp_path / "plan.md").read_text(encoding="utf-8").startswith("# ")
        assert not card.requested.answered
        watching = WatchScreen(session)
        alone = OneScreen(watching)
        async with alone.run_test(size=(80, 24)) as other:
            await wait_for_text(other, "Waits for a word of the driver: ")
            await plan_saved(alone, other, tmp_path, "plan.json")
    data = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert plan_from_json(data) == watching.view.session_view.plan


async def test_a_step_is_gone_to_by_its_code(tmp_path: Path) -> None:
    """The palette knows every phase and step by code and title; the step is shown, even where the log was read."""
    session = begun(upgrade(tmp_path))
    app = WizardApp(None, ENVIRON, watched=session)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Nobody drives: ")
        await pilot.press("l")
        await wait_until(pilot, lambda: app.screen.query_one(WalkView).panels.current == "walk-log")
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"1.4")
        await wait_for_hits(pilot, "1.4 Start")
        await pilot.press("enter")
        await wait_for_text(pilot, "$ echo on")


async def test_a_card_that_comes_under_another_screen_is_told_and_answered_by_no_key_meant_for_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the plan a word says that a question waits; back at it, the card takes a key only after some quiet."""
    wait = {"until": [{"title": "It is ready", "file": str(tmp_path / "ready")}], "every": "100ms", "at_most": "60s"}
    begun(at(tmp_path, step("wait", wait=wait), step("sure", confirm="Really?")))
    async with driven(notifications=True) as (app, pilot, screen):
        await wait_for_text(pilot, "Last seen: It is ready")
        await pilot.press("tab", "p")
        await wait_until(pilot, lambda: isinstance(app.screen, PlanScreen))
        (tmp_path / "ready").touch()
        await wait_for_text(pilot, "The run waits for your word: ")
        card = screen.view.card
        assert isinstance(card, Card)
        await wait_until(pilot, lambda: card.open)
        monkeypatch.setattr(Card, "QUIET", 60.0)  # However long the keys are on their way, they come before that.
        await pilot.press("escape", "y", "enter")
        await wait_until(pilot, lambda: app.screen is screen)
        assert not card.open
        assert not card.requested.answered
        monkeypatch.setattr(Card, "QUIET", 0.05)
        await pilot.press("y")
        await card_open(pilot, screen)
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))


async def test_a_run_that_was_stopped_is_gone_on_with_from_its_summary(tmp_path: Path) -> None:
    """R takes the session up again in the same program, which ends with how that ended."""
    journey = at(tmp_path, step("one", "echo one"), step("sure", confirm="Really?"))
    journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"}))
    app = WizardApp(lambda front_end: go_on(Resume(None), front_end), ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        await stopped_here(app, pilot)
        await wait_for_text(pilot, "r  wizard resume")
        await pilot.press("r")
        await wait_until(pilot, lambda: isinstance(app.screen, WalkScreen), 20)
        walking = app.screen
        assert isinstance(walking, WalkScreen)
        await card_open(pilot, walking)
        await pilot.press("y", "enter")
        await wait_for_text(pilot, "✓ Done")
    assert journey.state.word is SessionState.DONE
    assert app.last_code is ExitCode.DONE


async def stopped_here(app: WizardApp, pilot: Any) -> None:
    """Leave the run at the card it stands at."""
    await wait_until(pilot, lambda: isinstance(app.screen, WalkScreen), 20)
    walking = app.screen
    assert isinstance(walking, WalkScreen)
    await card_open(pilot, walking)
    await pilot.press("ctrl+q")
    await wait_for_text(pilot, "Leave?")
    await pilot.press("down", "enter")
    await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))


async def _asked_to_undo(app: WizardApp, pilot: Pilot[Any]) -> WalkScreen:
    """Press u and wait until the engine asks, with what it would take back."""
    await pilot.press("u")
    await wait_until(pilot, lambda: isinstance(app.screen, WalkScreen), 20)
    walking = app.screen
    assert isinstance(walking, WalkScreen)
    await card_open(pilot, walking)
    await wait_for_text(pilot, "Undo the whole run?")
    await wait_for_text(pilot, "1.1 One: Back")
    return walking


async def test_a_summary_offers_what_the_engine_offers_and_undo_is_one_key(tmp_path: Path) -> None:
    """O lists it all, c closes with a reason; u begins the undo, which says first what it takes back, and asks."""
    back = [step("back", "echo back", rerun="safe", ask_first="once")]
    journey = at(tmp_path, step("one", "echo one", undo=back), step("sure", confirm="Really?"))
    journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"}))
    app = WizardApp(lambda front_end: go_on(Resume(None), front_end), ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        await stopped_here(app, pilot)
        await wait_for_text(pilot, "u  wizard undo")
        await pilot.press("o")
        await wait_until(pilot, lambda: isinstance(app.screen, OffersDialog))
        for words in ("Resume", "Undo", "Report", "Close"):
            assert words in text_of(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        await _asked_to_undo(app, pilot)
        await pilot.press("n", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        assert journey.state.word is SessionState.STOPPED, "nothing is done without a yes"
        walking = await _asked_to_undo(app, pilot)
        await pilot.press("y", "enter")
        await wait_for_text(pilot, "1.1u.1")
        await card_open(pilot, walking)
        await pilot.press("y", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        await wait_for_text(pilot, "c  wizard close")
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, LineDialog))
        await pilot.press(*"wrong", "enter")
        await wait_for_text(pilot, "Closed: wrong")
    assert journey.state.closed == "wrong"
