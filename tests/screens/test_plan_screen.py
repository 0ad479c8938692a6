"""The plan on the screen: the tree, what belongs to each step, what is different, searching and saving."""

from __future__ import annotations

import json
import stat
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from screens.plan import PlanLeft, PlanScreen
from screens.widgets.plan_tree import PlanTree
from tests.fakes.plans import planned_phase, planned_step, small_plan
from tests.guides.cawemo.test_cawemo_plans import planned
from tests.screens.frames import OneScreen, text_of, wait_for_text, wait_until
from tests.screens.looking import CLEAN, EVIL
from wizard.guide.models.steps import ActionKind, Impact
from wizard.plan.markdown import plan_markdown
from wizard.plan.model import Included, PlannedLoop
from wizard.plan.store import plan_from_json

if TYPE_CHECKING:
    from pathlib import Path

    from tests.screens.conftest import Frame
    from wizard.plan.model import Plan, PlannedStep


def words(app: OneScreen) -> list[str]:
    """The rows of the tree, from the top, without the blanks in front."""
    return ["".join(one for one, _ in row.words).strip() for row in app.shown.query_one(PlanTree).rows]


def tree(app: OneScreen) -> PlanTree:
    """The tree."""
    return app.shown.query_one(PlanTree)


def part(app: OneScreen) -> list[str]:
    """What is told of the selected row."""
    from screens.widgets.reading import Reading

    return [line.text for line in app.shown.query_one("#plan-part", Reading)._lines]


def rolling(batches: int, each: int) -> Plan:
    """A plan with a loop that restarts nodes in batches, and an outage in each."""
    keys = tuple(tuple(f"node-{batch}-{item}" for item in range(each)) for batch in range(batches))

    def inside(batch: int, item: str, name: str, place: int) -> PlannedStep:
        return planned_step(
            name,
            f"3.1.{batch + 1}.{place}",
            key=f"1/update/roll/#{batch + 1}/={item}/{name}",
            title=f"{item}: {name}",
            item=item,
            commands=(f"systemctl {name} {item}",),
            takes=2.0,
            outage={"stop": "starts", "start": "ends"}[name],
        )

    groups = tuple(
        planned_step(
            "roll",
            f"3.1.{number + 1}",
            key=f"1/update/roll/#{number + 1}",
            title=f"Batch {number + 1}",
            action=ActionKind.STEPS,
            batch=number + 1,
            steps=tuple(
                inside(number, item, name, 1 + place + each * turn)
                for turn, name in enumerate(("stop", "start"))
                for place, item in enumerate(items)
            ),
        )
        for number, items in enumerate(keys)
    )
    every = tuple(key for items in keys for key in items)
    loop = PlannedLoop("node", (*every, "spare"), (*every, "spare"), keys, (("spare", "it is switched off"),))
    roll = planned_step("roll", "3.1", title="Restart all nodes", action=ActionKind.STEPS, loop=loop, steps=groups)
    return small_plan(planned_phase(roll))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_real_plan(frame: Frame, repository: Path, size: tuple[int, int]) -> None:
    """Cawemo's sample machine: the plan as a whole first, then a step with its commands and where they run."""
    app = OneScreen(PlanScreen(planned(repository), refusal=""))
    async with app.run_test(size=size) as pilot:
        await wait_for_text(pilot, "Outage from 2.1 until 4.3")
        frame(app, name="whole")
        await pilot.press("slash", *"dump the database", "enter")
        await wait_until(pilot, lambda: tree(app).node.key.endswith("/dump"))
        await pilot.pause()
        frame(app, name="step")


async def test_where_the_outage_and_the_way_back_are(repository: Path) -> None:
    """Lines before and behind the steps they belong to say it, in words."""
    app = OneScreen(PlanScreen(planned(repository, target_version="1.4")))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for_text(pilot, "All of it")
        rows = words(app)
        starts = rows.index("---- the outage starts ----")
        only_backup = rows.index("---- from here on only the backup brings it back ----")
        ends = rows.index("---- the outage ends ----")
        assert rows[starts + 1].startswith("[x] 2.1 Stop Cawemo")
        assert rows[only_backup + 1].startswith("[x] 4.3 Start Cawemo 1.4")
        assert rows[ends - 1].startswith("[x] 4.3 Start Cawemo 1.4")
        assert starts < only_backup < ends


async def test_a_point_of_no_return_is_a_line_that_names_its_step() -> None:
    """It stands before the step, and what belongs to it is told."""
    step = planned_step("drop", "3.2", title="Drop old tables", impact=Impact.IRREVERSIBLE)
    plan = small_plan(planned_phase(planned_step("stop", "3.1"), step))
    plan = replace(plan, point_of_no_return=((1, step.key),))
    app = OneScreen(PlanScreen(plan))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "---- point of no return: no way back from here on ----")
        await pilot.press("end", "up")
        await wait_until(pilot, lambda: part(app)[0].startswith("point of no return"))
        assert "3.2 Drop old tables" in part(app)
        assert "Impact: cannot be undone." in part(app)


async def test_a_step_tells_everything_about_itself() -> None:
    """Why it is there, what it does to the way back, where its commands run and all of each, and how it is undone."""
    step = planned_step(
        reason="the answer `backup` is yes",
        impact=Impact.NEEDS_RESTORE,
        commands=("pg_dump shop > /backup/shop.sql\nsync",),
        dry_run=("pg_dump --schema-only shop",),
        folder="/opt/shop",
        user="postgres",
        env=(("LANG", "C"),),
        remarks=("runs in the background",),
        takes=90.0,
        needs_person=True,
        who="the database team",
        facts_as_now=True,
        way_back="restores the dump",
        notes=(("danger", "Mind", "It takes locks."),),
    )
    app = OneScreen(PlanScreen(small_plan(planned_phase(step))))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: len(words(app)) > 2)
        await pilot.press("end")
        await wait_until(pilot, lambda: len(part(app)) > 10)
        assert part(app) == [
            "3.2 Migrate the database",
            "Part of the run: the answer `backup` is yes.",
            "Impact: only the backup brings it back.",
            "Done by the database team, 1 min 30 s.",
            "Needs a person (*).",
            "runs in the background",
            "DANGER — Mind",
            "  It takes locks.",
            "Runs in /opt/shop, as postgres, with LANG=C:",
            "  first, changing nothing:",
            "  $ pg_dump --schema-only shop",
            "  $ pg_dump shop > /backup/shop.sql",
            "    sync",
            "  (with what the machine says now; read again when hop 1 begins)",
            "Way back: restores the dump",
        ]
        await pilot.press("y")
        assert app.clipboard == "pg_dump --schema-only shop\npg_dump shop > /backup/shop.sql\nsync"


async def test_what_is_left_out_says_why_and_can_be_hidden() -> None:
    """O hides and shows it; a phase that is left out takes its steps along."""
    out = planned_step("mail", "3.3", title="Tell people", included=Included.NO, reason="nobody is named")
    later = planned_step("late", "3.4", title="Perhaps", included=Included.LATER, reason="when it is full")
    gone = planned_phase(planned_step("x"), key="1/gone", id="gone", code="4", title="Gone", included=Included.NO)
    app = OneScreen(PlanScreen(small_plan(planned_phase(planned_step(), out, later), gone)))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "[ ] 3.3 Tell people — nobody is named")
        assert "[?] 3.4 Perhaps — when it is full" in words(app)
        assert words(app)[-1] == "[ ] 4 Gone: only the backup brings it back"
        tree(app).go(out.key)
        await wait_until(pilot, lambda: part(app)[1:2] == ["Left out: nobody is named."])
        await pilot.press("o")
        await wait_until(pilot, lambda: not any(row.startswith("[ ]") for row in words(app)))
        await pilot.press("slash", *"tell people", "enter")
        await wait_until(pilot, lambda: tree(app).selected == out.key)


async def test_loops_fold_and_say_what_is_in_them() -> None:
    """Long ones begin folded and name the outage in them; arrows, enter and searching unfold."""
    app = OneScreen(PlanScreen(rolling(batches=3, each=8)))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for_text(pilot, "Batch 3")
        assert words(app)[-3:] == [
            f"+ [x] 3.1.{number} Batch {number} [the outage starts, the outage ends]" for number in (1, 2, 3)
        ]
        tree(app).go("1/update/roll")
        await wait_until(pilot, lambda: "spare is left out: it is switched off" in part(app))
        assert "24 items: node-0-0, node-0-1" in "\n".join(part(app))
        await pilot.press("down", "right", "right")
        await wait_until(pilot, lambda: tree(app).selected == "1/update/roll/#1/=node-0-0/stop/the outage starts:")
        await pilot.press("left", "left")
        await wait_until(pilot, lambda: words(app)[-3].startswith("+ [x] 3.1.1"))
        await pilot.press("slash", *"systemctl start node-2-5", "enter")
        await wait_until(pilot, lambda: tree(app).selected == "1/update/roll/#3/=node-2-5/start")
        await pilot.press("minus")
        await wait_until(pilot, lambda: tree(app).selected == "1/update/roll")
        await pilot.press("plus")
        await wait_until(pilot, lambda: len(words(app)) == 1 + 1 + 1 + 3 + 3 * (16 + 2))


async def test_loops_that_work_on_one_item_have_no_level_of_batches() -> None:
    """The steps of each item stand in the loop itself."""
    steps = tuple(
        planned_step(
            "ping",
            f"3.1.{number}",
            key=f"1/update/ping/#{number}",
            batch=number,
            alone=True,
            action=ActionKind.STEPS,
            steps=(
                planned_step("ping", f"3.1.{number}", key=f"1/update/ping/#{number}/=n{number}/ping", title="Ping"),
            ),
        )
        for number in (1, 2)
    )
    loop = PlannedLoop("n", ("n1", "n2"), ("n1", "n2"), (("n1",), ("n2",)))
    plan = small_plan(planned_phase(planned_step("ping", "3.1", loop=loop, steps=steps, title="Ping all")))
    app = OneScreen(PlanScreen(plan))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Ping all")
        assert words(app)[-3:] == ["- [x] 3.1 Ping all (2 items)", "[x] 3.1.1 Ping", "[x] 3.1.2 Ping"]


async def test_what_is_different_is_marked_and_told() -> None:
    """Signs before the rows, all of it with d, each with its step."""
    kept = planned_step("stop", "3.1", title="Stop the product", commands=("halt",))
    before = small_plan(planned_phase(kept, planned_step("gone", "3.2", title="Gone")))
    after = small_plan(planned_phase(replace(kept, commands=("halt -p",)), planned_step("new", "3.2", title="New")))
    app = OneScreen(PlanScreen(after, before))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: any(row.startswith("~") for row in words(app)))
        assert [row[0] for row in words(app)[-2:]] == ["~", "+"]
        await wait_for_text(pilot, "3 changes since the plan before")
        tree(app).go(kept.key)
        await wait_for_text(pilot, "was: halt")
        await wait_for_text(pilot, "is:  halt -p")
        await pilot.press("d")
        await wait_for_text(pilot, "3.2 Gone is not part of the run any more")
        await pilot.press("escape")
        await wait_until(pilot, lambda: part(app)[0] == "3.1 Stop the product")
        assert not app.dismissed


@pytest.mark.parametrize("name", ["plan.md", "plan.json"])
async def test_it_is_saved_as_markdown_or_json(tmp_path: Path, name: str) -> None:
    """In a new file of mode 0600; a file that is there is named and kept, and another name can be given."""
    plan, path, there = small_plan(), tmp_path / name, tmp_path / f"there-{name}"
    there.write_text("mine")
    app = OneScreen(PlanScreen(plan, session="demo-20250102-0304-mav"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m")
        await wait_for_text(pilot, "demo-20250102-0304-mav-plan.md")
        app.screen.query_one(Input).value = str(there)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "is there already" in " ".join(text_of(app).split()))
        app.screen.query_one(Input).value = str(path)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.told == [str(path)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert there.read_text() == "mine"
    if name.endswith("md"):
        assert path.read_text() == plan_markdown(plan)
    else:
        assert plan_from_json(json.loads(path.read_text())) == plan


async def test_starting_is_offered_where_it_is_meant() -> None:
    """With nothing against it `s` starts, with something it leads to what blocks; who only looks has no such key."""
    for refusal, key, result in (
        ("", "s", PlanLeft.START),
        ("", "escape", PlanLeft.BACK),
        ("", "p", PlanLeft.BACK),
        ("Cannot start: no room.", "s", PlanLeft.BLOCKER),
        ("Cannot start: no room.", "escape", PlanLeft.BACK),
        (None, "escape", PlanLeft.BACK),
    ):
        app = OneScreen(PlanScreen(small_plan(), refusal=refusal))
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for_text(pilot, "All of it")
            assert ("s Start" in text_of(app)) is (refusal == "")
            assert ("s Blocker" in text_of(app)) is bool(refusal)
            assert (refusal or "") in text_of(app)
            if refusal is None:
                await pilot.press("s")
                assert not app.dismissed
            await pilot.press(key)
            await wait_until(pilot, lambda: app.dismissed)  # noqa: B023
            assert app.result is result


async def test_searching_goes_round_and_says_when_there_is_nothing(repository: Path) -> None:
    """`n` goes on, `N` back, both beyond the ends; a word that is nowhere is named."""
    app = OneScreen(PlanScreen(planned(repository)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"stop cawemo", "enter")
        hits = [tree(app).selected]
        for _ in range(4):
            await pilot.press("n")
            hits.append(tree(app).selected)
        assert len(set(hits)) >= 3
        await pilot.press("N")
        assert tree(app).selected == hits[3]
        await pilot.press("slash", *"xyzzy", "enter")
        await wait_until(pilot, lambda: app.told == ["Nothing has “xyzzy”."])
        assert tree(app).selected == hits[3]
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: app.dismissed)


async def test_text_from_outside_is_shown_as_it_is() -> None:
    """Markup stays text and escape sequences are gone; of a command they are spelled out, as they will run."""
    step = planned_step(title=EVIL, reason=EVIL, commands=(EVIL,), folder=EVIL, notes=(("danger", EVIL, EVIL),))
    plan = replace(small_plan(planned_phase(step, title=EVIL)), title=EVIL, works_on=EVIL)
    app = OneScreen(PlanScreen(plan, small_plan(), refusal=""))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for_text(pilot, f"Plan · {CLEAN}")
        await wait_for_text(pilot, f"Works on {CLEAN}")
        await pilot.press("end")
        await wait_for_text(pilot, f"[x] 3.2 {CLEAN}")
        await wait_for_text(pilot, f"DANGER — {CLEAN}")
        await wait_until(pilot, lambda: r"$ [/bar] [red]x[/red] \x1b]0;owned\x07\x1b[2J\u202eend" in "".join(part(app)))
        assert all(line.isprintable() for line in text_of(app).split("\n"))


async def test_ten_thousand_steps_stay_quick() -> None:
    """Opened, folded, searched, compared: a key takes no longer than a person notices."""
    steps = [
        planned_step(f"s{n}", f"3.{n}", title=f"Do {n}", commands=(f"echo {n}",), takes=2.0) for n in range(10_000)
    ]
    before = small_plan(planned_phase(*steps[:9_990]))
    app = OneScreen(PlanScreen(small_plan(planned_phase(*steps)), before, refusal=""))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: tree(app).rows and tree(app).rows[-1].words[0][0].startswith("+"))
        began = time.process_time()
        await pilot.press("end", "home", "pagedown", "down", "minus", "plus", "o", "o", "d", "d")
        await pilot.press("slash", *"echo 9999", "escape")
        assert (time.process_time() - began) / 22 < 0.2
        await wait_until(pilot, lambda: tree(app).selected == steps[9_999].key)
