"""What taking something back will do is told before the yes, on the card and from outside of the walk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from wizard.assemble import Resume, call_procedure
from wizard.errors import ExitCode
from wizard.run.records import Record

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.operator import Choice, ChoiceRequest

ONLY_BY_BACKUP = "comes back only from the backup (made in 1.1); data written since then is not in it."
GO_BACK = {
    "title": "Back to the old version",
    "impact": "restoring",
    "offer": {"after": "backup"},
    "steps": [step("old", "echo old >> effects", title="Start the old one", takes="1m")],
}


def back(name: str, takes: str = "10s") -> list[dict[str, Any]]:
    """An undo of one step."""
    return [step(f"un-{name}", f"echo un-{name} >> effects", title=f"Take {name} away", rerun="safe", takes=takes)]


def upgrade(place: Path, *parts: str) -> Journey:
    """A backup, an edit, a load without undo, some parts, and a migration that fails."""
    (place / "app.env").write_text("MODE=old\n", encoding="utf-8")
    fails = step("migrate", "exit 3", rerun="after_undo", impact="needs_restore", undo=back("migrate", "5m"))
    fails["offers"] = [{"title": "Take it all back", "include": "go-back"}]
    steps = (
        step("backup", "true", makes="backup", impact="read_only"),
        step("settings", edit={"file": str(place / "app.env"), "set": {"MODE": "new"}}),
        step("load", "echo load >> effects"),
        *(step(name, f"echo {name} >> effects", undo=back(name)) for name in parts),
        fails,
    )
    tidy = [step("tidy", "echo tidy >> effects")]
    parts_of_guide = guide(
        phase(*steps, **{"finally": tidy}), defaults={"folder": str(place)}, procedures={"go-back": GO_BACK}
    )
    return Journey(place, parts_of_guide)


def card_of(journey: Journey) -> dict[str, Choice]:
    """Walk until the migration fails, stop there, and give what its card offers."""
    operator = ScriptedOperator({"failed:migrate": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    request: ChoiceRequest = dict(operator.asked)["failed:migrate"]
    return {choice.key: choice for choice in request.choices}


def test_the_whole_run_is_told_before_it_is_undone(tmp_path: Path) -> None:
    """How many steps and how long, what stays, what it means for the data, and the steps with how, last one first."""
    card = card_of(upgrade(tmp_path, "one"))
    assert card["undo-run"].says == (
        "3 steps are taken back. It usually takes 5 min 10 s.",
        "Stays as it is, because it has no undo: 1.3 Load.",
        f"What 1.5 changed {ONLY_BY_BACKUP}",
        "In this order:",
        "  1.5 Migrate: Take migrate away",
        "  1.4 One: Take one away",
        f"  1.2 Settings: {tmp_path}/app.env is put back",
        "1 step more has nothing to take back.",
        "After it, at the end of 1 Work: 1.6 Tidy.",
        "It can be stopped on the way, and gone on with later.",
    )
    assert card["undo-phase"].says == card["undo-run"].says
    assert card["undo"].says == card["undo-then-again"].says
    assert card["undo"].says[0] == "1 step is taken back. It usually takes 5 min."
    assert card["undo"].says[-1] == "  1.5 Migrate: Take migrate away"
    assert card["offer:0"].says == (
        "Back to the old version: 1 step of the procedure go-back. It usually takes 1 min.",
        "Then the run counts as taken back; `wizard resume` asks from where it is gone on with.",
        "In this order:",
        "  1. Start the old one",
    )
    assert card["stop"].says == card["again"].says == ()


def test_of_many_steps_the_first_are_named_and_where_it_ends(tmp_path: Path) -> None:
    """The order is told as far as one reads it; the rest is a number, and the last step."""
    says = card_of(upgrade(tmp_path, *(f"part-{number}" for number in range(9))))["undo-run"].says
    assert says[0].startswith("11 steps are taken back.")
    named = [line for line in says if line.startswith("  ")]
    assert named[:2] == ["  1.13 Migrate: Take migrate away", "  1.12 Part 8: Take part-8 away"]
    assert named[8:] == ["  and 3 more, the last of them 1.2 Settings"]


def test_an_undo_goes_no_further_than_what_cannot_be_undone(tmp_path: Path) -> None:
    """The step that cannot be undone is named, and nothing before it is among the steps."""
    steps = (
        step("one", "true", undo=back("one")),
        step("backup", "true", makes="backup", impact="read_only"),
        step("drop", "true", impact="irreversible", ask_first="never", rerun="safe"),
        step("two", "true", undo=back("two")),
        step("last", "false", rerun="safe"),
    )
    operator = ScriptedOperator({"failed:last": "stop"})
    Journey(tmp_path, guide(phase(*steps))).begin(operator)
    (choice,) = (one for one in dict(operator.asked)["failed:last"].choices if one.key == "undo-run")
    assert "It goes back no further than 1.3 Drop, which cannot be undone." in choice.says
    assert "  1.4 Two: Take two away" in choice.says
    assert not any("1.1 One" in line for line in choice.says)


def test_from_outside_it_is_told_and_asked_before_anything_is_done(tmp_path: Path) -> None:
    """Without a yes nothing is done or journalled; with it the undo is the same as from the card."""
    journey = upgrade(tmp_path, "one")
    told = card_of(journey)["undo-run"].says
    before = [one.kind for one in journey.entries]
    refusing = ScriptedOperator({"undo": False})
    assert journey.undo(refusing) is ExitCode.STOPPED
    ((_, request),) = refusing.asked
    # What was owed at the end of the phase was done when the walk was left.
    wanted = tuple(line for line in told if not line.startswith("After it"))
    assert (request.title, tuple(request.say.split("\n"))) == ("Undo the whole run?", wanted)
    assert [one.kind for one in journey.entries if one.kind != "driver-took"] == [
        kind for kind in before if kind != "driver-took"
    ]
    assert journey.undo(ScriptedOperator({"undo-past": True})) is ExitCode.DONE
    assert journey.lines()[-2:] == ["un-migrate", "un-one"]
    assert (tmp_path / "app.env").read_text(encoding="utf-8") == "MODE=old\n"


def test_a_procedure_that_takes_the_run_back_is_told_before_it_is_called(tmp_path: Path) -> None:
    """Without a yes it is not called; where nobody is there nobody is asked."""
    journey = upgrade(tmp_path)
    card_of(journey)

    def call(operator: ScriptedOperator) -> ExitCode:
        return call_procedure(Resume(None), journey.front_end(operator), procedure="go-back")

    refusing = ScriptedOperator({"call:go-back": False})
    assert call(refusing) is ExitCode.STOPPED
    assert "1. Start the old one" in dict(refusing.asked)["call:go-back"].say
    assert not any(one.kind == Record.PROCEDURE_BEGAN for one in journey.entries)
    assert call(ScriptedOperator(attended=False)) is ExitCode.DONE
    assert journey.lines()[-1] == "old"
