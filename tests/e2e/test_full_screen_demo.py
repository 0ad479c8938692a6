"""The demo on the full screen: by keys alone in a real terminal of 80 columns and 24 lines, as a person walks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.panes import Pane
from tests.e2e.program import Program, Stockroom
from tests.e2e.secrets_seen import Lookout, files_with
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(240)]

PASSWORD = "Typed!full,screen~42"
GIVEN_PASSWORD = "Given!by,nobody~43"
"""That of a run which has it in its environment, as another process of tests may just be watching for the typed one."""


def fill(pane: Pane) -> None:
    """Take what the questionnaire proposes, and name the one person who has to know."""
    pane.wait_for(r"○ Version that runs now[\s\S]*Answer: enter takes 1\.0")
    pane.press("Enter")
    pane.wait_for(r"✓ Version that runs now +found on this machine[\s\S]*> \( \) 2\.0 +\(default\)")
    pane.press("Enter")
    pane.wait_for(r"8 answered · 1\.0 → 1\.1 → 2\.0[\s\S]*> \( \) no[\s\S]*Asked now: How will you give")
    pane.press("Enter")
    pane.wait_for(r"○ Folder for the backups[\s\S]*Answer: enter takes")
    pane.press("Enter")
    pane.wait_for(r"> +\+ Add a row")
    pane.press("Enter")
    pane.wait_for(r"[Rr]ow 1[\s\S]*type here")
    pane.type("Ada")
    # What a row is taken with moves the mark on by itself, by way of the row.
    pane.wait_for(r"1 Ada[\s\S]*> \( \) mail")
    pane.mark(r"\( \) phone")
    pane.press("Enter")
    pane.wait_for(r"1 Ada +phone[\s\S]*> += Take this row")
    pane.press("Enter")
    pane.wait_for(r"New in 2\.0\n[\s\S]*> \( \) I type it when the command asks")
    pane.press("Enter")


def start(pane: Pane) -> None:
    """Mend the one check that fails, look at the plan, and start."""
    shown = pane.wait_for(r"Checks: 1 fail, 8 ok; 1 blocks\.[\s\S]*>FAIL +The folder for the backups exists")
    assert "Cannot start: 1 finding blocks" in shown
    pane.press("f")
    pane.wait_for("mkdir -p -m 700")
    pane.take("Yes, do it")
    pane.wait_for(r"\$ mkdir[\s\S]*The command ended with exit 0")
    pane.press("q")
    pane.wait_for(r"Checks: 9 ok; nothing blocks[\s\S]*CHANGED The folder for the backups exists: was fail, is ok now")
    pane.press("p")
    pane.wait_for(r"Plan · Upgrade Stockroom · from 1\.0 to 2\.0[\s\S]*Outage from 3\.3 until 3\.7")
    pane.press("s")
    pane.wait_for("Point of no return of hop 2: before 9.3")
    pane.take("Start")


def agree(pane: Pane) -> None:
    """Tick all there is to tick, and note the ticket."""
    pane.wait_for(r"To be told: Ada \(phone\)[\s\S]*> \[ \] They know[\s\S]*Yes \(not yet: 2 not ticked\)")
    pane.press("Space")
    pane.wait_for(r"\[x\] They know")
    pane.mark(r"\[ \] Nobody is in the middle")
    pane.press("Space")
    pane.wait_for(r"\[x\] Nobody")
    pane.mark(r"\(type here\)")
    pane.type("CH-77")
    pane.wait_for(r"(?m)^│ +(?:> )?CH-77[\s\S]*> 1 Yes")
    pane.press("Enter")


def dare(pane: Pane, title: str) -> None:
    """Confirm a step that is dangerous: it is asked about twice, and its command can be read."""
    shown = pane.wait_for(rf"! {title}[\s\S]*DANGER[\s\S]*This will happen[\s\S]*\$[\s┃]+/[\s\S]*! Yes, do it", 60)
    assert "only the backup brings" in shown
    pane.take("Yes, do it")
    pane.wait_for(r"This is dangerous\.\s*┃\n┃ > 1 Back; nothing is done")
    pane.take("Yes, do it")


def test_the_demo_is_walked_by_keys_alone(program: Program, need_part: Callable[[str], str]) -> None:
    """From the first question to the summary; the password typed into the command's own prompt is left nowhere."""
    with Lookout([PASSWORD]) as seen, Pane(program, ["demo"], need_part("tmux")) as pane:
        fill(pane)
        pane.wait_for(r"> \( \) no +\(default\)")
        pane.press("Enter")
        pane.wait_for("> All is answered: go on to the checks")
        pane.press("Enter")
        start(pane)
        agree(pane)
        dare(pane, "3.4 Migrate the database to 1.1")
        dare(pane, "7.4 Migrate the database to 2.0")
        pane.wait_for(r"New password for admin:[\s\S]*typing goes to the command · typing is hidden", 60)
        pane.type(PASSWORD)
        pane.wait_for(r"Once more:[\s\S]*typing is hidden")
        pane.type(PASSWORD)
        pane.wait_for(r"9\.3 Drop the tables[\s\S]* drop-old[\s\S]*Type exactly: drop-old[\s\S]*page up/down: read", 60)
        pane.type("drop")
        pane.wait_for(r"Not complete yet[\s\S]*Yes, do it \(not yet: words not typed\)")
        pane.press("-", "o", "l", "d")
        pane.wait_for(r"(?m)^┃ +(?:> )?drop-old[\s\S]*1 Yes, do it +┃")
        pane.press("Enter")
        pane.wait_for(r"> 1 Yes, do it +┃")
        pane.press("Enter")
        shown = pane.wait_for(r"✓ Done[\s\S]*Steps: 33 done, 2 set back, 2 not needed", 60)
        assert "the point of no return has been passed" in shown
        pane.press("Enter")
        assert pane.ended() == 0
        # Once the pane is dead tmux says so in a line of its own, and may scroll the first one away.
        until(
            lambda: re.match(r"\s*demo-\S+: done\. `wizard report demo-\S+`(\n|$)", pane.everything()),
            what=pane.everything,
        )
    stockroom = Stockroom(program.state / "demo" / "stockroom")
    assert stockroom.health() == {"status": "ok", "version": "2.0", "items": 1200, "maintenance": False}
    assert seen.supervisors
    assert seen.words == set()
    assert seen.environments == set()
    assert files_with(program.place, PASSWORD) == []
    assert len(pane.frames) > 50, "hardly anything was seen, so nothing is proven"
    assert not [frame for frame in pane.frames if PASSWORD[:6] in frame]


def test_a_mishap_is_looked_at_and_undone_from_the_card(program: Program, need_part: Callable[[str], str]) -> None:
    """The card repeats the last error line, gives way to the output, and takes the whole run back to 1.0."""
    with Pane(program, ["demo", *answered(program, "mishap=yes")], need_part("tmux")) as pane:
        pane.wait_for("> .*All is answered: go on to the checks")
        pane.press("Enter")
        start(pane)
        agree(pane)
        dare(pane, "3.4 Migrate the database to 1.1")
        dare(pane, "7.4 Migrate the database to 2.0")
        shown = pane.wait_for(r"! 7\.4 Migrate the database to 2\.0 failed[\s\S]*page up/down: read", 60)
        assert "| ERROR: item 601: the disk did not take the write" in shown, "the last error line is not repeated"
        assert "neither 1.1 nor 2.0" in shown
        assert "8 Stop here; it can be resumed" in shown
        pane.press("Tab")
        pane.wait_for(r"A question waits: 7\.4[\s\S]*moved 500 of 1200 items\n[\s\S]*ERROR: item 601")
        pane.press("e")
        pane.wait_for("a line that tells of an error")
        pane.press("Escape")
        pane.wait_for("looks back")
        pane.press("0")
        pane.take("Undo the whole run")
        pane.wait_for(r"steps are taken back[\s\S]*This is dangerous")
        pane.take("Yes: Undo the whole run")
        pane.wait_for("UNDOING the whole run")
        pane.wait_for(r"↶ Undone[\s\S]*everything was undone", 60)
        pane.press("Enter")
        assert pane.ended() == 10
    stockroom = Stockroom(program.state / "demo" / "stockroom")
    assert stockroom.health() == {"status": "ok", "version": "1.0", "items": 1200, "maintenance": False}
    assert program.status()["state"] == "undone"


def test_undo_begins_in_the_middle_of_a_run(program: Program, need_part: Callable[[str], str]) -> None:
    """A run that failed unattended is undone on the full screen, which asks for no secret that no undo step needs."""
    ended = program.run("demo", "--unattended", "--set", "mishap=yes", STOCKROOM_ADMIN_PASSWORD=GIVEN_PASSWORD)
    assert ended.code == 30, ended.err
    with Pane(program, ["undo"], need_part("tmux")) as pane:
        pane.wait_for(r"Undo the whole run\?[\s\S]*down: to the replies")
        pane.press("y", "Enter")
        pane.wait_for("UNDOING the whole run")
        pane.wait_for(r"↶ Undone[\s\S]*everything was undone", 60)
        pane.press("Enter")
        assert pane.ended() == 0
    stockroom = Stockroom(program.state / "demo" / "stockroom")
    assert stockroom.health() == {"status": "ok", "version": "1.0", "items": 1200, "maintenance": False}
    assert program.status()["state"] == "undone"
    assert not [frame for frame in pane.frames if GIVEN_PASSWORD[:6] in frame]
    assert files_with(program.place, GIVEN_PASSWORD) == []


def answered(program: Program, *more: str) -> list[str]:
    """Options that answer all questions of the demo."""
    answers = [
        "current_version=1.0", "target_version=2.0", "customised=no", f"backup_dir={program.place}/backups",
        "people=Ada;phone", "password_by=typed", *more,
    ]  # fmt: skip
    return [word for one in answers for word in ("--set", one)]
