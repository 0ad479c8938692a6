"""Following a session by its folder: the same for whoever drives and whoever looks on, at any moment."""

from __future__ import annotations

import json
import os
import shutil
import threading
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.clocks import StandingClock
from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from wizard.looking import session_status
from wizard.run.asked_now import ASKING, asked_now
from wizard.run.events import PlanGrew
from wizard.run.following import Follower
from wizard.run.session import Session
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.session_view import SessionView


def at(place: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `place`."""
    return Journey(place, guide(phase(*steps, **more), defaults={"folder": str(place)}))


def followed(journey: Journey) -> SessionView:
    """What a follower who comes now is shown."""
    with closing(Follower(Session.open(journey.folder))) as follower:
        follower.poll()
        return follower.view()


@pytest.fixture(autouse=True)
def derive_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes through the whole plan is worked out at every look, however long it took."""
    monkeypatch.setattr("wizard.run.following._SHARE", 0)


def test_a_view_tells_what_was_done_and_what_can_be(tmp_path: Path) -> None:
    """Statuses, attempts with their ends, outage, way back and what is next come from the folder alone."""
    journey = at(
        tmp_path,
        step("stop", "echo off", outage="starts", undo=[step("start-again", "true")]),
        step("work", "echo at work; exit 3", rerun="safe"),
        step("after", "true"),
    )
    journey.begin(ScriptedOperator({"failed:work": "stop"}))
    view = followed(journey)
    assert (view.word, view.words, view.driver) == (SessionState.FAILED, "failed", None)
    assert view.plan is not None
    assert view.plan.product == "Journey"
    assert view.now == "1/work/work"
    assert [view.status(f"1/work/{name}") for name in ("stop", "work", "after")] == [
        StepStatus.DONE, StepStatus.FAILED, StepStatus.WAITING,
    ]  # fmt: skip
    assert [(one.key, one.how) for one in view.attempts.values()] == [
        ("1/work/stop", "ended with exit 0"), ("1/work/work", "ended with exit 3"),
    ]  # fmt: skip
    assert view.outage.began is not None
    assert view.outage.seconds(view.outage.began + 65) == 65
    assert view.way_back.startswith("you can")
    assert "resume" in view.next
    assert any("1.2 Work: failed" in line.text for line in view.log)
    assert view.running is None


def test_after_a_procedure_the_run_stands_where_it_stood(tmp_path: Path) -> None:
    """A side door of a card leads to a procedure and back: it is the card's step that is at work again."""
    procedures = {"mend": {"title": "Mend", "steps": [step("mending", "true", rerun="safe")]}}
    broken = step("broken", "false", offers=[{"title": "Mend it", "include": "mend"}])
    journey = Journey(tmp_path, guide(phase(broken), defaults={"folder": str(tmp_path)}, procedures=procedures))
    journey.begin(ScriptedOperator({"failed:broken": Turns("offer:0", "stop")}))
    view = followed(journey)
    assert [one.key for one in view.attempts.values()] == ["1/work/broken", "procedure/mend/1/mending"]
    assert (view.now, view.phase is not None) == ("1/work/broken", True)


def test_an_outage_ends_with_the_undo_of_what_began_it(tmp_path: Path) -> None:
    """Starting again what was stopped brings the service back; taking that back as well begins the next outage."""
    stop = step("stop", "true", outage="starts", undo=[step("up", "true")])
    start = step("start", "true", outage="ends", undo=[step("down", "true")])
    journey = at(tmp_path, stop, start, step("fails", "exit 3"))
    journey.begin(ScriptedOperator({"failed:fails": "undo-run"}))
    view = followed(journey)
    assert view.word is SessionState.UNDONE
    assert view.outage.began is None
    assert view.way_back == "all that could be taken back was taken back"
    away = back = 0.0
    for entry in journey.entries:
        if entry.kind == "step-undone" and entry.data.get("outage") == "ends":
            away = entry.boottime
        if entry.kind == "step-undone" and entry.data.get("outage") == "starts":
            back = entry.boottime
    first = [entry.boottime for entry in journey.entries if entry.kind == "step-done" and entry.data.get("outage")]
    assert view.outage.before == pytest.approx(first[1] - first[0] + back - away)


UNDONE = step("made", "echo made", undo=[step("unmade", "echo unmade", rerun="safe")])
NODES = {"nodes": {"match": r"node (\S+)", "all": True}}
LISTED = step("list", "printf 'node %s\\n' a b/1 c", capture=NODES, rerun="safe")
LOOP = step(
    "roll",
    for_each={"node": "captured.nodes"},
    steps=[step("drain", ["test", "${{ node }}", "!=", "b/1"], rerun="safe"), step("back", "true", rerun="safe")],
)
ROUNDS = step(
    "settle",
    repeat={"until": [{"title": "Looked at often", "command": {"run": "test $(wc -l < looks) -ge 3"}}], "at_most": 5},
    steps=[step("look", "echo x >> looks", rerun="safe")],
)


ASKED = {"after-skip:roll": "go-on"}


def rich(place: Path) -> Journey:
    """A journey with a loop whose list is only known on the way, a failure that is tried again, and an undo."""
    journey = at(
        place,
        UNDONE,
        LISTED,
        LOOP,
        ROUNDS,
        step("odd", "test -e second || { touch second; exit 4; }", rerun="safe"),
        step("last", "true"),
    )
    journey.begin(ScriptedOperator({"failed:odd": "again", "failed:drain": ("skip", "never mind"), **ASKED}))
    journey.undo(ScriptedOperator(), step="made")
    journey.resume()
    return journey


def test_following_event_by_event_is_the_same_as_coming_late(tmp_path: Path) -> None:
    """At every moment of a run with loop, retry and undo, one who followed sees what one who comes now sees."""
    journey = rich(tmp_path)
    lines = (journey.folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    copy = tmp_path / "copy" / journey.folder.name
    shutil.copytree(journey.folder, copy)
    (copy / "journal.jsonl").write_bytes(b"")
    for claim in copy.glob("attempts/*/claim"):
        claim.unlink()  # what was begun before its line is there would be damage
    with closing(Follower(Session.open(copy))) as early:
        for line in lines:
            with (copy / "journal.jsonl").open("ab") as journal:
                journal.write(line)
            assert early.poll()
            seen = early.view()
            assert not early.poll()
            with closing(Follower(Session.open(copy))) as late:
                late.poll()
                view = late.view()
                assert seen == view
                assert [early.text(key) for key in seen.statuses] == [late.text(key) for key in seen.statuses]
                assert early.loop("1/work/roll") == late.loop("1/work/roll")
    assert seen.word is SessionState.DONE


def test_half_a_line_is_no_news_and_damage_is_told(tmp_path: Path) -> None:
    """A line that is being written is waited for; one that was changed is named, and nothing raises."""
    journey = at(tmp_path, step("one", "true"))
    journey.begin()
    path = journey.folder / "journal.jsonl"
    content = path.read_bytes()
    with closing(Follower(Session.open(journey.folder))) as follower:
        assert follower.poll()
        follower.view()
        path.write_bytes(content + b'{"seq": 99')
        assert not follower.poll()
        assert not follower.view().damaged
    path.write_bytes(content.replace(b'"walk-began"', b'"walk-bagan"', 1))
    assert "line" in followed(journey).damaged


def test_lines_that_were_lost_are_told_until_that_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that began and that no line tells of is damage for whoever follows; whole again, none."""
    monkeypatch.setattr("wizard.run.following.LOOK_AROUND", 0.0)
    journey = at(tmp_path, step("one", "true"), step("two", "true"))
    journey.begin()
    path = journey.folder / "journal.jsonl"
    content = path.read_bytes()
    cut = content.index(b"\n", content.index(b'"attempt-intended"', content.index(b'"attempt-ended"'))) + 1
    before = content.rindex(b"\n", 0, cut - 1) + 1
    path.write_bytes(content[:before])
    with closing(Follower(Session.open(journey.folder))) as follower:
        follower.poll()
        view = follower.view()
        assert "attempt 0002-01 was begun and no line tells of it" in view.damaged
        assert "not known" in view.way_back
        path.write_bytes(content[:cut])
        assert follower.poll()
        assert follower.view().damaged == ""
    assert followed(journey).damaged == ""


def test_the_items_of_a_loop_say_where_each_stands(tmp_path: Path) -> None:
    """A loop whose list came on the way is shown by item, with the step an item failed at."""
    journey = at(tmp_path, LISTED, LOOP)
    operator = ScriptedOperator({"failed:drain": "stop"})
    journey.begin(operator)
    assert operator.told(PlanGrew)
    with closing(Follower(Session.open(journey.folder))) as follower:
        follower.poll()
        view = follower.view()
        seen = follower.loop(view.now)
    assert seen is not None
    assert [(one.key, one.status) for one in seen.items] == [
        ("a", StepStatus.DONE), ("b/1", StepStatus.FAILED), ("c", StepStatus.WAITING),
    ]  # fmt: skip
    assert (seen.done, seen.failed, seen.batch, seen.batches) == (1, 1, 2, 3)
    assert view.place.startswith("item 2 of 3")


def test_the_words_of_a_step_are_those_it_began_with_and_hold_no_secret(tmp_path: Path) -> None:
    """Title, why, boxes and command are rendered from the names of then; a secret is a mark."""
    ask = {
        "section": "More",
        "ask": [
            {"id": "place", "label": "Place", "type": "text"},
            {"id": "token", "label": "Token", "type": "secret"},
        ],
    }
    one = step(
        "one", ["echo", "${{ answers.place }}"],
        title="Go to ${{ answers.place }}", why="Nobody else goes there.",
        notes=[
            {"kind": "warning", "text": "Mind ${{ answers.place }}"},
            {"kind": "note", "when": "answers.place == 'elsewhere'", "text": "No"},
        ],
        env={"TOKEN": "${{ answers.token }}"},
    )  # fmt: skip

    journey = Journey(
        tmp_path, guide(phase(one, step("two", say="Then ${{ answers.place }}.")), questions=[VERSIONS, ask])
    )
    (tmp_path / "answers.yaml").write_text(json.dumps({"answers": {"place": "the shed"}}))
    journey.begin(ScriptedOperator({"token": "geheim-geheim"}), answers=str(tmp_path / "answers.yaml"))
    with closing(Follower(Session.open(journey.folder))) as follower:
        follower.poll()
        text, said = follower.text("1/work/one"), follower.text("1/work/two")
    assert text is not None
    assert said is not None
    assert text.title == "Go to the shed"
    assert text.boxes == (("warning", "", "Mind the shed"),)
    assert text.commands == ("echo 'the shed'",)
    assert said.says == ("Then the shed.",)
    assert "geheim" not in repr((text, said))
    assert follower.text("1/work/nowhere") is None


def test_what_a_word_is_wanted_for_is_read_with_its_step(tmp_path: Path) -> None:
    """Boxes that apply, the words to type and what is noted down: also for whoever only looks on."""
    asked = {
        "say": "The service goes away.",
        "tick": [
            "Everybody knows",
            {"say": "Nobody is at work", "when": "hop.first"},
            {"say": "Never so", "when": "!hop.first"},
        ],
        "typed": "stop ${{ hop.from }}",
        "record": [{"id": "ticket", "label": "Number of the ticket", "optional": True}],
    }
    journey = at(tmp_path, step("sure", confirm=asked))
    journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"}))
    with closing(Follower(Session.open(journey.folder))) as follower:
        follower.poll()
        text = follower.text("1/work/sure")
        journey.resume(ScriptedOperator({"failed:sure": "again", "sure": True}))
        follower.poll()
        done = follower.text("1/work/sure")
    (tmp_path / "marked").mkdir()
    other = at(tmp_path / "marked", step("sure", confirm=asked))
    other.begin(ScriptedOperator({"sure": False, "failed:sure": ("done", "told by phone")}))
    with closing(Follower(Session.open(other.folder))) as follower:
        follower.poll()
        marked = follower.text("1/work/sure")
        assert follower.view().status("1/work/sure") is StepStatus.DONE
    assert text is not None
    assert done is not None
    assert marked is not None
    assert marked.says == text.says, "nobody ticked what was marked as done"
    assert done.says == tuple(line.replace("[ ]", "[x]") for line in text.says)
    assert text.says == (
        "The service goes away.",
        "[ ] Everybody knows",
        "[ ] Nobody is at work",
        "To be typed: stop 1.0",
        "To be noted: Number of the ticket",
    )


def test_steps_of_an_undo_stand_beside_the_plan(tmp_path: Path) -> None:
    """What an undo did is there with its title, although no plan has it."""
    journey = at(tmp_path, UNDONE, step("last", confirm="Sure?"))
    journey.begin(ScriptedOperator({"last": False, "failed:last": "stop"}))
    journey.undo(ScriptedOperator(), step="made")
    view = followed(journey)
    assert [(one.key, one.title) for one in view.aside] == [("undo/1/work/made/unmade", "Unmade")]
    assert view.status("1/work/made") is StepStatus.UNDONE
    assert [one.key for one in view.attempts.values()][-1] == "undo/1/work/made/unmade"
    assert not view.undoing


def test_whoever_looks_on_knows_that_a_word_is_wanted(tmp_path: Path) -> None:
    """While a person is asked, the folder says what; afterwards, and once the driver is another, it does not."""
    journey = at(tmp_path, step("sure", confirm="Really?"), step("two", "true"))
    asked, go_on = threading.Event(), threading.Event()

    def reply(_: object) -> bool:
        asked.set()
        return go_on.wait(20)

    driver = threading.Thread(target=lambda: journey.begin(ScriptedOperator({"sure": reply})))
    driver.start()
    assert asked.wait(20)
    view = followed(journey)
    hint = (journey.folder / ASKING).read_bytes()
    go_on.set()
    driver.join(20)
    assert view.driver is not None
    assert view.driver.pid == os.getpid()
    assert view.asking is not None
    assert (view.asking.kind, view.asking.title) == ("confirm", "1.1 Sure")
    assert asked_now(journey.folder) is None
    (journey.folder / ASKING).write_bytes(hint)
    assert followed(journey).asking is None


def test_a_hint_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    """Whatever lies there in its place, whoever looks on is not stopped by it."""
    for content in (b"", b"[]", b"{", b"\xff", b'{"kind": "confirm"}', b"[" * 4000):
        (tmp_path / ASKING).write_bytes(content)
        assert asked_now(tmp_path) is None
    (tmp_path / ASKING).unlink()
    (tmp_path / ASKING).symlink_to("/etc/passwd")
    assert asked_now(tmp_path) is None


def test_a_command_that_takes_longer_is_silent_or_repeats_itself_is_noticed(tmp_path: Path) -> None:
    """Whoever looks on is told by the same rules as the driver, while the command runs."""
    journey = at(
        tmp_path,
        step(
            "slow", "for one in 1 2 3 4; do echo again; done; until test -e end; do sleep 0.05; done",
            takes="1s", stall={"line": "again", "times": 3, "silence": "1h"}, rerun="safe",
        ),
    )  # fmt: skip
    began = threading.Event()

    def watch(event: Any) -> None:
        if type(event).__name__ == "CommandStarted":
            began.set()

    driver = threading.Thread(
        target=lambda: journey.begin(ScriptedOperator({"stalled:slow": "wait"}, watch=watch)), daemon=True
    )
    driver.start()
    assert began.wait(20)
    with closing(Follower(Session.open(journey.folder))) as follower:
        deadline = follower.now() + 60
        notice = ""
        while not ("usually 1 s" in notice and "4 times" in notice) and follower.now() < deadline:
            follower.poll()
            seen = follower.view().running
            notice = seen.notice if seen is not None else ""
            threading.Event().wait(0.05)
    (tmp_path / "end").touch()
    driver.join(20)
    assert "It takes longer than usual (usually 1 s)." in notice
    assert "It has printed the same thing 4 times." in notice
    assert followed(journey).running is None


def test_a_failure_that_is_come_back_to_is_where_the_run_stands(tmp_path: Path) -> None:
    """What was set again, or tidied up, on the way does not hide the step the question is about."""
    journey = at(
        tmp_path,
        step("hold", "true", temporary=True, rerun="safe", undo=[step("release", "true", rerun="safe")]),
        step("work", "false", rerun="safe"),
        **{"finally": [step("tidy", "true", rerun="safe")]},
    )
    journey.begin(ScriptedOperator({"failed:work": "stop"}))
    assert followed(journey).now == "1/work/work"
    stands: list[str] = []

    def look(_: Any) -> str:
        status = session_status(None).step
        stands.extend((followed(journey).now, status.code if status is not None else ""))
        return "stop"

    journey.resume(ScriptedOperator({"failed:work": look}))
    assert stands == ["1/work/work", "1.2"]


def test_an_outage_goes_on_over_a_reboot(tmp_path: Path) -> None:
    """After another boot its clock is told by the time of day."""
    journey = at(tmp_path, step("stop", "true", outage="starts"), step("last", confirm="Sure?"))
    journey.begin(ScriptedOperator({"last": False, "failed:last": "stop"}))
    stopped = next(entry for entry in journey.entries if entry.data.get("outage") == "starts")
    clock = StandingClock(moment=datetime.fromisoformat(stopped.at) + timedelta(seconds=90))
    clock.reboot()
    clock.go_on(200)
    with closing(Follower(Session.open(journey.folder), clock)) as follower:
        follower.poll()
        assert follower.view().outage.seconds(follower.now()) == pytest.approx(290, abs=1)
