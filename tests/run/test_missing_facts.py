"""Facts a step needs and that are not known: said in an operator's words, and read again on another try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from wizard.assemble import store
from wizard.errors import ExitCode, Gone
from wizard.facts.model import FactReading, FactStatus
from wizard.host.clock import SystemClock
from wizard.host.identity import who_am_i
from wizard.run.driver import Driver
from wizard.run.events import Said
from wizard.run.records import Record, as_record
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.run.operator import ChoiceRequest

USE = "echo ${{ facts.settings.DB_USER }} ${{ facts.settings.MODE }} >> effects"


def journey_of(place: Path, *steps: dict[str, Any], **facts: dict[str, Any]) -> Journey:
    """A walk with these facts besides the settings in `app.env`, which has a mode and no user."""
    (place / "app.env").write_text("MODE=old\n", encoding="utf-8")
    settings = {"title": "Settings of the app", "dotenv": str(place / "app.env")}
    parts = guide(phase(*steps), defaults={"folder": str(place)}, facts={"settings": settings, **facts})
    return Journey(place, parts)


def mended(place: Path) -> None:
    """Somebody writes the missing line, and changes another one besides."""
    (place / "app.env").write_text("MODE=new\nDB_USER=ada\nMORE=1\n", encoding="utf-8")


def tries_again(seen: list[str], mend: Callable[[], object]) -> Callable[[ChoiceRequest], str]:
    """Read the card, mend the cause, and try again."""

    def reply(request: ChoiceRequest) -> str:
        seen.append(request.text)
        mend()
        return "again"

    return reply


def readings(journey: Journey, name: str) -> list[Any]:
    """What was journalled of a fact, in order."""
    return [one.data["value"] for one in journey.entries if one.kind == Record.FACT_READ and one.data["id"] == name]


def test_trying_again_reads_what_was_missing_and_nothing_else(tmp_path: Path) -> None:
    """The card names setting, file and way on; the line that was added is taken, what was known stays as it was."""
    journey = journey_of(tmp_path, step("use", USE))
    seen: list[str] = []
    operator = ScriptedOperator({"failed:use": Turns(tries_again(seen, lambda: mended(tmp_path)))})
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["ada old"]
    (card,) = seen
    assert card.split("\n") == [
        "what it needs is not known: DB_USER of “Settings of the app” (facts.settings.DB_USER)",
        f"DB_USER of “Settings of the app”: it was not in {tmp_path}/app.env.",
        "Mend that and try again: it is read once more then, also by a later `wizard resume`.",
    ]
    assert readings(journey, "settings") == [{"MODE": "old"}, {"MODE": "old", "DB_USER": "ada"}]
    assert f"found settings.DB_USER: ada ({tmp_path}/app.env)" in [one.text for one in operator.told(Said)]


def test_resuming_reads_what_was_missing(tmp_path: Path) -> None:
    """The step that could not begin is tried with what the machine says now, and asks nobody."""
    journey = journey_of(tmp_path, step("use", USE))
    assert journey.begin(ScriptedOperator({"failed:use": "stop"})) is ExitCode.STOPPED
    mended(tmp_path)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["ada old"]


def test_as_long_as_it_is_missing_the_card_comes_back(tmp_path: Path) -> None:
    """Each try says that it was looked for, journals nothing that is the same, and asks once more."""
    journey = journey_of(tmp_path, step("use", USE))
    operator = ScriptedOperator({"failed:use": Turns("again", "again", "stop")})
    assert journey.begin(operator) is ExitCode.STOPPED
    said = [one.text for one in operator.told(Said)]
    assert said.count(f"not there: settings.DB_USER ({tmp_path}/app.env has no DB_USER)") == 2
    assert readings(journey, "settings") == [{"MODE": "old"}]


def test_a_reading_that_failed_is_made_again_with_what_needs_it(tmp_path: Path) -> None:
    """The reason that was journalled is told, with the command; a fact that needs the other one is read with it."""
    asked = {"title": "Name of the database", "command": f"cat {tmp_path}/answer"}
    address = {"title": "Address", "command": "echo db://${{ facts.database }}"}
    journey = journey_of(tmp_path, step("use", "echo ${{ facts.address }} >> effects"), database=asked, address=address)
    seen: list[str] = []
    mend = tries_again(seen, lambda: (tmp_path / "answer").write_text("orders", encoding="utf-8"))
    assert journey.begin(ScriptedOperator({"failed:use": Turns(mend)})) is ExitCode.DONE
    assert journey.lines() == ["db://orders"]
    (card,) = seen
    assert "“Address”: it needs facts.database, which is unknown:" in card
    assert "No such file" in card
    assert "It is read by the command `echo db://" in card


def test_a_check_that_needs_an_unknown_fact_is_asked_with_it_once_it_is_known(tmp_path: Path) -> None:
    """Nobody is there: the run ends 30 with the reason, and goes on once the cause is mended."""
    count = {"title": "Count", "command": f"cat {tmp_path}/count", "match": r"(?P<n>\d+)", "as": {"n": "number"}}
    sound = step("sound", check=[{"title": "Enough", "expr": "facts.count.n > 2"}])
    journey = journey_of(tmp_path, sound, count=count)
    operator = ScriptedOperator(attended=False)
    assert journey.begin(operator) is ExitCode.STEP_FAILED
    said = [one.text for one in operator.told(Said)]
    assert any(one.startswith("“Count”: ") and "No such file" in one for one in said)
    (tmp_path / "count").write_text("3", encoding="utf-8")
    assert journey.resume(ScriptedOperator(attended=False)) is ExitCode.DONE


@pytest.mark.parametrize("used", ["default(facts.settings.DB_USER, 'nobody')", "facts.settings.MODE"])
def test_what_no_step_needs_is_not_read_again(tmp_path: Path, used: str) -> None:
    """A step that failed for itself keeps its names, and its card says nothing of facts it can do without."""
    fails = step("use", f"echo ${{{{ {used} }}}} >> effects; test -e mended", rerun="safe")
    journey = journey_of(tmp_path, fails)
    seen: list[str] = []

    def mend() -> None:
        mended(tmp_path)
        (tmp_path / "mended").touch()

    assert journey.begin(ScriptedOperator({"failed:use": Turns(tries_again(seen, mend))})) is ExitCode.DONE
    assert len(set(journey.lines())) == 1
    assert "Settings of the app" not in seen[0]
    assert len(readings(journey, "settings")) == 1


def test_a_secret_setting_that_was_missing_stays_secret(tmp_path: Path) -> None:
    """What is found under a telling name is used, and is neither told nor journalled."""
    use = step("use", "echo ${DB_PASSWORD} >> effects", env={"DB_PASSWORD": "${{ facts.settings.DB_PASSWORD }}"})
    journey = journey_of(tmp_path, use)
    line = "MODE=old\nDB_PASSWORD=tiger-lily-7\n"
    seen: list[str] = []
    mend = tries_again(seen, lambda: (tmp_path / "app.env").write_text(line, encoding="utf-8"))
    operator = ScriptedOperator({"failed:use": Turns(mend)})
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["tiger-lily-7"]
    assert "tiger" not in str([one.text for one in operator.told(Said)])
    assert "tiger" not in (journey.folder / "journal.jsonl").read_text(encoding="utf-8")


def test_a_group_over_a_list_that_is_missing_can_be_tried_again(tmp_path: Path) -> None:
    """A loop whose items are not known is unrolled once they are; a `when` that was decided stays decided."""
    nodes = {"title": "Nodes", "files": f"{tmp_path}/nodes/*"}
    steps = (
        step("few", "echo few >> effects", when="size(default(facts.nodes, [])) < 1"),
        step("each", "echo ${{ node }} >> effects", for_each={"node": "facts.nodes", "key": "node"}),
    )
    journey = journey_of(tmp_path, *steps, nodes=nodes)

    def mend() -> None:
        (tmp_path / "nodes").mkdir()
        (tmp_path / "nodes" / "a").touch()

    seen: list[str] = []
    assert journey.begin(ScriptedOperator({"failed:each": Turns(tries_again(seen, mend))})) is ExitCode.DONE
    assert journey.lines() == ["few", f"{tmp_path}/nodes/a"]


# -- before a phase ------------------------------------------------------------------------------


def phase_with(place: Path, **more: Any) -> Journey:
    """A walk whose second phase needs a setting that is not there."""
    (place / "app.env").write_text("MODE=old\n", encoding="utf-8")
    settings = {"title": "Settings of the app", "dotenv": str(place / "app.env")}
    second = {"id": "next", "title": "Next", "steps": [step("use", "echo use >> effects")], **more}
    first = phase(step("prepare", "echo prepare >> effects", undo=[step("tidy", "echo tidy >> effects")]))
    return Journey(place, guide(first, second, defaults={"folder": str(place)}, facts={"settings": settings}))


NOTED = {"notes": [{"kind": "warning", "text": "It logs in as ${{ facts.settings.DB_USER }}."}]}
READ = {"notes": [{"kind": "danger", "text": "User ${{ facts.settings.DB_USER }} is locked.", "read": "must"}]}
WHEN = {"when": "outcome('prepare') == 'done' && size(facts.settings.DB_USER) > 0"}


@pytest.mark.parametrize("more", [NOTED, READ, WHEN], ids=["notes", "must-read", "when"])
def test_a_phase_that_needs_what_is_missing_is_decided_about_like_a_step(tmp_path: Path, more: dict[str, Any]) -> None:
    """The same card with setting, file and way on; trying again takes the line that was added, and nothing else."""
    journey = phase_with(tmp_path, **more)
    seen: list[str] = []
    operator = ScriptedOperator({"failed:next": Turns("again", tries_again(seen, lambda: mended(tmp_path)))})
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["prepare", "use"]
    (card,) = seen
    assert card.split("\n") == [
        "what it needs is not known: DB_USER of “Settings of the app” (facts.settings.DB_USER)",
        f"DB_USER of “Settings of the app”: it was not in {tmp_path}/app.env.",
        "Mend that and try again: it is read once more then, also by a later `wizard resume`.",
    ]
    request = dict(operator.asked)["failed:next"]
    assert request.title == "2 Next was not begun"
    assert [one.key for one in request.choices] == ["again", "undo-run", "stop", "bundle"]
    assert readings(journey, "settings") == [{"MODE": "old"}, {"MODE": "old", "DB_USER": "ada"}]


@pytest.mark.parametrize("more", [NOTED, WHEN], ids=["notes", "when"])
def test_a_phase_is_begun_by_a_resume_once_what_was_missing_is_there(tmp_path: Path, more: dict[str, Any]) -> None:
    """Stopped at the card the session can be gone on with; whoever comes back is asked nothing where it is mended."""
    journey = phase_with(tmp_path, **more)
    assert journey.begin(ScriptedOperator({"failed:next": "stop"})) is ExitCode.STOPPED
    assert journey.state.word is SessionState.STOPPED
    assert journey.state.detail.startswith("2 Next: what it needs is not known: DB_USER of “Settings of the app”")
    assert Record.PHASE_BEGAN not in [one.kind for one in journey.entries if one.data.get("key") == "1/next"]
    assert journey.resume(ScriptedOperator({"failed:next": "stop"})) is ExitCode.STOPPED
    mended(tmp_path)
    assert journey.resume() is ExitCode.DONE
    assert journey.lines() == ["prepare", "use"]


def test_a_phase_that_needs_what_is_missing_ends_an_unattended_run_like_a_step(tmp_path: Path) -> None:
    """Exit 30 with the reason and the way on in words; the next run goes on where it is mended."""
    journey = phase_with(tmp_path, **NOTED)
    operator = ScriptedOperator(attended=False)
    assert journey.begin(operator) is ExitCode.STEP_FAILED
    said = [one.text for one in operator.told(Said)]
    assert f"DB_USER of “Settings of the app”: it was not in {tmp_path}/app.env." in said
    assert journey.state.word is SessionState.FAILED
    mended(tmp_path)
    assert journey.resume(ScriptedOperator(attended=False)) is ExitCode.DONE


def test_from_the_card_of_a_phase_the_run_can_be_taken_back(tmp_path: Path) -> None:
    """Nothing of the phase was begun, and what stands of those before is undone."""
    journey = phase_with(tmp_path, **NOTED)
    assert journey.begin(ScriptedOperator({"failed:next": "undo-run", "undo-past": True})) is ExitCode.STOPPED
    assert journey.lines() == ["prepare", "tidy"]
    assert journey.state.word is SessionState.UNDONE


@pytest.mark.parametrize(
    "more",
    [
        {"notes": [{"kind": "note", "text": "As ${{ default(facts.settings.DB_USER, 'nobody') }}."}]},
        {"notes": [{"kind": "note", "text": "${{ facts.settings.DB_USER }}", "when": "facts.settings.MODE == 'new'"}]},
        {"when": "outcome('prepare') == 'done'", "not_needed": "nothing of ${{ facts.settings.DB_USER }} is there"},
    ],
    ids=["default", "box", "why not"],
)
def test_what_no_phase_needs_stops_none(tmp_path: Path, more: dict[str, Any]) -> None:
    """A default, a box that does not count, or why a phase is left out that is not, needs nothing that is missing."""
    journey = phase_with(tmp_path, **more)
    assert journey.begin() is ExitCode.DONE
    assert len(readings(journey, "settings")) == 1


def test_stopping_where_a_phase_cannot_be_gone_on_with_takes_back_what_is_set(tmp_path: Path) -> None:
    """A fact that went away while nobody drove is asked about in the middle of a phase; nothing stays set."""
    hold = step("hold", "echo hold >> effects", temporary=True, undo=[step("release", "echo release >> effects")])
    journey = phase_with(tmp_path, steps=[hold, step("sure", confirm="Really?")], **NOTED)
    mended(tmp_path)
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": Gone}))
    forgotten(journey)
    (tmp_path / "app.env").write_text("MODE=new\n", encoding="utf-8")
    operator = ScriptedOperator({"failed:next": "stop"})
    assert journey.resume(operator) is ExitCode.STOPPED
    assert dict(operator.asked)["failed:next"].title == "2 Next cannot be gone on with"
    assert journey.lines() == ["prepare", "hold", "release"]


def forgotten(journey: Journey) -> None:
    """The settings were read again by a driver who found nothing, as after a reboot."""
    clock = SystemClock()
    with Driver.take(store().open(), who_am_i(clock), clock) as driver:
        reading = FactReading("settings", FactStatus.KNOWN, {"MODE": "new"}, source="app.env")
        driver.journal.append(Record.FACT_READ, as_record(reading))


# -- around a step -------------------------------------------------------------------------------


def test_how_many_rounds_there_may_be_can_be_read_again(tmp_path: Path) -> None:
    """A group whose bound is not known is decided about before anything of it is done."""
    rounds = {
        "until": [{"title": "There", "file": str(tmp_path / "effects")}],
        "at_most": "${{ facts.settings.ROUNDS }}",
    }
    group = step("again-and-again", steps=[step("try", "echo try >> effects")], repeat=rounds)
    journey = journey_of(tmp_path, group)
    seen: list[str] = []
    mend = tries_again(seen, lambda: (tmp_path / "app.env").write_text("MODE=old\nROUNDS=3\n", encoding="utf-8"))
    assert journey.begin(ScriptedOperator({"failed:again-and-again": Turns(mend)})) is ExitCode.DONE
    assert journey.lines() == ["try"]
    assert "ROUNDS of “Settings of the app”: it was not in" in seen[0]


def test_a_side_door_that_cannot_be_worked_out_keeps_nobody_from_deciding(tmp_path: Path) -> None:
    """On the card of a failure it is closed, or shown with a gap; everything else can be chosen."""
    doors = [
        {"title": "Closed", "run": "true", "when": "size(facts.settings.DB_USER) > 0"},
        {"title": "Look as ${{ facts.settings.DB_USER }}", "run": "true"},
    ]
    journey = journey_of(tmp_path, step("use", "false", rerun="safe", offers=doors))
    operator = ScriptedOperator({"failed:use": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    offered = [one.label for one in dict(operator.asked)["failed:use"].choices if one.key.startswith("offer:")]
    assert offered == ["Look as …"]


def test_a_check_beside_the_work_that_needs_what_is_missing_stops_no_phase(tmp_path: Path) -> None:
    """It fails for want of the setting, beside steps that can do without it."""
    kept = [{"title": "Answers", "file": "${{ facts.settings.PLACE }}/up"}]
    journey = phase_with(tmp_path, keep_checking=kept)
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["prepare", "use"]
