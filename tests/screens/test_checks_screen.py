"""The checks on the screen: live, sorted, mended, bypassed, and nothing starts while one blocks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from screens.checks import ChecksScreen, Looks
from screens.dialogs.line import LineDialog
from screens.dialogs.sure import SureDialog
from screens.plan import PlanScreen
from screens.widgets.card_base import Card
from screens.widgets.finding_list import FindingList, View
from screens.widgets.row_list import RowList
from tests.fakes.plans import planned_phase, planned_step, small_plan
from tests.screens.frames import lines_of, text_of, wait_for_text, wait_until
from tests.screens.looking import (
    CLEAN,
    ENGINE,
    EVIL,
    FINDINGS,
    IAM,
    MEMORY,
    MENDED,
    PORT,
    ROOM,
    Looking,
    found,
    may_be_answered,
)
from wizard.checks.model import Evidence, Status
from wizard.run.events import PlanMade, Said
from wizard.run.operator import Chosen

if TYPE_CHECKING:
    from tests.screens.conftest import Frame


def shown(looking: Looking) -> list[str]:
    """Keys of the rows, from the top."""
    return [row.key for row in looking.screen.query_one(FindingList).rows]


def row(looking: Looking, key: str) -> str:
    """The words of a row."""
    rows = looking.screen.query_one(FindingList).rows
    return next("".join(words for words, _ in one.words) + one.end for one in rows if one.key == key)


async def test_checks_are_seen_waiting_asked_and_found() -> None:
    """In the guide's order while they run, with how many have answered, and nothing can start meanwhile."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.begin(FINDINGS, running=3)
        looking.came(MEMORY)
        await wait_for_text(pilot, "1 of 5 answered, 2 asked now")
        await wait_until(pilot, lambda: row(looking, "memory").startswith("RISK"))
        assert shown(looking) == ["port", "memory", "engine", "iam", "room"]
        assert row(looking, "port").startswith("asking  Port 8080")
        assert row(looking, "iam").startswith("waiting IAM database")
        await pilot.press("s")
        await wait_for_text(pilot, "Nothing can start until all checks have answered.")
        assert isinstance(looking.app.screen, ChecksScreen)


async def test_what_comes_before_the_screen_is_there_is_shown() -> None:
    """The engine does not wait until a screen is drawn."""
    looking = Looking()
    looking.look(FINDINGS)
    async with looking.app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Cannot start: 2 findings block")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_matters_comes_first(frame: Frame, size: tuple[int, int]) -> None:
    """Blockers, the guide's dangers, risks, the rest; what belongs to the first beside or below it."""
    looking = Looking()
    async with looking.app.run_test(size=size) as pilot:
        looking.look(FINDINGS)
        await wait_for_text(pilot, "2 block")
        assert shown(looking) == ["room", "engine", "box:0", "memory", "port", "iam", "box:1"]
        await pilot.pause()
        frame(looking.app)


@pytest.mark.parametrize("key", ["s", "enter"])
async def test_nothing_starts_while_something_blocks(key: str) -> None:
    """No dialog, no reply, nothing over the list: it goes from blocker to blocker, from the plan too."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await wait_for_text(pilot, "Cannot start: 2 findings block: Room for images and backup; Docker engine.")
        await wait_for_text(pilot, ">FAIL    Room for images and backup")
        await pilot.press(key)
        await wait_until(pilot, lambda: any(one[:1] == ">" and "Docker" in one for one in lines_of(looking.app)))
        await pilot.press(key)
        await wait_for_text(pilot, ">FAIL    Room for images and backup")
        assert looking.app.told == []
        assert type(looking.app.screen) is ChecksScreen
        await pilot.press("p")
        await wait_for_text(pilot, "Plan · Upgrade the demo")
        await wait_for_text(pilot, "Cannot start: 2 findings block")
        await pilot.press("s")
        await wait_until(pilot, lambda: any(one[:1] == ">" and "Docker" in one for one in lines_of(looking.app)))
        assert type(looking.app.screen) is ChecksScreen
        assert not looking.asked.answered


async def test_a_rehearsal_goes_past_what_blocks() -> None:
    """It starts after a look that names what would block the run itself; nowhere is it said that nothing does."""
    looking = Looking(rehearsal=True)
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await wait_for_text(pilot, "2 findings block the run itself, not its rehearsal. s starts")
        await pilot.press("p")
        await wait_for_text(pilot, "2 findings block the run itself, not its rehearsal. s starts.")
        await pilot.press("s")
        await wait_for_text(pilot, "Would block the run itself: Room for images and backup; Docker engine")
        await wait_until(pilot, lambda: may_be_answered(looking.app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: looking.asked.answered)
        assert looking.reply == Chosen("start")


async def test_it_starts_after_one_more_look() -> None:
    """Enter shows what will happen; escape goes back, enter starts."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(MENDED)
        await wait_for_text(pilot, "Nothing blocks. s starts")
        await pilot.press("enter")
        await wait_for_text(pilot, "Risks: Memory for two databases")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(looking.app.screen, ChecksScreen))
        assert not looking.asked.answered
        await pilot.press("s")
        await wait_until(pilot, lambda: may_be_answered(looking.app))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(looking.app.screen, ChecksScreen))
        assert not looking.asked.answered, "the other reply says not yet"
        await pilot.press("p")
        await wait_until(pilot, lambda: isinstance(looking.app.screen, PlanScreen))
        await pilot.press("s")
        await wait_until(pilot, lambda: may_be_answered(looking.app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: looking.asked.answered)
        assert looking.reply == Chosen("start")
        await wait_for_text(pilot, "Starting")
        await pilot.press("s")
        assert isinstance(looking.app.screen, ChecksScreen), "once is enough"


async def test_keys_pressed_in_a_hurry_start_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leans on enter comes to the question, and no further until the keyboard was quiet."""
    monkeypatch.setattr(Card, "QUIET", 60.0)  # However slowly the keys come here, it is in a hurry.
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(MENDED)
        await wait_for_text(pilot, "Nothing blocks. s starts")
        await pilot.press(*["enter"] * 5)
        await wait_until(pilot, lambda: isinstance(looking.app.screen, SureDialog))
        assert not may_be_answered(looking.app)
        assert not looking.asked.answered


async def test_a_bypass_takes_a_reason() -> None:
    """An empty line is refused at the field; the reason goes to the engine."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await pilot.press("b")
        await wait_until(pilot, lambda: isinstance(looking.app.screen, LineDialog))
        await pilot.press("enter")
        await wait_for_text(pilot, "It takes a reason.")
        await pilot.press(*"no images here", "enter")
        await wait_until(pilot, lambda: looking.asked.answered)
        assert looking.reply == Chosen("bypass:room", "no images here")


async def test_a_bypass_is_withdrawn_by_the_key_that_made_it() -> None:
    """After a yes that names the reason it was made for."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.begin([ROOM])
        looking.settle([ROOM], bypassed={"room": "no images here"})
        await wait_for_text(pilot, "b Withdraw")
        await pilot.press("b")
        await wait_for_text(pilot, "It was bypassed because: no images here")
        await wait_until(pilot, lambda: may_be_answered(looking.app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: looking.asked.answered)
        assert looking.reply == Chosen("hold:room")


async def test_what_was_bypassed_blocks_no_more() -> None:
    """It says so, with the reason, and once more before the start."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.begin([ROOM, PORT])
        looking.settle([ROOM, PORT], bypassed={"room": "no images here"})
        await wait_for_text(pilot, "nothing blocks")
        assert row(looking, "room").startswith("FAIL    Room for images and backup (bypassed)")
        await wait_until(pilot, lambda: looking.screen.query_one(FindingList).go_to("room"))
        await wait_for_text(pilot, "Bypassed because: no images here")
        await pilot.press("s")
        await wait_for_text(pilot, "Bypassed: Room for images and backup")


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["f"], Chosen("fix:room")),
        (["a"], Chosen("again")),
        (["c"], Chosen("answers")),
        (["x"], Chosen("stop")),
    ],
)
async def test_every_other_way_is_one_key(keys: list[str], chosen: Chosen) -> None:
    """Fix, look again, answers, stop: each goes to the engine, and the screen says that it works."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await wait_for_text(pilot, "2 block")
        await pilot.press(*keys)
        if chosen.key == "stop":
            await wait_until(pilot, lambda: may_be_answered(looking.app))
            await pilot.press("enter")
        await wait_until(pilot, lambda: looking.asked.answered)
        assert looking.reply == chosen
        await wait_for_text(pilot, "Nothing can start until that is done.")


async def test_only_what_can_be_done_is_done() -> None:
    """What has no fix is not fixed, what must not be bypassed is not, and a box of the guide is neither."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await wait_for_text(pilot, "2 block")
        for key in ("engine", "port", "box:0"):
            looking.screen.query_one(FindingList).go_to(key)
            await pilot.press("f", "b")
            await pilot.pause()
            assert isinstance(looking.app.screen, ChecksScreen)
        assert not looking.asked.answered


async def test_what_was_mended_is_seen_where_it_was() -> None:
    """After a fix the cursor stays on the finding, which says what it was; all changes stand in a row at the top."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await pilot.press("f")
        await wait_until(pilot, lambda: looking.asked.answered)
        looking.screen.told(Said("Room for images and backup: ok after the fix"))
        looking.begin(FINDINGS, running=0)
        await wait_until(pilot, lambda: "(was fail)" in row(looking, "room"))
        looking.came(*MENDED)
        looking.settle(MENDED)
        await wait_for_text(pilot, "nothing blocks. 2 findings changed.")
        rows = looking.screen.query_one(FindingList)
        assert rows.selected == "room"
        assert row(looking, "room").endswith("was fail")
        assert "was" not in row(looking, "port")
        await wait_for_text(pilot, "It was fail at the last look.")
        await pilot.press("home")
        await wait_for_text(pilot, "Room for images and backup: was fail, is ok now")
        await wait_for_text(pilot, "Room for images and backup: ok after the fix")
        for _ in range(3):
            await pilot.press("v")
        assert rows.view is View.CHANGED
        assert [one.key for one in rows.rows] == ["changes:", "engine", "room"]


async def test_what_was_before_is_known_after_answers_were_changed() -> None:
    """The screen goes meanwhile; the one after it still tells what is different in findings and plan."""
    looks = Looks()
    first = Looking(looks=looks)
    async with first.app.run_test(size=(80, 24)) as pilot:
        first.look(FINDINGS)
        await pilot.press("c")
        await wait_until(pilot, lambda: first.asked.answered)
    second = Looking(looks=looks)
    async with second.app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: len(shown(second)) == 5)
        second.look(MENDED, plan=small_plan(planned_phase(planned_step("stop", "3.1", title="Halt"))))
        await wait_for_text(pilot, "nothing blocks. 2 findings changed.")
        await pilot.press("home")
        await wait_for_text(pilot, "Docker engine: was unknown, is ok now")
        await wait_for_text(pilot, "3.1 is called Halt")


async def test_another_plan_is_said_to_be_another() -> None:
    """The changes name what is different in the plan, and so does the plan itself."""
    looking = Looking()
    other = small_plan(planned_phase(planned_step("stop", "3.1", title="Stop the product", commands=("halt",))))
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await pilot.press("a")
        await wait_until(pilot, lambda: looking.asked.answered)
        looking.look(FINDINGS, plan=other)
        await pilot.press("home")
        await wait_for_text(pilot, "3.1 Stop the product runs something else")
        await pilot.press("p")
        await wait_until(pilot, lambda: isinstance(looking.app.screen, PlanScreen))
        await pilot.press("d")
        await wait_for_text(pilot, "is not part of the run any more")


async def test_filters_and_words_are_keys() -> None:
    """V goes through the views, / takes words, escape shows all again."""
    looking = Looking()
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await wait_for_text(pilot, "2 block")
        await pilot.press("v")
        await wait_until(pilot, lambda: shown(looking) == ["room", "engine", "memory"])
        await pilot.press("v")
        await wait_until(pilot, lambda: shown(looking) == ["room", "engine"])
        await wait_for_text(pilot, "Shown: blocking.")
        await pilot.press("v", "v", "slash", *"seen of IAM")
        await wait_until(pilot, lambda: shown(looking) == ["iam"])
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(looking.app.focused, RowList))
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(shown(looking)) == 7)


async def test_copying_goes_through_what_there_is() -> None:
    """Links first, then the remedy, then what was seen, and from the beginning again."""
    looking = Looking()
    copied = []
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look(FINDINGS)
        await wait_for_text(pilot, "2 block")
        for _ in range(5):
            await pilot.press("y")
            copied.append(looking.app.clipboard)
    assert copied == [
        "https://example.org/room",
        "https://example.org/prune",
        "Free some space.",
        "what was seen of room",
        "https://example.org/room",
    ]


async def test_text_from_outside_is_shown_as_it_is() -> None:
    """Markup stays text, escape sequences are gone: in rows, details, boxes, titles, dialogs and the last line."""
    looking = Looking()
    evil = found("evil", Status.FAIL, EVIL, say=EVIL, remedy=EVIL, fix=EVIL, evidence=(Evidence(EVIL, EVIL),))
    plan = small_plan(planned_phase(planned_step(title=EVIL), title=EVIL))
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.begin([evil], running=1)
        await wait_until(pilot, lambda: row(looking, "evil") == f"asking  {CLEAN}")
        looking.came(evil)
        looking.settle([evil], plan)
        looking.screen.told(PlanMade(plan, (("danger", EVIL, EVIL),)))
        await wait_for_text(pilot, f"Cannot start: 1 finding blocks: {CLEAN}.")
        await wait_for_text(pilot, f"What to do: {CLEAN}")
        assert text_of(looking.app).count(CLEAN) >= 6
        await pilot.press("b")
        await wait_for_text(pilot, f"FAIL: {CLEAN}")
        await pilot.press("escape", "s")
        await wait_for_text(pilot, f">FAIL    {CLEAN}")
        assert all("\x1b" not in line and "owned" not in line for line in text_of(looking.app).split("\n"))


async def test_hundreds_of_findings_stay_quick() -> None:
    """A thousand come, are sorted and filtered, and a key is answered, well within what a person waits for."""
    looking = Looking()
    many = [found(f"c{n}", Status.FAIL if n % 7 == 0 else Status.OK, f"Check number {n}") for n in range(1000)]
    async with looking.app.run_test(size=(80, 24)) as pilot:
        began = time.process_time()
        looking.look(many)
        await wait_for_text(pilot, "143 block")
        await pilot.press("end", "home", "v", "v", "v", "v")
        assert time.process_time() - began < 4.0
        await wait_for_text(pilot, "and 140 more.")


async def test_every_line_can_be_reached_by_keys() -> None:
    """Tab goes to what belongs to the finding and back, arrows scroll it."""
    looking = Looking()
    long = found("long", Status.FAIL, "Long", say="\n".join(f"line {n}" for n in range(60)))
    async with looking.app.run_test(size=(80, 24)) as pilot:
        looking.look([long, ENGINE, IAM])
        await wait_for_text(pilot, "line 1")
        await pilot.press("tab", "end")
        await wait_for_text(pilot, "Check: long")
        await pilot.press("tab", "down")
        await wait_until(pilot, lambda: looking.screen.query_one(FindingList).selected == "engine")
