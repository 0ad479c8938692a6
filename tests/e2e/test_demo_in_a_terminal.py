"""The demo walked by a person: by keys alone in a real terminal of 80x24, and by numbers on a dumb one."""

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

PASSWORD = "Typed!by,hand~42"


@pytest.mark.service
@pytest.mark.slow
def test_the_demo_is_walked_by_keys_alone(program: Program, need_part: Callable[[str], str]) -> None:
    """From the first question to the typed confirmation; nothing is cut off, the password is left nowhere."""
    with Lookout([PASSWORD]) as seen, Pane(program, ["demo", "--plain"], need_part("tmux")) as pane:
        pane.wait_for(r"Version that runs now\n.*\n\? Answer 1\.0")
        pane.press("Enter")
        pane.choose(r"2\.0 \(default\)")
        pane.wait_for(r"question 4 of 8[\s\S]* » no")
        pane.press("<")
        pane.choose(r"2\.0")
        pane.wait_for(r"question 4 of 8[\s\S]* » no")
        pane.press("?")
        pane.wait_for(r"your changes would be gone\.[\s\S]*your changes would be gone\.")
        pane.choose(r"no \(default\)")
        pane.wait_for(r"Folder for the backups\n[\s\S]*\? Answer /")
        pane.press("Enter")
        pane.choose("Add a row")
        pane.wait_for(r"(?m)^\? Name")
        pane.type("Ada")
        pane.choose("phone")
        pane.choose("Done, with 1 row")
        pane.choose("I type it when the command asks")
        pane.wait_for("Let the migration")
        pane.choose(r"no \(default\)")

        shown = pane.wait_for(r"Checks: 1 fail, 8 ok; 1 blocks\.\n\? What now")
        assert not re.search(r"(?m)^ . .*Start", shown), "a run that is blocked cannot be started"
        assert "readable by you only" in re.sub(r"\s+", " ", shown), "the entry of the fix is cut off"
        pane.choose("Fix .The folder for the backups exists")
        pane.wait_for("mkdir -p -m 700")
        pane.choose("yes")
        pane.wait_for(r"Checks: 9 ok; nothing blocks\.\n\? What now")
        pane.choose("Start")

        pane.wait_for("Tick what is so")
        pane.press("Space", "Down", "Space", "Enter")
        pane.wait_for("change ticket")
        pane.type("CH-77")
        pane.wait_for(
            r"(?m)^Step 3\.4 — Migrate the database to 1\.1[\s\S]*only the backup brings 1\.0 back[\s\S]*confirm"
        )
        pane.choose("yes")
        pane.wait_for(
            r"(?m)^Step 7\.4 — Migrate the database to 2\.0[\s\S]*only the backup brings 1\.1 back[\s\S]*confirm"
        )
        pane.choose("yes")
        pane.wait_for("New password for admin:")
        pane.type(PASSWORD)
        pane.wait_for("Once more:")
        pane.type(PASSWORD)
        pane.wait_for("Type exactly: drop-old")
        pane.type("drop")
        pane.wait_for(r"That is not the same\.\n\? Type exactly")
        pane.type("drop-old")
        assert pane.ended() == 0
        # The terminal may still be reading what was written last.
        told = ("point of no return", "Step 3.8: done", "Step 7.10: done", "The run is done", "Tell everybody")
        until(lambda: all(words in pane.everything() for words in told), what=pane.everything)
        everything = pane.everything()
    assert Stockroom(program.state / "demo" / "stockroom").health()["version"] == "2.0"
    assert seen.supervisors
    assert seen.words == set()
    assert seen.environments == set()
    assert PASSWORD not in everything
    assert files_with(program.place, PASSWORD) == []


@pytest.mark.slow
def test_a_mishap_is_undone_from_the_failure_card_by_numbers(program: Program) -> None:
    """On a dumb terminal, by numbers: the migration fails, the card offers the way back, and 1.0 is there again."""
    child = program.spawn("demo", "--set", "mishap=yes", TERM="dumb")

    def say(asked: str, reply: str) -> None:
        child.expect(asked)
        child.sendline(reply)

    say(r"Answer \[Enter: 1\.0\]: ", "")
    say(r"Version to upgrade to[\s\S]*?choose \[Enter: 2\]: ", "")
    say(r"own code[\s\S]*?choose \[Enter: 2\]: ", "no")
    say(r"Folder for the backups[\s\S]*?Answer \[Enter: .*?\]: ", "")
    say(r"Table — choose: ", "2")
    say(r"Name: ", "Grace")
    say(r"Reached by — choose \[Enter: 1\]: ", "")
    say(r"1\) Done, with 1 row[\s\S]*?choose: ", "1")
    say(r"administrator's password\?[\s\S]*?choose \[Enter: 1\]: ", "")
    say(r"1\) Fix [\s\S]*?What now — choose.*?: ", "1")
    say(r"confirm this — choose: ", "yes")
    say(r"nothing blocks[\s\S]*?1\) Start[\s\S]*?What now — choose.*?: ", "1")
    say(r"choose, with commas, or all or none: ", "all")
    say(r"change ticket.*?: ", "")
    say(r"Migrate the database to 1\.1[\s\S]*?confirm this — choose: ", "yes")
    say(r"Migrate the database to 2\.0[\s\S]*?confirm this — choose: ", "yes")
    child.expect(r"7\.4 Migrate the database to 2\.0 failed[\s\S]*neither 1\.1 nor 2\.0[\s\S]*What now — choose: ")
    card = str(child.after)
    for way in ("Undo this step", "Undo the whole phase", "Undo the whole run", "Stop here; it can be resumed"):
        assert way in card
    assert "ERROR: item 601: the disk did not take the write" in card, "the last error line is not repeated"
    number = re.search(r"(\d+)\) Undo the whole run", card)
    assert number is not None
    child.sendline(number[1])
    say(r"steps are taken back[\s\S]*In this order:[\s\S]*Undo the whole run\? — choose: ", "yes")
    child.expect("whole run was undone")
    child.expect_exact("wizard report")
    child.expect(r"\n")
    child.wait()
    child.close()
    assert child.exitstatus == 10
    stockroom = Stockroom(program.state / "demo" / "stockroom")
    assert stockroom.health() == {"status": "ok", "version": "1.0", "items": 1200, "maintenance": False}
    assert program.status()["state"] == "undone"
